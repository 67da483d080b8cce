"""Every letter, and all that templates may use, conforms to PDF/UA-1 and PDF/A-3a or is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

import imrgen
from imrgen.document import visible_characters
from imrgen.export import engines, find_format, to_words
from imrgen.pack import EngineName
from tests.conftest import COMBINATIONS, FIXTURES, ROOT
from tests.features import TEMPLATE, Feature, features
from tests.verapdf import FLAVOURS, Validator

STARTER = ROOT / "imrgen" / "starter.toml"
CONFORMS: dict[str, dict[str, str]] = {flavour: {} for flavour in FLAVOURS}
FEATURES = list(features())
SET_ROW_BY_ROW = {"a table too wide for a line of text"}
"""The features with a table that fits no line of a text, so that its labels are repeated there."""


def feature_params(refused: bool) -> list[object]:
    return [
        pytest.param(feature, id=feature.title)
        for feature in FEATURES
        if bool(feature.refused) is refused
    ]


def test_there_are_letters_and_features_to_be_tested() -> None:
    assert len(FIXTURES) >= 9
    assert len(COMBINATIONS) >= 2 * len(FIXTURES)
    assert len(FEATURES) >= 200
    assert sum(bool(feature.refused) for feature in FEATURES) >= 10
    assert [title for title, count in Counter(f.title for f in FEATURES).items() if count > 1] == []


@pytest.mark.parametrize("engine", engines)
@pytest.mark.parametrize(("path", "pack", "letter"), COMBINATIONS)
def test_every_letter_conforms(
    path: Path, pack: str, letter: str, engine: EngineName, tmp_path: Path, verapdf: Validator
) -> None:
    try:
        made = imrgen.render(path, pack=pack, letter=letter, check=False, engine=engine)
    except imrgen.CaseError as error:
        assert {diagnostic.code for diagnostic in error.diagnostics} == {"IMR106"}
        return
    assert verapdf.faults(made.save(tmp_path / "letter.pdf")) == CONFORMS


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["imr", "imr-2015"])
def test_headers_and_footers_are_artifacts_and_header_cells_say_their_scope(
    pack: str, tmp_path: Path
) -> None:
    """Neither is a fault to veraPDF, and both are to who listens: ISO 14289-1, 7.8 and 7.5."""
    with pikepdf.open(imrgen.render(STARTER, pack=pack).save(tmp_path / "letter.pdf")) as pdf:
        told = {number for number, _ in marks(pdf)}
        assert told == set(range(len(pdf.pages)))
        assert set(marks(pdf)) == set(held(pdf))
        cells = [
            o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/TH"
        ]
        assert bool(cells) is (pack == "imr")
        assert {str(cell.A.get("/Scope")) for cell in cells} <= {"/Row", "/Column", "/Both"}


def marks(pdf: pikepdf.Pdf) -> Iterator[tuple[int, int]]:
    """List each piece of tagged content: the page's number, and the piece's on the page."""
    for number, page in enumerate(pdf.pages):
        for operands, operator in pikepdf.parse_content_stream(page, "BDC"):
            if str(operator) == "BDC" and "/MCID" in operands[1]:
                yield number, int(operands[1].MCID)


def held(pdf: pikepdf.Pdf) -> Iterator[tuple[int, int]]:
    """List each piece of content that the structure holds, as `marks` does."""
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages)}

    def walk(element: Any, page: Any) -> Iterator[tuple[int, int]]:
        if isinstance(element, int):
            yield pages[page.objgen], element
        elif isinstance(element, pikepdf.Dictionary):
            page = element.get("/Pg", page)
            if element.get("/Type") == "/MCR":
                yield pages[page.objgen], int(element.MCID)
            kids = element.get("/K")
            for kid in kids if isinstance(kids, pikepdf.Array) else [] if kids is None else [kids]:
                yield from walk(kid, page)

    return walk(pdf.Root.StructTreeRoot, None)


@pytest.mark.parametrize("feature", feature_params(refused=False))
def test_a_feature_conforms(feature: Feature, tmp_path: Path, verapdf: Validator) -> None:
    letter = feature.renderer(tmp_path).render(STARTER)
    words = visible_characters(to_words(letter.document.tree))
    html, text = (visible_characters_in(letter, name) for name in ("html", "text"))
    assert html == words  # and the PDF is compared with them when it is made
    assert (text == words) is (feature.title not in SET_ROW_BY_ROW)
    assert not Counter(words) - Counter(text)
    assert verapdf.faults(letter.save(tmp_path / "letter.pdf")) == CONFORMS


def visible_characters_in(letter: imrgen.Letter, name: str) -> str:
    return find_format(name).read(letter.encoded(name))


@pytest.mark.slow
@pytest.mark.parametrize("feature", feature_params(refused=True))
def test_what_cannot_conform_is_refused_with_its_element_and_line(
    feature: Feature, tmp_path: Path
) -> None:
    with pytest.raises(imrgen.PackError) as error:
        _ = feature.renderer(tmp_path).render(STARTER).pdf
    diagnostic = error.value.diagnostics[0]
    if 'class="fault"' not in feature.template:
        assert "feature" in diagnostic.message
        return
    line, element = feature.fault
    assert diagnostic.span is not None
    assert (Path(diagnostic.span.file).name, diagnostic.span.line) == (TEMPLATE, line)
    assert f"<{element}>" in diagnostic.message
