"""A letter's PDF as the page shows it: each sheet's size, a picture of it, and the words on it with their places."""

from __future__ import annotations

import contextlib
import ctypes
import io
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from imrgen.document import visible_characters
from imrgen.export.pdf.readback import Reading

Box = tuple[float, float, float, float]
"""Left, top, width and height, in points from the sheet's upper left corner."""


def pages(pdf: bytes) -> list[dict[str, Any]]:
    """Give each page's size in points, and the words on it with their places, so that they can be read and marked.

    Args:
        pdf: The file.
    """
    found = []
    with contextlib.closing(pypdfium2.PdfDocument(pdf)) as document:
        for page in document:
            width, height = page.get_size()
            text = page.get_textpage()
            lines = []
            for number in range(text.count_rects()):
                left, bottom, right, top = text.get_rect(number)
                said = text.get_text_bounded(left, bottom, right, top).strip()
                if said:
                    place = (left, height - top, right - left, top - bottom)
                    lines.append([*(round(each, 1) for each in place), said])
            found.append({"width": width, "height": height, "lines": lines})
    return found


def picture(pdf: bytes, page: int, scale: float) -> bytes:
    """Draw a page as a PNG.

    Args:
        pdf: The file.
        page: The page's number, from 0.
        scale: Pixels for each point.
    """
    with contextlib.closing(pypdfium2.PdfDocument(pdf)) as document:
        image = document[page].render(scale=scale).to_pil()
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=1)
    return stream.getvalue()


class PlacedCharacters:
    """The places of a letter's visible characters on its pages.

    Where the pages show the letter's visible characters and nothing else, as the tags order them,
    each character is known by its number. Where CSS adds words or moves them, only those
    lines are that stand once in the letter and once on its pages.

    Args:
        pdf: The file.
        wanted: The letter's visible characters.

    Attributes:
        is_whole: Whether each character is known.
    """

    def __init__(self, pdf: bytes, wanted: str) -> None:
        reading = _Places(pdf)
        with reading:
            self._pages = reading.pages()
        self._wanted = wanted
        self._held = "".join(piece for page in self._pages for piece in page)
        self.is_whole = self._held == wanted

    def pages(self) -> Iterator[list[tuple[int, Box]]]:
        """List for each page the numbers of its visible characters, from 0, with their places."""
        at = 0
        for page in self._pages:
            found = []
            for piece in page:
                start = at if self.is_whole else self._only(piece)
                at += len(piece)
                if start is not None and isinstance(piece, _Placed):
                    found += [(start + number, box) for number, box in enumerate(piece.boxes)]
            yield found

    def _only(self, piece: str) -> int | None:
        """Give where a piece stands in the letter; `None` where that is nowhere, or at more than one place."""
        at = self._wanted.find(piece)
        is_only = (
            at >= 0
            and self._wanted.find(piece, at + 1) < 0
            and self._held.find(piece, self._held.find(piece) + 1) < 0
        )
        return at if is_only else None


class _Placed(str):
    """The visible characters of a marked content, with the place of each character."""

    boxes: list[Box]


class _Places(Reading):
    def pages(self) -> list[list[str]]:
        return [list(self._page(number)) for number in range(len(self))]

    def _marked(self, page: Any) -> dict[int, str]:
        characters: dict[int, list[tuple[str, Box]]] = {}
        height = page.get_height()
        rectangle = pdfium.FS_RECTF()
        words = pdfium.FPDFText_LoadPage(page.raw)
        for number in range(pdfium.FPDFText_CountChars(words)):
            item = pdfium.FPDFText_GetTextObject(words, number)
            mcid = pdfium.FPDFPageObj_GetMarkedContentID(item) if item else -1
            seen = visible_characters(
                chr(pdfium.FPDFText_GetUnicode(words, number)).replace("\x02", "-")
            )
            if (
                mcid >= 0
                and seen
                and pdfium.FPDFText_GetLooseCharBox(words, number, ctypes.byref(rectangle))
            ):
                left, right, top, bottom = (
                    rectangle.left,
                    rectangle.right,
                    rectangle.top,
                    rectangle.bottom,
                )
                box = (left, height - top, right - left, top - bottom)
                characters.setdefault(mcid, []).append((seen, box))
        pdfium.FPDFText_ClosePage(words)
        texts: dict[int, str] = {}
        for mcid, found in characters.items():
            texts[mcid] = placed = _Placed("".join(seen for seen, _ in found))
            placed.boxes = [box for _, box in found]
        return texts
