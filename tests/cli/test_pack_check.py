"""`imrgen packs check` and `imrgen packs show` on packs with mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from imrgen.cli import cli
from imrgen.diagnostics import PackError
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
CASE = str(ROOT / "fixtures" / "modified.toml")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["packs", *arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    acme = tmp_path / "acme"
    (acme / "blocks").mkdir(parents=True)
    (acme / "pack.toml").write_text(MANIFEST)
    (acme / "acme.css").write_text("")
    return acme


@pytest.mark.slow
def test_a_pack_without_mistakes(folder: Path) -> None:
    checked = run("check", "--templates", str(folder))
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert "pack checked: 0 errors, 0 warnings" in checked.stderr


@pytest.mark.slow
def test_warnings_are_not_errors(folder: Path) -> None:
    (folder / "acme.css").write_text("p { colour: red }")
    checked = run("check", "acme", "--templates", str(folder), "--output-format", "short")
    assert checked.exit_code == 0
    assert checked.stdout.startswith(f"{folder}/acme.css:1:5: warning[IMR219]: `colour: red`")
    without = run("check", "acme", "--templates", str(folder), "--no-pages")
    assert (without.exit_code, without.stdout) == (0, "")


@pytest.mark.slow
def test_what_stops_a_letter_is_an_error_and_told_once(folder: Path) -> None:
    """A rule that no element of the example matches is a warning; it may stop another letter."""
    (folder / "acme.css").write_text("p { float: left }\n.nothing { float: right }")
    checked = run("check", "--templates", str(folder), "--engine", "typst")
    assert checked.exit_code == 1
    assert checked.stdout.count("float: left`") == 1
    assert f"{folder}/acme.css:1:5: error[IMR428]" in checked.stdout
    assert f"{folder}/acme.css:2:12: warning[IMR428]" in checked.stdout
    assert "pack checked: 1 error, 1 warning" in checked.stderr


PROGRAMME = """
name = "acme"
title = "Acme"
version = "1"
extends = "letter"
core = []
[organization]
name = "Acme"
[letters.x]
title = "X"
template = "x.html"
[letters.y]
title = "Y"
letters = ["x"]
[fields]
opened = { type = "date", description = "x" }
sum = { type = "money", description = "x" }
remark = { type = "markdown", description = "x" }
"""
SLIPS = {
    "{% if opened is defined %}<p>⟦{{ opened | date('lnog') }}</p>{% endif %}": "`date` takes",
    "{% if sum is defined %}<p>⟦{{ sum | money(2) }}</p>{% endif %}": "`money` takes text",
    "⟦<p><b>x</p>": "<b> is not closed",
    "<h2>x⟦</h3>": "</h3> ends nothing",
    "⟦<sectoin>x</sectoin>": "did you mean <section>",
    "<p ⟦onclick='x()'>x</p>": "makes browsers do something",
    "<h2>x</h2>⟦<h4>x</h4>": "heading",
    "{% if opened is defined %}<p>⟦{{ opened.isoformat }}</p>{% endif %}": "neither text nor",
}


@pytest.mark.parametrize("template", SLIPS)
def test_the_letters_of_an_example_show_what_is_wrong_with_their_html(
    template: str, tmp_path: Path
) -> None:
    head = '{% extends "letter.html" %}{% block main %}<h1>X</h1>\n'
    (tmp_path / "pack.toml").write_text(PROGRAMME)
    (tmp_path / "x.html").write_text(f"{head}{template.replace('⟦', '')}\n{{% endblock %}}")
    checked = run("check", "--templates", str(tmp_path), "--no-pages", "--output-format", "short")
    told = checked.stdout.splitlines()
    assert checked.exit_code == 1, checked.output
    assert all(line.startswith(f"{tmp_path}/x.html:2:") for line in told)
    # The packet has the same letter.
    assert len({line.partition(" ")[0] for line in told}) == len(told)
    assert SLIPS[template] in checked.stdout


@pytest.mark.slow
def test_what_a_page_hides_is_found_without_a_case(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(PROGRAMME)
    page = '{% extends "letter.html" %}{% block main %}<h1>X</h1>\n'
    page += '<p style="color: #fff">x</p>{% endblock %}'
    (tmp_path / "x.html").write_text(page)
    checked = run("check", "--templates", str(tmp_path), "--output-format", "short")
    assert checked.exit_code == 1
    assert "x.html:2:" in checked.stdout
    assert "IMR405" in checked.stdout


@pytest.mark.parametrize("output_format", ["text", "short", "json", "sarif"])
def test_errors_are_reported_in_each_format(output_format: str, folder: Path) -> None:
    (folder / "blocks" / "isue.html").write_text("{{ case.numbr }}")
    arguments = ("--templates", str(folder), "--no-pages", "--output-format", output_format)
    checked = run("check", *arguments, "--cases", CASE)
    assert checked.exit_code == 1
    assert "IMR206" in checked.stdout
    assert "IMR220" in checked.stdout
    if output_format in ("json", "sarif"):
        json.loads(checked.stdout)
    if output_format == "text":
        assert "pack checked: 1 error, 1 warning; no case was checked" in checked.stderr


def test_a_manifest_at_fault_is_reported_in_the_format_that_is_asked_for(folder: Path) -> None:
    (folder / "pack.toml").write_text(MANIFEST + '[[fonts]]\nfamily = "X"\nfile = "x.ttf"\n')
    checked = run("check", "--templates", str(folder), "--output-format", "short")
    assert checked.exit_code == 1
    assert checked.stdout.startswith(f"{folder}/pack.toml:11:8: error[IMR204]")


@pytest.mark.slow
def test_cases_are_made_of_every_letter(folder: Path) -> None:
    more = '[letters.appeal]\ntitle = "Appeal"\ntemplate = "appeal.html"\n'
    (folder / "pack.toml").write_text(MANIFEST + more)
    # The example has all fields.
    text = "{% if case.eams_number is not defined %}{{ issues[0].item | date }}{% endif %}"
    text = f"{{% extends 'letter.html' %}}{{% block main %}}{text}{{% endblock %}}"
    (folder / "appeal.html").write_text(text)
    arguments = ("--templates", str(folder), "--no-pages", "--output-format", "short")
    assert run("check", *arguments).exit_code == 0
    checked = run("check", *arguments, "--cases", CASE)
    assert checked.exit_code == 1
    assert f"{folder}/appeal.html:1:1: error[IMR212]" in checked.stdout


@pytest.mark.slow
def test_cases_tell_how_much_of_the_templates_they_take(folder: Path) -> None:
    arguments = ("--templates", str(folder), "--no-pages")
    told = "% of the templates' branches taken; `imrgen coverage` names the others"
    assert told not in run("check", *arguments).stderr
    few = run("check", *arguments, "--cases", CASE)
    assert few.exit_code == 0
    assert told in few.stderr
    coverage = CliRunner().invoke(
        cli, ["coverage", CASE, "--templates", str(folder), "--output-format", "json"]
    )
    assert f"{json.loads(coverage.stdout)['percent']} {told}" in few.stderr


def test_a_pack_that_does_not_exist_is_a_mistake_of_the_command_line() -> None:
    with pytest.raises(PackError, match="there is no pack `nope`"):
        CliRunner().invoke(cli, ["packs", "check", "nope"], catch_exceptions=False)


@pytest.mark.parametrize("arguments", [(), ("--json",), ("--fields",)])
def test_a_pack_at_fault_is_not_shown(arguments: tuple[str, ...], folder: Path) -> None:
    (folder / "blocks" / "isue.html").write_text("{{ 1 | nope }}")
    shown = run("show", "acme", "--templates", str(folder), *arguments)
    assert shown.exit_code == 1
    assert shown.stdout == ""
    assert "IMR205" in str(shown.exception)
