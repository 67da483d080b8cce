"""Rows of boxes (`display: flex`): images, boxes with a width, and boxes that take the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from imrgen.document import SVG, is_silent
from imrgen.export.pdf.typst.boxes import Box
from imrgen.export.pdf.typst.items import Code, Item, height_of, joined
from imrgen.export.pdf.typst.source import pt
from imrgen.export.pdf.typst.styles import Style
from imrgen.export.pdf.typst.values import resolved

if TYPE_CHECKING:
    from imrgen.export.pdf.typst.setting import Setting


def flex_item(setting: Setting, element: Element, style: Style, box: Box) -> Item:
    """Return a row of boxes.

    Args:
        setting: The document.
        element: The element around the boxes.
        style: Its style.
        box: Its box.
    """
    children = [child for child in element if not is_silent(child)]
    texts = [element.text, *(child.tail for child in element)]
    if any((text or "").strip() for text in texts):
        setting.refuse(element, "is a flex container with words of its own")
    styles = [setting.styled.of[child] for child in children]
    gap = style["gap"]
    widths = [_width(setting, child, box.inner) for child in children]
    rest = box.inner - gap * (len(children) - 1) - sum(width or 0.0 for width in widths)
    grown = sum(each["flex-grow"] for each in styles if each["flex-grow"])
    columns, cells = [], []
    highest = 0.0
    for child, width, own in zip(children, widths, styles, strict=True):
        if width is None:
            width = rest * own["flex-grow"] / grown if grown else 0.0
        if width <= 0 or rest < -0.5:
            setting.no_room(child, "is too wide for its place", "make it narrower")
            width = max(width, 1.0)
        items = setting.block(child, width)
        setting.refuse_page_breaks(items)
        setting.tie(items)
        highest = max(highest, height_of(items, holds_margins=True))
        columns.append(pt(width))
        cells.append(["{ ", joined(items, holds_margins=True), "}, "])
    sides = {"center": "horizon", "end": "bottom", "flex-end": "bottom"}
    place = sides.get(style["align-items"], "top")
    code: Code = [
        f"grid(columns: ({''.join(f'{each}, ' for each in columns)}), ",
        f"column-gutter: {pt(gap)}, align: {place}, ",
        cells,
        ")",
    ]
    item = Item(code, element, arguments=box.arguments)
    item.start = item.height = highest + box.before + box.behind
    item.is_whole = setting.fits(item.height)
    return item


def _width(setting: Setting, child: Element, room: float) -> float | None:
    """Return the width of a box in a row; `None` for what takes the rest."""
    style = setting.styled.of[child]
    if child.tag == "img" or child.tag == f"{SVG}svg":
        return setting.images.image(child, style, room).width
    if style["flex-grow"]:
        return None
    if style["width"] != "auto":
        return resolved(style["width"], room)
    setting.refuse(child, "stands in a row (display: flex) without flex: 1 or a width")
    return room / 4
