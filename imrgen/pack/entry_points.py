"""What installed packages add: modules named by entry points."""

from __future__ import annotations

import sys
from pathlib import Path


def modules(group: str) -> list[str]:
    """Give the modules that installed packages name for a group of entry points.

    Args:
        group: `imrgen.checks` or `imrgen.packs`.
    """
    wanted = f"[{group}]".encode()
    if not any(wanted in file.read_bytes() for file in _declarations()):
        # As nearly always: importing the library that reads entry points takes longer than making a
        # letter.
        return []
    from importlib.metadata import entry_points

    return [point.value for point in entry_points(group=group)]


def _declarations() -> list[Path]:
    folders = [Path(entry or ".") for entry in sys.path]
    return [
        file
        for folder in folders
        if folder.is_dir()
        for file in folder.glob("*-info/entry_points.txt")
    ]
