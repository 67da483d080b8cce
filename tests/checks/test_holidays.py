"""California's judicial holidays, compared with the calendars of two years."""

from __future__ import annotations

import datetime

import pytest

from imrgen.checks.rules.california.holidays import holidays, is_open, next_open

# The dates on which the holidays were observed, from the calendars of California's courts.
CALENDARS = {
    2016: "01-01 01-18 02-12 02-15 03-31 05-30 07-04 09-05 10-10 11-11 11-24 11-25 12-26",
    2023: "01-02 01-16 02-13 02-20 03-31 05-29 06-19 07-04 09-04 09-22 11-10 11-23 11-24 12-25",
}


@pytest.mark.parametrize("year", CALENDARS)
def test_the_holidays_are_those_of_the_calendar(year: int) -> None:
    expected = {datetime.date.fromisoformat(f"{year}-{day}") for day in CALENDARS[year].split()}
    assert holidays(year) == expected
    assert not any(map(is_open, expected))


def test_a_new_year_on_a_saturday_is_observed_in_the_year_before() -> None:
    friday = datetime.date(2021, 12, 31)
    assert not is_open(friday)
    assert next_open(friday) == datetime.date(2022, 1, 3)
