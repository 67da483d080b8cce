"""The names of a batch's files: unique on any system, inside the folder, never a person's."""

from __future__ import annotations

import json
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import imrgen
from tests.batches import letters, make_case, run, write_cases, write_lines
from tests.conftest import ROOT

SPEC = imrgen.Options(letter="determination")
STARTER = (ROOT / "imrgen" / "starter.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("EX-2016-1", "EX-2016-1"),
        ("ex-2016-a", "EX-2016-A"),
        ("ma\u00dfe-2016", "MASSE-2016"),
        ("caf\u00e9-2016", "cafe\u0301-2016"),
        ("\ufb01le-2016", "file-2016"),
    ],
    ids=["equal", "case", "sharp s", "composed", "ligature"],
)
@pytest.mark.slow
def test_two_cases_that_would_share_a_name_are_refused_before_any_letter(
    tmp_path: Path, first: str, second: str
) -> None:
    cases = [make_case(1, claim_number=first), make_case(2), make_case(3, claim_number=second)]
    with pytest.raises(imrgen.OutputError) as caught:
        imrgen.render_batch(
            cases, SPEC, to=tmp_path, formats=["text"], name="{case.claim_number}.{format}", jobs=1
        )
    (found,) = caught.value.diagnostics
    assert found.code == "IMR504"
    assert "case 1" in found.message
    assert "case 3" in found.message
    assert letters(tmp_path) == {}


@pytest.mark.parametrize("formats", [["text"], ["text", "html"], ["html", "text"]])
def test_two_cases_that_would_share_a_name_in_one_format_are_refused(
    tmp_path: Path, formats: list[str]
) -> None:
    cases = [
        make_case(1, claim_number="EX-1txt", eams_number="-9"),
        make_case(2, claim_number="EX-1", eams_number="txt-9"),
    ]
    name = "{case.claim_number}{format}{case.eams_number}"
    with pytest.raises(imrgen.OutputError) as caught:
        imrgen.render_batch(cases, SPEC, to=tmp_path, formats=formats, name=name, jobs=1)
    assert [each.code for each in caught.value.diagnostics] == ["IMR504"]
    assert letters(tmp_path) == {}


def test_all_clashes_are_reported_at_once(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", 2)
    write_lines(tmp_path / "b.jsonl", 2)
    made = run("a.jsonl", "b.jsonl", "-o", "out", "-f", "text", cwd=tmp_path)
    assert made.returncode == 1
    assert made.stderr.count("error[IMR504]") == 2
    assert "a.jsonl:2 and b.jsonl:2 would be written to the same file" in made.stderr


@pytest.mark.slow
def test_the_same_file_named_twice_is_one_case(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 2)
    made = run("cases", "cases/*.json", "-o", "out", "-f", "text", cwd=tmp_path)
    assert made.stdout.startswith("2 made")


@pytest.mark.parametrize(
    "claim",
    [
        "../../out-2016",
        "a/b-2016",
        "a\\b-2016",
        "..",
        ".hidden-2016",
        "CON",
        "nul.2016",
        "x:2016-1",
        "x\u202e2016",
        "x" * 240,
        "manifest.jsonl",
        " x2016",
    ],
)
def test_a_name_that_is_not_fit_for_a_file_costs_its_case(tmp_path: Path, claim: str) -> None:
    cases = [make_case(1, claim_number=claim), make_case(2)]
    pattern = (
        "{case.claim_number}"
        if claim in ("CON", "..", "manifest.jsonl")
        else "{case.claim_number}.{format}"
    )
    summary = imrgen.render_batch(
        cases, imrgen.Renderer(check=False), to=tmp_path / "out", formats=["text"], name=pattern
    )
    (failed,) = summary.failed
    assert failed.position == 0
    assert [d.code for d in failed.diagnostics] == ["IMR503"]
    assert len(letters(tmp_path / "out")) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


@pytest.mark.slow
def test_a_missing_field_of_the_name_is_reported_where_it_is_missing(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 2, c0002={"claim_number": None})
    made = run(
        "cases", "-o", "out", "-f", "text", "--name", "{case.claim_number}.{format}", cwd=tmp_path
    )
    assert made.returncode == 1
    assert "c0002.json:" in made.stderr
    assert "error[IMR503]: case.claim_number" in made.stderr


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("{employee.name}.{format}", "employee.name"),
        ("{case.nummer}.{format}", "did you mean `case.number`"),
        ("{case.number}/{letter}.{format}", "slash"),
        ("{case.number", "brace"),
        ("{case.number!r}.{format}", "case.number"),
    ],
)
def test_a_pattern_at_fault_is_the_command_lines_fault(
    tmp_path: Path, pattern: str, says: str
) -> None:
    write_cases(tmp_path / "cases", 1)
    made = run("cases", "-o", "out", "--name", pattern, cwd=tmp_path)
    assert made.returncode == 2
    assert says in made.stderr
    assert not (tmp_path / "out").exists()


