"""Batches at full size: no case lost or given another's number, and trouble costs only its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

import imrgen
from tests.batches import (
    HELD,
    letters,
    lines,
    resident,
    troubled_pack,
    write_cases,
    write_lines,
)
from tests.command_line import start
from tests.conftest import ROOT

COUNT = int(os.environ.get("IMRGEN_CASES", "10000"))
PDFS = int(os.environ.get("IMRGEN_PDFS", "500"))
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
TROUBLE = {
    "c0041": {"priority": "urgent"},
    "c0081": {"eams_number": "KILL"},
    "c0121": {"eams_number": "HANG"},
    "c0161": {"eams_number": "MEMORY"},
}
PROGRAM = r"""
import re, sys, imrgen
if __name__ == "__main__":
    cases, target, *formats = sys.argv[1:]
    summary = imrgen.render_batch(cases, imrgen.Options(), to=target, formats=formats)
    # Not getrusage, whose highest begins with that of the process that began this one.
    highest = re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]
    print(summary.made, summary.skipped, len(summary.failed), highest)
"""


def descendants(process: int) -> Iterator[int]:
    """Give the processes that a process has begun, and those that they have."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == process:
            yield int(status.parent.name)
            yield from descendants(int(status.parent.name))


def kill_the_one_that_holds_much(batch: subprocess.Popen[str], killed: list[int]) -> None:
    """Kill the worker of a batch that has come to the case KILL."""
    while batch.poll() is None and not killed:
        for worker in [each for each in descendants(batch.pid) if resident(each) > HELD]:
            os.kill(worker, signal.SIGKILL)
            killed.append(worker)
        time.sleep(0.1)


@pytest.mark.parametrize("formats", [("text", "html"), ("pdf",)], ids="+".join)
def test_four_of_200_cases_come_to_grief_and_196_have_their_letters(
    tmp_path: Path, formats: tuple[str, ...]
) -> None:
    write_cases(tmp_path / "whole", 200)
    write_cases(tmp_path / "cases", 200, **TROUBLE)
    troubled_pack(tmp_path / "pack")
    options = [
        "--templates",
        "pack",
        "--jobs",
        "2",
        *(word for each in formats for word in ("-f", each)),
    ]
    command = [sys.executable, "-m", "imrgen", "batch", "cases", "-o", "out", "--json", *options]
    batch = subprocess.Popen(
        [*command, "--timeout", "15", "--memory", "1536"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    killed: list[int] = []
    killer = threading.Thread(target=kill_the_one_that_holds_much, args=(batch, killed))
    killer.start()
    printed, said = batch.communicate()
    killer.join()
    assert len(killed) == 1
    assert batch.returncode == 1
    assert said == ""
    *events, ended = map(json.loads, printed.splitlines())
    assert (ended["made"], ended["unchanged"], ended["failed"], ended["stopped"]) == (
        196,
        0,
        4,
        False,
    )
    assert [event["case"] for event in events] == [
        f"cases/c{number:04d}.json" for number in range(1, 201)
    ]
    failed = {event["case"]: event["diagnostics"] for event in events if event["event"] == "failed"}
    codes = {Path(case).stem: [each["code"] for each in found] for case, found in failed.items()}
    assert codes == {
        "c0041": ["IMR103"],
        "c0081": ["IMR511"],
        "c0121": ["IMR512"],
        "c0161": ["IMR513"],
    }
    assert all(case in json.dumps(found) for case, found in failed.items())
    assert "SIGKILL" in failed["cases/c0081.json"][0]["message"]
    told = {
        line["origin"]: line["faults"]
        for line in lines(tmp_path / "out")
        if line["outcome"] == "failed"
    }
    assert {Path(case).stem: faults for case, faults in told.items()} == codes
    assert imrgen.verify_folder(tmp_path / "out") == []
    whole = start("batch", "whole", "-o", "untroubled", *options, cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr
    expected = letters(tmp_path / "untroubled")
    assert len(expected) == 200 * len(formats)
    lost = {f"CM16-{int(case[1:]):07d}-determination" for case in TROUBLE}
    assert letters(tmp_path / "out") == {
        name: content for name, content in expected.items() if name.rpartition(".")[0] not in lost
    }


def made(folder: Path, cases: Path, target: str, *formats: str) -> tuple[list[int], int]:
    """Make a batch in a process of its own.

    Gives how many were made, skipped and failed, and the parent's KiB.
    """
    (folder / "program.py").write_text(PROGRAM)
    command = [sys.executable, "program.py", cases, target, *formats]
    printed = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True
    ).stdout
    *counts, memory = map(int, printed.split())
    return counts, memory


def test_each_of_many_cases_has_its_letters_and_the_parents_memory_stays(tmp_path: Path) -> None:
    few, many = (
        write_lines(tmp_path / "few.jsonl", COUNT // 4),
        write_lines(tmp_path / "many.jsonl", COUNT),
    )
    _, before = made(tmp_path, few, "few", "text", "html")
    counts, memory = made(tmp_path, many, "out", "text", "html")
    print(f"{before} KiB for {COUNT // 4} cases, {memory} KiB for {COUNT}")
    assert counts == [COUNT, 0, 0]
    assert memory < 1.2 * before
    files = {path.name for path in (tmp_path / "out").iterdir()} - {"manifest.jsonl"}
    names = {f"CM16-{number:07d}-determination" for number in range(1, COUNT + 1)}
    assert files == {f"{name}.{suffix}" for name in names for suffix in ("txt", "html")}
    for name in files:
        its_own(name, (tmp_path / "out" / name).read_text())
    assert imrgen.verify_folder(tmp_path / "out") == []
    manifest = (tmp_path / "out/manifest.jsonl").read_bytes()
    assert made(tmp_path, many, "out", "text", "html")[0] == [0, COUNT, 0]
    assert (tmp_path / "out/manifest.jsonl").read_bytes() == manifest


def test_each_of_many_cases_has_its_pdf_and_the_parents_memory_stays(tmp_path: Path) -> None:
    few, many = (
        write_lines(tmp_path / "few.jsonl", PDFS // 4),
        write_lines(tmp_path / "many.jsonl", PDFS),
    )
    _, before = made(tmp_path, few, "few", "pdf")
    counts, memory = made(tmp_path, many, "out", "pdf")
    print(f"{before} KiB for {PDFS // 4} cases, {memory} KiB for {PDFS}")
    assert counts == [PDFS, 0, 0]
    assert memory < 1.2 * before
    files = {path.name for path in (tmp_path / "out").iterdir()} - {"manifest.jsonl"}
    assert files == {f"CM16-{number:07d}-determination.pdf" for number in range(1, PDFS + 1)}
    for name in files:
        with pypdfium2.PdfDocument(tmp_path / "out" / name) as document:
            its_own(name, "\n".join(page.get_textpage().get_text_bounded() for page in document))
    assert imrgen.verify_folder(tmp_path / "out") == []
    manifest = (tmp_path / "out/manifest.jsonl").read_bytes()
    assert made(tmp_path, many, "out", "pdf")[0] == [0, PDFS, 0]
    assert (tmp_path / "out/manifest.jsonl").read_bytes() == manifest


def its_own(name: str, text: str) -> None:
    """Make sure that a letter holds its own case's number and none of another.

    Claim numbers are in no letter.
    """
    assert set(re.findall(r"CM16-\d+|EX-2016-\d+", text)) == {name.partition("-determination")[0]}
