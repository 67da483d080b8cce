"""Lists: their markers are words of the document, which stand in a column of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from imrgen.document import is_silent, marker_of
from imrgen.export.pdf.typst.boxes import Box
from imrgen.export.pdf.typst.items import Code, Item, height_of
from imrgen.export.pdf.typst.source import pt, quoted
from imrgen.export.pdf.typst.styles import Style
from imrgen.export.pdf.typst.text import text_arguments
from imrgen.export.pdf.typst.values import resolved

if TYPE_CHECKING:
    from imrgen.export.pdf.typst.setting import Setting

_GAP = 0.2
"""The room behind a marker that is wider than its column, in parts of its letters' size."""


def list_item(setting: Setting, element: Element, style: Style, box: Box) -> list[Item]:
    """Return a list as one block; nothing for one without items.

    Args:
        setting: The document.
        element: The list.
        style: Its style.
        box: Its box.
    """
    entries = [child for child in element if child.tag == "li" and not is_silent(child)]
    entries = [each for each in entries if setting.styled.of[each]["display"] != "none"]
    if not entries:
        return []
    marks = [_marker(setting, entry) for entry in entries]
    indent: float = style["padding-left"]
    column, behind = 0.0, 0.0
    looks = [setting.styled.of[mark] for mark, _ in marks if mark is not None]
    if looks:
        shift = min(float(each["margin-left"]) for each in looks)
        least = max(_points(each["min-width"]) for each in looks)
        widest = max(
            setting.faces.width(text, setting.styled.of[mark])
            for mark, text in marks
            if mark is not None
        )
        start = max(0.0, indent + shift)
        column = max(least, widest)
        behind = max(indent - start - column, _GAP * style["font-size"])
        indent = start
    room = box.inner + style["padding-left"] - indent - column - behind
    # Before those of lists in it, as the tags have them.
    setting.numberings.append(_numbering([text for _, text in marks]))
    bodies: list[Code] = []
    labels: list[Code] = []
    above: list[float] = []
    below: list[float] = []
    inner: list[Item] = []
    for entry, (mark, text) in zip(entries, marks, strict=True):
        own = setting.styled.of[entry]
        if mark is None and own["list-style-type"] != "none" and looks:
            setting.refuse(entry, "has no marker in a list that has some")
        code, items, top, bottom = _entry(setting, entry, own, room)
        label = _label(setting, mark, text, column)
        if own["break-inside"] != "auto" and setting.fits(height_of(items)):
            # A marker as high as what it belongs to is on the same page.
            high = [f"measure(block(width: {pt(room)}, {{ ", code, "})).height"]
            labels.append(["context block(height: ", high, f", breakable: false, {label})"])
            code = ["block(breakable: false, width: 100%, { ", code, "})"]
        elif items and items[0].lines > 1:
            fixed = f"height: {pt(items[0].start)}, breakable: false"
            labels.append([f"block({fixed}, {label})"])
        else:
            labels.append([label])
        bodies.append(code)
        inner += items
        above.append(top)
        below.append(bottom)
    gaps = [max(pair) for pair in zip(below[:-1], above[1:], strict=True)]
    is_even = len({round(gap, 3) for gap in gaps}) < 2
    spacing = gaps[0] if gaps and is_even else 0.0
    code = [
        f"enum(indent: {pt(indent)}, body-indent: {pt(behind)}, spacing: {pt(spacing)}, ",
        "number-align: start + top, ",
        "numbering: n => (",
        [[each, ", "] for each in labels],
        ").at(n - 1), ",
    ]
    for number, body in enumerate(bodies):
        gap = gaps[number] if number < len(gaps) and not is_even else 0.0
        code += ["{ ", body, f"v({pt(gap)}); " if gap else "", "}, "]
    item = Item([*code, ")"], element, above=above[0], below=below[-1])
    item.arguments = box.arguments
    if inner:
        item.start = inner[0].start
        item.slot = inner[-1].slot if not box.is_seen else None
        item.lines = sum(each.lines for each in inner)
        item.height = height_of(inner) + sum(gaps)
        item.stays_with_next = inner[-1].stays_with_next
    return [item]


def _numbering(markers: list[str]) -> str:
    """Return how a list's items are counted (ISO 32000-1, table 347), as far as markers tell."""
    first = markers[0].strip("(.) ")
    if first == "•":
        return "Disc"
    if first.isdecimal():
        return "Decimal"
    kinds = {"a": "LowerAlpha", "A": "UpperAlpha", "i": "LowerRoman", "I": "UpperRoman"}
    return kinds.get(first, "None")


def _points(value: object) -> float:
    return resolved(value, 0.0) if isinstance(value, float | int) else 0.0


def _marker(setting: Setting, entry: Element) -> tuple[Element | None, str]:
    """Return the marker that an item begins with, and its words."""
    found = marker_of(entry)
    if found is None:
        return None, ""
    setting.markers.add(found)
    return found, " ".join("".join(found.itertext()).split())


def _label(setting: Setting, mark: Element | None, text: str, column: float) -> str:
    if mark is None:
        return f"box(width: {pt(column)})"
    style = setting.styled.of[mark]
    told = text_arguments(style, setting.faces)
    side = style["text-align"] if style["text-align"] in ("right", "center", "end") else "left"
    shown = f"text({told}, {quoted(text)})"
    if style["text-decoration-line"] != "none":
        shown = f"underline({shown})"
    return f"box(width: {pt(column)}, align({side}, {shown}))"


def _entry(
    setting: Setting, entry: Element, style: Style, room: float
) -> tuple[Code, list[Item], float, float]:
    """Return the code of an item's content, its blocks, and the margins around it."""
    box = setting.box(entry, room)
    if box.is_seen:
        setting.refuse(entry, "is a list's item with a box of its own")
    if style["display"] not in ("list-item", "block"):
        setting.refuse(entry, f"is a list's item with display: {style['display']}")
    if "page" in (style["break-before"], style["break-after"]):
        setting.refuse(entry, "begins or ends a page inside a list")
    code, items = setting.nested(entry, style, box.inner)
    if box.left or box.right:
        code = [f"pad(left: {pt(box.left)}, right: {pt(box.right)}, {{ ", code, "}); "]
    opened, closed = setting.marks.around(entry)
    language = setting.language(entry)
    code = [f"set text({language}); " if language else "", opened, code, closed]
    above = max([box.above, *(item.above for item in items[:1])])
    below = max([box.below, *(item.below for item in items[-1:])])
    return code, items, above, below
