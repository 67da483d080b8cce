"""Which checks a pack's letters have to pass, and by which parameters."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

import pytest

import imrgen
from imrgen.checks import Check, Subject, all_checks, choose, run_checks
from imrgen.checks.registry import FAMILIES, family_checks
from imrgen.diagnostics import field
from imrgen.pack import TemplatePack

MANIFEST = """
name = "ours"
title = "Ours"
version = "1"
"""
TODAY = datetime.date(2026, 11, 1)
CALIFORNIA = re.compile(r"California|\bCCR\b|Labor Code|\bMTUS\b|\bUR\b|\bIMR\b(?![0-9])")


def our_pack(more: str, name: str = "pack.toml", **others: str) -> TemplatePack:
    mappings = [{name: f"{MANIFEST}{more}".encode()}]
    mappings += [
        {"pack.toml": f'name = "{key}"\ntitle = "x"\nversion = "1"\n{text}'.encode()}
        for key, text in others.items()
    ]
    return imrgen.load_pack("ours", templates=mappings)


def pack_checks(pack: TemplatePack) -> tuple[Check, ...]:
    return choose(pack.checks.families, [])


def test_every_check_belongs_to_a_family_that_names_it() -> None:
    assert {check.family.name for check in all_checks()} == set(FAMILIES)
    for name in FAMILIES:
        assert family_checks(name), name
        assert {check.family.name for check in family_checks(name)} == {name}


@pytest.mark.parametrize("name", ["general", "medical", "confidentiality"])
def test_a_programme_s_law_stands_with_its_own_family(name: str) -> None:
    for check in family_checks(name):
        text = check.manual.replace("In `imr`, ", "")
        assert not CALIFORNIA.search(f"{check.title} {check.source} {text}"), check.id


@pytest.mark.parametrize(
    ("pack", "expected"),
    [
        ("letter", ["general"]),
        ("imr", list(FAMILIES)),
        ("imr-2015", list(FAMILIES)),
    ],
)
def test_a_pack_has_the_checks_of_its_families(pack: str, expected: list[str]) -> None:
    renderer = imrgen.Renderer(pack=pack, letter="determination") if pack != "letter" else None
    asked = imrgen.load_pack(pack).checks.families
    assert list(asked) == expected
    chosen = choose(asked, [])
    assert {check.family.name for check in chosen} == set(expected)
    assert renderer is None or renderer.checks == chosen


def test_a_pack_inherits_families_order_and_deadlines_one_by_one() -> None:
    base = """
[checks]
families = ["general", "medical"]
order = ["case.date_assigned", "case.decision_date"]
[checks.deadlines]
standard = { within = "45 days", from = ["case.date_assigned"] }
expedited = { within = "72 hours", from = ["case.date_assigned"] }
"""
    own = """
extends = "base"
[checks.deadlines]
standard = { within = "15 working days", from = ["case.records_complete"] }
"""
    checks = our_pack(own, base=base).checks
    assert checks.families == ("general", "medical")
    assert checks.order == ("case.date_assigned", "case.decision_date")
    assert checks.deadlines.standard is not None
    assert checks.deadlines.standard.period == (15, "working days")
    assert checks.deadlines.expedited is not None
    assert checks.deadlines.expedited.within == "72 hours"


@pytest.mark.parametrize(
    ("families", "says"),
    [
        (["genral"], "no family of checks `genral`.*did you mean `general`"),
        (["nowhere"], "the families are: general, medical"),
    ],
)
def test_a_family_that_does_not_exist_is_told(families: list[str], says: str) -> None:
    with pytest.raises(imrgen.PackError, match=rf"(?s)IMR208.*{says}"):
        choose(families, [])


FAULTS = {
    'order = ["case.number", "case.decision_date"]': "no such date",
    'order = ["case.decided"]': "no such date",
    'deadlines.standard = { within = "45 days", from = ["case.recieved"] }': "no such date",
    'deadlines.standard = { within = "45 days", from = ["case.date_assigned"], to = "issues" }': (
        "no such date"
    ),
    'deadlines.standard = { within = "4 d", from = ["case.date_assigned"] }': "such as `45 days`",
    'deadlines.standard = { within = "45 days" }': "`from` is missing",
    'deadlines.standard = { within = "2 days", from = [], unless = "case.number" }': (
        "no such yes or no"
    ),
    'deadlines.urgent = { within = "2 days", from = [] }': "unknown key",
}


@pytest.mark.parametrize("written", FAULTS)
def test_parameters_that_cannot_be_right_are_told_with_their_line(written: str) -> None:
    with pytest.raises(imrgen.PackError) as refused:
        our_pack(f"[checks]\n{written}\n")
    (found,) = refused.value.diagnostics
    assert FAULTS[written] in str(found)
    assert found.span is not None
    assert found.span.line == 6


DEADLINES = """
[checks.deadlines.standard]
within = "{standard}"
from = ["case.records_complete", "case.date_assigned"]
unless = "case.formulary"

