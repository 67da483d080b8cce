"""The HTML document read as plain text.

The words are the document's, in its order; nothing is added but white space, so that text, HTML and
PDF say the same. Headings and paragraphs are wrapped, lists and quotes indented, tables set in
aligned columns.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterable, Iterator
from xml.etree.ElementTree import Element

from imrgen.document import (
    SVG,
    alternate_text,
    cell_span,
    is_silent,
    marker_of,
    words_outside_items,
)

_SPACES = " \t\n\r\f"
"""HTML's white space; a no-break space is a character of its word."""
_BREAK = "\x00"
_INLINE_NAMES = """
a abbr b bdi bdo br cite code data del dfn em i img ins kbd label mark q s samp small span strong
sub sup time u var wbr
"""
_INLINE = frozenset([*_INLINE_NAMES.split(), f"{SVG}svg"])
_GAP = "  "
_LEAST_COLUMN = 20
"""What a table's last column must be left to be wrapped in."""
_MARKER = "\x00marker"
"""Where an item keeps the marker that was taken out of it; no parser yields this name."""


def to_text(root: Element, width: int = 80) -> str:
    """Derive the text of an HTML document.

    Args:
        root: The root of its tree.
        width: Columns that a line may take; a longer word stands alone on its line, unbroken. 0: no
            wrapping.

    Returns:
        The text, without white space at line ends, ended by one newline.
    """
    body = copy.deepcopy(root.find("body"))
    if body is None or is_silent(body) or is_silent(root):
        return "\n"
    return "\n\n".join(_blocks(body, width)) + "\n"


def words_digest(root: Element) -> str:
    """Return the SHA-256 of a document's words, however they are wrapped.

    Args:
        root: The root of its tree.
    """
    parts: list[str] = []
    waiting: list[Element | str] = [root]
    while waiting:
        element = waiting.pop()
        if isinstance(element, str):
            parts.append(element)
        elif not is_silent(element):
            is_inline = element.tag in _INLINE and element.tag != "br"
            is_marker = "marker" in (element.get("class") or "").split()
            edge = "" if is_inline and not is_marker else " "
            alternate = alternate_text(element)
            parts.append(edge + (element.text or "" if alternate is None else alternate))
            waiting.append(edge)
            for child in reversed(element) if alternate is None else ():
                waiting += (child.tail or "", child)
    return hashlib.sha256(" ".join("".join(parts).split()).encode()).hexdigest()


def _take_marker(item: Element) -> str:
    """Take out the marker that an item begins with; return its text, empty where it has none."""
    marker = marker_of(item)
    if marker is None:
        return ""
    text = "".join(marker.itertext()).strip()
    marker.text = None
    marker[:] = []
    return text


def columns(text: str) -> int:
    """Count a text's columns on a terminal: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth  # it loads for 10 ms, a tenth of a letter's time

    return max(0, wcswidth(text))


def _blocks(element: Element, width: int) -> list[str]:
    """Return the blocks within a block, each one or more lines."""
    blocks: list[str] = []
    inline = [element.text or ""]
    for child in element:
        if child.tag in _INLINE:
            inline.append(_inline(child))
        elif not is_silent(child):
            blocks.append(_wrap("".join(inline), width))
            inline.clear()
            blocks += _LAYOUTS.get(child.tag, _blocks)(child, width)
        inline.append(child.tail or "")
    blocks.append(_wrap("".join(inline), width))
    return [*filter(None, blocks)]


def _inline(element: Element) -> str:
    if is_silent(element):
        return ""
    if element.tag == "br":
        return _BREAK
    alternate = alternate_text(element)
    if alternate is not None:
        return alternate
    parts = [element.text or ""]
    for child in element:
        parts += [_inline(child), child.tail or ""]
    return "".join(parts)


def _wrap(text: str, width: int) -> str:
    if not text.strip(_SPACES):  # most of what stands between blocks
        return ""
    for sign in _SPACES:  # in a tenth of the time of translate()
        text = text.replace(sign, " ")
    rows = (" ".join(filter(None, row.split(" "))) for row in text.split(_BREAK))
    parts: Iterable[str] = filter(None, rows)
    if width:
        parts = (line for part in parts for line in _lines(part, width))
    return "\n".join(parts)


def _lines(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text whose words stand one space apart."""
    if text.isascii():  # each character takes one column
        start = 0
        while len(text) - start > width:
            end = text.rfind(" ", start, start + width + 1)
            end = text.find(" ", start) if end < 0 else end
            if end < 0:
                break
            yield text[start:end]
            start = end + 1
        yield text[start:]
        return
    line: list[str] = []
    used = -1
    for word in text.split(" "):
        size = columns(word)
        if line and used + 1 + size > width:
            yield " ".join(line)
            line = []
            used = -1
        line.append(word)
        used += 1 + size
    yield " ".join(line)


def _narrower(width: int, by: int) -> int:
    return max(1, width - by) if width else 0


def _indent(block: str, space: str) -> str:
    return "\n".join(space + line if line else "" for line in block.split("\n"))


