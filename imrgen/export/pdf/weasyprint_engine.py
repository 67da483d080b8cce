"""The engine that sets the HTML document with WeasyPrint, in the pack's own fonts.

WeasyPrint may read nothing but the pack's files: what a template or a style sheet asks for beyond
them stops the letter. So does a character that no font of the pack has, and everything else that
the PDF would not show or not tag.
"""

import contextlib
import datetime
import gc
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any

import weasyprint

from imrgen.diagnostics import Diagnostic, PackError, codes
from imrgen.document import (
    ConformanceFault,
    Document,
    as_read_back,
    first_difference,
    visible_characters,
)
from imrgen.export import seal
from imrgen.export.conformance import Structure
from imrgen.export.pdf import readback
from imrgen.export.pdf import weasyprint_internals as internals
from imrgen.export.pdf.boxes import PDF
from imrgen.export.pdf.drawn import as_drawn
from imrgen.export.pdf.engine import Attachment, ConformanceError
from imrgen.export.pdf.fetcher import BASE, PackFetcher, address
from imrgen.export.pdf.layout import Layout, Shown
from imrgen.export.pdf.locks import PANGO_LOCK
from imrgen.export.pdf.metadata import descriptions
from imrgen.export.pdf.signature_fields import add_fields
from imrgen.export.pdf.tags import Tags
from imrgen.pack import TemplatePack, font_faces
from imrgen.workers import diagnose, is_foreign

_VARIANT = "pdf/a-3a"


class WeasyPrintEngine:
    """Sets documents with WeasyPrint; letters are set one at a time.

    Args:
        css: The pack's style sheet, images inlined, fonts not.

    Raises:
        LibraryError: imrgen does not know this version of WeasyPrint.
        PackError: A font of the pack cannot be loaded.
    """

    def __init__(self, pack: TemplatePack, css: str) -> None:
        with PANGO_LOCK:  # else another thread's letter might have something replaced
            internals.check()
        self._pack = pack
        if not pack.fonts:
            hint = "list a font under `[[fonts]]` in pack.toml, or extend the pack `letter`"
            raise PackError([self._fault(codes.FONT_UNUSABLE, "the pack has no font", hint)])
        css = font_faces(pack, address) + css
        self._fetcher = PackFetcher(pack)
        with exclusive():
            self._fonts = internals.PackFonts()
            sheet = weasyprint.CSS(
                string=css, base_url=BASE, font_config=self._fonts, url_fetcher=self._fetcher
            )
            self._sheets = [sheet]
            self._browser_sheet = internals.browser_sheet(css)
        if self._fonts.unusable:
            raise PackError(
                self._fault(codes.FONT_UNUSABLE, f"the font `{family}` cannot be loaded")
                for family in self._fonts.unusable
            )

    def pdf(
        self,
        document: Document,
        words: str,
        provenance: Mapping[str, str],
        attachment: Attachment | None = None,
    ) -> bytes:
        """Set a document; see `Engine.pdf`."""
        with exclusive():
            return self._set(document, visible_characters(words), provenance, attachment)

    def _set(
        self,
        document: Document,
        characters: str,
        provenance: Mapping[str, str],
        attachment: Attachment | None,
    ) -> bytes:
        self._fetcher.refused.clear()
        root = as_drawn(document.tree, self._pack)
        page = internals.parsed_html(root, self._browser_sheet, self._fetcher)
        structure = Structure(page.etree_element)
        _stop(structure.faults())
        _stop(_compare_text(structure.characters(), characters))
        with internals.reported_errors() as errors:
            pages = self._lay_out(page)
            layout = Layout(pages, structure)
            if attachment is not None:
                pages.metadata.attachments.append(_attached(attachment))
            rdf = descriptions({**provenance, "pango": internals.pango_version()})
            internals.add_rdf(pages.metadata, rdf)
            pdf, without_place = self._write(pages, structure)
        self._refuse_problems(pages, errors)
        _stop(_missing(pages, characters))
        _stop([*layout.faults, *layout.compare(), *without_place])
        pdf = seal(pdf)
        _stop(_read_back(pdf, layout, structure))
        return pdf

    def _lay_out(self, page: Any) -> Any:
        with self._refusing_document(), internals.lines_split_nearby():
            return page.render(
                font_config=self._fonts, stylesheets=self._sheets, pdf_variant=_VARIANT
            )

    def _write(self, pages: Any, structure: Structure) -> tuple[bytes, list[ConformanceFault]]:
        without_place: list[ConformanceFault] = []
        with self._refusing_document(), internals.tagged_boxes() as tagged:

            def finish(_: Any, pdf: PDF) -> None:
                internals.check_tagged(pdf, tagged)
                Tags(pdf, tagged).repair()
                without_place.extend(add_fields(pdf, tagged, structure))
                internals.serialize(pdf)

            written: bytes = pages.write_pdf(pdf_variant=_VARIANT, finisher=finish)
        return written, without_place

    @contextlib.contextmanager
    def _refusing_document(self) -> Iterator[None]:
        """Turn what WeasyPrint raises over a document into a `PackError`, without its message.

        The message may quote the document. What imrgen's own code raises passes as it is, and so
        does what the host's does, such as a signal handler.
        """
        try:
            yield
        except (RecursionError, MemoryError) as fault:
            if is_foreign(fault):
                raise
            limit = diagnose(fault)
            message = f"the document {limit.message}"
            raise PackError([self._fault(limit.code, message, *limit.hints)]) from None
        except Exception as fault:
            if is_foreign(fault) or not _is_raised_by_weasyprint(fault.__traceback__):
                raise
            message = f"WeasyPrint cannot set the document ({type(fault).__name__})"
            hint = (
                "take out what the letter's CSS has besides plain blocks, lists and tables, "
                "one by one"
            )
            raise PackError([self._fault(codes.PDF_NOT_SET, message, hint)]) from fault

    def _refuse_problems(self, pages: Any, errors: list[str]) -> None:
        """Refuse a document for which something could not be fetched, read or followed."""
        if self._fetcher.refused:
            message = (
                f"a letter may use only the pack's own files, not `{self._fetcher.refused[0]}`"
            )
            raise PackError([self._fault(codes.FOREIGN_FILE, message)])
        if errors:
            # What stands in quotes or behind a colon may be of the case.
            lines = dict.fromkeys(
                re.sub(r"""(["'#]).*|:.*""", "…", line, flags=re.DOTALL) for line in errors
            )
            raise PackError(self._fault(codes.ENGINE_WARNED, line) for line in lines)
        own = {font.family for font in self._pack.fonts}
        if any(font.family not in own for font in pages.fonts.values()):
            message = "a font was used that is not the pack's"
            raise PackError([self._fault(codes.FOREIGN_FONT, message)])

    def _fault(self, code: str, message: str, *hints: str) -> Diagnostic:
        return Diagnostic(code, f"pack `{self._pack.name}`: {message}", hints=hints)


