"""How a narrative's table is set: as it is, in small letters, on a page across, or row by row.

It is decided here, of the words alone, so that text, HTML and PDF hold the same ones. Words,
numbers and dates stay whole: a table whose columns are too narrow for them is set small, then on a
page in landscape. One that fits nowhere, or has a row that could be higher than a page, is written
row by row, each value behind its column's label.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence

import msgspec
from markdown_it.token import Token

from imrgen.document import pieces

_EMS = {
    **dict.fromkeys("MWm@%½¼¾®", 1.0),
    **dict.fromkeys("w&", 0.8),
    **dict.fromkeys("filjrtI.,:;!|()[]/'- ", 0.45),
}
_HYPHEN = re.compile(r"(?<=-)(?=[^\W\d])")
_MOST_LINES = 30
"""What a row may take at most of the 40 lines of a page."""
_MANY = 5
"""Columns from which a smaller type is worth its while to keep a high row in its table."""
_LABEL_ENDS = (":", "?", ".", "=")


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
    _Setting("", 42.0, 1.1),
    _Setting("dense", 53.0, 0.6),
    _Setting("dense landscape", 73.0, 0.6, is_across=True),
)


class _Table:
    """The cells of a table, each by its token that holds the content."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.rows: list[list[Token]] = []
        for token in tokens:
            if token.type == "tr_open":
                self.rows.append([])
            elif token.type == "inline":
                self.rows[-1].append(token)

    def setting(self, indent: float) -> _Setting | None:
        """Return the first setting in which the words stay whole and no row is too high."""
        columns = [*zip(*self.rows, strict=True)]
        least = [max(map(_longest_piece, column)) for column in columns]
        most = [max(map(_width, column)) for column in columns]
        for setting in _SETTINGS:
            room = setting.width - indent - setting.frame * len(columns) - sum(least)
            # A page across begins a new page, which belongs into no list or quote.
            if room < 0 or (indent and setting.is_across):
                continue
            share = min(1.0, room / max(1.0, sum(most) - sum(least)))
            widths = [low + (high - low) * share for low, high in zip(least, most, strict=True)]
            if not self._is_high(widths):
                return setting
            if len(columns) < _MANY:
                return None
        return None

    def _is_high(self, widths: Sequence[float]) -> bool:
        return any(
            _width(cell) > width * _MOST_LINES
            for row in self.rows
            for cell, width in zip(row, widths, strict=True)
        )

    def records(self) -> Iterator[Token]:
        """Write a paragraph for each row, a line for each value."""
        labels, *rows = self.rows
        for row in rows or [[]]:
            lines = [
                line
                for number, label in enumerate(labels)
                if (line := _labelled(label, row[number] if row else None))
            ]
            children = [child for line in lines for child in (_HARD_BREAK, *line)][1:]
            if children:
                yield Token("paragraph_open", "p", 1, block=True)
                yield Token("inline", "", 0, children=children)
                yield Token("paragraph_close", "p", -1, block=True)


_HARD_BREAK = Token("hardbreak", "br", 0)


def arranged(tokens: list[Token], indent: float) -> list[Token]:
    """Set a table in the first way in which it fits.

    Args:
        tokens: The table's, from its start to its end.
        indent: What the lists and quotes around it are indented by, in ems.
    """
    table = _Table(tokens)
    setting = table.setting(indent)
    if setting is None:
        return [*table.records()]
    if setting.classes:
        tokens[0].attrSet("class", setting.classes)
    return tokens


def _labelled(label: Token, value: Token | None) -> list[Token]:
    name = copy.deepcopy(label.children or [])
    words = value.children if value and value.children else []
    if not name:
        return words
    colon = "" if label.content.rstrip("*_ ").endswith(_LABEL_ENDS) else ":"
    strong = [Token("strong_open", "strong", 1), *name]
    strong += [Token("text", "", 0, content=colon), Token("strong_close", "strong", -1)]
    return [*strong, Token("text", "", 0, content=" "), *words] if words else strong


def _text(cell: Token) -> str:
    return "".join(child.content for child in cell.children or ())


def _longest_piece(cell: Token) -> float:
    parts = (part for word in _text(cell).split() for part in pieces(word))
    return max((_ems(p) for part in parts for p in _HYPHEN.split(part)), default=0.0)


def _width(cell: Token) -> float:
    return _ems(_text(cell))


def _ems(text: str) -> float:
    """Return how wide a text is at most in a letter's fonts, bold ones included."""
    return sum(_EMS.get(c) or (1.0 if c > "\u2000" else 0.8 if c.isupper() else 0.6) for c in text)
