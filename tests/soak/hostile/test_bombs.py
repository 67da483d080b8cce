"""Nothing runs past its limit by two seconds or 200 MB, by any way in, the parent included."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import imrgen
from imrgen.preview.tasks import LetterRequest, ShowLetter
from imrgen.preview.workers import Workers
from tests.batches import make_case
from tests.conftest import ROOT
from tests.soak.hostile.bombs import EVERYTHING
from tests.soak.hostile.counting import BLOCK, Count

TIMEOUT, MEMORY = 4.0, 700
LIMITS = ["--timeout", str(TIMEOUT), "--memory", str(MEMORY)]
EVERY = int(os.environ.get("IMRGEN_BOMBS", "1"))
"""One in so many bombs is tried."""


def write(folder: Path, kind: str, bomb: str) -> list[str]:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "pack" / "blocks").mkdir(parents=True)
    case = bomb
    if kind == "template":
        (folder / "pack" / BLOCK).write_text(bomb)
    elif kind == "sheet":
        css = (ROOT / "templates" / "letter" / "letter.css").read_text()
        (folder / "pack" / "letter.css").write_text(css + bomb)
    if kind == "case":
        shutil.rmtree(folder / "pack")
    else:
        case = json.dumps(make_case(1))
    (folder / "case.json").write_text(case)
    return ["--templates", str(folder / "pack")] if kind != "case" else []


def spent(arguments: list[str], folder: Path) -> int:
    """Run imrgen, and return how many megabytes the process that was started took at most."""
    process = subprocess.Popen(
        [sys.executable, "-m", "imrgen", *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    timer = threading.Timer(60, os.killpg, (process.pid, 9))
    timer.start()
    _, _, usage = os.wait4(process.pid, 0)
    timer.cancel()
    return usage.ru_maxrss // 1024


def render(case: Path, options: list[str]) -> int:
    return spent(["render", str(case), *options, *LIMITS], case.parent)


def batch(case: Path, options: list[str]) -> int:
    out = ["-o", str(case.parent / "out"), "--jobs", "1"]
    return spent(["batch", str(case), *options, *LIMITS, *out], case.parent)


def library(case: Path, options: list[str]) -> int:
    limits = imrgen.Limits(TIMEOUT, MEMORY)
    renderer = imrgen.LimitedRenderer(templates=options[1:], limits=limits)
    with contextlib.suppress(imrgen.ImrgenError):
        renderer.render(case, formats=["pdf"])
    renderer.close()
    return 0


def preview(case: Path, options: list[str]) -> int:
    chosen = imrgen.Options(templates=tuple(options[1:]))
    task = ShowLetter(LetterRequest(case=case, options=chosen), "pdf")

    async def show() -> None:
        workers = Workers(imrgen.Limits(TIMEOUT, MEMORY))
        try:
            await workers.run(task, "tab")
        finally:
            workers.close()

    asyncio.run(show())
    return 0


@pytest.mark.parametrize("way", [render, batch, library, preview])
def test_no_bomb_runs_past_its_limit(way: Callable[[Path, list[str]], int], tmp_path: Path) -> None:
    # How long a letter takes that is no bomb, with the start of its process, on this machine now.
    calm, _ = measured(way, tmp_path, "template", "<p>x</p>")
    with Count(f"bombs by {way.__name__}", 117 // EVERY) as count:
        for kind, bomb in EVERYTHING[::EVERY]:
            seconds, memory = measured(way, tmp_path, kind, bomb)
            is_held = seconds < TIMEOUT + 2 + 2 * calm and memory < MEMORY + 200
            count.add(f"{kind} {seconds:.1f} s {memory} MB: {bomb[:80]}", is_held)


def measured(
    way: Callable[[Path, list[str]], int], folder: Path, kind: str, bomb: str
) -> tuple[float, int]:
    """Return the seconds and the megabytes that a bomb takes."""
    options = write(folder / "x", kind, bomb)
    start = time.monotonic()
    memory = way(folder / "x" / "case.json", options)
    return time.monotonic() - start, memory