@contextlib.contextmanager
def exclusive() -> Iterator[None]:
    """Hold the lock that Pango needs.

    The garbage collector is left alone, for the host's sake: it may run in any thread, and what it
    frees of Pango is released in turn. Where the host has switched it off, what the letter leaves
    is collected here: else the host's memory would grow with each letter.
    """
    with (
        PANGO_LOCK,
        internals.released_in_turn(),
        internals.foreign_exceptions(),
        internals.quiet_progress(),
    ):
        yield
    if not gc.isenabled():
        gc.collect(0)


def _is_raised_by_weasyprint(traceback: TracebackType | None) -> bool:
    """Return whether the innermost code of either WeasyPrint or imrgen is WeasyPrint's."""
    innermost = ""
    while traceback is not None:
        package = traceback.tb_frame.f_globals.get("__name__", "").partition(".")[0]
        if package in ("imrgen", "weasyprint"):
            innermost = package
        traceback = traceback.tb_next
    return innermost == "weasyprint"


def _attached(attachment: Attachment) -> Any:
    moment = datetime.datetime.combine(attachment.date, datetime.time(), datetime.UTC)
    return weasyprint.Attachment(
        string=attachment.content,
        name=attachment.name,
        description=attachment.description,
        relationship="Source",
        created=moment,
        modified=moment,
    )


def _stop(faults: Iterable[ConformanceFault]) -> None:
    found = list(faults)
    if found:
        raise ConformanceError(found)


def _compare_text(characters: str, expected: str) -> Iterator[ConformanceFault]:
    """Compare the document's visible characters with the text's."""
    characters, expected = as_read_back(characters), as_read_back(expected)
    if characters != expected:
        yield ConformanceFault(
            codes.WORDS_LOST,
            "text and PDF would differ in their words from here on",
            "correct the HTML here",
            at=first_difference(characters, expected),
        )


def _missing(pages: Any, characters: str) -> Iterator[ConformanceFault]:
    """Find the characters that no font of the pack has."""
    found = {
        chr(c) if isinstance(c, int) else c for font in pages.fonts.values() for c in font.missing
    }
    for character in sorted(found):
        names = ", ".join(f"U+{ord(c):04X} {unicodedata.name(c, 'unnamed')}" for c in character)
        visible = visible_characters(character)
        at = characters.find(visible) if visible else -1
        yield ConformanceFault(
            codes.GLYPH_MISSING,
            f"no font of the pack has {names}",
            "use another character, or a pack whose fonts have it",
            at=at if at >= 0 else None,
            advice="write it otherwise, in letters of the Latin, Greek or Cyrillic alphabet",
        )


def _read_back(pdf: bytes, layout: Layout, structure: Structure) -> Iterator[ConformanceFault]:
    """Compare what another program reads in the PDF with what was laid out."""
    with readback.open_pdf(pdf) as reader:
        pages = zip(reader.page_characters(), layout.pages, strict=True)
        for number, (read, shown) in enumerate(pages, start=1):
            pieces = [piece for piece in shown if piece.tagged]
            expected = as_read_back("".join(piece.characters for piece in pieces))
            read = as_read_back(read)
            if read != expected:
                at = first_difference(read, expected)
                yield ConformanceFault(
                    codes.WORDS_LOST,
                    f"page {number} of the PDF does not hold what it shows, from character "
                    f"{at + 1} on",
                    "write what stands there differently, or with fewer boxes in boxes",
                    at=_place(pieces, at, structure),
                )


def _place(pieces: Iterable[Shown], at: int, structure: Structure) -> int | None:
    """Translate an offset into what a page shows into one into the document's characters."""
    for piece in pieces:
        if at < len(piece.characters):
            start = structure.starts.get(piece.element)
            before = structure.characters_of(piece.element).find(piece.characters)
            if start is None or before < 0 or piece.generated:
                return None
            return start + before + at
        at -= len(piece.characters)
    return None
