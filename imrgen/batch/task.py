"""What is done with one case: read it, make its letter, look for other cases in it, write it.

It runs in a worker, on this machine or another. A worker is sent the `Job` of the batch once, and
keeps the `Renderer` that it makes of it.
"""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from imrgen.batch.cross_case import Index, identify, locate
from imrgen.batch.inputs import Entry
from imrgen.batch.messages import MakeLetters, SurveyCases, Task
from imrgen.batch.naming import Pattern, fill, fold
from imrgen.batch.outputs import Target, open_target
from imrgen.case import Fault, Source, load_case, read
from imrgen.diagnostics import (
    CaseError,
    Diagnostic,
    ImrgenError,
    LibraryError,
    OutputError,
    PackError,
    Span,
    WorkerError,
    codes,
)
from imrgen.document import all_text
from imrgen.pipeline import Letter, Options, Renderer
from imrgen.workers import TimedOut, diagnose

_Task = SurveyCases | MakeLetters


class Job(msgspec.Struct, frozen=True):
    """What all cases of a batch have in common.

    Args:
        id: Tells this batch from every other one.
        spec: How the renderer is made; `None` for one that was handed over, which other processes
            cannot have.
        formats: The formats of each letter.
        pattern: What their files are called.
        target: Where workers write: a folder or a URL; `None`: they return the letters.
        pack_sha256: The digest of the pack; a worker whose pack is another one refuses to work.
    """

    id: str
    spec: Options | None
    formats: tuple[str, ...]
    pattern: Pattern
    target: str | None
    pack_sha256: str


class Survey(msgspec.Struct, frozen=True):
    """What must be known of all cases before the first letter is made.

    Args:
        digest: SHA-256 of the case's bytes.
        name: What its files are called, folded, so that names that clash are equal; empty where it
            has no name.
        identifiers: The hashes of what identifies it, each with that of its first word.
    """

    digest: bytes
    name: str
    identifiers: list[tuple[int, int]]


