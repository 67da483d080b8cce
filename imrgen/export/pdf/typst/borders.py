"""Borders of a table's cells where they collapse: of those that meet, one is shown.

A cell's borders go before those of its row, its group, its column and its table, but a wider one
goes before all (CSS 2.1, 17.6.2.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from imrgen.export.pdf.typst.boxes import stroke
from imrgen.export.pdf.typst.properties import EDGES
from imrgen.export.pdf.typst.styles import Style

_RANKS = ("none", "dotted", "dashed", "solid")
Edge = tuple[str, int, int]
"""Where a part of the grid is, `above` a cell or to its `left`, and the cell's row and column."""


class Area(msgspec.Struct, frozen=True):
    """A part of a table: a cell, or what lies behind cells.

    Args:
        style: Its style.
        row: The number of its first row.
        column: The number of its first column.
        rows: How many rows it takes.
        columns: How many columns it takes.
    """

    style: Style
    row: int
    column: int
    rows: int
    columns: int

    def edges(self, side: str) -> Iterator[Edge]:
        """Yield the parts of the grid along one of its sides."""
        if side in ("top", "bottom"):
            row = self.row + (self.rows if side == "bottom" else 0)
            for column in range(self.column, self.column + self.columns):
                yield "above", row, column
        else:
            column = self.column + (self.columns if side == "right" else 0)
            for row in range(self.row, self.row + self.rows):
                yield "left", row, column


class Border(msgspec.Struct, frozen=True):
    """What is shown along a side of a cell.

    Args:
        width: Its width, in points.
        stroke: It, as a stroke of Typst's; empty for nothing.
    """

    width: float
    stroke: str


_NOTHING = ((False, 0.0, 0), Border(0.0, ""))


class Borders:
    """The borders of a table.

    Args:
        areas: The table's parts; where two ask for the same, the first counts.
    """

    def __init__(self, areas: Iterable[Area]) -> None:
        self._left_out: Counter[Edge] = Counter()
        self._shown: dict[Edge, tuple[tuple[bool, float, int], Border]] = {}
        for area in areas:
            for side in EDGES:
                asked = _border(area.style, side)
                for edge in area.edges(side):
                    if asked[0] > self._shown.get(edge, _NOTHING)[0]:
                        self._shown[edge] = asked

    def along(self, area: Area, side: str) -> Border:
        """Return what is shown along a side of a cell.

        A border that changes along it is left to the cells on the other side; its width is that of
        its widest part.
        """
        found = {edge: self._shown.get(edge, _NOTHING)[1] for edge in area.edges(side)}
        strokes = {each.stroke for each in found.values()}
        if len(strokes) > 1:
            self._left_out.update(edge for edge, each in found.items() if each.stroke)
        width = max(each.width for each in found.values())
        return Border(width, strokes.pop() if len(strokes) == 1 else "")

    def lacks_one(self, rows: int, columns: int) -> bool:
        """Return whether there is a border that no cell shows.

        Args:
            rows: How many rows the table has.
            columns: How many columns it has.
        """
        return any(
            count > 1 or (row if where == "above" else column) in (0, last)
            for (where, row, column), count in self._left_out.items()
            for last in [rows if where == "above" else columns]
        )


def _border(style: Style, side: str) -> tuple[tuple[bool, float, int], Border]:
    kind = style[f"border-{side}-style"]
    width = style[f"border-{side}-width"]
    rank = _RANKS.index(kind) if kind in _RANKS else 0
    return (kind == "hidden", width, rank), Border(width, stroke(style, side))
