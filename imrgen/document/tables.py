"""The rows and columns of tables, how large they would be set, and tables set row by row.

A table that has no room is set as a paragraph for each row, with each value behind the label of its
column. That is done to the document where a page has no room for a row, so that every format says
the same; and by the text alone where its lines have none.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement

import msgspec

from imrgen.document.long_words import pieces
from imrgen.document.visible import (
    INLINE,
    cell_span,
    is_silent,
    visible_characters,
    visible_texts,
)

ROW_BY_ROW = "row-by-row"
"""The class of a table to set so, and of what it becomes."""
_SPACES = " \t\n\r\f"
_LABEL_ENDS = (":", "?", ".", "=")
_EMS = {
    **dict.fromkeys("MWm@%½¼¾®", 1.0),
    **dict.fromkeys("w&", 0.8),
    **dict.fromkeys("filjrtI.,:;!|()[]/'- ", 0.45),
}
_HYPHEN = re.compile(r"(?<=-)(?=[^\W\d])")
MOST_LINES = 30
"""What a row may take at most of the 40 lines of a page."""
PAGE_WIDTH, FRAME = 42.0, 1.1
"""The width of a page of the pack `letter` between its margins, and of a column's padding and
border, in ems."""


class Cell(msgspec.Struct, frozen=True):
    """A cell of a table.

    Attributes:
        element: Its element.
        column: The first column that it takes, from 0.
        span: How many columns it takes.
    """

    element: Element
    column: int
    span: int

    @property
    def columns(self) -> range:
        """The columns that it takes."""
        return range(self.column, self.column + self.span)


class Row(msgspec.Struct, frozen=True):
    """A row of a table.

    Attributes:
        part: The part of the table that holds it, or itself.
        cells: Its cells.
    """

    part: Element
    cells: list[Cell]


def table_rows(table: Element) -> list[Row]:
    """List the rows of a table that can be seen and have cells, with the columns of the cells."""
    rows = [
        Row(part, [Cell(cell, 0, cell_span(cell, "colspan")) for cell in row if _is_cell(cell)])
        for part in table
        if not is_silent(part)
        for row in ([part] if part.tag == "tr" else part)
        if row.tag == "tr" and not is_silent(row)
    ]
    free: dict[int, int] = {}
    for number, row in enumerate(rows):
        column = 0
        for at, cell in enumerate(row.cells):
            while free.get(column, 0) > number:
                column += 1
            row.cells[at] = msgspec.structs.replace(cell, column=column)
            below = number + cell_span(cell.element, "rowspan")
            free.update(dict.fromkeys(row.cells[at].columns, below))
            column += cell.span
    return [row for row in rows if row.cells]


def _is_cell(element: Element) -> bool:
    return element.tag in ("td", "th") and not is_silent(element)


def split_head(rows: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return the rows that label a table's columns, and the others."""
    head = 0
    while head < len(rows) and rows[head].part.tag == "thead":
        head += 1
    if not head and len(rows) > 1:
        head = all(
            cell.element.tag == "th" and cell.element.get("scope") != "row"
            for cell in rows[0].cells
        )
    return rows[:head], rows[head:]


class CellPlan(msgspec.Struct, frozen=True):
    """What becomes of a cell of a table that is set row by row.

    Attributes:
        colon: What follows its words where they are a label.
        kept: The attributes that its content keeps.
    """

    colon: str
    kept: dict[str, str]


def cell_plans(table: Element) -> list[CellPlan]:
    """Decide by the words of a table what `set_row_by_row` writes for each of its cells."""
    return [
        CellPlan(
            "" if _text(cell.element).rstrip().endswith(_LABEL_ENDS) else ":", _kept(cell.element)
        )
        for row in table_rows(table)
        for cell in row.cells
    ]


def set_row_by_row(table: Element, plans: Iterable[CellPlan]) -> None:
    """Change a table into a paragraph for each row, with a line for each value.

    Args:
        table: The table.
        plans: What becomes of each cell.
    """
    rows = table_rows(table)
    cells = (cell.element for row in rows for cell in row.cells)
    holder = Element("div")
    lines = _Lines(holder, dict(zip(cells, plans, strict=True)))
    head, body = split_head(rows)
    width = max((cell.column + cell.span for row in rows for cell in row.cells), default=0)
    for part in table:
        if part.tag == "caption" and not is_silent(part):
            lines.add(part)
    labels: dict[int, list[Element]] = {}
    for cell in (cell for row in head for cell in row.cells):
        # What goes over all columns is a heading or a note between the rows.
        if 1 < cell.span == width:
            lines.label([cell.element])
        for column in () if 1 < cell.span == width else cell.columns:
            labels.setdefault(column, []).append(cell.element)
    for row in body:
        lines.begin_row()
        for cell in row.cells:
            is_across = 1 < cell.span == width
            if cell.element.tag == "th" and (is_across or not labels):
                lines.label([cell.element])
                continue
            columns = () if is_across else cell.columns
            lines.label(dict.fromkeys(label for at in columns for label in labels.get(at, ())))
            lines.add(cell.element)
    lines.begin_row()
    for label in dict.fromkeys(label for column in labels.values() for label in column):
        if label not in lines.labels:
            lines.label([label])
    for part in [*table]:
        table.remove(part)
    table.tag = "div"
    table.text = None
    table.set("class", ROW_BY_ROW)
    for name in ("aria-label", "role", "style", "summary", "width"):
        table.attrib.pop(name, None)
    table.extend(holder)


def _kept(element: Element) -> dict[str, str]:
    """Return the attributes of a part of a table that hold without a table."""
    return {
        name: value
        for name, value in element.attrib.items()
        if name in ("id", "lang", "dir") or name.startswith("data-")
    }


