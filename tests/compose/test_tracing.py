"""Each word of a letter is traced to a template's line, its chain of includes, and its fields."""

from __future__ import annotations

import html
import itertools
import re
import threading
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest
from jinja2.utils import LRUCache

import imrgen
from imrgen.case import Case
from imrgen.compose import Composer
from imrgen.compose.tracing import Origin, Origins, tracer
from imrgen.diagnostics import field
from imrgen.document import parse_html, visible_characters
from imrgen.document.positions import Positions
from imrgen.export import to_words
from tests.conftest import ROOT, TYPICAL

STARTER = ROOT / "imrgen" / "starter.toml"
BLOCK = "blocks/clinical_summary.html"


def character_offsets(markup: str) -> tuple[int | None, ...]:
    return Positions(markup, parse_html(markup)).characters


def value(case: Case, path: tuple[str | int, ...]) -> Any:
    """Return the value at a path of a case."""
    found: Any = case
    for part in path:
        names = (
            {}
            if isinstance(part, int)
            else dict(zip(found.__struct_encode_fields__, found.__struct_fields__, strict=True))
        )
        found = found[part] if isinstance(part, int) else getattr(found, names[part])
    return found


def source_line(place: Any) -> str:
    return [*Path(place.file).read_text(encoding="utf-8").split("\n"), ""][place.line - 1]


@pytest.fixture(scope="module")
def composers() -> dict[tuple[str, str], Composer]:
    return {}


@pytest.mark.slow
@pytest.mark.parametrize(("path", "pack", "letter"), TYPICAL)
def test_every_word_of_every_letter_comes_from_where_its_origin_says(
    path: Path, pack: str, letter: str, composers: dict[tuple[str, str], Composer]
) -> None:
    composer = composers.setdefault((pack, letter), Composer(imrgen.load_pack(pack), letter))
    case = imrgen.load_case(path, pack)
    try:
        plain = composer.compose(case).markup
    except imrgen.PackError:
        pytest.skip("the pack refuses this case")
    origins = composer.trace(case)
    assert origins.markup == plain
    spans = list(origins.spans())
    assert spans
    assert "".join(plain[start:end] for start, end, _ in spans) == plain
    shown = set()
    for start, end, origin in spans:
        words = plain[start:end]
        line = source_line(origin.span)
        written = line[origin.span.column - 1 : origin.span.column - 1 + origin.span.length]
        # A filter such as `squeeze` may have changed white space, and joined lines.
        if not written.startswith("{"):
            assert origin.paths == ()
            assert visible_characters(words).startswith(visible_characters(written)), (
                words,
                written,
            )
        for place in origins.places(origin):
            assert Path(place.file) == path
        if origin.start is not None:
            (data_path,) = origin.paths
            shown.add(data_path[-1])
            text = value(case, data_path)
            rest = html.unescape(words)
            assert text[origin.start : origin.start + len(rest)] == rest
            (place,) = origins.places(origin)
            first = re.match(r"\w+", rest)
            if first:
                assert source_line(place)[place.column - 1 :].startswith(first[0])
    if letter == "determination":  # another letter may show no narrative
        assert {"clinical_summary", "rationale"} <= shown
    used = {p for _, _, origin in spans for p in origin.paths}
    assert not used & set(origins.unused)


@pytest.mark.parametrize(("path", "pack", "letter"), TYPICAL)
def test_the_visible_characters_are_those_of_the_text(
    path: Path, pack: str, letter: str, composers: dict[tuple[str, str], Composer]
) -> None:
    composer = composers.setdefault((pack, letter), Composer(imrgen.load_pack(pack), letter))
    try:
        document = composer.compose(imrgen.load_case(path, pack))
    except imrgen.PackError:
        pytest.skip("the pack refuses this case")
    shown = visible_characters(to_words(document.tree))
    assert len(shown) > (1000 if letter == "determination" else 0)
    offsets = Positions(document.markup, document.tree).characters
    # What is written out, such as the markers of a template's list, stands nowhere in the markup.
    found = [
        (character, visible_characters(shown_at(document.markup, offset)))
        for character, offset in zip(shown, offsets, strict=True)
        if offset is not None
    ]
    assert len(found) > 0.9 * len(shown)
    # A hyphen of any kind is one hyphen.
    assert [each for each in found if each[0] != each[1]] == []


