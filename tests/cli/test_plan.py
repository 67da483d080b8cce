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
from imrgen.batch.plan.versions import MadeVersion
from tests.command_line import Completed, invoke
from tests.conftest import FIXTURES
from tests.plans import expected, write_invented, write_revisions

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


@pytest.fixture
def few(folder: Path) -> Path:
    """The pack with one standard and one expedited case: pages take long."""
    for path in (folder / "cases").iterdir():
        if path.name not in ("bases.toml", "expedited.json"):
            path.unlink()
    return folder


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
def test_what_changes_nothing_is_no_change(few: Path) -> None:
    assert changes(few) == []
    edit(few / SUMMARY, "<p>Seen", "{# A note. #}<p>Seen")
    edit(few / "acme" / "acme.css", "h1", "/* A note. */ h1")
    (few / "acme" / "unused.html").write_text("<p>Never shown.</p>", encoding="utf-8")
    assert changes(few) == []


@pytest.mark.slow
def test_a_sentence_a_condition_and_a_length_are_a_change_each(few: Path) -> None:
    """What each does to the pages is told of it, although every letter has two of them."""
    priorities = list(cases(few).values())
    edit(few / SUMMARY, "within 30 days", "within 45 days")
    edit(few / SUMMARY, ' == "expedited"', " is defined")
    edit(few / "acme" / "acme.css", "0pt", "9pt")
    found = changes(few)
    first, urgent = "blocks/clinical_summary.html:1", "blocks/clinical_summary.html:3"
    assert "looks" not in {way for each in found[1:] for way in each["ways"]}
    assert [
        (each["kind"], each["was"], each["removed"], each["now"], each["added"], each["cases"])
        for each in found
    ] == [
        ("pages", "acme.css", "", "acme.css", "", len(priorities)),
        ("words", first, "30", first, "45", len(priorities)),
        ("words", "", "", urgent, "It was urgent.", priorities.count("standard")),
    ]
    assert sum(found[0]["ways"].values()) == len(priorities)
    edit(few / SUMMARY, "within 45 days", "within 30 days")
    edit(few / SUMMARY, " is defined", ' == "expedited"')
    (style,) = changes(few)
    assert style == found[0]
    (unset,) = changes(few, "--no-pages")
    assert unset["kind"] == "style"


@pytest.mark.slow
def test_a_sentence_a_condition_and_a_length_are_three_changes_of_any_cases(tmp_path: Path) -> None:
    write_revisions(tmp_path)
    priorities = write_invented(tmp_path, 20)
    arguments = ("plan", "cases", "--no-pages", "--output-format", "json")
    made = invoke(*arguments, "--templates", "new", "--against", "old", cwd=tmp_path)
    found = json.loads(made.stdout)
    keys = ("kind", "removed", "added", "cases")
    assert sorted(tuple(each[key] for key in keys) for each in found["changes"]) == expected(
        priorities, "style"
    )
    assert (found["failed"], found["refused"], found["changed"]) == (0, 0, 20)
    # What no letter shows changes nothing.
    shutil.copytree(tmp_path / "old", tmp_path / "same")
    (tmp_path / "same" / "unused.html").write_text("<p>Never.</p>", encoding="utf-8")
    with (tmp_path / "same" / SUMMARY.removeprefix("acme/")).open("a", encoding="utf-8") as file:
        file.write("\n\n  {% if false %}Never.{% endif %}{# A note. #}")
    same = invoke(*arguments, "--templates", "same", "--against", "old", cwd=tmp_path)
    assert (same.returncode, json.loads(same.stdout)["changes"]) == (0, [])


