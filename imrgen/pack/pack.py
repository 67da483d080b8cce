"""Template packs: folders of templates, CSS, images and a manifest that make letters.

A pack extends another and overrides only what differs: a file of the same name, a key of the
manifest. Packs are found along a search path of folders, the caller's first, then the built-in one,
then those of installed packages (entry points of the group `imrgen.packs`, each naming a module
whose folder holds packs). All enter by the same door.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from imrgen.case import CORE, NO_SOURCE, Case, Fault, Model, Source, report
from imrgen.diagnostics import CaseError, Diagnostic, PackError, UnknownNameError, codes, nearest
from imrgen.pack.entry_points import modules
from imrgen.pack.manifest import MANIFEST, Font, LetterSpec, Manifest, read_manifest, vet
from imrgen.pack.stamps import Stamp, stamp


def built_in() -> Path:
    """Give the folder of the built-in packs: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).parent.parent
    return next(
        f
        for f in (package / "templates", package.parent / "templates")
        if (f / "letter" / MANIFEST).is_file()
    )


class TemplatePack:
    """A pack with all that it extends.

    Args:
        folders: The pack's folder and those it extends, the nearest first; overlays before them.
        manifests: The folders' manifests; `None` for an overlay, which has none.
    """

    model: Model[Case] = CORE
    """The fields of the cases that the pack's letters are made of."""

    def __init__(
        self, folders: Iterable[Path], manifests: Iterable[tuple[Manifest, Source] | None]
    ) -> None:
        self.folders = tuple(folders)
        self._manifests = tuple(manifests)
        self._own = next(manifest for manifest in self._manifests if manifest)[0]
        self.name, self.title, self.version = self._own.name, self._own.title, self._own.version
        self.sought: dict[Path, Stamp | None] = {}
        """Every file that was asked for, as it stood just before it was read, and those that would
        have gone before it had they been there. Only the manifests, which are read before a pack is
        made, are not among them."""

    @functools.cached_property
    def lineage(self) -> tuple[Manifest, ...]:
        """The pack's manifest and those it extends, the nearest first."""
        return tuple(manifest for manifest, _ in filter(None, self._manifests))

    def merged(self, table: str) -> dict[str, Any]:
        """Give a table of the manifest with what is inherited: such as `letters` or `notices`."""
        merged: dict[str, Any] = {}
        for manifest in reversed(self.lineage):
            merged.update(getattr(manifest, table))
        return merged

    @property
    def fonts(self) -> tuple[Font, ...]:
        """The faces, inherited ones first."""
        return tuple(font for manifest in reversed(self.lineage) for font in manifest.fonts)

    @property
    def styles(self) -> tuple[str, ...]:
        """The names of the CSS files, inherited ones first."""
        return tuple(
            dict.fromkeys(name for manifest in reversed(self.lineage) for name in manifest.styles)
        )

    def letter(self, name: str) -> LetterSpec:
        """Give a letter.

        Raises:
            UnknownNameError: The pack makes no such letter.
        """
        letters = self.merged("letters")
        if name in letters:
            spec: LetterSpec = letters[name]
            return spec
        known = ", ".join(letters) or "none"
        hints = nearest(name, letters) or (f"its letters are: {known}",)
        raise UnknownNameError(
            [
                Diagnostic(
                    codes.UNKNOWN_LETTER, f"pack `{self.name}` has no letter `{name}`", hints=hints
                )
            ]
        )

    def find(self, name: str) -> Path | None:
        """Find a file by its name in the pack, in the nearest folder that has it.

        Args:
            name: `blocks/issue.html`; `imr:blocks/issue.html` looks in the pack `imr` and what that
                extends.
        """
        folders = self.folders
        ancestor, colon, rest = name.partition(":")
        if colon:
            number = next(
                (n for n, m in enumerate(self._manifests) if m and m[0].name == ancestor), None
            )
            if number is None:
                return None
            folders, name = folders[number:], rest
        for folder in folders:
            path = folder / name
            self.sought.setdefault(path, stamp(path))
            # Nothing outside the pack's own folder is the pack's, whatever a name or a link says.
            if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return path
        return None

    def read(self, name: str) -> bytes:
        """Read a file of the pack, or of an installed package where the name is `module:file`.

        Raises:
            PackError: There is none.
        """
        path = self.find(name) or _packaged(name)
        if path is None:
            hints = nearest(name, self.files())
            raise PackError(
                [
                    Diagnostic(
                        codes.PACK_FILE_MISSING,
                        f"pack `{self.name}` has no file `{name}`",
                        hints=hints,
                    )
                ]
            )
        self.sought.setdefault(path, stamp(path))
        return path.read_bytes()

    def files(self) -> list[str]:
        """List the names of the pack's files, inherited ones included."""
        found = {
            path.relative_to(folder).as_posix()
            for folder in self.folders
            for path in folder.rglob("*")
            if path.is_file() and path.name != MANIFEST and not path.name.startswith(".")
        }
        return sorted(found)

    def digest(self) -> str:
        """Give the SHA-256 of all that the pack's letters are made of: manifests, templates, CSS, images, fonts."""
        total = hashlib.sha256()
        for source in (manifest[1] for manifest in self._manifests if manifest):
            total.update(source.digest.encode())
        for name in (*self.files(), *(font.file for font in self.fonts)):
            total.update(f"\0{name}\0".encode() + hashlib.sha256(self.read(name)).digest())
        return total.hexdigest()

    def vet(self) -> None:
        """Make sure that the pack's letters require only what a case can have.

        Raises:
            PackError: With every field that no case has.
        """
        for manifest, source in filter(None, self._manifests):
            vet(manifest, source, self.model)

    def admit(self, case: Case, letter: str) -> None:
        """Make sure that a case has what a letter requires and asks for no notice that the pack lacks.

        Raises:
            CaseError: With every field that is missing.
            PackError: The letter requires a field that no case has.
        """
        absent = (
            path
            for pattern in self.letter(letter).requires
            for path in self.model.missing(case, pattern)
        )
        faults = [
            Fault(
                codes.REQUIRED_BY_LETTER,
                f"the letter `{letter}` of pack `{self.name}` requires this field",
                path,
                (f"add `{path[-1]}`",) if isinstance(path[-1], str) else (),
            )
            for path in dict.fromkeys(absent)
        ]
        if faults:
            # A field that no case can have is the manifest's fault. It is looked for only now: it
            # takes 10 ms.
            self.vet()
        notices = self.merged("notices")
        for number, issue in enumerate(case.issues):
            for place, notice in enumerate(issue.notices):
                if notice not in notices:
                    hints = (f"its notices are: {', '.join(notices) or 'none'}",)
                    message = f"pack `{self.name}` has no notice of this name"
                    faults.append(
                        Fault(
                            codes.UNKNOWN_NOTICE,
                            message,
                            ("issues", number, "notices", place),
                            hints,
                        )
                    )
        if faults:
            raise report(case.source or NO_SOURCE, faults, CaseError)


