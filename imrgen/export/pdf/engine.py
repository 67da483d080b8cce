"""The HTML document set by WeasyPrint, in the pack's own fonts.

WeasyPrint may fetch nothing but the pack's files: what a template or a style sheet asks for beyond
them stops the letter. So does a character that no font of the pack has, and everything else that
the PDF would not show or not tell.
"""

from __future__ import annotations

import contextlib
import copy
import datetime
import gc
import logging
import os
import re
import threading
import unicodedata
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import msgspec
import pydyf

from imrgen.diagnostics import Diagnostic, LibraryError, PackError, codes
from imrgen.document import ConformanceFault, Document, visible_characters
from imrgen.export import seal
from imrgen.export.conformance import Structure
from imrgen.export.pdf import tree
from imrgen.export.pdf.fetcher import BASE, fetcher
from imrgen.export.pdf.layout import Layout
from imrgen.export.pdf.metadata import describe
from imrgen.export.pdf.readback import Reading
from imrgen.export.pdf.signature_fields import add_fields
from imrgen.export.pdf.tags import Tags, listening
from imrgen.pack import TemplatePack

# Pango, fontconfig and PDFium are not safe to use from several threads at once (WeasyPrint issues
# 167 and 684).
_ONE_AT_A_TIME = threading.Lock()
_VARIANT = "pdf/a-3a"

NATIVE = (
    "install Pango: `apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0` (Debian, Ubuntu), "
    "`dnf install pango` (Fedora), `brew install pango` (macOS); text and HTML need none of it"
)


class Attachment(msgspec.Struct, frozen=True):
    """A file that goes with a letter, in it.

    Args:
        name: Its name.
        content: Its bytes.
        description: What it is.
        date: The day that stands as its own; the clock's would make two PDFs of one letter differ.
    """

    name: str
    content: bytes
    description: str
    date: datetime.date


class Unfit(Exception):  # noqa: N818 - it is a finding before it is an error
    """A document cannot be issued as a PDF.

    Args:
        faults: Why not.
    """

    def __init__(self, faults: list[ConformanceFault]) -> None:
        super().__init__(faults)
        self.faults = faults