@pytest.mark.slow
def test_edits_of_lines_beside_each_other_are_a_change_each(folder: Path) -> None:
    """Whatever the case prints between and behind them, and though other lines were added above."""
    edit(folder / SUMMARY, "within 30 days", "within 45 days, as was told")
    edit(folder / SUMMARY, ' == "expedited"', " is defined")
    edit(folder / SUMMARY, "Of {{ issues[0].item }}", "On {{ issues[0].item | upper }}")
    path = folder / SUMMARY
    path.write_text("{# A note\n of two lines. #}\n" + path.read_text(encoding="utf-8"))
    found = changes(folder, "--no-pages")
    name, priorities = "blocks/clinical_summary.html", list(cases(folder).values())
    keys = ("was", "removed", "now", "added", "cases")
    assert sorted(tuple(each[key] for key in keys) for each in found) == [
        ("", "", f"{name}:5", "It was urgent.", priorities.count("standard")),
        (f"{name}:1", "30 days.", f"{name}:3", "45 days, as was told.", len(priorities)),
        (
            f"{name}:5",
            "Of {issues[].item}",
            f"{name}:7",
            "On {issues[].item}",
            len(priorities),
        ),
    ]


@pytest.mark.slow
def test_what_words_do_to_pages_is_told_of_the_words(few: Path) -> None:
    edit(few / SUMMARY, "<p>Seen", f"<p>{'Much was seen. ' * 400}</p><p>Seen")
    (change,) = changes(few)
    assert change["kind"] == "words"
    assert change["ways"] == {"more": change["cases"]}
    assert f"{change['cases']} with more pages" in plan(few).stdout


@pytest.mark.slow
def test_other_elements_are_another_change_than_other_style_sheets(few: Path) -> None:
    edit(few / SUMMARY, "<p>Seen", '<p style="margin-left: 30pt">Seen')
    (elements,) = changes(few)
    assert elements["kind"] == "pages"
    assert set(elements["ways"]) <= {"looks", "moved", "more"}
    edit(few / SUMMARY, "30pt", "60pt")
    (other,) = changes(few)
    assert other["id"] != elements["id"]


@pytest.mark.slow
def test_a_case_is_counted_once_for_each_change(folder: Path) -> None:
    """The letters of its recipients are several, and may have pages of different numbers."""
    case = (folder / "cases" / "bases.toml").read_text(encoding="utf-8")
    shutil.rmtree(folder / "cases")
    (folder / "cases").mkdir()
    recipients = "".join(
        f'\n[[recipients]]\nname = "Ann Sample {number}"\nrole = "employee"\n'
        f'address = "1 Main St."\n'
        for number in range(3)
    )
    (folder / "cases" / "one.toml").write_text(case + recipients, encoding="utf-8")
    edit(
        folder / SUMMARY,
        "<p>Seen",
        '<p>{% if recipient.name == "Ann Sample 1" %}<span style="display: block; '
        'break-before: page">{% endif %}Scene{% if recipient.name == "Ann Sample 1" %}</span>'
        "{% endif %}",
    )
    made = plan(folder, "--per-recipient", "--output-format", "json")
    found = json.loads(made.stdout)
    assert (found["letters"], found["changed"]) == (3, 3), found
    (change,) = [each for each in found["changes"] if each["kind"] == "words"]
    assert change["cases"] == 1
    assert change["ways"] == {"moved": 1}
    assert change["examples"] == ["cases/one.toml"]


@pytest.mark.slow
def test_a_field_of_the_case_is_named_and_never_shown(few: Path) -> None:
    edit(few / SUMMARY, "Of {{ issues[0].item }}.", "On {{ issues[0].item | upper }}:")
    items = [
        issue.item for path in (few / "cases").iterdir() for issue in imrgen.load_case(path).issues
    ]
    for output_format in ("text", "json", "markdown", "github"):
        made = plan(few, "--no-pages", "--output-format", output_format)
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
def test_the_same_words_with_the_same_words_around_them_are_told_apart(folder: Path) -> None:
    again = "<p>This was told at once to all who asked for it.</p>\n"
    (folder / SUMMARY).write_text(f"{again}{again}{again}{BLOCK}", encoding="utf-8")
    shutil.copytree(folder / "acme", folder / "old")
    edit(folder / SUMMARY, "at once", "later on")
    found = changes(folder, "--no-pages", against="old")
    assert sorted((each["now"], each["cases"]) for each in found) == [
        (f"blocks/clinical_summary.html:{line}", len(cases(folder))) for line in (1, 2, 3)
    ]