def _packaged(name: str) -> Path | None:
    module, colon, file = name.partition(":")
    for folder in _module_folders(module) if colon else ():
        if (folder / file).is_file():
            return folder / file
    return None


def _module_folders(module: str) -> list[Path]:
    import importlib.util

    spec = importlib.util.find_spec(module) if module.isidentifier() else None
    return [Path(folder) for folder in (spec.submodule_search_locations or ())] if spec else []


def search_path(templates: Iterable[str | Path] = ()) -> dict[str, Path]:
    """Map the names of all packs to their folders; the first of a name wins.

    Args:
        templates: Folders to look in first: packs, folders of packs, or overlays (which hold no
            pack).

    Raises:
        PackError: A folder is none, or a manifest is at fault.
    """
    found: dict[str, Path] = {}
    for folder in [*map(Path, templates), built_in(), *_installed()]:
        if not folder.is_dir():
            raise UnknownNameError(
                [Diagnostic(codes.TEMPLATES_NOT_A_FOLDER, f"{folder} is no folder")]
            )
        for inner in [folder, *sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))]:
            if (inner / MANIFEST).is_file():
                found.setdefault(read_manifest(inner)[0].name, inner)
    return found


def _installed() -> Iterator[Path]:
    for module in modules("imrgen.packs"):
        yield from _module_folders(module)


