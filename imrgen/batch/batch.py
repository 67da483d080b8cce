"""A batch: cases in, letters out; no case is lost, no letter has another case's data.

    cases ──which are done?──▶ pending ──identify──▶ case table ──make──▶ outcomes ──▶ manifest
             (digests alone)                (names clash?)       (workers)  (in order)

Lines are written in the order of the cases, whichever worker is first, so that a batch that was
killed and resumed ends in the same manifest as one that was not. At most `WINDOW` outcomes wait
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

from imrgen.batch.inputs import Inputs, RawCase
from imrgen.batch.manifest import (
    Asked,
    EarlierRuns,
    Manifest,
    Recipe,
    Record,
    make_records,
    recipe_of,
    timestamp,
)
from imrgen.batch.messages import (
    WINDOW,
    CaseKeys,
    IdentifyCases,
    LetterFile,
    MakeLetters,
    Outcome,
    RunTasks,
    Waiting,
    in_order,
    missing_letters,
)
from imrgen.batch.naming import DEFAULT_PATTERN, parse_pattern
from imrgen.batch.outputs import Folder, Target, open_target
from imrgen.batch.task import TaskRunner, TaskSettings, start_runner, write_letters
from imrgen.case import printable
from imrgen.diagnostics import CaseError, Diagnostic, OptionError, OutputError, codes
from imrgen.export import chosen_formats
from imrgen.pipeline import Options, Renderer, log_case, renderers
from imrgen.workers import Failure, Limits, checked_jobs

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from imrgen.batch.case_table import CaseTable
    from imrgen.batch.cross_case import Index
    from imrgen.workers import Worker

_CASES_PER_TASK = 50
_FLUSH_INTERVAL = 0.5
_PRELOAD = ("imrgen.batch.task", "imrgen.checks")


class BatchOptions(TypedDict, total=False):
    """The keyword arguments of `Batch`, which `render_batch` passes on."""

    to: str | os.PathLike[str] | None
    formats: Iterable[str]
    name: str
    letters: Iterable[str]
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
        made: The number of cases whose letters were made.
        skipped: The number of cases whose letters existed already, unchanged.
        failed: The cases of which a letter could not be made.
        stopped: Whether the batch was stopped before its end.
        seconds: How long it took.
        left_out: The number of files in the given folders that are not cases.
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
        on_result: Called with each case's `Outcome`, in the order of the cases.
        **options: The keyword arguments of `Batch`.

    Raises:
        CaseError: An input does not exist.
        OutputError: Two cases would share a file name, another batch is using the folder, or
            nothing can be written there; letters that were made before stay, and are in the
            manifest.
        PackError: There is no such pack or letter, or a file of the pack is not valid.
        LibraryError: A library is missing, or the executor is broken.
    """
    batch = Batch(cases, renderer_or_options, **options)
    start = time.monotonic()
    made = 0
    skipped = 0
    failed = []
    for outcome in batch:
        if outcome.failed:
            failed.append(outcome)
        elif outcome.skipped:
            skipped += 1
        else:
            made += 1
        if on_result:
            on_result(outcome)
    seconds = time.monotonic() - start
    return BatchSummary(made, skipped, tuple(failed), batch.stopped, seconds, batch.left_out)


