"""How a worker performs a batch's tasks: it reads a case, makes its letter, checks it, writes it.

It runs on this machine or another. A worker is sent the `TaskSettings` of the batch once, and keeps
the `Renderer` of each letter that it makes of them.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
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
    missing_letters,
)
from imrgen.batch.naming import NamePattern, canonical_name
from imrgen.batch.outputs import Target, open_target
from imrgen.case import Case, Fault, Source, load_case
from imrgen.diagnostics import (
    CaseError,
    Diagnostic,
    ImrgenError,
    LibraryError,
    OutputError,
    PackError,
    PlaceError,
    WorkerError,
    codes,
)
from imrgen.document import all_text
from imrgen.pipeline import Letter, Options, Renderer, renderers
from imrgen.workers import TimedOut, diagnose, is_foreign, was_interrupted

_Task = IdentifyCases | MakeLetters
_Result = list[CaseKeys] | Outcome


class TaskSettings(msgspec.Struct, frozen=True):
    """What all tasks of a batch have in common.

    Args:
        id: A random name of the batch.
        options: The options of the renderers; `None` for renderers that the caller made, which
            are not sent to other processes.
        letters: The names of the letters.
        pattern: The names of the files.
        target: The folder or URL that workers write to; `None` if they return the letters.
        pack_sha256: The digest of the pack; a worker whose pack differs refuses to work.
    """

    id: str
    options: Options | None
    letters: tuple[str, ...]
    pattern: NamePattern
    target: str | None
    pack_sha256: str


class _Content(msgspec.Struct, frozen=True):
    """A file of a letter, before it is written.

    Args:
        file: The file's name.
        format: The format.
        recipient: The number of the recipient that the letter is for; 0 for none in particular.
        content: The bytes.
    """

    file: str
    format: str
    recipient: int
    content: bytes


class _Attempt(msgspec.Struct, frozen=True):
    """What came of making a letter.

    Args:
        contents: Its files; empty if it could not be made.
        diagnostics: The errors, or what a person should look at.
        other: The position of another case whose data it contains, and the error about that.
        is_fatal: Whether no other letter can be made either.
    """

    contents: tuple[_Content, ...]
    diagnostics: tuple[Diagnostic, ...]
    other: tuple[int, Diagnostic] | None = None
    is_fatal: bool = False

    @property
    def reasons(self) -> tuple[Diagnostic, ...]:
        """The diagnostics with that about another case."""
        return (*self.diagnostics, self.other[1]) if self.other else self.diagnostics


class TaskRunner:
    """Performs tasks, and keeps what they have in common.

    Args:
        settings: What the tasks have in common.
        made: The renderers of the letters; empty to make them of the settings.

    Attributes:
        index: The identifiers of the batch's cases; set before the first letter is made.

    Raises:
        WorkerError: The renderers cannot be made in another process.
        PackError: The pack is not the one that the batch was begun with.
    """

    def __init__(self, settings: TaskSettings, made: Iterable[Renderer] = ()) -> None:
        self.settings = settings
        self.index: Index | None = None
        self._renderers = {each.options.letter: each for each in made or _make(settings)}
        first = next(iter(self._renderers.values()))
        self._model = first.pack.model
        self._target: Target | None = open_target(settings.target) if settings.target else None
        if first.provenance["pack_sha256"] != settings.pack_sha256:
            name = first.pack.name
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
        return self._make_outcome(task)

    def _make_outcome(self, task: MakeLetters) -> Outcome:
        start = time.perf_counter()
        load = functools.cache(lambda: self._load(task.case))
        attempts: dict[str, _Attempt] = {}
        for name in task.letters:
            attempts[name] = self._attempt(name, load, task.case)
            # What was interrupted may have left libraries in any state. A letter that was made was
            # not: this process may have interrupted something else before.
            if attempts[name].is_fatal or (was_interrupted() and not attempts[name].contents):
                break
        # The letters that were not begun are missing for the reasons of the last, which failed.
        last = attempts[name]
        attempts |= {name: last for name in task.letters if name not in attempts}
        diagnostics = dict.fromkeys(d for each in attempts.values() for d in each.diagnostics)
        others = dict.fromkeys(each.other for each in attempts.values() if each.other)
        letters = tuple(
            LetterFile(
                made.format,
                made.file,
                _sha256(made.content),
                len(made.content),
                name,
                made.recipient,
                made.content,
            )
            for name, attempt in attempts.items()
            for made in attempt.contents
        )
        missing = (
            missing_letters([name], each.reasons)
            for name, each in attempts.items()
            if last.is_fatal or not each.contents
        )
        outcome = Outcome(
            task.position,
            task.case.origin,
            _sha256(task.case.content),
            letters,
            tuple(itertools.chain.from_iterable(missing)),
            tuple(map(task.case.relocate, (*diagnostics, *(reason for _, reason in others)))),
            time.perf_counter() - start,
            fatal=last.is_fatal,
            others=tuple(position for position, _ in others),
        )
        return write_letters(outcome, self._target) if self._target else outcome

    def _load(self, case: RawCase) -> tuple[Source, Case]:
        source = case.parse()
        return source, load_case(source, self._model)

    def _attempt(
        self, name: str, load: Callable[[], tuple[Source, Case]], raw: RawCase
    ) -> _Attempt:
        """Make a letter of a case, unless it contains another case's data.

        Nothing is raised but what the host raises, such as a signal handler.
        """
        renderer = self._renderers[name]
        try:
            source, case = load()
            contents: list[_Content] = []
            warnings: dict[Diagnostic, None] = {}
            for one in renderer.each(case):
                files = self.settings.pattern.file_names(source, one.options, raw.stem)
                letter = one.render(case)
                contents += (
                    _Content(file, format_, one.options.recipient, letter.encoded(format_))
                    for format_, file in files.items()
                )
                warnings |= dict.fromkeys(letter.warnings)
                other = self._find_other(letter, source)
                if other is not None:
                    return _Attempt((), tuple(warnings), other)
            return _Attempt(tuple(contents), tuple(warnings))
        except ImrgenError as error:
            return _Attempt((), error.diagnostics, is_fatal=isinstance(error, LibraryError))
        except (Exception, TimedOut) as exception:
            if is_foreign(exception):
                raise
            return _Attempt((), (diagnose(exception),))

    def _identify(self, case: RawCase) -> CaseKeys:
        digest = hashlib.sha256(case.content).digest()
        names: list[str] = []
        identifiers: list[tuple[int, int]] = []
        # A case that has no name or cannot be read fails when its letter is made.
        with contextlib.suppress(CaseError):
            source = case.parse()
            identifiers = identify(source.data, self._model)
            pattern = self.settings.pattern
            for renderer in self._renderers.values():
                for one in renderer.each(source):
                    files = pattern.file_names(source, one.options, case.stem)
                    names += map(canonical_name, files.values())
        return CaseKeys(digest, names, identifiers)

    def _find_other(self, letter: Letter, source: Source) -> tuple[int, Diagnostic] | None:
        """Return the position of another case whose data are in a letter, and the diagnostic."""
        assert self.index is not None
        match = self.index.find_other(all_text(letter.document.tree), source.data, self._model)
        if match is None:
            return None
        other, identifier = match
        kind = "a number" if any(map(str.isdigit, identifier)) else "the name of the employee"
        hint = "if it belongs there, make this letter alone, with `imrgen render`"
        message = f"the letter contains {kind} of another case of this batch"
        path = find_narrative(identifier, source.data, self._model)
        return other, source.diagnose(Fault(codes.OTHER_CASE, message, path, (hint,)))


def write_letters(outcome: Outcome, target: Target) -> Outcome:
    """Write the letters of a case, whose contents its outcome holds.

    Returns:
        The outcome without the contents, and with the letters missing that could not be written.
    """
    written = []
    missing = {each.letter: each for each in outcome.missing}
    faults: dict[Diagnostic, None] = {}
    is_fatal = outcome.fatal
    for letter in outcome.letters:
        assert letter.content is not None
        try:
            target.write(letter.file, letter.content)
        except OutputError as error:
            is_fatal = is_fatal or not isinstance(error, PlaceError)
            faults |= dict.fromkeys(error.diagnostics)
            (missing[letter.letter],) = missing_letters([letter.letter], error.diagnostics)
        else:
            written.append(msgspec.structs.replace(letter, content=None))
    return msgspec.structs.replace(
        outcome,
        letters=() if is_fatal else tuple(written),
        missing=tuple(missing.values()),
        diagnostics=(*faults, *outcome.diagnostics),
        fatal=is_fatal,
    )


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
            missing = missing_letters(task.letters, last.diagnostics)
            results.append(msgspec.structs.replace(last, missing=missing, **case))
        else:
            results.append(runner(task))
    return results


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _make(settings: TaskSettings) -> tuple[Renderer, ...]:
    if settings.options is None:
        raise WorkerError.of(
            codes.NOT_TRANSFERABLE,
            "a batch sends no Renderer to another process",
            "pass `imrgen.Options`, of which each process makes its own",
        )
    return renderers(settings.options, settings.letters)
