"""Words that the PDF would lose or change stop the letter: each comparison finds its own faults.

Each defect is planted in one of imrgen's own steps, or in the file just before it is written; the
comparison that has to find it is the only one that could.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydyf
import pytest

import imrgen
from imrgen.export.pdf import weasyprint_internals
from imrgen.export.pdf.engine import ConformanceError
from imrgen.export.pdf.layout import Layout
from imrgen.export.pdf.tags import Tags
from imrgen.export.pdf.writer import PDFWriter
from tests.conftest import ROOT
from tests.features import features

STARTER = ROOT / "imrgen" / "starter.toml"


@pytest.fixture(scope="module")
def letter() -> imrgen.Letter:
    return imrgen.render(STARTER)


@pytest.fixture(scope="module")
def writer() -> PDFWriter:
    return imrgen.Renderer().exporter.pdf_writer()


def refused(letter: imrgen.Letter, writer: PDFWriter, text: str | None = None) -> str:
    """Set a letter and return the message that stops it."""
    with pytest.raises(ConformanceError) as error:
        writer.pdf(letter.document, letter.text if text is None else text, {})
    assert {fault.code for fault in error.value.faults} == {"IMR405"}
    return error.value.faults[0].message


# The document and the text

TEXTS: dict[str, Callable[[str], str]] = {
    "a word less": lambda text: text.replace(" not ", " ", 1),
    "a word more": lambda text: text.replace(" medically", " not medically", 1),
    "a word twice": lambda text: re.sub(r"( \w+) ", r"\1\1 ", text, count=1),
    "two words exchanged": lambda text: re.sub(r"(\w+) (\w+)", r"\2 \1", text, count=1),
    "another letter": lambda text: text.replace("Upheld", "upheld", 1),
    "the end missing": lambda text: text.rstrip()[:-1],
    "more at the end": lambda text: f"{text}.",
    "nothing": lambda text: "",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_differs_from_the_document_is_found(
    name: str, letter: imrgen.Letter, writer: PDFWriter
) -> None:
    text = TEXTS[name](letter.text)
    assert text != letter.text
    assert "text and PDF would differ in their words" in refused(letter, writer, text)


@pytest.mark.slow
def test_the_text_of_the_document_is_accepted(letter: imrgen.Letter, writer: PDFWriter) -> None:
    assert writer.pdf(letter.document, letter.text, {}).startswith(b"%PDF")


# The document and the boxes


def first_text(layout: Layout) -> Any:
    """Find a piece of several characters that the document wrote."""
    pieces = [piece for page in layout.pages for piece in page]
    return next(p for p in pieces if not p.generated and len(p.characters) > 8)


def lose(layout: Layout) -> None:
    first_text(layout).characters = ""


def cut(layout: Layout) -> None:
    piece = first_text(layout)
    piece.characters = piece.characters[:-1]


def change(layout: Layout) -> None:
    piece = first_text(layout)
    piece.characters = piece.characters.swapcase()


def exchange(layout: Layout) -> None:
    layout.pages[0].reverse()


def lose_the_last_page(layout: Layout) -> None:
    for piece in layout.pages[-1]:
        piece.characters = ""


@pytest.mark.parametrize("defect", [lose, cut, change, exchange, lose_the_last_page])
def test_boxes_that_show_other_words_are_found(
    defect: Callable[[Layout], None],
    letter: imrgen.Letter,
    writer: PDFWriter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    prepare = Layout.__init__

    def prepare_and_break(self: Layout, *arguments: Any) -> None:
        prepare(self, *arguments)
        defect(self)

    monkeypatch.setattr(Layout, "__init__", prepare_and_break)
    assert "would be shown otherwise than in text and HTML" in refused(letter, writer)


# The boxes and the PDF


def paragraphs(pdf: Any) -> list[Any]:
    """List the paragraphs in the tags that hold something, in reading order."""
    objects = {item.reference: item for item in pdf.objects}

    def walk(node: Any) -> Any:
        for kid in node.get("K", ()):
            below = objects.get(kid) if isinstance(kid, bytes) else None
            if below is not None and below.get("Type") == "/StructElem":
                if below["S"] == "/P" and below["K"]:
                    yield below
                yield from walk(below)

    found = list(walk(objects[pdf.catalog["StructTreeRoot"]]))
    assert len(found) > 5
    return found


def siblings(pdf: Any, node: Any) -> Any:
    return next(item for item in pdf.objects if item.reference == node["P"])["K"]


def streams(pdf: Any, part: bytes) -> list[Any]:
    """List the streams in which some bytes stand."""
    found = [
        item
        for item in pdf.objects
        if isinstance(item, pydyf.Stream) and any(part in bytes_of(each) for each in item.stream)
    ]
    assert found, part
    return found


def bytes_of(item: Any) -> bytes:
    return item if isinstance(item, bytes) else pydyf._to_bytes(item)


def drop_a_paragraph(pdf: Any) -> None:
    node = paragraphs(pdf)[2]
    siblings(pdf, node).remove(node.reference)


def tag_a_paragraph_twice(pdf: Any) -> None:
    node = paragraphs(pdf)[2]
    siblings(pdf, node).append(node.reference)


def move_a_paragraph_to_the_end(pdf: Any) -> None:
    node = paragraphs(pdf)[0]
    siblings(pdf, node).remove(node.reference)
    siblings(pdf, paragraphs(pdf)[-1]).append(node.reference)


def lose_a_marked_content(pdf: Any) -> None:
    objects = {item.reference: item for item in pdf.objects}
    for kid in paragraphs(pdf)[2]["K"]:
        objects[kid]["K"] = pydyf.Array()


def map_a_glyph_to_another_character(pdf: Any) -> None:
    for stream in streams(pdf, b"beginbfchar"):
        whole = b"\n".join(bytes_of(each) for each in stream.stream)
        changed = whole.replace(b"<0065>", b"<0061>")  # e reads as a
        stream.stream = [changed]


def show_other_glyphs(pdf: Any) -> None:
    for stream in streams(pdf, b" Tf"):
        stream.stream = [
            re.sub(rb"<([0-9a-f]{4})([0-9a-f]{4})", rb"<\2\1", bytes_of(each), count=1)
            if b"TJ" in bytes_of(each)
            else each
            for each in stream.stream
        ]


PLANTED = [
    drop_a_paragraph,
    tag_a_paragraph_twice,
    move_a_paragraph_to_the_end,
    lose_a_marked_content,
    map_a_glyph_to_another_character,
    show_other_glyphs,
]


@pytest.mark.slow
@pytest.mark.parametrize("defect", PLANTED)
def test_a_file_that_holds_other_words_than_its_pages_is_found(
    defect: Callable[[Any], None],
    letter: imrgen.Letter,
    writer: PDFWriter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serialize = weasyprint_internals.serialize

    def break_and_serialize(pdf: Any) -> None:
        defect(pdf)
        serialize(pdf)

    monkeypatch.setattr(weasyprint_internals, "serialize", break_and_serialize)
    assert re.match(r"page \d+ of the PDF does not hold what it shows", refused(letter, writer))


REPAIRS = {
    "_caption": "a caption below",
    "_join_over_pages": "a head and a foot repeated over pages",
}


@pytest.mark.slow
@pytest.mark.parametrize(("repair", "title"), REPAIRS.items())
def test_a_repair_that_is_left_out_is_found(
    repair: str, title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (feature,) = (found for found in features() if found.title == title)
    renderer = feature.renderer(tmp_path)
    assert renderer.render(STARTER).pdf
    monkeypatch.setattr(Tags, repair, lambda *_: None)
    with pytest.raises(imrgen.PackError, match="of the PDF does not hold") as error:
        _ = renderer.render(STARTER).pdf
    assert {diagnostic.code for diagnostic in error.value.diagnostics} == {"IMR405"}
