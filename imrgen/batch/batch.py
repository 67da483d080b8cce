"""A batch: cases in, letters out, each once, none lost, none with another case's data.

    cases ──which are done?──▶ pending ──survey──▶ names, identifiers ──make──▶ outcomes ──▶ manifest
             (digests alone)            (no clash, before any letter)   (workers)  (in order)

Lines are written in the order of the cases, whichever worker is first, so that a batch that was
killed and resumed ends in the same manifest as one that was not. At most `_WINDOW` outcomes wait
for a slower one.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import hashlib
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypedDict, Unpack

import msgspec

from imrgen.batch.inputs import Entry, Inputs
from imrgen.batch.manifest import Manifest, Past, Record, now, records_of
from imrgen.batch.messages import MakeLetters, Run, SurveyCases
from imrgen.batch.naming import DEFAULT, parse_pattern
from imrgen.batch.outputs import Folder, Target, open_target
from imrgen.batch.task import (
    Job,
    Made,
    Outcome,
    Survey,
    TaskRunner,
    locate_in_batch,
    read_entry,
    start_runner,
)
from imrgen.diagnostics import CaseError, Diagnostic, OutputError, codes
from imrgen.pipeline import Options, Renderer
from imrgen.workers import Failure, Limits

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from imrgen.batch.cross_case import Index
    from imrgen.batch.survey import Surveys
    from imrgen.workers import Pool, Worker

_WINDOW = 1000
_SURVEYED = 50
_SETTLED = 0.5
_PRELOAD = ("imrgen.batch.task", "imrgen.checks")


class BatchOptions(TypedDict, total=False):
    """The keyword arguments of `Batch`, which `render_batch` passes on."""

    to: str | os.PathLike[str] | None
    formats: Iterable[str]
    name: str
    executor: Executor | None
    jobs: int | None
    timeout: float
    memory: int
    replace_after: int
    only_failed: bool
    standard: IO[bytes] | None


class BatchSummary(msgspec.Struct, frozen=True):
    """What became of a batch.

    Args:
        made: How many cases' letters were made.
        skipped: How many were there already, unchanged.
        failed: The cases that have no letter.
        stopped: Whether it was stopped before its end.
        seconds: How long it took.
        left_out: How many files of the given folders are not cases.
    """

    made: int
    skipped: int
    failed: tuple[Outcome, ...]
    stopped: bool
    seconds: float
    left_out: int = 0


def render_batch(
    cases: Any,
    renderer_or_options: Renderer | Options,
    *,
    on_result: Callable[[Outcome], object] | None = None,
    **options: Unpack[BatchOptions],
) -> BatchSummary:
    """Make the letters of many cases.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`), cases, sources or mappings; one, or any
            iterable.
        renderer_or_options: `Options`, for worker processes, or a `Renderer`, for this process
            and its threads.
        on_result: Is called with each case's `Outcome`, in the order of the cases.
        **options: The keyword arguments of `Batch`.

    Raises:
        CaseError: An input does not exist.
        OutputError: Two cases would share a file name, another batch is at work in the folder, or
            nothing can be written there; what was made by then stays and is in the manifest.
        PackError: No such pack or letter, or one of its files is at fault.
        LibraryError: A library is missing, or the executor is broken.
    """
    return summarize(Batch(cases, renderer_or_options, **options), on_result)


def summarize(batch: Batch, on_result: Callable[[Outcome], object] | None = None) -> BatchSummary:
    """Go through a batch and return what became of it.

    Args:
        batch: The batch.
        on_result: Is called with each case's `Outcome`, in the order of the cases.
    """
    started = time.monotonic()
    made = skipped = 0
    failed = []
    for outcome in batch:
        if outcome.failed:
            failed.append(outcome)
        skipped += outcome.skipped
        made += not outcome.skipped and not outcome.failed
        if on_result:
            on_result(outcome)
    seconds = time.monotonic() - started
    return BatchSummary(made, skipped, tuple(failed), batch.stopped, seconds, batch.left_out)


class Batch:
    """A batch, gone through once: `for outcome in Batch(cases, spec, to="letters/"): …`.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`, `-`), cases, sources or mappings; one,
            or any iterable.
        renderer_or_options: `Options`, of which each worker makes its own renderer, or a
            `Renderer`, which works in this process: alone, or in the threads of an executor.
        to: A folder or a URL that fsspec knows; `None`: the outcomes hold the letters, and nothing
            is written.
        formats: The formats of each letter.
        name: The pattern of the files' names; see `imrgen.batch.naming.FIELDS`.
        executor: What runs the work, in place of worker processes of this machine. What it makes
            for a folder is written by this process, and for a URL by its workers.
        jobs: How many workers; `None` for the number of cores.
        timeout: Seconds that a case may take in a worker process of this machine. It does not apply
            to an executor, whose owner sets its limits, nor to this process.
        memory: Mebibytes that a worker process of this machine may take.
        replace_after: After how many cases such a worker is replaced.
        only_failed: Whether only the cases are made that failed before.
        standard: What `-` reads.

    Raises:
        CaseError: An input does not exist.
        FileNameError: The pattern is at fault.
        PackError: No such pack or letter, or one of its files is at fault.
    """

    def __init__(
        self,
        cases: Any,
        renderer_or_options: Renderer | Options,
        *,
        to: str | os.PathLike[str] | None = None,
        formats: Iterable[str] = ("pdf",),
        name: str = DEFAULT,
        executor: Executor | None = None,
        jobs: int | None = None,
        timeout: float = 120.0,
        memory: int = 2048,
        replace_after: int = 500,
        only_failed: bool = False,
        standard: IO[bytes] | None = None,
    ) -> None:
        self._formats = tuple(dict.fromkeys(formats))
        self._pattern = parse_pattern(name, self._formats)
        self._spec = renderer_or_options if isinstance(renderer_or_options, Options) else None
        self._renderer = (
            renderer_or_options
            if isinstance(renderer_or_options, Renderer)
            else Renderer(renderer_or_options)
        )
        self._executor = executor
        self._jobs = jobs
        self._limits = Limits(timeout, memory)
        self._replace_after = replace_after
        self._inputs = Inputs(cases, lambda: self._folder, standard)
        self._target: Target | None = None if to is None else open_target(os.fspath(to))
        self._only_failed = only_failed
        self._pool: Pool | None = None
        self._settled = time.monotonic()
        self.total: int | None = None
        """How many cases there are, once they have been counted."""
        self.stopped = False

    @property
    def left_out(self) -> int:
        """How many files of the given folders are not cases."""
        return self._inputs.left_out

    @property
    def workers(self) -> list[Worker]:
        """The worker processes of this machine."""
        return self._pool.workers if self._pool else []

    def stop(self) -> None:
        """Finish what is under way and begin nothing more."""
        self.stopped = True

    def __iter__(self) -> Generator[Outcome, None, None]:
        with contextlib.ExitStack() as stack:
            stack.callback(self._tidy)
            past = Past(self._recipe, self._formats)
            if self._target is None:
                yield from self._work(None, past)
                return
            path = stack.enter_context(self._target.hold())
            manifest = Manifest(path, past)
            try:
                with contextlib.closing(self._work(manifest, past)) as outcomes:
                    yield from outcomes
            finally:
                manifest.close()
                self._target.settle(path, last=True)

    def _work(self, manifest: Manifest | None, past: Past) -> Generator[Outcome, None, None]:
        pending, held = bytearray(), 0
        for position, entry in enumerate(self._inputs):
            outcome = self._there(position, entry, past)
            wanted = outcome is None and (not self._only_failed or past.failed(entry.origin))
            pending.append(wanted)
            held += outcome is None and not wanted
            if outcome is not None:
                yield outcome
        self.total = len(pending)
        letters, failed = len(self._formats) * (len(pending) - sum(pending) - held), 0
        if any(pending):
            if manifest:
                manifest.append_new(self._begun())
            with contextlib.closing(self._made(pending)) as outcomes:
                for outcome in outcomes:
                    letters, failed = letters + len(outcome.letters), failed + outcome.failed
                    if manifest:
                        self._note(outcome, manifest, past)
                    yield outcome
        if manifest and not self.stopped and not held:
            manifest.append_new(Record(outcome="ended", letters=letters, failed=failed, at=now()))

    def _there(self, position: int, entry: Entry, past: Past) -> Outcome | None:
        """Find a case's letters where they are there, unchanged."""
        if self._target is None or entry.fault is not None:
            return None
        digest = hashlib.sha256(entry.content).hexdigest()
        kept = past.of(digest, self._stem(entry) if self._pattern.asks("source") else None)
        if not kept or any(
            self._target.digest(each.file) != (each.sha256, each.size) for each in kept
        ):
            return None
        made = tuple(
            Made(f, k.file, k.sha256, k.size) for f, k in zip(self._formats, kept, strict=True)
        )
        return Outcome(position, entry.origin, digest, made, skipped=True)

    def _stem(self, entry: Entry) -> str | None:
        try:
            return self._pattern.stem(
                read_entry(entry).data, self._renderer.options.letter, entry.stem
            )
        except CaseError:
            return None

    def _note(self, outcome: Outcome, manifest: Manifest, past: Past) -> None:
        for record in records_of(outcome, self._recipe, self._renderer.provenance):
            if not manifest.repeats(record, past):
                manifest.append(record)
        if time.monotonic() > self._settled + _SETTLED:
            assert self._target is not None
            self._target.settle(manifest.path, last=False)
            manifest.sync()
            self._settled = time.monotonic()

    def _made(self, pending: bytearray) -> Generator[Outcome, None, None]:
        """Make the letters of pending cases, and yield the outcomes in the order of the cases."""
        # What only making needs is loaded here: a batch that has nothing to make ends in the time
        # it takes to look.
        from imrgen.batch.survey import Surveys

        with contextlib.ExitStack() as stack:
            run, share = self._executing(stack)
            surveys = stack.enter_context(contextlib.closing(Surveys(self._folder)))
            for position, entry, survey in self._surveyed(run):
                surveys.add(position, entry, survey)
            if self.stopped:
                return
            surveys.refuse_clashes()
            share(surveys.index())
            # Outcomes that wait for those before them; `None` for each that is not there yet.
            waiting: collections.OrderedDict[int, Outcome | None] = collections.OrderedDict()
            fatal: tuple[Diagnostic, ...] = ()
            for task, answer in run(self._letters(pending, surveys, waiting)):
                outcome = (
                    self._lost(task.position, task.entry, answer)
                    if isinstance(answer, Failure)
                    else self._written(answer)
                )
                if outcome.other is not None:
                    outcome = _naming(outcome, surveys.origin(outcome.other))
                if outcome.fatal:
                    self.stopped, fatal = True, fatal or outcome.diagnostics
                    del waiting[outcome.position]
                else:
                    waiting[outcome.position] = outcome
                yield from _in_order(waiting)
            yield from _in_order(waiting)
            if fatal:
                raise OutputError(fatal)

    def _surveyed(self, run: Run) -> Iterator[tuple[int, Entry, Survey]]:
        lost: list[SurveyCases] = []
        for task, answer in run(self._surveys()):
            if isinstance(answer, Failure):
                lost += [
                    SurveyCases(position, [entry])
                    for position, entry in enumerate(task.entries, task.position)
                ]
            else:
                yield from zip(itertools.count(task.position), task.entries, answer)
        for task, answer in run(lost):
            (entry,) = task.entries
            # What brings its worker down has no name and no letter: it will fail as it did here.
            nothing = Survey(hashlib.sha256(entry.content).digest(), "", [])
            yield task.position, entry, nothing if isinstance(answer, Failure) else answer[0]

    def _surveys(self) -> Iterator[SurveyCases]:
        entries, position = iter(self._inputs), 0
        while not self.stopped and (chunk := list(itertools.islice(entries, _SURVEYED))):
            yield SurveyCases(position, chunk)
            position += len(chunk)

    def _letters(
        self,
        pending: bytearray,
        surveys: Surveys,
        waiting: collections.OrderedDict[int, Outcome | None],
    ) -> Iterator[MakeLetters | None]:
        entries = iter(self._inputs)
        for position, (digest, wanted) in enumerate(zip(surveys.digests(), pending, strict=False)):
            entry = next(entries, None)
            while wanted and len(waiting) >= _WINDOW and not self.stopped:
                yield None
            if self.stopped:
                return
            if not wanted:
                continue
            waiting[position] = None
            if entry is not None and hashlib.sha256(entry.content).digest() == digest:
                yield MakeLetters(position, entry)
            else:
                origin, hint = surveys.origin(position), "run the batch again"
                fault = Diagnostic(
                    codes.CASE_CHANGED,
                    f"{origin} was changed while the batch was running",
                    hints=(hint,),
                )
                waiting[position] = Outcome(position, origin, digest.hex(), diagnostics=(fault,))

    def _written(self, outcome: Outcome) -> Outcome:
        """Write the letters that the workers of an executor returned for a folder."""
        if self._target is None or not any(made.content is not None for made in outcome.letters):
            return outcome
        try:
            for made in outcome.letters:
                assert made.content is not None
                self._target.write(made.file, made.content)
        except OutputError as error:
            return msgspec.structs.replace(
                outcome, letters=(), diagnostics=error.diagnostics, fatal=True
            )
        letters = tuple(msgspec.structs.replace(made, content=None) for made in outcome.letters)
        return msgspec.structs.replace(outcome, letters=letters)

    def _lost(self, position: int, entry: Entry, failure: Failure) -> Outcome:
        fault = locate_in_batch(failure.diagnostic, entry)
        digest = hashlib.sha256(entry.content).hexdigest()
        return Outcome(position, entry.origin, digest, diagnostics=(fault,))

    def _executing(self, stack: contextlib.ExitStack) -> tuple[Run, Callable[[Index], object]]:
        """Return what does tasks, and what lets them know how the batch's cases are identified."""
        is_local = isinstance(self._target, Folder)
        job = Job(
            self._folder.name,
            self._spec,
            self._formats,
            self._pattern,
            # An executor's workers may be on other machines.
            self._target.location if self._target and not (self._executor and is_local) else None,
            self._renderer.provenance["pack_sha256"],
        )
        if self._executor is not None:
            from imrgen.batch.executors import InExecutor

            tasks = InExecutor(self._executor, TaskRunner(job, self._renderer), self._jobs)
            return tasks.run, tasks.share
        if self._spec is None:
            runner = TaskRunner(job, self._renderer)
            return runner.run, runner.share
        from imrgen.workers import Pool

        index_file = self._folder / "index"
        pool = Pool(
            functools.partial(start_runner, job, index_file),
            self._limits,
            preload=_PRELOAD,
            replace_after=self._replace_after,
        )
        self._pool = pool
        stack.callback(pool.close)
        return (
            functools.partial(pool.run, jobs=self._jobs or _cores()),
            lambda index: index_file.write_bytes(msgspec.msgpack.encode(index)),
        )

    @functools.cached_property
    def _folder(self) -> Path:
        """A folder for what must be kept until the end; made by whatever keeps something."""
        from imrgen.workers import temporary_folder

        return Path(tempfile.mkdtemp(dir=temporary_folder()))

    def _tidy(self) -> None:
        if "_folder" in vars(self):
            shutil.rmtree(self._folder, ignore_errors=True)

    @functools.cached_property
    def _recipe(self) -> str:
        """The digest of all that determines a letter and its name, but the case."""
        renderer = self._renderer
        # The pack's own name and place are in its digest.
        options = msgspec.structs.replace(renderer.options, pack=None, templates=())
        checks = [check.id for check in renderer.checks]
        parts = [dict(renderer.provenance), options, checks, self._pattern.text]
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()

    def _begun(self) -> Record:
        asked = {
            "inputs": self._inputs.given,
            "folder": os.getcwd(),  # noqa: PTH109
            "spec": self._spec,
            "formats": self._formats,
            "name": self._pattern.text,
        }
        # As it will be read back, lists for tuples, so that the next batch can tell whether it was
        # asked for the same.
        plain = msgspec.json.decode(msgspec.json.encode(asked))
        return Record(outcome="begun", recipe_sha256=self._recipe, asked=plain, at=now())


def _in_order(waiting: collections.OrderedDict[int, Outcome | None]) -> Iterator[Outcome]:
    """Take the outcomes from the front, up to the first that is not there yet."""
    while waiting and (outcome := next(iter(waiting.values()))) is not None:
        waiting.popitem(last=False)
        yield outcome


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _naming(outcome: Outcome, other: str) -> Outcome:
    """Let the last of an outcome's diagnostics say which other case was found in the letter."""
    *rest, last = outcome.diagnostics
    named = msgspec.structs.replace(last, message=f"{last.message}: {other}")
    return msgspec.structs.replace(outcome, diagnostics=(*rest, named))
