"""`imrgen review`: the changes of letters one by one, accepted, rejected, skipped."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from imrgen.batch import Change, Group, RawCase
from imrgen.cli.preview import command as preview
from imrgen.cli.review import _open
from imrgen.pipeline import Options
from tests.cli.terminal import terminal
from tests.cli.test_plan import SUMMARY, edit, folder, plan
from tests.command_line import Completed, invoke

__all__ = ["folder"]
pytestmark = pytest.mark.slow

COMMAND = ("review", "cases", "--templates", "acme", "--against", "git:HEAD", "--no-pages")


@pytest.fixture
def edited(folder: Path) -> Path:
    """Two cases, and three edited lines."""
    for path in sorted((folder / "cases").iterdir())[2:]:
        path.unlink()
    edit(folder / SUMMARY, "within 30 days", "within 45 days")
    edit(folder / SUMMARY, "Of {{", "On {{")
    edit(folder / "acme" / "pack.toml", 'title = "Acme"', 'title = "Acme Letters"')
    edit(folder / SUMMARY, "{{ clinical", "<p>It ends so.</p>\n{{ clinical")
    return folder


def review(folder: Path, *arguments: str) -> Completed:
    return invoke(*COMMAND, *arguments, cwd=folder)


def listed(folder: Path) -> dict[str, str]:
    """Return the changes that are left: what was gained, by id."""
    made = review(folder, "--list", "--json")
    found = json.loads(made.stdout)
    assert made.returncode == bool(found), made.stderr
    return {each["added"]: each["id"] for each in found}


def test_changes_are_accepted_by_their_ids_and_all_at_once(edited: Path) -> None:
    left = listed(edited)
    assert set(left) == {"45", "On", "It ends so."}
    shown = review(edited, "--list")
    assert shown.returncode == 1
    assert all(identifier in shown.stdout for identifier in left.values())
    assert not (edited / "accepted-changes.txt").exists()
    one = review(edited, "--accept", left["45"])
    assert (one.returncode, one.stdout) == (1, "")
    assert "1 accepted, 0 rejected, 2 left" in one.stderr
    assert set(listed(edited)) == {"On", "It ends so."}
    again = review(edited, "--accept", left["45"])
    assert "0 accepted, 0 rejected, 2 left" in again.stderr
    whole = review(edited, "--accept-all")
    assert whole.returncode == 0
    assert listed(edited) == {}
    made = plan(edited, "--no-pages", "--accept", "accepted-changes.txt")
    assert (made.returncode, made.stdout) == (0, "")
    lines = (edited / "accepted-changes.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4
    assert lines[1].startswith(left["45"])


WRONG = {
    "an id that there is not": ("--accept", "0123456789ab"),
    "two ways at once": ("--accept-all", "--list"),
    "JSON of nothing": ("--json", "--accept-all"),
    "nobody to ask": (),
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_what_cannot_be_done_is_said(edited: Path, arguments: tuple[str, ...]) -> None:
    made = review(edited, *arguments)
    assert (made.returncode, made.stdout) == (2, "")
    assert not (edited / "accepted-changes.txt").exists()


def test_each_change_is_asked_about_in_a_terminal(edited: Path) -> None:
    (edited / "accepted-changes.txt").write_text("# Mine.\nabc  of another plan", encoding="utf-8")
    with terminal(100, *COMMAND, cwd=edited) as screen:
        asked = re.compile(r"\[arswoq\?\] $|\[arswoq\?\]$")
        decisions = iter(["?wa", "r", "q"])
        for number, keys in enumerate(decisions, 1):
            screen.until(lambda lines, n=number: f"{n} of 3: " in "\n".join(lines))
            for key in keys:
                screen.until(lambda lines: bool(asked.search(lines[-1])))
                screen.press(key)
                screen.until(lambda lines, k=key: f"[arswoq?] {k}" in "\n".join(lines))
        lines = screen.end()
    assert screen.process.returncode == 1
    text = "\n".join(lines)
    assert "1 accepted, 1 rejected, 1 left" in text
    assert "to be corrected:" in text
    kept = (edited / "accepted-changes.txt").read_text(encoding="utf-8").splitlines()
    assert kept[:2] == ["# Mine.", "abc  of another plan"]
    assert len(kept) == 3
    assert len(listed(edited)) == 2


def test_an_example_is_opened_in_the_preview(edited: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the options that the letters were compared with."""
    started: list[list[str]] = []

    class Started:
        def __init__(self, command: list[str]) -> None:
            started.append(command)

        def __enter__(self) -> Started:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def wait(self) -> None:
            pass

    monkeypatch.setattr("imrgen.cli.review.subprocess.Popen", Started)
    monkeypatch.chdir(edited)
    options = Options(templates=("acme",), pack="acme", overrides=(("words.phone", "1=2"),))
    change = Change("determination", "words")
    case = RawCase("cases/bases.toml", "cases/bases.toml")
    _open(Group(change, example=case), options)
    ((_, _, _, name, *arguments),) = started
    assert name == "preview"
    context = preview.make_context("preview", arguments)
    assert context.params["cases"] == (Path("cases/bases.toml"),)
    assert context.params["templates"] == ("acme",)
    assert context.params["overrides"] == {"words.phone": "1=2"}
    started.clear()
    _open(Group(change, example=RawCase("cases.jsonl:3", "cases.jsonl", line=3)), options)
    assert started == []


def test_an_example_is_listed_in_full_only_if_asked_for(edited: Path) -> None:
    for options in ((), ("--json",)):
        assert "CLINICAL CASE SUMMARY" not in review(edited, "--list", *options).stdout
        shown = review(edited, "--list", "--show-values", *options)
        assert "CLINICAL CASE SUMMARY" in shown.stdout


TEST = """\
from pathlib import Path
from imrgen.testing import letters
HERE = Path(__file__).parent

@letters(HERE / "cases", templates=[HERE.parent / "acme"])
def test_acme(letter, letter_snapshot):
    assert letter == letter_snapshot
"""


def test_snapshots_are_written_of_letters_whose_changes_are_all_accepted(folder: Path) -> None:
    tests = folder / "tests"
    (tests / "cases").mkdir(parents=True)
    (tests / "test_acme.py").write_text(TEST, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nletter_snapshot_pictures = false\n")
    for name in ("bases.toml", "expedited.json"):
        shutil.copy(folder / "cases" / name, tests / "cases")
    command = ("review", "tests/cases", *COMMAND[2:], "--tests", "tests")
    nothing = invoke(*command, "--accept-all", cwd=folder)
    assert nothing.returncode == 0
    assert "no snapshots were written" in nothing.stderr
    edit(folder / SUMMARY, "within 30 days", "within 45 days")
    edit(folder / SUMMARY, ' == "expedited"', ' == "standard"')
    left = json.loads(invoke(*command, "--list", "--json", cwd=folder).stdout)
    ids = {(each["removed"], each["added"]): each["id"] for each in left}
    chosen = ids["30", "45"], ids["It was urgent.", ""]
    made = invoke(*command, *(part for each in chosen for part in ("--accept", each)), cwd=folder)
    assert made.returncode == 1
    assert "the snapshots of 1 letter were written" in made.stderr
    snapshots = {path.name for path in tests.rglob("*.txt")}
    assert snapshots == {"test_acme[expedited-determination].txt"}
    made = invoke(*command, "--accept-all", cwd=folder)
    assert made.returncode == 0
    assert "the snapshots of 2 letters were written" in made.stderr
    assert len([*tests.rglob("*.txt")]) == 2
