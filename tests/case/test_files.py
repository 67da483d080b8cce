"""Which files of a folder are cases: the same ones for `batch`, `check` and the preview."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from imrgen.batch.batch import Batch
from imrgen.batch.outputs import MANIFEST as BATCH_MANIFEST
from imrgen.case import case_files, case_schema
from imrgen.cli import cli
from imrgen.pack import MANIFEST as PACK_MANIFEST
from imrgen.pipeline import Options
from imrgen.preview.workspace import Workspace
from tests.conftest import ROOT

STARTER = (ROOT / "imrgen" / "starter.toml").read_text("utf-8")
CASES = ["B.TOML", "a.toml", "case.schema.toml", "package.toml"]
HIDDEN = [".hidden.toml", ".#a.toml", ".a.toml.swp"]
OTHERS = {
    "case.schema.json": json.dumps(case_schema()),
    "Case.Schema.JSON": "{}",
    "schema.json": "{}",
    "imrgen.toml": 'ignore = ["IMR374"]',
    "pyproject.toml": "[project]",
    "package.json": "{}",
    "package-lock.json": "{}",
    "tsconfig.json": "{}",
    PACK_MANIFEST: "",
    BATCH_MANIFEST: "{}",
    "~$a.toml": "lock",
    "#a.toml#": "",
    "a.toml~": "",
    "a.toml.bak": "",
    "notes.txt": "",
    "letter.pdf": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with cases, and with what stands beside them."""
    folder = tmp_path / "cases"
    folder.mkdir()
    for number, name in enumerate(CASES):
        text = STARTER.replace("CM16-0000001", f"CM16-000100{number}")
        assert text != STARTER
        (folder / name).write_text(text.replace("EX-2016-0042", f"EX-2016-10042{number}"))
    for name in HIDDEN:
        (folder / name).write_text("")
    for name, text in OTHERS.items():
        (folder / name).write_text(text)
    (folder / "within.toml").mkdir()
    return folder


def test_cases_are_told_from_what_stands_beside_them(folder: Path) -> None:
    files = case_files(folder)
    assert [path.name for path in files.cases] == sorted(CASES)
    assert files.left_out == len(OTHERS)


@pytest.mark.slow
def test_batch_check_and_preview_agree(folder: Path) -> None:
    batch = Batch([folder], Options(check=False), formats=["text"])
    assert [Path(path).name for path in batch._inputs._paths] == sorted(CASES)
    assert batch.left_out == len(OTHERS)
    (folder / PACK_MANIFEST).unlink()
    preview = Workspace((folder,)).files()
    assert sorted(Path(name).name for name in preview) == sorted(CASES)
    run = CliRunner().invoke(cli, ["check", str(folder), "--output-format", "short"])
    assert run.exit_code == 0
    run = CliRunner().invoke(cli, ["check", str(folder)])
    assert f"{len(CASES)} cases checked: 0 errors" in run.output
    assert run.output.endswith(f"; {len(OTHERS) - 1} other files left out\n")


@pytest.mark.slow
def test_a_batch_of_a_folder_with_a_schema_and_settings_makes_every_letter(
    folder: Path, tmp_path: Path
) -> None:
    arguments = ["batch", str(folder), "-o", str(tmp_path / "out"), "-f", "text", "--jobs", "1"]
    run = CliRunner().invoke(cli, arguments)
    assert run.exit_code == 0, run.output
    assert f"{len(CASES)} made, 0 unchanged, 0 failed" in run.output
    assert f"; {len(OTHERS)} other files left out\n" in run.output
    run = CliRunner().invoke(cli, [*arguments, "--json"])
    last = json.loads(run.output.splitlines()[-1])
    assert (last["event"], last["unchanged"], last["left_out"]) == (
        "ended",
        len(CASES),
        len(OTHERS),
    )


@pytest.mark.slow
def test_nothing_is_said_of_a_folder_of_cases_alone(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(STARTER)
    run = CliRunner().invoke(cli, ["check", str(tmp_path)])
    assert "left out" not in run.output
    assert "1 case checked" in run.output


@pytest.mark.parametrize("command", [["check"], ["batch", "-o", "out"]])
def test_a_folder_without_cases_is_an_error(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "case.schema.json").write_text("{}")
    run = CliRunner().invoke(cli, [*command, str(tmp_path)])
    assert run.exit_code == 1
    assert "holds no case" in f"{run.output}{run.exception}"


@pytest.mark.parametrize(
    ("target", "says"), [("gone.toml", "does not exist"), ("a.toml", "cannot be read")]
)
def test_a_link_that_leads_nowhere_is_reported_and_not_left_out(
    target: str, says: str, tmp_path: Path
) -> None:
    (tmp_path / "a.toml").symlink_to(tmp_path / target)
    assert [path.name for path in case_files(tmp_path).cases] == ["a.toml"]
    run = CliRunner().invoke(cli, ["check", str(tmp_path)])
    assert run.exit_code == 1
    assert says in run.output


def test_what_may_never_end_is_no_case(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "link.toml").symlink_to(tmp_path / "pipe.toml")
    (tmp_path / "device.toml").symlink_to("/dev/zero")
    (tmp_path / "a.toml").write_text(STARTER)
    assert case_files(tmp_path).cases == [tmp_path / "a.toml"]
    assert [entry.origin for entry in Batch(str(tmp_path), Options())._inputs] == [
        str(tmp_path / "a.toml")
    ]
