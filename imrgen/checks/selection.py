"""Which checks run: the pack's manifest, the project's settings and the command line decide.

The settings are in `imrgen.toml`, or in the table `[tool.imrgen]` of `pyproject.toml`, in the
current folder or the nearest one above:

    select = ["IMR3"]        # only these; ids, or the beginnings of ids
    ignore = ["IMR374"]      # not these

Where nothing is selected, the built-in checks run. A check of an installed package runs only where
`select` names it, since it may be about other letters; its package is not even imported otherwise.
"""

import functools
from collections.abc import Iterable
from pathlib import Path

from imrgen.case import Source, decode, read
from imrgen.checks.registry import BUILT_IN, Check, all_checks, built_in_checks
from imrgen.diagnostics import SettingsError, UnknownNameError, codes, nearest
from imrgen.pack import CheckSelection


def choose(selections: Iterable[CheckSelection]) -> tuple[Check, ...]:
    """Return the checks that several selections choose together.

    Args:
        selections: In ascending order of precedence: the last `select` that is not empty counts,
            and every `ignore`. If none selects, the built-in checks are chosen.

    Raises:
        UnknownNameError: No check has an id that a selection names, or that begins with it.
    """
    return _choose(tuple(selections))


@functools.lru_cache(maxsize=32)
def _choose(selections: tuple[CheckSelection, ...]) -> tuple[Check, ...]:
    select = next((each.select for each in reversed(selections) if each.select), (BUILT_IN,))
    ignore = tuple(name for each in selections for name in each.ignore)
    names = (*select, *ignore)
    is_built_in = all(name.startswith(BUILT_IN) for name in names)
    checks = built_in_checks() if is_built_in else all_checks()
    ids = [check.id for check in checks]
    for name in names:
        if not any(id_.startswith(name) for id_ in ids):
            message = f"there is no check `{name}`"
            hints = (*nearest(name, ids), "`imrgen explain` lists the checks")
            raise UnknownNameError.of(codes.UNKNOWN_CHECK, message, *hints)
    return tuple(
        check
        for check in checks
        if check.id.startswith(select) and not (ignore and check.id.startswith(ignore))
    )


def settings(folder: Path) -> tuple[CheckSelection, str]:
    """Read the project's settings from the nearest file, in a folder or one above it.

    Returns:
        The settings, and the file that they stand in; empty if there is none.

    Raises:
        SettingsError: The file is not valid TOML, or its values are not lists of strings.
    """
    for ancestor in (folder, *folder.parents):
        for name in ("imrgen.toml", "pyproject.toml"):
            path = ancestor / name
            if not path.is_file():
                continue
            source = read(path, SettingsError)
            table = source.data
            if name == "pyproject.toml":
                table = table.get("tool", {}).get("imrgen")
            if table is not None:
                part = Source(source.name, source.text, source.kind, table)
                return decode(part, CheckSelection, SettingsError), source.name
    return CheckSelection(), ""
