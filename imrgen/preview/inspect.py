"""A letter whose words are linked to their origins, in HTML and on the pages of a PDF."""

import bisect
import copy
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree.ElementTree import Element

import msgspec

from imrgen.compose.tracing import Origin, Origins
from imrgen.diagnostics import field
from imrgen.document import VisibleText, visible_characters
from imrgen.export import to_page
from imrgen.export.pdf.readback import Rectangle
from imrgen.preview.pdf_pages import PlacedCharacters, describe_pages


def inspect(origins: Origins) -> dict[str, Any]:
    """Return the HTML letter with its words linked to their origins.

    Args:
        origins: The letter's origins.

    Returns:
        `html`, with `data-origin` around the words; `origins` by number; `unused` fields;
        `branches`.
    """
    numbering = _Numbering(origins)
    root = copy.deepcopy(origins.document.tree)
    pieces = zip(VisibleText(root).pieces, origins.positions.pieces, strict=True)
    # From the last on: marking a text moves the elements behind it.
    for piece, (_, positions) in reversed([*pieces]):
        if piece.slot != "alt":
            _mark(piece.owner, piece.holder, [*map(numbering.number_at, positions)])
    return {"html": to_page(root, origins.document.css), **numbering.describe()}


def inspect_pages(origins: Origins, pdf: bytes) -> dict[str, Any]:
    """Return the pages of a PDF with their words linked to their origins.

    Args:
        origins: The letter's origins.
        pdf: The letter as a PDF.

    Returns:
        As `inspect`, but in place of `html` the `pdf`, its `pages`, on each of them `spots` (left,
        top, width, height, number of the origin), and `whole`: whether each word is in a spot.
    """
    numbering = _Numbering(origins)
    placed = PlacedCharacters(pdf, VisibleText(origins.document.tree).characters())
    pages = describe_pages(pdf)
    for page, characters in zip(pages, placed.pages(), strict=True):
        numbered = (
            (numbering.number_at(origins.offsets[character]), place)
            for character, place in characters
        )
        page["spots"] = list(_join(numbered))
    return {"pdf": pdf, "pages": pages, "whole": placed.is_whole, **numbering.describe()}


def branches(origins: Origins) -> list[dict[str, Any]]:
    """Return the branches of the templates that a letter was made of, and whether each was taken.

    Args:
        origins: The letter's origins.
    """
    return [
        {"span": msgspec.to_builtins(branch.span), "kind": branch.kind, "taken": branch.taken}
        for branch in origins.branches
    ]


class _Numbering:
    """Numbers the origins of a letter in the order in which they are asked for."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._spans = list(origins.spans())
        self._ends = [end for _, end, _ in self._spans]
        self._numbers: dict[Origin, int] = {}

    def number_at(self, position: int | None) -> int | None:
        """Return the number of the origin at a position in the markup; `None` for no position."""
        if position is None:
            return None
        origin = self._spans[bisect.bisect_right(self._ends, position)][2]
        return self._numbers.setdefault(origin, len(self._numbers))

    def describe(self) -> dict[str, Any]:
        """Return the numbered origins, the unused fields and the branches as plain data."""
        origins = self._origins
        return {
            "origins": [
                {
                    "span": msgspec.to_builtins(origin.span),
                    "trace": msgspec.to_builtins(origin.trace),
                    "fields": [field(path) for path in origin.paths],
                    "places": msgspec.to_builtins(origins.places(origin)),
                }
                for origin in self._numbers
            ],
            "unused": [
                {"field": field(path), "span": msgspec.to_builtins(origins.place(path))}
                for path in origins.unused
            ],
            "branches": branches(origins),
        }


def _mark(owner: Element, holder: Element, numbers: Iterable[int | None]) -> None:
    """Put a span around each stretch of a text that comes from one origin."""
    text = (holder.text if holder is owner else holder.tail) or ""
    stretches: list[tuple[int | None, str]] = []
    remaining = iter(numbers)
    for character in text:
        is_visible = bool(visible_characters(character))
        number = next(remaining) if is_visible else None
        if stretches and (number == stretches[-1][0] or not is_visible):
            stretches[-1] = stretches[-1][0], stretches[-1][1] + character
        else:
            stretches.append((number, character))
    plain = ""
    marks: list[Element] = []
    for number, words in stretches:
        if number is not None:
            marks.append(Element("span", {"data-origin": str(number)}))
            marks[-1].text = words
        elif marks:
            marks[-1].tail = (marks[-1].tail or "") + words
        else:
            plain += words
    position = 0
    if holder is owner:
        holder.text = plain
    else:
        holder.tail = plain
        position = [*owner].index(holder) + 1
    owner[position:position] = marks


def _join(numbered: Iterable[tuple[int | None, Rectangle]]) -> Iterator[list[float]]:
    """Join the places of neighbouring characters of one line that come from one origin."""
    spot: list[float] = []
    for number, (left, top, width, height) in numbered:
        if number is None:
            continue
        if spot and spot[4] == number and abs(spot[1] - top) < height / 2 and left >= spot[0]:
            spot[2] = max(spot[2], left + width - spot[0])
            continue
        if spot:
            yield spot
        spot = [left, top, width, height, number]
    if spot:
        yield spot
