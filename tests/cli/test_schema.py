"""`imrgen schema --markdown` explains every field of the model, as docs/case-file.md shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import tomli
from click.testing import CliRunner

from imrgen.case import CORE, Declaration, Field, extend
from imrgen.cli import cli
from imrgen.cli.case_page import case_page
from imrgen.pack import load_pack
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "case-file.md").read_text(encoding="utf-8")


def rows(page: str) -> dict[str, list[str]]:
    """Return the cells of each field, under its pattern."""
    found: dict[str, list[str]] = {}
    for section in page.split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        tables = [table.strip("[]") for table in re.findall(r"`([^`]+)`", heading)] or [""]
        for line in re.findall(r"^\| `.*", body, re.MULTILINE):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            key = cells[0].strip("` |")
            for table in tables:
                inner = CORE.find(table) if table else CORE.root
                is_list = inner is not None and inner.item is not None
                prefix = f"{table}[]" if is_list else table
                found[f"{prefix}.{key}" if prefix else key] = cells
    return found


def fields() -> dict[str, Field]:
    return {p: field for p, field in CORE.patterns() if "." in p or field.kind != "table"}


def test_the_schema_of_a_manifest_is_that_of_the_packs_and_explains_every_key(
    tmp_path: Path,
) -> None:
    schema = json.loads(CliRunner().invoke(cli, ["schema", "--manifest"]).output)
    validator = jsonschema.Draft202012Validator(schema)
    CliRunner().invoke(cli, ["packs", "new", str(tmp_path / "acme")])
    manifests = [*(ROOT / "templates").glob("*/pack.toml"), tmp_path / "acme/pack.toml"]
    assert len(manifests) >= 4
    for path in manifests:
        assert list(validator.iter_errors(tomli.loads(path.read_text(encoding="utf-8")))) == []
    assert not validator.is_valid({"name": "a", "title": "A", "version": "1", "stiles": []})
    assert len(schema["$defs"]) >= 5
    for table in schema["$defs"].values():
        assert table["description"]
        for key, value in table["properties"].items():
            assert value["description"], key
    for more in (["--markdown"], ["--pack", "imr"]):
        assert CliRunner().invoke(cli, ["schema", "--manifest", *more]).exit_code == 2


def test_the_page_is_what_the_command_prints() -> None:
    assert CliRunner().invoke(cli, ["schema", "--markdown"]).output == PAGE


def test_the_page_explains_every_field() -> None:
    found = rows(PAGE)
    assert len(found) > 60
    assert set(found) == set(fields())
    for pattern, field in fields().items():
        assert field.description in found[pattern][1], pattern
        assert ("always required" in found[pattern][2]) == field.required, pattern


@pytest.mark.parametrize(("pattern", "field"), fields().items(), ids=fields())
def test_each_example_is_toml_that_the_field_may_have(pattern: str, field: Field) -> None:
    (example,) = re.findall(r"^`(.*)`$", rows(PAGE)[pattern][3])
    value = tomli.loads(f"x = {example}")["x"]
    plain = str(value) if field.kind == "date" else value
    assert plain == field.examples[0]


@pytest.mark.parametrize(
    ("pattern", "uses"),
    {
        "case.number": ["required", "printed"],
        "case.claim_number": ["–", "–"],
        "employee.name": ["–", "–"],
        "issues[].item": ["printed", "printed"],
        "issues[].rationale": ["required", "required"],
        "issues[].requested.unit": ["printed", "printed"],
        "issues[].reviewer_basis.mtus[].year": ["printed", "–"],
    }.items(),
)
def test_the_page_says_what_each_letter_does_with_a_field(pattern: str, uses: list[str]) -> None:
    assert "| imr | imr-2015 |" in PAGE
    assert [cell.strip(" |") for cell in rows(PAGE)[pattern][4:]] == uses


def test_a_field_that_is_declared_is_explained_too() -> None:
    model = extend(CORE, {"employee.alias": Declaration(type="text", description="Other name.")})
    page = case_page(model, [load_pack("imr")])
    assert "| `alias` | Other name. | text |  | – |\n" in page