def load_pack(name: str | None = None, templates: Iterable[str | Path] = ()) -> TemplatePack:
    """Load a pack.

    Args:
        name: The pack's name; `None` for the pack that stands in the first of `templates`, else
            `imr`.
        templates: Folders to look in first. One without a pack is an overlay: its files replace the
            pack's.

    Raises:
        PackError: No such pack, a cycle, a manifest at fault, an overlay that replaces nothing.
    """
    given = [Path(folder) for folder in templates]
    if name is None:
        own = next((folder for folder in given if (folder / MANIFEST).is_file()), None)
        name = read_manifest(own)[0].name if own else "imr"
    # Finding packs means reading every manifest there is.
    known = functools.cache(lambda: search_path(given))
    folders: list[Path] = []
    manifests: list[tuple[Manifest, Source] | None] = []
    wanted: str | None = name
    while wanted is not None:
        built = (
            None
            if given
            else next((each for each in built_in().iterdir() if each.name == wanted), None)
        )
        folder = built or known().get(wanted)
        if folder is None:
            raise _unknown(wanted, known(), manifests)
        if folder in folders:
            chain = " extends ".join([*(m[0].name for m in manifests if m), wanted])
            raise PackError(
                [
                    Diagnostic(
                        codes.PACKS_IN_A_CIRCLE, f"packs extend each other in a circle: {chain}"
                    )
                ]
            )
        folders.append(folder)
        manifest = read_manifest(folder)
        manifests.append(manifest)
        wanted = manifest[0].extends
    pack = TemplatePack(folders, manifests)
    overlays = [folder for folder in given if not _holds_packs(folder)]
    for overlay in overlays:
        _refuse_idle(overlay, pack)
    return (
        TemplatePack([*overlays, *folders], [*(None for _ in overlays), *manifests])
        if overlays
        else pack
    )


def _holds_packs(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() or any(folder.glob(f"*/{MANIFEST}"))


def _unknown(
    name: str, known: Mapping[str, Path], below: list[tuple[Manifest, Source] | None]
) -> PackError:
    hints = nearest(name, known) or (f"the packs are: {', '.join(sorted(known))}",)
    message = f"there is no pack `{name}`"
    if below and below[-1]:
        return PackError(
            [below[-1][1].diagnose(Fault(codes.UNKNOWN_PACK, message, ("extends",), hints))]
        )
    return UnknownNameError([Diagnostic(codes.UNKNOWN_PACK, message, hints=hints)])


def _refuse_idle(overlay: Path, pack: TemplatePack) -> None:
    if not overlay.is_dir():
        raise UnknownNameError(
            [Diagnostic(codes.TEMPLATES_NOT_A_FOLDER, f"{overlay} is no folder")]
        )
    own = [
        path.relative_to(overlay).as_posix()
        for path in sorted(overlay.rglob("*"))
        if path.is_file()
    ]
    if not any(pack.find(name) for name in own):
        message = f"nothing in {overlay} replaces a file of pack `{pack.name}`"
        hints = nearest(own[0], pack.files()) if own else ()
        raise PackError(
            [
                Diagnostic(
                    codes.OVERLAY_UNUSED,
                    message,
                    hints=(*hints, f"its files are: {', '.join(pack.files())}"),
                )
            ]
        )
