"""A name that no case can give a value is an error when a pack is loaded, wherever it stands."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

import imrgen
from imrgen.case import CORE
from imrgen.compose import Composer
from imrgen.diagnostics import Diagnostic, PackError
from imrgen.pack import PackFile, TemplatePack
from imrgen.pack.pack import Layer
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
MANIFEST = """
name = "ours"
title = "Ours"
version = "1"
[letters.determination]
title = "Letter"
template = "letter.html"
[letters.cover]
title = "Cover"
template = "cover.html"
[organization]
name = "Ours"
[words]
hours = "9 to 5"
[notices]
taper = "Slowly."
[outcomes.upheld]
words = "Upheld"
"""


def our_pack(template: str, **files: str) -> TemplatePack:
    contents = {"pack.toml": MANIFEST, "letter.html": template, "cover.html": "x"}
    contents |= {f"{name}.html": text for name, text in files.items()}
    return imrgen.load_pack(templates=[{name: text.encode() for name, text in contents.items()}])


def faults(template: str, **files: str) -> tuple[Diagnostic, ...]:
    """Return what is refused of a letter of one template, with others."""
    try:
        Composer(our_pack(template, **files), "determination")
    except PackError as error:
        assert {each.code for each in error.diagnostics} == {"IMR206"}
        return error.diagnostics
    return ()


def said(diagnostic: Diagnostic) -> str:
    return "; ".join([diagnostic.message, *diagnostic.hints])


ISSUES = "{% for issue in issues %}"
IMPOSSIBLE = {
    # The name that is at fault is marked.
    "is defined": ("{% if case.⟦numbr is defined %}x{% endif %}", "did you mean `number`?"),
    "is undefined": ("{{ 'x' if case.⟦numbr is undefined }}", "did you mean `number`?"),
    "default": ("{{ case.⟦numbr | default('x') }}", "`case` has no field `numbr`"),
    "d": ("{{ case.⟦numbr | d('x') }}", "`case` has no field `numbr`"),
    "a branch that no case takes": ("{% if 1 > 2 %}{{ case.⟦numbr }}{% endif %}", ""),
    "the item of a key": ("{{ case['⟦numbr'] | d('x') }}", "did you mean `number`?"),
    "an item of a loop": (
        f"{ISSUES}{{% if issue.⟦requsted is defined %}}x{{% endif %}}{{% endfor %}}",
        "an item of `issues` has no field `requsted`; did you mean `requested`?",
    ),
    "the condition of a loop": (
        "{% for issue in issues if issue.⟦itm is defined %}x{% endfor %}",
        "did you mean `item`?",
    ),
    "a field of another table": (
        f"{ISSUES}{{{{ issue.⟦number | d('x') }}}}{{% endfor %}}",
        "there is `case.number`",
    ),
    "with": ("{% with x = employee.⟦nmae | d('') %}{{ x }}{% endwith %}", "`name`?"),
    "a name of with": ("{% with x = employee %}{{ x.⟦nmae | d('') }}{% endwith %}", "`name`?"),
    "set": ("{% set x = employee %}{{ x.⟦nmae | d('') }}", "`name`?"),
    "an argument": (
        "{% macro m(x) %}{{ x.⟦nmae | d('') }}{% endmacro %}{{ m(employee) }}",
        "`name`?",
    ),
    "the body of a call": (
        "{% macro m() %}{{ caller(employee) }}{% endmacro %}"
        "{% call(x) m() %}{{ x.⟦nmae | d('') }}{% endcall %}",
        "`name`?",
    ),
    "an attribute that is mapped": ("{{ issues | map(attribute='⟦itm') | join }}", "`item`?"),
    "an attribute that is mapped with a default": (
        "{{ issues | map(attribute='⟦itm', default='') | join }}",
        "`item`?",
    ),
    "an attribute that selects": (
        "{% for x in issues | selectattr('⟦itm', 'defined') %}x{% endfor %}",
        "`item`?",
    ),
    "an attribute that rejects": (
        "{% for x in issues | rejectattr('⟦itm', 'undefined') %}x{% endfor %}",
        "`item`?",
    ),
    "an attribute that groups": (
        "{% for x, y in documents | groupby('⟦knd') %}x{% endfor %}",
        "`kind`?",
    ),
    "an attribute that sorts": (
        "{% for x in documents | sort(attribute='kind,⟦form') %}x{% endfor %}",
        "`from`?",
    ),
    "the filter attr": ("{{ employee | attr('⟦nmae') | d('') }}", "`name`?"),
    "a list": ("{{ issues.⟦item | d('') }}", "`issues` is a list, and has no `item`"),
    "a date": ("{{ case.decision_date.⟦today is defined }}", "a date has no `today` here"),
    "a text": ("{{ 'x' if case.number.⟦uper is defined }}", "`number` has no `uper`"),
    "an amount": ("{{ issues[0].requested.⟦unitt | d('') }}", "did you mean `unit`?"),
    "the Python name of a field": ("{{ documents[0].⟦from_ | d('') }}", "did you mean `from`?"),
    "one of several tables": ("{{ (employee or employer).⟦nmae | d('') }}", "did you mean `name`?"),
    "words": ("{{ words.⟦huors | d('') }}", "[words] of the pack's manifest has no `huors`; did "),
    "words by key": ("{{ words['⟦huors'] | d('') }}", "did you mean `hours`?"),
    "organization": ("{% if organization.⟦fone is defined %}x{% endif %}", "`phone`?"),
    "letter": ("{{ letter.⟦titel | d('') }}", "did you mean `title`?"),
    "outcomes": ("{{ outcomes.⟦uphled | d('') }}", "did you mean `upheld`?"),
    "priorities": ("{{ priorities.⟦standrad | d('') }}", "did you mean `standard`?"),
    "notices": ("{{ notices.⟦tapper | d('') }}", "did you mean `taper`?"),
    "loop": (f"{ISSUES}{{% if loop.⟦frist is defined %}}x{{% endif %}}{{% endfor %}}", "`first`?"),
    "a name": ("{% if ⟦nothing is defined %}x{% endif %}", "there is no `nothing` here"),
    "the name of a field": ("{{ ⟦eams_numbr | d('') }}", "there is `case.eams_number`"),
    "a name outside its loop": (
        f"{ISSUES}{{% endfor %}}{{{{ ⟦issue | d('') }}}}",
        "`issue` is set by the loop at <mapping 1>/letter.html:1, and is used outside it",
    ),
    "a name outside its with": (
        "{% with x = 1 %}{% endwith %}{% if ⟦x is defined %}{% endif %}",
        "`x` is set by `with` at <mapping 1>/letter.html:1, and is used outside it",
    ),
    "a name that is set in a loop": (
        f"{ISSUES}{{% set x = 1 %}}{{% endfor %}}{{% if ⟦x is defined %}}{{% endif %}}",
        "`x` is set by `set` at <mapping 1>/letter.html:1",
    ),
    "loop outside a loop": ("{% if ⟦loop is defined %}x{% endif %}", "inside a `for`"),
    "an include": ("{% with who = employee %}{% include 'a.html' %}{% endwith %}", "`name`?"),
    "an include without context": ("{% include 'b.html' without context %}", "`with context`"),
    "an import": ("{% import 'b.html' as b %}{{ b.line() }}", "`with context`"),
    "a name that an imported template lacks": (
        "{% import 'd.html' as b %}{{ b.⟦lien | d('') }}",
        "did you mean `line`?",
    ),
    "a block that is extended": (
        "{% extends 'c.html' %}{% block one %}{{ case.⟦numbr | d('') }}{% endblock %}",
        "`number`?",
    ),
    "a block that is inherited": ("{% extends 'c.html' %}", "`number`?"),
}
FILES = {
    "d": "{% macro line() %}x{% endmacro %}",
    "a": "{{ who.⟦nmae | d('') }}",
    "b": "{% macro line() %}{% if ⟦case is defined %}x{% endif %}{% endmacro %}{{ line() }}",
    "c": "{% block one %}{{ case.⟦numbr | d('') }}{% endblock %}",
}


@pytest.mark.parametrize(("template", "says"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_no_case_can_have_is_refused_with_its_place(template: str, says: str) -> None:
    files = {name: text.replace("⟦", "") for name, text in FILES.items()}
    (found,) = faults(template.replace("⟦", ""), **files)
    assert found.span
    assert found.excerpt
    name = Path(found.span.file).stem
    marked = template if name == "letter" else FILES[name]
    assert found.span.column == marked.index("⟦") + 1
    assert re.match(rf"\w{{{found.span.length}}}\b", marked[marked.index("⟦") + 1 :])
    assert says in said(found)


POSSIBLE = {
    "a field": "{% if case.eams_number is defined %}x{% endif %}",
    "a date": "{{ case.decision_date.year }}",
    "a method": "{{ case.number.upper() }}{{ outcomes.items() | list | length }}",
    "a key of the manifest": "{{ words.hours }}{{ organization.fax | d('') }}{{ notices.taper }}",
    "a choice that the pack does not name": "{{ priorities.expedited | d('') }}",
    "another key": "{{ outcomes[issues[0].decision] }}",
    "a name that a branch sets": (
        "{% if case.number %}{% set x = 1 %}{% endif %}{% if x is defined %}{{ x }}{% endif %}"
    ),
    "a name that a branch sets for a block": (
        "{% if case.number %}{% set x = 1 %}{% block b %}{{ x }}{% endblock %}{% endif %}"
    ),
    "a name that a template sets for what it extends": (
        "{% extends 'base.html' %}{% set heading = 'x' %}"
    ),
    "a name that another letter sets for what both extend": "{% extends 'shared.html' %}",
    "a name that one of two includes has": (
        "{% include 'asks.html' %}{% with note = 1 %}{% include 'asks.html' %}{% endwith %}"
    ),
    "the caller": "{% macro m() %}{% if caller is defined %}x{% endif %}{% endmacro %}{{ m() }}",
    "an argument that is left out": (
        "{% macro m(x) %}{% if x is defined %}x{% endif %}{% endmacro %}{{ m() }}"
    ),
    "a table that one of several has": (
        "{% macro m(x, aged) %}{{ x.name if not aged else x.age }}{% endmacro %}"
        "{{ m(employee, true) }}{{ m(employer, false) }}"
    ),
    "a loop that calls itself": (
        "{% for x in issues recursive %}{% if loop.depth == 1 %}{{ x.item }}{{ loop(x.codes) }}"
        "{% else %}{{ x.system }}{% endif %}{% endfor %}"
    ),
    "a namespace": "{% set ns = namespace(a=1) %}{% set ns.b = 2 %}{{ ns.a }}{{ ns.b }}{{ ns.c }}",
    "what cannot be told": "{% macro m() %}{{ varargs[0].x }}{% endmacro %}{{ m(employee) }}",
    "a macro that nothing calls": "{% macro m(x) %}{{ x.nmae }}{{ nothing }}{% endmacro %}",
    "a block that is overridden": "{% extends 'over.html' %}{% block a %}{% endblock %}",
    "loop in an include": f"{ISSUES}{{{{ loop.index }}}}{{% include 'row.html' %}}{{% endfor %}}",
    "an import with the context": "{% import 'm.html' as m with context %}{{ m.line() }}",
    "an include that may be missing": "{% include 'nowhere.html' ignore missing %}",
}
POSSIBLE_FILES = {
    "asks": "{% if note is defined %}{{ note }}{% endif %}",
    "base": "{% if heading is defined %}{{ heading }}{% endif %}",
    "shared": "{% if cover_only is defined %}x{% endif %}{% block a %}{% endblock %}",
    "cover": "{% extends 'shared.html' %}{% set cover_only = 1 %}",
    "over": "{% block a %}{{ case.numbr }}{% endblock %}",
    "row": "{{ loop.index }}",
    "m": "{% macro line() %}{{ case.number }}{% endmacro %}",
}


@pytest.mark.parametrize("template", POSSIBLE.values(), ids=POSSIBLE)
def test_what_a_case_may_have_is_not_refused(template: str) -> None:
    assert faults(template, **POSSIBLE_FILES) == ()


def test_all_faults_of_all_templates_are_told_at_once() -> None:
    found = faults(
        "{{ case.numbr | d('') }}{% include 'a.html' %}{{ words.huors }}", a="{{ nothing }}"
    )
    places = [(Path(each.span.file).name, each.span.column) for each in found if each.span]
    assert places == [("letter.html", 9), ("a.html", 4), ("letter.html", 56)]
    assert [(Path(place.file).name, place.line) for place in found[1].trace] == [("letter.html", 1)]


@pytest.mark.parametrize("text", ["{{ case.numbr", "{% include 'nowhere.html' %}"])
def test_a_template_that_cannot_be_read_hides_no_other_fault(text: str) -> None:
    pack = our_pack("{% if 1 > 2 %}{% include 'a.html' %}{% endif %}{{ nothing | d('') }}", a=text)
    with pytest.raises(PackError) as error:
        Composer(pack, "determination")
    codes = [each.code for each in error.value.diagnostics]
    assert codes in (["IMR205", "IMR206"], ["IMR204", "IMR206"])


def test_a_template_that_was_right_is_looked_at_again_when_it_changes() -> None:
    assert faults("{% include 'a.html' %}", a="{{ case.number }}") == ()
    assert len(faults("{% include 'a.html' %}", a="{{ case.numbr | d('') }}")) == 1
    assert faults("{% include 'a.html' ignore missing %}") == ()
    assert len(faults("{% include 'a.html' ignore missing %}", a="{{ case.numbr | d('') }}")) == 1


@pytest.mark.parametrize(
    "template",
    [
        "{{ (employee | attr(name)) | d('') }}",
        "{{ [employee] | map(attribute=name, default='') | list | length }}",
        "{{ [employee] | selectattr(name, 'undefined') | list | length }}",
        "{{ [employee] | rejectattr(name, 'undefined') | list | length }}",
        "{{ [employee] | groupby(name) | list | length }}",
        "{{ [employee] | sort(attribute=name) | list | length }}",
        "{{ [employee] | unique(attribute=name) | list | length }}",
        "{{ employee[name] | d('') }}",
        "{{ 'x' if employee[name] is defined }}",
        "{% macro m() %}{{ varargs[0].nmae | d('') }}{% endmacro %}{{ m(employee) }}",
        "{{ words[name] | d('') }}",
    ],
)
@pytest.mark.parametrize("draft", [False, True])
def test_what_cannot_be_told_before_is_refused_when_it_is_asked(template: str, draft: bool) -> None:
    name = "{% set name = 'nm' ~ 'ae' %}"
    composer = Composer(our_pack(name + template), "determination", draft)
    with pytest.raises(PackError, match="IMR206"):
        composer.compose(imrgen.load_case(STARTER))


_KEYS = re.compile(
    r'(?<!["/])\b(?:case|issue|reviewer|basis|citation|words|organization|letter|loop)\.(\w+)'
    r"|\bin (issues|reviewers)\b|\b(clinical_summary|reviewers) \|"
)
"""Where the built-in templates name a field, or a key of the manifest."""


def _mutants() -> list[tuple[str, str, str, str]]:
    """Misspell each name of the built-in templates once, and put one of another table there.

    Returns:
        Each with its pack, its file, the text of that, and what it is called.
    """
    tables: dict[str, set[str]] = {}
    for pattern, _ in CORE.patterns():
        owner, _, key = pattern.removesuffix("[]").rpartition(".")
        tables.setdefault(key, set()).add(owner)
    mutants = []
    for pack in map(imrgen.load_pack, ("imr", "imr-2015")):
        for file in pack.files() if pack.name == "imr" else pack.layers[0].files:
            text = pack.require(file).text if file.endswith(".html") else ""
            for tag in re.finditer(r"\{[{%].*?[%}]\}", text):
                for found in _KEYS.finditer(tag[0]):
                    key = found[found.lastindex or 0]
                    start, end = (tag.start() + at for at in found.span(found.lastindex or 0))
                    # No table has both.
                    other = next(
                        name
                        for name, owners in tables.items()
                        if "" not in owners and not owners & tables.get(key, set())
                    )
                    for wrong in (f"{key}x", other):
                        changed = text[:start] + wrong + text[end:]
                        mutants.append((pack.name, file, changed, f"{file}:{start}: {wrong}"))
    return mutants


@pytest.mark.slow
def test_each_name_of_the_built_in_templates_that_is_wrong_is_refused() -> None:
    mutants = _mutants()
    assert len(mutants) > 150
    assert {file for _, file, _, _ in mutants} >= {
        "letter.html",
        "determination.html",
        "blocks/letterhead_lines.html",
        "blocks/case_table.html",
        "blocks/basis.html",
        "blocks/issue.html",
        "blocks/reviewer_credentials.html",
    }
    packs = {name: imrgen.load_pack(name) for name in ("imr", "imr-2015")}
    survivors = []
    for name, file, text, what in mutants:
        pack = packs[name]
        overlay = Layer({file: PackFile(file, text.encode())})
        pack = msgspec.structs.replace(pack, layers=(overlay, *pack.layers))
        try:
            Composer(pack, "determination")
        except PackError as error:
            assert {each.code for each in error.diagnostics} == {"IMR206"}
            assert all(each.span and each.span.file.endswith(file) for each in error.diagnostics)
        else:
            survivors.append(what)
    assert survivors == []