[checks.deadlines.expedited]
within = "72 hours"
from = ["case.date_assigned"]
"""
START = datetime.date(2026, 3, 2)  # a Monday


def late(header: Mapping[str, Any], standard: str = "45 days") -> list[tuple[str, str]]:
    """Return the codes and messages of what is found about a case's dates."""
    case = imrgen.load_case({"case": dict(header)})
    pack = our_pack(DEADLINES.format(standard=standard))
    found = run_checks(Subject(case, pack, TODAY), choose(["general"], []))
    return [(each.code, each.message) for each in found]


@pytest.mark.parametrize(
    ("standard", "days", "is_late"),
    [
        ("45 days", 45, False),
        ("45 days", 46, True),
        ("10 working days", 14, False),
        ("10 working days", 15, True),
        ("48 hours", 2, False),
        ("48 hours", 3, True),
    ],
)
def test_a_decision_after_its_deadline_is_found(standard: str, days: int, is_late: bool) -> None:
    dates = {"date_assigned": START, "decision_date": START + datetime.timedelta(days)}
    expected = [("IMR332", f"is more than {standard} after `date_assigned`")] if is_late else []
    assert late({"priority": "standard", **dates}, standard) == expected
    assert late({"priority": "standard", "formulary": True, **dates}, standard) == []
    assert late(dates, standard) == []


def test_cases_that_have_no_priority_have_the_standard_deadline() -> None:
    core = 'core = ["case.date_assigned", "case.records_complete", "case.decision_date"]\n'
    deadline = '[checks.deadlines.standard]\nwithin = "10 days"\nfrom = ["case.date_assigned"]\n'
    pack = our_pack(core + deadline)
    for days, expected in ((10, []), (11, ["IMR332"])):
        dates = {"date_assigned": START, "decision_date": START + datetime.timedelta(days)}
        case = imrgen.load_case({"case": dates}, pack)
        found = run_checks(Subject(case, pack, TODAY), pack_checks(pack))
        assert [each.code for each in found] == expected


RULED = """
core = ["case.number"]

[checks]
order = ["case.heard_on", "ruling.signed_on"]
deadlines.standard = { within = "10 days", from = ["case.heard_on"], to = "ruling.signed_on" }

[fields."case.heard_on"]
type = "date"
description = "The day of the hearing."

[fields.ruling]
type = "table"
description = "What was ruled."

[fields."ruling.signed_on"]
type = "date"
description = "The day of the ruling."

[fields."ruling.reasons"]
type = "markdown"
description = "Why."
"""


@pytest.mark.parametrize(
    ("signed", "found"),
    [
        (4, [("IMR335", "ruling.reasons", "a date after `ruling.signed_on`")]),
        (10, []),
        (11, [("IMR332", "ruling.signed_on", "is more than 10 days after `heard_on`")]),
        (-1, [("IMR330", "ruling.signed_on", "the decision is before `heard_on`")]),
    ],
)
def test_a_programme_has_dates_under_its_own_names(
    signed: int, found: list[tuple[str, str, str]]
) -> None:
    pack = our_pack(RULED)
    ruling = {
        "signed_on": START + datetime.timedelta(signed),
        "reasons": f"The inspection of March {8 if signed > 0 else 1}, 2026 was fair.",
    }
    case = imrgen.load_case({"case": {"heard_on": START}, "ruling": ruling}, pack)
    seen = run_checks(Subject(case, pack, TODAY), pack_checks(pack))
    assert [(each.code, field(each.path), each.message) for each in seen] == found


def test_a_programme_without_dates_has_no_findings_about_them() -> None:
    remark = '[fields.remark]\ntype = "markdown"\ndescription = "x"\n'
    pack = our_pack("core = []\n" + remark)
    case = imrgen.load_case({"remark": "Seen on January 5, 2035."}, pack)
    assert run_checks(Subject(case, pack, TODAY), pack_checks(pack)) == []


def test_the_first_date_that_a_case_has_counts() -> None:
    dates = {
        "date_assigned": START,
        "records_complete": START + datetime.timedelta(10),
        "decision_date": START + datetime.timedelta(50),
    }
    assert late({"priority": "standard", **dates}) == []
    expedited = late({"priority": "expedited", **dates})
    assert expedited == [("IMR333", "is more than 72 hours after `date_assigned`")]


def test_without_parameters_no_date_is_late_or_out_of_order() -> None:
    header = {"priority": "standard", "date_assigned": START, "decision_date": START}
    header["records_complete"] = START - datetime.timedelta(900)
    header["date_of_injury"] = START + datetime.timedelta(900)
    subject = Subject(imrgen.load_case({"case": header}), our_pack(""), datetime.date(2030, 1, 1))
    assert run_checks(subject, choose(["general"], [])) == []
