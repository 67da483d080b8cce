"""The file to start from shows every field, and is right as it stands and with all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import imrgen
from imrgen.case import CORE, parse
from imrgen.cli import cli
from imrgen.diagnostics import field
from tests.conftest import ROOT

STARTER = (ROOT / "imrgen" / "starter.toml").read_text(encoding="utf-8")
COMPLETE = re.sub(r"^#(?=[^\s#:])", "", STARTER, flags=re.MULTILINE)
"""The starter with every field that is commented out."""


def patterns(text: str) -> set[str]:
    """Return the fields that a case file gives, tables included."""
    data = parse(text, "case.toml").data
    paths = (field(path) for path, _, _ in CORE.walk(data) if path)
    return {re.sub(r"\[\d+\]", "[]", path).removesuffix("[]") for path in paths}


@pytest.mark.parametrize("text", [STARTER, COMPLETE], ids=["as it stands", "with every field"])
def test_the_starter_makes_a_letter_without_a_finding(text: str) -> None:
    assert imrgen.check(parse(text, "case.toml"), formats=()) == ()


def kind(pattern: str) -> str:
    """Name a part of a basis or of an amount as that of any: a part need not stand in each."""
    pattern = re.sub(r"(?:claims_administrator|reviewer)_basis(?=\.)", "basis", pattern)
    return re.sub(r"(?:requested|authorized|remaining)(?=\.)", "amount", pattern)


def test_the_starter_shows_every_field_of_the_model() -> None:
    known = {pattern for pattern, _ in CORE.patterns()}
    assert len(known) > 60
    assert {kind(each) for each in patterns(COMPLETE)} == {kind(each) for each in known}


def test_new_writes_the_starter_and_the_same_case_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("case.toml", "case.json"):
        assert CliRunner().invoke(cli, ["new", name]).output == f"{name}\n"
    toml, json = (imrgen.load_case(name) for name in ("case.toml", "case.json"))
    assert toml == json == imrgen.load_case(parse(STARTER, "case.toml"))
