"""What rationales conclude is read right; where nothing clear is concluded, nothing is reported.

The corpora in `fixtures/conclusions*.toml` were written by people who did not know how they are
read: one of messy conclusions, one of typical ones. When the typical ones were first read, 198 of
200 were read right and none wrong.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import tomli

import imrgen
from imrgen.checks.text import conclude
from tests.conftest import FIXTURES, ROOT

CORPORA = sorted((ROOT / "fixtures").glob("conclusions*.toml"))
NAMES = {None: "unclear", True: "necessary", False: "not necessary"}


def read(text: str, item: str = "") -> str:
    found = conclude(text, item)
    return NAMES[None if found is None else found.is_necessary]


@pytest.mark.parametrize("path", CORPORA, ids=lambda path: path.stem)
def test_the_corpora_are_read_right(path: Path) -> None:
    """Of a hundred clear conclusions, at least 95 are read right, at most one as its opposite."""
    corpus = tomli.loads(path.read_text(encoding="utf-8"))["conclusions"]
    outcomes = Counter((entry["concludes"], read(entry["text"], entry["item"])) for entry in corpus)
    clear = sum(count for (verdict, _), count in outcomes.items() if verdict != "unclear")
    right = sum(count for (verdict, got), count in outcomes.items() if verdict == got != "unclear")
    missed = sum(
        count
        for (verdict, got), count in outcomes.items()
        if verdict != "unclear" and got == "unclear"
    )
    assert clear >= 150
    assert (clear - right - missed) / clear <= 0.01
    assert right / clear >= 0.95


def test_the_fixtures_letters_are_all_read_and_agree() -> None:
    issues = [issue for path in FIXTURES for issue in imrgen.load_case(path).issues]
    assert len(issues) > 30
    for issue in issues:
        assert issue.rationale
        expected = "necessary" if issue.decision == "overturned" else "not necessary"
        assert read(issue.rationale, issue.item) == expected


@pytest.mark.parametrize(
    ("text", "concludes"),
    [
        ("The request is not medically necessary.", "not necessary"),
        ("Medical necessity has not been established.", "not necessary"),
        ("The request is not supported.", "not necessary"),
        ("The request is reasonable and necessary.", "necessary"),
        ("The request is certified.", "necessary"),
        ("The prior MRI was not necessary; this one is.", "necessary"),
        (
            "The request is not medically necessary. "
            "The medication should not be stopped abruptly.",
            "not necessary",
        ),
        ("The guideline says that it is medically necessary when there is pain.", "unclear"),
        (
            "It would be medically necessary if there were a gain in function. "
            "There is none described.",
            "unclear",
        ),
        ("It cannot be said that this treatment is not medically necessary.", "necessary"),
        ("The UR decision is upheld.", "not necessary"),
        ("The denial should be reversed.", "necessary"),
        ("The request is partially medically necessary.", "unclear"),
        ("The MRI of the knee without contrast is medically necessary.", "necessary"),
        ("", "unclear"),
    ],
)
def test_how_reviewers_conclude(text: str, concludes: str) -> None:
    assert read(text) == concludes


def test_the_sentence_that_was_read_is_named() -> None:
    text = (
        "The guideline asks for findings. There are none.\n"
        "The request is not medically necessary. Wean it."
    )
    found = conclude(text)
    assert found
    assert (
        text[found.start : found.start + found.length] == "The request is not medically necessary."
    )


@pytest.mark.parametrize(
    "unit",
    [*"().,-'/& a1", "a(", "(a", "it ", "the(", "it(", "these,they ", "a.b", "not ", "- it"],
)
def test_a_long_text_without_a_conclusion_is_read_to_its_end(unit: str) -> None:
    """Where the time grows with the square of the length, this takes minutes for each text."""
    assert conclude(unit * (100_000 // len(unit))) is None
