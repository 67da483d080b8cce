"""The manifest of a template pack, `pack.toml`: its name, its letters and what they require."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from imrgen.case import Declaration, Fault, Source, Text, decode, read
from imrgen.diagnostics import PackError, codes
from imrgen.pack.files import PackFile

MANIFEST = "pack.toml"


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of a manifest."""


_NAME = re.compile("^[a-z0-9][a-z0-9._-]*$(?!\\n)")
_NAME_RULE = "must be small letters, digits, `.`, `_`, `-`"
Name = Annotated[str, Meta(pattern=_NAME.pattern, extra={"says": _NAME_RULE})]


Language = Annotated[
    str,
    Meta(
        pattern="^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$",
        extra={"says": "must be a language tag such as `en-US` or `es-US`"},
    ),
]


ALL_LETTERS = "all"
"""What stands for every letter of a pack where names of letters are asked for."""

_MOVED = {
    "letterhead": (
        "this is a part of [organization] now",
        'state its texts there, and list what is shown: `letterhead = ["name", "address"]`',
    ),
    "decisions": (
        "this is [outcomes] now, which also states what each outcome means",
        'write a table for each: `[outcomes.upheld]`, with `words = "Upheld"` and '
        '`means = "not necessary"`; templates print `outcomes[issue.decision]`',
    ),
}
"""Keys of earlier manifests, and what replaces them."""

_PACKET = "packet.html"
"""The template of a packet that names none."""

# Names of files contain the letter's.
_LETTER_NAME = re.compile(rf"(?!{ALL_LETTERS}\Z)\w[\w.-]*\Z")


class PagePromises(_Table, frozen=True):
    """What is promised of the pages of PDFs (`[pages]`, `[letters.NAME.pages]`).

    A PDF that breaks a promise is refused.

    Args:
        most: So many pages a letter has at most.
        last_lines: So many lines of the letter the last of several pages has at least.
        signature_lines: So many lines of the letter stand above each signature block on its page,
            at least.
        unbroken: CSS selectors of elements that stand on one page each, such as
            `section.issue > h2`, unless one is longer than a page.
    """

    most: Annotated[int, Meta(ge=1)] | None = None
    last_lines: Annotated[int, Meta(ge=1)] | None = None
    signature_lines: Annotated[int, Meta(ge=1)] | None = None
    unbroken: tuple[Text, ...] = ()

    def over(self, other: "PagePromises") -> "PagePromises":
        """Return other promises, in which the numbers stated here replace theirs."""
        keys = ("most", "last_lines", "signature_lines")
        stated = {key: getattr(self, key) for key in keys if getattr(self, key) is not None}
        both = tuple(dict.fromkeys((*other.unbroken, *self.unbroken)))
        return msgspec.structs.replace(other, unbroken=both, **stated)


class LetterSpec(_Table, frozen=True):
    """A letter that a pack makes (`[letters.NAME]`).

    Args:
        title: The document's title, for readers and screen readers.
        template: The file of the template; of a packet, the file of its frame.
        letters: The letters that a packet consists of, in their order; empty for a letter of its
            own.
        requires: Fields of the case file that the letter needs: `case.number`,
            `issues[].decision`.
        per: What it is made once for each of; `None` for the case.
        pages: What is promised of its pages, besides what the pack promises of all letters'.
    """

    title: Text
    template: Text | None = None
    letters: tuple[Text, ...] = ()
    requires: tuple[Text, ...] = ()
    per: Literal["recipients"] | None = None
    pages: PagePromises = PagePromises()

    @property
    def file(self) -> str:
        """The file of its template."""
        return self.template or _PACKET


