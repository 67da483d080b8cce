"""What a pack promises of its pages (`[pages]` of its manifest), checked in each PDF.

Which words stand on which page is read back from the PDF, so that it holds for any engine; where
the engine itself says what each page shows, its word is taken for elements.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

import cssselect2
import msgspec

from imrgen.diagnostics import PackError, codes
from imrgen.document import ConformanceFault, as_read_back
from imrgen.export.conformance import Structure
from imrgen.export.pdf.engine import Shown
from imrgen.export.pdf.readback import PDFReader, Rectangle
from imrgen.pack import PagePromises

_HEAD = 40
"""So many characters of a page's beginning are looked for in the document."""


class PageContents(msgspec.Struct, frozen=True):
    """Which elements of a document stand on which pages.

    Args:
        count: How many pages there are.
        pages: The pages of the characters of each element, from 0; those of elements within may
            be left to these.
        first: The element that each page's first characters belong to; `None` for none.
    """

    count: int
    pages: Mapping[Element, frozenset[int]]
    first: Sequence[Element | None]

    @classmethod
    def of_shown(cls, shown: Sequence[Sequence[Shown]]) -> PageContents:
        """Return it as an engine says it.

        Args:
            shown: What each page shows, in reading order.
        """
        found: dict[Element, frozenset[int]] = {}
        first: list[Element | None] = []
        for number, page in enumerate(shown):
            pieces = [each for each in page if each.characters and not each.generated]
            flow = [each.element for each in pieces if each.moved is None]
            first.append(flow[0] if flow else None)
            for element in dict.fromkeys(flow):
                found[element] = found.get(element, frozenset()) | {number}
        return cls(len(shown), found, first)

    @classmethod
    def of_read(cls, structure: Structure, read: Sequence[str]) -> PageContents:
        """Return it as the PDF was read.

        Args:
            structure: The document.
            read: The visible characters of each page.
        """
        characters = structure.characters()
        as_read = as_read_back(characters)
        starts = _page_starts(as_read, [*map(as_read_back, read)])
        pages: dict[Element, frozenset[int]] = {}
        first: list[Element | None] = [None] * len(starts)
        for element in structure.elements:
            if element not in structure.starts:
                continue
            start = structure.starts[element]
            end = start + structure.lengths[element]
            if as_read != characters:
                start, end = (len(as_read_back(characters[:at])) for at in (start, end))
            ends = [*starts[1:], max(len(characters), end) + 1]
            pages[element] = frozenset(
                number
                for number, (low, high) in enumerate(zip(starts, ends, strict=True))
                if start < high and low < end
            )
            for number, low in enumerate(starts):
                if start <= low < end:
                    first[number] = element  # the innermost comes last
        return cls(len(read), pages, first)

    def pages_of(self, element: Element) -> frozenset[int]:
        """Return the pages on which an element stands, with all that is in it."""
        return frozenset().union(*(self.pages.get(each, ()) for each in element.iter()))


def _page_starts(characters: str, read: Sequence[str]) -> list[int]:
    """Return where in a document's characters each page begins.

    A page may have a hyphen more for each word that is broken.
    """
    starts: list[int] = []
    at = 0
    for number, page in enumerate(read):
        if number:
            hyphens = read[number - 1].count("-")
            low = max(0, at - hyphens)
            found = characters.find(page[:_HEAD], low, at + _HEAD + 1)
            at = found if found >= 0 and page else at
        starts.append(at)
        at += len(page)
    return starts


def broken_promises(
    promises: PagePromises,
    structure: Structure,
    shown: Sequence[Sequence[Shown]] | None,
    read: Sequence[str],
    reader: PDFReader,
) -> Iterator[ConformanceFault]:
    """Find the promises that a PDF breaks.

    Args:
        promises: What the pack promises of the letter.
        structure: The document.
        shown: What each page shows, as the engine says it; `None` where it does not know.
        read: The visible characters of each page, as they were read back.
        reader: The PDF.

    Raises:
        PackError: A selector cannot be read.
    """
    if promises.most is not None and len(read) > promises.most:
        yield _of_page(
            f"the letter has {len(read)} pages, and its pack promises at most {promises.most}",
            "make the letter shorter, or promise more (`most` under [pages] in pack.toml)",
            sum(map(len, read[: promises.most])),
            structure,
        )
    if promises.last_lines is not None and len(read) > 1:
        lines = len(reader.line_tops(len(read) - 1))
        if lines < promises.last_lines:
            yield _of_page(
                f"the last page would have {_count(lines)} of the letter only, and its pack "
                f"promises {promises.last_lines}",
                "let the style sheet keep more together at the end (orphans, widows), or promise "
                "less (`last_lines` under [pages] in pack.toml)",
                sum(map(len, read[:-1])),
                structure,
            )
    if promises.signature_lines is not None:
        yield from _lonely_signatures(promises.signature_lines, structure, reader)
    if promises.unbroken:
        contents = (
            PageContents.of_read(structure, read) if shown is None else PageContents.of_shown(shown)
        )
        yield from _broken_elements(promises.unbroken, structure, contents, read, reader)


