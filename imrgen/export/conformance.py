"""What in a document cannot conform to PDF/UA-1, or would not be shown alike by every format.

The faults of the document itself are found here, for every format; what only a layout shows, such
as a word that is too wide, is for `imrgen.export.pdf`.
"""

from __future__ import annotations

import functools
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from xml.etree.ElementTree import Element

from imrgen.diagnostics import codes
from imrgen.document import (
    SVG,
    ConformanceFault,
    Document,
    VisibleText,
    alternate_text,
    cell_span,
    element_fault,
    words_outside_items,
)

SIGNATURE_MARK = "data-signature"
"""The attribute of a signature block; its value names who signs there."""
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CELLS = ("td", "th")
_ROWS = ("thead", "tbody", "tfoot", "tr")


class ConformanceError(Exception):
    """Raised for a document that cannot be issued; callers turn it into an `ImrgenError`."""

    def __init__(self, faults: Iterable[ConformanceFault]) -> None:
        self.faults = list(faults)
        super().__init__(self.faults)


def conformance_faults(document: Document) -> Iterator[ConformanceFault]:
    """Find what keeps a document from being issued.

    Args:
        document: The letter.
    """
    yield from Structure(document.tree).faults()


class Structure(VisibleText):
    """A document's elements with their places among its visible characters.

    Args:
        root: The root of the document's tree.
    """

    def fault(
        self, code: str, element: Element, message: str, hint: str, advice: str = ""
    ) -> ConformanceFault:
        """Return the fault of an element.

        Args:
            code: The diagnostic's code.
            element: The element.
            message: What is wrong with it, as the element's predicate.
            hint: How to mend it.
            advice: How to mend it in the case, where its words are the case's.
        """
        return element_fault(self._numbers[element], element, code, message, hint, advice=advice)

    @functools.cached_property
    def _numbers(self) -> dict[Element, int]:
        return {element: number for number, element in enumerate(self.root.iter())}

    def signature_blocks(self) -> list[Element]:
        """List the signature blocks, in reading order."""
        return [element for element in self.elements if SIGNATURE_MARK in element.attrib]

    def faults(self) -> Iterator[ConformanceFault]:
        """Find what no layout could make conform (ISO 14289-1, 7) or show as it is meant."""
        ids = {element.get("id") for element in self.root.iter()}
        found = [*self._of_root(), *self._of_ids()]
        level = 0
        for element in self.elements:
            tag = element.tag
            heading = _HEADINGS.get(tag)
            if heading is not None:
                if heading > level + 1:
                    found.append((element, *_skipped(level)))
                level = heading
            elif tag == "table":
                found += _of_table(element)
            elif tag == "a" and not ids.issuperset(_targets(element)):
                hint = "give an element the id that the link goes to"
                found.append((element, "links to an id that does not exist", hint))
            for is_at_fault, message, hint in _CHECKED.get(tag, ()):
                if is_at_fault(element):
                    found.append((element, message, hint))
            if "popover" in element.attrib:
                hint = "leave out the attribute popover"
                found.append((element, "is shown by browsers only when it is asked for", hint))
            if tag in ("a", "link") and "attachment" in (element.get("rel") or ""):
                hint = "only the case file is attached, by --embed-case"
                found.append((element, "attaches a file", hint))
        yield from (self.fault(codes.NOT_ACCESSIBLE, *fault) for fault in found)
        for block in self.signature_blocks():
            for fault in _of_signature_block(block):
                yield self.fault(codes.BLOCK_UNUSABLE, block, *fault)

    def _of_root(self) -> Iterator[_Fault]:
        if not self.root.get("lang"):
            yield self.root, "has no lang", 'write <html lang="en-US">'
        if not (self.root.findtext("head/title") or "").strip():
            yield self.root, "has no title", "write a <title> in its head"

    def _of_ids(self) -> Iterator[_Fault]:
        """Find ids that stand twice, so that a link or a label is of another element than meant."""
        elements = [element for element in self.elements if element.attrib]
        named = {name for element in elements for name in _references(element)}
        seen: set[str | None] = set()
        for element in elements:
            own = element.get("id")
            # A drawing that is shown twice refers to what is the same in both.
            if element.tag.startswith(SVG) or own not in named:
                continue
            if own in seen:
                message = "has the id of another element, which a link or a label refers to"
                yield element, message, "give each element an id of its own"
            seen.add(own)


_Fault = tuple[Element, str, str]
"""An element, what is wrong with it, and how to mend it."""


