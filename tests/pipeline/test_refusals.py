"""What stops a PDF is told at the case's field, with advice for whoever can follow it."""

from __future__ import annotations

from pathlib import Path

import pytest

import imrgen
from tests.conftest import ROOT

TEXT = (ROOT / "imrgen" / "starter.toml").read_text(encoding="utf-8")
MANIFEST = """\
name = "own"
title = "Own"
version = "1"
extends = "imr"
styles = ["own.css"]
[organization]
inherit = true
"""
NARROW = "td, p { white-space: nowrap; overflow-wrap: normal; }\n"


def refusal(folder: Path, text: str, files: dict[str, str] | None = None) -> imrgen.ImrgenError:
    """Return the error of a case's PDF; of a pack of one's own, if it is to have files."""
    case = folder / "case.toml"
    case.write_text(text, encoding="utf-8")
    templates = []
    if files:
        templates = [folder / "own"]
        (folder / "own" / "blocks").mkdir(parents=True)
        for name, content in files.items():
            (folder / "own" / name).write_text(content, encoding="utf-8")
    with pytest.raises((imrgen.CaseError, imrgen.PackError)) as error:
        _ = imrgen.render(case, templates=templates, check=False).pdf
    return error.value


@pytest.mark.slow
def test_a_caseworker_is_sent_to_the_field_and_not_to_a_built_in_template(tmp_path: Path) -> None:
    error = refusal(tmp_path, TEXT.replace("Physical therapy, 12", "Physical therapy 張, 12", 1))
    assert isinstance(error, imrgen.CaseError)
    (diagnostic,) = error.diagnostics
    assert diagnostic.span is not None
    assert Path(diagnostic.span.file).name == "case.toml"
    assert "張" in (tmp_path / "case.toml").read_text().split("\n")[diagnostic.span.line - 1]
    assert diagnostic.path == ("issues", 0, "item")
    assert diagnostic.trace == ()
    assert "templates" not in str(error)
    assert "pack" not in " ".join(diagnostic.hints)


@pytest.mark.slow
def test_a_pack_s_author_is_also_told_the_css_and_the_template(tmp_path: Path) -> None:
    block = "<table><tr><td>{{ employee.name }}</td></tr></table>"
    css = NARROW + "table { width: 1in; table-layout: fixed; }"
    files = {"pack.toml": MANIFEST, "own.css": css, "blocks/letterhead.html": block}
    error = refusal(tmp_path, TEXT.replace('"Maria Example"', f'"{"Maria " * 20}"'), files)
    (diagnostic,) = (each for each in error.diagnostics if each.path == ("employee", "name"))
    assert diagnostic.code == "IMR407"
    assert diagnostic.span is not None
    assert Path(diagnostic.span.file).name == "case.toml"
    advice, hint, template = diagnostic.hints
    assert "fewer or shorter words" in advice
    assert "overflow-wrap" in hint
    assert template.endswith(f"{tmp_path / 'own' / 'blocks' / 'letterhead.html'}:1:16")


@pytest.mark.slow
def test_faults_of_a_kind_in_one_field_are_one_message(tmp_path: Path) -> None:
    rows = "| " + " | ".join(["A long value"] * 5) + " |\n"
    table = rows + "|---" * 5 + "|\n" + rows * 4
    text = TEXT.replace('clinical_summary = """\n', f'clinical_summary = """\n{table}\n', 1)
    assert table in text
    css = NARROW + "main table { width: 1in; table-layout: fixed; }"
    error = refusal(tmp_path, text, {"pack.toml": MANIFEST, "own.css": css})
    told = [each for each in error.diagnostics if "<td>" in each.message]
    assert len([each for each in told if each.path == ("clinical_summary",)]) == 1
    assert "(and 19 more like it)" in str(error)
