"""What a PDF holds: words by the tag tree, their places, attachments, pictures of pages."""

from __future__ import annotations

import contextlib
import ctypes
import functools
from collections.abc import Iterator
from typing import Any

import msgspec
import pypdfium2
import pypdfium2.raw as pdfium

from imrgen.document import visible_characters
from imrgen.export.pdf.locks import PDFIUM_LOCK
from imrgen.export.pdf.readback import native
from imrgen.export.pdf.readback.drawing import Drawing
from imrgen.export.pdf.readback.drawn_page import DrawnPage, drawn_page
from imrgen.export.pdf.readback.marked_text import (
    LINE_END_HYPHEN,
    loaded_page,
    reading_order,
)

Rectangle = tuple[float, float, float, float]
"""Left, top, width and height, in points from the page's upper left corner."""


class UnreadablePDF(ValueError):  # noqa: N818 - it says what the file is
    """A file that PDFium cannot open, or a page of which it cannot."""


class Page(msgspec.Struct, frozen=True):
    """A page as it is shown; sizes in points.

    Args:
        lines: The words of each line, with their place.
    """

    width: float
    height: float
    lines: tuple[tuple[Rectangle, str], ...]


class PlacedText(msgspec.Struct, frozen=True):
    """The visible characters of a marked content or an image.

    Args:
        places: The place of each character; none for an image's alternate text.
    """

    characters: str
    places: tuple[Rectangle, ...] = ()


class Tag(msgspec.Struct, frozen=True):
    """An element of the tag tree, as far as it stands on one page.

    Args:
        name: Its name, such as `TH`.
        attributes: Those of tables, and the alternate text, each with its value.
        kids: The elements in it, and its words.
    """

    name: str
    attributes: tuple[tuple[str, str], ...]
    kids: tuple[Tag | str, ...]


@contextlib.contextmanager
def open_pdf(content: bytes) -> Iterator[PDFReader]:
    """Open a PDF; one thread at a time, others wait.

    Raises:
        UnreadablePDF: It is not a PDF that PDFium can open, or one with a page that it cannot.
    """
    with PDFIUM_LOCK:
        try:
            with contextlib.closing(pypdfium2.PdfDocument(content)) as document:
                yield PDFReader(document)
        except pypdfium2.PdfiumError as fault:
            raise UnreadablePDF(str(fault)) from None


class PDFReader:
    """An open PDF; of use within `open_pdf` only."""

    def __init__(self, document: Any) -> None:
        self._document = document

    def __len__(self) -> int:
        return len(self._document)

    def metadata(self) -> dict[str, str]:
        """Return what the document's information says: `Title` and so on."""
        found: dict[str, str] = self._document.get_metadata_dict(skip_empty=True)
        return found

    def bookmarks(self) -> list[tuple[str, int, int]]:
        """Return the title of each bookmark, its level and its page, both from 0."""
        return [
            (each.get_title(), each.level, target.get_index() if target else 0)
            for each in self._document.get_toc()
            for target in [each.get_dest()]
        ]

    def tags(self) -> list[tuple[Tag, ...]]:
        """Return the tag tree of each page, with its words."""
        return [_tags(page) for page in self._pages()]

    def page_characters(self) -> list[str]:
        """Return the visible characters of each page in the order of its tags.

        An image counts by its alternate text, an artifact not at all.
        """
        return [page.characters for page in self.drawn_pages()]

    def drawn_pages(self) -> list[DrawnPage]:
        """Return the words of each page, and where they are drawn."""
        document = native.handle(self._document.raw)
        found = []
        for number in range(len(self._document)):
            with loaded_page(document, number) as page:
                found.append(drawn_page(page))
        return found

    def placed_texts(self) -> list[list[PlacedText]]:
        """Return for each page its visible characters as `page_characters` does, with places."""
        found = []
        for page in self._pages():
            texts = _placed_texts(page)
            pieces = (
                texts.get(item) if isinstance(item, int) else PlacedText(visible_characters(item))
                for item in reading_order(native.handle(page.raw))
            )
            found.append([piece for piece in pieces if piece is not None])
        return found

    def line_tops(self, number: int) -> list[float]:
        """Return where each line of a page of the letter begins, from above; artifacts left out.

        Args:
            number: The page, from 0.
        """
        with contextlib.closing(self._document[number]) as page:
            places = [place for text in _placed_texts(page).values() for place in text.places]
        tops: list[float] = []
        end = 0.0
        for _, top, _, height in sorted(places, key=lambda place: place[1]):
            # What begins above the foot of a line's characters stands on that line: a full stop
            # begins low, as PDFium has it.
            if not tops or top >= end:
                tops.append(top)
                end = 0.0
            end = max(end, top + 0.75 * height)
        return tops

    def fields(self) -> list[tuple[int, Rectangle]]:
        """Return the page, from 0, and the place of each form field, page by page."""
        found = []
        box = pdfium.FS_RECTF()
        for number, page in enumerate(self._pages()):
            for place in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
                annotation = pdfium.FPDFPage_GetAnnot(page.raw, place)
                if pdfium.FPDFAnnot_GetSubtype(
                    annotation
                ) == pdfium.FPDF_ANNOT_WIDGET and pdfium.FPDFAnnot_GetRect(
                    annotation, ctypes.byref(box)
                ):
                    top = page.get_height() - box.top
                    place_ = (box.left, top, box.right - box.left, box.top - box.bottom)
                    found.append((number, place_))
                pdfium.FPDFPage_CloseAnnot(annotation)
        return found

    def pages(self) -> list[Page]:
        """Return each page as it is shown, artifacts included, line by line."""
        found = []
        for page in self._pages():
            width, height = page.get_size()
            with contextlib.closing(page.get_textpage()) as words:
                lines = []
                for number in range(words.count_rects()):
                    left, bottom, right, top = words.get_rect(number)
                    text = words.get_text_bounded(left, bottom, right, top).strip()
                    if text:
                        lines.append(((left, height - top, right - left, top - bottom), text))
            found.append(Page(width, height, tuple(lines)))
        return found

    def picture(self, number: int, scale: float) -> Any:
        """Draw a page as a Pillow image.

        Args:
            number: The page, from 0.
            scale: Pixels per point.
        """
        with contextlib.closing(self._document[number]) as page:
            return page.render(scale=scale).to_pil()

    @contextlib.contextmanager
    def drawing(self, number: int) -> Iterator[Drawing]:
        """Open a page of which parts are drawn, once the first of them is.

        Args:
            number: The page, from 0.
        """
        with contextlib.ExitStack() as stack:
            page = loaded_page(native.handle(self._document.raw), number)
            yield Drawing(functools.cache(lambda: stack.enter_context(page)))

    def _pages(self) -> Iterator[Any]:
        for number in range(len(self._document)):
            with contextlib.closing(self._document[number]) as page:
                yield page


