"""`imrgen packs show --fields` lists what letters read, and what no case can have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from imrgen.cli import cli
from imrgen.pack import load_pack


def show(*arguments: str) -> str:
    shown = CliRunner().invoke(cli, ["packs", "show", *arguments, "--fields"])
    assert shown.exit_code == 0, shown.output
    return shown.output


def fields(*arguments: str) -> dict[str, dict[str, Any]]:
    rows = json.loads(show(*arguments, "--json"))["letters"]["determination"]["fields"]
    found = {row["field"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def _line(place: dict[str, Any]) -> str:
    text = Path(place["file"]).read_text(encoding="utf-8")
    return text.splitlines()[place["line"] - 1]


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["imr", "imr-2015"])
def test_what_a_letter_requires_and_prints_is_listed_with_its_places(pack: str) -> None:
    found = fields(pack)
    required = load_pack(pack).letter("determination").requires
    assert {name for name, row in found.items() if row["required"]} == set(required)
    assert found["issues[].rationale"]["printed"]
    assert "employee.name" not in found
    assert {row["status"] for row in found.values()} == {"known"}
    (place,) = found["issues[].rationale"]["places"]
    assert _line(place)[place["column"] - 1 :].startswith("rationale ")


@pytest.mark.slow
def test_on_a_terminal_it_is_a_table_with_the_place_that_prints_first() -> None:
    lines = show("imr").splitlines()
    assert lines[0].startswith("Letter determination: ")
    (row,) = (line for line in lines if line.startswith("  issues[].requested "))
    assert "  printed  " in row
    first, other = fields("imr")["issues[].requested"]["places"]
    assert row.endswith(f"{first['file']}:{first['line']}:{first['column']} and 1 more")
    tags = [
        re.split(r"(?=\{[{%])", _line(place)[: place["column"]])[-1][:2] for place in (first, other)
    ]
    assert tags == ["{{", "{%"]


@pytest.mark.slow
def test_fields_that_no_case_can_have_are_listed_with_what_was_meant(tmp_path: Path) -> None:
    folder = tmp_path / "ours" / "blocks"
    folder.mkdir(parents=True)
    # Some of them have it: only one that none has is an error.
    text = "{% for who in [employee, employer] %}{{ who.age }}{% endfor %}"
    text += "{% macro m() %}{{ varargs[0].x }}{% endmacro %}{{ m(1) }}"
    (folder / "clinical_summary.html").write_text(text)
    arguments = ("imr", "--templates", str(folder.parent))
    found = fields(*arguments)
    assert found["employee.age"]["status"] == "known"
    assert found["employer.age"]["status"] == "missing"
    assert found["?.x"]["status"] == "unknown"
    row = next(line for line in show(*arguments).splitlines() if "employer.age" in line)
    assert "no case can have it" in row
    assert row.endswith("clinical_summary.html:1:45")
