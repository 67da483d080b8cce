"""How a narrative's table is set: as it is, in small letters, on a page across, or row by row.

It is decided here, of the words alone, so that text, HTML and PDF hold the same ones. Words,
numbers and dates stay whole: a table whose columns are too narrow for them is set small, then on a
page in landscape. One that fits nowhere, or has a row that could be higher than a page, is set row
by row, each value behind its column's label.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from markdown_it.token import Token

from imrgen.document import FRAME, MOST_LINES, PAGE_WIDTH, ROW_BY_ROW, column_widths, ems

_MANY = 5
"""Columns from which a smaller type is worth its while to keep a high row in its table."""


class _Setting(msgspec.Struct, frozen=True):
    """A way of setting tables in the pack `letter`.

    Args:
        classes: The table's classes, for its CSS.
        width: The width of the page between its margins.
        frame: What a column's padding and border take.
        is_across: Whether it takes a page in landscape.
    """

    classes: str
    width: float
    frame: float
    is_across: bool = False


_SETTINGS = (
    _Setting("", PAGE_WIDTH, FRAME),
    _Setting("dense", 53.0, 0.6),
    _Setting("dense landscape", 73.0, 0.6, is_across=True),
)


def table_classes(tokens: Sequence[Token], indent: float) -> str:
    """Return the classes of the first way in which a table fits.

    Args:
        tokens: The table's, from its start to its end.
        indent: What the lists and quotes around it are indented by, in ems.
    """
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append("".join(child.content for child in token.children or ()))
    columns = [*zip(*rows, strict=True)]
    for setting in _SETTINGS:
        widths = column_widths(columns, setting.width - indent, setting.frame)
        # A page across begins a new page, which belongs into no list or quote.
        if widths is None or (indent and setting.is_across):
            continue
        if not any(
            ems(text) > width * MOST_LINES
            for texts, width in zip(columns, widths, strict=True)
            for text in texts
        ):
            return setting.classes
        if len(columns) < _MANY:
            break
    return ROW_BY_ROW