def shown_at(markup: str, offset: int | None) -> str:
    assert offset is not None
    entity = re.compile(r"&(#\w+|\w+);").match(markup, offset)
    return (
        html.unescape(entity[0])
        if entity and html.unescape(entity[0]) != entity[0]
        else markup[offset]
    )


_WORDS = st.sampled_from(
    [
        "Pain",
        "a &amp; b",
        "5 &lt; 6",
        "é\u00a0x",
        "℞",
        "&nbsp;y",
        "x<br>y",
        "\n",
        " ",
        "&#8212;z",
        "&foo;z",
    ]
)
_INLINE = st.recursive(
    st.one_of(
        _WORDS,
        _WORDS.map(lambda w: f'<img src="a.png" alt="{w.replace("<br>", "")}">'),
        st.just("<!-- no -->"),
    ),
    lambda inner: st.tuples(
        st.sampled_from(["b", "em", "span", 'i title="t"', "i hidden", "script", "style"]),
        st.lists(inner, max_size=3),
    ).map(lambda t: f"<{t[0]}>{' '.join(t[1])}</{t[0].split()[0]}>"),
    max_leaves=6,
)
_BLOCKS = st.recursive(
    st.lists(_INLINE, max_size=3).map(lambda parts: f"<p>{''.join(parts)}</p>"),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda b: f"<div>{''.join(b)}</div>"),
        st.lists(inner, max_size=3).map(lambda b: f"<div hidden>{''.join(b)}</div>"),
        st.lists(inner, max_size=3).map(
            lambda b: (
                "<ul>" + "".join(f'<li><span class="marker">•</span> {x}</li>' for x in b) + "</ul>"
            )
        ),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda b: "<table><tr>" + "".join(f"<td>{x}</td>" for x in b) + "</tr></table>"
        ),
    ),
    max_leaves=6,
)


@pytest.mark.slow
@hypothesis.given(st.lists(_BLOCKS, max_size=4))
def test_the_visible_characters_of_any_document_are_those_of_its_text(blocks: list[str]) -> None:
    markup = (
        "<!doctype html>\n<html><head><title>Title</title></head>"
        f"<body>{''.join(blocks)}</body></html>"
    )
    shown = visible_characters(to_words(parse_html(markup)))
    # A hyphen of any kind is one hyphen.
    assert list(shown) == [
        visible_characters(shown_at(markup, offset)) for offset in character_offsets(markup)
    ]


def test_a_character_that_the_markup_shows_nowhere_has_no_place() -> None:
    assert character_offsets("<body>x<textarea>a<b>c</b></textarea></body>") == (6, *[None] * 9)


