"""The files of packs: read whole and within limits, from folders or from mappings.

Every file below a pack's folder is part of the pack: templates reach it, and the pack's digest
covers it. Left out are names that begin with a dot, `node_modules` and `__pycache__`: what tools
leave beside a pack, often thousands of files that no letter needs. Nothing reaches those. A link
may lead to another place in the folder; one that leads elsewhere is refused.
"""

from __future__ import annotations

import os
import stat
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from imrgen.case import decode_text
from imrgen.diagnostics import Diagnostic, PackError, codes
from imrgen.workers import is_foreign

MOST_FILES = 2000
MOST_BYTES = 128 * 2**20
"""What one folder of a pack may hold: built-in packs have 20 files, four Chinese fonts 70 MB."""

LEFT_OUT = (
    "names that begin with a dot, `node_modules` and `__pycache__` are not part of a pack; "
    "keep only templates, styles, images and fonts in its folder"
)

Stamp = tuple[int, int, int]
"""What changes when a file does: its inode, size and time of change in nanoseconds.

For a folder: its inode, and the number and a checksum of the names in it.
"""

Sources = dict[Path, Stamp | None]
"""The stamps of the files and folders that were looked at; `None` where there was none."""


class PackFile(msgspec.Struct, frozen=True):
    """A file of a pack.

    Args:
        place: Where it was read, as messages name it.
        content: All of it.
    """

    place: str
    content: bytes

    @property
    def text(self) -> str:
        """The content as text.

        Raises:
            PackError: It is not UTF-8.
        """
        return decode_text(self.content, self.place, PackError)


Location = Path | Mapping[str, PackFile]
"""Where packs are read from: a folder, or files that are there already."""


def is_left_out(name: str) -> bool:
    """Return whether a file or folder of this name is never part of a pack."""
    return name.startswith(".") or name in ("node_modules", "__pycache__")


def stamp(path: Path) -> Stamp | None:
    """Return the stamp of a file or folder; `None` where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - half the time of Path.stat
        if not stat.S_ISDIR(found.st_mode):
            return found.st_ino, found.st_size, found.st_mtime_ns
        names = sorted(name for name in os.listdir(path) if not is_left_out(name))  # noqa: PTH208
    except (OSError, ValueError) as fault:
        if is_foreign(fault):
            raise
        return None
    # Not the time: it is too coarse to tell two new files apart, and changes with an editor's own
    # files.
    return found.st_ino, len(names), zlib.crc32("/".join(names).encode("utf-8", "surrogateescape"))


def entries(folder: Path) -> list[os.DirEntry[str]]:
    """List what is in a folder and not left out.

    Raises:
        PackError: The folder cannot be read.
    """
    try:
        with os.scandir(folder) as found:
            return [entry for entry in found if not is_left_out(entry.name)]
    except OSError as fault:
        raise _unreadable(folder, fault) from None


def walk(folder: Path, sources: Sources | None = None) -> Iterator[tuple[str, Path]]:
    """Yield the files that belong to a pack in a folder, by their names below the folder.

    Args:
        folder: The folder.
        sources: Where the stamps of the folders are noted before they are listed.

    Raises:
        PackError: There are too many files, or a folder cannot be read; at the end, with every link
            that leads elsewhere.
    """
    sources = {} if sources is None else sources
    root = os.path.realpath(folder)
    pending = [("", folder)]
    elsewhere: list[Diagnostic] = []
    count = 0
    while pending:
        prefix, here = pending.pop()
        sources.setdefault(here, stamp(here))
        for entry in entries(here):
            path = here / entry.name
            if entry.is_symlink():
                sources.setdefault(path, stamp(path))
                if not path.exists() or not path.resolve().is_relative_to(root):
                    elsewhere.append(_link_elsewhere(path))
                    continue
            if entry.is_dir():
                pending.append((f"{prefix}{entry.name}/", path))
            elif entry.is_file():
                count += 1
                if count > MOST_FILES:
                    raise _too_large(f"{folder} holds more than {MOST_FILES} files")
                yield prefix + entry.name, path
    if elsewhere:
        raise PackError(elsewhere)


def read_file(path: Path, sources: Sources) -> PackFile | None:
    """Read a file whole; `None` where there is none.

    Args:
        path: The file.
        sources: Where its stamp is noted before it is read.

    Raises:
        PackError: It cannot be read, or is too large.
    """
    sources.setdefault(path, stamp(path))
    if not path.is_file():
        return None
    try:
        with path.open("rb") as stream:
            # Not read(MOST_BYTES + 1), which reserves that much memory for every file.
            if os.fstat(stream.fileno()).st_size > MOST_BYTES:
                raise _too_large(f"{path} is larger than {MOST_BYTES // 2**20} MiB")
            return PackFile(str(path), stream.read())
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise _unreadable(path, fault) from None


def read_files(location: Location, inner: str, sources: Sources) -> dict[str, PackFile]:
    """Read all files of a folder by their names below it, letters with accents being whole.

    Args:
        location: Where the folder is.
        inner: The folder's name in the location; empty for the location itself.
        sources: Where the stamps of files and folders are noted before they are read.

    Raises:
        PackError: The folder holds too much, something cannot be read, or a link leads elsewhere.
    """
    if isinstance(location, Mapping):
        prefix = f"{inner}/" if inner else ""
        return _composed(
            {
                name.removeprefix(prefix): file
                for name, file in location.items()
                if name.startswith(prefix) and not any(map(is_left_out, name.split("/")))
            }
        )
    folder = location / inner
    found: dict[str, PackFile] = {}
    size = 0
    for name, path in walk(folder, sources):
        file = read_file(path, sources)
        if file is not None:
            found[name] = file
            size += len(file.content)
        if size > MOST_BYTES:
            raise _too_large(f"{folder} holds more than {MOST_BYTES // 2**20} MiB")
    return _composed(found)


def find_file(folders: Iterable[Mapping[str, PackFile]], name: str) -> PackFile | None:
    """Return the file of a name in the first folder that has it; see `read_files`."""
    names = dict.fromkeys((name, _whole(name)))
    return next((files[each] for files in folders for each in names if each in files), None)


def _whole(name: str) -> str:
    """Return a name with whole letters, as it is typed: macOS may part them from their accents."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def _composed(files: dict[str, PackFile]) -> dict[str, PackFile]:
    """Name files with whole letters; of two whose names differ in that alone, each keeps its."""
    for name in [name for name in files if not name.isascii()]:
        if _whole(name) not in files:
            files[_whole(name)] = files.pop(name)
    return files


def _link_elsewhere(path: Path) -> Diagnostic:
    message = f"{path} is a link that leads out of its pack's folder, or nowhere"
    hint = "put the file itself in its place"
    return Diagnostic(codes.PACK_FILE_MISSING, message, hints=(hint,))


def _too_large(message: str) -> PackError:
    return PackError.of(codes.TOO_LARGE, message, LEFT_OUT)


def _unreadable(path: Path, fault: OSError) -> PackError:
    if is_foreign(fault):
        raise fault
    return PackError.of(codes.CASE_UNREADABLE, f"{path} cannot be read ({type(fault).__name__})")
