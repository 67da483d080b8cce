"""The HTML document read as plain text.

The words are the document's, in its order; nothing is added but white space, so that text, HTML and
PDF say the same. Headings and paragraphs are wrapped, lists and quotes indented, tables set in
aligned columns. A table that is too wide for that is set row by row, and there alone words are
added: its columns' labels stand in front of each value, and not above the first.
"""

from __future__ import annotations

import copy
import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from imrgen.document import INLINE, alternate_text, is_silent, marker_of, words_outside_items

if TYPE_CHECKING:
    from imrgen.document import Cell

_SPACES = " \t\n\r\f"
"""HTML's white space; a no-break space is a character of its word."""
_BREAK = "\x00"
_GAP = "  "
_LEAST_COLUMN = 20
"""What a table's last column must be left to be wrapped in."""
_MARKER = "\x00marker"
"""Where an item keeps the marker that was taken out of it; no parser yields this name."""
_TOO_WIDE = "\x00too-wide"
"""Where a table that is set row by row keeps how many more columns it would need."""
_AS_IT_IS = "\x00as-it-is"
"""The mark of a table of which no label is repeated."""


def to_text(root: Element, width: int = 80) -> str:
    """Derive the text of an HTML document.

    Args:
        root: The root of its tree.
        width: Columns that a line may take; a longer word stands alone on its line, unbroken. 0: no
            wrapping.

    Returns:
        The text, without white space at line ends, ended by one newline.
    """
    return _laid_out(_body(root), width)


def to_words(root: Element) -> str:
    """Return the words of an HTML document in its order, with which other formats are compared.

    It is the text without wrapping, and without the labels that it repeats in tables.

    Args:
        root: The root of its tree.
    """
    body = _body(root)
    for table in body.iter("table"):
        table.set(_AS_IT_IS, "")
    return _laid_out(body, 0)


def layouts(root: Element) -> Iterator[str]:
    """Yield the texts of an HTML document whose words differ with their width.

    The narrower a text, the more of its tables are set row by row.

    Args:
        root: The root of its tree.
    """
    width = 1.0
    while width < math.inf:
        body = _body(root)
        yield _laid_out(body, int(width))
        width += min(
            (int(e.attrib[_TOO_WIDE]) for e in body.iter() if _TOO_WIDE in e.attrib),
            default=math.inf,
        )


def _body(root: Element) -> Element:
    """Return a copy of the part of a document that is shown; an empty one where none is."""
    body = root.find("body")
    if body is None or is_silent(body) or is_silent(root):
        return Element("body")
    return copy.deepcopy(body)


def _laid_out(body: Element, width: int) -> str:
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
            is_inline = element.tag in INLINE and element.tag != "br"
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
        if child.tag in INLINE:
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
    from imrgen.document import ROW_BY_ROW  # many letters have neither lists nor tables

    if _MARKER not in item.attrib:
        item.set(_MARKER, _take_marker(item))
    marker = item.attrib[_MARKER]
    hang = columns(marker) + 1 if marker else 2
    tight = not any(child.tag == "p" or child.get("class") == ROW_BY_ROW for child in item)
    blocks = _blocks(item, _narrower(width, hang))
    body = _indent(("\n" if tight else "\n\n").join(blocks), " " * hang)
    return marker + body[len(marker) :] if marker else body


def _quote(element: Element, width: int) -> Iterator[str]:
    for block in _blocks(element, _narrower(width, 8)):
        yield _indent(block, "    ")


class _Cell:
    def __init__(self, cell: Cell) -> None:
        self.element = cell.element
        self.column = cell.column
        self.columns = cell.columns
        self.right = "text-align:right" in (cell.element.get("style") or "").replace(" ", "")
        self.lines = self.set(0).split("\n")
        self.width = max(map(columns, self.lines))

    def set(self, width: int) -> str:
        return "\n".join(_blocks(self.element, width))


def _table(element: Element, width: int) -> Iterator[str]:
    """Lay out a table in aligned columns, the last one wrapped, or row by row.

    Wrapping within other cells would tear their words apart: whoever reads line by line, or by ear,
    would hear two cells at once.
    """
    # Many letters have no table.
    from imrgen.document import cell_plans, set_row_by_row, split_head, table_rows

    found = table_rows(element)
    rows = [[_Cell(cell) for cell in row.cells] for row in found]
    widths = _widths(rows)
    least = _least_width(rows, widths)
    if width < least < math.inf and width:
        element.set(_TOO_WIDE, str(least - width))
    is_set_by_row = least == math.inf or 0 < width < least
    if is_set_by_row and _AS_IT_IS not in element.attrib and split_head(found)[0]:
        set_row_by_row(element, cell_plans(element))
        yield from _blocks(element, width)
        return
    for caption in element.iterfind("caption"):
        if not is_silent(caption):
            yield from _blocks(caption, width)
    if is_set_by_row:
        yield from (_stacked(row, width) for row in rows)
        return
    head = sum(row.part.tag == "thead" for row in found)
    lines = [_row(row, widths, width) for row in rows]
    yield from ("\n".join(part) for part in (lines[:head], lines[head:]) if part)


def _least_width(rows: list[list[_Cell]], widths: list[int]) -> float:
    """Return the width in which each cell takes one line; the last may wrap in what is left."""
    if any(len(cell.lines) > 1 for row in rows for cell in row[:-1]):
        return math.inf
    lasts = [(row[-1], _start(row[-1].column, widths)) for row in rows]
    return max(
        (
            start + (last.width if last.right else min(last.width, _LEAST_COLUMN))
            for last, start in lasts
        ),
        default=0,
    )


def _start(column: int, widths: list[int]) -> int:
    """Return where a column begins."""
    return sum(widths[:column]) + len(_GAP) * column


def _widths(rows: list[list[_Cell]]) -> list[int]:
    widths = [0] * max((row[-1].columns.stop for row in rows), default=0)
    for spanning in (False, True):
        for cell in (cell for row in rows for cell in row):
            if (len(cell.columns) > 1) is spanning:
                last = cell.columns[-1]
                before = _start(last, widths) - _start(cell.column, widths)
                widths[last] = max(widths[last], cell.width - before)
    return widths


def _row(row: list[_Cell], widths: list[int], width: int) -> str:
    at = 0
    line = ""
    for cell in row:
        start = _start(cell.column, widths)
        line += " " * (start - at)
        at = _start(cell.columns.stop, widths) - len(_GAP)
        space = " " * (at - start - cell.width)
        if cell is row[-1] and not (cell.right and len(cell.lines) == 1):
            line += _indent(cell.set(width - start if width else 0), " " * start)[start:]
        else:
            line += space + cell.lines[0] if cell.right else cell.lines[0] + space
    return line.rstrip(" ")


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