class Batch:
    """A batch, to be iterated over once: `for outcome in Batch(cases, options, to="letters/"): …`.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`, `-`), cases, sources or mappings; one,
            or any iterable.
        renderer_or_options: `Options`, of which each worker makes its own renderer, or a
            `Renderer`, which works in this process: alone, or in the threads of an executor.
        to: A folder or a URL that fsspec supports; `None`: the outcomes contain the letters, and
            nothing is written.
        formats: The formats of each letter.
        name: The pattern of the file names, such as `{case.number}-{letter}.{format}`.
        letters: The names of the letters, or `all` for every letter of the pack; empty for the
            letter of the options.
        executor: The executor of the tasks, in place of worker processes of this machine. This
            process writes its letters to a folder; its workers write them to a URL.
        jobs: The number of workers; `None` for the number of cores. With 0, the letters of options
            are made in this process, one after the other, and no limit holds.
        timeout: Seconds that a case may take in a worker process of this machine. It applies
            neither to an executor, whose owner sets its limits, nor to this process.
        memory: Mebibytes that a worker process of this machine may use.
        replace_after: The number of cases after which such a worker is replaced.
        only_failed: Whether to make only the cases that failed before.
        standard: The stream that `-` stands for.

    Attributes:
        total: The number of cases, once they have been counted.
        left_out: The number of files in the given folders that are not cases.
        workers: The worker processes of this machine.
        stopped: Whether the batch is stopping or was stopped.

    Raises:
        CaseError: An input does not exist.
        FileNameError: The pattern is not valid.
        OptionError: There is no such format.
        PackError: There is no such pack or letter, or a file of the pack is not valid.
        TypeError: An argument has another type.
        ValueError: A number is too small.
    """

    def __init__(
        self,
        cases: Any,
        renderer_or_options: Renderer | Options,
        *,
        to: str | os.PathLike[str] | None = None,
        formats: Iterable[str] = ("pdf",),
        name: str = DEFAULT_PATTERN,
        letters: Iterable[str] = (),
        executor: Executor | None = None,
        jobs: int | None = None,
        timeout: float = 120.0,
        memory: int = 2048,
        replace_after: int = 500,
        only_failed: bool = False,
        standard: IO[bytes] | None = None,
    ) -> None:
        if not isinstance(renderer_or_options, Renderer | Options):
            raise TypeError(
                "a batch is given an imrgen.Options, or an imrgen.Renderer, not "
                f"{type(renderer_or_options).__name__}"
            )
        self._options: Options | None = None
        if isinstance(renderer_or_options, Options):
            self._options = renderer_or_options
        if isinstance(letters, str):
            raise TypeError('`letters` is a list: write letters=["…"]')
        made = _make_renderers(renderer_or_options, tuple(letters))
        self._renderers = {each.options.letter: each for each in made}
        self._letters = tuple(self._renderers)
        formats = chosen_formats(formats)
        if not formats:
            hint = 'write formats=["pdf"]'
            raise OptionError.of(codes.UNKNOWN_FORMAT, "no format was chosen", hint)
        several = len(made) > 1 or any(each.is_for_each_recipient for each in made)
        self._pattern = parse_pattern(name, formats, made[0].pack.model, several=several)
        self._executor = executor
        self._jobs = None if jobs is None else checked_jobs(jobs, least=0)
        self._limits = Limits(timeout, memory)
        self._replace_after = replace_after
        self._inputs = Inputs(cases, lambda: self._folder, standard)
        self._target: Target | None = None if to is None else open_target(os.fspath(to))
        self._only_failed = only_failed
        self._flushed = time.monotonic()
        self.total: int | None = None
        self.left_out = self._inputs.left_out
        self.workers: list[Worker] = []
        self.stopped = False

    def stop(self) -> None:
        """Finish the cases in progress and begin no more."""
        self.stopped = True

    def __iter__(self) -> Generator[Outcome, None, None]:
        with contextlib.ExitStack() as stack:
            stack.callback(self._remove_folder)
            earlier = EarlierRuns(
                (recipe.sha256 for recipe in self._recipes.values()), self._pattern.formats
            )
            if self._target is None:
                yield from self._run(None, earlier)
                return
            path = stack.enter_context(self._target.lock())
            manifest = Manifest(path, earlier)
            try:
                with contextlib.closing(self._run(manifest, earlier)) as outcomes:
                    yield from outcomes
            finally:
                manifest.close()
                self._target.flush(path, is_last=True)

    def _run(
        self, manifest: Manifest | None, earlier: EarlierRuns
    ) -> Generator[Outcome, None, None]:
        # For each case and each letter, whether it has to be made.
        pending = bytearray()
        letters = 0
        failed = 0
        left = 0
        for position, case in enumerate(self._inputs):
            done = self._find_done(case, earlier)
            for name in self._letters:
                is_pending = name not in done and (
                    not self._only_failed or earlier.has_failed(case.origin, name)
                )
                pending.append(is_pending)
                left += name not in done and not is_pending
            files = tuple(itertools.chain.from_iterable(done.values()))
            letters += len(files)
            if len(done) == len(self._letters):
                digest = hashlib.sha256(case.content).hexdigest()
                yield Outcome(position, case.origin, digest, files, skipped=True)
        self.total = len(pending) // len(self._letters)
        if any(pending):
            if manifest:
                manifest.append_new(self._start_record())
            with contextlib.closing(self._make(pending)) as outcomes:
                for outcome in outcomes:
                    letters += len(outcome.letters)
                    failed += outcome.failed
                    found = tuple(dict.fromkeys(each.code for each in outcome.diagnostics))
                    log_case(outcome.position, outcome.failed, found, outcome.seconds)
                    if manifest:
                        self._record(outcome, manifest, earlier)
                    yield outcome
        if manifest and not self.stopped and not left:
            manifest.append_new(
                Record(outcome="ended", letters=letters, failed=failed, at=timestamp())
            )

    def _find_done(self, case: RawCase, earlier: EarlierRuns) -> dict[str, tuple[LetterFile, ...]]:
        """Return the letters of a case that exist, unchanged."""
        if self._target is None or case.error is not None:
            return {}
        digest = hashlib.sha256(case.content).hexdigest()
        done = {}
        for name, renderer in self._renderers.items():
            names = None
            if "source" in self._pattern.fields or renderer.is_for_each_recipient:
                names = self._file_names(case, renderer)
            files = earlier.take_letters(digest, name, names)
            if files is not None and all(
                self._target.digest(each.file) == (each.sha256, each.size) for each in files
            ):
                done[name] = files
        return done

    def _file_names(self, case: RawCase, renderer: Renderer) -> list[str]:
        try:
            source = case.parse()
            return [
                name
                for one in renderer.each(source)
                for name in self._pattern.file_names(source, one.options, case.stem).values()
            ]
        except CaseError:
            return []

    def _record(self, outcome: Outcome, manifest: Manifest, earlier: EarlierRuns) -> None:
        assert self._target is not None
        for record in make_records(outcome, self._recipes):
            if not manifest.has(record, earlier):
                manifest.append(record)
        if time.monotonic() > self._flushed + _FLUSH_INTERVAL:
            self._target.flush(manifest.path, is_last=False)
            manifest.sync()
            self._flushed = time.monotonic()

    def _make(self, pending: bytearray) -> Generator[Outcome, None, None]:
        """Make the letters of pending cases, and yield the outcomes in the order of the cases."""
        # Loaded here, so that a batch that has nothing to make ends at once.
        from imrgen.batch.case_table import CaseTable

        with contextlib.ExitStack() as stack:
            run, share = self._start_workers(stack)
            table = stack.enter_context(contextlib.closing(CaseTable(self._folder)))
            for position, case, keys in self._identify(run):
                table.add(position, case.origin, keys)
            if self.stopped:
                return
            table.check_names()
            share(table.index())
            waiting: Waiting[Outcome] = collections.OrderedDict()
            fatal: tuple[Diagnostic, ...] = ()
            for task, result in run(self._letter_tasks(pending, table, waiting)):
                outcome = (
                    _fail(task, result) if isinstance(result, Failure) else self._write(result)
                )
                if outcome.others:
                    outcome = _name_others(outcome, map(table.origin, outcome.others))
                if outcome.fatal:
                    self.stopped = True
                    fatal = fatal or outcome.diagnostics
                    del waiting[outcome.position]
                else:
                    waiting[outcome.position] = outcome
                yield from in_order(waiting)
            yield from in_order(waiting)
            if fatal:
                raise OutputError(fatal)

    def _identify(self, run: RunTasks) -> Iterator[tuple[int, RawCase, CaseKeys]]:
        retries: list[IdentifyCases] = []
        for task, result in run(self._identify_tasks()):
            if isinstance(result, Failure):
                retries += [
                    IdentifyCases(position, [case])
                    for position, case in enumerate(task.cases, task.position)
                ]
            else:
                yield from zip(itertools.count(task.position), task.cases, result)
        for task, result in run(retries):
            (case,) = task.cases
            # A case that makes its worker crash has no name and no letter: it will fail again.
            nothing = CaseKeys(hashlib.sha256(case.content).digest(), [], [])
            yield task.position, case, nothing if isinstance(result, Failure) else result[0]

    def _identify_tasks(self) -> Iterator[IdentifyCases]:
        cases = iter(self._inputs)
        position = 0
        while not self.stopped and (chunk := list(itertools.islice(cases, _CASES_PER_TASK))):
            yield IdentifyCases(position, chunk)
            position += len(chunk)

    def _letter_tasks(
        self, pending: bytearray, table: CaseTable, waiting: Waiting[Outcome]
    ) -> Iterator[MakeLetters | None]:
        cases = iter(self._inputs)
        count = len(self._letters)
        for position, digest in enumerate(table.digests()):
            flags = pending[position * count : (position + 1) * count]
            letters = tuple(itertools.compress(self._letters, flags))
            case = next(cases, None)
            while letters and len(waiting) >= WINDOW and not self.stopped:
                yield None
            if self.stopped:
                return
            if not letters:
                continue
            waiting[position] = None
            if case is not None and hashlib.sha256(case.content).digest() == digest:
                yield MakeLetters(position, case, letters)
                continue
            origin = table.origin(position)
            change = Diagnostic(
                codes.CASE_CHANGED,
                f"{origin} was changed while the batch was running",
                hints=("run the batch again",),
            )
            missing = missing_letters(letters, [change])
            waiting[position] = Outcome(position, origin, digest.hex(), (), missing, (change,))

    def _write(self, outcome: Outcome) -> Outcome:
        """Write the letters that an executor's workers have returned for a folder."""
        if self._target is None or not any(letter.content for letter in outcome.letters):
            return outcome
        return write_letters(outcome, self._target)

    def _start_workers(
        self, stack: contextlib.ExitStack
    ) -> tuple[RunTasks, Callable[[Index], object]]:
        """Return a function that runs tasks, and one that sends the index to what runs them."""
        # An executor's workers may be on other machines, and cannot write to a folder of this one.
        is_remote_folder = self._executor is not None and isinstance(self._target, Folder)
        settings = TaskSettings(
            self._folder.name,
            self._options,
            self._letters,
            self._pattern,
            self._target.location if self._target and not is_remote_folder else None,
            next(iter(self._recipes.values())).provenance["pack_sha256"],
        )
        if self._executor is not None:
            from imrgen.batch.executors import ExecutorRunner

            tasks = ExecutorRunner(
                self._executor, TaskRunner(settings, self._renderers.values()), self._jobs
            )
            return tasks.run, tasks.share
        if self._options is None or self._jobs == 0:
            runner = TaskRunner(settings, self._renderers.values())
            return runner.run, runner.share
        from imrgen.workers import Pool

        index_file = self._folder / "index"
        pool = Pool(
            functools.partial(start_runner, settings, index_file),
            self._limits,
            preload=_PRELOAD,
            replace_after=self._replace_after,
        )
        stack.callback(pool.close)
        self.workers = pool.workers
        return (
            functools.partial(pool.run, jobs=self._jobs),
            functools.partial(_write_index, index_file),
        )

    @functools.cached_property
    def _folder(self) -> Path:
        """A temporary folder, which is created when it is needed and removed at the end."""
        from imrgen.workers import temporary_files, temporary_folder

        with temporary_files():
            return Path(tempfile.mkdtemp(dir=temporary_folder()))

    def _remove_folder(self) -> None:
        if "_folder" in vars(self):
            shutil.rmtree(self._folder, ignore_errors=True)

    @functools.cached_property
    def _recipes(self) -> dict[str, Recipe]:
        """The digest of everything that determines a letter and its name, except the case."""
        return {
            letter: recipe_of(renderer, self._pattern.text, self._pattern.formats)
            for letter, renderer in self._renderers.items()
        }

    def _start_record(self) -> Record:
        spec = self._options
        if spec is not None:
            templates = tuple(map(printable, spec.templates))
            # The values of a program may be of a case.
            context = hashlib.sha256(spec.context.encode()).hexdigest() if spec.context else ""
            spec = msgspec.structs.replace(spec, templates=templates, context=context)
        arguments = {
            "inputs": self._inputs.arguments,
            "folder": printable(os.getcwd()),  # noqa: PTH109
            "spec": spec,
            "letters": self._letters,
            "formats": self._pattern.formats,
            "name": self._pattern.text,
        }
        recipes = "".join(recipe.sha256 for recipe in self._recipes.values())
        recipe = hashlib.sha256(recipes.encode()).hexdigest()
        # In the form in which it will be read, lists for tuples, so that it can be compared with
        # the arguments of the next batch.
        asked = msgspec.json.decode(msgspec.json.encode(arguments), type=Asked)
        return Record(outcome="begun", recipe_sha256=recipe, asked=asked, at=timestamp())


