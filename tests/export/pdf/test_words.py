"""The same words stand in text, HTML and PDF."""

from __future__ import annotations

import html
import re

import pytest

import imrgen
from imrgen.document import parse_html
from imrgen.export import to_text, to_words
from tests.conftest import FIXTURES, LETTERS, ROOT

EXPECTED = ROOT / "tests" / "__snapshots__" / "test_snapshots"
LABELS = ("Date:", "Finding:", "Pain, 0-10:", "Flexion, degrees:")
"""Of the one table that is too wide for a line of text."""
_INLINE = re.compile(r"</?(?:a|b|em|i|span|strong|sub|sup)\b[^>]*>")


def words_of_html(page: str) -> list[str]:
    """Take the tags off, as a reader who copies the page would."""
    body = re.sub(r"(?s)<(style|head)\b.*?</\1>", " ", page)
    return html.unescape(re.sub(r"<[^>]*>", " ", _INLINE.sub("", body))).split()


def letters_of_tags(tags: str) -> str:
    """Join the words of a tag tree as poppler or a snapshot has it; where one ends isn't told."""
    return "".join("".join(re.findall(r'^\s*"(.*)"$', tags, re.MULTILINE)).split())


def test_there_are_fixtures_and_letters() -> None:
    assert len(FIXTURES) >= 7
    assert {path.suffix for path in FIXTURES} == {".toml", ".json"}
    assert len(LETTERS) >= 2


def test_text_html_and_pdf_say_the_same() -> None:
    """Compare the expected outputs, which `test_snapshots` compares with what is made."""
    compared = 0
    for path in EXPECTED.glob("test_*[]].txt"):
        name = path.stem
        text = path.read_text(encoding="utf-8")
        page = (EXPECTED / f"{name}.html").read_text(encoding="utf-8")
        tree = parse_html(page)
        words = to_words(tree).split()
        assert len(words) > (100 if "-determination" in name else 0)
        assert words_of_html(page) == words, name
        assert text == to_text(tree)
        # A text repeats nothing but labels of columns.
        repeated = [line for line in text.splitlines() if line.startswith(LABELS)]
        assert text.split() == words or len(repeated) == 12, name
        tags = (EXPECTED / f"{name}.pages").read_text(encoding="utf-8")
        # A PDF's no-break hyphen is a hyphen: see the PDF's engine.
        assert letters_of_tags(tags) == "".join(words).replace("\u2011", "-"), name
        compared += 1
    assert compared >= 2 * (len(FIXTURES) - 1)


@pytest.mark.parametrize("width", [0, 20, 200])
def test_the_width_changes_no_word(width: int) -> None:
    path = FIXTURES[0]
    wide, narrow = (imrgen.render(path, pack="imr-2015", width=w).text for w in (80, width))
    assert wide.split() == narrow.split()
    if width:
        assert max(len(line) for line in narrow.splitlines() if " " in line.strip()) <= max(
            width, 40
        )
