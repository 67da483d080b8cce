"""The pages of a letter's PDF, as the browser shows them: sizes, images, and words with places."""

import io
from collections.abc import Iterator
from typing import Any

from imrgen.export.pdf.readback import Rectangle, open_pdf


def describe_pages(pdf: bytes) -> list[dict[str, Any]]:
    """Return the size of each page in points, and its words with their places."""
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


def draw_page(pdf: bytes, page: int, scale: float) -> bytes:
    """Return an image of a page as a PNG.

    Args:
        pdf: The file.
        page: The page's number, from 0.
        scale: Pixels per point.
    """
    stream = io.BytesIO()
    with open_pdf(pdf) as reader:
        reader.picture(page, scale).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


class PlacedCharacters:
    """The places of a letter's visible characters on its pages.

    If the pages show exactly the letter's visible characters, in the order of the tags, the place
    of each character is known. If CSS adds words or moves them, places are known only for lines
    that occur once in the letter and once on its pages.

    Args:
        pdf: The file.
        characters: The letter's visible characters.

    Attributes:
        is_whole: Whether the place of each character is known.
    """

    def __init__(self, pdf: bytes, characters: str) -> None:
        with open_pdf(pdf) as reader:
            self._pages = reader.placed_texts()
        self._characters = characters
        self._shown = "".join(piece.characters for page in self._pages for piece in page)
        self.is_whole = self._shown == characters

    def pages(self) -> Iterator[list[tuple[int, Rectangle]]]:
        """Yield for each page its visible characters' numbers in the letter, with their places."""
        position = 0
        for page in self._pages:
            placed = []
            for piece in page:
                start = position if self.is_whole else self._find_unique(piece.characters)
                position += len(piece.characters)
                if start is not None:
                    placed += [(start + number, place) for number, place in enumerate(piece.places)]
            yield placed

    def _find_unique(self, piece: str) -> int | None:
        """Return where a piece stands in the letter if it occurs once there and on the pages."""
        position = self._characters.find(piece)
        is_unique = (
            position >= 0
            and self._characters.find(piece, position + 1) < 0
            and self._shown.find(piece, self._shown.find(piece) + 1) < 0
        )
        return position if is_unique else None
