"""`imrgen check` of many cases, in worker processes; `--verbose` names what is never printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from imrgen.cli import cli
from tests.batches import make_case, troubled_pack, write_cases
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


def check(*arguments: str | Path, stdin: str = "") -> Result:
    return CliRunner().invoke(cli, ["check", *map(str, arguments), "--no-pages"], input=stdin)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 200 cases; every 50th has an error."""
    wrong = {f"c{number:04d}": {"claim_number": 5} for number in range(50, 201, 50)}
    return write_cases(tmp_path_factory.mktemp("many") / "cases", 200, **wrong)


@pytest.mark.slow
def test_many_cases_have_one_summary_and_are_reported_in_their_order(many: Path) -> None:
    checked = check(many, "--jobs", "2")
    assert checked.exit_code == 1
    assert [line for line in checked.stdout.splitlines() if line.startswith("/")] == [
        f"{many}/c{number:04d}.json:1:726: error[IMR102]: case.claim_number: must be text, is a "
        "whole number"
        for number in range(50, 201, 50)
    ]
    summary = "200 cases checked: 4 errors, 0 warnings; pages were not laid out"
    assert checked.stderr.splitlines()[-1] == summary


@pytest.mark.slow
def test_cases_are_taken_from_wherever_a_batch_takes_them(many: Path, tmp_path: Path) -> None:
    files = sorted(many.glob("c005[01].json"))
    lines = tmp_path / "cases.jsonl"
    lines.write_text("".join(f"{file.read_text()}\n" for file in files))
    glob = check(many / "c005[01].json", "--show-values")
    for name, found in {
        str(files[0]): check(*files, "--show-values"),
        str(lines): check(lines, "--show-values"),
        "<stdin>": check("-", "--show-values", stdin=lines.read_text()),
    }.items():
        assert found.stdout == glob.stdout.replace(str(files[0]), name)
        assert found.stderr.splitlines()[-1].startswith("2 cases checked: 1 error")
    assert '"claim_number": 5' in glob.stdout
    # A case file of several lines is one case, not JSON Lines.
    for text in (Path(STARTER).read_text(), json.dumps(make_case(1), indent=1)):
        assert "1 case checked: 0 errors" in check("-", stdin=text).stderr
    assert "the input holds no case" in str(check("-").exception)


@pytest.mark.slow
def test_findings_are_counted_by_code(many: Path) -> None:
    cases = many / "c005?.json"
    counted = check(cases, "--statistics", "--jobs", "1")
    assert counted.exit_code == 1
    assert counted.stdout == "1  IMR102  error    A value of the wrong type\n"
    (found,) = json.loads(check(cases, "--statistics", "--output-format", "json").stdout)
    title = "A value of the wrong type"
    assert found == {"count": 1, "code": "IMR102", "severity": "error", "title": title}


@pytest.mark.slow
def test_a_batch_reports_in_every_format(many: Path, tmp_path: Path) -> None:
    batch = ["batch", str(many / "c005[01].json"), "-o", str(tmp_path), "-f", "text"]
    run = CliRunner().invoke(cli, [*batch, "--output-format", "json", "--show-values"])
    assert run.exit_code == 1
    (found,) = json.loads(run.stderr[: run.stderr.rindex("]") + 1])
    assert '"claim_number": 5' in found["excerpt"]["text"]
    refused = CliRunner().invoke(cli, [*batch, "--json", "--output-format", "short"])
    assert (refused.exit_code, "omit --output-format" in refused.stderr) == (2, True)


@pytest.mark.slow
def test_a_limit_stops_one_case(tmp_path: Path) -> None:
    case = tmp_path / "case.json"
    case.write_text(json.dumps(make_case(1, eams_number="HANG")))
    checked = check(case, "--timeout", "1", "--templates", troubled_pack(tmp_path / "overlay"))
    assert checked.exit_code == 1
    assert "error[IMR512]" in checked.stdout
