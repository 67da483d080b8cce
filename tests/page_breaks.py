"""Where the pages of a finished PDF break, and where CSS does not let them.

What stands on which page, and on which line, is read from the file with PDFium; what may part is
worked out here from the elements' styles. So it is asked alike of any engine.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

import msgspec

import imrgen
from imrgen.document import alternate_text, as_read_back, is_silent, visible_characters
from imrgen.export.conformance import SIGNATURE_MARK, Structure
from imrgen.export.pdf.drawn import as_drawn
from imrgen.export.pdf.readback import PDFReader, open_pdf
from imrgen.export.pdf.typst.styles import Style, Styles

Styled = Mapping[Element, Style]

_INLINE = ("inline", "inline-block")
_TIGHT = 0.25
"""The share of their height by which the characters of two lines may overlap."""
_SLACK = 3.0
"""Points by which letters may reach beyond the margin."""
_MARGINS = 45.0
"""Points for margins between lines, which the file does not show: so much may be left free."""


class Line(msgspec.Struct, eq=False):
    """A line of a letter as it stands on a page, or the part of a table's row on one page.

    Args:
        page: The number of its page, from 0.
        top: Where it begins, in points from above.
        bottom: Where it ends.
        around: The elements that it stands in, from the outside in; the last is its block.
        run: Tells the lines of one paragraph from those of another in the same block.
        number: The place among the lines of its paragraph, from 0.
        count: How many lines its paragraph has.
        is_marker: Whether all that stands there is the marker of a list's item.
        beside: Of a row, the lines in it.
    """

    page: int
    top: float
    bottom: float
    around: tuple[Element, ...]
    run: tuple[Element, int]
    number: int = 0
    count: int = 1
    is_marker: bool = False
    beside: tuple[Line, ...] = ()


class Letter(msgspec.Struct, frozen=True):
    """A finished letter as its pages show it.

    Args:
        lines: Its lines, in the order of the document.
        styled: The styles of its elements.
        head: Where pages begin to have room for words, in points from above.
        foot: Where they have no more room.
        pages: How many there are.
    """

    lines: Sequence[Line]
    styled: Styled
    head: float
    foot: float
    pages: int


def read(letter: imrgen.Letter, room: tuple[float, float]) -> Letter:
    """Read where the lines of a letter stand.

    Args:
        letter: The letter.
        room: Where its pages have room for words, from the head to the foot, in points from above.
    """
    structure = Structure(as_drawn(letter.document.tree, letter.pack))
    styled = _styles(letter._exporter.css).of_document(structure.root).of
    with open_pdf(letter.pdf) as reader:
        lines = _numbered([*_lines(reader, structure, styled)])
        return Letter([*_rows(lines, styled)], styled, *room, len(reader))


@functools.cache
def _styles(css: str) -> Styles:
    return Styles(css)


def faults(letter: Letter) -> Iterator[str]:
    """Find where pages break and should not, each with its page from 1 and what is wrong.

    A break that nothing could avoid is none: all of its page, or more than one page holds, has to
    stay together.
    """
    for line in letter.lines:
        if line.top < letter.head - _SLACK or line.bottom > letter.foot + _SLACK:
            yield f"page {line.page + 1}: {_name(line)} stands beyond the margin"
    for number in {*range(letter.pages)} - {line.page for line in letter.lines}:
        yield f"page {number + 1}: is empty"
    whys = [kept(*pair, letter.styled) for pair in itertools.pairwise(letter.lines)]
    for number, (last, first) in enumerate(itertools.pairwise(letter.lines)):
        if first.page < last.page:
            yield f"page {last.page + 1}: {_name(first)} stands before {_name(last)}"
        if first.page == last.page or _is_forced(last, first, letter.styled):
            continue
        start = end = number + 1
        while start and (whys[start - 1]):
            start -= 1
        while end < len(whys) and whys[end]:
            end += 1
        if not whys[number]:
            yield from _too_early(last, letter.lines[number + 1 : end + 1], letter)
        elif start and letter.lines[start - 1].page == last.page:
            together = letter.lines[start : end + 1]
            if _height(together) < letter.foot - letter.head - _MARGINS:
                yield f"page {last.page + 1}: {whys[number]}"


def _height(lines: Sequence[Line]) -> float:
    """Return how high lines are, some margins at the bounds of pages aside."""
    pages = [[*here] for _, here in itertools.groupby(lines, key=lambda line: line.page)]
    return sum(max(each.bottom for each in here) - min(each.top for each in here) for here in pages)


def _too_early(last: Line, together: Sequence[Line], letter: Letter) -> Iterator[str]:
    """Find a page on which more would have had its place."""
    spare = letter.foot - last.bottom - _height(together)
    if spare > _MARGINS:
        yield f"page {last.page + 1}: {spare:.0f} points are left free before {_name(together[0])}"


def kept(last: Line, first: Line, styled: Styled) -> str:
    """Return why no page may end between two lines; empty if one may."""
    shared = [one for one, two in zip(last.around, first.around, strict=False) if one is two]
    for element in shared:
        if styled[element]["break-inside"] != "auto":
            return f"<{element.tag}> is parted"
    if last.is_marker:
        return "a marker is parted from its item"
    if last.run == first.run and last.beside:
        lines = {each.run: each for each in last.beside}
        nexts = {each.run: each for each in reversed(first.beside)}
        pairs = ((lines[each.run], each) for each in nexts.values() if each.run in lines)
        return next(filter(None, (kept(*pair, styled) for pair in pairs)), "")
    if last.run == first.run:
        style = styled[last.around[-1]]
        if last.number + 1 < style["orphans"]:
            return f"{last.number + 1} of {last.count} lines at the foot: {_name(last)}"
        if first.count - first.number < style["widows"]:
            return f"{first.count - first.number} of {first.count} lines at the head: {_name(last)}"
        return ""
    for element in last.around[len(shared) :]:
        if styled[element]["break-after"].startswith("avoid"):
            return f"<{element.tag}> is last on its page"
    for element in first.around[len(shared) :]:
        if styled[element]["break-before"].startswith("avoid"):
            return f"<{element.tag}> is parted from what is before it: {_name(last)}"
    return ""


def _is_forced(last: Line, first: Line, styled: Styled) -> bool:
    return any(
        styled[element]["break-before"] == "page" or styled[element]["page"] != "auto"
        for element in first.around
        if element not in last.around
    ) or any(
        styled[element]["break-after"] == "page" or styled[element]["page"] != "auto"
        for element in last.around
        if element not in first.around
    )


def _name(line: Line) -> str:
    names = [element.tag for element in line.around]
    return " ".join(names[-3:])


def _lines(reader: PDFReader, structure: Structure, styled: Styled) -> Iterator[Line]:
    """Find the lines, each of one paragraph, with the signature blocks among them."""
    places = [
        (character, page, place)
        for page, texts in enumerate(reader.placed_texts())
        for text in texts
        for character, place in zip(text.characters, text.places, strict=False)
    ]
    fields = iter(reader.fields())
    parents = {child: parent for parent in structure.root.iter() for child in parent}
    at = 0
    body = structure.root.find("body")
    assert body is not None
    line: Line | None = None
    for owner, run, characters in _texts(body, styled, (body, [0])):
        if SIGNATURE_MARK in owner.attrib:
            page, (_, top, _, height) = next(fields)
            if line is not None:
                yield line
            line = Line(page, top, top + height, _around(owner, parents), run)
        is_marker = "marker" in (owner.get("class") or "").split()
        for character in as_read_back(characters):
            while places[at][0] != character:
                assert places[at][0] == "-", f"{places[at][0]} where {character} is expected"
                at += 1
            _, page, (_, top, _, height) = places[at]
            at += 1
            if (
                line is None
                or run != line.run
                or page != line.page
                or (top > line.bottom - _TIGHT * (line.bottom - line.top))
            ):
                if line is not None:
                    yield line
                line = Line(page, top, top + height, _around(run[0], parents), run)
                line.is_marker = is_marker
            line.bottom = max(line.bottom, top + height)
            line.is_marker &= is_marker
    if line is not None:
        yield line


def _texts(
    element: Element, styled: Styled, block: tuple[Element, list[int]]
) -> Iterator[tuple[Element, tuple[Element, int], str]]:
    """Yield each text in its order: its owner, its paragraph, and its characters.

    Args:
        element: What holds the texts.
        styled: The styles of the elements.
        block: The block around them, with the number of its paragraph.
    """
    if SIGNATURE_MARK in element.attrib:
        block[1][0] += 1
        yield element, (element, 0), ""
        return
    if is_silent(element) or alternate_text(element) is not None:
        return
    style = styled[element]
    if style["display"] == "none":
        return
    assert style["position"] == "static", "what is taken out of the flow is not known here"
    is_block = style["display"] not in _INLINE
    around, number = inner = (element, [0]) if is_block else block
    yield element, (around, number[0]), visible_characters(element.text or "")
    for child in element:
        yield from _texts(child, styled, inner)
        yield element, (around, number[0]), visible_characters(child.tail or "")
    if is_block:
        block[1][0] += 1


def _around(element: Element, parents: Mapping[Element, Element]) -> tuple[Element, ...]:
    found = [element]
    while found[-1] in parents:
        found.append(parents[found[-1]])
    return tuple(reversed(found))


def _rows(lines: Sequence[Line], styled: Styled) -> Iterator[Line]:
    """Join the lines that stand beside each other: those of a table's row, or a row of boxes."""

    def row(line: Line) -> tuple[Element, ...]:
        for number, element in enumerate(line.around):
            if element.tag == "tr" or styled[element]["display"] == "flex":
                return line.around[: number + 1]
        return ()

    for around, same in itertools.groupby(lines, key=row):
        if not around:
            yield from same
            continue
        beside = sorted(same, key=lambda line: line.page)
        for page, here in itertools.groupby(beside, key=lambda line: line.page):
            parts = tuple(here)
            top, bottom = min(each.top for each in parts), max(each.bottom for each in parts)
            yield Line(page, top, bottom, around, (around[-1], 0), beside=parts)


def _numbered(lines: list[Line]) -> list[Line]:
    """Let the lines of each paragraph know their place."""
    for _, same in itertools.groupby(lines, key=lambda line: line.run):
        paragraph = [*same]
        for number, line in enumerate(paragraph):
            line.number, line.count = number, len(paragraph)
    return lines
