"""The manifest of a template pack, `pack.toml`: what the pack is called, what letters it makes, what they require."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from imrgen.case import Case, Fault, Model, Source, Text, decode, read, report
from imrgen.diagnostics import PackError, codes

MANIFEST = "pack.toml"


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a manifest."""


Name = Annotated[
    str,
    Meta(
        pattern="^[a-z0-9][a-z0-9._-]*$(?!\\n)",
        extra={"says": "must be small letters, digits, `.`, `_`, `-`"},
    ),
]


class LetterSpec(Table, frozen=True):
    """A letter that a pack makes (`[letters.NAME]`).

    Args:
        title: The document's title, as a reader or a screen reader meets it.
        template: The file of the template.
        requires: Fields of the case file that the letter cannot do without: `case.number`,
            `issues[].decision`.
    """

    title: Text
    template: Text
    requires: tuple[Text, ...] = ()


class Font(Table, frozen=True):
    """A face that the letters are set in (`[[fonts]]`).

    Args:
        family: The name the CSS uses.
        file: A file of the pack, or `module:file` for one that an installed package ships.
        weight: 100 to 900.
        style: Upright or italic.
    """

    family: Text
    file: Text
    weight: Annotated[int, Meta(ge=100, le=900)] = 400
    style: Literal["normal", "italic"] = "normal"


class Choice(Table, frozen=True):
    """Which checks run (`[checks]`).

    Args:
        select: Only these: ids, or what ids begin with; empty for all.
        ignore: Not these.
    """

    select: tuple[Text, ...] = ()
    ignore: tuple[Text, ...] = ()


class Manifest(Table, frozen=True):
    """What `pack.toml` says.

    Args:
        name: What the pack is called.
        title: One line for the list of packs.
        version: The pack's own version.
        extends: The pack that this one builds on.
        styles: CSS files, set after those of the pack it extends.
        fonts: The faces.
        letters: The letters by name.
        decisions: What a letter calls `upheld` and `overturned`.
        priorities: What a letter calls `standard` and `expedited`.
        notices: Markdown texts by name, which an issue's `notices` asks for.
        checks: Which checks the pack's letters have to pass.
        letterhead: Name, address and the like of the organization that writes, for the block
            `letterhead`.
    """

    name: Name
    title: Text
    version: Text
    extends: Text | None = None
    styles: tuple[Text, ...] = ()
    fonts: tuple[Font, ...] = ()
    letters: dict[str, LetterSpec] = {}
    decisions: dict[str, Text] = {}
    priorities: dict[str, Text] = {}
    notices: dict[str, Text] = {}
    checks: Choice = Choice()
    letterhead: dict[str, Text] = {}


def read_manifest(folder: Path) -> tuple[Manifest, Source]:
    """Read the manifest of a pack.

    Args:
        folder: The pack's folder.

    Raises:
        PackError: The manifest cannot be read, or is not valid.
    """
    source = read(folder / MANIFEST, PackError)
    return decode(source, Manifest, PackError), source


def vet(manifest: Manifest, source: Source, model: Model[Case]) -> None:
    """Make sure that a manifest's letters require only what a case can have.

    Args:
        manifest: The manifest.
        source: What it was read from.
        model: The fields that a case can have.

    Raises:
        PackError: With every field that no case has.
    """
    faults = [
        Fault(
            codes.UNKNOWN_REQUIREMENT,
            "the case file has no such field",
            ("letters", name, "requires", number),
        )
        for name, letter in manifest.letters.items()
        for number, pattern in enumerate(letter.requires)
        if model.find(pattern) is None
    ]
    if faults:
        raise report(source, faults, PackError)
