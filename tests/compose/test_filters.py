"""What a template can print, and the filters and functions that it has."""

from __future__ import annotations

import datetime
import locale

import jinja2
import pytest

import imrgen
from imrgen.compose import Sandbox
from imrgen.compose.filters import filters
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
DAY = datetime.date(2016, 11, 2)


def render(template: str, **values: object) -> str:
    sandbox = Sandbox(imrgen.load_pack("imr"))
    return sandbox.from_string(template).render(**values)


PRINTED = {
    "{{ 'one\\x0btwo' }}": "one\ntwo",
    "{{ day | date }}": "11/02/2016",
    "{{ day | date('numeric') }}": "11/02/2016",
    "{{ day | date('long') }}": "November 2, 2016",
    "{{ day | date('iso') }}": "2016-11-02",
    "{{ day | date('%A, %B %-d, %Y') }}": "Wednesday, November 2, 2016",
    "{{ day | date('%a %b %d %y, day %j, %-m/%m, 100%%') }}": (
        "Wed Nov 02 16, day 307, 11/11, 100%"
    ),
    "{{ 1250 | money }}": "$1,250.00",
    "{{ (0.1 + 0.2) | money }}": "$0.30",
    "{{ -3.5 | money }}": "-$3.50",
    "{{ 1234567.5 | number }}": "1,234,567.5",
    "{{ 45.0 | number }}": "45",
    "{{ -0.0 | number }}": "0",
    "{{ 1 | plural('session') }}": "session",
    "{{ 0.5 | plural('session') }}": "sessions",
    "{{ 0 | plural('body', 'bodies') }}": "bodies",
    "{% for n in range(1, 4) %}{{ n }}{% endfor %}": "123",
    "{% set total = namespace(n=0) %}{% for n in range(5) %}{% set total.n = total.n + n %}"
    "{% endfor %}{{ total.n }}": "10",
    "{% set comma = joiner(', ') %}{% for n in range(3) %}{{ comma() }}{{ n }}{% endfor %}": (
        "0, 1, 2"
    ),
    "{% set row = cycler('odd', 'even') %}{{ row.next() }} {{ row.next() }} {{ row.next() }}": (
        "odd even odd"
    ),
    "{{ dict(a='x').a }}": "x",
    "{{ ['a', 1, day] | join('; ') }}": "a; 1; 2016-11-02",
    "{{ [{'k': 'a'}, {'k': 'b'}] | join(', ', attribute='k') }}": "a, b",
    "{{ 'a' ~ 1 ~ day }}": "a12016-11-02",
    "{{ '%s of %d' | format('two', 3) }}": "two of 3",
    "{{ '%s' % 'x' }}": "x",
    "{{ '%(a)s' % {'a': 'x'} }}": "x",
    "{{ '100%% real, %s' % 'x' }}": "100% real, x",
    "{{ '{} of {n:02}'.format('two', n=3) }}": "two of 03",
    "{{ '{a}'.format_map({'a': day}) }}": "2016-11-02",
    "{{ ('<b>{}</b>' | safe).format('<') }}": "<b>&lt;</b>",
    "{{ '{{r!r}}'.format() }}": "{r!r}",
    "{{ 'abc' | replace('b', 1) }}": "a1c",
    "{{ [1, 2] | join(0) }}": "102",
    "<p{{ {'class': 'a', 'id': none, 'lang': nope} | xmlattr }}>": '<p class="a">',
    "{{ 12.0 }} {{ 4 / 2 }} {{ 2.5 }} {{ -3.0 }}": "12 2 2.5 -3",
    "{{ 0.1 + 0.2 }}": "0.3",
    "{{ 1 / 3 }}": "0.333333333333333",
    "{{ 1e20 }} {{ 2.5e-7 }}": "100000000000000000000 0.00000025",
    "{{ 12.0 ~ 'x' }} {{ 12.0 | string }} {{ [12.0] | join }} {{ '%s' % 12.0 }}": "12x 12 12 12",
    "{{ '%s' | format(12.0) }} {{ '{}'.format(12.0) }} {{ '%.2f' % 12.5 }}": "12 12 12.50",
    "{{ 'abc' | upper }}": "ABC",
}


@pytest.mark.parametrize("template", PRINTED)
def test_values_are_written_as_a_letter_writes_them(template: str) -> None:
    assert render(template, day=DAY) == PRINTED[template]


