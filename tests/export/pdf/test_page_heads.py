"""What stands at the head of each page: whose letter this is, and the case number once a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2
import pytest

import imrgen
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
TITLE = "MAXIMUS Federal Services · Independent Medical Review Final Determination"
NUMBER = "Case Number CM16-0000001"


def write_pack(folder: Path, lines: str = "", **templates: str) -> str:
    """Write a pack that extends `imr`, with more of its organization, or another template."""
    folder.mkdir()
    (folder / "pack.toml").write_text(
        'name = "acme"\ntitle = "Acme"\nversion = "1"\nextends = "imr"\n'
        f'[organization]\nname = "Acme Review"\n{lines}'
    )
    for name, text in templates.items():
        (folder / f"{name}.html").write_text(text)
    return str(folder)


def heads(case: Path = STARTER, **options: Any) -> list[str]:
    """Return what stands in the upper margin of each page."""
    letter = imrgen.render(case, check=False, **options)
    inch = 72
    read = []
    for page in pypdfium2.PdfDocument(letter.pdf):
        width, height = page.get_size()
        text = page.get_textpage().get_text_bounded(0, height - inch, width, height)
        read.append(" ".join(text.split()))
    assert len(read) > 1
    return read


@pytest.mark.slow
def test_the_first_page_has_the_number_in_its_table_and_the_others_at_their_head() -> None:
    assert heads(pack="imr") == [TITLE, f"{TITLE} {NUMBER}"]


@pytest.mark.slow
def test_the_wording_of_2015_has_the_number_on_each_page_and_no_other_word() -> None:
    assert (
        heads(ROOT / "fixtures" / "panel.toml", pack="imr-2015") == ["Case Number CM16-9000108"] * 2
    )
    assert heads(ROOT / "fixtures" / "seed.toml", pack="imr-2015") == ["", ""]


@pytest.mark.slow
def test_another_organization_has_its_own_name_there_or_in_its_letterhead(tmp_path: Path) -> None:
    for lines, title in (
        ("", "Acme Review · Independent Medical Review Final Determination"),
        ('letterhead = ["name"]\n', "Independent Medical Review Final Determination"),
    ):
        first, *others = heads(templates=[write_pack(tmp_path / f"acme{len(lines)}", lines)])
        assert first == title
        assert {*others} == {f"{title} {NUMBER}"}


@pytest.mark.slow
def test_without_the_table_the_number_is_on_each_page(tmp_path: Path) -> None:
    template = (
        '{% extends "imr:determination.html" %}{% block case_table %}{% endblock %}'
        '{% block clinical_summary %}{{ super() }}<p style="break-before: page">x</p>{% endblock %}'
    )
    pack = write_pack(tmp_path / "acme", determination=template)
    title = TITLE.replace("MAXIMUS Federal Services", "Acme Review")
    assert {*heads(templates=[pack])} == {f"{title} {NUMBER}"}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "fixtures").glob("*.*")), ids=lambda path: path.name
)
def test_nobody_is_named_there(path: Path) -> None:
    """A running head holds the pack's words and the case's number only."""
    try:
        case = imrgen.load_case(path, "imr")
        letter = imrgen.render(case, pack="imr", check=False)
    except imrgen.CaseError:
        pytest.skip("this case lacks what this letter requires")
    body = letter.document.tree.find("body")
    assert body is not None
    assert body.get("data-running-title") == TITLE
    assert body.get("data-running-header") == f"Case Number {case.case.number}"
