"""What a program gives to templates besides the case: in each letter, and in what it says of it."""

from __future__ import annotations

import datetime
import hashlib
import json
import pickle
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup

import imrgen
from imrgen.verification import verify
from tests.command_line import invoke
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
BLOCK = """
{% macro from_macro() %}{{ price() }}{% endmacro %}
<p>Portal: {{ context.portal }}.</p>
{% if context.barcode is defined %}<p>Barcode {{ context.barcode | bars }}.</p>{% endif %}
<p>Made for {{ context.clinic.name }} on {{ context.sent | date }}, {{ from_macro() }}.</p>
{% for line in context.lines %}<p>{{ line }}</p>{% endfor %}
"""
TEMPLATES = {"blocks/clinical_summary.html": BLOCK}
CONTEXT: dict[str, Any] = {
    "portal": "https://portal.example/?a=1&b=<2>",
    "clinic": {"name": "Test Clinic", "fax": None},
    "sent": datetime.date(2026, 3, 1),
    "lines": ("one", "two"),
}
SECRET = "Maria Example"
HERE = __name__


def bars(text: str) -> Markup:
    return Markup("<b>{}</b>").format(f"|{text}|")


def price() -> str:
    return "at no charge"


GIVEN: dict[str, Any] = {
    "templates": TEMPLATES,
    "width": 0,
    "context": CONTEXT,
    "filters": {"bars": bars},
    "globals": {"price": price},
}


@pytest.fixture(scope="module")
def renderer() -> imrgen.Renderer:
    return imrgen.Renderer(**GIVEN)


@pytest.mark.slow
def test_templates_see_what_the_program_gives(renderer: imrgen.Renderer) -> None:
    letter = renderer.render(STARTER)
    assert "Portal: https://portal.example/?a=1&b=<2>." in letter.text
    assert "Made for Test Clinic on 03/01/2026, at no charge." in letter.text
    assert "Barcode" not in letter.text
    one = renderer.with_context({**CONTEXT, "barcode": "<1>"}).render(STARTER)
    assert "Barcode |<1>|." in one.text
    assert "<b>|&lt;1&gt;|</b>" in one.html
    assert renderer.render(STARTER).html == letter.html


@pytest.mark.slow
def test_each_way_gives_the_same_letter(renderer: imrgen.Renderer) -> None:
    letter = renderer.render(STARTER)
    limited = imrgen.LimitedRenderer(**GIVEN)
    assert limited.render(STARTER).html == letter.html
    context = {**CONTEXT, "barcode": "1"}
    given = limited.with_context(context).render(STARTER)
    assert given.html == renderer.with_context(context).render(STARTER).html
    assert given.origin(0) == letter.origin(0)
    assert limited.render(STARTER, formats=["html"]).html == letter.html
    limited.close()
    assert pickle.loads(pickle.dumps(letter)).html == letter.html
    (outcome,) = imrgen.Batch([STARTER], renderer, formats=["html"])
    assert outcome.letters[0].content == letter.html.encode()
    moved = dict(reversed(list(CONTEXT.items())))
    assert imrgen.Renderer(**{**GIVEN, "context": moved}).render(STARTER).html == letter.html


@pytest.mark.slow
def test_provenance_says_what_was_given_and_not_the_values(renderer: imrgen.Renderer) -> None:
    said = renderer.provenance
    digest = hashlib.sha256(renderer.options.context.encode()).hexdigest()
    assert said["context_sha256"] == digest
    assert said["filters"] == f"bars={HERE}:bars (in no installed package)"
    assert said["globals"] == f"price={HERE}:price (in no installed package)"
    assert "portal.example" not in str(said)
    installed = imrgen.Renderer(filters={"dumps": json.dumps, "tidy": "markupsafe:escape"})
    assert "tidy=markupsafe:escape (markupsafe " in installed.provenance["filters"].lower()
    other = renderer.with_context({**CONTEXT, "portal": "x"})
    assert other.provenance["context_sha256"] != digest
    plain = imrgen.Renderer().provenance
    assert not {"context_sha256", "filters", "globals"} & plain.keys()


