"""A PDF read back with PDFium: its words by the tag tree, its attachments, pictures of its pages.

PDFium is another program than the one that wrote the file, so that it can say what the file holds.
It is not safe to use from several threads at once; whoever calls this holds the lock of
`imrgen.export.pdf.engine`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from imrgen.document import visible_characters

_LINE_END_HYPHEN = "\x02"
"""What PDFium gives for a hyphen that ends a line."""


class Unreadable(ValueError):  # noqa: N818 - it says what the file is
    """A file that PDFium cannot open."""


class Reading:
    """A PDF that was opened; close it by `with`.

    Args:
        content: The file.

    Raises:
        Unreadable: It is no PDF that PDFium can open.
    """

    def __init__(self, content: bytes) -> None:
        try:
            self._pdf = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as fault:
            raise Unreadable(str(fault)) from None

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self._pdf.close()

    def __len__(self) -> int:
        return len(self._pdf)

    def page_characters(self) -> list[str]:
        """Return the visible characters of each page in the order of its tags.

        An image counts by its alternate text, an artifact not at all.
        """
        return [visible_characters("".join(self._page(number))) for number in range(len(self._pdf))]

    def picture(self, number: int, scale: float = 1.0) -> Any:
        """Draw a page.

        Args:
            number: The page, from 0.
            scale: Pixels per point (1/72 inch).

        Returns:
            A Pillow image.
        """
        return self._pdf[number].render(scale=scale).to_pil()

    def attachment(self, name: str) -> bytes | None:
        """Give an attached file.

        Args:
            name: Its name.
        """
        for number in range(self._pdf.count_attachments()):
            attachment = self._pdf.get_attachment(number)
            if attachment.get_name() == name:
                return bytes(attachment.get_data())
        return None

    def attachments(self) -> list[str]:
        """List the names of the attached files."""
        return [
            self._pdf.get_attachment(number).get_name()
            for number in range(self._pdf.count_attachments())
        ]

    def _page(self, number: int) -> Iterator[str]:
        page = self._pdf[number]
        marked = self._marked(page)
        tree = pdfium.FPDF_StructTree_GetForPage(page.raw)
        try:
            for kid in range(max(0, pdfium.FPDF_StructTree_CountChildren(tree))):
                yield from _element(pdfium.FPDF_StructTree_GetChildAtIndex(tree, kid), marked)
        finally:
            pdfium.FPDF_StructTree_Close(tree)
            page.close()

    def _marked(self, page: Any) -> dict[int, str]:
        """Map the numbers of a page's marked contents to their text."""
        texts: dict[int, str] = {}
        words = pdfium.FPDFText_LoadPage(page.raw)
        for number in range(pdfium.FPDFPage_CountObjects(page.raw)):
            item = pdfium.FPDFPage_GetObject(page.raw, number)
            mcid = pdfium.FPDFPageObj_GetMarkedContentID(item)
            if mcid >= 0 and pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_TEXT:
                text = _string(pdfium.FPDFTextObj_GetText, item, words)
                texts[mcid] = texts.get(mcid, "") + text.replace(_LINE_END_HYPHEN, "-")
        pdfium.FPDFText_ClosePage(words)
        return texts


def _element(element: Any, marked: dict[int, str]) -> Iterator[str]:
    if _string(pdfium.FPDF_StructElement_GetType, element) == "Figure":
        yield visible_characters(_string(pdfium.FPDF_StructElement_GetAltText, element))
        return
    for kid in range(max(0, pdfium.FPDF_StructElement_CountChildren(element))):
        child = pdfium.FPDF_StructElement_GetChildAtIndex(element, kid)
        if child:
            yield from _element(child, marked)
        else:
            yield marked.get(pdfium.FPDF_StructElement_GetChildMarkedContentID(element, kid), "")


_buffer = (ctypes.c_ushort * 4096)()


def _string(function: Any, *of: Any) -> str:
    """Ask PDFium for a text, which it writes into a buffer if there is room, and says how many bytes it has."""
    buffer, room = _buffer, ctypes.sizeof(_buffer)
    size = function(*of, buffer, room)
    if size > room:
        buffer = (ctypes.c_ushort * (size // 2))()
        function(*of, buffer, size)
    return ctypes.string_at(buffer, max(0, size - 2)).decode("utf-16-le", "replace")
