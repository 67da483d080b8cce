"""The document as the PDF will hold it, and what in it cannot conform to PDF/UA-1.

The *visible characters* are those that a reader sees. An offset into them is how a later step says
where it found something amiss, whatever it looked at: boxes, tags or glyphs.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from imrgen.diagnostics import codes
from imrgen.document import visible_characters

Element = Any
"""An element of WeasyPrint's tree of the document."""

_SVG = "{http://www.w3.org/2000/svg}"
_SILENT = frozenset(("script", "style", "template", "head"))
_HEADING = re.compile("h([1-6])")
_CELLS = ("td", "th")


class ConformanceFault(msgspec.Struct, frozen=True):
    """Why a document cannot be issued as a PDF.

    Args:
        code: The diagnostic's code.
        message: What is amiss; no value of the case.
        hint: The way out.
        element: The element that is amiss: its name, and which of that name it is, from 0.
        at: The offset into the visible characters where it is amiss, for what is no element.
    """

    code: str
    message: str
    hint: str
    element: tuple[str, int] | None = None
    at: int | None = None


class Structure:
    """A document's elements with their places among its visible characters.

    Args:
        root: The root of WeasyPrint's tree.
    """

    def __init__(self, root: Element) -> None:
        self.root = root
        self.starts: dict[Element, int] = {}
        self._pieces: list[tuple[Element, str]] = []
        self._length = 0
        self._walk(root)

    def characters(self, without: Collection[Element] = ()) -> str:
        """Return the document's visible characters.

        Args:
            without: Elements to leave out with all that is in them.
        """
        if not without:
            return "".join(piece for _, piece in self._pieces)
        left_out = {element for top in without for element in top.iter()}
        return "".join(piece for element, piece in self._pieces if element not in left_out)

    def place(self, offset: int, without: Collection[Element]) -> int:
        """Translate an offset that passes over some elements into one into all characters."""
        left_out = {element for top in without for element in top.iter()}
        whole = 0
        for element, piece in self._pieces:
            if element not in left_out:
                if offset < len(piece):
                    return whole + offset
                offset -= len(piece)
            whole += len(piece)
        return whole

    def characters_of(self, element: Element) -> str:
        """Return the visible characters of one element."""
        inside = set(element.iter())
        return "".join(piece for owner, piece in self._pieces if owner in inside)

    def owner(self, offset: int) -> Element:
        """Return the element that a visible character belongs to; behind the end, the last."""
        for element, piece in self._pieces:
            if offset < len(piece):
                return element
            offset -= len(piece)
        return self._pieces[-1][0] if self._pieces else self.root

    def fault(self, code: str, element: Element, message: str, hint: str) -> ConformanceFault:
        """Say that an element is amiss.

        Args:
            code: The diagnostic's code.
            element: The element.
            message: What of it is amiss, as the element's predicate.
            hint: The way out.
        """
        same = [other for other in self.root.iter() if other.tag == element.tag]
        name = element.tag.rpartition("}")[2]
        return ConformanceFault(code, f"<{name}> {message}", hint, (name, same.index(element)))

    def faults(self) -> Iterator[ConformanceFault]:
        """Find what no setting of the document could make conform (ISO 14289-1, 7), or would set as it is meant."""
        if not self.root.get("lang"):
            yield self.fault(
                codes.NOT_ACCESSIBLE, self.root, "has no lang", 'write <html lang="en-US">'
            )
        if not "".join(self.root.findtext("head/title") or "").strip():
            yield self.fault(
                codes.NOT_ACCESSIBLE, self.root, "has no title", "write a <title> in its head"
            )
        places = {element.get("id") for element in self.root.iter()} | {None}
        level = 0
        for element in self.starts:
            heading = _HEADING.fullmatch(element.tag)
            if heading:
                yield from self._heading(element, int(heading[1]), level)
                level = int(heading[1])
            elif element.tag == "img" and element.get("alt") is None:
                hint = 'write what it shows as alt, or alt="" if it only decorates'
                yield self.fault(codes.NOT_ACCESSIBLE, element, "has no alternate text", hint)
            elif (
                element.tag == f"{_SVG}svg"
                and not _svg_title(element)
                and element.get("aria-hidden") != "true"
            ):
                hint = (
                    'let it begin with a <title>, or write aria-hidden="true" if it only decorates'
                )
                yield self.fault(codes.NOT_ACCESSIBLE, element, "has no title", hint)
            elif element.tag == "table":
                yield from self._ragged(element)
            elif element.tag in ("ul", "ol") and _words_outside(element):
                yield self.fault(
                    codes.NOT_ACCESSIBLE,
                    element,
                    "has words outside its items",
                    "put them into an <li>",
                )
            elif element.tag in ("input", "select", "textarea", "button"):
                yield self.fault(
                    codes.NOT_ACCESSIBLE,
                    element,
                    "is a field to fill in, and a letter is no form",
                    "write words",
                )
            elif element.tag in ("a", "link") and "attachment" in (element.get("rel") or ""):
                hint = "only the case file is attached, by --embed-case"
                yield self.fault(codes.NOT_ACCESSIBLE, element, "attaches a file", hint)
            elif element.tag == "a" and _target(element) not in places:
                hint = "give an element the id that the link goes to"
                yield self.fault(
                    codes.NOT_ACCESSIBLE, element, "goes to a place that is not there", hint
                )

    def _heading(self, element: Element, level: int, before: int) -> Iterator[ConformanceFault]:
        if level > before + 1:
            message = (
                f"skips a level; the heading before is an h{before}"
                if before
                else "is the first heading"
            )
            yield self.fault(
                codes.NOT_ACCESSIBLE,
                element,
                message,
                f"write <h{before + 1}>, and let CSS say how it looks",
            )

    def _ragged(self, table: Element) -> Iterator[ConformanceFault]:
        """Find rows of unequal length (ISO 14289-1, 7.5)."""
        rows = [
            row
            for group in table
            for row in ([group] if group.tag == "tr" else group)
            if row.tag == "tr"
        ]
        for foot, *rows_behind in (
            [*table][at:] for at, part in enumerate(table) if part.tag == "tfoot"
        ):
            if any(part.tag in ("tbody", "tr") for part in rows_behind):
                yield self.fault(
                    codes.NOT_ACCESSIBLE,
                    foot,
                    "stands before the rows that it is set behind",
                    "write it last",
                )
        wanted, open_ = 0, dict[int, int]()
        for row in rows:
            cells, at = [cell for cell in row if cell.tag in _CELLS], 0
            if not cells:
                continue
            for cell in cells:
                while open_.get(at, 0):
                    open_[at] -= 1
                    at += 1
                for _ in range(_span(cell, "colspan")):
                    open_[at] = _span(cell, "rowspan") - 1
                    at += 1
            while open_.get(at, 0):
                open_[at] -= 1
                at += 1
            wanted = wanted or at
            if at != wanted:
                hint = "give every row as many cells as the first, colspan and rowspan counted"
                yield self.fault(
                    codes.NOT_ACCESSIBLE, row, "is shorter or longer than the first row", hint
                )

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
        piece = visible_characters(text) if text else ""
        if piece:
            self._pieces.append((element, piece))
            self._length += len(piece)


def _svg_title(element: Element) -> str:
    return (element.findtext(f"{_SVG}title") or "").strip()


def _target(link: Element) -> str | None:
    """Give the id that a link goes to; `None` for one that leaves the document, or goes to its top."""
    address = link.get("href") or ""
    return urllib.parse.unquote(address[1:]) if address.startswith("#") and address != "#" else None


def _words_outside(list_: Element) -> bool:
    texts = [list_.text, *(item.tail for item in list_)]
    return any(text and text.strip() for text in texts) or any(
        isinstance(item.tag, str) and item.tag not in ("li", "script", "template") for item in list_
    )


def _span(cell: Element, name: str) -> int:
    said = cell.get(name) or "1"
    return max(1, min(1000, int(said))) if said.isdigit() else 1
