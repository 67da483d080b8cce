"""What letters are written with: a pack's fonts, the width of text, the PDF engine."""

import functools
from collections.abc import Mapping
from typing import Any, Protocol

from imrgen.export.draft import PAGE_CSS
from imrgen.export.pdf import engines
from imrgen.export.pdf.engine import Attachment, Engine
from imrgen.export.pdf.locks import PANGO_LOCK
from imrgen.pack import TemplatePack, font_faces


class Details(Protocol):
    """What a letter's file holds besides the document; found out only if a format asks for it."""

    @property
    def provenance(self) -> Mapping[str, str]:
        """What the letter was made of and with; no value of the case."""

    @property
    def attachment(self) -> Attachment | None:
        """A file to attach, in the formats that can hold one."""


class Exporter:
    """What the documents of a pack are written with; may be used from any thread, and pickles.

    Args:
        pack: The pack.
        css: The pack's style sheet, images inlined, fonts not.
        width: Columns of the text; 0 for a line per paragraph.
        embed_fonts: Whether HTML holds the pack's fonts.
        draft: Whether the files are marked as drafts, and not sealed.
    """

    def __init__(
        self, pack: TemplatePack, css: str, width: int, embed_fonts: bool, draft: bool = False
    ) -> None:
        self.pack = pack
        self.css = css
        self.width = width
        self.embed_fonts = embed_fonts
        self.draft = draft
        self._engine: Engine | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_engine": None}

    @functools.cached_property
    def font_faces(self) -> str:
        """The `@font-face` rules for HTML, the fonts inlined; empty where it is to hold none."""
        return font_faces(self.pack) if self.embed_fonts else ""

    def engine(self) -> Engine:
        """Return what sets PDFs; made when first asked for, since that loads WeasyPrint.

        Raises:
            LibraryError: A native library is missing.
            PackError: A font of the pack cannot be loaded.
        """
        if self._engine is None:
            with PANGO_LOCK:
                if self._engine is None:
                    css = self.css + PAGE_CSS if self.draft else self.css
                    self._engine = engines["weasyprint"](self.pack, css)
        return self._engine