class Font(_Table, frozen=True):
    """A font of the letters (`[[fonts]]`).

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


class Organization(_Table, frozen=True):
    """Whose letters a pack makes (`[organization]`): either a `name`, or `inherit`.

    Args:
        inherit: Whether the keys that are missing here come from the pack that it extends.
        name: The full name, as in a sentence. It may be blank in a new pack, which does not load.
        short_name: The name in labels; `None` for the full name.
        address: The postal address, a line each.
        phone: A telephone number.
        fax: A fax number.
        email: An address for email.
        website: The address of a website.
        logo: An image of the pack.
        medical_director: The medical director's name.
        letterhead: What stands at the head of each letter, in this order; empty for no letterhead,
            `None` for what is inherited.
    """

    inherit: bool = False
    name: str | None = None
    short_name: Text | None = None
    address: Text | None = None
    phone: Text | None = None
    fax: Text | None = None
    email: Text | None = None
    website: Text | None = None
    logo: Text | None = None
    medical_director: Text | None = None
    letterhead: (
        tuple[
            Literal[
                "logo", "name", "address", "phone", "fax", "email", "website", "medical_director"
            ],
            ...,
        ]
        | None
    ) = None


class Outcome(_Table, frozen=True):
    """What can be decided on a disputed item (`[outcomes.NAME]`).

    Args:
        words: What the letters call it.
        means: What it says of the item; `None` for what is inherited, or else for neither.
    """

    words: Text
    means: Literal["necessary", "not necessary", "partly"] | None = None


class CheckSelection(_Table, frozen=True):
    """Which checks run: written alike in a pack's manifest and in a project's settings.

    Args:
        select: Only these: ids, or what ids begin with; empty for what is inherited, or else for
            all that are built in.
        ignore: Not these.
    """

    select: tuple[Text, ...] = ()
    ignore: tuple[Text, ...] = ()


class Deadline(_Table, frozen=True):
    """How long a decision may take (`[checks.deadlines.standard]`, `[checks.deadlines.expedited]`).

    Args:
        within: A number of days, working days or hours, such as `45 days`.
        from_: The dates of a case that it runs from; the first that the case has counts.
        to: The date of a case by which it ends.
        unless: A field of a case that is true where it does not apply.
    """

    within: Annotated[
        str,
        Meta(
            pattern="^[1-9][0-9]{0,3} (days|working days|hours)$(?!\\n)",
            extra={"says": "must be a number of days, working days or hours, such as `45 days`"},
        ),
    ]
    from_: tuple[Text, ...] = msgspec.field(name="from")
    to: Text = "case.decision_date"
    unless: Text | None = None

    @property
    def period(self) -> tuple[int, str]:
        """The number, and its unit."""
        number, _, unit = self.within.partition(" ")
        return int(number), unit


class Deadlines(_Table, frozen=True):
    """The deadlines of decisions by the priority of the case (`[checks.deadlines]`).

    Args:
        standard: That of a standard case.
        expedited: That of an expedited case.
    """

    standard: Deadline | None = None
    expedited: Deadline | None = None


class PackChecks(CheckSelection, frozen=True):
    """Which checks the letters of a pack have to pass (`[checks]`).

    Args:
        select: Only these: ids, or what ids begin with; empty for what is inherited, or else for
            all that are built in.
        ignore: Not these.
        families: The families of checks; empty for what is inherited, or else for `general`.
        order: The dates of a case in the order of events, the decision's last; empty for what is
            inherited.
        deadlines: How long a decision may take.
    """

    families: tuple[Text, ...] = ()
    order: tuple[Text, ...] = ()
    deadlines: Deadlines = Deadlines()


EngineName = Literal["weasyprint", "typst"]
"""The engines that set PDFs; `imrgen.export.pdf` has them."""

DEFAULT_ENGINE: EngineName = "weasyprint"


class PDFSettings(_Table, frozen=True):
    """How PDFs are made (`[pdf]`): written alike in a manifest and in a project's settings.

    Args:
        engine: What sets them; `None` for what is inherited, or else for WeasyPrint.
    """

    engine: EngineName | None = None


class Manifest(_Table, frozen=True):
    """The content of `pack.toml`.

    Args:
        name: The pack's name.
        title: One line for the list of packs.
        version: The pack's own version.
        extends: The pack that this one builds on.
        language: The language of the letters, a BCP 47 tag such as `es-US`.
        styles: CSS files, set after those of the pack it extends.
        fonts: The fonts of the letters.
        letters: The letters by name.
        outcomes: What can be decided on a disputed item, by the names that a case gives it.
        priorities: What a letter calls `standard` and `expedited`.
        notices: Markdown texts by name, which an issue's `notices` asks for.
        checks: Which checks the pack's letters have to pass.
        pdf: How the pack's PDFs are made.
        pages: What is promised of the pages of PDFs.
        organization: Whose letters these are.
        words: Texts by name, for the pack's templates.
        overridable: The keys of `organization` and `words` that a caller may override, such as
            `words.ombudsman_phone`; `None` for what is inherited.
        core: The fields that every case file may have, and those of this pack may have, too;
            `None` for what is inherited, or else for all.
        fields: Fields of the pack's own, and what it narrows of others, by pattern:
            `claim_lines[].service`.
    """

    name: Name
    title: Text
    version: Text
    extends: Text | None = None
    language: Language | None = None
    styles: tuple[Text, ...] = ()
    fonts: tuple[Font, ...] = ()
    letters: dict[str, LetterSpec] = {}
    outcomes: dict[str, Outcome] = {}
    priorities: dict[str, Text] = {}
    notices: dict[str, Text] = {}
    checks: PackChecks = PackChecks()
    pdf: PDFSettings = PDFSettings()
    pages: PagePromises = PagePromises()
    organization: Organization | None = None
    words: dict[str, Text] = {}
    overridable: tuple[Text, ...] | None = None
    core: tuple[Text, ...] | None = None
    fields: dict[str, Declaration] = {}


def merge_promises(lineage: Sequence[Manifest], letter: LetterSpec) -> PagePromises:
    """Return what is promised of a letter's pages.

    Args:
        lineage: The pack's manifest and those that it extends, the nearest first.
        letter: The letter.
    """
    promises = PagePromises()
    for stated in (*(manifest.pages for manifest in reversed(lineage)), letter.pages):
        promises = stated.over(promises)
    return promises


def manifest_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `pack.toml`, for editors that complete and check."""
    from imrgen.diagnostics import DIALECT, documented  # no letter needs them

    components = msgspec.json.schema(Manifest)
    for table in components["$defs"].values():
        # A table's docstring explains its keys, too.
        table["description"], meanings = documented(table.get("description", ""))
        for key, meaning in meanings.items():
            said = meaning.replace("`None` for", "omit it for")
            # A word of Python's own, such as `from`, has an underscore behind it.
            table["properties"][key.rstrip("_")]["description"] = said
    return {"$schema": DIALECT, "title": "imrgen template pack", **components}


