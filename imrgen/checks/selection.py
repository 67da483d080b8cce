"""Which checks run: by a pack's manifest, then the project's settings, then the command line.

`imrgen.toml`, or the table `[tool.imrgen]` of `pyproject.toml`, in the current folder or the
nearest one above:

    select = ["IMR3"]        # only these; ids, or what ids begin with
    ignore = ["IMR374"]      # not these
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

from imrgen.case import Source, decode, read
from imrgen.checks.registry import Check, all_checks
from imrgen.diagnostics import Diagnostic, SettingsError, UnknownNameError, codes, nearest
from imrgen.pack import CheckSelection


def choose(choices: Iterable[CheckSelection]) -> tuple[Check, ...]:
    """Choose checks.

    Args:
        choices: The choices in the order they were made: the last `select` that is given counts,
            and every `ignore`.

    Raises:
        UnknownNameError: An id, or a beginning of ids, that no check has.
    """
    return _chosen(tuple(choices))


@functools.lru_cache(maxsize=32)
def _chosen(choices: tuple[CheckSelection, ...]) -> tuple[Check, ...]:
    select: tuple[str, ...] = next(
        (choice.select for choice in reversed(choices) if choice.select), ("",)
    )
    ignore = tuple(name for choice in choices for name in choice.ignore)
    ids = [check.id for check in all_checks()]
    for name in (*select, *ignore):
        if not any(each.startswith(name) for each in ids):
            hints = (*nearest(name, ids), "`imrgen explain` lists the checks")
            raise UnknownNameError(
                [Diagnostic(codes.UNKNOWN_CHECK, f"there is no check `{name}`", hints=hints)]
            )
    return tuple(
        check
        for check in all_checks()
        if check.id.startswith(select) and not (ignore and check.id.startswith(ignore))
    )


def settings(folder: Path) -> CheckSelection:
    """Read the project's settings: the nearest `imrgen.toml` or `[tool.imrgen]`, from a folder upwards.

    Raises:
        SettingsError: The file is not valid TOML, or its values are not lists of text.
    """
    for above in (folder, *folder.parents):
        for name in ("imrgen.toml", "pyproject.toml"):
            path = above / name
            if path.is_file():
                source = read(path, SettingsError)
                table = (
                    source.data
                    if name == "imrgen.toml"
                    else source.data.get("tool", {}).get("imrgen")
                )
                if table is not None:
                    part = Source(source.name, source.text, source.kind, table)
                    return decode(part, CheckSelection, SettingsError)
    return CheckSelection()
