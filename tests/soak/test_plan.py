"""What a change does to hundreds of letters, and to thousands: as many changes as were made."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.batches import write_cases
from tests.command_line import start
from tests.plans import SUMMARY, expected, write_invented, write_revisions

COUNT = int(os.environ.get("IMRGEN_CASES", "10000"))
INVENTED = int(os.environ.get("IMRGEN_INVENTED", "500"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_revisions(tmp_path)
    return tmp_path


def plan(folder: Path, *arguments: str, new: str = "new") -> dict[str, Any]:
    made = start(
        *("plan", "cases", "--templates", new, "--against", "old", "--jobs", "2"),
        *("--output-format", "json", *arguments),
        cwd=folder,
    )
    found: dict[str, Any] = json.loads(made.stdout)
    assert made.returncode == bool(found["changes"]), made.stderr
    assert found["failed"] == found["refused"] == 0
    return found


def test_three_edits_are_three_changes_of_hundreds_of_invented_cases(folder: Path) -> None:
    priorities = write_invented(folder, INVENTED)
    found = plan(folder)
    keys = ("kind", "removed", "added", "cases")
    assert sorted(tuple(each[key] for key in keys) for each in found["changes"]) == expected(
        priorities, "pages"
    )
    assert found["changed"] == INVENTED


def test_one_sentence_is_one_change_of_thousands_of_cases(folder: Path) -> None:
    write_cases(folder / "cases", COUNT)
    for name in ("old", "new"):
        text = (folder / name / SUMMARY).read_text(encoding="utf-8")
        text = text.replace(" is defined", ' == "expedited"')
        (folder / name / SUMMARY).write_text(text, encoding="utf-8")
    shutil.copy(folder / "old" / "acme.css", folder / "new" / "acme.css")
    found = plan(folder, "--no-pages")
    (change,) = found["changes"]
    assert (change["removed"], change["added"], change["cases"]) == ("30", "45", COUNT)
    # What nobody's letter shows changes nothing: an unused template, a note, white space of CSS.
    shutil.copytree(folder / "old", folder / "same")
    (folder / "same" / "unused.html").write_text("<p>Never.</p>", encoding="utf-8")
    with (folder / "same" / SUMMARY).open("a", encoding="utf-8") as template:
        template.write("{% if false %}Never.{% endif %}{# A note. #}")
    nothing = plan(folder, "--no-pages", new="same")
    assert (nothing["changes"], nothing["changed"]) == ([], 0)