def traced(folder: Path, files: dict[str, str], case: Any = STARTER) -> Origins:
    """Trace the starter's letter with some blocks."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    composer = Composer(imrgen.load_pack(None, [folder]), "determination")
    case = imrgen.load_case(case)
    origins = composer.trace(case)
    assert origins.markup == composer.compose(case).markup
    return origins


def found(origins: Origins, words: str) -> Origin:
    """Return the origin of some words, which must be one for all of them."""
    start = origins.markup.index(f"«{words}»") + 1
    places = {
        (o.span.file, o.span.line, o.paths)
        for o in map(origins.at, range(start, start + len(words)))
    }
    assert len(places) == 1, places
    return origins.at(start)


LICENSURE = "reviewers[0].licensure"
PRINTED = {
    "{{ case.number }}": ("CM26-0000001", "case.number"),
    "{{ case.decision_date | date }}": ("03/06/2026", "case.decision_date"),
    "{{ case['number'] }}": ("CM26-0000001", "case.number"),
    "{{ outcomes[issues[0].decision] }}": ("Upheld", "issues[0].decision"),
    "{% for i in issues %}{% if loop.first %}{{ outcomes[i.decision] }}{% endif %}{% endfor %}": (
        "Upheld",
        "issues[0].decision",
    ),
    "{{ reviewers[0].licensure | join(',') }}": ("California", LICENSURE),
    "{% for r in reviewers %}{{ r.licensure | join(',') }}{% endfor %}": ("California", LICENSURE),
    "{% for r in reviewers %}{% for s in r.licensure %}{{ s }}{% endfor %}{% endfor %}": (
        "California",
        f"{LICENSURE}[0]",
    ),
    "{{ (reviewers | first).licensure | first }}": ("California", f"{LICENSURE}[0]"),
    "{{ reviewers | map(attribute='licensure') | map('join', ',') | join('; ') }}": (
        "California",
        LICENSURE,
    ),
    "{{ reviewers | length }}": ("1", "reviewers"),
    "{{ employee.name | upper }}": ("MARIA EXAMPLE", "employee.name"),
    "{{ employee.name.upper() }}": ("MARIA EXAMPLE", "employee.name"),
    "{{ employee.name[:5] }}": ("Maria", "employee.name"),
    "{{ employee.name ~ '!' }}": ("Maria Example!", "employee.name"),
    "{{ employee.name + '!' }}": ("Maria Example!", "employee.name"),
    "{{ '%s!' | format(employee.name) }}": ("Maria Example!", "employee.name"),
    "{{ '{}!'.format(employee.name) }}": ("Maria Example!", "employee.name"),
    "{{ employee.name if case.number else case.priority }}": ("Maria Example", "employee.name"),
    "{{ employee.name or case.priority }}": ("Maria Example", "employee.name"),
    "{{ case.formulary | default(employee.name) if false else employee.name }}": (
        "Maria Example",
        "employee.name",
    ),
    "{% set x = employee.name %}{{ x }}": ("Maria Example", "employee.name"),
    "{% set x = employee.name | upper %}{{ x }}": ("MARIA EXAMPLE", "employee.name"),
    "{% set x %}{{ employee.name }}{% endset %}{{ x }}": ("Maria Example", "employee.name"),
    "{% set x %}{{ employee.name }}{% endset %}{{ x | upper }}": ("MARIA EXAMPLE", "employee.name"),
    "{% set x | upper %}{{ employee.name }}{% endset %}{{ x }}": ("MARIA EXAMPLE", "employee.name"),
    "{% with x = employee.name %}{{ x }}{% endwith %}": ("Maria Example", "employee.name"),
    "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(employee.name) }}": (
        "Maria Example",
        "employee.name",
    ),
    "{% macro m(x) %}{{ caller(x) }}{% endmacro %}"
    "{% call(y) m(employee.name) %}{{ y }}{% endcall %}": (
        "Maria Example",
        "employee.name",
    ),
    "{% filter upper %}{{ employee.name }}{% endfilter %}": ("MARIA EXAMPLE", "employee.name"),
    "{% filter squeeze %}\n {{ employee.name }}\n{% endfilter %}": (
        "Maria Example",
        "employee.name",
    ),
    "{% filter replace('a', 'oo') %}{{ case.number }}{% endfilter %}": (
        "CM26-0000001",
        "case.number",
    ),
    "{% block mine %}{{ employee.name }}{% endblock %}": ("Maria Example", "employee.name"),
    "{% if employee.name == 'Maria Example' %}{{ case.number }}{% endif %}": (
        "CM26-0000001",
        "case.number",
    ),
    "{% autoescape false %}{{ employee.name }}{% endautoescape %}": (
        "Maria Example",
        "employee.name",
    ),
    "{{ ['a', 'b'] | join(employee.name) | replace('a', '') | replace('b', '') }}": (
        "Mri Exmple",
        "employee.name",
    ),
    "{% for x in [employee.name] recursive %}{{ x }}{% endfor %}": (
        "Maria Example",
        "employee.name",
    ),
    "{{ employee.age + 1 }}": ("55", "employee.age"),
    "{% filter default('words', true) %}{% endfilter %}": ("words", ""),
    "{% call '{}s'.format('word') %}x{% endcall %}": ("words", ""),
    "{% filter replace('x', employee.name) %}x{% endfilter %}": ("Maria Example", "employee.name"),
    "words": ("words", ""),
    "{{ 'words' }}": ("words", ""),
    "{% raw %}{{ words }}{% endraw %}": ("{{ words }}", ""),
    "{{ letter.title }}": ("Independent Medical Review Final Determination", ""),
}


@pytest.fixture
def starter(case: dict[str, Any]) -> dict[str, Any]:
    """The starter's case, with what these templates print."""
    case["case"].update(number="CM26-0000001", priority="standard")
    case["employee"] = {"name": "Maria Example", "age": 54}
    case["reviewers"] = [{"licensure": ["California"], "certifications": ["Family Practice"]}]
    case["issues"][0]["decision"] = "upheld"
    return case


