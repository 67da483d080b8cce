"""Two revisions of a pack, of whose letters everything is known: for the tests of plans."""

from __future__ import annotations

import shutil
from pathlib import Path

import imrgen
from tests.command_line import invoke

_MANIFEST = """\
name = "acme"
title = "Acme"
version = "1"
extends = "imr"
styles = ["acme.css"]
organization.name = "Acme Review"
"""
SUMMARY = "blocks/clinical_summary.html"
_OLD = """\
<p>The records were seen within 30 days.</p>
{% if case.priority == "expedited" %}
<p>It was urgent.</p>
{% endif %}
{{ clinical_summary | markdown }}
"""
_EDITS = {
    SUMMARY: {"within 30 days": "within 45 days", ' == "expedited"': " is defined"},
    "acme.css": {"0pt": "9pt"},
}


def write_revisions(folder: Path) -> None:
    """Write a pack, `old`, and another state of it, `new`: a sentence, a condition, a length."""
    (folder / "old" / "blocks").mkdir(parents=True)
    (folder / "old" / "pack.toml").write_text(_MANIFEST, encoding="utf-8")
    (folder / "old" / "acme.css").write_text("h1 { margin-left: 0pt }\n", encoding="utf-8")
    (folder / "old" / SUMMARY).write_text(_OLD, encoding="utf-8")
    shutil.copytree(folder / "old", folder / "new")
    for name, edits in _EDITS.items():
        path = folder / "new" / name
        text = path.read_text(encoding="utf-8")
        for old, new in edits.items():
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")


def write_invented(folder: Path, count: int) -> list[str]:
    """Write invented cases; gives the priority of each."""
    made = invoke(
        *("new", "cases", "--random", str(count), "--templates", "old"),
        *("--letter", "determination"),
        cwd=folder,
    )
    assert made.returncode == 0, made.stderr
    paths = sorted((folder / "cases").iterdir())
    assert len(paths) == count
    return [str(imrgen.load_case(path).case.priority) for path in paths]


def expected(priorities: list[str], kind: str) -> list[tuple[str, str, str, int]]:
    """Return the changes: kind, words lost, words gained, and how many cases."""
    standard = priorities.count("standard")
    assert 0 < standard < len(priorities)
    return sorted(
        [
            (kind, "", "", len(priorities)),
            ("words", "30", "45", len(priorities)),
            ("words", "", "It was urgent.", standard),
        ]
    )
