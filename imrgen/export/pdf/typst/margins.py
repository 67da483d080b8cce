"""The boxes in the margins of a page: where their texts stand, and what is seen around them.

As in WeasyPrint, a box is as high as its margin, and as wide as its text if it has no `width`.
"""

from __future__ import annotations

import msgspec

from imrgen.export.pdf.typst.boxes import looks_of, padding_and_borders
from imrgen.export.pdf.typst.inline import has_size
from imrgen.export.pdf.typst.source import pt, sides
from imrgen.export.pdf.typst.styles import Style
from imrgen.export.pdf.typst.values import resolved

PLACES = {
    f"{band}-{place}": (band, align)
    for band in ("top", "bottom")
    for place, align in (
        ("left-corner", "right"),
        ("left", "left"),
        ("center", "center"),
        ("right", "right"),
        ("right-corner", "left"),
    )
}
"""The margin boxes that are set: the edge of each, and how its text is aligned."""
_VERTICAL = {"top": "top", "bottom": "bottom", "baseline": "horizon", "middle": "horizon"}
_SIDES = {"start": "left", "end": "right", "left": "left", "right": "right", "center": "center"}


class MarginBox(msgspec.Struct, frozen=True):
    """A box in a margin; lengths in points.

    Args:
        place: Its place, such as `top-left`.
        style: Its style.
        code: The code of its text.
        text: The width of its text at its widest.
        align: The `text-align` that a rule gives it; empty for that of its place.
    """

    place: str
    style: Style
    code: str
    text: float
    align: str

    @property
    def is_in_corner(self) -> bool:
        """Whether it stands in a corner of the page."""
        return self.place.endswith("-corner")

    def width(self, room: float) -> float:
        """Return its whole width.

        Args:
            room: That of the page's content.
        """
        _, right, _, left = padding_and_borders(self.style)
        given = self.style["width"]
        inner = self.text if given == "auto" else max(resolved(given, room), self.text)
        is_whole = given != "auto" and self.style["box-sizing"] == "border-box"
        return inner + (0.0 if is_whole else right + left)

    def can_be_set(self) -> bool:
        """Return whether Typst can set it."""
        style = self.style
        sizes = Style({**style, "width": "auto"})
        is_plain = not any(style.edges("margin")) and not style["white-space"].startswith("pre")
        if self.is_in_corner:
            sides_are_its = self.align in ("", PLACES[self.place][1])
            middle = style["vertical-align"] in ("baseline", "middle")
            return (
                is_plain and middle and sides_are_its and not (has_size(style) or _is_seen(style))
            )
        return (
            is_plain
            and not has_size(sizes)
            and style["vertical-align"] in _VERTICAL
            and self.align in ("", *_SIDES)
        )

    def placed(self, room: float, height: float) -> str:
        """Return its code, for one that is not in a corner.

        Args:
            room: The width of the page's content.
            height: The height of its margin.
        """
        style = self.style
        align = PLACES[self.place][1]
        vertical = _VERTICAL.get(style["vertical-align"], "horizon")
        if style["width"] == "auto" and not _is_seen(style):
            return f"place({align} + {vertical}, {self.code})"
        parts = [f"height: {pt(height)}", f"inset: {sides(*padding_and_borders(style))}"]
        if style["width"] != "auto":
            parts.append(f"width: {pt(self.width(room))}")
        parts += filter(None, [looks_of(style, style.edges("border", "-width"))])
        # Where the width is that of the text, there is nothing to align.
        within = _SIDES.get(self.align, align)
        shown = f"block({', '.join(parts)}, align({within} + {vertical}, {self.code}))"
        return f"place({align} + top, {shown})"


def _is_seen(style: Style) -> bool:
    return (
        style["background-color"] != "transparent"
        or any(style.edges("border", "-width"))
        or any(style.edges("padding"))
    )
