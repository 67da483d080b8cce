"""What is wrong with a pack is found without a case, each fault at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

import imrgen
from imrgen.diagnostics import Diagnostic, codes
from imrgen.pack import pack_names
from imrgen.pipeline import check_pack
from tests.conftest import ROOT

MANIFEST = """
name = "acme"
title = "Acme"
version = "1"
extends = "imr"
styles = ["acme.css"]
[organization]
name = "Acme"
"""
APPEAL = """
[letters.appeal]
title = "Appeal"
template = "appeal.html"
"""
SEAL = (ROOT / "fixtures/features/seal.svg").read_bytes()


def acme(more: str = "", **files: str) -> tuple[Diagnostic, ...]:
    """Return what is found in a pack; a name's `__` stands for a slash."""
    contents = {"pack.toml": (MANIFEST + more).encode(), "acme.css": b""}
    for name, text in files.items():
        stem, _, suffix = name.replace("__", "/").rpartition("_")
        contents[f"{stem}.{suffix}"] = text.encode()
    return check_pack(imrgen.load_pack("acme", [contents]))


def places(found: tuple[Diagnostic, ...]) -> list[tuple[str, str, int, int]]:
    return [
        (each.code, Path(each.span.file).name, each.span.line, each.span.column)
        for each in found
        if each.span
    ]


@pytest.mark.parametrize("name", pack_names())
def test_nothing_is_wrong_with_a_built_in_pack(name: str) -> None:
    assert check_pack(imrgen.load_pack(name)) == ()


def test_nothing_is_wrong_with_a_pack_that_changes_nothing() -> None:
    assert acme() == ()


TEMPLATES = {
    "a filter in a template that no letter reaches": ("{{ 1 | ⟦nope }}", "IMR205"),
    "a syntax error there": ("{% ⟦endfo %}", "IMR205"),
    "a field there": ("{% if case.⟦numbr is defined %}x{% endif %}", "IMR206"),
    "a key of the manifest there": ("{{ words.⟦huors }}", "IMR206"),
    "a field in a macro that nothing calls": (
        "{% macro m(x) %}{{ x.foo }}{{ case.⟦numbr }}{% endmacro %}",
        "IMR206",
    ),
    "a file that it includes": ("{% include '⟦nowhere.html' %}", "IMR204"),
    "an image": ('<img alt="x"\n src="⟦nope.png">', "IMR204"),
    "an image without quotes": ("<img src=⟦nope.png alt=x>", "IMR204"),
}


@pytest.mark.parametrize(("text", "code"), TEMPLATES.values(), ids=TEMPLATES)
def test_templates_that_no_letter_reaches_are_looked_at(text: str, code: str) -> None:
    found = acme(blocks__isue_html=text.replace("⟦", ""))
    before = text.partition("⟦")[0]
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    unused = (codes.PACK_FILE_UNUSED, "isue.html", 1, 1)
    assert sorted(places(found)) == sorted([(code, "isue.html", line, column), unused])


def test_what_such_a_template_is_given_is_not_known() -> None:
    found = acme(blocks__isue_html="{{ issue.item }}{{ note }}")
    assert places(found) == [(codes.PACK_FILE_UNUSED, "isue.html", 1, 1)]
    assert found[0].hints == ("did you mean `blocks/issue.html`?",)


STYLES = {
    "a property": ("p { ⟦colour: red }", "did you mean `color`?"),
    "a number without a unit": ("p { color: red;\n ⟦font-size: 12 }", "such as `12pt`"),
    "a value": ("p { ⟦color: redd }", "`color: redd` has no effect"),
    "a selector": ("p { color: red }\n⟦p:hovr { color: red }", "`p:hovr`"),
    "a rule": ("⟦@medai print { p { color: red } }", "unknown rule @medai"),
    "a page": ("⟦@page :frist { margin: 0 }", ":frist"),
    "a family": ('p { font-family: ⟦"Acme Snas", serif }', "has no font `Acme Snas`"),
    "a family of a font": ("p { font: bold 12pt/1 ⟦Source Serif Por, serif }", "Source Serif Pro"),
    "an open brace": ("p ⟦{ color: red\nh1 { color: red }", "is not closed"),
    "an open brace within another": ("@media print ⟦{\np { color: red }\n", "is not closed"),
    "an open comment": ("p { color: red } ⟦/* x", "is not closed"),
    "a missing colon": ("p { ⟦color red }", ""),
}


