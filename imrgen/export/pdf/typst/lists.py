"""Lists: their markers are words of the document, which stand in a column of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from imrgen.document import is_silent, marker_of
from imrgen.export.pdf.typst.boxes import Box
from imrgen.export.pdf.typst.items import Code, Item, block, height_of
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
    for mark, _ in marks:
        if mark is not None:
            _refuse_looks(setting, mark)
    looks = [setting.styled.of[mark] for mark, _ in marks if mark is not None]
    if looks:
        shift = min(_points(each["margin-left"]) for each in looks)
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
    moved = min(_moved(setting.styled.of[entry]) for entry in entries)
    indent += moved
    # Before those of lists in it, as the tags have them.
    setting.numberings.append(_numbering([text for _, text in marks]))
    bodies: list[Item] = []
    labels: list[Code] = []
    above: list[float] = []
    below: list[float] = []
    inner: list[Item] = []
    for entry, (mark, text) in zip(entries, marks, strict=True):
        own = setting.styled.of[entry]
        if own["list-style-type"] != "none":
            setting.report_marker(entry)
        body, items, top, bottom = _entry(setting, entry, own, room, moved)
        if own["break-inside"] != "auto":
            setting.keep(body, room - moved)
        label = _label(setting, mark, text, column)
        labels.append(_beside(body, label, room - moved, _is_one_line(body, items)))
        bodies.append(body)
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
        is_kept = body.is_whole or body.tall
        code += [
            "{ ",
            block(body) if is_kept else body.code,
            f"v({pt(gap)}); " if gap else "",
            "}, ",
        ]
    item = Item([*code, ")"], element, above=above[0], below=below[-1])
    item.arguments = box.arguments
    item.start = box.before + bodies[0].start
    item.height = box.before + sum(body.height for body in bodies) + sum(gaps) + box.behind
    item.least = sum(body.least for body in bodies) + sum(gaps)
    if inner:
        item.slot = inner[-1].slot if not box.is_seen else None
        item.lines = sum(each.lines for each in inner)
        item.is_short = len(inner) == 1 and inner[0].is_short
        item.stays_with_last = bodies[0].stays_with_last
        item.stays_with_next = bodies[-1].stays_with_next
    return [item]


def _is_one_line(body: Item, items: list[Item]) -> bool:
    """Return whether one line of an item may stand at the foot of a page."""
    return not items or body.start <= items[0].height / items[0].lines


def _beside(body: Item, label: str, room: float, is_one_line: bool) -> Code:
    """Return the code of a marker, as high as what of its item stands on the same page.

    Args:
        body: The item's content.
        label: The marker's code.
        room: The width of the content, in points.
        is_one_line: Whether that is one line.
    """
    start = pt(body.start)
    high: Code = ["measure(block(width: ", pt(room), ", { ", body.code, "})).height"]
    if body.is_whole:
        height: Code = high
    elif body.tall:
        height = [
            "{ let high = ",
            high,
            f"; if high > {pt(body.tall)} {{ {start} }} else {{ high }} }}",
        ]
    elif is_one_line:
        return [label]
    elif body.start <= body.least:
        return [f"block(height: {start}, breakable: false, {label})"]
    else:
        height = [f"calc.min({start}, ", high, ")"]
    return ["context block(height: ", height, f", breakable: false, {label})"]


def _numbering(markers: list[str]) -> str:
    """Return how a list's items are counted (ISO 32000-1, table 347), as far as markers tell."""
    first = markers[0].strip("(.) ")
    if first == "•":
        return "Disc"
    if first.isdecimal():
        return "Decimal"
    kinds = {"a": "LowerAlpha", "A": "UpperAlpha", "i": "LowerRoman", "I": "UpperRoman"}
    return kinds.get(first, "None")


def _moved(style: Style) -> float:
    """Return how far an item moves to the right, with its marker."""
    beside = (style["margin-left"], style["padding-left"], style["border-left-width"])
    return max(0.0, sum(map(_points, beside)))


def _points(value: object) -> float:
    return resolved(value, 0.0) if isinstance(value, float | int) else 0.0


def _marker(setting: Setting, entry: Element) -> tuple[Element | None, str]:
    """Return the marker that an item begins with, and its words."""
    found = marker_of(entry)
    if found is None:
        return None, ""
    setting.markers.add(found)
    return found, " ".join("".join(found.itertext()).split())


def _refuse_looks(setting: Setting, mark: Element) -> None:
    """Refuse a marker that is not shown, or has looks besides those of its letters."""
    style = setting.styled.of[mark]
    if style["display"] not in ("inline", "inline-block") or style["position"] != "static":
        setting.refuse(mark, f"is a list's marker with display: {style['display']}")
    if (
        style["background-color"] != "transparent"
        or style["vertical-align"] != "baseline"
        or any(style.edges("border", "-width"))
        or any(style.edges("padding"))
        or any(style.edges("margin")[:3])
    ):
        setting.refuse(mark, "is a list's marker with a ground, a border or room around it")


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
    setting: Setting, entry: Element, style: Style, room: float, moved: float
) -> tuple[Item, list[Item], float, float]:
    """Return an item's content as a block, the blocks in it, and the margins around it.

    Args:
        setting: The document.
        entry: The item.
        style: Its style.
        room: The width that it has, in points.
        moved: How far its place has been moved to the right already.
    """
    box = setting.box(entry, room)
    if box.is_seen or box.least:
        setting.refuse(entry, "is a list's item with a box of its own")
    if style["display"] not in ("list-item", "block"):
        setting.refuse(entry, f"is a list's item with display: {style['display']}")
    if "page" in (style["break-before"], style["break-after"]):
        setting.refuse(entry, "begins or ends a page inside a list")
    code, items, start = setting.nested(entry, style, box.inner)
    if box.left > moved or box.right:
        code = [f"pad(left: {pt(box.left - moved)}, right: {pt(box.right)}, {{ ", code, "}); "]
    opened, closed = setting.marks.around(entry)
    language = setting.language(entry)
    told = f"set text({language}); " if language else ""
    body = Item([told, opened, code, closed], entry, start=start)
    body.height = height_of(items)
    body.least = sum(item.least for item in items)
    body.stays_with_last = any(item.stays_with_last for item in items[:1])
    body.stays_with_next = any(item.stays_with_next for item in items[-1:])
    above = max([box.above, *(item.above for item in items[:1])])
    below = max([box.below, *(item.below for item in items[-1:])])
    return body, items, above, below
