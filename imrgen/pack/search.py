"""Which packs there are, and where: the one place that knows which folders hold packs.

Packs are looked for in the caller's folders, then in the built-in one, then in those of installed
packages (entry points of the group `imrgen.packs`, each naming a module). A folder holds packs
where it has a manifest itself or a folder in it has one; any other of the caller's is an overlay,
whose files replace a pack's.
"""

import importlib.util
import itertools
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from imrgen.case import Source
from imrgen.diagnostics import UnknownNameError, codes
from imrgen.pack.contents import Templates, each_of, location
from imrgen.pack.files import Location, PackFile, Sources, entries, read_file, read_files, stamp
from imrgen.pack.manifest import MANIFEST, Manifest, read_manifest


class Found(msgspec.Struct, frozen=True):
    """A pack that was found, of which only the manifest has been read.

    Args:
        location: Where it was found.
        inner: The name of its folder in the location; empty for the location itself.
        file: The manifest's file.
        manifest: The manifest.
        source: The manifest's text and the place of each key.
    """

    location: Location
    inner: str
    file: PackFile
    manifest: Manifest
    source: Source


class Search:
    """The packs along the search path; manifests are read as far as they are needed.

    Args:
        templates: The caller's folders and what stands in for them.
        sources: Where the stamps of all that is looked at are noted.

    Raises:
        PackError: One of `templates` is not a folder.
        TypeError: One of them is nothing that holds files.
    """

    def __init__(self, templates: Templates | Iterable[Templates], sources: Sources) -> None:
        given = enumerate(each_of(templates), start=1)
        locations = [location(number, each, sources) for number, each in given]
        callers = [(location, _manifests(location, sources)) for location in locations]
        self.overlays = [location for location, manifests in callers if not manifests]
        self._first = next((files[""] for _, files in callers if "" in files), None)
        self._known: dict[str, Found] = {}
        others = ((folder, _manifests(folder, sources)) for folder in search_folders())
        self._unread = itertools.chain(callers, others)
        self._callers = len(callers)
        """How many of the caller's locations are to be read; -1 when the built-in one's turn is."""
        self._location: Location = {}
        self._waiting: dict[str, PackFile] = {}
        """The manifests in that location which have not been read, by the names of folders."""

    @property
    def default(self) -> str:
        """The name of the pack that is used where none is named."""
        return read_manifest(self._first)[0].name if self._first else "imr"

    @property
    def names(self) -> list[str]:
        """The names of all packs, sorted.

        Raises:
            PackError: A manifest is at fault.
        """
        self.find("")
        return sorted(self._known)

    def find(self, name: str) -> Found | None:
        """Find a pack by its name; the first of a name wins.

        Raises:
            PackError: A manifest before it is at fault.
        """
        while name not in self._known:
            while not self._waiting:
                unread = next(self._unread, None)
                if unread is None:
                    return None
                self._location, self._waiting = unread
                self._callers -= 1
            # Each built-in pack is in the folder of its name, so no other has to be read.
            is_there = self._callers == -1 and name in self._waiting
            inner = name if is_there else next(iter(self._waiting))
            file = self._waiting.pop(inner)
            found = Found(self._location, inner, file, *read_manifest(file))
            self._known.setdefault(found.manifest.name, found)
        return self._known[name]


def built_in() -> Path:
    """Return the folder of the built-in packs: in a wheel's package, or beside a checkout's."""
    package = Path(__file__).parent.parent
    return next(
        folder
        for folder in (package / "templates", package.parent / "templates")
        if (folder / "letter" / MANIFEST).is_file()
    )


def search_folders(templates: Iterable[Path] = ()) -> Iterator[Path]:
    """Yield the folders where packs are looked for: the caller's, the built-in, installed ones."""
    yield from templates
    yield built_in()
    from imrgen.pack.entry_points import entry_point_modules  # few packs are not built in

    for _, module in entry_point_modules("imrgen.packs"):
        yield from module_folders(module)


def pack_folders(folder: Path) -> list[Path]:
    """List the folders in which a manifest makes a pack: a folder itself, and those in it.

    Raises:
        PackError: The folder cannot be read.
    """
    inner = sorted(entry.name for entry in entries(folder) if entry.is_dir())
    return [folder, *(folder / name for name in inner)]


def pack_names(templates: Templates | Iterable[Templates] = ()) -> list[str]:
    """List the names of all packs along the search path.

    Args:
        templates: Folders, or what stands in for them, in front of the built-in packs: packs,
            folders of packs, or overlays.

    Raises:
        PackError: One of `templates` is not a folder, or a manifest is at fault.
    """
    return Search(templates, {}).names


def module_folders(module: str) -> list[Path]:
    """List the folders of an installed package, without importing it."""
    spec = importlib.util.find_spec(module) if module.isidentifier() else None
    return [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []


def _manifests(location: Location, sources: Sources) -> dict[str, PackFile]:
    """Read the manifests of the packs in a location: its own, and those of the folders in it."""
    if isinstance(location, Mapping):
        files = read_files(location, "", sources)
        parts = sorted(name.rpartition("/") for name in files if name.count("/") < 2)
        return {part[0]: files["".join(part)] for part in parts if part[2] == MANIFEST}
    if not location.is_dir():
        raise UnknownNameError.of(codes.TEMPLATES_NOT_A_FOLDER, f"{location} is not a folder")
    sources.setdefault(location, stamp(location))
    found = {}
    for folder in pack_folders(location):
        file = read_file(folder / MANIFEST, sources)
        if file is not None:
            found["" if folder == location else folder.name] = file
    return found
