"""The tag tree of a PDF with its words, as `pdfinfo -struct-text` prints it.

Poppler draws a page anew for each of its tags, which takes seconds a letter.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

_INLINE = ("Span", "Link")
_BLOCK = ("P", "H1", "H2", "H3", "H4", "L", "LI", "Lbl", "LBody", "Table")
_LINE_END_HYPHEN = "\x02"
"""What PDFium returns for a hyphen that ends a line."""


def tag_tree(pdf: bytes) -> str:
    """Give the elements of a PDF's tag tree in reading order, a line each, and the words of each.

    An element without attributes and of no fixed layout is its name alone.
    """
    words = marked_words(pdf)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = {page.objgen: number for number, page in enumerate(document.pages)}
        root = document.Root.StructTreeRoot
        return "".join(f"{line}\n" for line in _lines(root, 0, None, pages, words))


def page_count(pdf: bytes) -> int:
    """Count a PDF's pages."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def marked_words(pdf: bytes) -> dict[tuple[int, int], str]:
    """Map the marked contents of a PDF, each by page (from 0) and number, to their words."""
    found: dict[tuple[int, int], str] = {}
    document = pypdfium2.PdfDocument(pdf)
    for number in range(len(document)):
        page = document[number]
        text_page = page.get_textpage()
        words = text_page.raw
        for place in range(pdfium.FPDFText_CountChars(words)):
            # PDFium adds the spaces and line ends that it sees between the words.
            if not pdfium.FPDFText_IsGenerated(words, place):
                item = pdfium.FPDFText_GetTextObject(words, place)
                key = number, pdfium.FPDFPageObj_GetMarkedContentID(item)
                sign = chr(pdfium.FPDFText_GetUnicode(words, place))
                found[key] = found.get(key, "") + sign.replace(_LINE_END_HYPHEN, "-")
    document.close()
    return found


def _lines(
    element: Any,
    depth: int,
    page: int | None,
    pages: dict[Any, int],
    words: dict[tuple[int, int], str],
) -> Iterator[str]:
    kids = element.get("/K", pikepdf.Array())
    indent = "  " * depth
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if not isinstance(kid, pikepdf.Dictionary):
            assert page is not None
            text = words.get((page, int(kid)))
            if text:
                yield f'{indent}"{text}"'
        elif kid.get("/Type") == "/OBJR":
            yield f"{indent}Object {kid.Obj.objgen[0]} {kid.Obj.objgen[1]}"
        elif "/S" in kid:
            name = str(kid.S).removeprefix("/")
            attributes = list(_attributes(kid))
            layout = "block" if name in _BLOCK else "inline" if name in _INLINE else ""
            yield f"{indent}{name}{f' ({layout})' if layout else ''}{':' if attributes else ''}"
            for attribute in attributes:
                yield f"{indent}   {attribute}"
            inner = pages[kid.Pg.objgen] if "/Pg" in kid else page
            yield from _lines(kid, depth + 1, inner, pages, words)
        else:
            on = pages[kid.Pg.objgen] if "/Pg" in kid else page
            assert on is not None
            text = words.get((on, int(kid.MCID)))
            if text:
                yield f'{indent}"{text}"'


def _attributes(element: Any) -> Iterator[str]:
    given = element.get("/A", pikepdf.Array())
    for attributes in given if isinstance(given, pikepdf.Array) else [given]:
        for name, value in attributes.items():
            if name in ("/Scope", "/ColSpan", "/RowSpan", "/Headers"):
                yield f"{name} {value}"
