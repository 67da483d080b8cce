"""Whether words on a page can be read: against their ground, in their size, unturned."""

from __future__ import annotations

from typing import Any

import msgspec

from imrgen.export.pdf.boxes import Box

_LEAST_CONTRAST = 1.5
"""Contrast (WCAG 2.2) below which words are as good as hidden; 21 is black on white."""
_LEAST_OF_WATERMARKS = 1.1
_WATERMARK_POINTS = 36
"""Letters of this size can be read in the lightest grey."""
_LEAST_POINTS = 5.0
_POINTS_PER_PIXEL = 0.75
_ROUNDING = 0.01
RGB = tuple[float, float, float]
WHITE = (1.0, 1.0, 1.0)

# Lightness as a share of white's, for the spaces that WeasyPrint keeps as they are.
_LIGHTNESS = {"lab": 100.0, "lch": 100.0, "oklab": 1.0, "oklch": 1.0}


class Surroundings(msgspec.Struct, frozen=True):
    """What the boxes around a text do to it.

    Args:
        ground: The colour behind it; `None` where an image is there.
        matrix: The transform from its place to the page.
        is_struck: Whether a line goes through it.
    """

    ground: RGB | None = WHITE
    matrix: Any = None
    is_struck: bool = False

    def within(self, box: Box) -> Surroundings:
        """Return what is around the content of a box."""
        style = box.style
        found = self
        is_page = box.element is None
        if not is_page and any(kind != "none" for kind, _ in style["background_image"]):
            found = msgspec.structs.replace(found, ground=None)
        background = style["background_color"]
        if background == "currentcolor":
            background = style["color"]
        if background.alpha:
            found = msgspec.structs.replace(found, ground=over(found.ground, background))
        if box.transformation_matrix:
            whole = box.transformation_matrix
            if self.matrix is not None:
                whole = whole @ self.matrix
            found = msgspec.structs.replace(found, matrix=whole)
        lines = style["text_decoration_line"]
        if "line-through" in lines and not found.is_struck:
            found = msgspec.structs.replace(found, is_struck=True)
        return found

    def problem(self, text: Box) -> tuple[str, str] | None:
        """Return why a text cannot be read as it is meant, and the way out."""
        if self.is_struck:
            return (
                "is only struck out, and stands in text as if it held",
                "leave it out in the template",
            )
        size = text.style["font_size"] * _POINTS_PER_PIXEL * self._scale()
        return problem_of_letters(size, text.style["color"], self.ground)

    def corners(self, text: Box) -> list[tuple[float, float]]:
        """Return where on the page two opposite corners of a text are."""
        left, top = text.position_x, text.position_y
        places = [(left, top), (left + text.width, top + text.height)]
        if self.matrix is None:
            return places
        return [self.matrix.transform_point(*place) for place in places]

    def _scale(self) -> float:
        return 1.0 if self.matrix is None else float(abs(self.matrix.determinant) ** 0.5)


def problem_of_letters(size: float, colour: Any, ground: RGB | None) -> tuple[str, str] | None:
    """Return why letters cannot be read, and the way out.

    Args:
        size: Their size in points.
        colour: Their colour, as tinycss2 reads it.
        ground: What is behind them; `None` where an image is there.
    """
    if size < _LEAST_POINTS - _ROUNDING:
        return (
            f"has words of less than {_LEAST_POINTS:g} points, which nobody can read",
            "give them a larger font-size; sub, sup and small make what is in them smaller",
        )
    ink = over(ground, colour)
    least = _LEAST_CONTRAST if size < _WATERMARK_POINTS else _LEAST_OF_WATERMARKS
    if ink and ground and _contrast(ink, ground) < least:
        return (
            "has words in nearly the colour of their ground",
            "give them a colour that can be seen there, or leave them out in the template",
        )
    return None


def over(ground: RGB | None, colour: Any) -> RGB | None:
    """Return what a colour looks like on its ground; `None` where that is not known."""
    rgb = _rgb(colour)
    if rgb is None or (ground is None and colour.alpha < 1):
        return None
    behind = ground or WHITE
    red, green, blue = (
        front * colour.alpha + back * (1 - colour.alpha)
        for front, back in zip(rgb, behind, strict=True)
    )
    return red, green, blue


def _rgb(colour: Any) -> RGB | None:
    """Return a colour in sRGB, as a grey of the same lightness if it is in another space."""
    white = _LIGHTNESS.get(colour.space)
    if white is not None:
        share = max(0.0, min(1.0, colour.coordinates[0] / white))
        luminance = share**3 if white == 1 else ((100 * share + 16) / 116) ** 3
        grey = _from_linear(luminance)
        return grey, grey, grey
    try:
        red, green, blue = colour.to("srgb").coordinates
    except NotImplementedError:
        return None
    return red, green, blue


def _contrast(one: RGB, other: RGB) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: RGB) -> float:
    red, green, blue = map(_linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def _from_linear(share: float) -> float:
    return 12.92 * share if share <= 0.0031308 else 1.055 * share ** (1 / 2.4) - 0.055
