"""Many cases checked, as `Renderer.check` does it, in worker processes."""

from __future__ import annotations

import contextlib
import functools
from typing import Unpack

import msgspec

from imrgen.batch.case_run import CaseRun, CaseTask, RunOptions
from imrgen.batch.inputs import RawCase
from imrgen.diagnostics import CaseError, Diagnostic, LibraryError, PackError
from imrgen.pipeline import Options, Renderer, renderers

_PRELOAD = ("imrgen.batch.check", "imrgen.checks")


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

    def __call__(self, task: CaseTask) -> CheckedCase:
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


class CheckRun(CaseRun[CheckedCase]):
    """The checks of many cases: `for checked in CheckRun(cases, settings): …`.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`, `-`).
        settings: What to look for.
        **options: See `RunOptions`.

    Attributes:
        renderers: The renderer of each letter.

    Raises:
        CaseError: An input does not exist.
        PackError: No such pack, letter or check, or one of the pack's files is at fault.
    """

    def __init__(
        self,
        cases: list[str],
        settings: CheckSettings,
        **options: Unpack[RunOptions],
    ) -> None:
        super().__init__(
            cases,
            functools.partial(Checker, settings),
            CheckedCase,
            preload=_PRELOAD,
            **options,
        )

    @property
    def renderers(self) -> tuple[Renderer, ...]:
        """The renderer of each letter."""
        assert isinstance(self._here, Checker)
        return self._here.renderers
