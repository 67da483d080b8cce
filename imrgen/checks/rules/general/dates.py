"""Checks of dates: their order, the deadlines, and the narratives' dates against the case."""

import datetime
import itertools
import math
import re
from collections.abc import Iterable, Iterator
from typing import Literal

from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import Pattern, WrittenDate, written_dates
from imrgen.diagnostics import Path, Severity
from imrgen.pack import Deadline, Deadlines

_MANIFEST = "The pack's manifest, `[checks]`"
_EDITORIAL = "Editorial: the dates of a letter must be possible"
_PLANNED = Pattern(
    r"\b(?:scheduled|expir\w+|upcoming|planned|plans?\s+to|anticipated|expected|tentative\w*|"
    r"projected|will|shall|next\s+(?:visit|appointment|follow)|appointment\s+(?:on|for)|"
    r"follow(?:ing)?[- ]?up\s+(?:on|in|by|for)|return\s+(?:on|in|by|to)|returning\s+to|"
    r"due\s+(?!to\b))"
    r"|(?:\b(?:until|till|through|thru|to|by|before|beyond|effective(?:\s+on)?)\s*|"
    r"[0-9]\s*[-–]\s*)\Z",
    re.IGNORECASE,
)
_PLANNED_AFTER = Pattern(r"[^.;\n]{0,30}\b(?:scheduled|expir\w+|is\s+planned)\b", re.IGNORECASE)
_SENTENCE_END = Pattern(r"[.;!?]\s+(?=[A-Z])|\n\s*\n")


@check("IMR330", "Dates out of order", "error", f"{_MANIFEST}, `order`: the order of events")
def order(subject: Subject) -> Iterator[Finding]:
    """Compare the order of the case's dates with the order of events.

    What: The pack states the order in which the dates of a case follow each other, in `[checks]
    order`. A last date, that of the decision, before any of the others is an error. So is a
    specific injury after the utilization review decision; for a cumulative injury, or one of
    unknown kind, that is a warning. So are all other inversions, and records that were complete
    only after the decision. Equal dates are in order.

    Why: A decision answers what came before it. A wrong year or two exchanged digits are the usual
    cause, and the parties read these dates first.

    Fails:
        date_assigned = 2016-10-07
        decision_date = 2016-02-11

    Passes:
        date_assigned = 2016-10-07
        decision_date = 2016-11-02
    """
    header = subject.case.case
    patterns = subject.pack.checks.order if subject.pack else ()
    dates = {pattern: date for pattern in patterns if (date := subject.date(pattern))}
    last = patterns[-1] if patterns else ""
    decided = dates.pop(last, None)
    later = [pattern for pattern in dates if decided and dates[pattern] > decided]
    if later:
        names = ", ".join(f"`{_name(pattern)}`" for pattern in later)
        yield finding(last, f"the decision is before {names}", "check the year of each date")
    if decided and header.records_complete and header.records_complete > decided:
        yield finding(
            "case.records_complete",
            f"is after `{_name(last)}`",
            "use the day on which the last record arrived before the decision",
            "warning",
        )
    known = [pattern for pattern in dates if pattern not in later]
    for earlier, pattern in itertools.pairwise(known):
        if dates[pattern] < dates[earlier]:
            is_certain = pattern == "case.ur_decision_date" and header.injury_kind == "specific"
            yield finding(
                pattern,
                f"is before `{_name(earlier)}`",
                "check the year of both dates",
                "error" if is_certain else "warning",
            )


@check("IMR332", "After the standard deadline", "warning", f"{_MANIFEST}, `deadlines.standard`")
def standard_deadline(subject: Subject) -> Iterable[Finding]:
    """Compare the date of a standard decision with its deadline.

    What: `priority` is standard, or the pack's cases have none, and more time lies between the two
    dates that the pack names in `[checks.deadlines.standard]` than it allows there: 30 days from
    `records_complete` to `decision_date`, for example. Nothing is reported without both dates, or
    where the field that `unless` names is true.

    Why: The law allows only this time.

    Fails:
        priority = "standard"
        records_complete = 2016-10-14
        decision_date = 2016-11-20

    Passes:
        priority = "standard"
        records_complete = 2016-10-14
        decision_date = 2016-11-02
    """
    return _late(subject, "standard", "check both dates")


@check("IMR333", "After the expedited deadline", "warning", f"{_MANIFEST}, `deadlines.expedited`")
def expedited_deadline(subject: Subject) -> Iterable[Finding]:
    """Compare the date of an expedited decision with its deadline.

    What: `priority` is expedited, and more time lies between the two dates that the pack names in
    `[checks.deadlines.expedited]` than it allows there. Where it names several dates to count from,
    the first that the case has counts. Of hours, whole days are counted, since the case has none.

    Why: The law allows only this time where waiting longer puts somebody in serious danger.

    Fails:
        priority = "expedited"
        records_complete = 2017-03-08
        decision_date = 2017-03-13

    Passes:
        priority = "expedited"
        records_complete = 2017-03-08
        decision_date = 2017-03-10
    """
    return _late(subject, "expedited", "check both dates and `priority`")


