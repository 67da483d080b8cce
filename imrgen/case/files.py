"""Which files of a folder are cases.

A folder of cases also holds other TOML and JSON files: the JSON Schema that `imrgen schema` writes,
settings of imrgen and of other programs, the manifest of a batch, and what editors leave behind.
Every command that takes a folder asks here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from imrgen.diagnostics import Diagnostic, codes

SUFFIXES = (".toml", ".json")
"""What the name of a case file ends in, in small or capital letters."""

LINES_SUFFIX = ".jsonl"
"""What the name of a file with one case per line ends in."""

_OTHER_FILES = frozenset(
    {
        "imrgen.toml",
        "pack.toml",
        "manifest.jsonl",
        "schema.json",
        "cargo.toml",
        "composer.json",
        "package.json",
        "package-lock.json",
        "pyproject.toml",
        "tsconfig.json",
    }
)
_OTHER_FOLDERS = frozenset({"node_modules", "__pycache__"})
# Hidden files, the lock files of office programs (`~$case.toml`) and of Emacs.
_OTHER_BEGINNINGS = (".", "~", "#")


class CaseFiles(msgspec.Struct, frozen=True):
    """The files of a folder.

    Args:
        cases: The cases, in the order of their names.
        left_out: How many files are not cases; hidden files are not counted.
    """

    cases: list[Path]
    left_out: int


def case_files(folder: Path, suffixes: tuple[str, ...] = SUFFIXES) -> CaseFiles:
    """Find the cases in a folder itself, not in the folders within.

    A link that leads nowhere counts as a case, so that whoever reads it reports it.

    Args:
        folder: The folder.
        suffixes: What the names of cases end in.
    """
    with os.scandir(folder) as entries:
        names = sorted(
            entry.name for entry in entries if not entry.name.startswith(".") and _is_file(entry)
        )
    cases = [folder / name for name in names if _is_case(name.lower(), suffixes)]
    return CaseFiles(cases, len(names) - len(cases))


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a file, or a link that leads nowhere or in a circle."""
    # A named pipe or a device is none: reading it may never end. Methods of paths raise for a
    # circle.
    return (
        entry.is_file(follow_symlinks=False)
        or os.path.isfile(entry)  # noqa: PTH113
        or not os.path.exists(entry)  # noqa: PTH110
    )


def no_cases(folder: str | Path, suffixes: tuple[str, ...] = SUFFIXES) -> Diagnostic:
    """Return the diagnostic for a folder without cases."""
    return Diagnostic(
        codes.NO_INPUT,
        f"{folder} holds no case",
        hints=(f"a folder's cases end in {', '.join(suffixes)}",),
    )


def case_folders(root: Path) -> Iterator[Path]:
    """Yield a folder and the folders within that may hold cases.

    Hidden folders, template packs, folders of other programs, and links are left out.
    """
    yield root
    for path in sorted(root.iterdir()):
        if (
            path.is_dir()
            and not path.is_symlink()
            and not path.name.startswith(".")
            and path.name not in _OTHER_FOLDERS
            and not (path / "pack.toml").exists()
            and not (path / "pyvenv.cfg").exists()
        ):
            yield from case_folders(path)


def _is_case(name: str, suffixes: tuple[str, ...]) -> bool:
    return (
        name.endswith(suffixes)
        and not name.startswith(_OTHER_BEGINNINGS)
        and not name.endswith(".schema.json")
        and name not in _OTHER_FILES
    )
