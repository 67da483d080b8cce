"""`imrgen plan`: what a change of templates does to every letter, told by the same change."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import imrgen
from tests.command_line import Completed, invoke
from tests.conftest import FIXTURES

SUMMARY = "acme/blocks/clinical_summary.html"
BLOCK = """\
<p>Seen within 30 days.</p>
{% if case.priority == "expedited" %}
<p>It was urgent.</p>
{% endif %}
<p>Of {{ issues[0].item }}.</p>
{{ clinical_summary | markdown }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack under git, and the fixtures that it admits."""
    blocks = tmp_path / "acme" / "blocks"
    blocks.mkdir(parents=True)
    (tmp_path / "acme" / "pack.toml").write_text(
        'name = "acme"\ntitle = "Acme"\nversion = "1"\nextends = "imr"\nstyles = ["acme.css"]\n'
        'organization.name = "Acme Review"\n',
        encoding="utf-8",
    )
    (tmp_path / "acme" / "acme.css").write_text("h1 { margin-left: 0pt }\n", encoding="utf-8")
    (tmp_path / SUMMARY).write_text(BLOCK, encoding="utf-8")
    (tmp_path / "cases").mkdir()
    renderer = imrgen.Renderer(templates=[tmp_path / "acme"])
    for path in FIXTURES:
        if not renderer.check(path, formats=()):
            shutil.copy(path, tmp_path / "cases")
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def cases(folder: Path) -> dict[str, Any]:
    """Return the priority of each case."""
    found = {
        path.name: imrgen.load_case(path).case.priority for path in (folder / "cases").iterdir()
    }
    assert {"standard", "expedited"} <= set(found.values())
    return found


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def plan(folder: Path, *arguments: str, against: str = "git:HEAD") -> Completed:
    return invoke(
        *("plan", "cases", "--templates", "acme", "--against", against, *arguments), cwd=folder
    )


def changes(folder: Path, *arguments: str, against: str = "git:HEAD") -> list[dict[str, Any]]:
    made = plan(folder, "--output-format", "json", *arguments, against=against)
    found = json.loads(made.stdout)
    assert made.returncode == bool(found["changes"]), made.stderr
    assert found["cases"] == len(list((folder / "cases").iterdir()))
    return list(found["changes"])


@pytest.mark.slow
def test_what_changes_nothing_is_no_change(folder: Path) -> None:
    assert changes(folder) == []
    edit(folder / SUMMARY, "<p>Seen", "{# A note. #}<p>Seen")
    edit(folder / "acme" / "acme.css", "h1", "/* A note. */ h1")
    (folder / "acme" / "unused.html").write_text("<p>Never shown.</p>", encoding="utf-8")
    assert changes(folder) == []


@pytest.mark.slow
def test_a_sentence_a_condition_and_a_length_are_a_change_each(folder: Path) -> None:
    priorities = list(cases(folder).values())
    edit(folder / SUMMARY, "within 30 days", "within 45 days")
    edit(folder / SUMMARY, '== "expedited"', '== "standard"')
    edit(folder / "acme" / "acme.css", "0pt", "9pt")
    found = changes(folder)
    words = {
        (each["was"], each["removed"], each["now"], each["added"]): each["cases"]
        for each in found
        if each["kind"] == "words"
    }
    urgent = "blocks/clinical_summary.html:3"
    assert words == {
        ("blocks/clinical_summary.html:1", "30", "blocks/clinical_summary.html:1", "45"): len(
            priorities
        ),
        (urgent, "It was urgent.", "", ""): priorities.count("expedited"),
        ("", "", urgent, "It was urgent."): priorities.count("standard"),
    }
    assert [each["kind"] for each in found if each["kind"] != "words"] in ([], ["pages"])
    edit(folder / SUMMARY, "within 45 days", "within 30 days")
    edit(folder / SUMMARY, '== "standard"', '== "expedited"')
    (style,) = changes(folder)
    assert style["kind"] == "pages"
    assert style["cases"] == len(priorities)
    assert sum(style["ways"].values()) == len(priorities)
    (unset,) = changes(folder, "--no-pages")
    assert unset["kind"] == "style"


@pytest.mark.slow
def test_a_field_of_the_case_is_named_and_never_shown(folder: Path) -> None:
    edit(folder / SUMMARY, "Of {{ issues[0].item }}.", "On {{ issues[0].item | upper }}:")
    items = [
        issue.item
        for path in (folder / "cases").iterdir()
        for issue in imrgen.load_case(path).issues
    ]
    for output_format in ("text", "json", "markdown", "github"):
        made = plan(folder, "--no-pages", "--output-format", output_format)
        assert made.returncode == 1
        assert "{issues" in made.stdout.replace("\\", "")
        for item in items:
            words = [word for word in item.split() if len(word) > 6]
            assert [w for w in words if w in made.stdout or w.upper() in made.stdout] == []


DERIVED = {
    "a part of a name": "issues[0].item.split()[0]",
    "a part of a date": "case.decision_date.year",
    "a choice": "'old' if employee.age is defined and employee.age > 9 else 'new'",
    "a number of things": "issues | length",
    "what a macro returns": "again(case.number)",
}


@pytest.mark.parametrize("expression", DERIVED.values(), ids=DERIVED)
def test_what_is_made_of_the_case_is_never_shown(folder: Path, expression: str) -> None:
    macro = "{% macro again(text) %}{{ text[:4] }}{% endmacro %}"
    edit(folder / SUMMARY, "Of {{", f"{macro}Seen {{{{ {expression} }}}} in {{{{")
    for change in changes(folder, "--no-pages"):
        assert re.fullmatch(r"(?:Seen|Of|in|\{[^}]*\}| )*", change["added"]), change


def test_words_of_the_manifest_are_shown(folder: Path) -> None:
    edit(folder / "acme" / "pack.toml", "Acme Review", "Other Review")
    found = changes(folder, "--no-pages")
    assert found
    assert {(each["removed"], each["added"]) for each in found} == {("Acme", "Other")}


@pytest.mark.slow
def test_the_same_words_at_another_place_are_another_change(folder: Path) -> None:
    text = "<p>First: at once.</p>\n<p>Now something else is told.</p>\n<p>Then: at once.</p>\n"
    (folder / SUMMARY).write_text(f"{text}{BLOCK}", encoding="utf-8")
    shutil.copytree(folder / "acme", folder / "old")
    edit(folder / SUMMARY, "at once", "later on")
    found = changes(folder, "--no-pages", against="old")
    assert [each["now"] for each in found] == [
        "blocks/clinical_summary.html:1",
        "blocks/clinical_summary.html:3",
    ]
    assert {each["cases"] for each in found} == {len(cases(folder))}


@pytest.mark.slow
def test_a_refusal_is_a_change(folder: Path) -> None:
    manifest = folder / "acme" / "pack.toml"
    with manifest.open("a") as file:
        file.write(
            '\n[letters.determination]\ntitle = "D"\ntemplate = "determination.html"\n'
            'requires = ["employer.name"]\n'
        )
    (change,) = [each for each in changes(folder, "--no-pages") if each["kind"] == "refused"]
    assert change["added"] == "IMR106 employer.name"
    paths = list((folder / "cases").iterdir())
    without = [path for path in paths if not imrgen.load_case(path).employer.name]
    assert 0 < change["cases"] == len(without) < len(paths)


@pytest.mark.slow
def test_a_finding_is_a_change(folder: Path) -> None:
    manifest = folder / "acme" / "pack.toml"
    with manifest.open("a") as file:
        file.write('\n[checks]\nselect = ["IMR3"]\nignore = ["IMR395"]\n')
    edit(folder / "cases" / "bases.toml", "The ", "The &amp; ")
    found = [each for each in changes(folder, "--no-pages") if each["kind"] == "findings"]
    assert [(each["removed"].split()[0], each["added"], each["cases"]) for each in found] == [
        ("IMR395", "", 1)
    ]


@pytest.mark.slow
def test_a_page_that_cannot_be_set_is_a_refusal(folder: Path) -> None:
    edit(folder / "acme" / "acme.css", "h1 {", "h1 { font-size: 2pt;")
    found = changes(folder)
    assert [(each["kind"], each["added"][:3]) for each in found] == [("refused", "IMR")]


@pytest.mark.slow
def test_what_was_accepted_is_left_out_and_nothing_else(folder: Path) -> None:
    edit(folder / SUMMARY, "within 30 days", "within 45 days")
    assert plan(folder, "--no-pages", "--save", "accepted.txt").returncode == 1
    made = plan(folder, "--no-pages", "--accept", "accepted.txt")
    assert (made.returncode, made.stdout) == (0, "")
    assert "1 accepted before" in made.stderr
    edit(folder / SUMMARY, "It was urgent", "It was most urgent")
    (change,) = changes(folder, "--no-pages", "--accept", "accepted.txt")
    assert change["added"] == "most"


@pytest.mark.slow
def test_worker_processes_find_the_same(folder: Path) -> None:
    edit(folder / SUMMARY, "within 30 days", "within 45 days")
    assert changes(folder, "--no-pages", "--jobs", "2") == changes(folder, "--no-pages")


@pytest.mark.slow
def test_a_case_that_cannot_be_read_is_told_and_stops_no_other(folder: Path) -> None:
    (folder / "cases" / "zz.toml").write_text("= nothing", encoding="utf-8")
    made = plan(folder, "--no-pages")
    assert made.returncode == 1
    assert "cases/zz.toml" in made.stderr
    assert "1 case could not be compared" in made.stderr


@pytest.mark.slow
@pytest.mark.parametrize("against", ["git:nowhere", "nowhere", "pack:nowhere", "svn:1"])
def test_what_is_not_there_cannot_be_compared_with(folder: Path, against: str) -> None:
    made = plan(folder, against=against)
    assert made.returncode in (1, 2)
    assert "error[IMR" in made.stderr
    assert made.stdout == ""


@pytest.mark.slow
def test_github_annotates_the_template(folder: Path) -> None:
    edit(folder / SUMMARY, "within 30 days", "within 45 days")
    made = plan(folder, "--no-pages", "--output-format", "github")
    assert made.stdout.startswith("::notice file=blocks/clinical_summary.html,line=1::")
