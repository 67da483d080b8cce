"""Something done with each of many cases, in worker processes.

Each case is read once, so that it may also come from a pipe; what comes of it is reported in the
order of the cases, whichever worker is first.
"""

from __future__ import annotations

import collections
import contextlib
import itertools
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Generic, Protocol, TypedDict, TypeVar, Unpack

import msgspec

from imrgen.batch.inputs import Inputs, RawCase
from imrgen.batch.messages import WINDOW, Waiting, in_order
from imrgen.diagnostics import Diagnostic, LimitError
from imrgen.workers import (
    Failure,
    Limits,
    limited,
    starts_workers,
    temporary_files,
    temporary_folder,
)

if TYPE_CHECKING:
    from imrgen.workers import Worker

# So many cases are done sooner than worker processes are ready.
_FEW = 8


class CaseTask(msgspec.Struct, frozen=True):
    """A task: do something with a case.

    Args:
        position: The case's position among the cases.
        case: The case.
    """

    position: int
    case: RawCase


class CaseResult(Protocol):
    """What comes of a case."""

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was found."""

    @property
    def skipped(self) -> bool:
        """Whether nothing was to be done."""

    @property
    def failed(self) -> bool:
        """Whether it is to be counted as failed."""


Result = TypeVar("Result", bound=CaseResult)
Worked = Callable[[CaseTask], Result]


class RunOptions(TypedDict, total=False):
    """How a run is done, whatever is done with its cases.

    Args:
        jobs: The number of worker processes; `None` for the number of cores, or none for a few
            cases and where the system starts none.
        limits: What a worker process may take for a case; `None` for the limits of a batch, or none
            for a few cases.
        standard: The stream that `-` stands for.
    """

    jobs: int | None
    limits: Limits | None
    standard: IO[bytes] | None


class CaseRun(Generic[Result]):
    """A run over cases, to be iterated over once: `for result in run: …`.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`, `-`).
        start: Makes what is called with each task, in each process; it is pickled.
        fail: Makes the result of a case whose worker ended, of its diagnostic.
        preload: The modules that worker processes need.
        **options: See `RunOptions`.

    Attributes:
        total: The number of cases; `None` if it is not known before they are read.
        is_few: Whether it is known that no worker processes are needed.
        left_out: The number of files in the given folders that are not cases.
        workers: The worker processes.
        stopped: Always false: a run that is interrupted ends at once.

    Raises:
        CaseError: An input does not exist.
        PackError: What `start` raises.
    """

    def __init__(
        self,
        cases: list[str],
        start: Callable[[], Worked[Result]],
        fail: Callable[[RawCase, tuple[Diagnostic, ...]], Result],
        *,
        preload: tuple[str, ...],
        **options: Unpack[RunOptions],
    ) -> None:
        self._start = start
        self._here = start()
        self._fail = fail
        self._preload = preload
        self._resources = contextlib.ExitStack()
        standard = options.get("standard")
        self._inputs = Inputs(cases, self._create_folder, standard, takes_any_name=True)
        self._jobs = options.get("jobs")
        self._limits = options.get("limits")
        self.total = self._inputs.count
        self._is_alone = self._jobs is None and not starts_workers()
        self._may_be_few = self._jobs is None and self._limits is None
        self.is_few = self._may_be_few and self.total is not None and self.total <= _FEW
        self.left_out = self._inputs.left_out
        self.workers: list[Worker] = []
        self.stopped = False

    def __iter__(self) -> Generator[Result, None, None]:
        tasks = itertools.starmap(CaseTask, enumerate(self._inputs))
        with self._resources:
            if self._is_alone:
                yield from map(self._do_here, tasks)
                return
            few = list(itertools.islice(tasks, _FEW + 1))
            if self._may_be_few and len(few) <= _FEW:
                yield from map(self._do_here, few)
                return
            # It loads multiprocessing, which a few cases do not need.
            from imrgen.workers import Pool

            pool = Pool(self._start, self._limits or Limits(), preload=self._preload)
            self._resources.callback(pool.close)
            self.workers = pool.workers
            waiting: Waiting[Result] = collections.OrderedDict()
            submitted = _submit(itertools.chain(few, tasks), waiting)
            for task, result in pool.run(submitted, self._jobs):
                if isinstance(result, Failure):
                    result = self._fail(task.case, (task.case.relocate(result.diagnostic),))
                waiting[task.position] = result
                yield from in_order(waiting)

    def _do_here(self, task: CaseTask) -> Result:
        """Do it in this process, which is the command's own, within limits."""
        try:
            with limited(self._limits or Limits()):
                return self._here(task)
        except LimitError as reached:
            return self._fail(task.case, tuple(map(task.case.relocate, reached.diagnostics)))

    def _create_folder(self) -> Path:
        with temporary_files():
            folder = tempfile.TemporaryDirectory(dir=temporary_folder())
        return Path(self._resources.enter_context(folder))


def _submit(tasks: Iterator[CaseTask], waiting: Waiting[Result]) -> Iterator[CaseTask | None]:
    for task in tasks:
        while len(waiting) >= WINDOW:
            yield None
        waiting[task.position] = None
        yield task