def _skipped(before: int) -> tuple[str, str]:
    message = (
        f"skips a level; the heading before is an h{before}" if before else "is the first heading"
    )
    return message, f"write <h{before + 1}>, and let CSS say how it looks"


_LABELLED_BY = ("aria-labelledby", "aria-describedby", "headers")
"""The attributes that refer to other elements by their ids, except for links."""

_Check = tuple[Callable[[Element], bool], str, str]
_IMAGE: _Check = (
    lambda image: image.get("alt") is None,
    "has no alternate text",
    'write what it shows as alt, or alt="" if it only decorates',
)
_DRAWING: _Check = (
    lambda svg: not alternate_text(svg) and svg.get("aria-hidden") != "true",
    "has no title",
    'let it begin with a <title>, or write aria-hidden="true" if it only decorates',
)
_FOREIGN_OBJECT: _Check = (
    lambda svg: svg.find(f".//{SVG}foreignObject") is not None,
    "holds HTML, which only browsers show",
    "write its words outside the <svg>",
)
_LIST: _Check = (words_outside_items, "has words outside its items", "put them into an <li>")
_DETAILS: _Check = (
    lambda details: "open" not in details.attrib,
    "is closed in a browser, and open in text and PDF",
    "write <details open>",
)
_DELETION: _Check = (
    lambda _: True,
    "is a deletion that only a line through the words shows, and text has no such line",
    "leave the words out, or write in words that they no longer hold",
)
_UNLIKE: _Check = (
    lambda _: True,
    "is not shown alike by text, HTML and PDF",
    "write its words without it",
)
_UNLIKE_NAMES = ("datalist", "dialog", "meter", "progress", "rp", "title")
"""Elements whose content is a substitute, or is shown only now and then, or never."""
_CHECKED: dict[str, tuple[_Check, ...]] = {
    "img": (_IMAGE,),
    f"{SVG}svg": (_DRAWING, _FOREIGN_OBJECT),
    "ul": (_LIST,),
    "ol": (_LIST,),
    "details": (_DETAILS,),
    **dict.fromkeys(("del", "s", "strike"), (_DELETION,)),
    **dict.fromkeys(_UNLIKE_NAMES, (_UNLIKE,)),
}
"""What is at fault in an element by itself: the condition, what is wrong, and how to mend it."""


def _of_table(table: Element) -> Iterator[_Fault]:
    """Find parts in another order than they are shown, and rows of unequal length (7.5)."""
    parts = [*table]
    for at, part in enumerate(parts):
        if part.tag == "tfoot" and any(other.tag in ("tbody", "tr") for other in parts[at:]):
            yield part, "comes before the rows that it is shown below", "write it last"
        if part.tag == "caption" and any(other.tag in _ROWS for other in parts[:at]):
            yield part, "comes after the rows that it is shown above", "write it first"
    rows = [
        row
        for group in parts
        for row in ([group] if group.tag == "tr" else group)
        if row.tag == "tr"
    ]
    expected = 0
    spanned: dict[int, int] = {}
    for row in rows:
        cells = [cell for cell in row if cell.tag in _CELLS]
        column = 0
        for cell in (*cells, None) if cells else ():
            while spanned.get(column):
                spanned[column] -= 1
                column += 1
            for _ in range(0 if cell is None else cell_span(cell, "colspan")):
                spanned[column] = cell_span(cell, "rowspan") - 1
                column += 1
        expected = expected or column
        if cells and column != expected:
            yield (
                row,
                "is shorter or longer than the first row",
                "give every row as many cells as the first, colspan and rowspan counted",
            )


def _of_signature_block(block: Element) -> Iterator[tuple[str, str]]:
    if not block.get(SIGNATURE_MARK, "").strip():
        label = f'{SIGNATURE_MARK}="Signature of the Medical Director"'
        yield "is a signature block that has no label", f"write who signs there, such as {label}"
    if len(block) or (block.text or "").strip():
        yield (
            "is a signature block that is not empty",
            "write what belongs to it before or behind it",
        )


def _references(element: Element) -> Iterator[str]:
    """Yield the ids of other elements that an element refers to."""
    for name, value in element.attrib.items():
        if name in _LABELLED_BY:
            yield from value.split()
    yield from _targets(element) if element.tag == "a" else ()


def _targets(link: Element) -> list[str]:
    """Return the id that a link goes to; none where it leaves the document, or goes to its top."""
    address = link.get("href") or ""
    return [urllib.parse.unquote(address[1:])] if address[:1] == "#" and address[1:] else []
