"""The days on which California's courts and offices are closed.

A period that ends on such a day is extended to the next open day (Code of Civil Procedure 12a).
The holidays are those of Government Code 6700 and Code of Civil Procedure 135.
"""

import datetime
import functools

_DAY = datetime.timedelta(days=1)
_FIXED = ((1, 1), (2, 12), (3, 31), (7, 4), (11, 11), (12, 25))
# Month, weekday (Monday is 0), and which of the month's; -1 for the last.
_FLOATING = ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (11, 3, 4))


@functools.cache
def holidays(year: int) -> frozenset[datetime.date]:
    """Return the holidays of a year, each on the weekday on which it is observed."""
    fixed = [datetime.date(year, month, day) for month, day in _FIXED]
    fixed += [datetime.date(year, 6, 19)] if year >= 2022 else []
    floating = [_nth(year, *each) for each in _FLOATING]
    floating.append(floating[-1] + _DAY)  # the day after Thanksgiving
    # Columbus Day, and from 2022 Native American Day in its place.
    floating.append(_nth(year, 10, 0, 2) if year < 2022 else _nth(year, 9, 4, 4))
    observed = [day + _DAY * {5: -1, 6: 1}.get(day.weekday(), 0) for day in fixed]
    return frozenset([*observed, *floating])


def is_open(day: datetime.date) -> bool:
    """Return whether a day is neither on a weekend nor a holiday."""
    # A New Year's Day on a Saturday is observed in the year before.
    is_holiday = day in holidays(day.year) or day in holidays(day.year + 1)
    return day.weekday() < 5 and not is_holiday


def next_open(day: datetime.date) -> datetime.date:
    """Return a day, or the first open one after it."""
    while not is_open(day):
        day += _DAY
    return day


def _nth(year: int, month: int, weekday: int, which: int) -> datetime.date:
    first = datetime.date(year, month, 1)
    day = first + _DAY * ((weekday - first.weekday()) % 7)
    last = day + _DAY * (28 if (day + _DAY * 28).month == month else 21)
    return last if which < 0 else day + _DAY * 7 * (which - 1)
