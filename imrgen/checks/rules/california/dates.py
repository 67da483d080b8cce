"""Checks of dates: California's deadlines, and the narratives' dates of injury and review."""

import datetime
import itertools
import re
from collections.abc import Callable, Iterator

from imrgen.checks import Finding, Subject, check
from imrgen.checks.rules.general.dates import dates_in, finding
from imrgen.checks.text import Pattern, WrittenDate
from imrgen.diagnostics import Path

_UR = r"\b(?:utilization\s+review|(?-i:UR))\b(?:\s+\(UR\))?"
_REFUSED = (
    r"(?:partially|non-?\s?certif|(?:did\s+)?not\s+(?:certif|authori[sz]|approv)|"
    r"den(?:ied|ying|ies)|modif|delay|conditionally)"
)
_REVIEW = (
    rf"(?:{_UR}|\b(?:prior|previous|original|initial|adverse)\s+"
    r"(?:determination|decision|review|denial))"
)
_UR_BEFORE = Pattern(
    rf"(?P<other>\b(?:prior|previous|earlier|initial|first|second|another|past|separate)\s+)?{_REVIEW}"
    r"(?:\s+(?:decision|determination|denial|letter|notice|report|modification|non-?certification|"
    r"documentation|form|summary|physician|reviewer|was|is|made|performed|rendered|issued|completed|"
    r"conducted|\([a-z ]{1,40}\)))*,?\s*"
    r"(?:\(|\s(?:with\s+an?\s+(?:\w+\s+)?)?(?:dated?(?:\s+of)?|on|of|from)[:,]?\s+(?:on\s+)?)\Z|"
    rf"(?P<refusing>{_REVIEW}[^.;]{{0,40}}?\b{_REFUSED}\w*[^.;]{{0,50}}?\s(?:on|dated)\s+\Z)|"
    rf"\bpreviously\s+(?:reviewed|{_REFUSED}\w*)[^.;]{{0,30}}?\s(?:on|dated)\s+\Z",
    re.IGNORECASE,
)
_UR_ALLOWED = Pattern(
    r",?\s+(?:(?:has|had)\s+)?(?:certified|approved|authorized|allowed|recommended)\b"
)
_UR_AFTER = Pattern(
    rf",?\s+(?:the\s+|an?\s+|this\s+)?(?:(?:{_UR}|claims\s+administrator)(?:\s+(?:decision|"
    r"determination|physician|reviewer|report|letter|has))*|requests?\b[^.;]{0,150}?\b(?:was|were))\s+"
    rf"(?:\w+ly\s+)?{_REFUSED}",
    re.IGNORECASE,
)
_UR_CUES = ("tilization", "UR", "rior ", "revious", "riginal ", "nitial ", "dverse ")
_UR_NAME = Pattern(_UR, re.IGNORECASE)
_ON = Pattern(r"\b(?:on|dated)\s+\Z", re.IGNORECASE)

# Between “injured” and “on” no word may refer to another event than the injury.
_SAME_EVENT = (
    r"(?:(?!\b(?:(?!related\b|combined\b)\w+ed|had|has|have|was|were|underwent|saw|seen|began|got|"
    r"took|went|felt|fell|who|which|but|since|surgery|mri|x-?rays?|visit|exam\w*|evaluat\w+|"
    r"reports?|notes?|therapy|claims?|follow\w*|presents|complains|states|"
    r"denies)\b)[^.;:0-9]){0,70}?"
)
_ON_DATE = (
    r"\s(?:(?:on|of|from|dated|that\s+occurred\s+on|occurring\s+on|sustained\s+on)\s+"
    r"(?:or\s+about\s+)?)?\Z"
)
_INJURED_BEFORE = Pattern(
    rf"\b(?:(?:sustained|suffered|incurred)\b{_SAME_EVENT}\binjur(?:y|ies)|(?:was|got)\s+injured|"
    r"injured\s+(?:his|her|their|the|both|him|them|bilateral))\b"
    rf"{_SAME_EVENT}{_ON_DATE}",
    needs=("injur",),
)
_INJURY_BEFORE = Pattern(
    r"\b(?:(?:history\s+of\s+an?|industrial|work(?:[- ]related)?|job[- ]related|occupational)\s+"
    r"(?:injury|claim|accident|incident|trauma)(?:\s+date)?|injury\s+(?:that\s+)?occurr(?:ed|ing))"
    rf"{_ON_DATE}",
    needs=("injur", "claim", "accident", "incident", "trauma"),
)
_INJURY_DATE_BEFORE = Pattern(
    r"\binjury\s+date(?:d|\s+of|\s+is|\s+was|:)?\s+\Z|\b(?:date\s+of\s+(?:the\s+|an?\s+)?(?:industrial\s+|work\s+)?injury|doi|"
    r"d/i)\b(?:\s+\(doi\))?"
    r"(?:\s+(?:is|was|of|on|as|listed|reported|noted|given))*\s?[:=,(–-]?\s?\Z",
    needs=(" injury date", " date of ", " doi ", "d/i"),
)
_INJURIES_BEFORE = (_INJURY_BEFORE, _INJURY_DATE_BEFORE, _INJURED_BEFORE)
"""What stands before a date of injury, the shortest patterns first: they take long to compile."""