class Press:
    """Prepared once: style sheets and fonts. May be used from any thread; letters are set one at a time.

    Args:
        pack: The pack of the documents that will be set.
        css: Its style sheet, fonts included, each under its `address`.

    Raises:
        LibraryError: Pango is missing.
        PackError: A font of the pack is missing.
    """

    def __init__(self, pack: TemplatePack, css: str) -> None:
        self._pack = pack
        with alone(), _only_shipped_fonts(), _said(logging.WARNING) as said:
            try:
                with warnings.catch_warnings():
                    # It warns that the configuration has no fonts, which is its purpose.
                    warnings.filterwarnings("ignore", "No fonts configured")
                    import weasyprint
                    from weasyprint.text.fonts import FontConfiguration
            except OSError as fault:
                library = re.search(r"'([^']+)'", str(fault))
                message = f"PDF needs a native library that is not installed: {library[1] if library else 'Pango'}"
                raise LibraryError(
                    [Diagnostic(codes.NATIVE_LIBRARY_MISSING, message, hints=(NATIVE,))]
                ) from None
            from weasyprint.text.ffi import pango

            major, rest = divmod(pango.pango_version(), 10_000)
            self._pango = f"{major}.{rest // 100}.{rest % 100}"
            self._weasyprint: Any = weasyprint
            self._fetcher = fetcher(pack)
            self._fonts = FontConfiguration()
            self._sheets = [
                weasyprint.CSS(
                    string=css, base_url=BASE, font_config=self._fonts, url_fetcher=self._fetcher
                )
            ]
            self._below = tree.browser_sheet(css)
        lost = [line for line in said if "cannot be loaded" in line]
        if lost:
            raise PackError(
                [
                    Diagnostic(codes.FONT_UNUSABLE, f"pack `{self._pack.name}`: {line}")
                    for line in lost
                ]
            )
        self.warnings = tuple(said)

    def pdf(
        self,
        document: Document,
        text: str,
        provenance: Mapping[str, str],
        attachment: Attachment | None = None,
    ) -> bytes:
        """Set a document.

        Args:
            document: The letter.
            text: The letter's text, which the PDF must hold, no more and no less.
            provenance: What the letter was made of.
            attachment: A file to attach, such as the case file.

        Raises:
            Unfit: The PDF would lose or hide something, or could not conform.
            PackError: The document asks for a file that the pack does not have, or cannot be set.
        """
        with alone():
            return self._set(document, visible_characters(text), provenance, attachment)

    def _set(
        self,
        document: Document,
        wanted: str,
        provenance: Mapping[str, str],
        attachment: Attachment | None,
    ) -> bytes:
        self._fetcher.refused.clear()
        with _said(logging.ERROR) as said:
            page = tree.document(_with_plain_hyphens(document), self._below, self._fetcher)
            structure = Structure(page.etree_element)
            _stop(structure.faults())
            _stop(_differ(structure.characters(), wanted))
            pages, layout = self._laid_out(page, structure)
            if attachment is not None:
                pages.metadata.attachments.append(self._attached(attachment))
            describe(pages.metadata, {**provenance, "pango": self._pango})
            pdf, unplaced = self._written(pages, structure)
        self._vet(pages, said)
        _stop(_missing(pages, structure))
        _stop([*layout.faults, *layout.compare(), *unplaced])
        pdf = seal(pdf)
        _stop(_read_back(pdf, layout))
        return pdf

    def _laid_out(self, page: Any, structure: Structure) -> tuple[Any, Layout]:
        with self._guarded():
            pages = page.render(
                font_config=self._fonts, stylesheets=self._sheets, pdf_variant=_VARIANT
            )
        return pages, Layout(pages, structure)

    def _written(self, pages: Any, structure: Structure) -> tuple[bytes, list[ConformanceFault]]:
        unplaced: list[ConformanceFault] = []
        with self._guarded(), listening() as made:

            def finish(document: Any, pdf: Any) -> None:
                Tags(pdf, made).mend()
                unplaced.extend(add_fields(pdf, made, structure))
                _serialize(pdf)

            written: bytes = pages.write_pdf(pdf_variant=_VARIANT, finisher=finish)
        return written, unplaced

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn what WeasyPrint raises over a document into an error; its words may quote the document."""
        try:
            yield
        except (RecursionError, MemoryError):
            message = f"pack `{self._pack.name}`: the document is nested too deep to be set"
            raise PackError([Diagnostic(codes.NESTED_TOO_DEEP, message)]) from None
        except Exception as fault:
            message = f"pack `{self._pack.name}`: WeasyPrint cannot set the document ({type(fault).__name__})"
            hint = "take out what the letter's CSS has besides plain blocks, lists and tables, one by one"
            raise PackError([Diagnostic(codes.PDF_NOT_SET, message, hints=(hint,))]) from fault

    def _vet(self, pages: Any, said: list[str]) -> None:
        """Refuse a document for which something could not be fetched, read or followed."""
        if self._fetcher.refused:
            refused = self._fetcher.refused[0]
            message = f"pack `{self._pack.name}`: a letter may use only the pack's own files, not `{refused}`"
            raise PackError([Diagnostic(codes.FOREIGN_FILE, message)])
        if said:
            # What stands in quotes or behind a colon may be of the case.
            lines = dict.fromkeys(
                re.sub(r"""(["'#]).*|:.*""", "…", line, flags=re.DOTALL) for line in said
            )
            raise PackError(
                [
                    Diagnostic(codes.ENGINE_WARNED, f"pack `{self._pack.name}`: {line}")
                    for line in lines
                ]
            )
        foreign = {font.family for font in pages.fonts.values()} - {
            font.family for font in self._pack.fonts
        }
        if foreign:
            message = f"pack `{self._pack.name}`: a font was used that is not the pack's"
            raise PackError([Diagnostic(codes.FOREIGN_FONT, message)])

    def _attached(self, attachment: Attachment) -> Any:
        moment = datetime.datetime.combine(attachment.date, datetime.time(), datetime.UTC)
        return self._weasyprint.Attachment(
            string=attachment.content,
            name=attachment.name,
            description=attachment.description,
            relationship="Source",
            created=moment,
            modified=moment,
        )