RECORD = imrgen.load_case(STARTER).employee
REFUSED = [
    "{{ X }}",
    "{{ X | string }}",
    "{{ X | upper }}",
    "{{ X | e }}",
    "{{ X | trim }}",
    "{{ 'a' ~ X }}",
    "{{ X ~ 'a' }}",
    "{{ [X] | join }}",
    "{{ ['a', X] | join(', ') }}",
    "{{ [{'k': X}] | join(', ', attribute='k') }}",
    "{{ '%s' | format(X) }}",
    "{{ '%(x)s' | format(x=X) }}",
    "{{ '%(x)s' % {'x': X} }}",
    "{{ '{}'.format(X) }}",
    "{{ '{x}'.format(x=X) }}",
    "{{ ('{}' | safe).format(X) }}",
    "{{ '{x}'.format_map({'x': X}) }}",
    "{{ 'abc' | replace('b', X) }}",
    "{{ [1, 2] | join(X) }}",
    "{{ '%s' % X }}",
    "{{ '%s%s' % ('a', X) }}",
    "{% set y = X %}{{ y }}",
    "{% macro m(y) %}{{ y }}{% endmacro %}{{ m(X) }}",
    "{% filter upper %}{{ X }}{% endfilter %}",
]
UNPRINTABLE = {
    "record": "record",
    "list": "[1, 2]",
    "records": "[record]",
    "missing in a list": "[nope]",
    "mapping": "{'a': 1}",
    "truth": "true",
    "nothing": "none",
    "not a number": "nan",
    "infinite": "-inf",
    "range": "range(3)",
    "function": "joiner(', ')",
    "generator": "([1] | map('upper'))",
    "missing": "nope",
}


@pytest.mark.parametrize("value", UNPRINTABLE)
@pytest.mark.parametrize("template", REFUSED)
def test_what_is_no_text_number_or_date_is_never_printed(template: str, value: str) -> None:
    expression = template.replace("X", UNPRINTABLE[value])
    with pytest.raises(jinja2.TemplateError) as error:
        render(expression, record=RECORD, nan=float("nan"), inf=float("inf"))
    assert RECORD is not None
    assert str(RECORD.name) not in str(error.value)


UNFIT = {
    "{{ 'x' | date }}": "`date` writes a date, and this is text",
    "{{ day | date('short') }}": "`date` takes",
    "{{ day | date('%H') }}": "`date` knows the directives",
    "{{ day | money }}": "`money` takes a number, and this is a date",
    "{{ 'x' | number }}": "`number` takes a number, and this is text",
    "{{ true | number }}": "`number` takes a number, and this is true or false",
    "{{ inf | money }}": "not a finite one",
    "{{ 1.005 | money }}": "parts of a cent",
    "{{ [] | plural('x') }}": "`plural` takes a number, and this is a list",
    "{{ 1 | squeeze }}": "`squeeze` takes text, and this is a number",
    "{{ day | full_stop }}": "`full_stop` takes text, and this is a date",
    "{{ '%(a)s %s' % {'a': 'x'} }}": "this is a table",
    "{{ '%(a)s %s' | format(a='x') }}": "places that have names",
    "{{ '%r' % 'x' }}": "ask for Python's form",
    "{{ '%%%(x)a' % {'x': 'x'} }}": "ask for Python's form",
    "{{ '%-5r' | format('x') }}": "ask for Python's form",
    "{{ '{!r}'.format('x') }}": "ask for Python's form",
    "{{ '{{{x!a:>5}'.format(x='x') }}": "ask for Python's form",
    "{{ {'a': [1]} | xmlattr }}": "this is a list",
    "{{ {'a': true} | xmlattr }}": "this is true or false",
    "{{ day | date(5) }}": "`date` takes text between parentheses, and this is a number",
    "{{ day | date(foo=1) }}": "`date` takes only `style` between parentheses",
    "{{ day | date('long', 'en') }}": "`date` takes only `style` between parentheses",
    "{{ 'x' | squeeze(1) }}": "`squeeze` takes nothing between parentheses",
    "{{ 5 | plural }}": "`plural` takes the word for one thing",
    "{{ 5 | plural([1]) }}": "this is a list",
    "{{ 5 | plural('x', {'a': 1}) }}": "this is a table",
    "{{ 5 | plural('x', 5) }}": "this is a number",
    "{{ 5 | money(2) }}": "this is a number",
    "{{ 5 | money('euro') }}": "the code of a currency",
    "{% for x in range(10001) %}{% endfor %}": "more than 10,000",
    "{% for x in range('a') %}{% endfor %}": "whole numbers",
    "{% for x in range(10 ** 30) %}{% endfor %}": "more than 10,000",
}