def _tags(page: Any) -> tuple[Tag, ...]:
    tree = pdfium.FPDF_StructTree_GetForPage(page.raw)
    texts: dict[int, str] = {}
    for text in drawn_page(native.handle(page.raw)).texts:
        # Of artifacts, and of kids that are on another page, PDFium says the number -1.
        if text.content >= 0:
            texts[text.content] = texts.get(text.content, "") + text.characters
    try:
        return tuple(
            _tag(pdfium.FPDF_StructTree_GetChildAtIndex(tree, kid), texts)
            for kid in range(pdfium.FPDF_StructTree_CountChildren(tree))
        )
    finally:
        pdfium.FPDF_StructTree_Close(tree)


def _tag(element: Any, texts: dict[int, str]) -> Tag:
    kids = (
        texts.get(kid, "") if isinstance(kid, int) else _tag(kid, texts) for kid in _kids(element)
    )
    handle = native.handle(element)
    return Tag(
        native.string(native.element_type, handle),
        tuple(_attributes(element)),
        tuple(kids),
    )


def _attributes(element: Any) -> Iterator[tuple[str, str]]:
    number = ctypes.c_float()
    size = ctypes.c_ulong()
    for place in range(max(0, pdfium.FPDF_StructElement_GetAttributeCount(element))):
        attributes = pdfium.FPDF_StructElement_GetAttributeAtIndex(element, place)
        scope = pdfium.FPDF_StructElement_Attr_GetValue(attributes, b"Scope")
        if scope:
            room = ctypes.create_string_buffer(64)
            pdfium.FPDF_StructElement_Attr_GetStringValue(scope, room, 64, ctypes.byref(size))
            yield "Scope", room.raw[: max(0, size.value - 2)].decode("utf-16-le")
        for name in ("ColSpan", "RowSpan"):
            value = pdfium.FPDF_StructElement_Attr_GetValue(attributes, name.encode())
            if value and pdfium.FPDF_StructElement_Attr_GetNumberValue(value, ctypes.byref(number)):
                yield name, str(int(number.value))
    alternate = native.string(native.alternate_text, native.handle(element))
    if alternate:
        yield "Alt", alternate


def _kids(element: Any) -> list[Any]:
    """List the elements in an element, and the numbers of its marked contents."""
    return [
        pdfium.FPDF_StructElement_GetChildAtIndex(element, kid)
        or pdfium.FPDF_StructElement_GetChildMarkedContentID(element, kid)
        for kid in range(pdfium.FPDF_StructElement_CountChildren(element))
    ]


def _placed_texts(page: Any) -> dict[int, PlacedText]:
    """Map the numbers of a page's marked contents to their visible characters, with places."""
    characters: dict[int, list[tuple[str, Rectangle]]] = {}
    height = page.get_height()
    box = pdfium.FS_RECTF()
    words = pdfium.FPDFText_LoadPage(page.raw)
    for number in range(pdfium.FPDFText_CountChars(words)):
        item = pdfium.FPDFText_GetTextObject(words, number)
        mcid = pdfium.FPDFPageObj_GetMarkedContentID(item) if item else -1
        text = chr(pdfium.FPDFText_GetUnicode(words, number)).replace(LINE_END_HYPHEN, "-")
        visible = visible_characters(text)
        if (
            mcid >= 0
            and visible
            and pdfium.FPDFText_GetLooseCharBox(words, number, ctypes.byref(box))
        ):
            place = (box.left, height - box.top, box.right - box.left, box.top - box.bottom)
            characters.setdefault(mcid, []).append((visible, place))
    pdfium.FPDFText_ClosePage(words)
    return {
        mcid: PlacedText("".join(text for text, _ in found), tuple(place for _, place in found))
        for mcid, found in characters.items()
    }
