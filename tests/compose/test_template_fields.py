"""Which fields a letter's templates read is found without a case: no more, and no fewer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import imrgen
from imrgen.case import CORE, Declaration, extend
from imrgen.compose import Composer
from imrgen.compose.template_fields import FieldRead, LetterFields
from imrgen.diagnostics import CaseError, PackError, field
from imrgen.pack import TemplatePack
from tests.conftest import FIXTURES

MANIFEST = """
name = "ours"
title = "Ours"
version = "1"
[letters.determination]
title = "Letter"
template = "letter.html"
[outcomes.upheld]
words = "Upheld"
"""


def fields(template: str, **files: str) -> LetterFields:
    """Return the fields of a letter of one template, with others."""
    contents = {"pack.toml": MANIFEST, "letter.html": template}
    contents |= {f"{name}.html": text for name, text in files.items()}
    pack = imrgen.load_pack(templates=[{k: v.encode() for k, v in contents.items()}])
    return Composer(pack, "determination").fields


def patterns(reads: tuple[FieldRead, ...]) -> set[str]:
    return {read.pattern for read in reads}


def known_reads(found: LetterFields) -> tuple[FieldRead, ...]:
    return tuple(read for read in found.reads if read.status == "known")


def printed(found: LetterFields) -> set[str]:
    return patterns(tuple(read for read in known_reads(found) if read.is_printed))


def asked(found: LetterFields) -> set[str]:
    return patterns(known_reads(found)) - printed(found)


ISSUES = "{% for issue in issues %}"
CASES = {
    "an expression": ("{{ case.number }}", "case.number", ""),
    "an item by its key": ("{{ case['number'] }}", "case.number", ""),
    "a condition": ("{% if case.number is defined %}x{% endif %}", "", "case.number"),
    "a condition of an expression": (
        "{{ case.number if case.formulary else employee.age }}",
        "case.number employee.age",
        "case.formulary",
    ),
    "a comparison": ("{{ employee.age > 3 }}", "", "employee.age"),
    "a count": ("{{ reviewers | length }}", "reviewers", ""),
    "an alternative": (
        "{{ case.number or case.claim_number }}",
        "case.number case.claim_number",
        "",
    ),
    "a default": (
        "{{ case.number | default(employee.name) }}",
        "case.number employee.name",
        "",
    ),
    "a filter": ("{{ case.decision_date | date }}", "case.decision_date", ""),
    "an argument of a filter": (
        "{{ 'x' | replace('x', case.number) }}",
        "case.number",
        "",
    ),
    "a test with an argument": ("{{ 3 is sameas(employee.age) }}", "", "employee.age"),
    "a key": ("{{ outcomes[issues[0].decision] }}", "issues issues[].decision", ""),
    "a loop": (f"{ISSUES}{{{{ issue.item }}}}{{% endfor %}}", "issues[].item", "issues"),
    "a loop with a condition": (
        "{% for issue in issues if issue.ur_action %}x{% else %}{{ case.number }}{% endfor %}",
        "case.number",
        "issues issues[].ur_action",
    ),
    "a loop in a loop": (
        f"{ISSUES}{{% for code in issue.codes %}}{{{{ code.system }}}}{{% endfor %}}{{% endfor %}}",
        "issues[].codes[].system",
        "issues issues[].codes",
    ),
    "the item before": (
        f"{ISSUES}{{{{ loop.previtem.item }}}}{{% endfor %}}",
        "issues[].item",
        "issues",
    ),
    "rows that are written": (
        "{% for label, value in [('a', case.number), ('b', employee.name)] %}"
        "{{ label }}{{ value }}{% endfor %}",
        "case.number employee.name",
        "",
    ),
    "a list of texts": (
        "{% for reviewer in reviewers %}{{ reviewer.licensure | join(', ') }}{% endfor %}",
        "reviewers[].licensure",
        "reviewers",
    ),
    "an attribute of a filter": (
        "{{ reviewers | map(attribute='licensure') | first | join }}",
        "reviewers reviewers[].licensure",
        "",
    ),
    "attributes that sort": (
        "{% for x in documents | sort(attribute='from,kind') %}{{ x.to }}{% endfor %}",
        "documents[].to",
        "documents documents[].from documents[].kind",
    ),
    "attributes that select": (
        "{% for x in issues | selectattr('decision', 'eq', 'upheld') %}{{ x.item }}{% endfor %}",
        "issues[].item",
        "issues issues[].decision",
    ),
    "groups": (
        "{% for kind, group in documents | groupby('kind') %}"
        "{{ kind }}{{ group | map(attribute='author') | join }}{% endfor %}",
        "documents[].kind documents[].author",
        "documents",
    ),
    "the parts of groups by name": (
        "{% for g in documents | groupby('kind') %}{{ g.list[0].author }}{% endfor %}",
        "documents[].author",
        "documents documents[].kind",
    ),
    "a batch": (
        "{% for row in issues | batch(2) %}{% for x in row %}{{ x.item }}{% endfor %}{% endfor %}",
        "issues[].item",
        "issues",
    ),
    "a list of two": (
        "{% for r in reviewers %}{% for text in r.licensure + r.certifications %}{{ text }}"
        "{% endfor %}{% endfor %}",
        "reviewers[].licensure reviewers[].certifications",
        "reviewers",
    ),
    "a name that is set": (
        "{% set x = case.number | upper %}{% set y = x ~ '.' %}{{ y }}",
        "case.number",
        "",
    ),
    "a name that is set and not printed": ("{% set x = case.number %}", "", "case.number"),
    "a name that is set in branches": (
        "{% if employee.age %}{% set x = case.number %}{% else %}{% set x = employee.name %}"
        "{% endif %}{{ x }}",
        "case.number employee.name",
        "employee.age",
    ),
    "a list that is set": (
        "{% set all = issues | map(attribute='item') | list %}{{ all | join }}",
        "issues[].item",
        "issues",
    ),
    "a block that is set": ("{% set x %}{{ case.number }}{% endset %}{{ x }}", "case.number", ""),
    "with": (
        "{% with who = employee, n = case.number %}{{ who.name }}{{ n }}{% endwith %}",
        "employee.name case.number",
        "",
    ),
    "a macro": (
        "{% macro line(who, label='x') %}{{ label }}{{ who.name }}{% endmacro %}"
        "{{ line(employee) }}{{ line(who=employer, label=case.number) }}",
        "employee.name employer.name case.number",
        "",
    ),
    "a default that names a parameter": (
        "{% macro m(who, name=who.name) %}{{ name }}{% endmacro %}{{ m(employee) }}",
        "employee.name",
        "",
    ),
    "arguments that no parameter takes": (
        "{% macro m(x) %}{{ varargs | join }}{{ kwargs.z }}{% endmacro %}"
        "{{ m(employee.age, case.number, z=employee.name) }}",
        "case.number employee.name",
        "employee.age",
    ),
    "a macro that does not print its argument": (
        "{% macro mark(x) %}{% if x %}*{% endif %}{% endmacro %}{{ mark(case.number) }}",
        "",
        "case.number",
    ),
    "a macro that nothing calls": ("{% macro x() %}{{ case.number }}{% endmacro %}", "", ""),
    "a macro that calls itself": (
        "{% macro x(t) %}{{ t.name }}{{ x(t) }}{% endmacro %}{{ x(employee) }}",
        "employee.name",
        "",
    ),
    "a call": (
        "{% macro x() %}{{ caller(employee) }}{% endmacro %}"
        "{% call(who) x() %}{{ who.name }}{{ case.number }}{% endcall %}",
        "employee.name case.number",
        "",
    ),
    "a filtered block": ("{% filter upper %}{{ case.number }}{% endfilter %}", "case.number", ""),
    "a method of a text": ("{{ case.number.upper() }}", "case.number", ""),
    "the beginning of a text": ("{{ employee.name[:5] }}", "employee.name", ""),
    "a letter of a text": ("{{ employee.name[0] }}", "employee.name", ""),
    "the beginning of a list": (
        "{% for x in issues[:2] %}{{ x.item }}{% endfor %}",
        "issues[].item",
        "issues",
    ),
    "a namespace": (
        "{% set ns = namespace(x=case.number) %}{% set ns.y = employee.name %}{{ ns.x }}{{ ns.y }}",
        "case.number employee.name",
        "",
    ),
    "a part of a date": ("{{ case.decision_date.year }}", "case.decision_date", ""),
    "an amount": (
        f"{ISSUES}{{{{ issue.requested }}}}{{{{ issue.remaining.unit }}}}{{% endfor %}}",
        "issues[].requested issues[].remaining",
        "issues",
    ),
    "an include": (
        "{% with t = employee %}{% include 'a.html' %}{% endwith %}",
        "employee.name",
        "",
    ),
    "an include of one of several": (
        "{% set t = employee %}{% include ['nowhere.html', 'a.html'] %}",
        "employee.name",
        "",
    ),
    "an include of a choice": (
        "{% set t = employee %}{% include 'a.html' if employee.sex else 'b.html' %}",
        "employee.name employee.age",
        "employee.sex",
    ),
    "an include that includes itself": ("{% include 'again.html' %}", "case.number", ""),
    "an import": (
        "{% import 'macros.html' as m %}{{ m.line(employee) }}",
        "employee.name",
        "",
    ),
    "an import of names": (
        "{% from 'macros.html' import line as row with context %}{{ row(employer) }}",
        "employer.name",
        "",
    ),
    "a block that is overridden": (
        "{% extends 'base.html' %}{% block one %}{{ employee.name }}{% endblock %}",
        "employee.name case.eams_number",
        "",
    ),
    "a block that calls the parent's": (
        "{% extends 'base.html' %}{% block one %}{{ super() }}{% endblock %}",
        "case.number case.eams_number",
        "",
    ),
    "a block that is shown twice": (
        "{% extends 'base.html' %}{% block one %}{{ self.two() }}{% endblock %}",
        "case.eams_number",
        "",
    ),
    "a name that hides a table": (
        "{% set employee = case %}{{ employee.number }}",
        "case.number",
        "",
    ),
    "a table of the pack": ("{{ letter.title }}{{ outcomes.upheld }}", "", ""),
}
FILES = {
    "a": "{{ t.name }}",
    "b": "{{ t.age }}",
    "again": "{{ case.number }}{% include 'again.html' %}",
    "macros": "{% macro line(who) %}{{ who.name }}{% endmacro %}",
    "base": "{% block one %}{{ case.number }}{% endblock %}"
    "{% block two %}{{ case.eams_number }}{% endblock %}",
}


@pytest.mark.parametrize(("template", "prints", "asks"), CASES.values(), ids=CASES)
def test_fields_are_found_through_whatever_a_template_does(
    template: str, prints: str, asks: str
) -> None:
    found = fields(template, **FILES)
    assert found.missing == ()
    # Whether a list is printed whose items are is of no matter.
    lists = {"issues", "reviewers", "documents"}
    assert printed(found) - lists == set(prints.split()) - lists
    assert asked(found) - lists == set(asks.split()) - lists
    assert patterns(known_reads(found)) == {*prints.split(), *asks.split()}


@pytest.mark.parametrize(
    ("template", "pattern"),
    [
        ("{% macro m() %}{{ varargs[0].name }}{% endmacro %}{{ m(employee) }}", "?.name"),
        ("{% include case.number ~ '.html' %}", "?"),
        ("{% for key, value in employee | dictsort %}{{ value.name }}{% endfor %}", "?.name"),
        ("{{ employee[case.priority].x }}", "?.x"),
    ],
)
def test_what_cannot_be_told_is_unknown_and_not_missing(template: str, pattern: str) -> None:
    found = fields(template)
    assert found.missing == ()
    assert [each.pattern for each in found.reads if each.status == "unknown"] == [pattern]


@pytest.mark.parametrize(
    "template",
    [
        "{{ employee }}",
        "{{ employee[case.priority] }}",
        "{{ employee | string }}",
        "{{ '%s' | format(employee) }}",
        "{% set rows = [employee] %}{{ rows }}",
        "{% set row = {'who': employee} %}{{ row.who.name }}{{ row.who.age }}",
        "{% macro m() %}{{ varargs[0].name }}{% endmacro %}{{ m(*[employee]) }}",
        "{% macro m() %}{{ varargs[0].name }}{% endmacro %}{{ m(employee) }}",
    ],
)
def test_a_table_that_is_used_whole_may_show_all_of_its_fields(template: str) -> None:
    found = fields(template)
    assert found.is_printed("employee.name")
    assert found.is_printed("employee.age")
    assert not found.is_printed("employer.name")


@pytest.mark.parametrize("test", ["employee is not defined", "employee is undefined"])
def test_a_table_that_is_not_there_shows_no_field(test: str) -> None:
    found = fields(
        f"{{% if {test} %}}{{{{ employee }}}}{{% else %}}{{{{ employee.age }}}}{{% endif %}}"
    )
    assert not found.is_printed("employee.name")
    assert found.is_printed("employee.age")


def test_a_template_of_a_computed_name_may_show_any_field() -> None:
    assert fields("{% include case.number ~ '.html' %}").is_printed("employee.name")
    assert not fields("{{ case.number }}").is_printed("employee.name")


def test_a_field_that_a_pack_declares_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = Declaration(type="text", description="Another name.")
    monkeypatch.setattr(TemplatePack, "model", extend(CORE, {"employee.alias": declared}))
    assert printed(fields("{{ employee.alias }}")) == {"employee.alias"}
    with pytest.raises(PackError, match="did you mean `alias`"):
        fields("{{ employee.alais }}")


def test_a_template_that_is_not_there_is_an_error_with_its_place() -> None:
    with pytest.raises(PackError) as caught:
        fields("x\n{% include 'nowhere.html' %}")
    assert caught.value.diagnostics[0].code == "IMR204"


@pytest.mark.parametrize("pack", ["imr", "imr-2015"])
def test_the_built_in_letters_ask_for_nothing_that_no_case_can_have(pack: str) -> None:
    found = Composer(imrgen.load_pack(pack), "determination").fields
    assert len(found.reads) > 50
    assert [read for read in found.reads if read.status != "known"] == []
    required = imrgen.load_pack(pack).letter("determination").requires
    assert [pattern for pattern in required if not found.of(pattern)] == []


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["imr", "imr-2015"])
def test_what_a_letter_shows_was_found_without_its_case(pack: str) -> None:
    """Compare with the tracing of every fixture: no field is printed that the walk misses."""
    renderer = imrgen.Renderer(pack=pack, check=False)
    found = Composer(renderer.pack, "determination").fields
    shown: set[str] = set()
    for path in FIXTURES:
        try:
            case = imrgen.load_case(path)
            origins = renderer.trace(case)
        except (CaseError, PackError):
            continue
        for _, _, origin in origins.spans():
            for each in origin.paths:
                shown.add(re.sub(r"\[\d+\]", "[]", field(each)).removesuffix("[]"))
    assert len(shown) > 10
    assert {pattern for pattern in shown if not found.is_printed(pattern)} == set()
    assert not found.is_printed("employee.name")


def test_the_text_of_a_template_may_have_other_line_ends(tmp_path: Path) -> None:
    (found,) = fields("x\r\n\r\n{{ employee.name }}").reads
    assert (found.span.line, found.span.column, found.span.length) == (3, 13, 4)
