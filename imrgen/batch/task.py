"""How a worker performs a batch's tasks: it reads a case, makes its letter, checks it, writes it.

It runs on this machine or another. A worker is sent the `TaskSettings` of the batch once, and keeps
the `Renderer` that it makes of them.
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from imrgen.batch.cross_case import Index, find_narrative, identify
from imrgen.batch.inputs import RawCase
from imrgen.batch.messages import (
    CaseKeys,
    IdentifyCases,
    LetterFile,
    MakeLetters,
    Outcome,
    Task,
)
from imrgen.batch.naming import NamePattern, canonical_name
from imrgen.batch.outputs import Target, open_target
from imrgen.case import Fault, Source, load_case
from imrgen.diagnostics import (
    CaseError,
    Diagnostic,
    ImrgenError,
    LibraryError,
    OutputError,
    PackError,
    WorkerError,
    codes,
)
from imrgen.document import all_text
from imrgen.pipeline import Letter, Options, Renderer
from imrgen.workers import TimedOut, diagnose

_Task = IdentifyCases | MakeLetters
_Result = list[CaseKeys] | Outcome


class TaskSettings(msgspec.Struct, frozen=True):
    """What all tasks of a batch have in common.

    Args:
        id: A random name of the batch.
        options: The options of the renderer; `None` for a renderer that the caller made, which
            cannot be sent to other processes.
        pattern: The names of the files.
        target: The folder or URL that workers write to; `None` if they return the letters.
        pack_sha256: The digest of the pack; a worker whose pack differs refuses to work.
    """

    id: str
    options: Options | None
    pattern: NamePattern
    target: str | None
    pack_sha256: str


class TaskRunner:
    """Performs tasks, and keeps what they have in common.

    Args:
        settings: What the tasks have in common.
        renderer: The renderer; `None` to make it of the settings.

    Attributes:
        index: The identifiers of the batch's cases; set before the first letter is made.

    Raises:
        WorkerError: The renderer cannot be made in another process.
        PackError: The pack is not the one that the batch was begun with.
    """

    def __init__(self, settings: TaskSettings, renderer: Renderer | None = None) -> None:
        self.settings = settings
        self.index: Index | None = None
        self._renderer = renderer or _make_renderer(settings)
        self._target: Target | None = open_target(settings.target) if settings.target else None
        if self._renderer.provenance["pack_sha256"] != settings.pack_sha256:
            name = self._renderer.pack.name
            raise PackError.of(
                codes.PACK_DIFFERS,
                f"pack `{name}` is not the same here as where the batch was begun",
                "install the same version of imrgen and of the packs on every machine, and change "
                "none while a batch is running",
            )

    def share(self, index: Index) -> None:
        """Make the index of the batch's cases available to every task from now on."""
        self.index = index

    def run(self, tasks: Iterable[Task | None]) -> Iterator[tuple[Task, Any]]:
        """Run tasks in this process, one after the other; see `imrgen.workers.Pool.run`."""
        for task in tasks:
            if task is not None:
                yield task, self(task)

    def __call__(self, task: _Task) -> _Result:
        """Perform a task; nothing is raised that concerns one case alone."""
        if isinstance(task, IdentifyCases):
            return [self._identify(case) for case in task.cases]
        return self._make_outcome(task.position, task.case)

    def _make_outcome(self, position: int, case: RawCase) -> Outcome:
        start = time.perf_counter()
        letters: tuple[LetterFile, ...] = ()
        other = None
        is_fatal = False
        diagnostics: tuple[Diagnostic, ...]
        try:
            letters, diagnostics, other = self._make_letters(case)
        except ImrgenError as error:
            diagnostics = error.diagnostics
            is_fatal = isinstance(error, OutputError | LibraryError)
        except (Exception, TimedOut) as exception:
            diagnostics = (diagnose(exception),)
        return Outcome(
            position,
            case.origin,
            hashlib.sha256(case.content).hexdigest(),
            letters,
            tuple(map(case.relocate, diagnostics)),
            time.perf_counter() - start,
            fatal=is_fatal,
            other=other,
        )

    def _make_letters(
        self, case: RawCase
    ) -> tuple[tuple[LetterFile, ...], tuple[Diagnostic, ...], int | None]:
        """Make the letters of a case, unless they contain another case's data.

        Returns:
            The letters, what a person should look at, and the position of the other case.
        """
        source = case.parse()
        valid_case = load_case(source, self._renderer.pack.model)
        names = self._file_names(source, case)
        letter = self._renderer.render(valid_case)
        contents = {format_: letter.encoded(format_) for format_ in names}
        other, diagnostics = self._find_other(letter, source)
        letters = (
            ()
            if diagnostics
            else tuple(
                self._store(names[format_], format_, content)
                for format_, content in contents.items()
            )
        )
        return letters, (*letter.warnings, *diagnostics), other

    def _identify(self, case: RawCase) -> CaseKeys:
        digest = hashlib.sha256(case.content).digest()
        names: list[str] = []
        identifiers: list[tuple[int, int]] = []
        # A case that has no name or cannot be read fails when its letter is made.
        with contextlib.suppress(CaseError):
            source = case.parse()
            identifiers = identify(source.data, self._renderer.pack.model)
            names = [*map(canonical_name, self._file_names(source, case).values())]
        return CaseKeys(digest, names, identifiers)

    def _file_names(self, source: Source, case: RawCase) -> dict[str, str]:
        return self.settings.pattern.file_names(source, self._renderer.options.letter, case.stem)

    def _find_other(
        self, letter: Letter, source: Source
    ) -> tuple[int | None, tuple[Diagnostic, ...]]:
        """Return the position of another case whose data are in a letter, and the diagnostic."""
        assert self.index is not None
        model = self._renderer.pack.model
        match = self.index.find_other(all_text(letter.document.tree), source.data, model)
        if match is None:
            return None, ()
        other, identifier = match
        kind = "a number" if any(map(str.isdigit, identifier)) else "the name of the employee"
        hint = "if it belongs there, make this letter alone, with `imrgen render`"
        message = f"the letter contains {kind} of another case of this batch"
        path = find_narrative(identifier, source.data, model)
        return other, (source.diagnose(Fault(codes.OTHER_CASE, message, path, (hint,))),)

    def _store(self, file: str, format_: str, content: bytes) -> LetterFile:
        """Write a file, or put its content into the result."""
        digest = hashlib.sha256(content).hexdigest()
        if self._target is None:
            return LetterFile(format_, file, digest, len(content), content)
        self._target.write(file, content)
        return LetterFile(format_, file, digest, len(content))