_SEVERAL = Pattern(
    r"\bdates\s+of\s+(?:\w+\s+)?injur|\bdois\b|\bre-?injur|\bcumulative\b|\brepetitive\b|"
    r"\bcontinuous\s+trauma|\b(?:second|another|subsequent|multiple|several|prior|previous|earlier|"
    r"new|separate|non-?industrial|two|three)"
    r"\s+(?:[\w-]+\s+){0,2}(?:injur|accident|claim)",
    re.IGNORECASE,
)
# Between two dates: a list or a range of dates does not tell which one is meant.
_AND = Pattern(r"\s*(?:through|thru|to|and|&|-|–|,|, and)\s*", re.IGNORECASE)


@check("IMR331", "Late application", "warning", "8 CCR 9792.10.1; Labor Code 4610.5")
def late_application(subject: Subject) -> Iterator[Finding]:
    """Compare the application's date with its deadline, 30 days after the utilization review.

    What: `application_received` is later than 35 days after `ur_decision_date`: 30, and the five
    that service by mail within California adds (Code of Civil Procedure 1013). A deadline on a
    weekend or a judicial holiday moves to the next open day (12a of that code).

    Why: An application is due within 30 days of service of the decision. A decision may be served
    later than it is dated, or from outside California, so a later day can be right.

    Fails:
        ur_decision_date = 2016-09-12
        application_received = 2016-11-21

    Passes:
        ur_decision_date = 2016-09-12
        application_received = 2016-10-11
    """
    header = subject.case.case
    decided, received = header.ur_decision_date, header.application_received
    if decided and received and _is_late(received, decided):
        yield finding(
            "case.application_received",
            "is more than 30 days after `ur_decision_date`, even with five for service by mail",
            "check both dates; if they are right, make sure that the file shows why the "
            "application was accepted",
        )


def _is_late(received: datetime.date, decided: datetime.date) -> bool:
    last = decided + datetime.timedelta(days=35)
    if received <= last:
        return False
    from imrgen.checks.rules.california.holidays import next_open  # few letters are near the limit

    return received > next_open(last)


@check("IMR334", "Formulary dispute: 5 working days", "warning", "Labor Code 4610.6(d)")
def formulary_deadline(subject: Subject) -> Iterator[Finding]:
    """Compare the date of a formulary determination with its deadline of five working days.

    What: `formulary` is true, and more than five working days lie between `records_complete`, or
    `application_received` where that is absent, and `decision_date`. Weekends and the holidays of
    California's courts and offices do not count.

    Why: The law allows five working days for a dispute over the drug formulary.

    Fails:
        formulary = true
        records_complete = 2018-03-05
        decision_date = 2018-03-14

    Passes:
        formulary = true
        records_complete = 2018-03-05
        decision_date = 2018-03-12
    """
    header = subject.case.case
    name = "records_complete" if header.records_complete else "application_received"
    begin = subject.date(f"case.{name}")
    end = header.decision_date
    if header.formulary and begin and end and _open_days(begin, end) > 5:
        yield finding(
            "case.decision_date",
            f"is more than five working days after `{name}`",
            "check both dates and `formulary`; if they are right, the determination is late",
        )


