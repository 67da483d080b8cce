"""The engine that sets the HTML document with WeasyPrint, in the pack's own fonts.

WeasyPrint may read nothing but the pack's files: what a template or a style sheet asks for beyond
them stops the letter. So does a character that no font of the pack has, and everything else that
the PDF would not show or not tag.
"""

import contextlib
import datetime
import gc
import re
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

import weasyprint

from imrgen.diagnostics import Diagnostic, PackError, PackLimitError, codes
from imrgen.document import ConformanceFault
from imrgen.export.conformance import Structure
from imrgen.export.pdf import weasyprint_internals as internals
from imrgen.export.pdf.boxes import PDF
from imrgen.export.pdf.engine import Attachment, Typeset, missing_glyph, stop
from imrgen.export.pdf.fetcher import BASE, PackFetcher, address
from imrgen.export.pdf.layout import Layout
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

    def set(
        self,
        structure: Structure,
        provenance: Mapping[str, str],
        attachment: Attachment | None = None,
    ) -> Typeset:
        """Set a document; see `Engine.set`."""
        with exclusive():
            return self._set(structure, provenance, attachment)

    def _set(
        self, structure: Structure, provenance: Mapping[str, str], attachment: Attachment | None
    ) -> Typeset:
        self._fetcher.refused.clear()
        page = internals.parsed_html(structure.root, self._browser_sheet, self._fetcher)
        with internals.reported_errors() as errors:
            pages = self._lay_out(page)
            layout = Layout(pages, structure)
            if attachment is not None:
                pages.metadata.attachments.append(_attached(attachment))
            rdf = descriptions({**provenance, "pango": internals.pango_version()})
            internals.add_rdf(pages.metadata, rdf)
            pdf, without_place = self._write(pages, structure)
        self._refuse_problems(pages, errors)
        stop(_missing(pages, structure.characters()))
        faults = (*layout.faults, *layout.compare(), *without_place)
        return Typeset(pdf, faults, layout.pages, areas=layout.areas)

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
            raise PackLimitError([self._fault(limit.code, message, *limit.hints)]) from None
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


def _missing(pages: Any, characters: str) -> Iterator[ConformanceFault]:
    """Find the characters that no font of the pack has."""
    found = {
        chr(c) if isinstance(c, int) else c for font in pages.fonts.values() for c in font.missing
    }
    for character in sorted(found):
        yield missing_glyph(character, characters)