def read_manifest(file: PackFile) -> tuple[Manifest, Source]:
    """Parse and validate a manifest on its own, without the files that it names.

    Raises:
        PackError: It is not TOML, or its values are not those of a manifest.
    """
    stream = io.BytesIO(file.content)
    stream.name = file.place
    source = read(stream, PackError)
    faults = [
        Fault(codes.UNKNOWN_KEY, message, (key,), (hint,), on="key")
        for key, (message, hint) in _MOVED.items()
        if key in source.data
    ]
    if faults:
        raise source.error(faults, PackError)
    _refuse_nested(source)
    manifest = decode(source, Manifest, PackError)
    faults = [
        Fault(
            codes.WRONG_VALUE,
            "the name of a letter must be letters, digits, `.`, `_`, `-`, and not "
            f"`{ALL_LETTERS}`, which stands for every letter of the pack",
            ("letters", name),
            on="key",
        )
        for name in manifest.letters
        if not _LETTER_NAME.match(name)
    ]
    faults += [
        Fault(
            codes.MISSING_KEY,
            "`template` is missing",
            ("letters", name, "template"),
            ("add it; or `letters`, for a packet",),
        )
        for name, letter in manifest.letters.items()
        if letter.template is None and not letter.letters
    ]
    faults += [
        Fault(codes.WRONG_VALUE, f"its name {_NAME_RULE}", ("outcomes", name), on="key")
        for name in manifest.outcomes
        if not _NAME.match(name)
    ]
    if faults:
        raise source.error(faults, PackError)
    return manifest, source


def _refuse_nested(source: Source) -> None:
    """Refuse names of fields that TOML takes for tables, since they have no quotation marks.

    Raises:
        PackError: With each such name.
    """
    declared = source.data.get("fields")
    tables = declared if isinstance(declared, Mapping) else {}
    faults = [
        Fault(
            codes.UNKNOWN_KEY,
            f"`{key}` is no key of the declaration of `{name}`",
            ("fields", name, key),
            (f'write the name of a field in quotation marks: [fields."{name}.{key}"]',),
            on="key",
        )
        for name, table in tables.items()
        if isinstance(table, Mapping)
        for key, value in table.items()
        if isinstance(value, Mapping) and key != "example"
    ]
    if faults:
        raise source.error(faults, PackError)