@pytest.mark.slow
def test_a_letter_of_a_batch_is_made_again_if_what_is_given_changes(tmp_path: Path) -> None:
    made = []
    for portal in ("a", "a", "b"):
        renderer = imrgen.Renderer(**{**GIVEN, "context": {**CONTEXT, "portal": portal}})
        made.append(imrgen.render_batch([STARTER], renderer, to=tmp_path, formats=["text"]).made)
    assert made == [1, 0, 1]


def test_a_manifest_holds_no_value_of_the_context(tmp_path: Path) -> None:
    options = imrgen.Renderer(context={"barcode": SECRET}).options
    imrgen.render_batch([str(STARTER)], options, to=tmp_path, formats=["text"], jobs=0)
    written = (tmp_path / "manifest.jsonl").read_text(encoding="utf-8")
    assert SECRET not in written
    again = invoke("batch", "--retry-failed", str(tmp_path), cwd=tmp_path)
    assert again.returncode == 1
    assert "IMR524" in again.stderr


@pytest.mark.slow
def test_a_letter_is_verified_with_the_same(renderer: imrgen.Renderer) -> None:
    letter = renderer.render(STARTER).html.encode()
    given = {key: GIVEN[key] for key in ("context", "filters", "globals")}

    def verdict(**changes: Any) -> imrgen.Verdict:
        return verify(letter, format="html", case=STARTER, templates=TEMPLATES, **changes)

    assert verdict(**given).outcome == "identical"
    for name in given:
        found = verdict(**{key: value for key, value in given.items() if key != name})
        assert found.outcome == "intact"
        assert f"`{name}`" in found.reasons[0].message
    other = verdict(**given | {"context": {**CONTEXT, "clinic": {"name": "Test Clinic", "x": 1}}})
    assert other.outcome == "same words"
    assert "what the program gives to templates" in other.reasons[0].message


def test_nothing_that_a_letter_names_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {"filters": {"hls": "colorsys:rgb_to_hls"}, "check": False}
    letter = imrgen.render(STARTER, **given).html.encode()
    monkeypatch.delitem(sys.modules, "colorsys")
    assert verify(letter, format="html", case=STARTER).outcome == "intact"
    assert "colorsys" not in sys.modules


