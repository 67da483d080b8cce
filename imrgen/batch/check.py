"""Many cases checked, as `Renderer.check` does it, in worker processes.

Each case is read once, so that it may also come from a pipe; what is found is reported in the order
of the cases, whichever worker is first.
"""

from __future__ import annotations

import collections
import contextlib
import functools
import itertools
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from imrgen.batch.inputs import Inputs, RawCase
from imrgen.batch.messages import WINDOW, Waiting, in_order
from imrgen.diagnostics import CaseError, Diagnostic, LibraryError, LimitError, PackError
from imrgen.pipeline import Options, renderers
from imrgen.workers import Failure, Limits, limited, temporary_folder

if TYPE_CHECKING:
    from imrgen.workers import Worker

# So many cases are checked sooner than worker processes are ready.
_FEW = 8
_PRELOAD = ("imrgen.batch.check", "imrgen.checks")


class CheckCase(msgspec.Struct, frozen=True):
    """A task: check a case, and return its `CheckedCase`.

    Args:
        position: The case's position among the cases.
        case: The case.
    """

    position: int
    case: RawCase


class CheckedCase(msgspec.Struct, frozen=True):
    """What was found in a case.

    Args:
        case: The case.
        diagnostics: What was found in its letters.
        missing: What is missing for every case's pages, such as a library: the letters were
            examined without their pages.
        unprinted: The patterns of the fields that it has and a letter never prints, by letter.
    """

    case: RawCase
    diagnostics: tuple[Diagnostic, ...] = ()
    missing: tuple[Diagnostic, ...] = ()
    unprinted: dict[str, tuple[str, ...]] = {}
    skipped = False

    @property
    def failed(self) -> bool:
        """Whether an error was found."""
        return any(each.severity == "error" for each in self.diagnostics)


class CheckSettings(msgspec.Struct, frozen=True):
    """What all tasks have in common.

    Args:
        options: The options of the letters.
        letters: The names of the letters, or `all`.
        formats: The formats that are made to see what stops them.
        unprinted: Whether to look for fields that are never printed.
    """

    options: Options
    letters: tuple[str, ...]
    formats: tuple[str, ...] = ("pdf",)
    unprinted: bool = False


class Checker:
    """Checks cases, and keeps what they have in common.

    Args:
        settings: What they have in common.

    Raises:
        PackError: No such pack, letter or check, or one of the pack's files is at fault.
    """

    def __init__(self, settings: CheckSettings) -> None:
        self.renderers = renderers(settings.options, settings.letters)
        self._formats = settings.formats
        self._unprinted = settings.unprinted

    def __call__(self, task: CheckCase) -> CheckedCase:
        """Check a case; nothing is raised that concerns one case alone."""
        case = task.case
        # What is found in the case itself is the same for each of its letters.
        found: dict[Diagnostic, None] = {}
        missing: tuple[Diagnostic, ...] = ()
        unprinted = {}
        try:
            source = case.parse()
            for renderer in self.renderers:
                try:
                    # Where Pango is missing, WeasyPrint prints that to standard output.
                    with contextlib.redirect_stdout(sys.stderr):
                        diagnostics = renderer.check(source, formats=self._formats)
                except LibraryError as error:
                    # What else there is to be found needs no pages.
                    missing = error.diagnostics
                    self._formats = ()
                    diagnostics = renderer.check(source, formats=())
                found |= dict.fromkeys(diagnostics)
                if self._unprinted:
                    with contextlib.suppress(CaseError, PackError):  # in the diagnostics
                        unprinted[renderer.options.letter] = renderer.unprinted(source)
        except CaseError as error:
            found |= dict.fromkeys(error.diagnostics)
        return CheckedCase(case, tuple(map(case.relocate, found)), missing, unprinted)


class CheckRun:
    """A run over cases, to be iterated over once: `for checked in CheckRun(cases, settings): …`.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`, `-`).
        settings: What to look for.
        jobs: The number of worker processes; `None` for the number of cores, or none for a few
            cases.
        limits: What a worker process may take for a case; `None` for the limits of a batch, or none
            for a few cases.
        standard: The stream that `-` stands for.

    Attributes:
        renderers: The renderer of each letter.
        total: The number of cases; `None` if it is not known before they are read.
        is_few: Whether it is known that no worker processes are needed.
        left_out: The number of files in the given folders that are not cases.
        workers: The worker processes.
        stopped: Always false: a run that is interrupted ends at once.

    Raises:
        CaseError: An input does not exist.
        PackError: No such pack, letter or check, or one of the pack's files is at fault.
    """

    def __init__(
        self,
        cases: list[str],
        settings: CheckSettings,
        *,
        jobs: int | None = None,
        limits: Limits | None = None,
        standard: IO[bytes] | None = None,
    ) -> None:
        self._checker = Checker(settings)
        self.renderers = self._checker.renderers
        self._settings = settings
        self._resources = contextlib.ExitStack()
        self._inputs = Inputs(cases, self._create_folder, standard, takes_any_name=True)
        self._jobs = jobs
        self._limits = limits
        self.total = self._inputs.count
        self._may_be_few = jobs is None and limits is None
        self.is_few = self._may_be_few and self.total is not None and self.total <= _FEW
        self.left_out = self._inputs.left_out
        self.workers: list[Worker] = []
        self.stopped = False

    def __iter__(self) -> Generator[CheckedCase, None, None]:
        tasks = itertools.starmap(CheckCase, enumerate(self._inputs))
        with self._resources:
            few = list(itertools.islice(tasks, _FEW + 1))
            if self._may_be_few and len(few) <= _FEW:
                yield from map(self._check_here, few)
                return
            # It loads multiprocessing, which a few cases do not need.
            from imrgen.workers import Pool

            pool = Pool(
                functools.partial(Checker, self._settings),
                self._limits or Limits(),
                preload=_PRELOAD,
            )
            self._resources.callback(pool.close)
            self.workers = pool.workers
            waiting: Waiting[CheckedCase] = collections.OrderedDict()
            submitted = _submit(itertools.chain(few, tasks), waiting)
            for task, result in pool.run(submitted, self._jobs):
                if isinstance(result, Failure):
                    result = CheckedCase(task.case, (task.case.relocate(result.diagnostic),))
                waiting[task.position] = result
                yield from in_order(waiting)

    def _check_here(self, task: CheckCase) -> CheckedCase:
        """Check a case in this process, which is the command's own, within limits."""
        try:
            with limited(self._limits or Limits()):
                return self._checker(task)
        except LimitError as reached:
            return CheckedCase(task.case, tuple(map(task.case.relocate, reached.diagnostics)))

    def _create_folder(self) -> Path:
        folder = tempfile.TemporaryDirectory(dir=temporary_folder())
        return Path(self._resources.enter_context(folder))


def _submit(
    tasks: Iterator[CheckCase], waiting: Waiting[CheckedCase]
) -> Iterator[CheckCase | None]:
    for task in tasks:
        while len(waiting) >= WINDOW:
            yield None
        waiting[task.position] = None
        yield task
