"""Examples of changes, shown in full."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from imrgen.batch.inputs import RawCase
from imrgen.batch.plan.changes import Change, Detail, Group
from imrgen.diagnostics import CaseError, LibraryError, LimitError, ReadError
from imrgen.workers import Limits, limited

_Detailed = Callable[[RawCase], Iterable[Detail]]


def examples(
    groups: Iterable[Group], detailed: _Detailed, limits: Limits | None
) -> dict[Change, Detail]:
    """Return an example of each change.

    Args:
        groups: The changes.
        detailed: Shows in full what becomes of a case.
        limits: What a case may take; `None` for the limits of a batch.

    Returns:
        An example for each change, of which nothing may be known: a case that has lost its letter
        has no words to show.
    """
    # Many changes have the same case as their first.
    wanted: dict[RawCase, list[Change]] = {}
    found: dict[Change, Detail] = {}
    for group in groups:
        found[group.change] = Detail(group.change)
        if group.example is not None:
            wanted.setdefault(group.example, []).append(group.change)
    for case, changes in wanted.items():
        try:
            with limited(limits or Limits()):
                known = {each.change: each for each in detailed(case)}
        except (CaseError, LibraryError, LimitError, ReadError):
            continue  # reported when it was compared
        found |= {change: known[change] for change in changes if change in known}
    return found
