"""Templates, style sheets and cases that take all the time or all the memory there is."""

from __future__ import annotations

import json

from tests.batches import make_case

_TEXT = "('x' * 99999)"
TEMPLATES = [
    "{{ 9 ** (9 ** 8) }}",
    "{{ 'x' * 10 ** 10 }}",
    "{{ 'a' | center(10 ** 10) }}",
    "{{ ('a\\n' * 10000) | indent(10 ** 6) }}",
    "{% set n = 10 %}{{ 'a' | center(n ** 10) }}",
    "{% set n = 9 %}{{ n ** (n ** 8) }}",
    "{{ [1] * 10 ** 10 }}",
    "{{ '%9999999999d' | format(1) }}",
    "{{ '{:>9999999999}'.format(1) }}",
    "{{ 'x' | replace('', 'x' * 10 ** 9) }}",
    "{{ ('x' * 10 ** 6) | replace('', 'x' * 10 ** 6) }}",
    "{{ ('x ' * 10 ** 8) | wordwrap(1) }}",
    "{{ ('x' * 10 ** 9) | upper | lower | title }}",
    "{{ ('x,' * 10 ** 8).split(',') | length }}",
    "{{ ('x' * 10 ** 7) | list | join(',' * 1000) }}",
    "{{ ('x' * 10 ** 7) | batch(1) | list | length }}",
    "{{ issues | slice(10 ** 9) | list | length }}",
    "{{ ('x' * 10 ** 7) | sort | join }}",
    "{{ ('x' * 10 ** 7) | groupby(0) | length }}",
    "{{ ('x' * 10 ** 7) | map('upper') | unique | list }}",
    "{{ ('<b>' * 10 ** 7) | striptags }}",
    "{{ ('http://a.b ' * 10 ** 6) | urlize }}",
    "{{ ('x' * 10 ** 7) | urlencode | length }}{{ ('é' * 10 ** 9) | urlencode }}",
    "{{ ('[' * 10 ** 6) | markdown }}",
    "{{ ('> ' * 10 ** 5) | markdown }}",
    "{{ ('*' * 10 ** 6) | markdown }}",
    "{{ ('`' * 10 ** 6 ~ 'x') | markdown }}",
    "{{ ('- ' * 10 ** 5) | markdown }}",
    "{{ ('|' * 10 ** 5 ~ '\\n' ~ '|-' * 10 ** 5) | markdown }}",
    "{{ ('a' * 10 ** 7) | lines }}{{ ('a\\n' * 10 ** 7) | lines }}",
    "{{ range(10 ** 9) | list }}",
    "{{ ('x' * 10 ** 8) | truncate(10 ** 7) | wordcount }}",
    *(
        f"{{% for a in {_TEXT} %}}{{% for b in {_TEXT} %}}{body}{{% endfor %}}{{% endfor %}}"
        for body in ("", "x", "<p>x</p>", "{{ a }}", "{% set c = a ~ b %}", "{% if a %}{% endif %}")
    ),
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{{ m(n-1) }}{{ m(n-1) }}{% endmacro %}{{ m(40) }}",
    "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(40) }}",
    "{% macro m(s) %}{{ m(s ~ s) }}{% endmacro %}{{ m('x') }}",
    "{% for a in issues recursive %}{{ loop([a, a]) }}{% endfor %}",
    "{% include 'blocks/clinical_summary.html' %}",
    "{% for i in 'xx' %}{% include 'blocks/clinical_summary.html' %}{% endfor %}",
    "{% set n = namespace(s='x') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
    "{% for i in 'x' * 999999 %}{{ (i * 999) | safe }}{% endfor %}",
    "{{ '<div>' * 3000 }}" + "</div>" * 3000,
    "{{ ('<div>' * 100000) | safe }}",
    "{{ ('<p>x</p>' * 10 ** 6) | safe }}",
    "{{ ('<b>' * 100000) | safe }}",
    "{{ ('<i title=x>' * 100000) | safe }}",
    "{{ ('<a href=#x>' * 100000) | safe }}",
    "{{ ('&amp;' * 10 ** 7) | safe }}",
    "{{ ('<' * 10 ** 6) | safe }}",
    "{{ ('<p ' ~ 'a=1 ' * 10 ** 6 ~ '>x</p>') | safe }}",
    "{{ ('<!--' * 10 ** 6) | safe }}",
    "{{ ('<table><tr><td>' * 60) | safe }}x{{ ('</td></tr></table>' * 60) | safe }}",
    "<table>{{ ('<tr><td rowspan=65534 colspan=1000>x</td></tr>' * 500) | safe }}</table>",
    "<table>{{ ('<tr>' ~ '<td>x</td>' * 300 ~ '</tr>') * 300 | safe }}</table>",
    "{{ ('<ol><li>' * 60) | safe }}x{{ ('</li></ol>' * 60) | safe }}",
    "{{ ('<blockquote>' * 120) | safe }}x{{ ('</blockquote>' * 120) | safe }}",
    "{{ ('<p>' ~ 'word ' * 100000 ~ '</p>') | safe }}",
    "{{ ('<p>' ~ 'w' * 1000000 ~ '</p>') | safe }}",
    "{{ ('<span>x</span>' * 200000) | safe }}",
    "<p>{{ '\\u0301' * 1000000 }}</p>",
    "<p>{{ '\\u202e' * 1000000 }}</p>",
    "</p>" * 100_000,
    "</p>\n" * 100_000,
    "".join(f"<x{number}>" for number in range(50_000)),
    "<p onclick='1'>x</p>\n" * 50_000,
    "{{ nope }}\n" * 50_000,
]
SHEETS = [
    "p { padding: 0.0001pt; background: repeating-linear-gradient(red 0, blue 0.0001px) }",
    ":root { --a0: x; "
    + "".join(f"--a{n}: var(--a{n - 1}) var(--a{n - 1}); " for n in range(1, 40))
    + "} p::before { content: var(--a39) }",
    "p { --a: var(--b); --b: var(--a); color: var(--a) }",
    "p { width: calc(" + "(" * 5000 + "1pt" + ")" * 5000 + ") }",
    "p { margin-top: 9999999pt }",
    "p { font-size: 99999pt }",
    "p { line-height: 999999 }",
    "p { columns: 99999 }",
    "p { display: grid; grid-template: repeat(9999, 1pt) / repeat(9999, 1pt) }",
    "section, div { display: flex } p { display: flex; flex-wrap: wrap }",
    "div, section { display: grid }",
    "p { border: 1pt dashed; border-radius: 1e9pt }",
    "p { box-decoration-break: clone; border: 0.00001pt dotted }",
    "p { background: radial-gradient(" + ",".join(["red, blue"] * 5000) + ") }",
    "p { transform: " + "rotate(1deg) " * 20000 + "}",
    "@page { size: 1pt 1pt; margin: 0 }",
    "@page { size: 99999in 99999in }",
    "p { break-before: page }" * 5000,
    "p:not(" * 500 + "a" + ")" * 500 + " { color: red }",
    "* " * 3000 + "{ color: red }",
    ",".join(["p"] * 200000) + " { color: red }",
    "p { counter-increment: a 999999999 } p::before { content: counter(a, upper-roman) }",
    "@counter-style x { system: additive; additive-symbols: 1 'x' } ol { list-style: x }",
    "p { letter-spacing: 1e6pt; word-spacing: 1e6pt }",
    "p { hyphens: auto; hyphenate-limit-chars: 1 1 1 }",
    "p { float: left; width: 0.001pt }",
    "p { text-indent: -1e9pt }",
    "/*" * 500000,
    "{" * 200000,
    "a{b:" + "(" * 200000,
    "@media x {" * 100000,
    "p { footnote-display: block; float: footnote }",
]
DRAWINGS = [
    "<svg><title>x</title><defs><g id='a0'><path d='M0 0h9'/></g>"
    + "".join(
        f"<g id='a{n}'><use href='#a{n - 1}'/><use href='#a{n - 1}'/></g>" for n in range(1, 25)
    )
    + "</defs><use href='#a24'/></svg>",
    "<svg viewBox='0 0 9 9'><title>x</title><path d='M0 0h99999' stroke='red'"
    " stroke-dasharray='0.001'/></svg>",
    "<svg><title>x</title><use id='a' href='#a'/></svg>",
    "<svg><title>x</title><pattern id='p' width='0.0001' height='0.0001'"
    " patternUnits='userSpaceOnUse'><path d='M0 0h1'/></pattern>"
    "<rect width='999' height='999' fill='url(#p)'/></svg>",
    "<svg width='1e9' height='1e9'><title>x</title><rect width='1e9' height='1e9'/></svg>",
    "<svg><title>x</title><path d='" + "M0 0" * 200000 + "'/></svg>",
]


