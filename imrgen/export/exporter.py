"""What letters are written with: a pack's fonts, the width of text, the PDF engine."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from imrgen.pack import DEFAULT_ENGINE, EngineName, PagePromises, TemplatePack

if TYPE_CHECKING:
    from imrgen.export.pdf.engine import Attachment
    from imrgen.export.pdf.writer import PDFWriter


class Details(Protocol):
    """What a letter's file holds besides the document; found out only if a format asks for it."""

    def provenance_with(self, versions: Mapping[str, str]) -> Mapping[str, str]:
        """Return what the letter was made of and with; no value of the case.

        Args:
            versions: Those of what only this format is made with.
        """

    @property
    def attachment(self) -> Attachment | None:
        """A file to attach, in the formats that can hold one."""

    @property
    def page_promises(self) -> PagePromises:
        """What the pack promises of the letter's pages, in the formats that have pages."""


class Exporter:
    """What the documents of a pack are written with; may be used from any thread, and pickles.

    Args:
        pack: The pack.
        css: The pack's style sheet, images inlined, fonts not.
        width: Columns of the text; 0 for a line per paragraph.
        embed_fonts: Whether HTML holds the pack's fonts.
        draft: Whether the files are marked as drafts, and not sealed.
        engine: What sets PDFs.
    """

    def __init__(
        self,
        pack: TemplatePack,
        css: str,
        width: int,
        embed_fonts: bool,
        draft: bool = False,
        engine: EngineName = DEFAULT_ENGINE,
    ) -> None:
        self.pack = pack
        self.css = css
        self.width = width
        self.embed_fonts = embed_fonts
        self.draft = draft
        self.engine: EngineName = engine
        self._pdf_writer: PDFWriter | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_pdf_writer": None}

    @functools.cached_property
    def font_faces(self) -> str:
        """The `@font-face` rules for HTML, the fonts inlined; empty where it is to hold none."""
        if not self.embed_fonts:
            return ""
        from imrgen.pack import font_faces  # few letters hold them

        return font_faces(self.pack)

    def pdf_writer(self) -> PDFWriter:
        """Return what writes PDFs; made when first asked for, since that loads the engine.

        Raises:
            LibraryError: A library is missing.
            PackError: A font of the pack cannot be loaded.
        """
        if self._pdf_writer is None:
            # PDFium loads for 10 ms, and only a PDF needs any of these.
            from imrgen.export.draft import PAGE_CSS
            from imrgen.export.pdf import engines
            from imrgen.export.pdf.locks import PANGO_LOCK
            from imrgen.export.pdf.writer import PDFWriter

            with PANGO_LOCK:
                if self._pdf_writer is None:
                    css = self.css + PAGE_CSS if self.draft else self.css
                    made = engines[self.engine].make(self.pack, css)
                    self._pdf_writer = PDFWriter(made, self.pack)
        return self._pdf_writer
