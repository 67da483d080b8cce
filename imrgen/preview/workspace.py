"""What the preview may open: the case files that it was started with, and the packs.

A request names a case or a template by its id in the listing, and an id is only ever looked up
there. So no path is built from a request.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from imrgen.case import case_files, case_folders, printable
from imrgen.diagnostics import ImrgenError, NotFoundError, PackError, codes
from imrgen.pack import (
    MANIFEST,
    TemplatePack,
    load_pack,
    pack_folders,
    pack_names,
    search_folders,
    walk,
)
from imrgen.pipeline import Options

_TEXT_SUFFIXES = (".html", ".css", ".txt", ".svg")
_MAX_CASES = 5000


class Workspace(msgspec.Struct, frozen=True):
    """What the preview was started with.

    Args:
        cases: Case files, and folders of them.
        options: The options of every letter; the page opens this pack and letter first.
    """

    cases: tuple[Path, ...]
    options: Options = Options()

    def files(self) -> dict[str, Path]:
        """Return the case files by id, which is the path as a user would write it, in UTF-8."""
        files: dict[str, Path] = {}
        for place in self.cases:
            for path in _cases_within(place) if place.is_dir() else [place]:
                files.setdefault(printable(path.as_posix()), path)
                if len(files) >= _MAX_CASES:
                    return files
        return files

    def find_case(self, name: str) -> Path:
        """Return the file of a case, by its id.

        Raises:
            NotFoundError: The workspace has no such case.
        """
        path = self.files().get(name)
        if path is None:
            raise NotFoundError.of(
                codes.NOT_IN_PREVIEW,
                f"the preview has no case {name}",
                "it may have been renamed or removed; choose another one",
            )
        return path

    def load(self, pack: str | None) -> TemplatePack:
        """Load a pack; the one that the page opens first if none is named.

        Raises:
            PackError: The pack does not exist, or is not valid.
        """
        return load_pack(pack or self.options.pack, self.options.templates)

    def listing(self) -> dict[str, Any]:
        """Return the packs with their letters, and the cases.

        A pack that is not valid is listed without letters.
        """
        try:
            names = pack_names(self.options.templates)
        except ImrgenError:
            names = pack_names()
        first, letter = self.options.pack or "imr", self.options.letter
        with contextlib.suppress(ImrgenError):
            pack = self.load(None)
            first, letter = pack.name, letter or pack.first_letter
        return {
            "packs": [self._describe(name) for name in names],
            "cases": list(self.files()),
            "first": {"pack": first, "letter": letter},
        }

    def _describe(self, name: str) -> dict[str, Any]:
        try:
            pack = self.load(name)
            return {"name": name, "title": pack.title, "letters": list(pack.merged("letters"))}
        except ImrgenError:
            return {"name": name, "title": name, "letters": []}

    def sources(self, pack: TemplatePack) -> dict[str, Path]:
        """Return the text files of a pack by name, manifests included."""
        sources = {
            printable(name): Path(pack.require(name).place)
            for name in pack.files()
            if name.endswith(_TEXT_SUFFIXES)
        }
        for layer in pack.layers:
            if layer.manifest:
                path = Path(layer.files[MANIFEST].place)
                sources[f"{path.parent.name}/{MANIFEST}"] = path
        return sources

    def find_file(self, name: str) -> Path:
        """Return a file of the cases or the packs, by the name that diagnostics have for it.

        Packs that are not valid are included.

        Raises:
            NotFoundError: There is no such file among the cases and the packs.
        """
        files = self.files()
        for folder in search_folders(map(Path, self.options.templates)):
            for path in _texts_within(folder):
                files.setdefault(printable(str(path)), path)
        if name not in files:
            raise NotFoundError.of(codes.NOT_IN_PREVIEW, "there is no such file in the preview")
        return files[name]

    def find_place(self, file: str) -> tuple[str, str]:
        """Return the case of a file, if it is one, and the name that diagnostics have for it.

        Args:
            file: The file's path, by whatever links it leads there.

        Raises:
            NotFoundError: There is no such file among the cases and the packs.
        """
        wanted = os.path.realpath(file)
        for name, path in self.files().items():
            if os.path.realpath(path) == wanted:
                return name, str(path)
        for folder in search_folders(map(Path, self.options.templates)):
            for path in _texts_within(folder):
                if os.path.realpath(path) == wanted:
                    return "", printable(str(path))
        raise NotFoundError.of(codes.NOT_IN_PREVIEW, "there is no such file in the preview")

    def folders(self) -> Iterator[Path]:
        """Yield the folders in which a new file would change the listing."""
        for place in self.cases:
            if place.is_dir():
                yield from case_folders(place)
            else:
                yield place.parent
        for folder in map(Path, self.options.templates):
            yield from pack_folders(folder) if folder.is_dir() else [folder]


def _texts_within(root: Path) -> Iterator[Path]:
    """Yield the text files of the packs in a folder, as far as the folder can be read."""
    with contextlib.suppress(PackError):
        for _, path in walk(root):
            if path.suffix in _TEXT_SUFFIXES or path.name == MANIFEST:
                yield path


def _cases_within(root: Path) -> Iterator[Path]:
    """Yield the case files in a folder and below it, but none that a link leads to outside it."""
    for folder in case_folders(root):
        for path in case_files(folder).cases:
            if path.is_file() and path.resolve().is_relative_to(root.resolve()):
                yield path
