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
_IMAGE = pdfium.FPDF_PAGEOBJ_IMAGE
_IN_NO_FONT = "\U0010fffd"
_RULE_WIDTH = 1.5
_RULE_HEIGHT = 6.0
_PLAIN = 5
"""The points of a plain rectangle; a border that is filled has those of two."""


class DrawnText(msgspec.Struct, frozen=True, gc=False):
    """A piece of text as it is drawn: some words of a line, in one font.

    Args:
        content: The number of its marked content; -1 for an artifact.
        characters: Its characters.
        bounds: The place of what is drawn of them.
        size: The size of its font, in points.
        is_level: Whether its line is level.
        is_upright: Whether its line runs upwards or downwards.
        natural_width: The width that its characters have by themselves.
        cuts: The bounds of what it is cut off by.
        number: Its number among what is drawn on the page.
    """

    content: int
    characters: str
    bounds: Bounds
    size: float
    is_level: bool
    is_upright: bool
    natural_width: float
    cuts: tuple[Bounds, ...]
    number: int


class DrawnLine(msgspec.Struct, frozen=True, gc=False):
    """A rule, or the border of a box.

    Args:
        bounds: Its place.
        number: Its number among what is drawn on the page.
    """

    bounds: Bounds
    number: int


class DrawnShape(msgspec.Struct, frozen=True, gc=False):
    """A ground, an image, or a border that is filled.

    Args:
        bounds: Its place, as far as it is not cut off.
        texts_before: How many texts are drawn before it.
        content: The number of its marked content; -1 for an artifact.
        is_image: Whether it is an image.
        number: Its number among what is drawn on the page.
    """

    bounds: Bounds
    texts_before: int
    content: int
    is_image: bool
    number: int


class DrawnPage(msgspec.Struct, frozen=True):
    """A page as it is drawn; sizes in points.

    Args:
        pieces: The visible characters in the order of the tags: each with the number of its marked
            content, or -1 for an image's alternate text.
        texts: The texts, in the order in which they are drawn.
        rules: The upright lines.
        lines: The level lines.
        frames: The borders of boxes.
        shapes: The grounds and images.
    """

    width: float
    height: float
    pieces: tuple[tuple[int, str], ...]
    texts: tuple[DrawnText, ...]
    rules: tuple[DrawnLine, ...]
    lines: tuple[DrawnLine, ...] = ()
    frames: tuple[DrawnLine, ...] = ()
    shapes: tuple[DrawnShape, ...] = ()

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
    outlines = _Outlines()
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
                texts.append(_drawn_text(item, content, text, widths, number))
            elif kind == _PATH:
                outlines.add_path(item, len(texts), number)
            elif kind == _IMAGE:
                outlines.add_image(item, len(texts), number)
    pieces = tuple(
        (piece, visible_characters(marked.get(piece, "")))
        if isinstance(piece, int)
        else (-1, visible_characters(piece))
        for piece in reading_order(page)
    )
    size = native.page_width(page), native.page_height(page)
    return DrawnPage(
        *size,
        pieces,
        tuple(texts),
        tuple(outlines.rules),
        tuple(outlines.lines),
        tuple(outlines.frames),
        tuple(outlines.shapes),
    )


class _Outlines:
    """What is drawn on a page besides texts."""

    def __init__(self) -> None:
        self.rules: list[DrawnLine] = []
        self.lines: list[DrawnLine] = []
        self.frames: list[DrawnLine] = []
        self.shapes: list[DrawnShape] = []

    def add_path(self, item: Handle, texts: int, number: int) -> None:
        """Add a path that is drawn behind so many texts."""
        bounds = left, bottom, right, top = native.bounds(item)
        width, height = right - left, top - bottom
        if width <= _RULE_WIDTH:
            if height >= _RULE_HEIGHT:
                self.rules.append(DrawnLine(bounds, number))
        elif height <= _RULE_WIDTH:
            if width >= _RULE_HEIGHT:
                self.lines.append(DrawnLine(bounds, number))
        else:
            is_filled = native.is_filled(item)
            is_plain = is_filled and native.count_path_points(item) <= _PLAIN
            if not is_plain and native.is_frame(item):
                self.frames.append(DrawnLine(bounds, number))
            if is_filled:
                self.shapes.append(DrawnShape(_seen(item, bounds), texts, -1, False, number))

    def add_image(self, item: Handle, texts: int, number: int) -> None:
        """Add an image that is drawn behind so many texts."""
        bounds = _seen(item, native.bounds(item))
        content = native.content_number(item)
        self.shapes.append(DrawnShape(bounds, texts, content, True, number))


def _seen(item: Handle, bounds: Bounds) -> Bounds:
    """Return the part of an object's bounds that is not cut off."""
    for cut in native.clip_bounds(item):
        left, bottom, right, top = bounds
        bounds = max(left, cut[0]), max(bottom, cut[1]), min(right, cut[2]), min(top, cut[3])
    return bounds


def _drawn_text(item: Handle, content: int, text: str, widths: Widths, number: int) -> DrawnText:
    size, is_level, is_upright = native.scale(item)
    natural_width = widths.width(native.object_font(item), text) * size
    bounds, cuts = native.bounds(item), tuple(native.clip_bounds(item))
    return DrawnText(content, text, bounds, size, is_level, is_upright, natural_width, cuts, number)