@pytest.mark.slow
def test_an_example_is_shown_in_full_only_if_asked_for(few: Path) -> None:
    edit(few / SUMMARY, "Of {{ issues[0].item }}.", "On {{ issues[0].item | upper }}:")
    for output_format in ("text", "json", "markdown"):
        made = plan(few, "--no-pages", "--show-values", "--output-format", output_format)
        item = imrgen.load_case(sorted((few / "cases").iterdir())[0]).issues[0].item
        assert item.upper().split()[0] in made.stdout


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
def test_letters_that_are_refused_before_and_after_are_counted(folder: Path) -> None:
    """Else nobody would know that nothing was compared."""
    path = folder / "cases" / "bases.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n[unknown]\n", encoding="utf-8")
    edit(folder / "acme" / "acme.css", "0pt", "0px")
    made = plan(folder, "--no-pages")
    assert "; 1 letter refused before and after" in made.stderr


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
def test_a_page_that_cannot_be_set_is_a_refusal(few: Path) -> None:
    edit(few / "acme" / "acme.css", "h1 {", "h1 { font-size: 2pt;")
    found = changes(few)
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
    assert made.stdout.startswith("::notice file=acme/blocks/clinical_summary.html,line=1::")


HOSTILE = "Seen | <b> @acme %0A ::error:: `x` within"


@pytest.mark.slow
def test_the_words_of_a_template_are_no_commands_of_who_reads_the_plan(few: Path) -> None:
    text = HOSTILE.replace("<", "&lt;").replace(">", "&gt;")
    edit(few / SUMMARY, "Seen within", f"{text}")
    (row,) = plan(few, "--no-pages", "--output-format", "markdown").stdout.splitlines()[4:]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert not {"<", "@"} & set(row)
    assert "\\`x\\`" in row
    line = plan(few, "--no-pages", "--output-format", "github").stdout
    assert line.count("\n") == 1
    assert "%250A" in line
    shutil.move(few / "acme", few / "a,b::c")
    against = "git:HEAD:x"
    made = invoke(*("plan", "cases", "--templates", "a,b::c", "--against", against), cwd=few)
    assert made.returncode == 1
    for output_format in ("github", "markdown", "json"):
        made = invoke(
            *("plan", "cases", "--templates", "a,b::c", "--against", "pack:imr"),
            *("--no-pages", "--output-format", output_format),
            cwd=few,
        )
        assert made.returncode == 1
        if output_format == "github":
            assert "file=a%2Cb%3A%3Cc" not in made.stdout
            assert "::notice file=a%2Cb%3A%3Ac/" in made.stdout


@pytest.fixture
def sent(folder: Path) -> Path:
    """The folder of a batch with the letters as they were."""
    made = invoke(
        *("batch", "cases", "--templates", "acme", "-o", "sent", "-f", "html", "-f", "text"),
        *("--name", "{source}.{format}", "--jobs", "1"),
        cwd=folder,
    )
    assert made.returncode == 0, made.stderr
    return folder / "sent"


