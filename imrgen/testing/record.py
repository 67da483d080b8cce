"""What is kept of a letter: what a reader of the change can judge, and nothing else.

Versions and digests, style sheets and fonts are left out: they change without the letter.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

import msgspec

from imrgen.diagnostics import Diagnostic, field
from imrgen.document import INLINE, Document
from imrgen.export.pdf.readback import PDFReader, Tag, open_pdf
from imrgen.pipeline import Letter
from imrgen.testing.pictures import picture_of

_LEFT_OUT = frozenset(["style"])
_VOID = frozenset(["br", "hr", "img", "link", "meta", "wbr"])
_METADATA = ("Title", "Author", "Subject", "Keywords")


class Record(msgspec.Struct, frozen=True):
    """What is kept of a letter.

    Args:
        text: The letter as text.
        html: Its document, an element a line, without provenance and style sheets.
        pages: What its PDF says: metadata, bookmarks, the lines and the tags of each page.
        warnings: Its warnings, a line each, or `none`.
        pictures: Its pages as PNG.
    """

    text: str
    html: str
    pages: str
    warnings: str
    pictures: tuple[bytes, ...] = ()


def record(letter: Letter, *, has_pictures: bool = True) -> Record:
    """Make a letter in all formats, and return what is kept of it.

    Args:
        letter: The letter.
        has_pictures: Whether to draw its pages.
    """
    with open_pdf(letter.pdf) as reader:
        return Record(
            letter.text,
            "".join(f"{line}\n" for line in _html(letter.document)),
            "".join(f"{line}\n" for line in _pdf(reader)),
            describe(letter.warnings) or "none\n",
            tuple(picture_of(reader, number) for number in range(len(reader)))
            if has_pictures
            else (),
        )


def describe(diagnostics: Iterable[Diagnostic]) -> str:
    """Return diagnostics a line each, without the case file's name and line.

    Args:
        diagnostics: Of one letter.
    """
    lines = (
        (each.severity, each.code, f"{field(each.path)}:" if each.path else "", each.message)
        for each in diagnostics
    )
    return "".join(f"{' '.join(filter(None, line))}\n" for line in lines)


def _html(document: Document) -> Iterator[str]:
    yield from _element(document.tree, 0)


def _element(element: Element, depth: int) -> Iterator[str]:
    """Yield an element a line; one that holds words is a line with all that is in it."""
    indent = "  " * depth
    if not isinstance(element.tag, str) or element.tag in _LEFT_OUT:
        return
    if _holds_words(element) or not len(element):
        yield indent + _inline(element)
        return
    yield indent + _start(element)
    for child in element:
        yield from _element(child, depth + 1)
    yield f"{indent}</{element.tag}>"


def _holds_words(element: Element) -> bool:
    texts = [element.text, *(child.tail for child in element)]
    return any(text and text.strip() for text in texts) or (
        len(element) > 0 and all(child.tag in INLINE for child in element)
    )


def _inline(element: Element) -> str:
    if not isinstance(element.tag, str):
        return ""
    inner = html.escape(element.text or "", quote=False)
    for child in element:
        inner += _inline(child) + html.escape(child.tail or "", quote=False)
    # A no-break space is a character of the letter.
    inner = re.sub(r"[ \t\n\f\r]+", " ", inner).strip(" ")
    end = "" if element.tag in _VOID else f"</{element.tag}>"
    return f"{_start(element)}{inner}{end}"


def _start(element: Element) -> str:
    attributes = "".join(
        f' {name}="{html.escape(value)}"' for name, value in element.attrib.items()
    )
    return f"<{element.tag}{attributes}>"


def _pdf(reader: PDFReader) -> Iterator[str]:
    metadata = reader.metadata()
    yield from (f"{name}: {metadata[name]}" for name in _METADATA if metadata.get(name))
    for title, level, place in reader.bookmarks():
        yield f"bookmark: {'  ' * level}{title}, page {place + 1}"
    for number, (page, tags) in enumerate(zip(reader.pages(), reader.tags(), strict=True), 1):
        yield f"page {number}"
        yield from (f"  | {line}" for _, line in page.lines)
        yield f"tags of page {number}"
        for tag in tags:
            yield from _tag(tag, 1)


def _tag(tag: Tag, depth: int) -> Iterator[str]:
    attributes = "".join(f" {name}={value}" for name, value in tag.attributes)
    yield f"{'  ' * depth}{tag.name}{attributes}"
    for kid in tag.kids:
        if isinstance(kid, Tag):
            yield from _tag(kid, depth + 1)
        elif kid.strip():
            yield f'{"  " * (depth + 1)}"{kid.strip()}"'