class _Lines:
    """The lines of rows, in paragraphs, and the blocks between them.

    Args:
        holder: The element to which they are added.
        plans: What becomes of each cell.

    Attributes:
        labels: The cells that have been labels.
    """

    def __init__(self, holder: Element, plans: Mapping[Element, CellPlan]) -> None:
        self._holder = holder
        self._plans = plans
        self._paragraph: Element | None = None
        self._is_open = False
        self.labels: set[Element] = set()

    def begin_row(self) -> None:
        """End the paragraph."""
        self._paragraph = None
        self._is_open = False

    def label(self, cells: Iterable[Element]) -> None:
        """Begin a line with the words of cells; with none, if they have none."""
        strong = Element("strong")
        colon = ""
        for cell in cells:
            if not visible_characters(_text(cell)):
                continue
            words = copy.deepcopy(cell)
            words.tag = "span"
            words.attrib = dict(self._plans[cell].kept)
            for inner in words.iter():
                if cell in self.labels:
                    inner.attrib.pop("id", None)
                if inner is not words and _is_block(inner):
                    inner.tag = "span"
                    inner.tail = f" {inner.tail or ''}"
            if len(strong):
                strong[-1].tail = ", "
            strong.append(words)
            self.labels.add(cell)
            colon = self._plans[cell].colon
        if len(strong):
            strong[-1].tail = colon
            strong.tail = " "
            self._is_open = False
            self._line().append(strong)

    def add(self, cell: Element) -> None:
        """Add the content of a cell, behind its label if it has one, and end the line."""
        kept = self._plans[cell].kept if cell in self._plans else {}
        if kept:
            block = Element("div", kept)
            block.text = cell.text
            block.extend(cell)
            self._block(block)
            return
        self._text(cell.text)
        for child in [*cell]:
            tail, child.tail = child.tail, None
            if _is_block(child):
                self._block(child)
            else:
                self._line().append(child)
            self._text(tail)
        self._is_open = False

    def _block(self, block: Element) -> None:
        self._holder.append(block)
        self.begin_row()

    def _text(self, text: str | None) -> None:
        text = text or ""
        if not self._is_open:
            text = text.lstrip(_SPACES)
        if text:
            line = self._line()
            if len(line):
                line[-1].tail = (line[-1].tail or "") + text
            else:
                line.text = (line.text or "") + text

    def _line(self) -> Element:
        """Return the paragraph in which a line has been begun."""
        if self._paragraph is None:
            self._paragraph = SubElement(self._holder, "p")
        elif not self._is_open:
            SubElement(self._paragraph, "br").tail = "\n"
        self._is_open = True
        return self._paragraph


def _is_block(element: Element) -> bool:
    return not is_silent(element) and element.tag[0] != "{" and element.tag not in INLINE


def needs_row_by_row(table: Element) -> bool:
    """Return whether a table asks to be set row by row, or has a row that no page can hold.

    A page break parts the cells of a row that is too high; it is read aloud in order only where one
    cell goes on, and below a header only where another row stands before it.
    """
    if ROW_BY_ROW in (table.get("class") or "").split():
        return True
    if not any(_could_be_high(cell) for tag in ("td", "th") for cell in table.iter(tag)):
        return False
    rows = table_rows(table)
    head, body = split_head(rows)
    columns: dict[int, list[str]] = {}
    for cell in (cell for row in rows for cell in row.cells):
        columns.setdefault(cell.column, []).append(_text(cell.element) if cell.span == 1 else "")
    texts = [columns.get(at, [""]) for at in range(max(columns) + 1)]
    widths = column_widths(texts, PAGE_WIDTH, FRAME) or [*map(_longest, texts)]
    high = [
        sum(
            _lines(cell.element, sum(widths[at] for at in cell.columns)) > MOST_LINES
            for cell in row.cells
        )
        for row in rows
    ]
    return any(number > 1 for number in high) or any(high[: len(head) + bool(head and body)])


def _could_be_high(cell: Element) -> bool:
    """Return whether a cell is worth measuring: most hold a few words."""
    return len("".join(cell.itertext())) > 2 * MOST_LINES or len(cell) > MOST_LINES


def _lines(cell: Element, width: float) -> float:
    """Return how many lines a cell takes at most."""
    breaks = sum(element.tag == "br" or element.tag not in INLINE for element in cell.iter())
    return breaks + ems(_text(cell)) / max(1.0, width)


def _text(element: Element) -> str:
    return "".join(text or "" for _, text, _, _ in visible_texts(element))


def column_widths(
    columns: Sequence[Iterable[str]], width: float, frame: float
) -> list[float] | None:
    """Return how wide the columns of a table would be, in ems; `None` where words would not fit.

    Args:
        columns: The texts of each column's cells.
        width: What there is for all of them.
        frame: What a column's padding and border take.
    """
    least = [*map(_longest, columns)]
    most = [max(map(ems, column)) for column in columns]
    room = width - frame * len(columns) - sum(least)
    if room < 0:
        return None
    share = min(1.0, room / max(1.0, sum(most) - sum(least)))
    return [low + (high - low) * share for low, high in zip(least, most, strict=True)]


def _longest(column: Iterable[str]) -> float:
    parts = (part for text in column for word in text.split() for part in pieces(word))
    return max((ems(p) for part in parts for p in _HYPHEN.split(part)), default=0.0)


def ems(text: str) -> float:
    """Return how wide a text is at most in a letter's fonts, bold ones included."""
    return sum(_EMS.get(c) or (1.0 if c > "\u2000" else 0.8 if c.isupper() else 0.6) for c in text)
