"""What a program may give: what is wrong is refused at once, in words that quote nothing."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import pickle
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import msgspec
import pytest

import imrgen
from imrgen.case import Case, Issue
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
TEXT = STARTER.read_text(encoding="utf-8")
DATA = tomllib.loads(TEXT)
SECRET = "Maria Example"


@pytest.fixture(scope="module")
def renderer() -> imrgen.Renderer:
    return imrgen.Renderer()


# Formats and options


@pytest.mark.parametrize("formats", ["pdf", "", ["docx"], ["pdf", "docx"], [1], []])
def test_formats_are_refused_before_anything_is_rendered(
    formats: Any, renderer: imrgen.Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderer._composer, "compose", None)
    with pytest.raises(imrgen.OptionError, match="IMR411"):
        imrgen.Batch([STARTER], renderer, formats=formats)
    if formats != []:
        with pytest.raises(imrgen.OptionError, match="IMR411"):
            renderer.check(STARTER, formats=formats)


WRONG: list[dict[str, Any]] = [
    {"jbos": 3},
    {"width": "80"},
    {"width": None},
    {"draft": "yes"},
    {"letter": 1},
    {"templates": 1},
    {"templates": [1]},
    {"templates": [{"a.html": 1}]},
    {"select": "IMR320"},
    {"ignore": "IMR320"},
    {"select": [320]},
    {"overrides": {"words.x": 1}},
    {"overrides": "words.x"},
    {"overrides": None},
    {"templates": None},
]


@pytest.mark.parametrize("changes", WRONG, ids=str)
def test_options_are_refused_in_words(changes: dict[str, Any]) -> None:
    (name,) = changes
    for call in (imrgen.Renderer, lambda **options: imrgen.render(DATA, **options)):
        with pytest.raises(TypeError, match=name):
            call(**changes)


def test_letters_are_a_list(renderer: imrgen.Renderer) -> None:
    with pytest.raises(TypeError, match="letters"):
        imrgen.Batch([STARTER], renderer, letters="determination")


NUMBERS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: imrgen.Limits(timeout=0), ValueError, "timeout"),
    (lambda: imrgen.Limits(timeout="1"), TypeError, "timeout"),  # type: ignore[arg-type]
    (lambda: imrgen.Limits(memory=-1), ValueError, "memory"),
    (lambda: imrgen.LimitedRenderer(jobs=0), ValueError, "jobs"),
    (lambda: imrgen.LimitedRenderer(jobs="2"), TypeError, "jobs"),  # type: ignore[arg-type]
    (lambda: imrgen.Batch([STARTER], imrgen.Options(), jobs=-1), ValueError, "jobs"),
    (lambda: imrgen.Batch([STARTER], imrgen.Options(), jobs=1.5), TypeError, "jobs"),  # type: ignore[arg-type]
    (lambda: imrgen.Batch([STARTER], imrgen.Options(), timeout=0), ValueError, "timeout"),
    (lambda: imrgen.Batch([STARTER], None), TypeError, "Options"),  # type: ignore[arg-type]
    (lambda: imrgen.render(STARTER, limits=3), TypeError, "limits"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("number", range(len(NUMBERS)))
def test_other_arguments_are_refused_in_words(number: int) -> None:
    make, error, name = NUMBERS[number]
    with pytest.raises(error, match=name):
        make()


# What is not a case

TEXTS = [
    TEXT,
    json.dumps(DATA, default=str),
    json.dumps(DATA, default=str, indent=1),
    json.dumps({"employee": {"name": SECRET}}),
    f'employee.name = "{SECRET}"',
    f'[employee]\nname = "{SECRET}"',
    f'[["{SECRET}"]]',
    f"{SECRET} is sick. " * 30,
    f"{SECRET}\r\nis sick",
    "",
]
CALLS: list[Callable[[Any, imrgen.Renderer], object]] = [
    lambda case, renderer: imrgen.render(case),
    lambda case, renderer: renderer.render(case),
    lambda case, renderer: renderer.unprinted(case),
    lambda case, renderer: imrgen.load_case(case),
    lambda case, renderer: list(imrgen.Batch([case], renderer, formats=["text"])),
    lambda case, renderer: list(imrgen.Batch([DATA, case], renderer, formats=["text"])),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_text_is_no_path_and_is_not_quoted(
    text: str, call: Callable[..., object], renderer: imrgen.Renderer
) -> None:
    with pytest.raises(imrgen.CaseError) as error:
        call(text, renderer)
    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "IMR001"


def test_a_file_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("{case}.toml", 'a = "b".toml', "two\nlines.toml"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
        assert imrgen.load_case(name).case.number == DATA["case"]["number"]


OTHERS = [None, [DATA], 3, memoryview(b"{}"), {SECRET}, dict, SimpleNamespace(**DATA)]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("value", OTHERS, ids=lambda value: type(value).__name__)
def test_a_value_of_another_type_is_a_type_error_in_words(
    value: Any, call: Callable[..., object], renderer: imrgen.Renderer
) -> None:
    with pytest.raises(TypeError, match=type(value).__name__) as error:
        call(value, renderer)
    assert SECRET not in str(error.value)


def test_a_text_in_another_format_than_asked_for_is_refused_and_not_quoted() -> None:
    written = json.dumps(DATA, default=str)
    for text, other in ((written, "toml"), (TEXT, "json"), ("", "json"), (SECRET, "json")):
        with pytest.raises(imrgen.CaseError) as error:
            imrgen.load_case(text.encode(), format=other)
        assert SECRET not in str(error.value)
        if text not in ("", SECRET):
            assert f"and {other.upper()} was asked for" in str(error.value)
    assert imrgen.load_case(written.encode(), format="json").issues
    with pytest.raises(imrgen.OptionError, match="docx"):
        imrgen.load_case(STARTER, format="docx")  # type: ignore[arg-type]


# Cases that are made in Python


def test_a_case_that_is_made_of_the_data_of_a_file_is_its_letter(renderer: imrgen.Renderer) -> None:
    assert renderer.render(Case(**DATA)).text == renderer.render(STARTER).text


def changed(**values: Any) -> Case:
    return msgspec.structs.replace(imrgen.load_case(STARTER), **values)


ISSUE = imrgen.load_case(STARTER).issues[0]
UNFIT: dict[str, tuple[Callable[[], Case], str]] = {
    "an empty list": (lambda: changed(issues=[]), "IMR106"),
    "an empty tuple": (lambda: changed(issues=()), "IMR106"),
    "a text for a table": (lambda: changed(employee=SECRET), "IMR102"),
    "a number": (lambda: changed(case={**DATA["case"], "number": SECRET}), "IMR103"),
    "a missing item": (lambda: changed(issues=[Issue(item=None)]), "IMR105"),  # type: ignore[arg-type]
    "a control character": (lambda: changed(clinical_summary=f"{SECRET}\0"), "IMR103"),
    "a blank item": (
        lambda: changed(issues=(msgspec.structs.replace(ISSUE, item=" "),)),
        "IMR103",
    ),
    "a contradiction": (
        lambda: changed(issues=(msgspec.structs.replace(ISSUE, depends_on="nothing"),)),
        "IMR104",
    ),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_case_that_is_made_in_python_is_validated(name: str, renderer: imrgen.Renderer) -> None:
    make, code = UNFIT[name]
    for call in (
        renderer.render,
        lambda case: imrgen.Renderer(check=False).render(case),
        imrgen.load_case,
    ):
        if code == "IMR106" and call is imrgen.load_case:
            continue  # the letter requires it, not the model
        with pytest.raises(imrgen.CaseError) as error:
            call(make())
        assert code in {diagnostic.code for diagnostic in error.value.diagnostics}
        assert SECRET not in str(error.value)
    (outcome,) = imrgen.Batch([make()], renderer, formats=["text"])
    assert outcome.failed


# The same case by every way


def digests(letter: imrgen.Letter) -> tuple[str, str, str]:
    html = hashlib.sha256(letter.html.encode()).hexdigest()
    return letter.text, html, letter.provenance["case_sha256"]


def by_batch(case: Any) -> Callable[[imrgen.Renderer], tuple[str, str]]:
    def make(renderer: imrgen.Renderer) -> tuple[str, str]:
        (outcome,) = imrgen.Batch([case], renderer, formats=["text", "html"])
        text, html = (letter.content for letter in outcome.letters)
        assert text is not None
        assert html is not None
        return text.decode(), hashlib.sha256(html).hexdigest()

    return make


def ways(first: Any) -> list[Any]:
    case = imrgen.load_case(first() if callable(first) else first)
    return [
        case,
        pickle.loads(pickle.dumps(case)),
        copy.copy(case),
        copy.deepcopy(case),
        case.source,
    ]


@pytest.mark.slow
def test_a_file_has_one_digest_whichever_way_it_comes_in(
    renderer: imrgen.Renderer, tmp_path: Path
) -> None:
    wanted = digests(renderer.render(STARTER))
    content = STARTER.read_bytes()
    streams = [io.BytesIO(content), io.StringIO(TEXT), io.StringIO(f"\ufeff{TEXT}")]
    for case in [str(STARTER), STARTER.open("rb"), content, bytearray(content), *streams]:
        assert digests(renderer.render(case)) == wanted
    for case in ways(STARTER):
        assert digests(renderer.render(case)) == wanted
    for case in [STARTER, content, *ways(STARTER)]:
        assert by_batch(case)(renderer) == wanted[:2]


@pytest.mark.slow
def test_data_has_one_digest_whichever_way_it_comes_in(renderer: imrgen.Renderer) -> None:
    plain = json.loads(json.dumps(DATA, default=str))
    wanted = digests(renderer.render(DATA))
    other = dict(reversed(list(DATA.items())))
    for case in [plain, other, MappingProxyType(DATA), *ways(DATA)]:
        assert digests(renderer.render(case)) == wanted
        assert by_batch(case)(renderer) == wanted[:2]
    made = Case(**DATA)
    assert by_batch(made)(renderer) == digests(renderer.render(made))[:2] == wanted[:2]


def test_a_later_change_of_the_data_changes_nothing(renderer: imrgen.Renderer) -> None:
    data = copy.deepcopy(DATA)
    case, letter = imrgen.load_case(data), renderer.render(data)
    batch = imrgen.Batch([data], renderer, formats=["text"])
    data["issues"][0]["item"] = "Something else"
    data["employee"].clear()
    assert digests(letter) == digests(renderer.render(case)) == digests(renderer.render(DATA))
    (outcome,) = batch
    assert outcome.letters[0].content == letter.text.encode()
