"""The HTML document read as plain text.

The words are the document's, in its order; nothing is added but white space, so that text, HTML and
PDF say the same. Headings and paragraphs are wrapped, lists and quotes indented, tables set in
aligned columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SPACE = re.compile(
    r"[ \t\n\r\f]+"
)  # HTML's white space; a no-break space is a character of its word
_BREAK = "\x00"
_INLINE = frozenset(
    re.findall(
        r"\S+",
        "a abbr b bdi bdo br cite code data del dfn em i img ins kbd label mark q s samp small span strong sub sup svg "
        "time u var wbr -text",
    )
)
_SILENT = frozenset(("script", "style", "template", "head", "-comment"))
_GAP = "  "
_LEAST_COLUMN = 20
"""What a table's last column must be left to be wrapped in."""
_MARKER = "data-marker"


def to_text(markup: str, width: int = 80) -> str:
    """Derive the text of an HTML document.

    Args:
        markup: The document.
        width: Columns that a line may take; a longer word stands alone on its line, unbroken. 0: no
            wrapping.

    Returns:
        The text, without white space at line ends, ended by one newline.
    """
    body = LexborHTMLParser(markup).body
    assert body is not None, "every HTML document has a body"
    _take_markers(body)
    blocks = _blocks(body, width)
    return "\n\n".join(block for block in blocks if block) + "\n"


def _take_markers(body: LexborNode) -> None:
    """Move a list item's marker, which is part of its text, to where its layout finds it."""
    for found in body.css("li .marker"):
        item = found.parent
        while item is not None and item.tag != "li":
            item = item.parent
        if item is not None and _MARKER not in item.attributes:
            item.attrs[_MARKER] = found.text().strip()
            found.decompose()


