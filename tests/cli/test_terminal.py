"""Many cases in a terminal, in which the progress is drawn over and over."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.batches import write_cases
from tests.cli.terminal import terminal
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

# A check of an installed package that waits for a line of a named pipe, in the case that says so.
_CHECK = """
from imrgen.checks import check

@check("TST001", "A gate", "warning", "The tests")
def gate(subject):
    if subject.case.case.eams_number == "GATE":
        open("gate").readline()
    return ()
"""
_OPTIONS = ["-o", "out", "--jobs", "1", "-f", "text", "--select", "TST,IMR320"]
_SELECTED = "checks: only TST, IMR320 (--select)"
_REPORT = (
    "cases/c0002.json:1:2025: error[IMR320]: issues[0].rationale: this sentence concludes that the "
    "item is not medically necessary, but the decision is `overturned`; correct the `decision` of "
    "this issue, or the conclusion"
)
_STOPPING = "finishing the cases in progress; press Ctrl-C again to stop at once"
_LISTED = "out/manifest.jsonl lists the cases that failed"
_STOPPED = "stopped; run the same command again to continue"
_RETRY = "once they are corrected: imrgen batch --retry-failed out"
_SECONDS = re.compile(r", in [\d.]+ (s|min)$")


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Five cases; the second fails, and the third waits for a line of the pipe `gate`."""
    cases = write_cases(tmp_path / "cases", 5, c0003={"eams_number": "GATE"})
    case = cases / "c0002.json"
    case.write_text(case.read_text().replace('"decision": "upheld"', '"decision": "overturned"'))
    installed = tmp_path / "modules/gates-1.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: gates\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[imrgen.checks]\ngate = gates\n")
    (tmp_path / "modules/gates.py").write_text(_CHECK)
    os.mkfifo(tmp_path / "gate")
    return cases


@pytest.mark.parametrize(
    ("columns", "interruptions", "last"),
    [
        (80, 0, ["4 made, 0 unchanged, 1 failed", _LISTED, _RETRY]),
        (100, 1, ["3 made, 0 unchanged, 1 failed, 1 left", _LISTED, _STOPPED]),
        (80, 2, ["1 made, 0 unchanged, 1 failed, 3 left", _LISTED, _STOPPED]),
    ],
    ids=["finished", "interrupted", "interrupted twice"],
)
def test_what_became_of_a_batch_stays_in_the_terminal(
    columns: int, interruptions: int, last: list[str], cases: Path
) -> None:
    folder = cases.parent
    gate = os.open(folder / "gate", os.O_RDWR)
    path = os.pathsep.join([str(ROOT), str(folder / "modules")])
    with terminal(columns, "batch", "cases", *_OPTIONS, cwd=folder, PYTHONPATH=path) as shown:
        shown.until(lambda lines: any(line.endswith("at c0003.json") for line in lines))
        for _ in range(interruptions):
            shown.type("\x03")
            shown.until(lambda lines: _STOPPING in lines)
        if interruptions < 2:
            os.write(gate, b"\n")
        lines = shown.end()
        assert shown.process.returncode == 1
    os.close(gate)
    assert lines[0] == _SELECTED
    assert _REPORT in shown.text
    assert not re.search("━|worker|a second", shown.text)
    assert [_SECONDS.sub("", line) for line in lines[-len(last) :]] == last


def test_what_is_found_in_many_cases_stays_in_the_terminal(cases: Path) -> None:
    arguments = ["check", "cases", "--no-pages", "--jobs", "2", "--select", "IMR320"]
    with terminal(80, *arguments, cwd=cases.parent) as shown:
        lines = shown.end()
        assert shown.process.returncode == 1
    assert _REPORT in shown.text
    assert not re.search("━|worker|a second", shown.text)
    assert lines[-1] == "5 cases checked: 1 error, 0 warnings; pages were not laid out"
