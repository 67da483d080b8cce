"""The document as the PDF will hold it: its ink in reading order, and what in it cannot conform to PDF/UA-1.

*Ink* is the sequence of all characters that are seen. An offset into it is how a later step says where it found
something amiss, whatever it looked at: boxes, tags or glyphs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from imrgen.pdf.reading import ink

Element = Any
"""An element of WeasyPrint's tree of the document."""

_SVG = "{http://www.w3.org/2000/svg}"
_SILENT = frozenset(("script", "style", "template", "head"))
_HEADING = re.compile("h([1-6])")
_CELLS = ("td", "th")


class Misfit(msgspec.Struct, frozen=True):
    """Why a document cannot be issued as a PDF.

    Args:
        code: The diagnostic's code.
        message: What is amiss; no value of the case.
        at: The offset into the letter's ink where it is; `None` for the document as a whole.
        hints: Ways out.
    """

    code: str
    message: str
    at: int | None = None
    hints: tuple[str, ...] = ()


class Structure:
    """A document's elements with their places in its ink.

    Args:
        root: The root of WeasyPrint's tree.
    """

    def __init__(self, root: Element) -> None:
        self.root = root
        self.starts: dict[Element, int] = {}
        self._pieces: list[tuple[Element, str]] = []
        self._length = 0
        self._walk(root)

    def ink(self, without: Collection[Element] = ()) -> str:
        """Give the document's ink.

        Args:
            without: Elements to leave out with all that is in them.
        """
        if not without:
            return "".join(piece for _, piece in self._pieces)
        left_out = {element for top in without for element in top.iter()}
        return "".join(piece for element, piece in self._pieces if element not in left_out)

    def place(self, offset: int, without: Collection[Element]) -> int:
        """Translate an offset into the ink that leaves elements out into one into the whole ink."""
        left_out = {element for top in without for element in top.iter()}
        whole = 0
        for element, piece in self._pieces:
            if element not in left_out:
                if offset < len(piece):
                    return whole + offset
                offset -= len(piece)
            whole += len(piece)
        return whole

    def ink_of(self, element: Element) -> str:
        """Give the ink of one element."""
        inside = set(element.iter())
        return "".join(piece for owner, piece in self._pieces if owner in inside)

    def misfits(self) -> Iterator[Misfit]:
        """Find what no setting of the document could make conform (ISO 14289-1, 7)."""
        if not self.root.get("lang"):
            yield Misfit("IMR406", "the document has no language", None, ('write <html lang="en-US">',))
        if not "".join(self.root.findtext("head/title") or "").strip():
            yield Misfit("IMR406", "the document has no title", None, ("write a <title>",))
        yield from self._headings()
        for element, start in self.starts.items():
            if element.tag == "img" and element.get("alt") is None:
                hint = 'write what it shows as alt, or alt="" if it only decorates'
                yield Misfit("IMR406", "an image has no alternate text", start, (hint,))
            elif element.tag == f"{_SVG}svg" and not _svg_title(element):
                yield Misfit("IMR406", "a drawing has no title", start, ("let <svg> begin with a <title>",))
            elif element.tag == "table":
                yield from _ragged(element, start)

    def _headings(self) -> Iterator[Misfit]:
        level = 0
        for element, start in self.starts.items():
            found = _HEADING.fullmatch(element.tag)
            if found:
                if int(found[1]) > level + 1:
                    message = f"a heading h{found[1]} stands below " + (f"h{level}" if level else "no other")
                    yield Misfit("IMR406", message, start, (f"write h{level + 1}",))
                level = int(found[1])

    def _walk(self, element: Element) -> None:
        tag = element.tag
        if not isinstance(tag, str) or tag in _SILENT or "hidden" in element.attrib:
            return
        self.starts[element] = self._length
        if tag == "img":
            self._add(element, element.get("alt") or "")
        elif tag == f"{_SVG}svg":
            self._add(element, _svg_title(element))
        else:
            self._add(element, element.text)
            for child in element:
                self._walk(child)
                self._add(element, child.tail)

    def _add(self, element: Element, text: str | None) -> None:
        piece = ink(text) if text else ""
        if piece:
            self._pieces.append((element, piece))
            self._length += len(piece)


def _svg_title(element: Element) -> str:
    return (element.findtext(f"{_SVG}title") or "").strip()


def _ragged(table: Element, start: int) -> Iterator[Misfit]:
    """Find rows of unequal length (ISO 14289-1, 7.5)."""
    rows = [row for group in table for row in ([group] if group.tag == "tr" else group) if row.tag == "tr"]
    lengths, open_ = set(), dict[int, int]()
    for row in rows:
        at = 0
        for cell in (cell for cell in row if cell.tag in _CELLS):
            while open_.get(at, 0):
                open_[at] -= 1
                at += 1
            for _ in range(_span(cell, "colspan")):
                open_[at] = _span(cell, "rowspan") - 1
                at += 1
        while open_.get(at, 0):
            open_[at] -= 1
            at += 1
        lengths.add(at)
    if len(lengths) > 1 or any(open_.values()):
        hint = "give every row as many cells as the others, colspan and rowspan counted"
        yield Misfit("IMR406", "a table's rows are of unequal length", start, (hint,))


def _span(cell: Element, name: str) -> int:
    said = cell.get(name) or "1"
    return max(1, min(1000, int(said))) if said.isdigit() else 1
