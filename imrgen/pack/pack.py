"""A template pack: the templates, styles, images, fonts and manifest that make letters.

A pack extends another and overrides only what differs: a file of the same name, a key of the
manifest. It is a value: all that a letter can use was read, validated and is in the digest, and
nothing is read later.
"""

from __future__ import annotations

import functools
import hashlib
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from imrgen.case import NO_SOURCE, Case, Fault, Model
from imrgen.diagnostics import CaseError, PackError, UnknownNameError, codes, nearest
from imrgen.diagnostics import Path as DataPath
from imrgen.pack.contents import Templates
from imrgen.pack.fields import case_model, field_faults, merge_outcomes
from imrgen.pack.files import (
    LEFT_OUT,
    Location,
    PackFile,
    Sources,
    find_file,
    is_left_out,
    read_file,
    read_files,
)
from imrgen.pack.manifest import (
    ALL_LETTERS,
    DEFAULT_ENGINE,
    MANIFEST,
    Deadlines,
    EngineName,
    Font,
    LetterSpec,
    Manifest,
    Organization,
    Outcome,
    PackChecks,
)
from imrgen.pack.organization import (
    merge_organization,
    organization_faults,
    overridable_faults,
    override_faults,
    split,
)
from imrgen.pack.search import Found, Search, built_in, module_folders

_FONT_SIGNATURES = (b"\0\1\0\0", b"OTTO", b"true", b"ttcf", b"wOFF", b"wOF2")
"""How the formats of fonts begin (ISO/IEC 14496-22, WOFF)."""


class Layer(msgspec.Struct, frozen=True):
    """One folder of a pack: its own, one of a pack that it extends, or an overlay.

    Args:
        files: The files by their names below the folder.
        manifest: `None` for an overlay.
    """

    files: Mapping[str, PackFile]
    manifest: Manifest | None = None


