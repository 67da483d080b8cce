"""Which checks run: the pack's manifest, the project's settings and the command line decide.

A pack names the families whose checks its letters have to pass. Of these, a selection leaves some
out.

A check of another family runs only where `select` names it, and no check of the pack's families
begins so. A package whose checks nobody asks for is not even imported.
"""

import functools
from collections.abc import Iterable

from imrgen.checks.registry import Check, all_checks, built_in_checks, family_checks
from imrgen.diagnostics import UnknownNameError, codes, nearest
from imrgen.pack import CheckSelection


def choose(families: Iterable[str], selections: Iterable[CheckSelection]) -> tuple[Check, ...]:
    """Return the checks that several selections choose together.

    Args:
        families: The names of the families that the pack asks for.
        selections: In ascending order of precedence: the last `select` that is not empty counts,
            and every `ignore`. If none selects, all checks of the families are chosen.

    Raises:
        UnknownNameError: There is no such family, or no check has an id that a selection names, or
            that begins with it.
    """
    return _choose(tuple(families), tuple(selections))


@functools.lru_cache(maxsize=32)
def _choose(families: tuple[str, ...], selections: tuple[CheckSelection, ...]) -> tuple[Check, ...]:
    own = tuple(check for name in families for check in family_checks(name))
    select = next((each.select for each in reversed(selections) if each.select), ())
    ignore = tuple(name for each in selections for name in each.ignore)
    chosen = {check for name in select for check in _matching(name, own)} if select else {*own}
    left_out = {check for name in ignore for check in _matching(name, (*chosen, *own))}
    return tuple(sorted(chosen - left_out, key=lambda check: check.id))


def _matching(name: str, own: tuple[Check, ...]) -> list[Check]:
    """Return the checks whose ids begin with a name, looked for among the given ones first."""
    matching = _beginning(name, own)
    for more in (built_in_checks, all_checks):
        matching = matching or _beginning(name, more())
    if matching:
        return matching
    message = f"there is no check `{name}`"
    hints = (
        *nearest(name, [check.id for check in all_checks()]),
        "`imrgen explain` lists the checks",
    )
    raise UnknownNameError.of(codes.UNKNOWN_CHECK, message, *hints)


def _beginning(name: str, checks: Iterable[Check]) -> list[Check]:
    return [check for check in checks if check.id.startswith(name)]
