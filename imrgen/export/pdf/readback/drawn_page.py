"""Where the texts of a page are drawn, and the lines that part the cells of tables."""

from __future__ import annotations

import msgspec
import pypdfium2.raw as pdfium

from imrgen.document import visible_characters
from imrgen.export.pdf.readback import native
from imrgen.export.pdf.readback.marked_text import (
    LINE_END_HYPHEN,
    loaded_words,
    reading_order,
    text_parts,
)
from imrgen.export.pdf.readback.native import Handle

Bounds = tuple[float, float, float, float]
"""Left, bottom, right and top, in points from the page's lower left corner."""

_TEXT = pdfium.FPDF_PAGEOBJ_TEXT
_PATH = pdfium.FPDF_PAGEOBJ_PATH
_IN_NO_FONT = "\U0010fffd"
_RULE_WIDTH = 1.5
_RULE_HEIGHT = 6.0


class DrawnText(msgspec.Struct, frozen=True, gc=False):
    """A piece of text as it is drawn: some words of a line, in one font.

    Args:
        content: The number of its marked content; -1 for an artifact.
        characters: Its characters.
        bounds: The place of what is drawn of them.
        size: The size of its font, in points.
        is_level: Whether its line is level.
        natural_width: The width that its characters have by themselves.
        cuts: The bounds of what it is cut off by.
    """

    content: int
    characters: str
    bounds: Bounds
    size: float
    is_level: bool
    natural_width: float
    cuts: tuple[Bounds, ...]


class DrawnPage(msgspec.Struct, frozen=True):
    """A page as it is drawn; sizes in points.

    Args:
        pieces: The visible characters in the order of the tags: each with the number of its marked
            content, or -1 for an image's alternate text.
        texts: The texts, in the order in which they are drawn.
        rules: The upright lines.
    """

    width: float
    height: float
    pieces: tuple[tuple[int, str], ...]
    texts: tuple[DrawnText, ...]
    rules: tuple[Bounds, ...]

    @property
    def characters(self) -> str:
        """Its visible characters in the order of its tags.

        An image counts by its alternate text, an artifact not at all.
        """
        return "".join(characters for _, characters in self.pieces)


class Widths:
    """The widths of the characters of a file's fonts; of use while a page of the file is open."""

    def __init__(self) -> None:
        self._widths: dict[Handle, dict[str, float]] = {}

    def width(self, font: Handle, text: str) -> float:
        """Return the width of a text in a font of one point.

        What the font has as a part of a ligature only counts for nothing.
        """
        known = self._widths.setdefault(font, {})
        try:
            return sum(map(known.__getitem__, text))
        except KeyError:
            missing = native.width_of_character(font, _IN_NO_FONT)
            for character in set(text) - known.keys():
                width = native.width_of_character(font, character)
                known[character] = 0.0 if width == missing else width
        return sum(map(known.__getitem__, text))


def drawn_page(page: Handle) -> DrawnPage:
    """Read a page.

    Args:
        page: The page.
    """
    texts: list[DrawnText] = []
    rules: list[Bounds] = []
    marked: dict[int, str] = {}
    widths = Widths()
    with loaded_words(page) as words:
        parts = text_parts(words)
        for number in range(native.count_objects(page)):
            item = native.page_object(page, number)
            kind = native.object_kind(item)
            if kind == _TEXT:
                content = native.content_number(item)
                text = parts.get(item)
                if text is None:
                    text = native.string(native.object_text, item, words)
                text = text.replace(LINE_END_HYPHEN, "-")
                if content >= 0:
                    marked[content] = marked.get(content, "") + text
                texts.append(_drawn_text(item, content, text, widths))
            elif kind == _PATH:
                bounds = left, bottom, right, top = native.bounds(item)
                if right - left <= _RULE_WIDTH and top - bottom >= _RULE_HEIGHT:
                    rules.append(bounds)
    pieces = tuple(
        (piece, visible_characters(marked.get(piece, "")))
        if isinstance(piece, int)
        else (-1, visible_characters(piece))
        for piece in reading_order(page)
    )
    size = native.page_width(page), native.page_height(page)
    return DrawnPage(*size, pieces, tuple(texts), tuple(rules))


def _drawn_text(item: Handle, content: int, text: str, widths: Widths) -> DrawnText:
    size, is_level = native.scale(item)
    natural_width = widths.width(native.object_font(item), text) * size
    bounds, cuts = native.bounds(item), tuple(native.clip_bounds(item))
    return DrawnText(content, text, bounds, size, is_level, natural_width, cuts)