@pytest.mark.slow
def test_letters_that_were_sent_are_compared_with_what_they_would_be(
    folder: Path, sent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[object] = []
    monkeypatch.setattr(
        "imrgen.batch.plan.comparer.MadeVersion",
        lambda *arguments: rendered.append(arguments) or MadeVersion(*arguments),
    )
    assert changes(folder, against="sent") == []
    assert rendered == []  # the digests say that nothing has changed
    edit(folder / SUMMARY, "Seen within 30 days", "Seen within 45 days")
    edit(folder / SUMMARY, "<p>Of {{ issues[0].item }}.</p>\n", "")
    found = changes(folder, against="sent")
    assert len(rendered) == len(cases(folder))
    # What a file says may be the case's: nobody knows.
    first, urgent = (f"blocks/clinical_summary.html:{line}" for line in (1, 3))
    priorities = list(cases(folder).values())
    assert sorted(
        (each["now"], each["removed"], each["added"], each["cases"]) for each in found
    ) == [
        (first, "{…}", "", priorities.count("standard")),
        (first, "{…}", "45", len(priorities)),
        (urgent, "{…}", "", priorities.count("expedited")),
    ]


@pytest.mark.slow
def test_letters_that_were_sent_may_be_in_one_format_alone(folder: Path, sent: Path) -> None:
    edit(folder / SUMMARY, "Seen within 30 days", "Seen within 45 days")
    (whole,) = changes(folder, against="sent")
    for left in ("html", "text"):
        invoke(
            *("batch", "cases", "--templates", "acme", "-o", f"only-{left}", "-f", left),
            *("--name", "{source}.{format}", "--jobs", "1"),
            cwd=folder,
        )
    edit(folder / SUMMARY, "Seen within 45 days", "Seen within 60 days")
    for left in ("html", "text"):
        (change,) = changes(folder, against=f"only-{left}")
        assert change["added"] == whole["added"].replace("45", "60") == "60"
        assert change["now"] == whole["now"]


@pytest.mark.slow
def test_pages_that_were_sent_are_compared_with_what_they_would_be(folder: Path) -> None:
    for path in sorted((folder / "cases").iterdir())[1:]:
        path.unlink()
    made = invoke(
        *("batch", "cases", "--templates", "acme", "-o", "sent", "--jobs", "1"), cwd=folder
    )
    assert made.returncode == 0, made.stderr
    edit(folder / "acme" / "acme.css", "0pt", "9pt")
    (change,) = changes(folder, against="sent")
    assert (change["kind"], change["ways"]) == ("pages", {"looks": 1})
    edit(folder / "acme" / "acme.css", "9pt", "0pt")
    edit(folder / SUMMARY, "Seen within 30 days", "Seen within 45 days")
    (change,) = changes(folder, against="sent")
    assert (change["kind"], change["now"], change["added"]) == (
        "words",
        "blocks/clinical_summary.html:1",
        "45",
    )


@pytest.mark.slow
def test_what_the_batch_has_refused_is_told(folder: Path) -> None:
    (folder / "acme" / "requires.toml").write_text("", encoding="utf-8")
    manifest = folder / "acme" / "pack.toml"
    plain = manifest.read_text(encoding="utf-8")
    with manifest.open("a") as file:
        file.write(
            '\n[letters.determination]\ntitle = "D"\ntemplate = "determination.html"\n'
            'requires = ["employer.name"]\n'
        )
    paths = list((folder / "cases").iterdir())
    without = [path for path in paths if not imrgen.load_case(path).employer.name]
    invoke(
        *("batch", "cases", "--templates", "acme", "-o", "sent", "-f", "html", "--jobs", "1"),
        cwd=folder,
    )
    manifest.write_text(plain, encoding="utf-8")
    found = [each for each in changes(folder, against="sent") if each["kind"] == "made"]
    assert [(each["removed"], each["cases"]) for each in found] == [("IMR106", len(without))]
    shutil.copy(folder / "cases" / "bases.toml", folder / "cases" / "zz.toml")
    edit(folder / "cases" / "zz.toml", "The ", "Here the ")
    made = plan(folder, "--no-pages", against="sent")
    assert "letters that there were not" in made.stdout


@pytest.mark.slow
def test_a_letter_that_was_changed_since_is_not_compared(folder: Path, sent: Path) -> None:
    edit(folder / SUMMARY, "Seen within 30 days", "Seen within 45 days")
    edit(sent / "bases.html", "Seen within", "Seen beyond")
    made = plan(folder, against="sent")
    assert "error[IMR508]" in made.stderr
    assert "bases.html" in made.stderr
    assert "1 case could not be compared" in made.stderr


@pytest.mark.slow
def test_two_folders_of_letters_are_compared_if_their_words_may_be_shown(
    folder: Path, sent: Path
) -> None:
    edit(folder / SUMMARY, "Seen within 30 days", "Seen within 45 days")
    invoke(
        *("batch", "cases", "--templates", "acme", "-o", "new", "-f", "html"),
        *("--name", "{source}.{format}", "--jobs", "1"),
        cwd=folder,
    )
    (folder / "new" / "panel.html").unlink()
    for name in ("new", "sent"):
        (folder / name / "manifest.jsonl").unlink()
    hidden = invoke("plan", "new", "--against", "sent", cwd=folder)
    assert (hidden.returncode, hidden.stdout) == (2, "")
    assert "--show-values" in hidden.stderr
    made = invoke(
        *("plan", "new", "--against", "sent", "--show-values", "--output-format", "json"),
        cwd=folder,
    )
    count = len(cases(folder))
    assert {
        (each["kind"], each["removed"], each["added"], each["cases"])
        for each in json.loads(made.stdout)["changes"]
    } == {("words", "30", "45", count - 1), ("refused", "", "no such letter", 1)}
    same = invoke("plan", "new", "--against", "new", "--show-values", cwd=folder)
    assert (same.returncode, same.stdout) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [(), ("--jobs", "2")], ids=["here", "workers"])
