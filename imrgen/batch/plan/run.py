"""The comparison of many cases, on a batch's workers."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Unpack

from imrgen.batch.case_run import CaseRun, RunOptions
from imrgen.batch.plan.changes import Change, ComparedCase, Detail, Group
from imrgen.batch.plan.comparer import Comparer, PlanSettings
from imrgen.batch.plan.examples import examples
from imrgen.batch.plan.journal import Journal

_PRELOAD = ("imrgen.batch.plan", "imrgen.checks", "imrgen.compose.tracing")


class PlanRun(CaseRun[ComparedCase]):
    """The comparison of many cases: `for compared in PlanRun(cases, settings): …`.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`, `-`).
        settings: What to compare.
        **options: See `RunOptions`.

    Raises:
        CaseError: An input does not exist.
        OutputError: The journal cannot be written.
        PackError: No such pack, letter or check, or one of the packs' files is at fault.
    """

    def __init__(
        self,
        cases: list[str],
        settings: PlanSettings,
        **options: Unpack[RunOptions],
    ) -> None:
        self._journal = settings.journal
        super().__init__(
            cases,
            functools.partial(Comparer, settings),
            ComparedCase,
            preload=_PRELOAD,
            **options,
        )

    def __iter__(self) -> Generator[ComparedCase, None, None]:
        if self._journal is None:
            yield from super().__iter__()
            return
        with contextlib.closing(Journal(Path(self._journal), self._comparer.recipe)) as journal:
            for compared in super().__iter__():
                journal.append(compared)
                yield compared

    def details(self, groups: Iterable[Group], *, has_pictures: bool) -> dict[Change, Detail]:
        """Show in full what changes do to the first letters that have them.

        Args:
            groups: The changes.
            has_pictures: Whether to draw pages that differ.
        """
        return examples(
            groups,
            lambda case: self._comparer.details(case, has_pictures=has_pictures),
            self._limits,
        )

    @property
    def _comparer(self) -> Comparer:
        assert isinstance(self._here, Comparer)
        return self._here
