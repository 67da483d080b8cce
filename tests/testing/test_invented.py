"""Invented cases: right, the same for the same seed, and of all that a pack's cases can be."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

import imrgen
from imrgen.case import CORE, parse, pattern_of
from imrgen.pack import TemplatePack
from imrgen.pipeline import Coverage, Options, renderers
from imrgen.testing import InventedCase, invent
from tests.command_line import invoke
from tests.pack.test_fields import DECISION, FIELDS, HEAD

pytestmark = pytest.mark.slow

_invent = functools.cache(invent)  # several tests ask for the same
REACHED = [("imr", ["all"]), ("imr-2015", ["all"]), ("external-review", ["all", "assignment"])]
"""Of external reviews, only the notice of an assignment has cases that are not decided."""


def patterns(cases: list[InventedCase], pack: TemplatePack) -> set[str]:
    """Return what the cases have."""
    data = (parse(case.text, "case.toml").data for case in cases)
    return {pattern_of(path) for each in data for path, _, _ in pack.model.walk(each) if path}


@pytest.mark.parametrize(("name", "asked"), REACHED, ids=[name for name, _ in REACHED])
def test_few_cases_are_right_and_take_all_branches(name: str, asked: list[str]) -> None:
    pack = imrgen.load_pack(name)
    coverage = Coverage(renderers(Options(), ["all"], loaded_pack=pack))
    for letter in asked:
        cases = _invent(pack, 15, 7, letters=(letter,))
        assert len({case.text for case in cases}) == 15
        for number, case in enumerate(cases):
            found = coverage.examine(parse(case.text, "case.toml"))
            assert letter != "all" or found.diagnostics == ()
            coverage.add(f"{letter} {number}", found.ways)
    report = coverage.report()
    missed = {each.name: each.missed for each in report.templates if each.missed}
    assert missed == {}
    assert report.percent == 100


def test_the_cases_have_every_field_and_choice_of_the_model() -> None:
    pack = imrgen.load_pack("imr")
    cases = _invent(pack, 15, 7, letters=("all",))
    assert {pattern for pattern, _ in CORE.patterns()} - patterns(cases, pack) == set()
    read = [imrgen.load_case(parse(case.text, "case.toml")) for case in cases]
    issues = [issue for case in read for issue in case.issues]
    assert {issue.decision for issue in issues} == {"upheld", "overturned"}
    assert {issue.ur_action for issue in issues} == {None, "denied", "delayed", "modified"}
    assert {case.case.priority for case in read} == {"standard", "expedited"}
    assert {min(len(case.issues), 2) for case in read} == {1, 2}
    assert any(issue.notices for issue in issues)
    assert any(reviewer.vote for case in read for reviewer in case.reviewers)
    assert {bool(issue.depends_on) for issue in issues} == {True, False}
    assert any(case.case.formulary is None for case in read)


def test_a_declared_field_of_any_type_is_drawn_with_no_further_line(tmp_path: Path) -> None:
    folder = tmp_path / "appeals"
    folder.mkdir()
    (folder / "pack.toml").write_text(HEAD + FIELDS, encoding="utf-8")
    (folder / "decision.html").write_text(DECISION, encoding="utf-8")
    pack = imrgen.load_pack(templates=[folder])
    cases = invent(pack, 10, 1)
    assert {pattern for pattern, _ in pack.model.patterns()} - patterns(cases, pack) == set()
    for case in cases:
        letter = imrgen.render(parse(case.text, "case.toml"), pack=pack)
        assert letter.text
        assert letter.html


def test_the_same_seed_gives_the_same_cases_in_any_process(tmp_path: Path) -> None:
    for name, hashing in (("one", "1"), ("two", "2")):
        subprocess.run(
            [sys.executable, "-m", "imrgen", "new", name, "--random", "3", "--seed", "11"],
            cwd=tmp_path,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": hashing, "TZ": f"Etc/GMT+{hashing}"},
        )
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )
    assert one == two
    assert sorted(one) == ["case-0001.toml", "case-0002.toml", "case-0003.toml"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]
    other = [case.text.encode() for case in invent(imrgen.load_pack("imr"), 3, 12)]
    assert not set(other) & set(one.values())


def test_new_refuses_a_folder_with_files_and_a_letter_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "mine.toml").write_text("", encoding="utf-8")
    refused = invoke("new", "cases", "--random", "2", cwd=tmp_path)
    assert refused.returncode == 2
    assert "exists" in refused.stderr
    unknown = invoke("new", "others", "--random", "2", "--letter", "none", cwd=tmp_path)
    assert unknown.returncode == 2
    assert not (tmp_path / "others").exists()


@pytest.mark.parametrize("option", [("--seed", "0"), ("--letter", "determination")])
def test_options_of_invented_cases_are_refused_without_random(
    option: tuple[str, str], tmp_path: Path
) -> None:
    refused = invoke("new", "case.toml", *option, cwd=tmp_path)
    assert refused.returncode == 2
    assert "--random" in refused.stderr
    assert not (tmp_path / "case.toml").exists()


def test_a_pack_whose_letters_cannot_be_made_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    (folder / "blocks").mkdir(parents=True)
    (folder / "pack.toml").write_text(
        'name = "acme"\ntitle = "A"\nversion = "1"\nextends = "imr"\norganization.name = "A"\n',
        encoding="utf-8",
    )
    (folder / "blocks" / "clinical_summary.html").write_text("{{ 1 // 0 }}", encoding="utf-8")
    with pytest.raises(imrgen.PackError, match="only 0 of 32 cases"):
        invent(imrgen.load_pack(templates=[folder]), 2, 1)
