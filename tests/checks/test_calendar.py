"""Dates are read out of a narrative as people write them, and nothing else is taken for one."""

from __future__ import annotations

import datetime

import pytest

from imrgen.checks.text import written_dates
from imrgen.checks.text.calendar import AHEAD, full_year

REFERENCE = datetime.date(2016, 11, 2)

# The words that say the date stand between the brackets.
WRITTEN = {
    "on [10-13-16] she": "2016-10-13",
    "[10/13/2016]": "2016-10-13",
    "[10/13/16]": "2016-10-13",
    "[1/3/16]": "2016-01-03",
    "[01-03-2016]": "2016-01-03",
    "[10.13.16]": "2016-10-13",
    "[10.13.2016]": "2016-10-13",
    "[3.1.2016]": "2016-03-01",
    "[2016-10-13]": "2016-10-13",
    "[2016/10/13]": "2016-10-13",
    "received [2016-10-13]T08:15": "2016-10-13",
    "[October 13, 2016]": "2016-10-13",
    "[Oct. 13 2016]": "2016-10-13",
    "[Oct 13,2016]": "2016-10-13",
    "[OCTOBER 13, 2016]": "2016-10-13",
    "[october 13, 2016]": "2016-10-13",
    "[October 13th, 2016]": "2016-10-13",
    "[October 13th of 2016]": "2016-10-13",
    "[October\n13, 2016]": "2016-10-13",
    "[October\u00a013, 2016]": "2016-10-13",
    "[Sept. 9, 2016]": "2016-09-09",
    "[May 5, 2016]": "2016-05-05",
    "[Dec. 1, '15]": "2015-12-01",
    "[13 October 2016]": "2016-10-13",
    "[13 Oct. 2016]": "2016-10-13",
    "[3rd of March 2016]": "2016-03-03",
    "the [13th day of October, 2016]": "2016-10-13",
    "[13-Oct-16]": "2016-10-13",
    "[13-Oct-2016]": "2016-10-13",
    "[Oct-13-16]": "2016-10-13",
    "[Oct-13-2016]": "2016-10-13",
    "[10‑13‑16], with hyphens that do not break": "2016-10-13",
    "[10–13–16], with dashes": "2016-10-13",
    "(DOI:[06/16/1999])": "1999-06-16",
    "**[June 16, 1999]**": "1999-06-16",
    "born [3-4-63]": "1963-03-04",
    "born [3-4-99]": "1999-03-04",
    "until [12-31-18]": "2018-12-31",
    "[02/29/2016], a leap year": "2016-02-29",
    "a wrong year, [10/13/2106]": "2106-10-13",
    "L4-5 on [10/13/16], 4/5": "2016-10-13",
}

NONE = (
    "Norco 10/325",
    "pain 5/10",
    "strength 4/5",
    "strength 5/5/5",
    "on a 1-10 scale",
    "open 24/7",
    "L4-5 and L5-S1",
    "C5-6-7",
    "60 of 127",
    "pages 98-99",
    "(916) 555-0142",
    "1-800-555-0142",
    "555-12-3456",
    "12-10-1975-01",
    "8 CCR 9792.10.6",
    "9792.25.1",
    "section 3.1.16",
    "Section 10-13-16",
    "part 3.1.16",
    "ICD 10-10-15",
    "weights of 5-10-15 pounds",
    "5/10/15 mg",
    "5-10-15%",
    "5-10-15 minutes",
    "claim #10-13-16",
    "No. 10-13-16",
    "CM16-0001234",
    "10/13",
    "October 13",
    "October 2016",
    "3/2015",
    "2016",
    "June 31, 2016",
    "02/29/2015",
    "13/13/16",
    "0/13/16",
    "October 13, 16 visits",
    "may 10, 2000 mg",
    "x10/13/16",
    "10/13/16x",
    "10/13/1816",
    "120/80/75",
    "0078-0357-15",
    "10/13/16/17",
    "2 x 3 x 16",
    "M43.16",
    "1:10:15",
    "BP 120/80 on 3 March",
)


@pytest.mark.parametrize("text", WRITTEN)
def test_a_date_is_read(text: str) -> None:
    plain = text.replace("[", "").replace("]", "")
    (found,) = written_dates(plain, REFERENCE)
    assert found.date.isoformat() == WRITTEN[text]
    assert plain[found.start : found.end] == text[text.index("[") + 1 : text.index("]")]
    assert found.length == found.end - found.start


@pytest.mark.parametrize("text", NONE)
def test_what_is_not_a_date_is_left_out(text: str) -> None:
    assert written_dates(text, REFERENCE) == []


@pytest.mark.parametrize("year", range(100))
@pytest.mark.parametrize("reference", [1999, 2000, 2016, 2026])
def test_a_year_of_two_digits_is_never_far_ahead(year: int, reference: int) -> None:
    full = full_year(year, datetime.date(reference, 6, 1))
    assert full % 100 == year
    assert reference + AHEAD - 100 < full <= reference + AHEAD


def test_dates_stand_in_the_order_of_the_text() -> None:
    text = "From 10/1/16 to 12-31-2016, on June 3, 2015 and 4 May 2014; 10/13/16-10/20/16."
    found = written_dates(text, REFERENCE)
    assert [text[each.start : each.end] for each in found] == [
        "10/1/16",
        "12-31-2016",
        "June 3, 2015",
        "4 May 2014",
        "10/13/16",
        "10/20/16",
    ]


@pytest.mark.slow
def test_long_texts_of_figures_end_soon() -> None:
    for text in (
        "1-" * 50_000,
        "1/1/" * 30_000,
        "May 1 " * 30_000,
        "20" * 50_000,
        "1 of 19" * 20_000,
        "." * 100_000,
    ):
        written_dates(text, REFERENCE)
