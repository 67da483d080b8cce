"""Boxes: where a block stands, and what is seen of it besides its content."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

import msgspec

from imrgen.document import SVG
from imrgen.export.conformance import SIGNATURE_MARK
from imrgen.export.pdf.typst.properties import CORNERS, EDGES
from imrgen.export.pdf.typst.source import pt, rgb, sides
from imrgen.export.pdf.typst.styles import Style
from imrgen.export.pdf.typst.values import resolved

if TYPE_CHECKING:
    from imrgen.export.pdf.typst.setting import Setting

_SURE = 0.9
"""The share of its guessed height that content has at least."""


class Box(msgspec.Struct, frozen=True):
    """A block's box; lengths in points.

    Args:
        above: The margin above it.
        below: The margin below it.
        left: What it is indented by on the left.
        right: What it is indented by on the right.
        outer: Its width, borders included.
        inner: The width of its content.
        least: The least height of its content; 0 where that has the height that it needs.
        most: The greatest height of its content; `None` where that has the height that it needs.
        is_seen: Whether it has a border, a ground, room above or below its content, or nothing but
            a height.
        before: The height of its border and padding above its content.
        behind: The height of those below its content.
        holds_above: Whether the margin above its first content is inside of it.
        holds_below: Whether the margin below its last content is inside of it.
        looks: The arguments of Typst's `block` and `box` for its borders and ground.
        arguments: The arguments of `block` for all that is seen of it; empty for nothing.
    """

    above: float
    below: float
    left: float
    right: float
    outer: float
    inner: float
    least: float
    most: float | None
    is_seen: bool
    before: float
    behind: float
    holds_above: bool
    holds_below: bool
    looks: str
    arguments: str

    def has_room(self, height: float) -> bool:
        """Return whether it may be higher than its content, whose height is a guess."""
        return self.most is not None or self.least > _SURE * height


def box_of(setting: Setting, element: Element, style: Style, room: float) -> Box:
    """Return an element's box.

    Args:
        setting: The document; it is told of what cannot be set.
        element: The element.
        style: Its style.
        room: The width that there is for it, in points.
    """
    margins = [0.0 if value == "auto" else float(value) for value in style.edges("margin")]
    above, right, below, left = margins
    if above < 0 or below < 0 or left < 0 or right < 0:
        setting.refuse(element, "has a negative margin")
        above, below, left, right = (max(0.0, each) for each in (above, below, left, right))
    borders = style.edges("border", "-width")
    beside = padding_and_borders(style)
    is_list = element.tag in ("ul", "ol")
    is_sized = element.tag in ("img", f"{SVG}svg", "table") or SIGNATURE_MARK in element.attrib
    outer = room - left - right
    width = outer
    if not is_sized:
        more = 0.0 if style["box-sizing"] == "border-box" else beside[1] + beside[3]
        if style["width"] != "auto":
            width = resolved(style["width"], room) + more
        if style["max-width"] != "none":
            width = min(width, resolved(style["max-width"], room) + more)
        _refuse_height(setting, element, style)
    if width > outer + 0.5:
        setting.no_room(element, "is too wide for its place", "such as by max-width: 100%")
        width = outer
    free = outer - width
    if style["margin-left"] == "auto":
        left += free / 2 if style["margin-right"] == "auto" else free
        free = free / 2 if style["margin-right"] == "auto" else 0.0
    right += free
    looks = looks_of(style, borders)
    least, most = (0.0, None) if is_sized else _heights(style, beside)
    is_high = least > 0 and _is_empty(element)
    is_seen = bool(looks) or beside[0] > 0 or beside[2] > 0 or is_high
    arguments = ""
    if is_seen and not is_sized:
        inset = list(beside)
        if is_list:
            inset[3] = borders[3]
        parts = [f"inset: {sides(*inset)}", "width: 100%"]
        parts += [looks] if looks else []
        if is_high:
            parts.append(f"height: {pt(least + beside[0] + beside[2])}")
        arguments = ", ".join(parts)
    elif not is_sized and not is_list:
        left += beside[3]
        right += beside[1]
    return Box(
        above=above,
        below=below,
        left=left,
        right=right,
        outer=width,
        inner=max(width - beside[1] - beside[3], 0.0) if not is_sized else width,
        least=least,
        most=most,
        is_seen=is_seen,
        before=beside[0],
        behind=beside[2],
        holds_above=beside[0] > 0,
        holds_below=beside[2] > 0 or most is not None,
        looks=looks,
        arguments=arguments,
    )


def padding_and_borders(style: Style) -> tuple[float, float, float, float]:
    """Return what is between a box's content and its outside: top, right, bottom and left."""
    pairs = zip(style.edges("padding"), style.edges("border", "-width"), strict=True)
    top, right, bottom, left = (padding + border for padding, border in pairs)
    return top, right, bottom, left