class TemplatePack(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A pack with all that it extends; made by `load_pack`. Two with the same digest are equal.

    Args:
        layers: Overlays, the pack itself, and those it extends, the nearest first.
        packaged: The fonts of installed Python packages, by the names that manifests give them.
        sources: The stamps of all that was looked at when the pack was loaded, folders included:
            where none has changed, loading it again gives the same pack.
        overrides: The texts that replace those of the manifests, by key: `words.ombudsman_phone`.
    """

    layers: tuple[Layer, ...]
    packaged: Mapping[str, PackFile] = {}
    sources: Mapping[Path, tuple[int, int, int] | None] = {}
    overrides: Mapping[str, str] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.version}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TemplatePack) and self.digest() == other.digest()

    def __hash__(self) -> int:
        return hash(self.digest())

    @property
    def name(self) -> str:
        """What the pack is called."""
        return self.lineage[0].name

    @property
    def title(self) -> str:
        """One line for the list of packs."""
        return self.lineage[0].title

    @property
    def version(self) -> str:
        """The pack's own version."""
        return self.lineage[0].version

    @property
    def language(self) -> str:
        """The language of the letters, as a BCP 47 tag."""
        return next((manifest.language for manifest in self.lineage if manifest.language), "en-US")

    @functools.cached_property
    def lineage(self) -> tuple[Manifest, ...]:
        """The pack's manifest and those it extends, the nearest first."""
        return tuple(layer.manifest for layer in self.layers if layer.manifest)

    @functools.cached_property
    def model(self) -> Model[Case]:
        """The fields of the cases that the pack's letters are made of."""
        return case_model(self.lineage)

    def merged(self, table: str) -> dict[str, Any]:
        """Merge a table of the manifest, such as `letters` or `notices`, with what is inherited."""
        merged: dict[str, Any] = {}
        for manifest in reversed(self.lineage):
            merged.update(getattr(manifest, table))
        return merged

    @functools.cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        """What can be decided on a disputed item, by name."""
        return merge_outcomes(self.lineage)

    @functools.cached_property
    def checks(self) -> PackChecks:
        """The families of its letters' checks and their parameters, inherited ones included."""
        stated = [manifest.checks for manifest in self.lineage]
        return PackChecks(
            families=next((each.families for each in stated if each.families), ("general",)),
            order=next((each.order for each in stated if each.order), ()),
            deadlines=Deadlines(
                standard=next(filter(None, (each.deadlines.standard for each in stated)), None),
                expedited=next(filter(None, (each.deadlines.expedited for each in stated)), None),
            ),
        )

    @property
    def engine(self) -> EngineName:
        """What sets its PDFs where a caller chooses nothing else."""
        stated = (manifest.pdf.engine for manifest in self.lineage)
        return next(filter(None, stated), DEFAULT_ENGINE)

    @functools.cached_property
    def organization(self) -> Organization | None:
        """Whose letters these are; `None` if neither the pack nor one that it extends says so."""
        return merge_organization(self.lineage, split(self.overrides, "organization"))

    @functools.cached_property
    def words(self) -> Mapping[str, str]:
        """The pack's own texts by name, inherited ones included."""
        return self.merged("words") | split(self.overrides, "words")

    @property
    def overridable(self) -> tuple[str, ...]:
        """The keys of `organization` and `words` that a caller may override."""
        stated = (manifest.overridable for manifest in self.lineage)
        return next((keys for keys in stated if keys is not None), ())

    def override(self, overrides: Mapping[str, str]) -> TemplatePack:
        """Return a pack in which other texts replace those of the manifests.

        Args:
            overrides: The texts by key, such as `words.ombudsman_phone`.

        Raises:
            UnknownNameError: With every key that the pack does not allow to be overridden, and
                every text that cannot stand in its place.
            PackError: The logo is not a file of the pack.
        """
        if not overrides:
            return self
        faults = list(override_faults(overrides, self.overridable, self.name))
        if faults:
            raise UnknownNameError(faults)
        pack = msgspec.structs.replace(self, overrides={**self.overrides, **overrides})
        if pack.organization is not None and pack.organization.logo is not None:
            pack.require(pack.organization.logo)
        return pack

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
        """Return the specification of a letter.

        Raises:
            UnknownNameError: The pack makes no such letter.
        """
        letters = self.merged("letters")
        spec: LetterSpec | None = letters.get(name)
        if spec is not None:
            return spec
        hints = nearest(name, letters) or (f"its letters are: {', '.join(letters) or 'none'}",)
        raise UnknownNameError.of(
            codes.UNKNOWN_LETTER,
            f"pack `{self.name}` has no letter `{name}`"
            if name
            else f"pack `{self.name}` makes no letter",
            *hints,
        )

    def parts(self, name: str) -> tuple[str, ...]:
        """Return the names of the letters that a packet consists of; of a letter, its own."""
        return self.letter(name).letters or (name,)

    def templates(self, name: str) -> tuple[str, ...]:
        """Return the templates of a letter; of a packet, that of its frame and of each part."""
        return tuple(self.letter(each).file for each in dict.fromkeys((name, *self.parts(name))))

    def requires(self, name: str) -> tuple[str, ...]:
        """Return the fields of a case that a letter needs, those of a packet's parts included."""
        specs = map(self.letter, dict.fromkeys((name, *self.parts(name))))
        return tuple(dict.fromkeys(pattern for spec in specs for pattern in spec.requires))

    def is_per_recipient(self, name: str) -> bool:
        """Return whether a letter, or a part of a packet, is made once for each recipient."""
        return any(self.letter(each).per is not None for each in (name, *self.parts(name)))

    @property
    def first_letter(self) -> str:
        """The name of the letter that is made where none is named; empty if the pack makes none."""
        return next(iter(self.merged("letters")), "")

    def letter_names(self, asked: Iterable[str]) -> tuple[str, ...]:
        """Return the names of the letters that are asked for, each once.

        Args:
            asked: Their names; `all` stands for every letter of the pack, and an empty name for the
                first.

        Raises:
            UnknownNameError: The pack makes no such letter, or none at all.
        """
        letters = self.merged("letters")
        names: dict[str, None] = {}
        for name in asked:
            is_all = name == ALL_LETTERS and letters
            names |= dict.fromkeys(letters if is_all else (name or self.first_letter,))
        for name in names:
            self.letter(name)
        return tuple(names)

    def file(self, name: str) -> PackFile | None:
        """Look up a file by its name, in the nearest layer that has it.

        Args:
            name: `blocks/issue.html`; `imr:blocks/issue.html` looks in the pack `imr` and what that
                extends; `module:file` is a font of a Python package that a manifest names.
        """
        layers = self.layers
        ancestor, colon, rest = name.partition(":")
        if colon:
            names = [layer.manifest and layer.manifest.name for layer in layers]
            if ancestor not in names:
                return self.packaged.get(name)
            layers, name = layers[names.index(ancestor) :], rest
        return find_file((layer.files for layer in layers), posixpath.normpath(name))

    def require(self, name: str) -> PackFile:
        """Look up a file that must be there.

        Raises:
            PackError: There is none.
        """
        file = self.file(name)
        if file is None:
            raise PackError.of(
                codes.PACK_FILE_MISSING,
                f"pack `{self.name}` has no file `{name}`",
                *self.hints(name),
            )
        return file

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Raises:
            PackError: There is none.
        """
        return self.require(name).content

    def hints(self, name: str) -> tuple[str, ...]:
        """Suggest what could be meant by the name of a file that the pack does not have."""
        if any(is_left_out(part) for part in posixpath.normpath(name).split("/") if part != ".."):
            return (LEFT_OUT,)
        return nearest(name, self.files())

    def files(self) -> list[str]:
        """List the names of the pack's files but its manifest's, inherited ones included."""
        return sorted({name for layer in self.layers for name in layer.files} - {MANIFEST})

    def template_files(self) -> list[str]:
        """List the names of its files that are templates, inherited ones included."""
        return [name for name in self.files() if name.endswith(".html")]

    @property
    def is_built_in(self) -> bool:
        """Whether all of its files came with imrgen, and none is for its users to change."""
        return all(Path(place).is_relative_to(built_in()) for place in self._places)

    def at(self, place: str) -> PackFile | None:
        """Look up a file by the place where it was read."""
        return self._places.get(place)

    @functools.cached_property
    def _places(self) -> dict[str, PackFile]:
        return {file.place: file for layer in self.layers for file in layer.files.values()}

    @functools.cached_property
    def inherited_places(self) -> frozenset[str]:
        """The places of the files that come from the packs that it extends."""
        number = next(number for number, layer in enumerate(self.layers) if layer.manifest)
        own, inherited = (
            frozenset(file.place for layer in layers for file in layer.files.values())
            for layers in (self.layers[: number + 1], self.layers[number + 1 :])
        )
        return inherited - own

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files on the disk of which the pack was made, manifests and fonts included."""
        places = (*self._places, *(file.place for file in self.packaged.values()))
        return tuple(path for path in map(Path, dict.fromkeys(places)) if path in self.sources)

    def digest(self) -> str:
        """Return the SHA-256 of all that a letter can be made of, each file under its name."""
        return self._digest

    @functools.cached_property
    def _digest(self) -> str:
        total = hashlib.sha256()
        for files in (*(layer.files for layer in self.layers), self.packaged):
            total.update(b"%d\0" % len(files))
            for name, file in sorted(files.items()):
                encoded = name.encode("utf-8", "surrogateescape")
                total.update(b"%s\0%d\0" % (encoded, len(file.content)))
                total.update(file.content)
        if self.overrides:
            total.update(msgspec.json.encode(dict(sorted(self.overrides.items()))))
        return total.hexdigest()

    def admit(self, case: Case, letter: str, recipient: int | None = None) -> None:
        """Refuse a case that lacks a field that a letter requires, or names an unknown notice.

        Args:
            case: The case.
            letter: The letter's name.
            recipient: The number of the recipient that it is made for; 0 for any, `None` if it is
                made for none in particular.

        Raises:
            CaseError: With every field that is missing.
        """
        absent = (
            path for pattern in self.requires(letter) for path in self.model.missing(case, pattern)
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
        count = len(case.recipients)
        if recipient is not None and count < max(1, recipient):
            who = f"recipient {recipient}" if recipient else "each recipient"
            message = f"the letter `{letter}` of pack `{self.name}` is made for {who}"
            faults.append(
                Fault(
                    codes.REQUIRED_BY_LETTER,
                    f"{message}, and the case has {count or 'none'}",
                    ("recipients",),
                    ("add a table `[[recipients]]` for each",),
                )
            )
        notices = self.merged("notices")
        faults += [
            Fault(
                codes.UNKNOWN_NOTICE,
                f"pack `{self.name}` has no notice of this name",
                ("issues", number, "notices", position),
                (f"its notices are: {', '.join(notices) or 'none'}",),
            )
            for number, issue in enumerate(case.issues)
            for position, notice in enumerate(issue.notices)
            if notice not in notices
        ]
        if faults:
            raise (case.source or NO_SOURCE).error(faults, CaseError)


def load_pack(
    name: str | None = None,
    templates: Templates | Iterable[Templates] = (),
    *,
    sources: Sources | None = None,
) -> TemplatePack:
    """Load a pack: read all of it, and validate it.

    Args:
        name: The pack's name; `None` for the pack that stands in the first of `templates`, else
            `imr`.
        templates: Where to look first, one or several: a folder, a zip file, a mapping of names to
            contents, or a folder that `importlib.resources.files` or `zipfile.Path` returns. One
            without a pack is an overlay: its files replace the pack's.
        sources: Filled with the stamps of all that is looked at, also where loading fails.

    Raises:
        PackError: No such pack, packs that extend each other in a circle, a manifest at fault, a
            file that is missing, unreadable or not UTF-8, an overlay that replaces nothing.
        TypeError: One of `templates` is nothing that holds files.
    """
    sources = {} if sources is None else sources
    search = Search(templates, sources)
    wanted: str | None = search.default if name is None else name
    lineage: list[Found] = []
    while wanted is not None:
        found = search.find(wanted)
        if found is None:
            raise _unknown(wanted, search.names, lineage)
        if found in lineage:
            chain = " extends ".join([*(each.manifest.name for each in lineage), wanted])
            raise PackError.of(
                codes.PACKS_IN_A_CIRCLE, f"packs extend each other in a circle: {chain}"
            )
        lineage.append(found)
        wanted = found.manifest.extends
    layers = [
        # The manifest as it was parsed, should it have changed since.
        Layer(read_files(each.location, each.inner, sources) | {MANIFEST: each.file}, each.manifest)
        for each in lineage
    ]
    plain = TemplatePack(tuple(layers), _packaged_fonts(layers, sources))
    overlays = [Layer(read_files(location, "", sources)) for location in search.overlays]
    for location, overlay in zip(search.overlays, overlays, strict=True):
        _refuse_unused(location, overlay, plain)
    pack = TemplatePack((*overlays, *layers), plain.packaged, dict(sources))
    for number, found in enumerate(lineage):
        faults = list(field_faults(pack.lineage[number:]))
        if faults:
            raise found.source.error(faults, PackError)
    for found in lineage:
        _validate(found, pack)
    for layer in pack.layers:
        for file_name, file in layer.files.items():
            if file_name.endswith((".html", ".css")):
                file.text  # noqa: B018 - raises where it is not UTF-8
    return pack


def _packaged_fonts(layers: Iterable[Layer], sources: Sources) -> dict[str, PackFile]:
    """Read the fonts that installed Python packages ship, from a package's own folder only."""
    fonts: dict[str, PackFile] = {}
    folders = functools.cache(module_folders)
    resolved = functools.cache(Path.resolve)
    for font in (font for layer in layers if layer.manifest for font in layer.manifest.fonts):
        module, colon, name = font.file.partition(":")
        for folder in folders(module) if colon else ():
            path = folder / name
            if path.resolve().is_relative_to(resolved(folder)):
                file = read_file(path, sources)
                # Templates can show each file of a pack, so no other file of a package becomes one.
                if file is not None and file.content.startswith(_FONT_SIGNATURES):
                    fonts.setdefault(font.file, file)
    return fonts


def _validate(found: Found, pack: TemplatePack) -> None:
    """Refuse a manifest that names a field or a file that does not exist.

    Raises:
        PackError: With every fault of the manifest.
    """
    manifest = found.manifest
    named: list[tuple[DataPath, str]] = [
        *((("styles", number), name) for number, name in enumerate(manifest.styles)),
        *((("fonts", number, "file"), font.file) for number, font in enumerate(manifest.fonts)),
        *((("letters", name, "template"), each.file) for name, each in manifest.letters.items()),
    ]
    if manifest.organization is not None and manifest.organization.logo is not None:
        named.append((("organization", "logo"), manifest.organization.logo))
    faults = [
        Fault(
            codes.PACK_FILE_MISSING,
            f"pack `{manifest.name}` has no file `{name}`",
            path,
            pack.hints(name),
        )
        for path, name in named
        if pack.file(name) is None
    ]
    faults += [
        Fault(
            codes.UNKNOWN_REQUIREMENT,
            "the case file has no such field",
            ("letters", name, "requires", number),
            nearest(pattern, (known for known, _ in pack.model.patterns())),
        )
        for name, letter in manifest.letters.items()
        for number, pattern in enumerate(letter.requires)
        if pack.model.find(pattern) is None
    ]
    faults += [
        Fault(
            codes.UNKNOWN_REQUIREMENT,
            f"the cases of pack `{pack.name}` have no such {kind}",
            ("checks", *path),
            nearest(pattern, (known for known, _ in pack.model.patterns() if known != pattern)),
        )
        for path, pattern, kind in _check_fields(manifest.checks)
        if (field := pack.model.find(pattern)) is None
        or (field.kind != "date" if kind == "date" else field.choices != (True, False))
    ]
    faults += _packet_faults(manifest, pack)
    faults += organization_faults(pack.lineage[pack.lineage.index(manifest) :])
    faults += overridable_faults(manifest, pack.words)
    if faults:
        raise found.source.error(faults, PackError)


def _check_fields(checks: PackChecks) -> Iterator[tuple[DataPath, str, str]]:
    """Yield the fields that the parameters of checks name, each with its path and its kind."""
    for number, pattern in enumerate(checks.order):
        yield ("order", number), pattern, "date"
    for name, deadline in msgspec.structs.asdict(checks.deadlines).items():
        path: DataPath = ("deadlines", name)
        if deadline is None:
            continue
        for number, pattern in enumerate(deadline.from_):
            yield (*path, "from", number), pattern, "date"
        yield (*path, "to"), deadline.to, "date"
        if deadline.unless is not None:
            yield (*path, "unless"), deadline.unless, "yes or no"


def _packet_faults(manifest: Manifest, pack: TemplatePack) -> Iterator[Fault]:
    """Find parts of packets that are no letters of their own."""
    letters: dict[str, LetterSpec] = pack.merged("letters")
    for packet, spec in manifest.letters.items():
        for number, name in enumerate(spec.letters):
            part = letters.get(name)
            hints: tuple[str, ...] = ()
            if part is None:
                message = f"pack `{pack.name}` has no letter `{name}`"
                hints = nearest(name, letters)
            elif part.letters:
                message = f"`{name}` is a packet itself; name the letters that it consists of"
            elif name in spec.letters[:number]:
                message = f"`{name}` is a part of this packet already"
            else:
                continue
            yield Fault(
                codes.UNKNOWN_LETTER, message, ("letters", packet, "letters", number), hints
            )


def _unknown(name: str, known: list[str], lineage: list[Found]) -> PackError:
    hints = nearest(name, known) or (f"the packs are: {', '.join(known)}",)
    message = f"there is no pack `{name}`"
    if lineage:
        fault = Fault(codes.UNKNOWN_PACK, message, ("extends",), hints)
        return lineage[-1].source.error([fault], PackError)
    return UnknownNameError.of(codes.UNKNOWN_PACK, message, *hints)


def _refuse_unused(location: Location, overlay: Layer, pack: TemplatePack) -> None:
    if not any(pack.file(name) for name in overlay.files):
        where = location if isinstance(location, Path) else "the mapping"
        message = f"nothing in {where} replaces a file of pack `{pack.name}`"
        hints = nearest(min(overlay.files, default=""), pack.files())
        raise PackError.of(
            codes.OVERLAY_UNUSED, message, *hints, f"its files are: {', '.join(pack.files())}"
        )