def test_several_formats_need_names_that_differ(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 1)
    made = run(
        "cases", "-o", "out", "-f", "text", "-f", "html", "--name", "{case.number}", cwd=tmp_path
    )
    assert made.returncode == 2
    assert "end it in .{format}" in made.stderr


@pytest.mark.slow
def test_a_letter_can_be_called_after_its_case_file(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 2)
    for outcome in ("2 made, 0 unchanged", "0 made, 2 unchanged"):
        made = run("cases", "-o", "out", "-f", "text", "--name", "{source}.{format}", cwd=tmp_path)
        assert made.stdout.startswith(outcome)
    assert sorted(letters(tmp_path / "out")) == ["c0001.txt", "c0002.txt"]


@pytest.mark.slow
def test_a_case_without_a_number_is_called_after_its_source(tmp_path: Path) -> None:
    text = re.sub(r"(?m)^number = .*\n", "", STARTER)
    assert text != STARTER
    (tmp_path / "first.toml").write_text(text)
    (tmp_path / "lines.jsonl").write_text(json.dumps(make_case(2)) + "\n{}\n")
    arguments = ["first.toml", "lines.jsonl", "-o", "out", "-f", "text", "--draft"]
    for outcome in ("3 made, 0 unchanged", "0 made, 3 unchanged"):
        made = run(*arguments, cwd=tmp_path)
        assert made.stdout.startswith(outcome), made.stderr
    assert sorted(letters(tmp_path / "out")) == [
        "CM16-0000002-determination.draft.txt",
        "first-determination.draft.txt",
        "lines-2-determination.draft.txt",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_a_place_that_is_taken_costs_its_letter_alone(tmp_path: Path, kind: str, jobs: int) -> None:
    write_cases(tmp_path / "cases", 3)
    place = tmp_path / "out" / "c0002.txt"
    place.parent.mkdir()
    (tmp_path / "elsewhere").write_text("as it was")
    make = {
        "link": lambda: place.symlink_to(tmp_path / "elsewhere"),
        "pipe": lambda: os.mkfifo(place),
        "folder": place.mkdir,
    }
    make[kind]()
    arguments = ["cases", "-o", "out", "-f", "html", "-f", "text", "--name", "{source}.{format}"]
    arguments += ["--jobs", str(jobs)]
    for outcome in ("2 made, 0 unchanged, 1 failed", "0 made, 2 unchanged, 1 failed"):
        made = run(*arguments, cwd=tmp_path)
        assert made.returncode == 1
        assert made.stdout.startswith(outcome)
        assert made.stderr.count("error[IMR401]: out/c0002.txt cannot be written") == 1
    assert (tmp_path / "elsewhere").read_text() == "as it was"
    shutil.rmtree(place) if kind == "folder" else place.unlink()
    made = run(*arguments, cwd=tmp_path)
    assert made.stdout.startswith("1 made, 2 unchanged, 0 failed")
    assert place.is_file()


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_place_that_is_taken_costs_its_letter_alone_with_an_executor(
    tmp_path: Path, kind: str
) -> None:
    place = tmp_path / "CM16-0000002-determination.txt"
    place.symlink_to("nowhere") if kind == "link" else os.mkfifo(place)
    with ThreadPoolExecutor(1) as executor:
        summary = imrgen.render_batch(
            [make_case(1), make_case(2), make_case(3)],
            SPEC,
            to=tmp_path,
            formats=["text"],
            executor=executor,
        )
    assert summary.made == 2
    (failed,) = summary.failed
    assert failed.position == 1
    assert [each.code for each in failed.diagnostics] == ["IMR401"]


def test_an_input_that_does_not_exist_is_reported_before_anything_is_made(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 1)
    (tmp_path / "empty").mkdir()
    made = run("cases", "nowhere.toml", "x*.toml", "empty", "-o", "out", cwd=tmp_path)
    assert made.returncode == 1
    assert made.stderr.count("error[IMR501]") == 3
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_folders_manifest_is_no_case(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 1)
    for _ in range(2):
        made = run("cases", "-o", "cases", "-f", "text", cwd=tmp_path)
        assert made.returncode == 0
    assert json.loads((tmp_path / "cases/c0001.json").read_text()) == make_case(1)
