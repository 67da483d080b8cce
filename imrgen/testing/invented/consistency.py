"""What the fields of a case have to do with each other, so that no check finds an error.

Each rule asks whether the model has its fields, and changes nothing where it has not.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from imrgen.case import Case, Model
from imrgen.diagnostics import Path
from imrgen.pack import TemplatePack
from imrgen.testing.invented import words
from imrgen.testing.invented.cases import Draw, narrative

Data = dict[str, Any]

_AMOUNTS = ("requested", "authorized", "remaining")
_UNITS = ("visits", "sessions of an invented therapy", "tablets")


def make_consistent(draw: Draw, data: Data, pack: TemplatePack) -> None:
    """Change a case that was drawn field by field until it is one that may be decided.

    Args:
        draw: Draws a value from a strategy.
        data: The case, which is changed.
        pack: The pack.
    """
    issues: list[Data] = data.get("issues", [])
    _distinct_items(issues)
    _votes(draw, data, pack)
    _dependencies(draw, issues)
    for issue in issues:
        _modification(draw, issue)
        _reasons(draw, issue, pack)
        if "notices" in issue:
            issue["notices"] = [name for name in pack.merged("notices") if draw(st.booleans())]
    _dates(draw, data, pack)
    _age(data)


def _distinct_items(issues: list[Data]) -> None:
    """Let each item be named once."""
    seen: set[str] = set()
    for number, issue in enumerate(issues, start=1):
        if issue["item"] in seen:
            issue["item"] = f"{issue['item']} (sample {number})"
        seen.add(issue["item"])


def _votes(draw: Draw, data: Data, pack: TemplatePack) -> None:
    """Let a panel vote as it decides: all reviewers, and most of them as every item is decided."""
    reviewers: list[Data] = data.get("reviewers", [])
    decisions = [issue["decision"] for issue in data.get("issues", []) if "decision" in issue]
    votes = any("vote" in reviewer for reviewer in reviewers)
    for reviewer in reviewers:
        reviewer.pop("vote", None)
    if not votes or len(reviewers) < 2 or not decisions:
        return
    for issue in data["issues"]:
        issue["decision"] = decisions[0]
    # One may dissent where the others are a majority without that vote.
    others = [name for name in pack.outcomes if name != decisions[0]]
    for number, reviewer in enumerate(reviewers):
        dissents = number == 0 and len(reviewers) > 2 and others and draw(st.booleans())
        reviewer["vote"] = others[0] if dissents else decisions[0]


def _dependencies(draw: Draw, issues: list[Data]) -> None:
    """Let an item depend on an earlier one that was decided alike."""
    for number, issue in enumerate(issues):
        if "depends_on" not in issue:
            continue
        del issue["depends_on"]
        alike = [
            other["item"]
            for other in issues[:number]
            if other.get("decision") == issue.get("decision")
        ]
        if alike:
            issue["depends_on"] = draw(st.sampled_from(alike))


def _modification(draw: Draw, issue: Data) -> None:
    """Let what remains of a request be what was not authorized, or leave all of it out."""
    given = [name for name in _AMOUNTS if name in issue]
    for name in given:
        del issue[name]
    if len(given) < 2:
        if issue.get("ur_action") == "modified":
            issue["ur_action"] = "denied"
        return
    if "ur_action" in issue:
        issue["ur_action"] = "modified"
    requested = draw(st.integers(2, 24))
    authorized = draw(st.integers(1, requested - 1))
    unit = draw(st.sampled_from(_UNITS))
    is_text = draw(st.booleans())
    for name, number in zip(_AMOUNTS, (requested, authorized, requested - authorized), strict=True):
        issue[name] = f"{number} {unit}" if is_text else {"quantity": number, "unit": unit}


def _reasons(draw: Draw, issue: Data, pack: TemplatePack) -> None:
    """Let a rationale conclude what was decided."""
    if "rationale" not in issue:
        return
    outcome = pack.outcomes.get(issue.get("decision", ""))
    conclusion = words.CONCLUSIONS[outcome.means if outcome else None]
    told = conclusion.format(item=issue["item"])
    issue["rationale"] = f"{narrative(draw)}\n\nThe records were read. {told}"


def _dates(draw: Draw, data: Data, pack: TemplatePack) -> None:
    """Put all dates in order: those of events as the pack states it, all others before."""
    days = draw(st.integers(0, 3000))
    day = datetime.date(2014, 1, 6) + datetime.timedelta(days)
    is_urgent = data.get("case", {}).get("priority") == "expedited"
    events: dict[str, datetime.date] = {}
    order = pack.checks.order or ("case.date_assigned", "case.decision_date")
    for number, pattern in enumerate(order):
        if number:
            most = 400 if number == 1 and len(order) > 3 else 1 if is_urgent else 9
            day += datetime.timedelta(draw(st.integers(0, most)))
        events[pattern] = day
    decided = events[order[-1]]
    assigned = events[order[-2]] if len(order) > 1 else decided
    # A deadline runs from a day between the assignment and the decision.
    deadlines = (pack.checks.deadlines.standard, pack.checks.deadlines.expedited)
    starts = {each for deadline in deadlines if deadline for each in deadline.from_}
    tables = {pattern.rpartition(".")[0] for pattern in order}
    for path in [*_date_paths(pack.model, data)]:
        pattern = ".".join(map(str, path))
        table, _, key = pattern.rpartition(".")
        if pattern in events:
            found = events[pattern]
        elif pattern in starts or (table in tables and "birth" not in key):
            found = draw(st.sampled_from((assigned, decided)))
        elif "birth" in key:
            found = events[order[0]] - datetime.timedelta(draw(st.integers(18, 80)) * 365 + 99)
        else:
            found = events[order[0]] - datetime.timedelta(draw(st.integers(0, 300)))
        _set(data, path, found)
    for table_ in [*_tables(data)]:
        if {"from", "to"} <= table_.keys() and table_["to"] < table_["from"]:
            table_["from"], table_["to"] = table_["to"], table_["from"]


def _age(data: Data) -> None:
    """Let the age be that of the day of the decision."""
    employee = data.get("employee", {})
    decided = data.get("case", {}).get("decision_date")
    born = employee.get("date_of_birth")
    if decided and born and "age" in employee:
        had_birthday = (decided.month, decided.day) >= (born.month, born.day)
        employee["age"] = decided.year - born.year - (0 if had_birthday else 1)


def _date_paths(model: Model[Case], data: Data) -> Iterator[Path]:
    for path, value, field in model.walk(data):
        if field.kind == "date" and isinstance(value, datetime.date):
            yield path


def _set(data: Any, path: Path, value: Any) -> None:
    *above, last = path
    for key in above:
        data = data[key]
    data[last] = value


def _tables(value: Any) -> Iterator[Data]:
    """Yield a table and all tables in it."""
    if isinstance(value, Mapping):
        yield dict(value) if not isinstance(value, dict) else value
        value = [*value.values()]
    for each in value if isinstance(value, list) else ():
        yield from _tables(each)
