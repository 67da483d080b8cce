"""`imrgen explain` knows every code, its family, and what was likely meant by another."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from imrgen.checks import all_codes
from imrgen.cli import cli
from imrgen.diagnostics import codes


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["explain", *arguments])


@pytest.mark.parametrize("code", all_codes().values(), ids=lambda code: code.id)
def test_every_code_is_explained(code: codes.Code) -> None:
    shown = explain(code.id.lower())
    assert shown.exit_code == 0
    assert shown.output.startswith(f"{code.id} ({code.severity}): {code.title}\n")
    assert shown.output.endswith(f"\n\n{code.manual}\n")


def test_all_codes_are_listed_by_family() -> None:
    blocks = explain().output.rstrip("\n").split("\n\n")
    families = dict.fromkeys(code.family.title for code in all_codes().values())
    assert [block.split("\n")[0] for block in blocks] == list(families)
    rows = [line.split()[0] for block in blocks for line in block.split("\n")[1:]]
    assert rows == by_family("")


def by_family(beginning: str) -> list[str]:
    """Return the ids that begin so, those of a family together."""
    codes = [code for code in all_codes().values() if code.id.startswith(beginning)]
    families = dict.fromkeys(code.family for code in codes)
    return [code.id for family in families for code in codes if code.family == family]


def test_the_beginning_of_codes_lists_those() -> None:
    lines = explain("imr32").output.splitlines()
    assert all_codes()["IMR320"].family.title in lines
    rows = [line.split()[0] for line in lines if line.startswith("  IMR")]
    assert len(rows) > 3
    assert rows == by_family("IMR32")


def test_the_family_of_a_check_is_told() -> None:
    assert "\nFamily: medical\n" in explain("IMR320").output
    (one,) = json.loads(explain("IMR320", "--json").output)
    assert one["family"] == "medical"


@pytest.mark.parametrize("typed", ["IMR32O", "IMR1O2", "IMR4011", "IM401"])
def test_a_code_that_does_not_exist_is_refused_with_the_nearest(typed: str) -> None:
    refused = explain(typed)
    assert refused.exit_code == 2
    assert f"there is no code '{typed}'; did you mean `IMR" in refused.output


def test_json_and_markdown_hold_all_or_what_is_asked_for() -> None:
    found = json.loads(explain("--json").output)
    assert [each["id"] for each in found] == list(all_codes())
    (one,) = json.loads(explain("IMR201", "--json").output)
    assert set(one) == {"id", "title", "severity", "family", "source", "manual"}
    page = explain("--markdown").output
    assert [line[4:] for line in page.split("\n") if line.startswith("### ")] == by_family("")
    asked_for = by_family("IMR32")
    page = explain("IMR32", "--markdown").output
    assert [line[4:] for line in page.split("\n") if line.startswith("### ")] == asked_for != []


def test_markdown_shows_examples_as_code_and_texts_as_paragraphs() -> None:
    page = explain("IMR310", "--markdown").output
    assert "\n**Fails:**\n\n    [[reviewers]]\n" in page
    assert "\n**What:** Each entry" in page
    what = page[page.index("**What:**") : page.index("**Why:**")].rstrip()
    assert "\n\n" not in what


def test_codes_are_completed() -> None:
    found = CliRunner().invoke(
        cli,
        env={
            "_IMRGEN_COMPLETE": "bash_complete",
            "COMP_WORDS": "imrgen explain imr20",
            "COMP_CWORD": "2",
        },
        prog_name="imrgen",
    )
    assert "plain,IMR201" in found.output
