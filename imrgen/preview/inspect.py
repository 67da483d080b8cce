"""A letter whose words are marked with where they come from, in HTML and on a PDF's pages."""

from __future__ import annotations

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
from imrgen.preview.pdf_pages import PlacedCharacters, pages


def inspect(origins: Origins) -> dict[str, Any]:
    """Return what the page needs to tell where the words of the HTML letter come from.

    Args:
        origins: The letter's origins.

    Returns:
        `html`, with `data-origin` around the words; `origins` by number; `unused` fields;
        `branches`.
    """
    known: dict[Origin, int] = {}
    stretches = list(origins.spans())
    ends = [end for _, end, _ in stretches]
    root = copy.deepcopy(origins.document.tree)
    pieces = VisibleText(root).pieces
    offsets = [positions for _, positions in origins.positions.pieces]
    # From the last on: a text behind an element belongs to whatever stands before it then.
    for piece, positions in reversed([*zip(pieces, offsets, strict=True)]):
        if piece.slot == "alt":
            continue
        numbers = [
            None
            if position is None
            else known.setdefault(stretches[bisect.bisect_right(ends, position)][2], len(known))
            for position in positions
        ]
        _mark(piece.owner, piece.holder, numbers)
    return {"html": to_page(root, origins.document.css), **_told(origins, known)}


def _mark(owner: Element, holder: Element, numbers: list[int | None]) -> None:
    """Put spans around the characters of a text that come from one origin."""
    text = (holder.text if holder is owner else holder.tail) or ""
    stretches: list[tuple[int | None, str]] = []
    left = iter(numbers)
    for character in text:
        number = next(left) if visible_characters(character) else None
        if stretches and (number == stretches[-1][0] or not visible_characters(character)):
            stretches[-1] = stretches[-1][0], stretches[-1][1] + character
        else:
            stretches.append((number, character))
    at = 0 if holder is owner else [*owner].index(holder) + 1
    plain, marks = "", list[Element]()
    for number, words in stretches:
        if number is not None:
            marks.append(Element("span", {"data-origin": str(number)}))
            marks[-1].text = words
        elif marks:
            marks[-1].tail = (marks[-1].tail or "") + words
        else:
            plain += words
    if holder is owner:
        holder.text = plain
    else:
        holder.tail = plain
    owner[at:at] = marks


def inspect_pages(origins: Origins, pdf: bytes) -> dict[str, Any]:
    """Return what the page needs to tell where the words of a PDF come from.

    Args:
        origins: The letter's origins.
        pdf: The letter as a PDF.

    Returns:
        As `inspect`, with `pdf`, its `pages`, the stretches of one origin on each as `spots` (left,
        top, width, height, number of the origin), and `whole`: whether each word is in one.
    """
    known: dict[Origin, int] = {}
    stretches = list(origins.spans())
    ends = [end for _, end, _ in stretches]
    placed = PlacedCharacters(pdf, VisibleText(origins.document.tree).characters())
    sheets = pages(pdf)
    for sheet, characters in zip(sheets, placed.pages(), strict=True):
        numbered = []
        for number, box in characters:
            offset = origins.offsets[number]
            if offset is not None:
                origin = stretches[bisect.bisect_right(ends, offset)][2]
                numbered.append((known.setdefault(origin, len(known)), box))
        sheet["spots"] = list(_spots(numbered))
    return {"pdf": pdf, "pages": sheets, "whole": placed.is_whole, **_told(origins, known)}


def _spots(numbered: Iterable[tuple[int, Rectangle]]) -> Iterator[list[float]]:
    """Join the places of characters that stand in a line and come from one origin."""
    last: list[float] = []
    for number, (left, top, width, height) in numbered:
        if last and last[4] == number and abs(last[1] - top) < height / 2 and left >= last[0]:
            last[2] = max(last[2], left + width - last[0])
            continue
        if last:
            yield last
        last = [left, top, width, height, number]
    if last:
        yield last


def _told(origins: Origins, known: Iterable[Origin]) -> dict[str, Any]:
    return {
        "origins": [_plain(origins, origin) for origin in known],
        "unused": [
            {"field": field(path), "span": _built(origins.place(path))} for path in origins.unused
        ],
        "branches": branches(origins),
    }


def branches(origins: Origins) -> list[dict[str, Any]]:
    """Return the branches of the templates that a letter was made of, and which of them it took.

    Args:
        origins: The letter's origins.
    """
    return [
        {"span": msgspec.to_builtins(branch.span), "kind": branch.kind, "taken": branch.taken}
        for branch in origins.branches
    ]


def _plain(origins: Origins, origin: Origin) -> dict[str, Any]:
    return {
        "span": msgspec.to_builtins(origin.span),
        "trace": [msgspec.to_builtins(span) for span in origin.trace],
        "fields": [field(path) for path in origin.paths],
        "places": [msgspec.to_builtins(span) for span in origins.places(origin)],
    }


def _built(span: Any) -> Any:
    return None if span is None else msgspec.to_builtins(span)