class Made(msgspec.Struct, frozen=True, gc=False):
    """A letter in one format.

    Args:
        format: The format.
        file: Its file's name.
        sha256: The digest of its bytes.
        size: How many they are.
        content: The bytes, where the worker did not write them.
    """

    format: str
    file: str
    sha256: str
    size: int
    content: bytes | None = None


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of a case.

    Args:
        position: The case's place in the batch, from 0.
        origin: What the user calls the case: its file, and for JSON Lines the line.
        case_sha256: The digest of the case's bytes.
        letters: Its letter in each format; empty where it could not be made.
        diagnostics: What is at fault, or what a person should look at.
        seconds: How long it took.
        skipped: Whether the letters were there already.
        fatal: Whether no other case can be made either: nothing can be written, a library is
            missing.
        other: The place of the case that was found in this one's letter.
    """

    position: int
    origin: str
    case_sha256: str
    letters: tuple[Made, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0
    skipped: bool = False
    fatal: bool = False
    other: int | None = None

    @property
    def failed(self) -> bool:
        """Whether there is no letter."""
        return not self.letters


class TaskRunner:
    """Does tasks, and keeps from one to the next what they have in common.

    Args:
        job: What the tasks have in common.
        renderer: The renderer; it is made of the job where there is none yet.

    Attributes:
        index: What identifies the cases of the batch; it is set before the first letter is made.

    Raises:
        WorkerError: The job's renderer cannot be made in another process.
        PackError: The pack is not the one that the batch was begun with.
    """

    def __init__(self, job: Job, renderer: Renderer | None = None) -> None:
        self.job = job
        self.index: Index | None = None
        self._renderer = renderer or _renderer(job)
        self._target: Target | None = open_target(job.target) if job.target else None
        if self._renderer.provenance["pack_sha256"] != job.pack_sha256:
            hint = (
                "give every machine the same version of imrgen and of the packs, "
                "and change none while a batch runs"
            )
            name = self._renderer.pack.name
            message = f"pack `{name}` is not the same here as where the batch was begun"
            raise PackError([Diagnostic(codes.PACK_DIFFERS, message, hints=(hint,))])

    def share(self, index: Index) -> None:
        """Have every task from now on know what identifies the cases of the batch."""
        self.index = index

    def run(self, tasks: Iterable[Task | None]) -> Iterator[tuple[Task, Any]]:
        """Do tasks in this process, one after the other; see `imrgen.workers.Pool.run`."""
        for task in tasks:
            if task is not None:
                yield task, self(task)

    def __call__(self, task: _Task) -> list[Survey] | Outcome:
        """Do a task; nothing is raised that concerns one case alone."""
        if isinstance(task, SurveyCases):
            return [self._survey(entry) for entry in task.entries]
        return self._outcome(task.position, task.entry)

    def _outcome(self, position: int, entry: Entry) -> Outcome:
        started = time.perf_counter()
        digest = hashlib.sha256(entry.content).hexdigest()
        letters: tuple[Made, ...] = ()
        diagnostics: tuple[Diagnostic, ...]
        fatal = False
        other = None
        try:
            letters, diagnostics, other = self._make(entry)
        except (OutputError, LibraryError) as error:
            diagnostics, fatal = error.diagnostics, True
        except ImrgenError as error:
            diagnostics = error.diagnostics
        except (Exception, TimedOut) as fault:
            diagnostics = (diagnose(fault),)
        return Outcome(
            position,
            entry.origin,
            digest,
            letters,
            tuple(locate_in_batch(diagnostic, entry) for diagnostic in diagnostics),
            time.perf_counter() - started,
            fatal=fatal,
            other=other,
        )

    def _make(self, entry: Entry) -> tuple[tuple[Made, ...], tuple[Diagnostic, ...], int | None]:
        """Make the letters of a case, unless they hold another case's data.

        Returns:
            The letters, what a person should look at, and the place of the other case.
        """
        source = read_entry(entry)
        case = load_case(source, self._renderer.pack.model)
        stem = self._stem(source, entry)
        letter = self._renderer.render(case)
        contents = [(format_, letter.encoded(format_)) for format_ in self.job.formats]
        other, found = self._foreign(letter, source)
        letters: tuple[Made, ...] = ()
        if other is None:
            letters = tuple(
                self._put(fill(stem, each), each, content) for each, content in contents
            )
        return letters, (*letter.warnings, *found), other

    def _survey(self, entry: Entry) -> Survey:
        digest = hashlib.sha256(entry.content).digest()
        name = ""
        try:
            tables = read_entry(entry).data
        except CaseError:
            return Survey(digest, name, [])
        try:
            name = fold(self.job.pattern.stem(tables, self._renderer.options.letter, entry.stem))
        except CaseError:
            name = ""
        return Survey(digest, name, identify(tables, self._renderer.pack.model))

    def _stem(self, source: Source, entry: Entry) -> str:
        """Return what a case's files are called, or raise with the place in the case file."""
        try:
            return self.job.pattern.stem(source.data, self._renderer.options.letter, entry.stem)
        except CaseError as error:
            faults = [(Fault(d.code, d.message, d.path, d.hints), d) for d in error.diagnostics]
            raise CaseError(
                source.diagnose(fault) if d.path else d for fault, d in faults
            ) from None

    def _foreign(self, letter: Letter, source: Source) -> tuple[int | None, tuple[Diagnostic, ...]]:
        assert self.index is not None
        model = self._renderer.pack.model
        found = self.index.foreign(all_text(letter.document.tree), source.data, model)
        if found is None:
            return None, ()
        other, identifier = found
        kind = "a number" if any(map(str.isdigit, identifier)) else "the name of the employee"
        hint = "if it belongs there, make this letter alone, with `imrgen render`"
        message = f"the letter holds {kind} of another case of this batch"
        path = locate(identifier, source.data, model)
        return other, (source.diagnose(Fault(codes.OTHER_CASE, message, path, (hint,))),)

    def _put(self, file: str, format_: str, content: bytes) -> Made:
        digest, size = hashlib.sha256(content).hexdigest(), len(content)
        if self._target is None:
            return Made(format_, file, digest, size, content)
        self._target.write(file, content)
        return Made(format_, file, digest, size)


