"""Every check finds what its fixtures say, where they say it, and has a manual and a source.

A fixture under `fixtures/checks/` is called after the check it is about, `IMR311-fails.toml` or
`IMR311-passes.toml` (a word may follow, `IMR311-fails-abroad.toml`). Its first lines are comments
that list every finding of all checks: `# error: 8:1 IMR311` or `# warning: 8:1 IMR311`. JSON cannot
hold comments, so these fixtures are TOML.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

import imrgen
from imrgen.checks import Subject, all_checks, run_checks
from tests.conftest import ROOT

FOLDER = ROOT / "fixtures" / "checks"
CASES = sorted(FOLDER.glob("IMR*.toml"))
TODAY = datetime.date(2026, 11, 1)
EXPECTED = re.compile(r"^# (error|warning): (\d+):(\d+) (IMR\d{3})", re.MULTILINE)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_fixture_gives_the_findings_it_lists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = sorted(
        (s, int(line), int(column), code) for s, line, column, code in EXPECTED.findall(text)
    )
    found = run_checks(Subject(imrgen.load_case(path), imrgen.load_pack("imr"), TODAY))
    assert all(d.span for d in found)
    got = sorted((d.severity, d.span.line, d.span.column, d.code) for d in found if d.span)
    assert got == expected
    code, kind = path.stem.split("-")[:2]
    assert kind in ("fails", "passes")
    assert any(each == code for *_, each in expected) is (kind == "fails")


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.id)
def test_a_check_has_fixtures_a_manual_and_a_source(check: imrgen.checks.Check) -> None:
    for kind in ("fails", "passes"):
        assert list(FOLDER.glob(f"{check.id}-{kind}*.toml")), (
            f"{check.id} has no fixture that {kind}"
        )
    assert check.title
    assert len(check.source) > 8
    for heading in ("What:", "Why:", "Fails:", "Passes:"):
        assert heading in check.manual, f"{check.id}: its docstring has no {heading}"
