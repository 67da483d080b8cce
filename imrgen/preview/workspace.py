"""What the preview may open: the case files it was given, and the packs. Nothing else has a name here.

A request names a case or a template by the id that the listing gave it, and an id is only ever
looked up in the listing. So no path is made of what a request says.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from imrgen.case import case_files, case_folders
from imrgen.diagnostics import Diagnostic, ImrgenError, NotFoundError, PackError, codes
from imrgen.pack import (
    MANIFEST,
    TemplatePack,
    load_pack,
    pack_folders,
    pack_names,
    search_folders,
    walk,
)

_TEXTS = (".html", ".css", ".txt", ".svg")
_MOST_CASES = 5000


class Workspace(msgspec.Struct, frozen=True):
    """What the preview was started with.

    Args:
        cases: Case files, and folders of them.
        templates: Folders in front of the built-in packs.
        pack: The pack that is opened first; `None` as in `imrgen.Renderer`.
        letter: The letter that is opened first.
    """

    cases: tuple[Path, ...]
    templates: tuple[Path, ...] = ()
    pack: str | None = None
    letter: str = "determination"

    def files(self) -> dict[str, Path]:
        """Map each case's id, which is its path as a user would write it, to the file."""
        found: dict[str, Path] = {}
        for place in self.cases:
            for path in [place] if not place.is_dir() else list(_within(place)):
                found.setdefault(path.as_posix(), path)
                if len(found) >= _MOST_CASES:
                    return found
        return found

    def case(self, id_: str) -> Path:
        """Give a case's file.

        Raises:
            NotFoundError: The workspace has no such case.
        """
        path = self.files().get(id_)
        if path is None:
            raise NotFoundError(
                [Diagnostic(codes.NOT_IN_PREVIEW, "there is no such case in the preview")]
            )
        return path

    def load(self, pack: str | None) -> TemplatePack:
        """Load a pack.

        Raises:
            PackError: There is none, or it is at fault.
        """
        return load_pack(pack or self.pack, self.templates)

    def listing(self) -> dict[str, Any]:
        """List the packs with their letters, the cases, and what is wrong with any of the packs."""
        packs: list[dict[str, Any]] = []
        faults: list[Diagnostic] = []
        try:
            names = pack_names(self.templates)
        except ImrgenError as error:
            faults += error.diagnostics
            names = pack_names()
        for name in names:
            try:
                pack = self.load(name)
                packs.append(
                    {"name": name, "title": pack.title, "letters": list(pack.merged("letters"))}
                )
            except ImrgenError as error:
                faults += error.diagnostics
                packs.append({"name": name, "title": name, "letters": []})
        try:
            first = self.load(None).name
        except ImrgenError:
            first = self.pack or "imr"
        return {
            "packs": packs,
            "cases": list(self.files()),
            "first": {"pack": first, "letter": self.letter},
            "faults": faults,
        }

    def sources(self, pack: TemplatePack) -> dict[str, Path]:
        """Map the names of a pack's files that are text, manifests included, to their places."""
        found = {
            name: Path(pack.require(name).place) for name in pack.files() if name.endswith(_TEXTS)
        }
        for layer in pack.layers:
            if layer.manifest:
                path = Path(layer.files[MANIFEST].place)
                found[f"{path.parent.name}/{MANIFEST}"] = path
        return found

    def file(self, name: str) -> Path:
        """Give a file of the cases or of the packs, those at fault included, by the name that a diagnostic gives it.

        Raises:
            NotFoundError: Neither a case nor a pack is or has such a file.
        """
        known = self.files()
        for folder in search_folders(self.templates):
            for path in _texts(folder):
                known.setdefault(str(path), path)
        if name not in known:
            raise NotFoundError(
                [Diagnostic(codes.NOT_IN_PREVIEW, "there is no such file in the preview")]
            )
        return known[name]

    def folders(self) -> Iterable[Path]:
        """Give the folders in which a new file would change the listing."""
        for place in self.cases:
            if place.is_dir():
                yield from case_folders(place)
            else:
                yield place.parent
        for folder in self.templates:
            yield from pack_folders(folder) if folder.is_dir() else [folder]


def _texts(root: Path) -> Iterator[Path]:
    """Find the files of packs that are text, as far as the folder can be walked."""
    with contextlib.suppress(PackError):
        for _, path in walk(root):
            if path.suffix in _TEXTS or path.name == MANIFEST:
                yield path


def _within(root: Path) -> Iterator[Path]:
    """Find the case files of a folder and those within; a link that leads out of it is left out."""
    for folder in case_folders(root):
        for path in case_files(folder).cases:
            if path.is_file() and path.resolve().is_relative_to(root.resolve()):
                yield path
