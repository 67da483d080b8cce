"""A letter whose words know where they come from: each stretch of one origin is marked, and names it by number."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

import msgspec

from imrgen.compose.tracing import Origin, Origins
from imrgen.diagnostics import field
from imrgen.document import visible_characters
from imrgen.export import to_text
from imrgen.export.pdf.readback import Rectangle
from imrgen.preview.pdf_pages import PlacedCharacters, pages


def inspect(origins: Origins, page: str) -> dict[str, Any]:
    """Give what the page needs to say where words come from.

    Args:
        origins: The letter's origins.
        page: The letter as an HTML file.

    Returns:
        `html`, with `data-origin` around the words; `origins` by number; `unused` fields;
        `branches`.
    """
    known: dict[Origin, int] = {}
    start = origins.markup.index("<body")
    markup = origins.markup
    gaps = [gap for gap in _gaps(markup) if gap[0] >= start]
    parts, done, next_gap = [], start, 0
    for begin, end, origin in origins.spans():
        while next_gap < len(gaps) and gaps[next_gap][1] <= begin:
            next_gap += 1
        for gap_begin, gap_end in gaps[next_gap:]:
            if gap_begin >= end:
                break
            left, right = max(begin, gap_begin), min(end, gap_end)
            if not markup[left:right].strip():
                continue
            number = known.setdefault(origin, len(known))
            parts += [
                markup[done:left],
                f'<span data-origin="{number}">',
                markup[left:right],
                "</span>",
            ]
            done = right
    return {
        "html": page[: page.index("<body")] + "".join([*parts, markup[done:]]),
        **_told(origins, known),
    }


def inspect_pages(origins: Origins, pdf: bytes) -> dict[str, Any]:
    """Give what the page needs to say where the words of a PDF come from.

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
    placed = PlacedCharacters(pdf, visible_characters(to_text(origins.markup, 0)))
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
    """Give the branches of the templates that a letter was made of, and which of them it took.

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


def _gaps(markup: str) -> list[tuple[int, int]]:
    reader = _Tags(markup)
    reader.feed(markup)
    reader.close()
    return [*reader.gaps, (reader.end, len(markup))]


class _Tags(HTMLParser):
    """Finds the text between the tags."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=False)
        self._markup = markup
        self._lines = [0, *(found.end() for found in re.finditer("\n", markup))]
        self.gaps: list[tuple[int, int]] = []
        self.end = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag(len(self.get_starttag_text() or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag(len(self.get_starttag_text() or ""))

    def handle_endtag(self, tag: str) -> None:
        self._tag(self._markup.find(">", self._at()) + 1 - self._at())

    def handle_comment(self, data: str) -> None:
        self._tag(len(data) + 7)

    def handle_decl(self, decl: str) -> None:
        self._tag(len(decl) + 3)

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _tag(self, length: int) -> None:
        at = self._at()
        if at > self.end:
            self.gaps.append((self.end, at))
        self.end = at + length
