"""What differs between a letter and its snapshot is told, whichever line of the record it is."""

from __future__ import annotations

import pytest

import imrgen
from imrgen.testing.difference import describe_parts
from imrgen.testing.record import record
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def letter() -> imrgen.Letter:
    return imrgen.render(ROOT / "imrgen" / "starter.toml")


@pytest.mark.slow
@pytest.mark.parametrize("part", ["text", "html", "pages", "warnings"])
def test_any_line_that_is_lost_or_gained_is_told(letter: imrgen.Letter, part: str) -> None:
    kept: str = getattr(record(letter, has_pictures=False), part)
    lines = kept.splitlines(keepends=True)
    assert lines
    for number in range(len(lines)):
        for other in ("", lines[number] * 2):
            changed = "".join((*lines[:number], other, *lines[number + 1 :]))
            assert describe_parts({part: (kept, changed)}, letter), lines[number]


@pytest.mark.slow
def test_no_words_of_artifacts_stand_among_the_tags_of_a_page(letter: imrgen.Letter) -> None:
    pages = record(letter, has_pictures=False).pages
    assert "  | Page 1 of 2\n" in pages
    assert '"Page 1 of 2"' not in pages