@check("IMR336", "Date of injury in the narrative", "warning", "8 CCR 9792.10.6")
def narrative_injury(subject: Subject) -> Iterator[Finding]:
    """Compare the date of injury in narratives with the case's.

    What: A full date that the clinical summary or a rationale calls the date of injury (an injury
    sustained on, injured on, date of injury, injury date of, DOI, an occupational claim from) and
    that differs from `date_of_injury`. Nothing is reported for cumulative trauma, where the text
    mentions several injuries, or where any such date agrees.

    Measured: 60 of 60 wrong dates of injury were found. No finding on 60 unchanged letters.
    Letters and mutations are invented (`make checks-report`). An earlier version did not read
    the date in 53 of 188 real letters.

    Why: The same letter would state two dates of injury, and the parties could not tell which claim
    is meant.

    Fails:
        date_of_injury = 2016-03-03, and: The injured worker sustained an industrial injury on March
        30, 2016.

    Passes:
        date_of_injury = 2016-03-03, and: The injured worker sustained an industrial injury on
        3/3/16.
    """
    header = subject.case.case
    if header.date_of_injury and header.injury_kind != "cumulative":
        for finding in _differing(subject, _is_injury, header.date_of_injury, "date_of_injury"):
            if not any(_SEVERAL.search(text) for _, text in subject.narratives):
                yield finding


@check("IMR337", "Date of the utilization review in the narrative", "warning", "8 CCR 9792.10.6")
def narrative_review(subject: Subject) -> Iterator[Finding]:
    """Compare the date of the utilization review in narratives with the case's.

    What: A full date that a narrative assigns to the utilization review decision (utilization
    review dated, UR decision of, UR (date), the prior determination on, previously reviewed on; on
    a date, utilization review denied, or the request was denied) and that differs from
    `ur_decision_date`. Nothing is reported where any such date agrees, or for a utilization review
    that is called prior or that certified.

    Measured: 60 of 60 wrong dates of the review were found. No finding on 60 unchanged letters.
    Letters and mutations are invented (`make checks-report`). An earlier version did not read
    the date in 96 of 176 real letters.

    Why: The determination answers one decision; with two dates, it is unclear which.

    Fails:
        ur_decision_date = 2016-09-12, and: On September 21, 2016, Utilization Review denied the
        request.

    Passes:
        ur_decision_date = 2016-09-12, and: On 9-12-16, Utilization Review denied the request.
    """
    decided = subject.case.case.ur_decision_date
    if decided:
        yield from _differing(subject, _is_review, decided, "ur_decision_date")


def _open_days(begin: datetime.date, end: datetime.date) -> int:
    """Count the open days after one day up to another; a year has passed every deadline."""
    from imrgen.checks.rules.california.holidays import is_open  # few letters have this deadline

    days = min((end - begin).days, 366)
    return sum(is_open(begin + datetime.timedelta(days=day)) for day in range(1, days + 1))


def _is_injury(text: str, written: WrittenDate) -> bool:
    before = text[max(0, written.start - 170) : written.start].casefold()
    return any(pattern.search(before) for pattern in _INJURIES_BEFORE)


def _is_review(text: str, written: WrittenDate) -> bool:
    lead = text[max(0, written.start - 110) : written.start]
    before = _UR_BEFORE.search(lead) if any(map(lead.__contains__, _UR_CUES)) else None
    if before:
        names_ur = before["other"] and _UR_NAME.search(before[0])
        return not names_ur and not _UR_ALLOWED.match(text, written.end)
    return bool(
        _UR_AFTER.match(text, written.end)
        and _ON.search(text, max(0, written.start - 8), written.start)
    )


def _differing(
    subject: Subject,
    is_meant: Callable[[str, WrittenDate], bool],
    date: datetime.date,
    name: str,
) -> Iterator[Finding]:
    """Report the narratives' first such date where all agree on one day and the case differs."""
    meant: list[tuple[Path, WrittenDate]] = []
    for path, text in subject.narratives:
        dates = dates_in(subject, text, subject.case.case.decision_date or subject.today)
        for written, following in itertools.zip_longest(dates, dates[1:]):
            is_list = following and _AND.fullmatch(text, written.end, following.start)
            if not is_list and is_meant(text, written):
                meant.append((path, written))
    days = {written.date for _, written in meant}
    if len(days) == 1 and date not in days:
        path, written = meant[0]
        yield Finding(
            path,
            f"the narrative's date is not `case.{name}`",
            (f"write the date of `case.{name}`, or correct that field",),
            written.start,
            written.length,
        )
