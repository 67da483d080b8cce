"""The expressions that packs declare: what they match, and that no text makes them slow."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imrgen
from imrgen.case.expressions import matches, problem
from imrgen.pack import load_pack

SLOW = ("(a+)+b", "(a|a)*b", "(a|aa)+b", "(a*)*b", "a*a*a*a*a*a*a*b", "(.*a){20}b", "([a-z]+)*-")
ORDINARY = (
    "EX-[0-9]{4}-[0-9]{4}",
    "[A-Z0-9][A-Z0-9-]{3,30}",
    "a|ab",
    "(?:a|b)*c?",
    "[^a]*",
    "a.c",
    "",
    "a?|b+$",
    "^[ -]b{0,3}",
)
MANIFEST = """\
name = "slow"
title = "Slow"
version = "1"
extends = "imr"
organization.inherit = true

[fields."case.claim_number"]
description = "A number."
example = "aab"
pattern = "(a+)+b"
"""


@pytest.mark.parametrize("expression", SLOW)
def test_no_text_takes_more_than_linear_time(expression: str) -> None:
    """Python's own module would not end in a lifetime on a hundredth of this text."""
    assert problem(expression) is None
    assert not matches(expression, "a" * 100_000)


@pytest.mark.slow
@given(st.sampled_from(ORDINARY), st.text("abcEX-01 \né\U0001f600", max_size=12))
def test_expressions_match_what_pythons_own_do(expression: str, text: str) -> None:
    assert problem(expression) is None
    assert matches(expression, text) == bool(re.fullmatch(expression, text))


def test_half_a_character_matches_nothing() -> None:
    assert not matches("[^a]*", "\ud800")


def test_a_case_with_a_text_that_would_be_slow_is_refused_with_its_place(
    case: dict[str, dict[str, str]],
) -> None:
    pack = load_pack("slow", [{"pack.toml": MANIFEST.encode()}])
    case["case"]["claim_number"] = "a" * 10_000
    with pytest.raises(imrgen.CaseError, match=r"case\.claim_number: is not written as") as error:
        imrgen.load_case(case, pack)
    assert [each.code for each in error.value.diagnostics] == ["IMR103"]
    case["case"]["claim_number"] = "aaab"
    assert imrgen.load_case(case, pack).case.claim_number == "aaab"
