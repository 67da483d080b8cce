"""The modules that installed packages name by entry points."""

import os
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder


def entry_point_modules(group: str) -> list[tuple[str, str]]:
    """List the entry points of a group that installed packages have, each with its module.

    Args:
        group: `imrgen.checks` or `imrgen.packs`.
    """
    # Importing importlib.metadata takes 13 ms, a tenth of a letter's time, and nearly always it
    # finds nothing.
    if _are_in_folders() and not any(f"[{group}]".encode() in each for each in _declarations()):
        return []
    from importlib.metadata import entry_points

    return [(point.name, point.value) for point in entry_points(group=group)]


def _are_in_folders() -> bool:
    """Return whether all packages are in folders: not in zip files, or where other finders look."""
    others = (each for each in sys.meta_path if each is not PathFinder)
    return not (
        any(hasattr(finder, "find_distributions") for finder in others)
        or any(os.path.isfile(entry) for entry in sys.path)  # noqa: PTH113
    )


def _declarations() -> Iterator[bytes]:
    # Strings and os, not pathlib, which takes twice the time.
    for folder in filter(os.path.isdir, (entry or "." for entry in sys.path)):
        for name in os.listdir(folder):  # noqa: PTH208
            file = f"{folder}/{name}/entry_points.txt"
            if name.lower().endswith("-info") and os.path.isfile(file):  # noqa: PTH113
                with open(file, "rb") as stream:  # noqa: PTH123
                    yield stream.read()
