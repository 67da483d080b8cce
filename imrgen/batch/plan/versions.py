"""A letter in one of the two states: made of its case, or as the files of an earlier batch."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from imrgen.batch.inputs import RawCase
from imrgen.batch.manifest import Record, read_manifest
from imrgen.batch.outputs import MANIFEST, open_target
from imrgen.batch.plan.changes import NO_LETTER
from imrgen.case import Source, pattern_of, readable_text
from imrgen.diagnostics import CaseError, Diagnostic, PackError, ReadError, codes
from imrgen.document import parse_html
from imrgen.export import META_NAME, find_format, to_words
from imrgen.pipeline import Examination, Letter, Renderer

Kind: TypeAlias = Literal["document", "html", "text", "pdf"]
"""What two versions are compared by. Two letters that are made have documents; of one that is a
file, the first of its formats in this order says the most."""

_PROVENANCE = re.compile(rf'<meta name="{META_NAME}" content="[^"]*">\n?')
_PACK = re.compile(r"pack_sha256&quot;:&quot;([0-9a-f]{64})&quot;")
_SPACES = re.compile(r"[ \t\n\r\f]+")
_SPACES_AT_TAGS = re.compile(r" ?([<>]) ?")
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


class Look(msgspec.Struct, frozen=True):
    """What determines the pages of a letter.

    Args:
        style: Its style sheets and fonts, and what sets its pages.
        markup: Its elements.
        pack: The digest of its pack; empty if that is not known.
        sheets: The names and texts of its style sheets, as far as they are known.
    """

    style: object
    markup: str
    pack: str = ""
    sheets: tuple[tuple[str, str], ...] = ()

    @property
    def elements(self) -> str:
        """The markup without white space that no page shows, as far as that is known."""
        if "<pre" in self.markup or "white-space" in f"{self.style}{self.markup}":
            return self.markup
        return _SPACES_AT_TAGS.sub(r"\1", _SPACES.sub(" ", self.markup))

    def is_like(self, other: Look) -> bool:
        """Return whether the pages are the same, for all that determines them."""
        return (self.style, self.markup) == (other.style, other.markup)


class MadeVersion:
    """A letter that is made of its case.

    Args:
        renderer: What makes it.
        source: The case.
    """

    kinds: tuple[Kind, ...] = ("document", "html", "text", "pdf")

    def __init__(self, renderer: Renderer, source: Source) -> None:
        self.renderer = renderer
        examination = _examined(renderer, source)
        self.codes = frozenset(_code(each) for each in examination.diagnostics)
        self.warnings = frozenset(
            each.code for each in examination.diagnostics if each.severity == "warning"
        )
        self.letter = _sendable(examination)

    @property
    def is_made(self) -> bool:
        """Whether there is a letter, and the case is not refused."""
        return self.letter is not None

    @property
    def made(self) -> Letter:
        """The letter, which is there."""
        assert self.letter is not None
        return self.letter

    def words(self, kind: Kind) -> list[str]:
        """Return its words, as a format has them."""
        if kind in ("document", "html"):
            return to_words(self.made.document.tree).split()
        return _words(kind, self.made.encoded(kind))

    def look(self, kind: Kind) -> Look | None:
        """Return what determines its pages; `None` where a format does not show that."""
        if kind == "document":
            pack = self.renderer.pack
            exporter = self.renderer.exporter
            style = exporter.css, pack.fonts, exporter.engine
            sheets = tuple((name, pack.require(name).text) for name in pack.styles)
            return Look(style, self.made.document.markup, pack.digest(), sheets)
        return _look_of_html(self.made.html) if kind == "html" else None

    def pdf(self) -> bytes:
        """Return its PDF.

        Raises:
            CaseError: The case's text cannot be set.
            PackError: It could not conform.
        """
        return self.made.pdf

    def in_style_of(self, other: MadeVersion) -> Letter:
        """Return the letter with the style sheets and fonts of another."""
        made = self.made
        return Letter(made.document, made.case, made.options, other.renderer.exporter)


class FiledVersion:
    """A letter as it was written.

    Args:
        files: Its files by format.
        faults: Why it could not be made.
        warnings: The codes of what a person was to look at.
        has_other_versions: Whether other versions of imrgen and its libraries have made it, so that
            its pages may differ although nothing else does.
    """

    def __init__(
        self,
        files: Mapping[str, bytes],
        faults: Iterable[str] = (),
        warnings: Iterable[str] = (),
        *,
        has_other_versions: bool = False,
    ) -> None:
        self._files = files
        self.has_other_versions = has_other_versions
        self.codes = frozenset(faults)
        self.warnings = frozenset(warnings)
        kinds: tuple[Kind, ...] = ("html", "text", "pdf")
        self.kinds = tuple(kind for kind in kinds if kind in files)

    @property
    def is_made(self) -> bool:
        """Whether there is a letter."""
        return bool(self._files)

    @property
    def has_pages(self) -> bool:
        """Whether there is a PDF of it."""
        return "pdf" in self._files

    def words(self, kind: Kind) -> list[str]:
        """Return its words, as a format has them."""
        return _words(kind, self._files[kind])

    def look(self, kind: Kind) -> Look | None:
        """Return what determines its pages; `None` where a format does not show that."""
        return _look_of_html(readable_text(self._files["html"])) if kind == "html" else None

    def pdf(self) -> bytes:
        """Return its PDF, which is there."""
        return self._files["pdf"]


_OF_THE_PACK = frozenset(("letter", "pack", "pack_sha256"))
"""What a provenance has of the pack: what that changes, the letter shows."""

Version: TypeAlias = MadeVersion | FiledVersion


def _examined(renderer: Renderer, source: Source) -> Examination:
    """Return a letter with its faults; without a letter where the case does not fit the pack."""
    try:
        return renderer.examine(source)
    except (CaseError, PackError) as error:
        return Examination(None, (), (error,))


def _sendable(examination: Examination) -> Letter | None:
    letter = examination.letter
    is_refused = examination.errors and not (letter is not None and letter.options.draft)
    return None if is_refused else letter


def _code(found: Diagnostic) -> str:
    """Return what was found, without its place, which an edit of a template moves."""
    return f"{found.code} {pattern_of(found.path)}".rstrip()


def _words(kind: Kind, content: bytes) -> list[str]:
    if kind == "html":
        return to_words(parse_html(readable_text(content))).split()
    if kind == "text":
        return readable_text(content).split()
    from imrgen.export.pdf.readback import open_pdf  # it loads PDFium

    with open_pdf(content) as reader:
        return [word for page in reader.pages() for _, line in page.lines for word in line.split()]


def _look_of_html(page: str) -> Look:
    found = _PROVENANCE.search(page)
    pack = _PACK.search(found[0]) if found else None
    page = _PROVENANCE.sub("", page)
    return Look(tuple(_STYLE.findall(page)), _STYLE.sub("", page), pack[1] if pack else "")


class FiledCase(msgspec.Struct, frozen=True):
    """What an earlier batch has made of a case.

    Args:
        letters: By letter and recipient, its lines of the manifest by format.
        faults: By letter, why it could not be made.
        warnings: What a person was to look at, in any of its letters.
    """

    letters: dict[tuple[str, int], dict[str, Record]] = {}
    faults: dict[str, tuple[str, ...]] = {}
    warnings: set[str] = set()

    def is_made_by(self, recipe: str, letter: str, recipients: Iterable[int]) -> bool:
        """Return whether all of a letter's files were made of the same things.

        Args:
            recipe: The digest of everything that determines the letter, except the case.
            letter: The letter's name.
            recipients: The recipients that it is made for; 0 for none in particular.
        """
        lines = [self.letters.get((letter, number), {}) for number in recipients]
        return all(
            records and {each.recipe_sha256 for each in records.values()} == {recipe}
            for records in lines
        )


def is_batch_folder(location: str) -> bool:
    """Return whether a folder holds the letters of a batch.

    Args:
        location: The folder.
    """
    return (Path(location) / MANIFEST).is_file()


class BatchLetters:
    """The letters of an earlier batch.

    Args:
        location: The batch's folder.

    Attributes:
        name_pattern: The pattern of the files' names.
        formats: Their formats.
        digest: The digest of the manifest.

    Raises:
        ManifestError: A line of the manifest is not what was written.
    """

    def __init__(self, location: str) -> None:
        self._folder = Path(location)
        self._cases: dict[str, FiledCase] = {}
        self.name_pattern = ""
        self.formats: tuple[str, ...] = ()
        name = f"{location.rstrip('/')}/{MANIFEST}"
        content = open_target(location).manifest()
        self.digest = hashlib.sha256(content).hexdigest()
        for record, _, _ in read_manifest(io.BytesIO(content), name):
            self._add(record)

    def _add(self, record: Record) -> None:
        if record.asked is not None:
            self.name_pattern = record.asked.name
            self.formats = tuple(record.asked.formats)
        if record.outcome not in ("made", "failed"):
            return
        case = self._cases.setdefault(record.case_sha256, FiledCase())
        case.warnings.update(record.warnings)
        if record.outcome == "failed":
            case.faults[record.letter] = record.faults
            return
        # It was made once the case was corrected elsewhere, such as by another pack.
        case.faults.pop(record.letter, None)
        key = record.letter, record.recipient
        case.letters.setdefault(key, {})[record.format] = record

    def case(self, raw: RawCase) -> FiledCase | None:
        """Return what was made of a case; `None` where the batch has not met it."""
        return self._cases.get(raw.digest)

    def version(
        self, case: FiledCase | None, letter: str, recipient: int, provenance: Mapping[str, str]
    ) -> FiledVersion:
        """Return a letter of a case as it was written.

        Args:
            case: The case; `None` for one that the batch has not met.
            letter: The letter's name.
            recipient: The number of its recipient; 0 for none in particular.
            provenance: The provenance of the letter as it would be made now.

        Raises:
            ReadError: A file is not there any more, or is not what was written.
        """
        if case is None:
            return FiledVersion({}, [NO_LETTER])
        records = case.letters.get((letter, recipient), {})
        if not records:
            return FiledVersion({}, case.faults.get(letter, (NO_LETTER,)), case.warnings)
        files = {name: self._read(record) for name, record in records.items()}
        now = {key: text for key, text in provenance.items() if key not in _OF_THE_PACK}
        was = [msgspec.json.decode(each.versions, type=dict[str, str]) for each in records.values()]
        has_other = any(
            {key: text for key, text in each.items() if key not in _OF_THE_PACK} != now
            for each in was
        )
        return FiledVersion(files, (), case.warnings, has_other_versions=has_other)

    def recipients(self, case: FiledCase | None, letter: str) -> Iterator[int]:
        """Yield the recipients of a letter's files."""
        yield from (number for name, number in (case.letters if case else ()) if name == letter)

    def _read(self, record: Record) -> bytes:
        path = self._folder / record.file
        content = b""
        # A manifest may be another person's.
        if find_format(record.format) and Path(record.file).name == record.file:
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        if hashlib.sha256(content).hexdigest() != record.sha256:
            raise ReadError.of(
                codes.LETTER_CHANGED,
                f"{record.file} is missing, or is not what was written",
                "run `imrgen batch` again with the templates of then; it makes the letter again",
            )
        return content