def _late(
    subject: Subject, priority: Literal["standard", "expedited"], advice: str
) -> Iterator[Finding]:
    """Compare a decision's date with the deadline of its priority, if the pack states one."""
    deadlines = subject.pack.checks.deadlines if subject.pack else Deadlines()
    deadline: Deadline | None = getattr(deadlines, priority)
    has_priority = subject.model.find("case.priority") is not None
    if deadline is None or (subject.case.case.priority if has_priority else "standard") != priority:
        return
    if deadline.unless and subject.model.value(subject.case, deadline.unless):
        return
    end = subject.date(deadline.to)
    start = next((pattern for pattern in deadline.from_ if subject.date(pattern)), None)
    begin = subject.date(start) if start else None
    number, unit = deadline.period
    passed = working_days(begin, end) if unit == "working days" else days(begin, end)
    if start and passed > (math.ceil(number / 24) if unit == "hours" else number):
        yield finding(
            deadline.to,
            f"is more than {deadline.within} after `{_name(start)}`",
            f"{advice}; if they are right, the deadline was missed",
        )


@check("IMR335", "Date after the decision", "warning", _EDITORIAL)
def later_than_decision(subject: Subject) -> Iterator[Finding]:
    """Report dates in narratives that are later than the decision.

    What: A full date in a narrative that is later than the decision: than the last date of the
    pack's `[checks] order`, or else `decision_date`. Plans are left out: what is scheduled,
    planned, due or valid until a day, and the second date of a range. A year of two digits that
    would lie more than five years ahead is read as one of the past century.

    Why: A review rests on records that existed when it was made; such a date is nearly always a
    wrong year.

    Fails:
        decision_date = 2016-11-02, and in the rationale: At the visit of October 5, 2017 the gait
        was normal.

    Passes:
        The next injection is scheduled for December 5, 2016.
    """
    decided = subject.date(subject.decided_on) if subject.decided_on else None
    if decided is None:
        return
    hint = "check the year, or state that the day is planned"
    for path, text in subject.narratives:
        for written in dates_in(subject, text, decided):
            if written.date > decided and not _is_planned(text, written):
                yield Finding(
                    path,
                    f"a date after `{subject.decided_on}`",
                    (hint,),
                    written.start,
                    written.length,
                )


@check("IMR338", "Date in the future, or birth after injury", "warning", _EDITORIAL)
def impossible_date(subject: Subject) -> Iterator[Finding]:
    """Report dates in the future, and a birth after the injury.

    What: A date of `[case]` after today is a warning; `employee.date_of_birth` after
    `date_of_injury` is an error.

    Why: The case records what has happened. A decision may bear the date on which it will be
    sent, which is why a future date is only a warning.

    Fails:
        date_of_birth = 2071-05-20, date_of_injury = 2016-03-03

    Passes:
        date_of_birth = 1971-05-20, date_of_injury = 2016-03-03
    """
    header = subject.model.find("case")
    for key, field in header.fields.items() if header else ():
        pattern = f"case.{key}"
        date = subject.date(pattern) if field.kind == "date" else None
        if date and date > subject.today:
            yield finding(pattern, "is in the future", "check the year", "warning")
    birth = subject.case.employee.date_of_birth
    injury = subject.case.case.date_of_injury
    if birth and injury and birth > injury:
        path: Path = ("employee", "date_of_birth")
        yield Finding(
            path,
            "is after `case.date_of_injury`",
            ("check the century of the date of birth, and whether the two dates are exchanged",),
            severity="error",
        )


def finding(pattern: str, message: str, hint: str, severity: Severity | None = None) -> Finding:
    """Return a finding about a field that stands in no list."""
    return Finding(tuple(pattern.split(".")), message, (hint,), severity=severity)


def days(begin: datetime.date | None, end: datetime.date | None) -> int:
    """Count the days between two dates; 0 where one is unknown."""
    return (end - begin).days if begin and end else 0


def working_days(begin: datetime.date | None, end: datetime.date | None) -> int:
    """Count the days between two dates but Saturdays and Sundays; 0 where one is unknown."""
    if begin is None or end is None:
        return 0
    weeks, rest = divmod(max(0, (end - begin).days), 7)
    return weeks * 5 + sum((begin.weekday() + day) % 7 < 5 for day in range(1, rest + 1))


def dates_in(subject: Subject, text: str, reference: datetime.date) -> list[WrittenDate]:
    """Return the dates in a narrative; see `written_dates`."""
    return subject.cached(("dates", text, reference), lambda: written_dates(text, reference))


def _name(pattern: str) -> str:
    return pattern.rpartition(".")[2]


def _is_planned(text: str, written: WrittenDate) -> bool:
    sentence_ends = _SENTENCE_END.finditer(text, max(0, written.start - 120), written.start)
    begin = max((end.end() for end in sentence_ends), default=max(0, written.start - 120))
    is_planned = _PLANNED.search(text, begin, written.start)
    return bool(is_planned or _PLANNED_AFTER.match(text, written.end))
