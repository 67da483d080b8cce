"""Each option of `imrgen preview` reaches the letter that the page shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import imrgen
from imrgen.cli.preview import command
from imrgen.preview import Editor, Workspace
from imrgen.preview.app import LetterQuery, Preview
from imrgen.preview.tasks import PreviewResult, ShowLetter, View
from imrgen.preview.worker import TaskHandler
from imrgen.preview.workers import Workers
from imrgen.workers import Limits
from tests.batches import make_case

OPTIONS: dict[str, tuple[list[str], View]] = {
    "pack": (["--pack", "imr-2015"], "text"),
    "letter": (["--letter", "second"], "text"),
    "templates": (["--templates", "overlay"], "text"),
    "width": (["--width", "40"], "text"),
    "embed_fonts": (["--embed-fonts"], "html"),
    "embed_case": (["--embed-case"], "pdf"),
    "check": (["--no-check"], "mark"),
    "select": (["--select", "IMR31"], "mark"),
    "ignore": (["--ignore", "IMR381"], "mark"),
    "overrides": (["--set", "organization.name=Zenith"], "text"),
    "context": (["--context", "host.json"], "provenance"),
    "filters": (["--filter", "safely=html:escape"], "provenance"),
    "globals": (["--global", "safely=html:escape"], "provenance"),
    "recipient": (["--recipient", "2"], "provenance"),
    "per_recipient": (["--per-recipient"], "provenance"),
    "draft": (["--draft", "--no-check"], "html"),
    "engine": (["--engine", "typst"], "pdf"),
}
"""Each option as an argument, and a view in which it makes a difference."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a case that a check refuses, a pack with two letters, and an overlay."""
    case = make_case(1)
    case["recipients"] = [{"role": "Employee"}, {"role": "Attorney"}]
    case["clinical_summary"] += f" {case['employee']['name']} reports pain."
    (tmp_path / "case.json").write_text(json.dumps(case))
    (tmp_path / "host.json").write_text('{"portal": "the portal"}')
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme/pack.toml").write_text(
        'name = "acme"\ntitle = "Acme"\nversion = "1"\nextends = "imr"\n'
        'organization.inherit = true\noverridable = ["organization.name"]\n'
        '[letters.second]\ntitle = "Second"\ntemplate = "second.html"\n'
    )
    (tmp_path / "acme/second.html").write_text(
        '{% extends "letter.html" %}{% block main %}<p>The second letter.</p>{% endblock %}'
    )
    (tmp_path / "overlay/blocks").mkdir(parents=True)
    (tmp_path / "overlay/blocks/how_made.html").write_text("<p>As the overlay has it.</p>")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers(Limits())
    yield workers
    workers.close()


def show(
    monkeypatch: pytest.MonkeyPatch, workers: Workers, arguments: list[str], view: View
) -> PreviewResult:
    """Return what a worker shows of the case when `imrgen preview` has these arguments."""
    served: list[Workspace] = []
    monkeypatch.setattr("imrgen.preview.serve", lambda workspace, **_: served.append(workspace))
    usual = ["case.json", "--templates", "acme", "--editor", "true", "--no-open"]
    command.main([*usual, *arguments], standalone_mode=False)
    preview = Preview(served[0], workers, Editor("true"))
    query = LetterQuery(case="case.json", view=view)
    return TaskHandler()(ShowLetter(preview.letter_request(query, query.case), view))


def differences(view: View, one: PreviewResult, other: PreviewResult) -> Any:
    if view == "mark":
        return one.diagnostics != other.diagnostics
    return one.content[view] != other.content[view]


@pytest.mark.slow
@pytest.mark.parametrize("option", OPTIONS)
def test_each_option_reaches_the_letter(
    folder: Path, monkeypatch: pytest.MonkeyPatch, workers: Workers, option: str
) -> None:
    assert OPTIONS.keys() == set(imrgen.Options.__struct_fields__)
    arguments, view = OPTIONS[option]
    # The preview shows a case that is refused as a draft anyway.
    before = ["--no-check"] if option == "draft" else []
    usual = show(monkeypatch, workers, before, view)
    changed = show(monkeypatch, workers, arguments, view)
    assert changed.content or view == "mark"
    refused = [each.code for each in usual.diagnostics if each.severity == "error"]
    assert refused == ([] if before else ["IMR381"])
    assert differences(view, usual, changed)