@pytest.mark.parametrize("template", UNFIT)
def test_an_unfit_argument_is_told_in_words(template: str) -> None:
    with pytest.raises(jinja2.TemplateRuntimeError, match=UNFIT[template]):
        render(template, day=DAY, inf=float("inf"))


def test_a_template_reads_no_clock_and_makes_no_chance() -> None:
    sandbox = Sandbox(imrgen.load_pack("imr"))
    assert "random" not in sandbox.filters
    assert not {"lipsum", "now", "today"} & set(sandbox.globals)
    for name in dir(DAY):
        template = sandbox.from_string(f"{{% set x = day.{name} %}}{{{{ x() }}}}")
        if name in ("isoformat", "weekday", "isoweekday"):
            assert template.render(day=DAY)
            continue
        with pytest.raises((jinja2.TemplateError, TypeError)):
            template.render(day=DAY)


def test_dates_do_not_follow_the_host_s_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "setlocale", lambda *_: pytest.fail("the locale was changed"))
    names = {render("{{ day | date('%B') }}", day=DAY.replace(month=n)) for n in range(1, 13)}
    assert len(names) == 12
    assert "November" in names


def test_nothing_of_a_template_is_computed_when_it_is_compiled() -> None:
    """A limit of time and memory bounds the rendering, so no constant may be folded before it."""
    computed: list[str] = []
    sandbox = Sandbox(imrgen.load_pack("imr"))
    sandbox.filters["noted"] = lambda text: computed.append(text) or text
    places = (
        "{{ 'output' | noted }}",
        "{% set x = 'assigned' | noted %}{{ x }}",
        "{% if 'tested' | noted %}x{% endif %}",
        "{{ y | default('fallback' | noted) }}",
        "{% for x in ['list' | noted] %}{{ x }}{% endfor %}",
        "{{ 'joined' | noted ~ 'x' }}",
        "{% with x = 'with' | noted %}{{ x }}{% endwith %}",
        "{% macro m(x='argument' | noted) %}{{ x }}{% endmacro %}{{ m() }}",
        "{% include 'included' | noted ignore missing %}",
        "{% include 'included' | noted ~ '.html' ignore missing %}",
    )
    for place in places:
        template = sandbox.from_string(place)
        assert not computed, place
        assert template.render(y="y") is not None
        assert computed or "default" in place, place
        computed.clear()


LANGUAGES = {
    "es-US": ("2 de noviembre de 2016", "2/11/2016", "noviembre", "$1,250.50", "1,250.5"),
    "de-DE": ("2. November 2016", "2.11.2016", "November", "1.250,50\xa0$", "1.250,5"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_and_numbers_follow_the_language_of_the_pack(language: str) -> None:
    own = filters(language)
    long, numeric, month, money, number = LANGUAGES[language]
    assert own["date"](DAY, "long") == long
    assert own["date"](DAY) == numeric
    assert own["date"](DAY, "%B") == month
    assert own["money"](1250.5) == money
    assert own["number"](1250.5) == number


def test_a_language_that_is_not_known_is_told() -> None:
    with pytest.raises(jinja2.TemplateRuntimeError, match="does not know the pack's language"):
        filters("xx-XX")["date"](DAY)


def test_the_manifest_says_the_language_of_the_document_and_of_its_dates() -> None:
    manifest = (
        b'name = "x"\ntitle = "x"\nversion = "1"\nextends = "imr"\nlanguage = "es-US"\n'
        b"organization.inherit = true\n"
    )
    block = b"{{ case.decision_date | date('long') }}"
    pack = imrgen.load_pack("x", [{"pack.toml": manifest, "blocks/clinical_summary.html": block}])
    letter = imrgen.Renderer(loaded_pack=pack, check=False).render(STARTER)
    assert '<html lang="es-US">' in letter.html
    assert " de 2016" in letter.html or " de 2017" in letter.html