@pytest.mark.slow
@pytest.mark.parametrize("template", PRINTED)
def test_what_each_construct_prints_comes_from_its_line_and_its_field(
    template: str, tmp_path: Path, starter: dict[str, Any]
) -> None:
    words, path = PRINTED[template]
    import datetime

    starter["case"]["decision_date"] = datetime.date(2026, 3, 6)
    origin = found(
        traced(
            tmp_path,
            {BLOCK: f"<p>\n<b>«{template}»</b></p>{{% if clinical_summary %}}{{% endif %}}"},
            starter,
        ),
        words,
    )
    assert [field(p) for p in origin.paths] == ([path] if path else [])
    assert origin.span.file == str(tmp_path / BLOCK)
    assert origin.span.line in (2, 3)


def test_words_made_of_several_fields_name_them_all(
    tmp_path: Path, starter: dict[str, Any]
) -> None:
    origin = found(
        traced(tmp_path, {BLOCK: "«{{ case.number ~ '/' ~ employee.name }}»"}, starter),
        "CM26-0000001/Maria Example",
    )
    assert origin.paths == (("case", "number"), ("employee", "name"))


def test_the_origin_of_words_in_an_attribute_is_found(
    tmp_path: Path, starter: dict[str, Any]
) -> None:
    origins = traced(tmp_path, {BLOCK: '<i title="«{{ employee.name }}»">x</i>'}, starter)
    assert found(origins, "Maria Example").paths == (("employee", "name"),)


