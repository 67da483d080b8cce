"""Long words say where they may break, and every other text stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imrgen.document import visible_characters, with_breaks
from imrgen.document.long_words import pieces

SENTENCE = "the injured worker reports that the pain is worse in the morning"
GLUED = SENTENCE.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    "text",
    [
        "Norco 10/325 mg #60 on 10/12/2016, 5\u00a0mg of hydrocodone-acetaminophen",
        "pseudopseudohypoparathyroidism",
        "8\u00a0CCR\u00a0§\u00a09792.21.1",
        "CM16-0000001 and 1,234,567.89",
        "see C: and D:/x",
        "",
    ],
)
def test_a_text_of_common_words_stays(text: str) -> None:
    assert with_breaks(text) == text


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        (
            "https://a.example/?term=chronic+pain&x=1",
            "https:// a.example/ ?term= chronic+ pain& x= 1",
        ),
        ("M54.10,M54.11,M54.12,M54.13,M54.14", "M54.10, M54.11, M54.12, M54.13, M54.14"),
        (
            r"\\server01\records\2016\note_2016_08.pdf",
            r"\\ server01\ records\ 2016\ note_ 2016_ 08.pdf",
        ),
        ("_" * 34, f"{'_' * 10} {'_' * 10} {'_' * 10} {'_' * 4}"),
        ("é" * 35, f"{'é' * 10} {'é' * 10} {'é' * 10} {'é' * 5}"),
        ("e\u0301" * 16, " ".join(["e\u0301" * 5] * 3 + ["e\u0301"])),
        ("é\u2060" * 16, "é\u2060" * 16),
        ("ل" * 220, " ".join("ل" * length for length in (100, 100, 20))),
        ("e" + "\u0301" * 120, "e" + "\u0301" * 99 + " " + "\u0301" * 21),
        ("hydrocodone/acetaminophen", "hydrocodone/acetaminophen"),
    ],
)
def test_a_long_word_breaks_behind_its_signs(word: str, parts: str) -> None:
    assert pieces(word) == parts.split(" ")
    assert with_breaks(word) == "\u200b".join(parts.split(" "))


@pytest.mark.parametrize("before", ["", "is ", "("])
def test_a_path_stays_with_its_drive(before: str) -> None:
    assert with_breaks(f"{before}C:\\a\\b") == f"{before}C:\u2060\\a\\b"


def test_a_sentence_of_no_break_spaces_gets_plain_ones() -> None:
    assert with_breaks(f"He: {GLUED} (5\u00a0mg)") == f"He: {SENTENCE} (5\u00a0mg)"


@pytest.mark.parametrize("sign", "x_é…\u0416\u0627\u0e01\u4e2d\u0301\u2060\U0001f600")
def test_no_part_of_a_word_is_so_long_that_pango_needs_its_square(sign: str) -> None:
    word = f"a{sign * 100_000}"
    parts = with_breaks(word).split("\u200b")
    assert max(map(len, parts)) <= 100
    assert "".join(parts) == word


@pytest.mark.slow
@given(st.text(st.sampled_from("ab1_/=\\:,C \u00a0\u0301é\n"), max_size=90))
def test_no_visible_character_changes(text: str) -> None:
    assert visible_characters(with_breaks(text)) == visible_characters(text)
    assert "".join(part for word in text.split() for part in pieces(word)) == "".join(text.split())