def _lonely_signatures(
    least: int, structure: Structure, reader: PDFReader
) -> Iterator[ConformanceFault]:
    places = reader.fields()
    for block, (page, (_, top, _, _)) in zip(structure.signature_blocks(), places, strict=False):
        lines = sum(line < top for line in reader.line_tops(page))
        if lines < least:
            yield structure.fault(
                codes.PROMISE_BROKEN,
                block,
                f"is a signature block with {_count(lines)} of the letter above it on its page, "
                f"and its pack promises {least}",
                "put it into an element with what stands before it, with break-inside: avoid; or "
                "promise less (`signature_lines` under [pages] in pack.toml)",
            )


def _broken_elements(
    selectors: Iterable[str],
    structure: Structure,
    contents: PageContents,
    read: Sequence[str],
    reader: PDFReader,
) -> Iterator[ConformanceFault]:
    """Find elements that stand on several pages; one that is longer than a page has to.

    It is if it begins a page that it does not end on, if a page between is its own, or if its
    parts together are higher than any page.
    """
    root = cssselect2.ElementWrapper.from_html_root(structure.root)
    for selector in selectors:
        for element in (each.etree_element for each in root.query_all(*_compiled(selector))):
            pages = contents.pages_of(element)
            if len(pages) != 2:
                continue
            top = contents.first[min(pages)]
            is_first = top is not None and top in {*element.iter()}
            if not is_first and not _is_longer_than_a_page(element, structure, read, reader):
                yield structure.fault(
                    codes.PROMISE_BROKEN,
                    element,
                    "stands on 2 pages, and its pack promises that it stands on one",
                    "give it break-inside: avoid in the style sheet, or do not promise it "
                    "(`unbroken` under [pages] in pack.toml)",
                )


@functools.lru_cache(maxsize=256)
def _compiled(selector: str) -> tuple[Any, ...]:
    """Compile a selector of elements.

    Raises:
        PackError: It is none.
    """
    try:
        compiled = cssselect2.compile_selector_list(selector)
    except cssselect2.SelectorError:
        compiled = []
    # What is no element, or never in a PDF, such as `p::before` and `a:hover`, would be kept by
    # any letter.
    if not compiled or any(each.pseudo_element or each.never_matches for each in compiled):
        raise PackError.of(
            codes.PROMISE_UNREADABLE,
            f"`unbroken` under [pages] of the pack's manifest: `{selector}` is not a selector of "
            "elements",
            "write one of CSS, such as `section.issue > h2`",
        )
    return tuple(compiled)


def _is_longer_than_a_page(
    element: Element, structure: Structure, read: Sequence[str], reader: PDFReader
) -> bool:
    """Return whether the parts of an element on two pages are higher than all that any page has."""
    characters = structure.characters()
    start = len(as_read_back(characters[: structure.starts[element]]))
    end = start + len(as_read_back(structure.characters_of(element)))
    begins = _page_starts(as_read_back(characters), [*map(as_read_back, read)])
    highest = height = 0.0
    for begin, texts in zip(begins, reader.placed_texts(), strict=True):
        places = [place for text in texts for place in text.places]
        own = places[max(0, start - begin) : max(0, end - begin)]
        highest = max(highest, _height(places))
        height += _height(own)
    return height >= highest


def _height(places: Sequence[Rectangle]) -> float:
    if not places:
        return 0.0
    return max(top + height for _, top, _, height in places) - min(place[1] for place in places)


def _of_page(message: str, hint: str, at: int, structure: Structure) -> ConformanceFault:
    """Return the fault of a page that begins at a character of the document."""
    last = max(0, len(structure.characters()) - 1)
    return ConformanceFault(
        codes.PROMISE_BROKEN, message, hint, at=min(at, last), advice="write less, or part it"
    )


def _count(lines: int) -> str:
    return "one line" if lines == 1 else f"{lines} lines"