def columns(text: str) -> int:
    """Count the columns that a text takes on a terminal: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    return max(0, wcswidth(text))


def _blocks(node: LexborNode, width: int) -> Iterator[str]:
    """Give the blocks within a block, each one or more lines."""
    inline: list[str] = []
    for child in node.iter(include_text=True):
        tag = child.tag
        if tag in _INLINE:
            inline.append(_inline(child))
        elif tag not in _SILENT and "hidden" not in child.attributes:
            if inline:
                yield _wrap("".join(inline), width)
                inline.clear()
            layout = _LAYOUTS.get(tag or "", _blocks)
            yield from layout(child, width)
    if inline:
        yield _wrap("".join(inline), width)


def _inline(node: LexborNode) -> str:
    if node.tag == "-text":
        return node.text_content or ""
    if node.tag == "br":
        return _BREAK
    if node.tag == "img":
        return node.attributes.get("alt") or ""
    if node.tag == "svg":
        title = next((child for child in node.iter() if child.tag == "title"), None)
        return title.text() if title is not None else ""
    if "hidden" in node.attributes:
        return ""
    return "".join(
        _inline(child) for child in node.iter(include_text=True) if child.tag not in _SILENT
    )


def _wrap(text: str, width: int) -> str:
    return "\n".join(line for part in text.split(_BREAK) for line in _lines(part, width))


def _lines(text: str, width: int) -> Iterator[str]:
    words = [word for word in _SPACE.split(text) if word]
    if not width:
        if words:
            yield " ".join(words)
        return
    measure: Callable[[str], int] = len if text.isascii() else columns
    line: list[str] = []
    used = -1
    for word in words:
        size = measure(word)
        if line and used + 1 + size > width:
            yield " ".join(line)
            line, used = [], -1
        line.append(word)
        used += 1 + size
    if line:
        yield " ".join(line)


def _narrower(width: int, by: int) -> int:
    return max(1, width - by) if width else 0


def _indent(block: str, space: str) -> str:
    return "\n".join(space + line if line else "" for line in block.split("\n"))


def _list(node: LexborNode, width: int) -> Iterator[str]:
    items = []
    loose = False
    for item in node.iter():
        if item.tag == "li":
            loose = loose or any(
                child.tag == "p" and child.next is not None for child in item.iter()
            )
            items.append(_item(item, width))
    yield ("\n\n" if loose else "\n").join(items)


def _item(node: LexborNode, width: int) -> str:
    """Set an item, its marker hanging."""
    marker = node.attributes.get(_MARKER) or ""
    hang = columns(marker) + 1 if marker else 2
    tight = not any(child.tag == "p" for child in node.iter())
    blocks = [block for block in _blocks(node, _narrower(width, hang)) if block]
    body = _indent(("\n" if tight else "\n\n").join(blocks), " " * hang)
    return marker + body[len(marker) :] if marker else body


def _quote(node: LexborNode, width: int) -> Iterator[str]:
    for block in _blocks(node, _narrower(width, 8)):
        if block:
            yield _indent(block, "    ")


class _Cell:
    def __init__(self, node: LexborNode) -> None:
        self.node = node
        span = node.attributes.get("colspan") or ""
        self.span = max(1, int(span)) if re.fullmatch("[0-9]{1,3}", span) else 1
        self.right = "text-align:right" in (node.attributes.get("style") or "").replace(" ", "")
        self.lines = self.set(0).split("\n")
        self.width = max(map(columns, self.lines))

    def set(self, width: int) -> str:
        return "\n".join(block for block in _blocks(self.node, width) if block)


def _table(node: LexborNode, width: int) -> Iterator[str]:
    """Set a table in aligned columns, the last one wrapped; where that does not fit, a row's cells one below the other.

    Wrapping within other cells would tear their words apart: whoever reads line by line, or by ear,
    would hear two cells at once.
    """
    parts = [part for part in node.iter() if "hidden" not in part.attributes]
    for caption in (part for part in parts if part.tag == "caption"):
        yield from _blocks(caption, width)
    found = [
        row
        for part in parts
        for row in ([part] if part.tag == "tr" else part.iter())
        if row.tag == "tr"
    ]
    rows = [(row, _cells(row)) for row in found if "hidden" not in row.attributes]
    cells = [row for _, row in rows if row]
    if not cells:
        return
    widths = _widths(cells)
    if not all(_fits(row, widths, width) for row in cells):
        yield from (_stacked(row, width) for row in cells)
        return
    head = sum(1 for row, _ in rows if row.parent is not None and row.parent.tag == "thead")
    lines = [_row(row, widths, width) for row in cells]
    yield from ("\n".join(part) for part in (lines[:head], lines[head:]) if part)


def _cells(row: LexborNode) -> list[_Cell]:
    return [
        _Cell(cell)
        for cell in row.iter()
        if cell.tag in ("td", "th") and "hidden" not in cell.attributes
    ]


def _fits(row: list[_Cell], widths: list[int], width: int) -> bool:
    """Tell whether a row's cells take one line each, but for the last, which may wrap in what is left."""
    if any(len(cell.lines) > 1 for cell in row[:-1]):
        return False
    room = width - _start(row, widths)
    return not width or row[-1].width <= room or (not row[-1].right and room >= _LEAST_COLUMN)


def _start(row: list[_Cell], widths: list[int]) -> int:
    """Give the column where a row's last cell begins."""
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
    at, line = 0, ""
    for cell in row[:-1]:
        size = sum(widths[at : at + cell.span]) + len(_GAP) * (cell.span - 1)
        space = " " * (size - cell.width)
        line += (space + cell.lines[0] if cell.right else cell.lines[0] + space) + _GAP
        at += cell.span
    last, start = row[-1], _start(row, widths)
    if last.right and len(last.lines) == 1:
        size = sum(widths[at:]) + len(_GAP) * (len(widths[at:]) - 1)
        return line + " " * (size - last.width) + last.lines[0]
    body = _indent(last.set(width - start if width else 0), " " * start)
    return (line + body[start:]).rstrip(" ")


def _stacked(row: list[_Cell], width: int) -> str:
    parts = []
    for number, cell in enumerate(row):
        inner = cell.set(_narrower(width, 2 if number else 0))
        parts.append(_indent(inner, _GAP) if number else inner)
    return "\n".join(part for part in parts if part)


_LAYOUTS: dict[str, Callable[[LexborNode, int], Iterator[str]]] = {
    "ul": _list,
    "ol": _list,
    "blockquote": _quote,
    "table": _table,
}
