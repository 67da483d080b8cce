"""A batch that is killed at any moment, and a disk that fails it at any."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import imrgen
from tests.batches import letters, lines, timeless, write_cases, write_lines
from tests.command_line import start
from tests.conftest import ROOT

KILLS = int(os.environ.get("IMRGEN_KILLS", "200"))
PDF_KILLS = int(os.environ.get("IMRGEN_PDF_KILLS", "40"))
COUNT = 120
STARTS = 24
LIGHT = ("-f", "text", "-f", "html")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": tempfile.mkdtemp()}


def batch(folder: Path, target: Path, formats: tuple[str, ...] = LIGHT) -> subprocess.Popen[str]:
    """Begin a batch in a process group of its own."""
    command = [sys.executable, "-m", "imrgen", "batch", "cases", "-o", str(target), *formats]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=ENVIRONMENT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("formats", "count", "enough"),
    [
        pytest.param(LIGHT, COUNT, KILLS, id="text+html"),
        pytest.param(("-f", "pdf"), 30, PDF_KILLS, id="pdf"),
    ],
)
def test_a_batch_killed_at_any_moment_ends_as_one_that_was_not(
    tmp_path: Path, formats: tuple[str, ...], count: int, enough: int
) -> None:
    """Kill and resume batches, each at a random moment or once some of its letters are there.

    A batch ends after some kills, and another begins.
    """
    write_cases(tmp_path / "cases", count, c0020={"priority": "urgent"})
    assert start("batch", "cases", "-o", "whole", *formats, cwd=tmp_path).returncode == 1
    expected, told = letters(tmp_path / "whole"), timeless(tmp_path / "whole")
    dice = random.Random(6)
    kills = batches = amidst = 0
    temporary = Path(ENVIRONMENT["TMPDIR"])
    while kills < enough:
        batches += 1
        target = tmp_path / f"out{batches}"
        while True:
            running = batch(tmp_path, target, formats)
            enough_there = _files(target) + 1 + dice.randrange(len(expected) // 4)
            latest = time.monotonic() + dice.choice([dice.uniform(0.1, 2), 600])
            while running.poll() is None and _files(target) < enough_there:
                if time.monotonic() > latest:
                    break
                time.sleep(0.001)
            if running.poll() is not None:
                break
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()
            kills += 1
            if target.exists():
                # What the kill left half written is hidden, and swept away by the next run.
                there = {
                    name: each
                    for name, each in letters(target).items()
                    if not name.endswith(".partial")
                }
                assert there.items() <= expected.items()
                amidst += 0 < len(there) < len(expected)
            if kills >= enough:
                batch(tmp_path, target, formats).communicate()
                break
        assert letters(target) == expected
        assert timeless(target) == told
        assert imrgen.verify_folder(target) == []
    print(f"{kills} kills, {amidst} of them amidst the letters, {batches} batches")
    assert 4 * amidst >= kills
    left = [path.name for path in temporary.iterdir()]
    assert len([name for name in left if name.startswith("imrgen-")]) == len(left) <= 1


def _files(target: Path) -> int:
    return sum(1 for _ in target.iterdir()) if target.exists() else 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("only root may mount")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_ends_a_batch_and_a_larger_one_lets_it_go_on(
    tmp_path: Path, small_disk: Path
) -> None:
    write_cases(tmp_path / "cases", COUNT)
    made = start(
        "batch", "cases", "-o", small_disk / "out", "-f", "text", "-f", "html", cwd=tmp_path
    )
    assert made.returncode == 1
    assert "error[IMR401]" in made.stderr
    assert "No space left on device" in made.stderr
    _is_sound(small_disk / "out")
    subprocess.run(["mount", "-o", "remount,size=30m", small_disk], check=True)
    again = start(
        "batch", "cases", "-o", small_disk / "out", "-f", "text", "-f", "html", cwd=tmp_path
    )
    assert again.returncode == 0, again.stderr
    assert len(letters(small_disk / "out")) == 2 * COUNT
    assert imrgen.verify_folder(small_disk / "out") == []


def test_a_folder_that_vanishes_amidst_a_batch_ends_it(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 500)
    target = tmp_path / "out"
    running = batch(tmp_path, target)
    while (
        not (target / "manifest.jsonl").exists()
        or (target / "manifest.jsonl").read_bytes().count(b"\n") < 50
    ):
        time.sleep(0.01)
        assert running.poll() is None
    target.rename(tmp_path / "elsewhere")
    _, said = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "error[IMR401]" in said
    # What was being written when the folder moved away cannot be swept from here; the next batch
    # there does.
    again = batch(tmp_path, tmp_path / "elsewhere")
    again.communicate()
    assert again.returncode == 0
    assert len(letters(tmp_path / "elsewhere")) == 1000
    assert imrgen.verify_folder(tmp_path / "elsewhere") == []


def test_a_read_only_folder_is_told_before_anything_is_made(
    tmp_path: Path, small_disk: Path
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    made = start(
        "batch",
        write_lines(tmp_path / "cases.jsonl", 3),
        "-o",
        small_disk / "out",
        "-f",
        "text",
        cwd=tmp_path,
    )
    assert made.returncode == 1
    assert "Read-only file system" in made.stderr


@pytest.mark.parametrize("is_shared", [False, True], ids=["own folders", "one folder"])
def test_batches_that_start_at_once_do_not_get_in_each_others_way(
    tmp_path: Path, is_shared: bool
) -> None:
    """Of those into one folder, whoever comes first makes its letters; the others say so."""
    write_cases(tmp_path / "cases", 5)
    targets = [tmp_path / ("out" if is_shared else f"out{number}") for number in range(STARTS)]
    running = [batch(tmp_path, target) for target in targets]
    told = [each.communicate(timeout=600)[1] for each in running]
    codes = [each.returncode for each in running]
    for code, said in zip(codes, told, strict=True):
        assert code == 0 or (is_shared and "error[IMR505]" in said), said
    assert 0 in codes
    for target in set(targets):
        assert len(letters(target)) == 10
        assert imrgen.verify_folder(target) == []
    print(f"{STARTS} starts, {codes.count(0)} made letters, {STARTS - codes.count(0)} were told")


def _is_sound(folder: Path) -> None:
    """Make sure that what the manifest tells of is there, and that no file is a part of one."""
    told = [line["file"] for line in lines(folder) if line["outcome"] == "made"]
    assert told
    assert {d.code for d in imrgen.verify_folder(folder)} <= {"IMR509", "IMR510"}
    assert not [name for name in letters(folder) if name.endswith(".partial")]
