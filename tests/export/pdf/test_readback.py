"""What PDFium reads in a PDF is parted as it would be if it were asked for each object."""

from __future__ import annotations

import re

import pytest

import imrgen
from imrgen.document import visible_characters
from imrgen.export.pdf import weasyprint_internals
from imrgen.export.pdf.readback import UnreadablePDF, marked_text, native, open_pdf
from tests.conftest import ROOT
from tests.features import features

STARTER = ROOT / "imrgen" / "starter.toml"
TITLES = (
    "a bit of everything",
    "a head and a foot repeated over pages",
    "superscripts and subscripts",
)


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    chosen = [feature for feature in features() if feature.title in TITLES]
    assert chosen
    return [
        imrgen.render(ROOT / "fixtures" / "many-issues.toml").pdf,
        *(
            feature.renderer(tmp_path_factory.mktemp("feature")).render(STARTER).pdf
            for feature in chosen
        ),
    ]


@pytest.mark.slow
def test_the_text_of_each_object_is_what_pdfium_says_of_it(pdfs: list[bytes]) -> None:
    compared = hyphens = 0
    for pdf in pdfs:
        with open_pdf(pdf) as reader:
            document = native.handle(reader._document.raw)
            for number in range(len(reader)):
                with (
                    marked_text.loaded_page(document, number) as page,
                    marked_text.loaded_words(page) as words,
                ):
                    parts = marked_text.text_parts(words)
                    for place in range(native.count_objects(page)):
                        item = native.page_object(page, place)
                        asked = native.string(native.object_text, item, words)
                        part = parts.get(item, "")
                        assert visible_characters(part) == visible_characters(asked)
                        compared += bool(part)
                        hyphens += asked.count(marked_text.LINE_END_HYPHEN)
    assert compared > 200
    assert hyphens


@pytest.mark.slow
def test_what_does_not_stand_together_is_asked_for_piece_by_piece(
    pdfs: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read() -> list[list[str]]:
        found = []
        for pdf in pdfs:
            with open_pdf(pdf) as reader:
                found.append(reader.page_characters())
        return found

    parted = read()
    with monkeypatch.context() as patch:
        patch.setattr(marked_text, "_RIGHT_TO_LEFT", re.compile("."))
        assert read() == parted
    # A character of two units, so that places are not those of the text.
    whole = native.whole_text
    monkeypatch.setattr(native, "whole_text", lambda words: whole(words) + "x")
    assert read() == parted


@pytest.mark.slow
def test_glyphs_are_joined_where_nothing_stands_between_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letter = imrgen.render(STARTER)
    joined = letter.pdf
    with monkeypatch.context() as patch:
        patch.setattr(weasyprint_internals, "_joined", lambda part: part)
        apart = imrgen.render(STARTER).pdf
    assert len(joined) < len(apart)
    with open_pdf(joined) as reader:
        drawn = [reader.picture(number, 2).tobytes() for number in range(len(reader))]
    with open_pdf(apart) as reader:
        assert drawn == [reader.picture(number, 2).tobytes() for number in range(len(reader))]


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(UnreadablePDF), open_pdf(b"%PDF-1.7 nothing"):
        pass