def _list(element: Element, width: int) -> Iterator[str]:
    if words_outside_items(element):
        yield from _blocks(element, width)
        return
    items = [item for item in element if item.tag == "li" and not is_silent(item)]
    is_loose = any(
        child.tag == "p" and (child.tail or child is not item[-1])
        for item in items
        for child in item
    )
    yield ("\n\n" if is_loose else "\n").join(_item(item, width) for item in items)


def _item(item: Element, width: int) -> str:
    """Lay out an item, its marker hanging."""
    if _MARKER not in item.attrib:
        item.set(_MARKER, _take_marker(item))
    marker = item.attrib[_MARKER]
    hang = columns(marker) + 1 if marker else 2
    tight = not any(child.tag == "p" for child in item)
    blocks = _blocks(item, _narrower(width, hang))
    body = _indent(("\n" if tight else "\n\n").join(blocks), " " * hang)
    return marker + body[len(marker) :] if marker else body


def _quote(element: Element, width: int) -> Iterator[str]:
    for block in _blocks(element, _narrower(width, 8)):
        yield _indent(block, "    ")


class _Cell:
    def __init__(self, element: Element) -> None:
        self.element = element
        self.span = cell_span(element, "colspan")
        self.right = "text-align:right" in (element.get("style") or "").replace(" ", "")
        self.lines = self.set(0).split("\n")
        self.width = max(map(columns, self.lines))

    def set(self, width: int) -> str:
        return "\n".join(_blocks(self.element, width))


def _table(element: Element, width: int) -> Iterator[str]:
    """Lay out a table in aligned columns, the last one wrapped, or its cells one below another.

    Wrapping within other cells would tear their words apart: whoever reads line by line, or by ear,
    would hear two cells at once.
    """
    parts = [part for part in element if not is_silent(part)]
    for caption in (part for part in parts if part.tag == "caption"):
        yield from _blocks(caption, width)
    found = [
        (part, row)
        for part in parts
        for row in ([part] if part.tag == "tr" else part)
        if row.tag == "tr" and not is_silent(row)
    ]
    rows = [(part, [_Cell(cell) for cell in row if _is_cell(cell)]) for part, row in found]
    cells = [row for _, row in rows if row]
    if not cells:
        return
    widths = _widths(cells)
    if not all(_fits(row, widths, width) for row in cells):
        yield from (_stacked(row, width) for row in cells)
        return
    head = sum(1 for part, row in rows if part.tag == "thead")
    lines = [_row(row, widths, width) for row in cells]
    yield from ("\n".join(part) for part in (lines[:head], lines[head:]) if part)


def _is_cell(element: Element) -> bool:
    return element.tag in ("td", "th") and not is_silent(element)


def _fits(row: list[_Cell], widths: list[int], width: int) -> bool:
    """Return whether a row's cells take one line each; the last may wrap in what is left."""
    if any(len(cell.lines) > 1 for cell in row[:-1]):
        return False
    room = width - _start(row, widths)
    return not width or row[-1].width <= room or (not row[-1].right and room >= _LEAST_COLUMN)


def _start(row: list[_Cell], widths: list[int]) -> int:
    """Return the column where a row's last cell begins."""
    at = sum(cell.span for cell in row[:-1])
    return sum(widths[:at]) + len(_GAP) * at


def _widths(rows: list[list[_Cell]]) -> list[int]:
    widths = [0] * max(sum(cell.span for cell in row) for row in rows)
    for spanning in (False, True):
        for row in rows:
            at = 0
            for cell in row:
                if (cell.span > 1) is spanning:
                    last = at + cell.span - 1
                    before = sum(widths[at:last]) + len(_GAP) * (last - at)
                    widths[last] = max(widths[last], cell.width - before)
                at += cell.span
    return widths


def _row(row: list[_Cell], widths: list[int], width: int) -> str:
    at = 0
    line = ""
    for cell in row[:-1]:
        size = sum(widths[at : at + cell.span]) + len(_GAP) * (cell.span - 1)
        space = " " * (size - cell.width)
        line += (space + cell.lines[0] if cell.right else cell.lines[0] + space) + _GAP
        at += cell.span
    last = row[-1]
    start = _start(row, widths)
    if last.right and len(last.lines) == 1:
        size = sum(widths[at:]) + len(_GAP) * (len(widths[at:]) - 1)
        return line + " " * (size - last.width) + last.lines[0]
    body = _indent(last.set(width - start if width else 0), " " * start)
    return (line + body[start:]).rstrip(" ")


def _stacked(row: list[_Cell], width: int) -> str:
    first, *others = row
    parts = [first.set(width)]
    parts += [_indent(cell.set(_narrower(width, len(_GAP))), _GAP) for cell in others]
    return "\n".join(filter(None, parts))


_LAYOUTS: dict[str, Callable[[Element, int], Iterable[str]]] = {
    "ul": _list,
    "ol": _list,
    "blockquote": _quote,
    "table": _table,
}