def test_an_image_keeps_its_origin_and_its_alternative_text_is_visible(
    tmp_path: Path, starter: dict[str, Any]
) -> None:
    files = {
        BLOCK: 'a\n<img src="dot.svg" alt="Dot {{ employee.name }}">\n<b>«{{ case.number }}»</b>'
    }
    (tmp_path / "dot.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    origins = traced(tmp_path, files, starter)
    start = origins.markup.index("dot.svg")
    assert (origins.at(start).span.file, origins.at(start).span.line) == (str(tmp_path / BLOCK), 2)
    assert found(origins, "CM26-0000001").span.line == 3
    shown = visible_characters(to_words(origins.document.tree))
    origin = origins.at_character(shown.index("DotMaria") + 3)
    assert origin
    assert (origin.span.line, origin.paths) == (2, (("employee", "name"),))


TRICKY = (
    '<i title="<h4>">x</i>',
    "<style>'<h4>'</style>",
    "<style>/* <h4> */</style>",
    "<!-- <h4> -->",
    '<img src="dot.svg" alt="<h4>">',
)


@pytest.mark.slow
@pytest.mark.parametrize("before", TRICKY)
def test_a_fault_of_an_element_is_reported_at_its_own_line(before: str, tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "dot.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / BLOCK).write_text(f"{before}\n<p>x</p>\n<h4>Four</h4>\n")
    renderer = imrgen.Renderer(templates=[tmp_path], check=False)
    (diagnostic,) = renderer.check(STARTER, formats=())
    assert diagnostic.span
    assert (Path(diagnostic.span.file).name, diagnostic.span.line) == (Path(BLOCK).name, 3)


@pytest.mark.slow
def test_the_chain_of_includes_imports_blocks_and_macros_is_named_the_nearest_first(
    tmp_path: Path, starter: dict[str, Any]
) -> None:
    files = {
        BLOCK: (
            '{% import "blocks/m.html" as m %}\n\n{{ m.say(employee.name) }}\n\n\n'
            '{% include "blocks/child.html" %}'
        ),
        "blocks/m.html": "{% macro say(x) %}\n«{{ x }}»\n{% endmacro %}",
        "blocks/parent.html": "\n\n<i>{% block b %}«old»{% endblock %}</i>",
        "blocks/child.html": (
            '{% extends "blocks/parent.html" %}\n{% block b %}{{ super() }}«new»{% endblock %}'
        ),
    }
    origins = traced(tmp_path, files, starter)

    def chain(words: str) -> list[tuple[str, int]]:
        origin = found(origins, words)
        spans = [origin.span, *origin.trace]
        return [(Path(s.file).name, s.line) for s in spans if s.file.startswith(str(tmp_path))]

    block, child, parent = Path(BLOCK).name, "child.html", "parent.html"
    assert chain("Maria Example") == [("m.html", 2), (block, 3)]
    assert chain("new") == [(child, 2), (parent, 3), (child, 1), (block, 6)]
    assert chain("old") == [(parent, 3), (child, 2), (parent, 3), (child, 1), (block, 6)]
    assert found(origins, "old").trace[-1].file.endswith("determination.html")


@pytest.mark.slow
def test_what_a_filter_adds_comes_from_the_filter(tmp_path: Path, starter: dict[str, Any]) -> None:
    text = "<p>\n{% filter full_stop %}\n{{ employee.name }}\n{% endfilter %}\n</p>"
    origins = traced(tmp_path, {BLOCK: text}, starter)
    at = origins.markup.index("Maria Example.")
    assert origins.at(at).span.line == 3
    stop = origins.at(at + len("Maria Example"))
    assert (stop.span.line, stop.paths) == (2, ())


def test_a_narratives_words_are_found_at_their_line_of_the_case_file(tmp_path: Path) -> None:
    summary = (
        "One **bold** & <small>.\n\n- first\n- second [x](https://a.example/b)\n\nThe twin.\n\n"
    )
    summary += "**The** twin.\n\nLast words.\n"
    text = STARTER.read_text(encoding="utf-8")
    text = re.sub(
        r'(?s)clinical_summary = """\n.*?"""',
        lambda _: f'clinical_summary = """\n{summary}"""',
        text,
    )
    file = tmp_path / "case.toml"
    file.write_text(text, encoding="utf-8")
    (tmp_path / "t").mkdir()
    files = {BLOCK: '<p>Lead</p>{{ clinical_summary | markdown("<b>One last:</b>" | safe) }}'}
    origins = traced(tmp_path / "t", files, file)
    lines = text.split("\n")
    for words in ("bold", "&amp; &lt;", "first", "second", "https://a.example/b)", "Last words."):
        at = origins.markup.rindex(words)
        (place,) = origins.places(origins.at(at))
        read = html.unescape(words).split()[0].rstrip(")")
        assert lines[place.line - 1][place.column - 1 :].startswith(read), words
    first, second = (
        m.start()
        for m in re.finditer("twin", origins.markup[: origins.markup.index("Last words.")])
    )
    assert [origins.places(origins.at(at))[0].line for at in (first, second)] == [
        number for number, line in enumerate(lines, 1) if line in ("The twin.", "**The** twin.")
    ]
    lead = origins.markup.index("One last:")
    assert origins.at(lead).paths == ()


def test_fields_that_the_letter_never_reads_are_unused(
    tmp_path: Path, starter: dict[str, Any]
) -> None:
    text = (
        "{% if employee.age > 3 %}«{{ reviewers[0].licensure[0] }}»"
        "{% else %}{{ employee.name }}{% endif %}"
    )
    unused = {field(path) for path in traced(tmp_path, {BLOCK: text}, starter).unused}
    assert {"employee.name", "clinical_summary"} <= unused
    assert not {"employee.age", LICENSURE, "issues[0].decision", "case.number"} & unused


def test_branches_say_where_they_begin_and_whether_they_were_taken(
    tmp_path: Path, starter: dict[str, Any]
) -> None:
    text = (
        "{% if case.number == 'x' %}a{% elif employee.age == 54 %}b\n{% else %}c{% endif %}\n"
        "{% for x in [] %}d\n{% else %}\n{% if true %}e{% endif %}{% endfor %}\n"
        "{% macro m() %}f{% endmacro %}\n"
        "  {% for x in issues %}{{ x.item }}{% endfor %}{% block mine %}{% endblock %}"
    )
    branches = traced(tmp_path, {BLOCK: text}, starter).branches
    own = [
        (b.kind, b.span.line, b.span.column, b.taken)
        for b in branches
        if b.span.file == str(tmp_path / BLOCK)
    ]
    assert sorted(own, key=lambda b: b[1:]) == [
        ("if", 1, 1, False),
        ("elif", 1, 29, True),
        ("else", 2, 1, False),
        ("for", 3, 1, False),
        ("else", 4, 1, True),
        ("if false", 5, 1, False),
        ("if", 5, 1, True),
        ("macro", 6, 1, False),
        ("for", 7, 3, True),
        ("block", 7, 48, True),
    ]


def test_a_fault_of_some_words_is_told_at_the_field_that_gives_them_without_a_value(
    tmp_path: Path,
) -> None:
    origins = traced(tmp_path, {BLOCK: "<p>\n  «{{ employee.name }}»</p>"})
    start = origins.markup.index("«") + 1
    diagnostic = origins.diagnose("IMR404", "no font has this character", origins.at(start))
    line = next(n for n, t in enumerate(STARTER.read_text().split("\n"), 1) if t.startswith("name"))
    assert diagnostic.path == ("employee", "name")
    assert diagnostic.span
    assert (diagnostic.span.file, diagnostic.span.line) == (str(STARTER), line)
    assert diagnostic.hints == (f"the template shows it at {tmp_path / BLOCK}:2:4",)
    assert diagnostic.trace[0].file.endswith("imr/determination.html")
    name = imrgen.load_case(STARTER).employee.name
    assert name
    assert name not in str(imrgen.PackError([diagnostic]))
    short = origins.diagnose("IMR404", "x", origins.at(start), ("first",), shows_template=False)
    assert (short.span, short.hints, short.trace) == (diagnostic.span, ("first",), ())


def test_a_fault_of_a_template_s_own_words_is_told_at_their_line(tmp_path: Path) -> None:
    origins = traced(tmp_path, {BLOCK: "<p>\n  «{{ employee.name }}»</p>"})
    origin = origins.at(origins.markup.index("«"))
    diagnostic = origins.diagnose("IMR404", "no font has this character", origin, ("first",))
    assert diagnostic.span
    assert (diagnostic.span.file, diagnostic.span.line) == (str(tmp_path / BLOCK), 2)
    assert diagnostic.excerpt
    assert diagnostic.excerpt.text == "  «{{ employee.name }}»</p>"
    assert diagnostic.hints == ("first",)


def test_a_template_that_writes_another_letter_each_time_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = itertools.count()
    monkeypatch.setattr("imrgen.compose.filters.squeeze", lambda text: f"{text}{next(numbers)}")
    (tmp_path / "blocks").mkdir()
    (tmp_path / BLOCK).write_text("{{ 'a' | squeeze }}")
    composer = Composer(imrgen.load_pack(None, [tmp_path]), "determination")
    with pytest.raises(imrgen.PackError, match="another letter each time"):
        composer.trace(imrgen.load_case(STARTER))


def test_a_fault_of_a_template_is_told_as_without_tracing(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / BLOCK).write_text("{{ case.eams_number }}")
    composer = Composer(imrgen.load_pack(None, [tmp_path]), "determination")
    with pytest.raises(imrgen.PackError) as plain:
        composer.compose(imrgen.load_case(STARTER))
    with pytest.raises(imrgen.PackError) as error:
        composer.trace(imrgen.load_case(STARTER))
    assert error.value.diagnostics == plain.value.diagnostics


@pytest.mark.slow
def test_templates_are_compiled_for_tracing_once(
    starter: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiling takes longer than tracing a letter, and many letters are traced of one pack."""
    compiled: list[str] = []
    plain = tracer.Tracer._generate

    def counted(self: Any, source: Any, name: Any, *more: Any, **options: Any) -> str:
        compiled.append(name)
        return plain(self, source, name, *more, **options)

    monkeypatch.setattr(tracer.Tracer, "_generate", counted)
    monkeypatch.setattr(tracer.Tracer, "recording", LRUCache(400))
    case = imrgen.load_case(starter)
    first = Composer(imrgen.load_pack("imr"), "determination").trace(case)
    assert compiled
    assert len(compiled) == len(set(compiled))
    compiled.clear()
    for pack in ("imr", "imr"):
        again = Composer(imrgen.load_pack(pack), "determination").trace(case)
        assert list(again.spans()) == list(first.spans())
        assert again.branches == first.branches
    assert compiled == []


def test_threads_share_nothing(starter: dict[str, Any]) -> None:
    composer = Composer(imrgen.load_pack("imr"), "determination")
    cases = [
        imrgen.load_case({**starter, "case": {**starter["case"], "number": f"CM26-000000{n}"}})
        for n in range(4)
    ]
    expected = [list(composer.trace(case).spans()) for case in cases]
    given: dict[int, list[Any]] = {}
    threads = [
        threading.Thread(
            target=lambda n=n: given.update({n: list(composer.trace(cases[n]).spans())})
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [given[n] for n in range(4)] == expected


def test_an_offset_outside_the_markup_is_refused() -> None:
    origins = Composer(imrgen.load_pack("imr"), "determination").trace(imrgen.load_case(STARTER))
    for offset in (-1, len(origins.markup)):
        with pytest.raises(IndexError):
            origins.at(offset)
