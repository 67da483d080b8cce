"""The same words stand in text, HTML and PDF."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

import imrgen
from tests.conftest import COMBINATIONS, FIXTURES, LETTERS, tagged_text

_INLINE = re.compile(r"</?(?:a|b|em|i|span|strong|sub|sup)\b[^>]*>")


def words_of_html(page: str) -> list[str]:
    """Take the tags off, as a reader who copies the page would."""
    body = re.sub(r"(?s)<(style|head)\b.*?</\1>", " ", page)
    return html.unescape(re.sub(r"<[^>]*>", " ", _INLINE.sub("", body))).split()


def letters_of_pdf(pdf: bytes, folder: Path) -> str:
    found = re.findall(r'^\s*"(.*)"$', tagged_text(pdf, folder), re.MULTILINE)
    return "".join("".join(found).split())


def test_there_are_fixtures_and_letters() -> None:
    assert len(FIXTURES) >= 7
    assert {path.suffix for path in FIXTURES} == {".toml", ".json"}
    assert len(LETTERS) >= 2


@pytest.mark.parametrize(("path", "pack", "letter"), COMBINATIONS)
def test_text_html_and_pdf_say_the_same(path: Path, pack: str, letter: str, tmp_path: Path) -> None:
    try:
        made = imrgen.render(path, pack, letter)
    except imrgen.CaseError as refusal:
        assert all(d.code == "IMR106" for d in refusal.diagnostics)
        return
    said = made.text.split()
    assert len(said) > 100
    assert words_of_html(made.html) == said
    # A PDF's no-break hyphen is a hyphen: see `WeasyPrintEngine.pdf`.
    assert letters_of_pdf(made.pdf, tmp_path) == "".join(said).replace("\u2011", "-")


@pytest.mark.parametrize("width", [0, 20, 200])
def test_the_width_changes_no_word(width: int) -> None:
    path = FIXTURES[0]
    wide, narrow = (imrgen.render(path, "imr-2015", width=w).text for w in (80, width))
    assert wide.split() == narrow.split()
    if width:
        assert max(len(line) for line in narrow.splitlines() if " " in line.strip()) <= max(
            width, 40
        )
