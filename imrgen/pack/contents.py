"""Packs that are in no folder: mappings, zip files, and the resources of Python packages.

They are read whole at once, within the limits of a folder's files, and nothing is unpacked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Protocol

from imrgen.diagnostics import PackError, codes
from imrgen.pack.files import (
    MOST_BYTES,
    MOST_FILES,
    Location,
    PackFile,
    Sources,
    is_left_out,
    stamp,
)
from imrgen.workers import is_foreign


class Resource(Protocol):
    """A folder or a file that need not be on a disk, as `importlib.resources.files` returns it.

    `zipfile.Path` is one, too.
    """

    @property
    def name(self) -> str:
        """Its name in its folder."""

    def iterdir(self) -> Iterator[Any]:
        """Yield what is in the folder."""

    def is_dir(self) -> bool:
        """Return whether it is a folder."""

    def is_file(self) -> bool:
        """Return whether it is a file."""

    def open(self, mode: Any = "r", *arguments: Any, **options: Any) -> Any:
        """Open the file."""


Templates = str | PathLike[str] | Mapping[str, bytes] | Mapping[str, str] | Resource
"""What a caller puts in front of the built-in packs: a folder, a zip file, the contents of files by
name, or the folder that `importlib.resources.files` or `zipfile.Path` returns.
"""


def each_of(templates: Templates | Iterable[Templates]) -> tuple[Templates, ...]:
    """Return the folders, zip files, mappings and resources that a caller gave: one, or several.

    Raises:
        TypeError: One of them is something else.
    """
    given: Any = (templates,) if _is_one(templates) else templates
    if not isinstance(given, Iterable):
        raise TypeError("`templates` is a list: write templates=[…]")
    found: tuple[Templates, ...] = tuple(given)
    for each in found:
        if not _is_one(each):
            raise TypeError(
                "`templates` holds folders, zip files, mappings or resources of packages, not "
                f"{type(each).__name__}"
            )
    return found


def is_path(templates: Templates) -> bool:
    """Return whether it is the path of a folder or of a zip file."""
    return isinstance(templates, str | PathLike)


class _ReadResource(dict[str, bytes]):
    """What a resource holds by its names; messages still call it a resource."""


def portable(templates: Iterable[Templates]) -> tuple[Templates, ...]:
    """Return what a caller gave as it can be sent to another process.

    Args:
        templates: Paths and mappings, and resources, which are read.

    Raises:
        PackError: A resource holds too much.
        TypeError: A mapping holds something else than contents of files.
    """
    return tuple(_portable(number, each) for number, each in enumerate(templates, 1))


def _portable(number: int, templates: Templates) -> Templates:
    if isinstance(templates, str | PathLike):
        return templates
    if isinstance(templates, Mapping):
        return {name: _content(each) for name, each in templates.items()}
    files = _bounded(label(number, templates), _resources(templates, ""))
    return _ReadResource({name: file.content for name, file in files.items()})


def label(number: int, templates: Templates) -> str:
    """Return how messages name a mapping or a resource; of a path, the path.

    Args:
        number: Its number among the caller's, from 1: two mappings may hold files of one name.
        templates: The mapping, resource or path.
    """
    if isinstance(templates, str | PathLike):
        return str(Path(templates))
    is_mapping = isinstance(templates, Mapping) and not isinstance(templates, _ReadResource)
    kind = "mapping" if is_mapping else "resource"
    return f"<{kind} {number}>"


def location(number: int, templates: Templates, sources: Sources) -> Location:
    """Return where the packs of a caller's folder are; of anything else, its files.

    Args:
        number: Its number among the caller's, from 1.
        templates: The folder, or the other thing.
        sources: Where the stamp of a zip file is noted.

    Raises:
        PackError: It cannot be read, or holds too much.
    """
    place = label(number, templates)
    if isinstance(templates, Mapping):
        return _bounded(place, ((name, _content(each)) for name, each in templates.items()))
    if not isinstance(templates, str | PathLike):
        return _bounded(place, _resources(templates, ""))
    path = Path(templates)
    if not path.is_file():
        return path
    import zipfile  # few packs are zip files, and it takes milliseconds to load

    if not zipfile.is_zipfile(path):
        return path
    sources.setdefault(path, stamp(path))
    try:
        with zipfile.ZipFile(path) as archive:
            return _bounded(place, _resources(zipfile.Path(archive), ""))
    # NotImplementedError: another compression; RuntimeError: a password.
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as fault:
        if is_foreign(fault):
            raise
        message = f"{path} cannot be read ({type(fault).__name__})"
        raise PackError.of(codes.CASE_UNREADABLE, message) from None


def _is_one(templates: object) -> bool:
    return isinstance(templates, str | PathLike | Mapping) or hasattr(templates, "iterdir")


def _content(content: Any) -> bytes:
    if isinstance(content, str):
        return content.encode()
    if not isinstance(content, bytes | bytearray):
        raise TypeError(
            "a mapping of `templates` holds the contents of files, as bytes or text, not "
            f"{type(content).__name__}"
        )
    return bytes(content)


def _resources(folder: Resource, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if is_left_out(entry.name):
            continue
        if entry.is_dir():
            yield from _resources(entry, f"{prefix}{entry.name}/")
        elif entry.is_file():
            with entry.open("rb") as stream:
                yield prefix + entry.name, stream.read(MOST_BYTES + 1)


def _bounded(place: str, files: Iterable[tuple[str, bytes]]) -> dict[str, PackFile]:
    r"""Read files within the limits of a folder.

    The folders of a name are parted by `/`, also where a program of Windows has parted them by `\`.

    Raises:
        PackError: There are too many, or they are too large.
    """
    found: dict[str, PackFile] = {}
    size = 0
    for name, content in files:
        size += len(content)
        if len(found) == MOST_FILES or size > MOST_BYTES:
            message = f"{place} holds more than {MOST_FILES} files or {MOST_BYTES // 2**20} MiB"
            raise PackError.of(codes.TOO_LARGE, message)
        plain = name.replace("\\", "/")
        name = name if plain in found else plain
        found[name] = PackFile(f"{place}/{name}", content)
    return found