def _case(**changed: str) -> str:
    case = make_case(1)
    return json.dumps(case | changed)


CASES = [
    *(
        _case(clinical_summary=text)
        for text in (
            "[" * 100_000,
            "> " * 100_000,
            "a(" * 60_000,
            "(" * 90_000,
            "*a_" * 60_000,
            "`" * 99_999 + "x",
            "- " * 60_000,
            "\n\n".join(["x"] * 100_000),
            "| a " * 50_000 + "|\n" + "|-" * 50_000 + "|",
            "word " * 200_000,
            "Dr. Example examined the worker on March 3, 2016. " * 20_000,
            "x" * 3_000_000,
        )
    ),
    _case(**{f"unknown{number}": "x" for number in range(100_000)}),
    "[" * 1_000_000,
    '{"a":' * 500_000,
    '{"case": ' + "[" * 300_000 + "]" * 300_000 + "}",
    '{"case": {"number": ' + "9" * 3_000_000 + "}}",
]
TOML = [
    "".join(f"[[issues]]\nitme = {number}\n" for number in range(100_000)),
    "\n".join(f"[q{number}{'.a' * 98}]" for number in range(15_000)),
    "".join(f"unknown{number} = 1\n" for number in range(100_000)),
    "a = " + "[" * 300_000,
    "a." * 300_000 + "a = 1",
    "a = { " * 200_000,
    'a = """' + '"' * 1_000_000,
    "a = 1\n" * 300_000,
    "# " + "x" * 3_000_000,
]
EVERYTHING = [
    *(("template", text) for text in TEMPLATES),
    *(("sheet", text) for text in SHEETS),
    *(("template", text) for text in DRAWINGS),
    *(("case", text) for text in CASES),
    *(("toml", text) for text in TOML),
]
