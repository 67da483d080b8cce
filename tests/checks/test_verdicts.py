"""Verdicts in thousands of sentences that a grammar makes: right letters pass, flipped ones do not.

Each sentence is read as it stands in a letter whose decision is right, where it must not be an
error, and in one whose decision is flipped. All failures of a set are told at once. When the
held-out set was first read, 98.0 % of its 16,320 sentences were read right, 2.0 % as their
opposite, and none of these was an error.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable

import pytest

import imrgen
from imrgen.checks import Subject, all_checks
from imrgen.checks.text import conclude, second_doubt
from tests.checks import verdicts

STEP = 7
"""Every seventh sentence is read: a number that no count of frames, verdicts or items divides."""


def read(item: str, text: str, is_necessary: bool | None) -> str:
    found = conclude(text, item)
    if found is None:
        return "silent"
    plain = not found.doubt and not second_doubt(text, item, found)
    return ("right" if found.is_necessary == is_necessary else "wrong") + " plainly" * plain


def outcomes(letters: Iterable[tuple[str, str, bool | None]]) -> dict[str, list[str]]:
    by_outcome: dict[str, list[str]] = {}
    for item, text, is_necessary in letters:
        outcome = read(item, text, is_necessary)
        by_outcome.setdefault(outcome, []).append(f"{item}: {text} ({is_necessary})")
    return by_outcome


@pytest.mark.parametrize(
    ("frames", "pairs", "notices", "least", "least_plainly"),
    [
        (verdicts.CLEAR, verdicts.PLAIN, verdicts.NOTICES, 1, 0.95),
        (verdicts.CLEAR, verdicts.OTHER, verdicts.NOTICES, 0.98, 0),
        (verdicts.DOUBTFUL, verdicts.PLAIN + verdicts.OTHER, verdicts.NOTICES, 0.98, 0),
        (
            verdicts.HELD_OUT_FRAMES,
            verdicts.PLAIN + verdicts.OTHER + verdicts.HELD_OUT_VERDICTS,
            ("", *verdicts.HELD_OUT_NOTICES),
            0.96,
            0,
        ),
    ],
    ids=["clear", "other-words", "doubtful", "held-out"],
)
@pytest.mark.slow
def test_a_verdict_is_read_in_whatever_surrounds_it(
    frames: tuple[str, ...],
    pairs: tuple[tuple[str, str], ...],
    notices: tuple[str, ...],
    least: float,
    least_plainly: float,
) -> None:
    letters = verdicts.letters(frames, pairs, notices)
    found = outcomes(itertools.islice(letters, 0, None, STEP))
    counts = Counter({outcome: len(texts) for outcome, texts in found.items()})
    unread = [*found.get("wrong", ()), *found.get("silent", ())]
    assert not found.get("wrong plainly"), found["wrong plainly"][:20]
    right = counts["right"] + counts["right plainly"]
    assert right >= least * counts.total(), (counts, unread[:20])
    assert counts["right plainly"] >= least_plainly * counts.total(), counts


def test_sentences_of_each_kind_are_read_right() -> None:
    found = outcomes(verdicts.BY_HAND)
    unclear = [text for text in found.get("silent", ()) if text.endswith("(None)")]
    assert found.get("silent", []) == unclear
    assert not found.get("wrong"), found["wrong"]
    assert not found.get("wrong plainly"), found["wrong plainly"]


def findings(text: str) -> list[tuple[str | None, str]]:
    (check,) = (check for check in all_checks() if check.id == "IMR320")
    issue = {"item": "Hip injection", "decision": "upheld", "rationale": text}
    case = imrgen.load_case({"issues": [issue]})
    found = check.find(Subject(case, imrgen.load_pack("imr")))
    return [(each.severity, each.message) for each in found]


@pytest.mark.parametrize(
    ("text", "severity", "doubt"),
    [
        ("The hip injection is medically necessary.", "error", "concludes"),
        ("The hip injection is supported.", "warning", "in other words"),
        ("Given no relief, the hip injection is medically necessary.", "warning", "simpler"),
        ("The surgeon says so, but it is medically necessary.", "warning", "someone else"),
        ("This is not “routine”; it is medically necessary.", "warning", "quotation"),
        (
            "The hip injection is not medically necessary. It is medically necessary.",
            "warning",
            "an earlier sentence",
        ),
        (
            "It is medically necessary. The request is not supported.",
            "warning",
            "a later sentence",
        ),
        ("Acupuncture is medically necessary.", "warning", "something else"),
    ],
)
def test_only_a_plain_verdict_is_an_error(text: str, severity: str, doubt: str) -> None:
    ((found, message),) = findings(text)
    assert found == severity
    assert doubt in message
    assert "injection" not in message