def test_a_plan_that_was_interrupted_goes_on(folder: Path, jobs: tuple[str, ...]) -> None:
    edit(folder / SUMMARY, "within 30 days", "within 45 days")
    options = ("--no-pages", "--resume", "journal", *jobs)
    whole = changes(folder, *options)
    journal = folder / "journal"
    assert journal.stat().st_mode & 0o777 == 0o600
    lines = journal.read_bytes().splitlines(keepends=True)
    assert len(lines) == len(cases(folder))
    journal.write_bytes(b"".join(lines[:2]) + lines[2][:20])
    assert changes(folder, *options) == whole
    assert len([line for line in journal.read_bytes().splitlines() if line]) == len(lines) + 1
    assert not any(
        imrgen.load_case(path).employee.name.encode() in journal.read_bytes()
        for path in (folder / "cases").iterdir()
    )
    # Of other templates, nothing is known.
    edit(folder / SUMMARY, "within 45 days", "within 60 days")
    (change,) = changes(folder, *options)
    assert change["added"] == "60"


@pytest.mark.slow
def test_a_plan_goes_on_from_no_other_file_than_its_own(few: Path) -> None:
    """Lines would be added to it."""
    edit(few / SUMMARY, "within 30 days", "within 45 days")
    for path in (few / "cases" / "bases.toml", few / "cases" / "expedited.json"):
        before = path.read_bytes()
        made = plan(few, "--no-pages", "--resume", f"cases/{path.name}")
        assert (made.returncode, made.stdout) == (1, "")
        assert "error[IMR" in made.stderr
        assert path.read_bytes() == before
    (few / "begun").write_bytes(b'{"rec')
    assert len(changes(few, "--no-pages", "--resume", "begun")) == 1


@pytest.mark.slow
def test_another_engine_is_a_change_of_pages(few: Path) -> None:
    """Whether a manifest names it or the letters were made by another."""
    (few / "cases" / "bases.toml").unlink()
    with (few / "acme" / "pack.toml").open("a") as manifest:
        manifest.write('\npdf.engine = "typst"\n')
    (change,) = changes(few, "--no-pages")
    assert change["kind"] == "style"
    invoke(
        *("batch", "cases", "--templates", "acme", "--engine", "weasyprint", "-o", "sent"),
        *("-f", "html", "-f", "pdf", "--jobs", "1"),
        cwd=few,
    )
    same = plan(few, "--engine", "weasyprint", against="sent")
    assert (same.returncode, same.stdout) == (0, "")
    (change,) = changes(few, against="sent")
    assert change["kind"] in ("pages", "refused")
