"""A batch: cases in, letters out, each once, none lost, none with another case's data.

    cases ──which are done?──▶ pending ──survey──▶ names, identifiers ──make──▶ outcomes ──in order──▶ manifest
             (digests alone)            (no clash, before any letter)   (workers)

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
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec

from imrgen.batch.inputs import Entry, Inputs
from imrgen.batch.manifest import Ledger, Past, Record, now, records_of
from imrgen.batch.messages import Call, Loss
from imrgen.batch.naming import DEFAULT, parse_pattern
from imrgen.batch.outputs import Folder, Target, open_target
from imrgen.batch.task import Job, Made, Outcome, RendererSpec, Survey, Workshop, read_entry
from imrgen.diagnostics import CaseError, Diagnostic, OutputError, codes
from imrgen.pipeline import Renderer

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from imrgen.batch.executors import Alone, Crew
    from imrgen.batch.pool import Pool, Worker
    from imrgen.batch.survey import Census

_WINDOW = 1000
_SURVEYED = 50
_SETTLED = 0.5


class Batch:
    """A batch that can be gone through once: `for outcome in Batch(cases, spec, to="letters/"): …`.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`, `-`), cases, sources or mappings; one,
            or any iterable.
        renderer_or_spec: A `RendererSpec`, of which each worker makes its own renderer, or a
            `Renderer`, which works in this process: alone, or in the threads of an executor.
        to: A folder or a URL that fsspec knows; `None`: the letters come back in the outcomes and
            nothing is written.
        formats: The formats of each letter.
        name: The pattern of the files' names; see `imrgen.batch.naming.FIELDS`.
        executor: What runs the work, in place of worker processes of this machine. What it makes
            for a folder is written by this process, and for a URL by its workers.
        jobs: How many workers; `None` for the number of cores.
        timeout: Seconds that a case may take. A worker of an executor, or this process, goes on
            without a case that takes longer as long as that is at Python code; in a library in C it
            ends the batch.
        letters: After how many cases a worker is replaced.
        memory: Mebibytes that a worker may take; an executor's workers cannot be held to it.
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
        renderer_or_spec: Renderer | RendererSpec,
        *,
        to: str | os.PathLike[str] | None = None,
        formats: Iterable[str] = ("pdf",),
        name: str = DEFAULT,
        executor: Executor | None = None,
        jobs: int | None = None,
        timeout: float = 120.0,
        letters: int = 500,
        memory: int = 2048,
        only_failed: bool = False,
        standard: IO[bytes] | None = None,
    ) -> None:
        self._formats = tuple(dict.fromkeys(formats))
        self._pattern = parse_pattern(name, self._formats)
        self._spec = renderer_or_spec if isinstance(renderer_or_spec, RendererSpec) else None
        self._renderer = (
            renderer_or_spec
            if isinstance(renderer_or_spec, Renderer)
            else renderer_or_spec.renderer()
        )
        self._executor, self._jobs = executor, jobs
        self._limits = (timeout, letters, memory)
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
            manifest = stack.enter_context(self._target.hold())
            ledger = Ledger(manifest, past)
            try:
                with contextlib.closing(self._work(ledger, past)) as outcomes:
                    yield from outcomes
            finally:
                ledger.close()
                self._target.settle(manifest, last=True)

    def _work(self, ledger: Ledger | None, past: Past) -> Generator[Outcome, None, None]:
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
            if ledger:
                ledger.append_new(self._begun())
            with contextlib.closing(self._made(pending)) as outcomes:
                for outcome in outcomes:
                    letters, failed = letters + len(outcome.letters), failed + outcome.failed
                    if ledger:
                        self._note(outcome, ledger, past)
                    yield outcome
        if ledger and not self.stopped and not held:
            ledger.append_new(Record(outcome="ended", letters=letters, failed=failed, at=now()))

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

    def _note(self, outcome: Outcome, ledger: Ledger, past: Past) -> None:
        for record in records_of(outcome, self._recipe, self._renderer.provenance):
            if not ledger.told(record, past):
                ledger.append(record)
        if time.monotonic() > self._settled + _SETTLED:
            assert self._target is not None
            self._target.settle(ledger.path, last=False)
            ledger.sync()
            self._settled = time.monotonic()

    def _made(self, pending: bytearray) -> Generator[Outcome, None, None]:
        """Make the letters of pending cases, and give the outcomes in the order of the cases."""
        # What only making needs is loaded here: a batch that has nothing to make ends in the time
        # it takes to look.
        from imrgen.batch.survey import Census

        with contextlib.ExitStack() as stack:
            job = self._job()
            crew = self._crew(stack, job)
            census = Census(self._folder)
            stack.callback(census.close)
            for position, entry, survey in self._surveyed(crew):
                census.add(position, entry, survey)
            if self.stopped:
                return
            census.refuse_clashes()
            index = census.index()
            if self._pool:
                assert job.index_file is not None
                Path(job.index_file).write_bytes(msgspec.msgpack.encode(index))
            else:
                crew = self._crew(stack, msgspec.structs.replace(job, id=f"{job.id}+", index=index))
            queue = _Queue()
            calls = self._makes(pending, census, queue)
            fatal: tuple[Diagnostic, ...] = ()
            for call, answer in crew.run(calls):
                outcome = (
                    self._written(answer)
                    if isinstance(answer, Outcome)
                    else self._lost(call, answer)
                )
                if outcome.other is not None:
                    outcome = _naming(outcome, census.origin(outcome.other))
                if outcome.fatal:
                    self.stopped, fatal = True, fatal or outcome.diagnostics
                    queue.drop(outcome.position)
                else:
                    queue.put(outcome)
                yield from queue.take()
            yield from queue.take()
            if fatal:
                raise OutputError(fatal)

    def _surveyed(self, crew: Pool | Alone | Crew) -> Iterator[tuple[int, Entry, Survey]]:
        lost: list[Call] = []
        for call, answer in crew.run(self._surveys()):
            if isinstance(answer, Loss):
                entries = call.arguments[0]
                lost += [
                    Call("survey", ([entry],), call.place + n) for n, entry in enumerate(entries)
                ]
            else:
                yield from zip(itertools.count(call.place), call.arguments[0], answer)
        for call, answer in crew.run(lost):
            (entry,) = call.arguments[0]
            # What brings its worker down has no name and no letter: it will fail as it did here.
            nothing = Survey(hashlib.sha256(entry.content).digest(), "", [])
            yield call.place, entry, nothing if isinstance(answer, Loss) else answer[0]

    def _surveys(self) -> Iterator[Call]:
        entries, place = iter(self._inputs), 0
        while not self.stopped and (chunk := list(itertools.islice(entries, _SURVEYED))):
            yield Call("survey", (chunk,), place)
            place += len(chunk)

    def _makes(self, pending: bytearray, census: Census, queue: _Queue) -> Iterator[Call | None]:
        entries = iter(self._inputs)
        for position, (digest, wanted) in enumerate(zip(census.digests(), pending, strict=False)):
            entry = next(entries, None)
            while wanted and len(queue) >= _WINDOW and not self.stopped:
                yield None
            if self.stopped:
                return
            if not wanted:
                continue
            queue.expect(position)
            if entry is not None and hashlib.sha256(entry.content).digest() == digest:
                yield Call("make", (position, entry), position)
            else:
                origin, hint = census.origin(position), "run the batch again"
                fault = Diagnostic(
                    codes.CASE_CHANGED,
                    f"{origin} was changed while the batch was running",
                    hints=(hint,),
                )
                queue.put(Outcome(position, origin, digest.hex(), diagnostics=(fault,)))

    def _written(self, outcome: Outcome) -> Outcome:
        """Write what the workers of an executor gave back for a folder."""
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

    def _lost(self, call: Call, loss: Loss) -> Outcome:
        position, entry = call.arguments
        timeout, _, memory = self._limits
        if loss.reason == "timeout":
            code, reason = codes.TIMED_OUT, f"took longer than {timeout:g} seconds"
            hint = "look at the case and the pack; --timeout gives more time"
        else:
            code, reason = (
                codes.WORKER_LOST,
                f"the worker that made its letter was lost: {loss.reason}",
            )
            hint = f"look at the case; a worker may take {memory} MiB, which --memory raises"
        fault = Diagnostic(code, f"{entry.origin}: {reason}", hints=(hint,))
        return Outcome(
            position, entry.origin, hashlib.sha256(entry.content).hexdigest(), diagnostics=(fault,)
        )

    def _crew(self, stack: contextlib.ExitStack, job: Job) -> Pool | Alone | Crew:
        from imrgen.batch.executors import Alone, Crew
        from imrgen.batch.pool import Pool

        if self._executor is not None:
            return Crew(self._executor, job, Workshop(job, self._renderer), self._jobs)
        if self._spec is None:
            return Alone(Workshop(job, self._renderer))
        jobs = self._jobs or _cores()
        self._pool = stack.enter_context(Pool(job, jobs, *self._limits, scratch=str(self._folder)))
        return self._pool

    def _job(self) -> Job:
        target = self._target.location if self._target else None
        if self._executor is not None and isinstance(self._target, Folder):
            target = None
        pack = self._renderer.provenance["pack_sha256"]
        file = None if self._executor or self._spec is None else str(self._folder / "index")
        return Job(
            self._folder.name,
            self._spec,
            self._formats,
            self._pattern,
            target,
            pack,
            self._renderer.options.letter,
            index_file=file,
            timeout=None if file else self._limits[0],
        )

    @functools.cached_property
    def _folder(self) -> Path:
        """A folder for what must be kept until the end; made by whatever keeps something."""
        from imrgen.workers import scratch

        return Path(tempfile.mkdtemp(dir=scratch()))

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


class _Queue:
    """Outcomes that wait for those before them."""

    def __init__(self) -> None:
        self._due: collections.deque[int] = collections.deque()
        self._here: dict[int, Outcome | None] = {}

    def __len__(self) -> int:
        return len(self._due)

    def expect(self, position: int) -> None:
        self._due.append(position)

    def put(self, outcome: Outcome) -> None:
        self._here[outcome.position] = outcome

    def drop(self, position: int) -> None:
        self._here[position] = None

    def take(self) -> Iterator[Outcome]:
        while self._due and self._due[0] in self._here:
            outcome = self._here.pop(self._due.popleft())
            if outcome is not None:
                yield outcome


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _naming(outcome: Outcome, other: str) -> Outcome:
    """Let the last of an outcome's diagnostics say which other case was found in the letter."""
    *rest, last = outcome.diagnostics
    named = msgspec.structs.replace(last, message=f"{last.message}: {other}")
    return msgspec.structs.replace(outcome, diagnostics=(*rest, named))
