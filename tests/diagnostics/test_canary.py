"""No value of a case in any message: canaries in every field, and every kind of fault.

`tests/soak/hostile` has many more templates.
"""

from __future__ import annotations

import copy
import json
import tomllib
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import imrgen
from imrgen.cli import cli
from imrgen.diagnostics import REPORT_FORMATS, Diagnostic, report
from imrgen.preview.tasks import LetterRequest, ShowLetter
from imrgen.preview.worker import TaskHandler
from tests.conftest import ROOT

CANARY = "Zaphodia Beeblebroxx"
NAME = "{{ employee.name }}"
TEMPLATES = [
    "{{ decisions[employee.name] }}",
    "{{ notices[employee.name].x }}",
    "{{ employee | attr(employee.name) }}",
    "{{ employee.name | nofilter }}",
    "{% include employee.name %}",
    "{% import employee.name as x %}{{ x.y }}",
    "{{ [1] | map(employee.name) | list }}",
    "{{ [1] | select(employee.name) | list }}",
    "{{ issues | sort(attribute=employee.name) }}",
    "{{ employee.name + 1 }}",
    "{{ '%d' | format(employee.name) }}",
    "{{ case.decision_date | date(employee.name) }}",
    "{% macro m() %}{% endmacro %}{{ m(**{employee.name: 1}) }}",
    "{{ ('{0.' ~ employee.name ~ '}').format(1) }}",
    "{{ employee.name.encode(employee.name) }}",
    "{{ employee }}",
    f"<img src='{NAME}.png' alt='x'>",
    f"<img src='https://x/{NAME}' alt='x'>",
    f"<img src='data:image/png;base64,{NAME}' alt='x'>",
    f"<p style=\"background: url('{NAME}.png')\">x</p>",
    f"<style>p {{ background: url('{NAME}.png') }}</style>",
    f"<svg><title>x</title><use href='{NAME}'/></svg>",
    f"<a href='{NAME}'>x</a>",
    f"<a href='javascript:{NAME}'>x</a>",
    f"<a href='#{NAME}'>x</a>",
    f"<{NAME}>x",
    f"<{NAME}><b>x</{NAME}>",
    f"</{NAME}>",
    f"<p title='{NAME}'x>y</p>",
    f"<h4>{NAME}</h4>",
    f"<div data-signature='{NAME}'>{NAME}</div>",
    f"<input value='{NAME}'>",
]
PAGES = [
    f"<p style='{NAME}: red; display: none'>{NAME}</p>",
    "<p style='white-space: nowrap'>{{ employee.name * 60 }}</p>",
]


def is_shown(text: str) -> bool:
    return any(word.lower() in text.lower() for word in CANARY.split())


def assert_hidden(found: tuple[Diagnostic, ...], error: BaseException | None = None) -> None:
    assert found
    assert not [name for name in REPORT_FORMATS if is_shown(report(found, name))]
    while error is not None:
        assert not is_shown("".join(traceback.format_exception(error)) + repr(error))
        error = error.__cause__ or error.__context__


@pytest.fixture
def canaries(case: dict[str, Any]) -> dict[str, Any]:
    case["employee"]["name"] = CANARY
    return case


@pytest.mark.parametrize("block", [*TEMPLATES, *PAGES])
def test_no_template_shows_a_value_in_a_message(
    block: str, tmp_path: Path, canaries: dict[str, Any]
) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text(block)
    try:
        with pytest.raises(imrgen.ImrgenError) as error:
            renderer = imrgen.Renderer(templates=[tmp_path], check=False)
            renderer.render(canaries).encoded("pdf" if block in PAGES else "html")
    except imrgen.ImrgenError as at_once:
        assert_hidden(at_once.diagnostics, at_once)
    else:
        assert_hidden(error.value.diagnostics, error.value)


def places(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    if isinstance(data, dict | list):
        parts = data.items() if isinstance(data, dict) else enumerate(data)
        for key, value in parts:
            yield from places(value, (*path, key))


@pytest.mark.slow
def test_no_field_of_another_type_shows_its_value() -> None:
    refused = 0
    data = tomllib.loads((ROOT / "fixtures" / "panel.toml").read_text())
    for path in places(data):
        for value in (CANARY, [CANARY], {"x": CANARY}):
            changed = copy.deepcopy(data)
            holder: Any = changed
            for part in path[:-1]:
                holder = holder[part]
            holder[path[-1]] = value
            try:
                imrgen.load_case(changed)
            except imrgen.CaseError as error:
                refused += 1
                assert_hidden(error.diagnostics, error)
    assert refused > 200


@pytest.mark.slow
def test_no_way_in_shows_a_value(tmp_path: Path, canaries: dict[str, Any]) -> None:
    (tmp_path / "pack" / "blocks").mkdir(parents=True)
    block = f"<img src='{NAME}.png' alt='x'>"
    (tmp_path / "pack" / "blocks" / "clinical_summary.html").write_text(block)
    path = tmp_path / "case.json"
    path.write_text(json.dumps(canaries, default=str))
    options = imrgen.Options(templates=(str(tmp_path / "pack"),), check=False)
    summary = imrgen.render_batch([path], imrgen.Renderer(options), to=tmp_path / "out")
    (outcome,) = summary.failed
    assert_hidden(outcome.diagnostics)
    assert not is_shown((tmp_path / "out" / "manifest.jsonl").read_text())
    shown = TaskHandler()(ShowLetter(LetterRequest(case=path, options=options), "mark"))
    assert_hidden(shown.diagnostics)
    for command, name in (("render", "text"), *(("check", name) for name in REPORT_FORMATS)):
        arguments = [command, str(path), "--templates", str(tmp_path / "pack")]
        run = CliRunner().invoke(cli, [*arguments, "--output-format", name])
        assert "IMR204" in run.output
        assert not is_shown(run.output)
