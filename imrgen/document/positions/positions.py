"""Where in its markup each element and each visible character of a document stands.

The parser reports no positions. So the markup is split into tokens, each start tag gets its
position as an attribute, each visible character is replaced by its position in private-use
characters, and the result is parsed: however the parser nests what the author did not, everything
keeps its position. What does not come out as it went in has no position.
"""

import html
import itertools
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from imrgen.document.parsing import parse_html
from imrgen.document.positions.tokens import Token, tokens
from imrgen.document.tables import ROW_BY_ROW
from imrgen.document.visible import VisibleText, visible_characters
from imrgen.document.written_out import write_out

_HIGH, _LOW, _BASE = 0xF0000, 0x100000, 0xFFF0
"""The first private-use character for each of a position's two digits, and the digits' base."""
_ATTRIBUTE = "data-imrgen-position"
_WRITTEN_OUT = frozenset(("div", "span", "strong"))
"""What is written out for another element; no parser implies these."""


class Positions:
    """The positions of a document's elements and visible characters.

    Args:
        markup: The document.
        root: The root of its tree.

    Attributes:
        tags: The start tag of each element, as start and end, in the order of the tree; `None`
            where it has none, or its place is not known. What was written out for an element has
            that element's.
        pieces: The texts that are visible, each with the positions of its characters.
    """

    def __init__(self, markup: str, root: Element) -> None:
        found = tokens(markup)
        numbered = parse_html("".join(_numbered(markup, found)))
        write_out(numbered, parse_html(markup))
        by_start = {str(token.start): token for token in found}
        holders = {child: parent for parent in numbered.iter() for child in parent}
        known: dict[Element, tuple[int, int] | None] = {}
        for element, other in zip(root.iter(), numbered.iter(), strict=False):
            is_written_out = _ATTRIBUTE not in other.attrib and (
                other.tag in _WRITTEN_OUT
                or (other.tag == "p" and holders[other].get("class") == ROW_BY_ROW)
            )
            token = by_start.get(other.attrib.pop(_ATTRIBUTE, ""))
            if is_written_out:
                known[other] = known[holders[other]]
            else:
                is_known = token is not None and element.tag == other.tag
                known[other] = (token.start, token.end) if token and is_known else None
        self.tags = [*known.values()]
        visible, other_pieces = VisibleText(root).pieces, VisibleText(numbered).pieces
        self.pieces = [
            (piece, _positions(piece.characters, other.characters if other else "", markup))
            for piece, other in itertools.zip_longest(
                visible, other_pieces if len(visible) == len(other_pieces) else ()
            )
        ]

    @property
    def characters(self) -> tuple[int | None, ...]:
        """The position of each visible character."""
        return tuple(position for _, positions in self.pieces for position in positions)


def _positions(shown: str, numbered: str, markup: str) -> list[int | None]:
    """Read the positions of a text's characters; `None` for all where one is not as it was."""
    found: list[int] = []
    digits = iter(numbered)
    for character in digits:
        high, low = ord(character) - _HIGH, ord(next(digits, "\0")) - _LOW
        if high < 0 or low < 0 or high * _BASE + low >= len(markup):
            return [None] * len(shown)
        found.append(high * _BASE + low)
    return list(found) if len(found) == len(shown) else [None] * len(shown)


def _numbered(markup: str, found: list[Token]) -> Iterator[str]:
    for kind, start, end, tag, alternate in found:
        written = markup[start:end]
        if kind == "text":
            yield from (_number(start + at, each) for at, each in enumerate(written))
        elif kind == "reference":
            yield from (_number(start, each) for each in html.unescape(written))
        elif kind == "start":
            name_end = len(tag) + 1
            yield f'{written[:name_end]} {_ATTRIBUTE}="{start}"'
            yield _numbered_alternate(written[name_end:], start + name_end, alternate)
        else:
            yield written


def _numbered_alternate(written: str, start: int, alternate: str) -> str:
    """Number the alternate text in what is written of a start tag."""
    for quote in ('"', "'"):
        opening = f"alt={quote}"
        if alternate and written.lower().count(opening) == 1:
            at = written.lower().index(opening) + len(opening)
            end = written.find(quote, at)
            numbered = [
                _number(start + at + token.start + (number if token.kind == "text" else 0), each)
                for token in tokens(written[at:end])
                for number, each in enumerate(
                    html.unescape(written[at:end][token.start : token.end])
                )
            ]
            return "".join([written[:at], *numbered, written[end:]])
    return written


def _number(position: int, character: str) -> str:
    if not visible_characters(character):
        return character
    high, low = divmod(position, _BASE)
    return chr(_HIGH + high) + chr(_LOW + low)