def start_runner(settings: TaskSettings, index_file: Path) -> Callable[[_Task], _Result]:
    """Return what performs tasks in a worker process of this machine.

    Args:
        settings: What the tasks have in common.
        index_file: The file of the index, which exists when the first letter is asked for.
    """
    runner = TaskRunner(settings)

    def run(task: _Task) -> _Result:
        if runner.index is None and isinstance(task, MakeLetters):
            runner.index = msgspec.msgpack.decode(index_file.read_bytes(), type=Index)
        return runner(task)

    return run


# The runners of an executor's tasks, by process (a renderer must not be forked) and batch.
_runners: dict[tuple[int, str], TaskRunner] = {}


def cache_runner(runner: TaskRunner) -> None:
    """Cache a runner for an executor's tasks in this process; the last few are kept."""
    while len(_runners) > 3:
        del _runners[next(iter(_runners))]
    _runners[os.getpid(), runner.settings.id] = runner


def run_chunk(
    settings: TaskSettings, index: Index | None, tasks: Sequence[_Task]
) -> list[_Result] | None:
    """Perform tasks in a worker of an executor.

    Args:
        settings: What the tasks have in common.
        index: The identifiers of the batch's cases; `None` if the worker may know them already.
        tasks: The tasks.

    Returns:
        Their results; `None` if the worker has to be sent the index first.
    """
    runner = _runners.get((os.getpid(), settings.id))
    if runner is None:
        runner = TaskRunner(settings)
        cache_runner(runner)
    runner.index = runner.index or index
    if runner.index is None and isinstance(tasks[0], MakeLetters):
        return None
    results: list[_Result] = []
    for task in tasks:
        last = results[-1] if results else None
        if isinstance(last, Outcome) and isinstance(task, MakeLetters) and last.fatal:
            # Every later letter would fail in the same way.
            case = {"position": task.position, "origin": task.case.origin}
            results.append(msgspec.structs.replace(last, **case))
        else:
            results.append(runner(task))
    return results


def _make_renderer(settings: TaskSettings) -> Renderer:
    if settings.options is None:
        raise WorkerError.of(
            codes.NOT_TRANSFERABLE,
            "a Renderer cannot be sent to another process",
            "pass `imrgen.Options`, of which each process makes its own",
        )
    return Renderer(settings.options)
