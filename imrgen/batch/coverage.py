"""Many cases, and what they take of a pack's templates, in worker processes."""

from __future__ import annotations

import functools
from typing import Unpack

import msgspec

from imrgen.batch.case_run import CaseRun, CaseTask, RunOptions
from imrgen.batch.inputs import RawCase
from imrgen.diagnostics import CaseError, Diagnostic, PackError
from imrgen.pipeline import Coverage, Options, renderers

_PRELOAD = ("imrgen.batch.coverage", "imrgen.compose.coverage", "imrgen.checks")


class CoveringCase(msgspec.Struct, frozen=True):
    """What a case takes.

    Args:
        case: The case.
        diagnostics: Why letters of it are refused.
        ways: The ways through templates that its letters take: file, offset and kind.
        letters: How many letters can be made of it.
    """

    case: RawCase
    diagnostics: tuple[Diagnostic, ...] = ()
    ways: tuple[tuple[str, int, str], ...] = ()
    letters: int = 0
    skipped = False

    @property
    def failed(self) -> bool:
        """Whether no letter can be made of it."""
        return not self.letters


class CoverageSettings(msgspec.Struct, frozen=True):
    """What all tasks have in common.

    Args:
        options: The options of the letters.
        letters: The names of the letters, or `all`.
    """

    options: Options
    letters: tuple[str, ...]


class _Covering:
    """Makes the letters of cases, and tells what they take.

    Args:
        settings: What all cases have in common.

    Raises:
        PackError: No such pack, letter or check, or one of the pack's files is at fault.
    """

    def __init__(self, settings: CoverageSettings) -> None:
        self.coverage = Coverage(renderers(settings.options, settings.letters))

    def __call__(self, task: CaseTask) -> CoveringCase:
        """Make the letters of a case; nothing is raised that concerns one case alone."""
        case = task.case
        try:
            found = self.coverage.examine(case.parse())
        except (CaseError, PackError) as error:
            return CoveringCase(case, tuple(map(case.relocate, error.diagnostics)))
        refused = tuple(map(case.relocate, found.diagnostics))
        return CoveringCase(case, refused, tuple(found.ways), found.letters)


class CoverageRun(CaseRun[CoveringCase]):
    """What many cases take: `for covering in CoverageRun(cases, settings): …`.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`, `-`).
        settings: Which letters are made, and how.
        **options: See `RunOptions`.

    Raises:
        CaseError: An input does not exist.
        PackError: No such pack, letter or check, or one of the pack's files is at fault.
    """

    def __init__(
        self,
        cases: list[str],
        settings: CoverageSettings,
        **options: Unpack[RunOptions],
    ) -> None:
        super().__init__(
            cases,
            functools.partial(_Covering, settings),
            CoveringCase,
            preload=_PRELOAD,
            **options,
        )

    @property
    def coverage(self) -> Coverage:
        """What collects the ways of all cases."""
        assert isinstance(self._here, _Covering)
        return self._here.coverage