def _make_renderers(
    renderer_or_options: Renderer | Options, letters: tuple[str, ...]
) -> tuple[Renderer, ...]:
    if isinstance(renderer_or_options, Options):
        return renderers(renderer_or_options, letters or (renderer_or_options.letter,))
    if not letters:
        return (renderer_or_options,)
    pack = renderer_or_options.pack
    return renderers(renderer_or_options.options, letters, loaded_pack=pack)


def _fail(task: MakeLetters, failure: Failure) -> Outcome:
    diagnostic = task.case.relocate(failure.diagnostic)
    digest = hashlib.sha256(task.case.content).hexdigest()
    missing = missing_letters(task.letters, [diagnostic])
    return Outcome(task.position, task.case.origin, digest, (), missing, (diagnostic,))


def _write_index(file: Path, index: Index) -> None:
    """Write the index of all cases for the workers, which read it when they start."""
    from imrgen.workers import temporary_files

    with temporary_files():
        file.write_bytes(msgspec.msgpack.encode(index))


def _name_others(outcome: Outcome, others: Iterable[str]) -> Outcome:
    """Add to the last diagnostics the names of the other cases whose data are in the letters."""
    rest = outcome.diagnostics[: -len(outcome.others)]
    named = (
        msgspec.structs.replace(each, message=f"{each.message}: {other}")
        for each, other in zip(outcome.diagnostics[len(rest) :], others, strict=True)
    )
    return msgspec.structs.replace(outcome, diagnostics=(*rest, *named))