@pytest.mark.parametrize(("css", "says"), STYLES.values(), ids=STYLES)
def test_styles_without_effect_are_found_at_their_place(css: str, says: str) -> None:
    found = acme(acme_css=css.replace("⟦", ""))
    before = css.partition("⟦")[0]
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    at = {(each.span and each.span.line): each for each in found}
    assert {each.code for each in found} == {codes.STYLE_IGNORED}
    assert {each.severity for each in found} == {"warning"}
    assert says in "; ".join([at[line].message, *at[line].hints])
    if says:
        assert (codes.STYLE_IGNORED, "acme.css", line, column) in places(found)


@pytest.mark.parametrize(
    "css",
    [
        'p { font: inherit; font-family: "Source Serif Pro", Georgia, serif }',
        "p { font-family: var(--x); --x: serif }",
        "@media screen and (max-width: 30rem) { p { font-family: Georgia; gap: 3 } }",
        '@page { @top-left { content: "x" } }',
        "a[title='}'] { color: red }",
        "p { color: red }/* x */",
        "p { background: url(seal.svg) }",
    ],
)
def test_styles_with_an_effect_are_not_reported(css: str) -> None:
    contents = {"pack.toml": MANIFEST.encode(), "acme.css": css.encode(), "seal.svg": SEAL}
    if "seal" not in css:
        del contents["seal.svg"]
    assert check_pack(imrgen.load_pack("acme", [contents])) == ()


@pytest.mark.parametrize(
    "text",
    [
        '<p style="⟦colour: red">x</p>',
        "<p\n class='x' style = 'color: red;\n ⟦font-size: 12; margin: 0'>x</p>",
        '{% if issues %}<p class="{{ 1 }}">x</p><p style="⟦colour: red">x</p>{% endif %}',
    ],
)
def test_a_style_attribute_without_effect_is_reported_in_its_template(text: str) -> None:
    before = "{% extends 'letter.html' %}{% block main %}" + text.partition("⟦")[0]
    page = "{% extends 'letter.html' %}{% block main %}" + text.replace("⟦", "")
    found = acme(APPEAL, appeal_html=page + "{% endblock %}")
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    assert places(found) == [(codes.STYLE_IGNORED, "appeal.html", line, column)]
    assert found[0].excerpt is not None
    assert found[0].excerpt.text == f"{page}{{% endblock %}}".split("\n")[line - 1]


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">x</p>',
        '<p style="color: {{ words.x }}">x</p>',
        "<p title='style=colour: red'>x</p>",
        "{# <p>style='colour: red' #}",
    ],
)
def test_other_attributes_are_no_styles(text: str) -> None:
    page = f"{{% extends 'letter.html' %}}{{% block main %}}{text}{{% endblock %}}"
    assert acme(f'{APPEAL}[words]\nx = "red"\n', appeal_html=page) == ()


@pytest.mark.parametrize("key", ["families", "select", "ignore"])
def test_checks_that_do_not_exist_are_told_at_their_line(key: str) -> None:
    more = f'[checks]\n{key} = ["{"general" if key == "families" else "IMR3"}",\n  "genral"]\n'
    found = acme(more)
    assert places(found) == [(codes.UNKNOWN_CHECK, "pack.toml", 11, 3)]
    pack = imrgen.load_pack("acme", [{"pack.toml": (MANIFEST + more).encode(), "acme.css": b""}])
    with pytest.raises(imrgen.PackError) as refused:
        imrgen.Renderer(loaded_pack=pack)
    assert refused.value.diagnostics == found


