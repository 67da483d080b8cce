"""How a disputed item may end, since the letter sets a colon and the decision behind it."""

from __future__ import annotations

import pytest

import imrgen
from imrgen.checks import Subject, all_checks, run_checks

FAILS = {
    "Norco 10/325 mg #60: Upheld": "a decision",
    "Norco 10/325 mg #60 – Overturned": "a decision",
    "NORCO 10/325 MG #60: UPHELD": "a decision",
    "Norco 10/325 mg #60: Upheld.": "a decision",
    "Norco 10/325 mg #60 (Upheld)": "a decision",
    "Norco 10/325 mg #60: Not certified": "a decision",
    "Norco 10/325 mg #60: non-certified": "a decision",
    "MRI of the left knee - Denied": "a decision",
    "Norco 10/325 mg #60:": "a colon",
    "Norco 10/325 mg #60;": "a semicolon",
    "Norco 10/325 mg #60,": "a comma",
    "Norco 10/325 mg #60 –": "a dash",
    "Norco 10/325 mg #60 -": "a dash",
    "Norco 10/325 mg #60.": "a full stop",
    "MRI of the left knee.": "a full stop",
    "Physical therapy (x12).": "a full stop",
}
PASSES = [
    "Norco 10/325 mg #60",
    "Norco 10/325 mg q.d.",
    "Norco 10/325 mg b.i.d.",
    "Norco 10/325 mg 1 tab.",
    "Norco 10/325 mg 30 tabs.",
    "Norco 10 mg.",
    "Heel lift, approx. 4 in.",
    "Bed, Acme Medical Inc.",
    "Physical therapy, 6 wks.",
    "Vitamin B, etc.",
    "Stockings, FDA approved",
    "Physical therapy as modified",
    "Norco 10/325 mg #60 (brand)",
    "Stent, FDA-approved",
]


def findings(item: str) -> list[tuple[str, int | None]]:
    """Return the message and the column of what is found at an item's end."""
    (check,) = (check for check in all_checks() if check.id == "IMR326")
    case = imrgen.load_case({"issues": [{"item": item}]})
    found = check.find(Subject(case))
    assert item.split()[0] not in str(run_checks(Subject(case), [check]))
    return [(each.message, each.start) for each in found]


@pytest.mark.parametrize("item", FAILS)
def test_an_item_that_ends_in_what_the_letter_adds_is_found(item: str) -> None:
    text = item.replace("", "")
    ((message, start),) = findings(text)
    assert f"ends in {FAILS[item]}" in message
    assert start is not None
    if FAILS[item] != "a decision":
        assert start == len(text) - 1


@pytest.mark.parametrize("item", PASSES)
def test_an_item_that_ends_as_items_do_is_not(item: str) -> None:
    assert findings(item) == []