def _with_plain_hyphens(document: Document) -> Element:
    """Return a document's tree without no-break hyphens.

    Fonts draw them with the hyphen's glyph, which a PDF maps back to one character only: with both
    in a letter, every hyphen would be searched and copied as a no-break one.
    """
    root = copy.deepcopy(document.tree)
    for element in root.iter():
        element.text = element.text and element.text.replace("\u2011", "-")
        element.tail = element.tail and element.tail.replace("\u2011", "-")
        for name, value in element.attrib.items():
            element.set(name, value.replace("\u2011", "-"))
    return root


def _stop(faults: Iterable[ConformanceFault]) -> None:
    found = list(faults)
    if found:
        raise Unfit(found)


def _first_difference(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _differ(held: str, wanted: str) -> Iterator[ConformanceFault]:
    if held != wanted:
        at = _first_difference(held, wanted)
        yield ConformanceFault(
            codes.WORDS_LOST,
            "text and PDF would not hold the same words from here on",
            "mend the HTML here",
            at=at,
        )


def _missing(pages: Any, structure: Structure) -> Iterator[ConformanceFault]:
    """Find the characters that no font of the pack has."""
    found = {
        chr(c) if isinstance(c, int) else c for font in pages.fonts.values() for c in font.missing
    }
    whole = structure.characters() if found else ""
    for character in sorted(found):
        names = ", ".join(f"U+{ord(c):04X} {unicodedata.name(c, 'unnamed')}" for c in character)
        at = whole.find(visible_characters(character))
        hint = "write it otherwise, or use a pack whose fonts have it"
        yield ConformanceFault(
            codes.GLYPH_MISSING,
            f"no font of the pack has {names}",
            hint,
            at=at if at >= 0 else None,
        )


def _read_back(pdf: bytes, layout: Layout) -> Iterator[ConformanceFault]:
    """Hold what another program reads in the PDF against what was laid out."""
    with Reading(pdf) as reading:
        for number, (held, shown) in enumerate(
            zip(reading.page_characters(), layout.pages, strict=True), start=1
        ):
            wanted = "".join(piece.characters for piece in shown if piece.told)
            if held != wanted:
                at = _first_difference(held, wanted)
                message = f"page {number} of the PDF does not hold what it shows, from its character {at + 1} on"
                yield ConformanceFault(
                    codes.WORDS_LOST,
                    message,
                    "let the letter be simpler there: fewer boxes in boxes",
                )


class _Serialized(pydyf.Object):  # type: ignore[misc]
    """An object that will not change any more: pydyf asks for its bytes for the file, and again for the identifier."""

    data = b""

    def __init__(self, item: Any) -> None:
        super().__init__()
        if getattr(item, "compress", False):
            content = b"\n".join(
                part if isinstance(part, bytes) else pydyf._to_bytes(part) for part in item.stream
            )
            item.stream = [zlib.compress(content, 4)]
            item.extra = {**item.extra, "Filter": "/FlateDecode"}
            item.compress = False
        self.number, self.data, self._compressible = item.number, item.data, item.compressible

    @property
    def compressible(self) -> bool:
        return bool(self._compressible)


def _serialize(pdf: Any) -> None:
    """Let each object of a PDF that is about to be written be compressed and serialized once."""
    pdf.objects[1:] = map(_Serialized, pdf.objects[1:])


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one thread use Pango and PDFium at a time, and let what it leaves be freed in that thread too.

    Collecting garbage is what would free it in another thread, in the midst of a layout. So none is
    collected while a letter is set, which is faster too, and what the letter leaves is collected
    behind it.
    """
    with _ONE_AT_A_TIME:
        collecting = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            gc.collect(0)
            if collecting:
                gc.enable()


@contextlib.contextmanager
def _only_shipped_fonts() -> Iterator[None]:
    """Let fontconfig read a configuration without a single font of the host, while it is being loaded."""
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(Path(__file__).parent / "fonts.conf")
    try:
        yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before


@contextlib.contextmanager
def _said(level: int) -> Iterator[list[str]]:
    """Collect what WeasyPrint logs."""
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            line = record.getMessage()
            if "has no required alt" not in line:  # alt="" is what an image has that only decorates
                lines.append(line)

    logger, collector = logging.getLogger("weasyprint"), Collector(level)
    logger.addHandler(collector)
    try:
        yield lines
    finally:
        logger.removeHandler(collector)