@pytest.mark.parametrize(
    ("text", "pattern", "asked"),
    [
        ("{{ case.⟦eams_number }}", "case.eams_number", "case.eams_number"),
        ("{{ ⟦clinical_summary | markdown }}", "clinical_summary", "clinical_summary"),
        (
            "{% for x in issues %}{{ x.⟦rationale }}{% endfor %}",
            "issues[].rationale",
            "x.rationale",
        ),
        (
            "{% for x in issues %}{{ x.reviewer_basis.⟦as_written }}{% endfor %}",
            "issues[].reviewer_basis.as_written",
            "x.reviewer_basis",
        ),
        (
            "{{ issues | map(attribute='⟦category') | join }}",
            "issues[].category",
            "issue.category",
        ),
    ],
)
@pytest.mark.slow
def test_a_field_that_is_neither_required_nor_asked_for_is_reported(
    text: str, pattern: str, asked: str
) -> None:
    frame = "{% extends 'letter.html' %}{% block main %}"
    found = acme(APPEAL, appeal_html=frame + text.replace("⟦", "") + "{% endblock %}")
    column = len(frame) + text.index("⟦") + 1
    assert places(found) == [(codes.REQUIREMENT_UNCLEAR, "appeal.html", 1, column)]
    assert f"prints `{pattern}`" in found[0].message
    assert f"{{% if {asked} is defined %}}" in found[0].hints[0]
    required = f'{APPEAL}requires = ["{pattern}"]\n'
    text = text.replace("⟦", "")
    assert acme(required, appeal_html=frame + text + "{% endblock %}") == ()


@pytest.mark.parametrize(
    "text",
    [
        "{% if case.eams_number is defined %}{{ case.eams_number }}{% endif %}",
        "{{ case.eams_number | default('none') }}",
        "{{ case.eams_number if case.eams_number is defined }}",
        "{% for x in issues %}{{ x.item }}{% if x.requested is defined %}{{ x.authorized }}"
        "{% endif %}{% endfor %}",
        "{% for x in reviewers %}{{ x.licensure | join }}{% endfor %}",
    ],
)
def test_a_field_that_is_asked_for_is_not_reported(text: str) -> None:
    frame = f"{{% extends 'letter.html' %}}{{% block main %}}{text}{{% endblock %}}"
    assert acme(APPEAL, appeal_html=frame) == ()


@pytest.mark.slow
def test_what_is_required_may_be_read_in_part() -> None:
    text = "{% extends 'letter.html' %}{% block main %}{{ recipient.name }}{% endblock %}"
    more = f'{APPEAL}requires = ["recipients", "recipients[].name"]\nper = "recipients"\n'
    assert acme(more, appeal_html=text) == ()


def test_a_requirement_that_no_template_reads_is_reported_at_its_line() -> None:
    more = f'{APPEAL}requires = [\n  "case.number",\n  "employee.name",\n]\n'
    found = acme(more, appeal_html="{% extends 'letter.html' %}")
    assert [(each.code, each.span and each.span.line) for each in found] == [
        (codes.REQUIREMENT_UNCLEAR, 15)
    ]
    assert "`employee.name`" in found[0].message


@pytest.mark.parametrize(
    ("name", "is_used"),
    [
        ("logo.svg", False),
        ("blocks/isue.html", False),
        ("more.css", False),
        ("LICENSE.txt", True),
        ("blocks/issue.html", True),
        ("letter.css", True),
    ],
)
def test_files_that_no_letter_uses_are_reported(name: str, is_used: bool) -> None:
    contents = {"pack.toml": MANIFEST.encode(), "acme.css": b"", name: SEAL}
    if name.endswith((".css", ".html")):
        contents[name] = b""
    # A file that replaces an inherited one may leave others of the pack without use.
    found = [
        each
        for each in check_pack(imrgen.load_pack("acme", [contents]))
        if each.code == codes.PACK_FILE_UNUSED
    ]
    assert [each.span and Path(each.span.file).name for each in found] == (
        [] if is_used else [Path(name).name]
    )


def test_a_file_may_be_used_under_a_name_that_is_computed() -> None:
    found = acme(APPEAL, appeal_html="{% include letter.title ~ '.html' %}", Other_html="x")
    assert found == ()


@pytest.mark.slow
def test_all_faults_of_all_letters_are_told_once() -> None:
    block = "{{ case.numbr | d('') }}"
    more = f"{APPEAL}[letters.cover]\ntitle = 'Cover'\ntemplate = 'cover.html'\n"
    include = "{% include 'shared.html' %}"
    found = acme(more, shared_html=block, appeal_html=include, cover_html=include)
    assert places(found) == [("IMR206", "shared.html", 1, 9)]