def stroke(style: Style, edge: str) -> str:
    """Return the border of an edge as a stroke of Typst's; empty for none."""
    width = style[f"border-{edge}-width"]
    colour = style[f"border-{edge}-color"]
    if not width or colour == "transparent":
        return ""
    dash = {"dashed": ', dash: "dashed"', "dotted": ', dash: "dotted"'}
    kind = dash.get(style[f"border-{edge}-style"], "")
    return f"(thickness: {pt(width)}, paint: {rgb(colour)}{kind})"


def strokes(style: Style) -> str:
    """Return the borders of a box as Typst's argument `stroke`; empty for none."""
    found = {edge: stroke(style, edge) for edge in EDGES}
    found = {edge: code for edge, code in found.items() if code}
    if len(found) == len(EDGES) and len(set(found.values())) == 1:
        return found["top"]
    return f"({', '.join(f'{edge}: {code}' for edge, code in found.items())})" if found else ""


def looks_of(style: Style, borders: tuple[float, float, float, float]) -> str:
    """Return the arguments of Typst's `block` and `box` for a box's borders and ground.

    Args:
        style: The box's style.
        borders: The widths of its borders, in points.
    """
    if not any(borders) and style["background-color"] == "transparent":
        return ""
    parts = []
    lines = strokes(style)
    if lines:
        # A border of CSS is within its box, a stroke of Typst's on the edge of it.
        parts.append(f"stroke: {lines}")
        parts.append(f"outset: {sides(*(-width / 2 for width in borders))}")
    if style["background-color"] != "transparent":
        parts.append(f"fill: {rgb(style['background-color'])}")
    radii = {corner: style[f"border-{corner}-radius"] for corner in CORNERS}
    if any(radii.values()) and parts:
        parts.append(f"radius: ({', '.join(f'{corner}: {pt(r)}' for corner, r in radii.items())})")
    return ", ".join(parts)


def _is_empty(element: Element) -> bool:
    return not len(element) and not (element.text or "").strip()


def _heights(style: Style, beside: tuple[float, float, float, float]) -> tuple[float, float | None]:
    """Return the least and the greatest height of a box's content.

    Args:
        style: The style of the box.
        beside: Its padding and borders.
    """
    own = beside[0] + beside[2] if style["box-sizing"] == "border-box" else 0.0
    height, least = style["height"], style["min-height"]
    most = max(height - own, 0.0) if isinstance(height, float | int) else None
    least = max(least - own, 0.0) if isinstance(least, float | int) else 0.0
    return (least, None) if most is None or least > most else (most, most)


def _refuse_height(setting: Setting, element: Element, style: Style) -> None:
    """Refuse heights that are shares of others, or cut something off, and a least width."""
    if not isinstance(style["height"], float | int) and style["height"] != "auto":
        setting.refuse(element, "has a height that is a share of another")
    if style["max-height"] != "none":
        setting.refuse(element, "has a max-height")
    if style["min-width"] not in (0.0, "auto") and style["min-width"]:
        setting.refuse(element, "has a min-width")
