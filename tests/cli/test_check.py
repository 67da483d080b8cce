"""`imrgen check --verbose` names what cases have and the letter never prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from imrgen.cli import cli
from tests.batches import write_cases
from tests.conftest import ROOT

STARTER = str(ROOT / "imrgen" / "starter.toml")


def unprinted(*arguments: str) -> dict[str, str]:
    """Return the fields that are listed, with what is said of them."""
    run = CliRunner().invoke(cli, ["check", *arguments, "--no-pages"])
    rows = [line[2:].partition(" ") for line in run.stderr.splitlines() if line.startswith("  ")]
    found = {field: rest.strip() for field, _, rest in rows}
    assert len(found) == len(rows)
    return found


def test_fields_that_are_given_and_never_printed_are_named_once(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 3)
    confidential = "confidential: left out when a determination is published"
    for found in (
        unprinted(STARTER, "-v"),
        unprinted(STARTER, STARTER, str(tmp_path / "cases"), "-v"),
    ):
        assert found["employee.name"] == found["case.claim_number"] == confidential
        assert found["documents[].author"] == confidential
        assert found["issues[].category"] == ""
        assert {"case.number", "issues[].item", "clinical_summary"} & set(found) == set()
        assert {"case.eams_number", "employer.name"} & set(found) == set()


@pytest.mark.parametrize("output_format", ["text", "short", "json", "sarif", "github"])
def test_the_list_holds_no_value_and_disturbs_no_format(output_format: str) -> None:
    arguments = ["check", STARTER, "--no-pages", "--output-format", output_format]
    plain = CliRunner().invoke(cli, arguments)
    verbose = CliRunner().invoke(cli, [*arguments, "-v"])
    assert verbose.stdout == plain.stdout
    assert "employee.name" in verbose.stderr
    assert "Maria" not in verbose.output
    assert unprinted(STARTER) == {}


def test_a_template_that_prints_a_field_takes_it_off_the_list(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    block = "{{ clinical_summary | markdown }}<p>Claim {{ case.claim_number }}</p>"
    (tmp_path / "blocks" / "clinical_summary.html").write_text(block)
    found = unprinted(STARTER, "-v", "--templates", str(tmp_path))
    assert "case.claim_number" not in found
    assert "employee.name" in found


def test_a_case_that_cannot_be_read_is_left_out_of_the_list(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[case]\nnumbr = 1\n")
    run = CliRunner().invoke(cli, ["check", str(tmp_path / "bad.toml"), "-v", "--no-pages"])
    assert run.exit_code == 1
    assert "IMR101" in run.stdout
    assert "not printed" not in run.stderr