def read_entry(entry: Entry) -> Source:
    """Read what was found.

    Args:
        entry: The case as it was found.

    Raises:
        CaseError: It is no case file.
    """
    if entry.fault is not None:
        raise CaseError([entry.fault])
    if entry.line and not entry.content.startswith(b"{"):
        raise CaseError(
            [
                Diagnostic(
                    codes.INVALID_JSON,
                    "a line must hold one JSON object",
                    span=Span(entry.file, 1, 1),
                )
            ]
        )
    return read(_Named(entry.content, entry.file))


class _Named(io.BytesIO):
    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def locate_in_batch(diagnostic: Diagnostic, entry: Entry) -> Diagnostic:
    """Return a diagnostic that names its case, and whose place is in the whole file."""
    span = diagnostic.span
    if span is None or span.file != entry.file:
        if entry.origin in diagnostic.message:
            return diagnostic
        message = f"{entry.origin}: {diagnostic.message}"
        return msgspec.structs.replace(diagnostic, message=message)
    if not entry.line or diagnostic is entry.fault:
        return diagnostic
    span = Span(span.file, entry.line, span.column, span.length)
    return msgspec.structs.replace(diagnostic, span=span)


def start_runner(job: Job, index_file: Path) -> Callable[[_Task], list[Survey] | Outcome]:
    """Return what does tasks in a worker process of this machine.

    Args:
        job: What the tasks have in common.
        index_file: Where the index is, once the first letter is asked for.
    """
    runner = TaskRunner(job)

    def run(task: _Task) -> list[Survey] | Outcome:
        if runner.index is None and isinstance(task, MakeLetters):
            runner.index = msgspec.msgpack.decode(index_file.read_bytes(), type=Index)
        return runner(task)

    return run


_runners: dict[tuple[int, str], TaskRunner] = {}
"""The runners of an executor's tasks, by process (a renderer must not be forked) and by job."""


def keep_runner(runner: TaskRunner) -> None:
    """Let an executor's tasks in this process find a runner; the last few are kept."""
    while len(_runners) > 3:
        del _runners[next(iter(_runners))]
    _runners[os.getpid(), runner.job.id] = runner


def run_chunk(
    job: Job, index: Index | None, tasks: Sequence[_Task]
) -> list[list[Survey] | Outcome] | None:
    """Do some tasks in a worker of an executor.

    Args:
        job: What the tasks have in common.
        index: What identifies the cases of the batch; `None` where the worker may know it already.
        tasks: The tasks.

    Returns:
        Their answers; `None` where the worker has to be sent the index first.
    """
    runner = _runners.get((os.getpid(), job.id))
    if runner is None:
        runner = TaskRunner(job)
        keep_runner(runner)
    runner.index = runner.index or index
    if runner.index is None and isinstance(tasks[0], MakeLetters):
        return None
    answers: list[list[Survey] | Outcome] = []
    for task in tasks:
        before = answers[-1] if answers else None
        if isinstance(before, Outcome) and isinstance(task, MakeLetters) and before.fatal:
            # Whatever comes after it would fail the same way.
            place = {"position": task.position, "origin": task.entry.origin}
            answers.append(msgspec.structs.replace(before, **place))
        else:
            answers.append(runner(task))
    return answers


def _renderer(job: Job) -> Renderer:
    if job.spec is None:
        hint = "give `imrgen.Options`, of which each process makes its own"
        message = "a Renderer cannot go to another process"
        raise WorkerError([Diagnostic(codes.NOT_TRANSFERABLE, message, hints=(hint,))])
    return Renderer(job.spec)