@pytest.mark.slow
def test_the_command_line_gives_the_same(tmp_path: Path) -> None:
    (tmp_path / "pack" / "blocks").mkdir(parents=True)
    block = "<p>{{ context.portal }} {{ context.sent | date }} {{ 'x' | cut }} {{ number() }}</p>"
    (tmp_path / "pack" / "blocks" / "clinical_summary.html").write_text(block)
    (tmp_path / "host.toml").write_text('portal = "the portal"\nsent = 2026-03-01\n')
    given = ["--context", str(tmp_path / "host.toml"), "--filter", "cut=html:escape"]
    given += ["--global", "number=uuid:getnode", "--templates", str(tmp_path / "pack")]
    output = str(tmp_path / "case.html")
    assert invoke("render", str(STARTER), *given, "-o", output, cwd=tmp_path).returncode == 0
    assert "the portal 03/01/2026 x " in Path(output).read_text(encoding="utf-8")
    assert invoke("verify", output, "--case", str(STARTER), *given, cwd=tmp_path).returncode == 0
    wrong = invoke("check", str(STARTER), "--filter", "cut=html:no_such_name", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "IMR225" in wrong.stderr


# What cannot be given


def local() -> Callable[..., object]:
    def inner(text: str) -> str:
        return text

    return inner


class Odd:
    """No plain data."""

    def __repr__(self) -> str:
        return SECRET


UNFIT: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"context": {"a": Odd()}}, TypeError, r"context\.a.*Odd"),
    ({"context": {"a": {"b": [b"x"]}}}, TypeError, r"context\.a\.b\[0\].*bytes"),
    ({"context": {"a": float("nan")}}, TypeError, "finite"),
    ({"context": {"a": datetime.datetime(2026, 1, 1)}}, TypeError, "datetime"),
    ({"context": {SECRET: 1}}, TypeError, "is a name"),
    ({"context": {"a": {"$date": "2026"}}}, TypeError, "is a name"),
    ({"context": {"a": f"{SECRET}\0"}}, imrgen.OptionError, r"context\.a"),
    ({"context": {"a": f"{SECRET}\ud800"}}, imrgen.OptionError, r"context\.a"),
    ({"context": {"a": "x" * 5_000_000}}, imrgen.OptionError, "IMR004"),
    ({"context": [SECRET]}, TypeError, "context"),
    ({"filters": {"bars": 1}}, TypeError, "int"),
    ({"filters": [bars]}, TypeError, "filters"),
    ({"filters": {"bars": lambda text: text}}, imrgen.OptionError, "IMR225"),
    ({"filters": {"bars": local()}}, imrgen.OptionError, "IMR225"),
    ({"filters": {"bars": "no_such_module:bars"}}, imrgen.OptionError, "IMR225"),
    ({"filters": {"bars": "os.path"}}, imrgen.OptionError, "IMR225"),
    ({"filters": {"date": bars}}, imrgen.OptionError, "something else"),
    ({"filters": {"a b": bars}}, imrgen.OptionError, "not a name"),
    ({"globals": {"issues": price}}, imrgen.OptionError, "something else"),
    ({"globals": {"context": price}}, imrgen.OptionError, "something else"),
    ({"globals": {"range": price}}, imrgen.OptionError, "something else"),
]


@pytest.mark.parametrize("number", range(len(UNFIT)))
def test_what_cannot_be_given_is_refused_and_not_quoted(number: int) -> None:
    given, error, words = UNFIT[number]
    with pytest.raises(error, match=words) as raised:
        imrgen.Renderer(**given)
    assert SECRET not in str(raised.value)


def raising(text: str) -> str:
    raise KeyError(text)


ASKED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a value that is not given": ("{{ context.portal }}", {}, "gives no `portal` in `context`"),
    "one in a table": (
        "{{ context.clinic.items }}",
        {"context": {"clinic": {}}},
        r"no `items` in `context.clinic`",
    ),
    "a table": ("{{ context }}", {}, "neither text"),
    "a filter that fails": (
        "{{ employee.name | bars }}",
        {"filters": {"bars": raising}},
        "`bars` cannot take text",
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_template_that_asks_for_what_is_not_there_is_at_fault(name: str) -> None:
    block, given, words = ASKED[name]
    templates = {"blocks/clinical_summary.html": f"<p>{block}</p>"}
    renderer = imrgen.Renderer(templates=templates, **given)
    data = tomllib.loads(STARTER.read_text(encoding="utf-8"))
    with pytest.raises(imrgen.PackError, match=words) as error:
        renderer.render(data)
    assert data["employee"]["name"] not in str(error.value)


def test_in_a_draft_what_is_not_given_is_a_gap() -> None:
    templates = {"blocks/clinical_summary.html": "<p>{{ context.portal | bars }}</p>"}
    draft = imrgen.Renderer(templates=templates, filters={"bars": bars}, draft=True)
    assert "[missing: portal]" in draft.render(STARTER).text


def test_words_of_the_program_are_traced_to_their_template_line(renderer: imrgen.Renderer) -> None:
    letter = renderer.with_context({**CONTEXT, "portal": "Qqq"}).render(STARTER)
    characters = "".join(letter.text.split())
    origin = letter.origin(characters.index("Qqq"))
    assert origin is not None
    assert origin.paths == ()
    assert origin.span.file.endswith("clinical_summary.html")
    assert origin.span.line == 3
