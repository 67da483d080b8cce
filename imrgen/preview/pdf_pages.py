"""A letter's PDF as the page shows it: sizes, pictures, and the words with their places."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from imrgen.export.pdf.readback import Rectangle, open_pdf


def pages(pdf: bytes) -> list[dict[str, Any]]:
    """Return each page's size in points, and the words on it with their places, for the browser."""
    with open_pdf(pdf) as reader:
        return [
            {
                "width": page.width,
                "height": page.height,
                "lines": [
                    [*(round(each, 1) for each in place), text] for place, text in page.lines
                ],
            }
            for page in reader.pages()
        ]


def picture(pdf: bytes, page: int, scale: float) -> bytes:
    """Draw a page, counted from 0, as a PNG; the scale is in pixels per point."""
    stream = io.BytesIO()
    with open_pdf(pdf) as reader:
        reader.picture(page, scale).save(stream, "PNG", compress_level=1)
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
        with open_pdf(pdf) as reader:
            self._pages = reader.placed_texts()
        self._wanted = wanted
        self._held = "".join(piece.characters for page in self._pages for piece in page)
        self.is_whole = self._held == wanted

    def pages(self) -> Iterator[list[tuple[int, Rectangle]]]:
        """List for each page the numbers of its visible characters, from 0, with their places."""
        at = 0
        for page in self._pages:
            found = []
            for piece in page:
                start = at if self.is_whole else self._only(piece.characters)
                at += len(piece.characters)
                if start is not None:
                    found += [(start + number, place) for number, place in enumerate(piece.places)]
            yield found

    def _only(self, piece: str) -> int | None:
        """Return where a piece stands in the letter, if that is one place of it and of the pages."""
        at = self._wanted.find(piece)
        is_only = (
            at >= 0
            and self._wanted.find(piece, at + 1) < 0
            and self._held.find(piece, self._held.find(piece) + 1) < 0
        )
        return at if is_only else None
