"""A template fault is reported with file, line, column, the chain of includes, and a way out.

Each fault's place is marked in the template itself: by `⟦` before the character where the caret
must stand.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import imrgen
from imrgen.diagnostics import Diagnostic
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
NAME = "blocks/clinical_summary.html"


def fault(files: dict[str, str], folder: Path) -> tuple[Diagnostic, Path, int, int]:
    """Render the starter with some blocks; return the diagnostic, marked file, line and column."""
    marked = None
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if "⟦" in text:
            before = text[: text.index("⟦")]
            marked = (
                folder / name,
                before.count("\n") + 1,
                len(before) - (before.rfind("\n") + 1) + 1,
            )
        (folder / name).write_text(text.replace("⟦", ""), encoding="utf-8")
    with pytest.raises(imrgen.PackError) as error:
        imrgen.render(STARTER, templates=[folder])
    assert marked
    assert "Maria" not in str(error.value)
    (diagnostic,) = error.value.diagnostics
    return diagnostic, *marked


SYNTAX = [
    "<p>{{ case.number <⟦/p>",
    "<p>\n{{ case.number | ⟦}}</p>",
    "<p>{% if case.number ⟦= 1 %}x{% endif %}</p>",
    "<p>é {{ case.number ⟦employee }}</p>",
    "<p>\n  {% ⟦endfo %}</p>",
    "<p>{% ⟦fr x in issues %}{% endfor %}</p>",
    "<p>\n{% ⟦if true %}\n<b>x</b>\n</p>",
    "<p>{% ⟦for x in issues %}\n{% for y in issues %}{% endfor %}\n<p>",
    "{% for ⟦%}{% endfor %}",
    "{{ case.number | ⟦nope }}",
    "{{ case.number is ⟦nonsense }}",
    "{% if true %}{% ⟦endfor %}{% endif %}",
    "{{ ⟦§ }}",
    "{{ case[ ⟦}}",
    "{% include ⟦%}",
    "<p>\u2028\f\x85</p>\n<b>x</b> {{ case.number | ⟦nope }}",
    "<p>\u2028\f\x85</p>\n<b>x</b> {% ⟦endfo %}",
]


@pytest.mark.parametrize("text", SYNTAX)
def test_syntax_errors(text: str, tmp_path: Path) -> None:
    diagnostic, file, line, column = fault({NAME: text}, tmp_path)
    assert diagnostic.code == "IMR205"
    assert diagnostic.span
    assert (diagnostic.span.file, diagnostic.span.line, diagnostic.span.column) == (
        str(file),
        line,
        column,
    )


UNDEFINED = {
    "{{ ⟦employe.name }}": "did you mean `employe",
    "<p>employe</p>\n<p>{{ ⟦employe }}</p>": "did you mean `employe",
    "{% if ⟦isues %}x{% endif %}": "did you mean `issues`?",
    "{% for i in ⟦reviewer %}x{% endfor %}": "did you mean `reviewers`?",
    "{{ employee.⟦nmae }}": "did you mean `name`?",
    "<b>nmae</b> é {{ employee.⟦nmae }}": "did you mean `name`?",
    "{{ case.⟦eams_number }}": "the case file would give it as `case.eams_number` at",
    "{{ case.number }} {{ case.⟦formulary }}": f"`case.formulary` at {STARTER}:",
    "{% for issue in issues %}\n{{ issue.item }}: {{ issue.⟦remaining }}\n{% endfor %}": (
        "`issues[0].remaining` at"
    ),
    "{{ requesting_physician.name }}, {{ requesting_physician.⟦address }}": (
        "`requesting_physician.address` at"
    ),
    "{{ (reviewers | first).⟦licence }}": "did you mean `licensure`?",
    "{% set a = 1 %}{{ ⟦b }}": "",
    "{{\n  case.number ~\n  case.⟦eams_number\n}}": "`case.eams_number`",
    "{{ outcomes['⟦maybe'] }}": "",
    "{{ letter.⟦titel }}": "",
    "{{ issues[⟦99].item }}": "no element 99",
    "{{ reviewers[⟦1].licensure }}": "no element 1",
    "⟦{{ outcomes[none] }}": "",
    "⟦{% set n = 98 %}{{ issues[n + 1].item }}": "computed",
    "{{ outcomes[⟦[1]] }}": "",
    "{% with x = employee.⟦spouse %}{{ x }}{% endwith %}": "no field `spouse`",
}


@pytest.mark.parametrize("text", UNDEFINED)
def test_undefined_names_and_absent_values(text: str, tmp_path: Path) -> None:
    diagnostic, file, line, column = fault({NAME: text}, tmp_path)
    assert diagnostic.code == "IMR206"
    assert diagnostic.span
    assert (diagnostic.span.file, diagnostic.span.line, diagnostic.span.column) == (
        str(file),
        line,
        column,
    )
    assert UNDEFINED[text] in "; ".join([diagnostic.message, *diagnostic.hints])


@pytest.mark.parametrize(
    "text",
    [
        "{{ ⟦outcomes[employee.name] }}",
        "{{ ⟦outcomes[employee.name | lower] }}",
        "{{ ⟦outcomes[issues] }}",
        "{{ ⟦employee[employee.name] }}",
        "{{ ⟦employee | attr(employee.name) }}",
        "{% ⟦include employee.name %}",
        "{% ⟦include employee.name | upper ~ '.html' %}",
        "{% ⟦import employee.name as x %}",
        "{% ⟦extends employee.name %}",
        "{{ ⟦[1] | map(employee.name) | list }}",
        '{{ ⟦[1] | map(employee.name ~ "\'s") | list }}',
        "{{ ⟦[1] | select(employee.name) | list }}",
    ],
)
def test_a_name_that_the_case_gives_is_not_repeated(text: str, tmp_path: Path) -> None:
    diagnostic, *_ = fault({NAME: text}, tmp_path)
    assert "computed" in diagnostic.message
    assert "maria" not in "; ".join([diagnostic.message, *diagnostic.hints]).lower()


OTHER = {
    '<p>\n{% include "⟦blocks/isue.html" %}': ("IMR204", "did you mean `blocks/issue.html`?"),
    '{% import "⟦nope.html" as n %}': ("IMR204", "no template `nope.html`"),
    '{% extends "⟦imr:blocks/nope.html" %}': ("IMR204", "no template"),
    '{% extends "⟦nobody:blocks/basis.html" %}': ("IMR204", "no template"),
    '{% extends "imr:blocks/basis.html" %}\n{% block ⟦citaton %}x{% endblock %}': (
        "IMR205",
        "did you mean `citation`?",
    ),
    '{% extends "imr:blocks/basis.html" %}\n⟦lost words': ("IMR205", "shown nowhere"),
    '{% extends "imr:blocks/basis.html" %}\n\n⟦{{ case.number }}': ("IMR205", "shown nowhere"),
    "<p>⟦{{ 1 // 0 }}</p>": ("IMR212", "divided by zero"),
    "<p>\n⟦{{ case.number + 1 }}</p>": ("IMR212", "`+` does not take text and a number"),
    "⟦{{ 1 + case.number }}": ("IMR212", "`+` does not take a number and text"),
    "⟦{{ case.decision_date - 1 }}": ("IMR212", "`-` does not take a date and a number"),
    "⟦{{ -case.number }}": ("IMR212", "`-` does not take text"),
    "⟦{{ 1 < case.decision_date }}": ("IMR212", "'<' does not compare a number and a date"),
    "⟦{{ case.number() }}": ("IMR212", "text is not called, so leave out the parentheses"),
    "⟦{{ issues() }}": ("IMR212", "a list is not called"),
    "⟦{% for x in 5 %}{% endfor %}": ("IMR212", "a number is not a list"),
    "⟦{{ case.number.upper(1) }}": ("IMR212", "takes other arguments"),
    "⟦{{ 0.5 + 10 ** 400 }}": ("IMR212", "too large"),
    "⟦{{ case.number | truncate('a') }}": ("IMR212", "filter `truncate` cannot take text"),
    "{{ 'x'.⟦__class__.__mro__ }}": ("IMR206", "unsafe"),
    "<p>é ⟦{{ employee.name | date }}</p>": ("IMR212", "`date` writes a date, and this is text"),
    "<p>⟦{{ employee.name | round }}</p>": ("IMR212", "filter `round` cannot take text"),
    "<p>⟦{{ case.decision_date | sum }}</p>": ("IMR212", "filter `sum` cannot take a date"),
    "{% if issues %}\n{{ 1 | ⟦nope }}{% endif %}": ("IMR205", "No filter named 'nope'"),
    "{% if issues %}\n{{ 1 if 1 is ⟦nope }}{% endif %}": ("IMR205", "No test named 'nope'"),
    "{% if issues is ⟦defned %}{% endif %}": ("IMR205", "did you mean `defined`?"),
    "{% if issues %}{% filter ⟦uper %}x{% endfilter %}{% endif %}": (
        "IMR205",
        "did you mean `upper`?",
    ),
    "{{ 'a' | ⟦random }}": ("IMR205", "the same letter each time"),
    "{{ employee | ⟦pprint }}": ("IMR205", "print the fields"),
    "{{ case.decision_date.⟦today() }}": ("IMR206", "a date has no `today` here"),
    "{{ case.decision_date.⟦strftime('%B') }}": ("IMR206", "the filter `date`"),
    "{{ case.decision_date['⟦strftime']('%B') }}": ("IMR206", "the filter `date`"),
}


@pytest.mark.parametrize("text", OTHER)
def test_missing_files_blocks_and_everything_else(text: str, tmp_path: Path) -> None:
    code, says = OTHER[text]
    diagnostic, file, line, column = fault({NAME: text}, tmp_path)
    assert diagnostic.code == code
    assert diagnostic.span
    assert (diagnostic.span.file, diagnostic.span.line, diagnostic.span.column) == (
        str(file),
        line,
        column,
    )
    assert says in "; ".join([diagnostic.message, *diagnostic.hints])


@pytest.mark.parametrize(
    "text", ["{{ ⟦nope }}", "{% ⟦endfo %}", '{% include "⟦nope.html" %}', "{{ employee.⟦nmae }}"]
)
@pytest.mark.parametrize(
    "how", ["{% include 'blocks/inner.html' %}", "{% extends 'blocks/inner.html' %}"]
)
def test_a_fault_in_an_included_or_extended_file_names_the_chain(
    how: str, text: str, tmp_path: Path
) -> None:
    files = {NAME: how, "blocks/inner.html": f"<p>\n{text}</p>"}
    diagnostic, file, line, column = fault(files, tmp_path)
    assert diagnostic.span
    assert (diagnostic.span.file, diagnostic.span.line, diagnostic.span.column) == (
        str(file),
        line,
        column,
    )
    chain = [
        (Path(place.file).relative_to(place.file.split("/blocks/")[0]).as_posix(), place.line)
        for place in diagnostic.trace
        if "/blocks/" in place.file
    ]
    assert chain[0] == (NAME, 1)
    assert any(place.file.endswith("imr/determination.html") for place in diagnostic.trace)


def test_the_excerpt_is_the_templates_own_line_with_a_caret_under_the_name(tmp_path: Path) -> None:
    fault({NAME: "<p>\n  {{ employee.⟦nmae }}</p>"}, tmp_path)
    with pytest.raises(imrgen.PackError) as error:
        imrgen.render(STARTER, templates=[tmp_path])
    lines = str(error.value).splitlines()
    assert lines[0].endswith("error[IMR206]: `employee` has no field `nmae`; did you mean `name`?")
    assert lines[1:3] == ["  2 |   {{ employee.nmae }}</p>", "    |               ^^^^"]
    assert "  = included from" in lines[3]


def test_a_new_block_within_an_overridden_one_is_fine(tmp_path: Path) -> None:
    text = (
        '{% extends "imr:blocks/basis.html" %}\n'
        "{% block citation %}{% block mine %}x{% endblock %}{% endblock %}\n"
    )
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "basis.html").write_text(text)
    assert "Decision based on MTUS x." in imrgen.render(STARTER, templates=[tmp_path]).text
