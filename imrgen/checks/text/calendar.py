"""Dates as people write them in a narrative.

Clinical text is full of numbers that look like dates: strengths (`10/325`, `4/5`), scales (`1-10`),
spinal levels, pages, sections, telephone numbers. So a date must have a day, a month and a year
that exist in the calendar, in American or ISO order or with the month as a word. What could be
something else is left out.

The patterns begin with what is rare, a separator or a century, and look back from there: the
regular expression engine finds a literal ten times as fast as a digit.
"""

import datetime
import re
from collections.abc import Iterator

import msgspec

from imrgen.checks.text.patterns import Pattern

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
"""A pattern for a month's name or abbreviation, to be used with `re.IGNORECASE`."""

AHEAD = 5
"""How many years after the reference date a year of two digits may lie, since plans reach ahead."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = frozenset(
    (
        *("january", "february", "march", "april", "june", "july", "august", "september"),
        *("sept", "october", "november", "december"),
        *_MONTHS,
    )
)
_NUMERIC = {
    separator: Pattern(rf"{sign}([0-9]{{1,2}}){sign}([0-9]{{4}}|[0-9]{{1,2}})(?![0-9])")
    for separator, sign in ((separator, re.escape(separator)) for separator in "/-.‐‑–")
}
_FIRST = Pattern(rf"(?:([0-9]{{1,4}})|(?<![^\W_])({MONTH}))\Z", re.IGNORECASE)
_YEARS = tuple(
    Pattern(rf"{century}[0-9]{{2}}(?![0-9])") for century in ("19", "20", "21", "'", "’")
)
_DAY = r"([0-9]{1,2})(?i:st|nd|rd|th)?"
# Which words are months is seen in a table: their pattern, twice, takes as long as all the rest.
_BEFORE_YEAR = Pattern(
    rf"(?<![^\W_])(?:(?P<month>[A-Za-z]{{3,9}})(?:\.?\s*|-){_DAY}(?:\s*[,.]\s*|\s+(?i:of)\s+|\s+|-)"
    rf"|(?<![#$/.-]){_DAY}(?i:\s+day)?(?:\s+(?i:of)\s+|\s+|\s*[-/‐‑]\s*)([A-Za-z]{{3,9}})\.?"
    r"(?:,?\s+|[-/‐‑]|,))\Z"
)
_SHORT = Pattern(
    rf"-({MONTH})-([0-9]{{2}})(?![0-9])",
    re.IGNORECASE,
    needs=tuple(f"-{month}" for month in _MONTHS),
)
_LENGTH = 34  # of the longest words before a year: `the 13th day of September, `
_WHOLE_YEAR = Pattern(r"(?:19|20|21)[0-9]{2}\Z")
# Words before and after a number that mark it as something else.
_LABEL = Pattern(
    r"(?:§|\b(?:sections?|sec|chapters?|version|table|figure|code|no|nos|number|pages?|pp?|tel|"
    r"phone|fax|cpt|icd|ndc|levels?|grid|ratio))[.:#]?\s*\Z",
    re.IGNORECASE,
)
_UNIT = Pattern(
    r"\s*-?(?:%|°|(?:mc?g|m[lm]|cm|kg|grams?|mmhg|percent|degrees?|pounds?|lbs?|minutes?|mins?|"
    r"seconds?|reps?|repetitions?|inch(?:es)?|tablets?|tabs?|capsules?|scale)\b)",
    re.IGNORECASE,
)


class WrittenDate(msgspec.Struct, frozen=True):
    """A date in a text.

    Args:
        date: The date.
        start: Where it begins in the text, from 0.
        length: In characters.
    """

    date: datetime.date
    start: int
    length: int

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.start + self.length


def written_dates(text: str, reference: datetime.date) -> list[WrittenDate]:
    """Find the full dates of a text, in the order of the text.

    Args:
        text: A narrative, or a piece of one.
        reference: The day by which years of two digits are read: none lies more than `AHEAD` years
            after it.
    """
    dates = sorted(
        (*_numeric(text, reference), *_in_words(text, reference)), key=lambda date: date.start
    )
    return [
        date
        for number, date in enumerate(dates)
        if not number or date.start >= dates[number - 1].end
    ]


def full_year(year: int, reference: datetime.date) -> int:
    """Complete a year of two digits: the last such year up to `AHEAD` years after the reference."""
    latest = reference.year + AHEAD
    return latest - (latest - year) % 100


def _numeric(text: str, reference: datetime.date) -> Iterator[WrittenDate]:
    for separator, pattern in _NUMERIC.items():
        for match in pattern.finditer(text) if separator in text else ():
            before = _FIRST.search(text, max(0, match.start() - 9), match.start())
            if before is None or not _stands_alone(text, before.start(), match.end(), separator):
                continue
            first, month = before.groups()
            second, last = match.groups()
            if month:
                parts = (_year(last, reference), _month(month), int(second))
            elif _WHOLE_YEAR.match(first) and len(last) <= 2:
                parts = (int(first), int(second), int(last))
            elif len(first) > 2 or (
                separator == "." and len(last) == 2 and len(first + second) == 2
            ):
                continue  # 3.1.16 is a section's number as often as a date
            else:
                parts = (_year(last, reference), int(first), int(second))
            yield from _date(*parts, before.start(), match.end())


def _in_words(text: str, reference: datetime.date) -> Iterator[WrittenDate]:
    for pattern in _YEARS:
        for match in pattern.finditer(text):
            before = _BEFORE_YEAR.search(text, max(0, match.start() - _LENGTH), match.start())
            if before is None:
                continue
            month, day, other_day, other_month = before.groups()
            month = month or other_month
            if month.lower() in _MONTH_NAMES and not _is_measure(text, match.end()):
                parts = (_year(match[0], reference), _month(month), int(day or other_day))
                yield from _date(*parts, before.start(), match.end())
    for match in _SHORT.finditer(text):
        before = _FIRST.search(text, max(0, match.start() - 4), match.start())
        if before and before[1] and _stands_alone(text, before.start(), match.end(), "-"):
            parts = (_year(match[2], reference), _month(match[1]), int(before[1]))
            yield from _date(*parts, before.start(), match.end())


def _stands_alone(text: str, start: int, end: int, separator: str) -> bool:
    """Return whether digits are neither part of a longer number nor marked as something else."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before and (
        before[-1].isalnum()
        or before[-1] in "_#$"
        or (before[-1] == separator and before[0].isalnum())
    ):
        return False
    if after and (after[0] == "_" or (after[0] == separator and after[1:].isalnum())):
        return False
    if after[:1].isalpha() and after[0] != "T":  # 2016-10-13T08:00
        return False
    return not _is_measure(text, end) and not _LABEL.search(text, max(0, start - 12), start)


def _is_measure(text: str, end: int) -> bool:
    """Return whether a unit follows; most often a comma or a full stop does."""
    return text[end : end + 1] not in (",", ".", "") and _UNIT.match(text, end) is not None


def _date(year: int, month: int, day: int, start: int, end: int) -> Iterator[WrittenDate]:
    try:
        yield WrittenDate(datetime.date(year, month, day), start, end - start)
    except ValueError:
        return


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _year(digits: str, reference: datetime.date) -> int:
    """Return the year of two or four digits; 0, which no calendar has, for anything else."""
    digits = digits.lstrip("'’")
    if len(digits) == 2:
        return full_year(int(digits), reference)
    return int(digits) if _WHOLE_YEAR.match(digits) else 0
