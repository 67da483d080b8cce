"""The HTML document set as PDF by WeasyPrint: accessible (PDF/UA-1) and archival (PDF/A-3a), in the pack's own fonts.

WeasyPrint is imported here alone, and only once a PDF is asked for. It may fetch nothing but the pack's files: what a
template or a style sheet asks for beyond them stops the letter. A character that no font of the pack has stops it too.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import logging
import os
import re
import threading
import unicodedata
import urllib.parse
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imrgen.diagnostics import Diagnostic
from imrgen.errors import CaseError, LibraryError, PackError

if TYPE_CHECKING:
    from imrgen.html import Composer, Document

# Pango and fontconfig are not safe to use from several threads at once (WeasyPrint issues 167 and 684).
_ONE_AT_A_TIME = threading.Lock()
_SCHEME = "imrgen"
_VARIANT = "pdf/a-3a"

# WeasyPrint writes one identifier (Kozea/WeasyPrint#2467). ISO 19005-3, 6.6.2.3 lets a file name another standard if an
# extension schema describes the property; ISO 14289-1, 5 asks for `pdfuaid:part`.
_ACCESSIBLE = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part>
</rdf:Description><rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>The part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""

NATIVE = (
    "install Pango: `apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0` (Debian, Ubuntu), "
    "`dnf install pango` (Fedora), `brew install pango` (macOS); text and HTML need none of it"
)


class Press:
    """Prepared once: style sheets and fonts. May be used from any thread; letters are set one at a time.

    Args:
        composer: What makes the documents that will be set.

    Raises:
        LibraryError: Pango is missing.
        PackError: A font of the pack is missing.
    """

    def __init__(self, composer: Composer) -> None:
        self._pack = composer.pack
        with _alone(), _only_shipped_fonts(), _said() as said:
            try:
                with warnings.catch_warnings():
                    # It warns that the configuration has no fonts, which is its purpose.
                    warnings.filterwarnings("ignore", "No fonts configured")
                    import weasyprint
                    from weasyprint.text.fonts import FontConfiguration
            except OSError as fault:
                library = re.search(r"'([^']+)'", str(fault))
                message = f"PDF needs a native library that is not installed: {library[1] if library else 'Pango'}"
                raise LibraryError([Diagnostic("IMR402", message, hints=(NATIVE,))]) from None
            self._weasyprint: Any = weasyprint
            self._fetcher = _fetcher(composer)
            self._fonts = FontConfiguration()
            css = composer.faces(lambda file: f"{_SCHEME}:///{urllib.parse.quote(file)}") + composer.css
            self._sheets = [
                weasyprint.CSS(
                    string=css, base_url=f"{_SCHEME}:///", font_config=self._fonts, url_fetcher=self._fetcher
                )
            ]
        lost = [line for line in said if "cannot be loaded" in line]
        if lost:
            raise PackError([Diagnostic("IMR204", f"pack `{self._pack.name}`: {line}") for line in lost])
        self.warnings = tuple(said)

    def pdf(self, document: Document) -> bytes:
        """Set a document.

        Raises:
            CaseError: A character of the letter is in none of the pack's fonts.
            PackError: The document asks for a file that the pack does not have, or cannot be set.
        """
        with _alone():
            return self._set(document)

    def _set(self, document: Document) -> bytes:
        self._fetcher.refused.clear()
        # Fonts draw the no-break hyphen with the hyphen's glyph, which a PDF maps back to one character only: with both
        # in a letter, every hyphen would be searched and copied as a no-break one.
        markup = document.markup.replace("\u2011", "-")
        page = self._weasyprint.HTML(string=markup, base_url=f"{_SCHEME}:///", url_fetcher=self._fetcher)
        try:
            pages = page.render(font_config=self._fonts, stylesheets=self._sheets, pdf_variant=_VARIANT)
            _also_accessible(pages.metadata)
            pdf: bytes = pages.write_pdf(pdf_variant=_VARIANT)
        except RecursionError:
            raise PackError([Diagnostic("IMR403", "the document is nested too deep to be set")]) from None
        if self._fetcher.refused:
            refused = self._fetcher.refused[0]
            message = f"pack `{self._pack.name}`: a letter may use only the pack's own files, not `{refused}`"
            raise PackError([Diagnostic("IMR403", message)])
        missing = sorted({character for font in pages.fonts.values() for character in _missing(font)})
        if missing:
            names = ", ".join(f"U+{ord(c):04X} {unicodedata.name(c, 'unnamed')}" for c in missing)
            hint = "write it otherwise, or use a pack whose fonts have it"
            message = f"no font of pack `{self._pack.name}` has {names}"
            raise CaseError([Diagnostic("IMR404", message, hints=(hint,))])
        return pdf


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let one thread use Pango at a time, and let what it leaves be freed in that thread too.

    Collecting garbage is what would free it in another thread, in the midst of a layout. So none is collected while a
    letter is set, which is faster too, and what the letter leaves is collected behind it.
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


def _also_accessible(metadata: Any) -> None:
    """Let a document's XMP say that it is PDF/UA-1 too, beside the PDF/A that WeasyPrint says."""
    generate = metadata.generate_rdf_metadata

    def both(*arguments: Any, **options: Any) -> bytes:
        rdf: bytes = generate(*arguments, **options)
        if rdf.count(b"</rdf:RDF>") != 1:
            raise AssertionError("WeasyPrint writes its metadata otherwise than this was made for")
        return rdf.replace(b"</rdf:RDF>", _ACCESSIBLE)

    metadata.generate_rdf_metadata = both


def _missing(font: Any) -> Iterator[str]:
    for item in font.missing:
        yield chr(item) if isinstance(item, int) else item


def _fetcher(composer: Composer) -> Any:
    """Make the fetcher that gives WeasyPrint the pack's files and refuses all else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class PackFetcher(URLFetcher):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.refused: list[str] = []

        def fetch(self, url: str, headers: Any = None) -> Any:
            scheme, _, rest = url.partition(":")
            if scheme == "data" and ";base64," in rest:
                return URLFetcherResponse(url, base64.b64decode(rest.split(";base64,", 1)[1]))
            if scheme == _SCHEME:
                with contextlib.suppress(PackError):
                    return URLFetcherResponse(url, composer.pack.read(urllib.parse.unquote(rest.lstrip("/"))))
            self.refused.append(url.split("?")[0][:80])
            raise ValueError("not a file of the pack")

    return PackFetcher()


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
def _said() -> Iterator[list[str]]:
    """Collect what WeasyPrint logs."""
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger, collector = logging.getLogger("weasyprint"), Collector(logging.WARNING)
    logger.addHandler(collector)
    try:
        yield lines
    finally:
        logger.removeHandler(collector)
