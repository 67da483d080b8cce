"""Nothing runs past its limit by two seconds or 200 MB, by any way in, the parent included."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.batches import make_case
from tests.conftest import ROOT
from tests.soak.hostile import measuring
from tests.soak.hostile.bombs import EVERYTHING
from tests.soak.hostile.counting import BLOCK, Count
from tests.soak.hostile.measuring import Spent

TIMEOUT, MEMORY = 4.0, 700
LIMITS = ["--timeout", f"{TIMEOUT:g}", "--memory", str(MEMORY)]
EVERY = int(os.environ.get("IMRGEN_BOMBS", "1"))
"""One in so many bombs is tried."""
TRIES = 3
"""How often what took too long is measured: a bomb takes too long each time, a busy machine not."""


def write(folder: Path, kind: str, bomb: str) -> tuple[Path, list[str]]:
    """Write a case and a pack, one of which holds a bomb; return the case and the pack's folder."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "pack" / "blocks").mkdir(parents=True)
    case = folder / ("case.toml" if kind == "toml" else "case.json")
    if kind in ("case", "toml"):
        case.write_text(bomb)
        return case, []
    case.write_text(json.dumps(make_case(1)))
    if kind == "template":
        (folder / "pack" / BLOCK).write_text(bomb)
    elif kind == "sheet":
        css = (ROOT / "templates" / "letter" / "letter.css").read_text()
        (folder / "pack" / "letter.css").write_text(css + bomb)
    return case, [str(folder / "pack")]


def render(case: Path, packs: list[str]) -> Spent:
    return _command("render", case, packs, "-o", "out.pdf")


def batch(case: Path, packs: list[str]) -> Spent:
    return _command("batch", case, packs, "-o", "out", "--jobs", "1", "-f", "pdf")


def library(case: Path, packs: list[str]) -> Spent:
    return _driven("library", case, packs)


def preview(case: Path, packs: list[str]) -> Spent:
    return _driven("preview", case, packs)


def _command(name: str, case: Path, packs: list[str], *arguments: str) -> Spent:
    templates = [word for pack in packs for word in ("--templates", pack)]
    command = ["-m", "imrgen", name, case, *templates, *LIMITS, *arguments]
    return measuring.run(command, case.parent)


def _driven(way: str, case: Path, packs: list[str]) -> Spent:
    module = "tests.soak.hostile.ways"
    spent = measuring.run(["-m", module, way, f"{TIMEOUT:g}", str(MEMORY), case, *packs], ROOT)
    if told := re.search(r"^seconds: ([0-9.]+)$", spent.output, re.MULTILINE):
        return msgspec.structs.replace(spent, seconds=float(told[1]))
    return spent


@pytest.mark.parametrize("way", [render, batch, library, preview])
def test_no_bomb_runs_past_its_limit(
    way: Callable[[Path, list[str]], Spent], tmp_path: Path
) -> None:
    with Count(f"bombs by {way.__name__}", len(EVERYTHING[::EVERY])) as count:
        assert EVERY > 1 or len(EVERYTHING) >= 117
        for kind, bomb in EVERYTHING[::EVERY]:
            made = write(tmp_path / "x", kind, bomb)
            spent = way(*made)
            peak = spent.memory
            for _ in range(TRIES - 1):
                if spent.seconds < TIMEOUT + 2:
                    break
                # What a letter takes that is no bomb, with the start of its process, just now.
                calm = way(*write(tmp_path / "calm", "template", "<p>x</p>")).seconds
                spent = way(*made)
                spent = msgspec.structs.replace(spent, seconds=spent.seconds - calm)
            is_held = spent.seconds < TIMEOUT + 2 and peak < MEMORY + 200
            is_told = not re.search("imrgen's own|internal error|Traceback", spent.output)
            count.add(
                f"{kind} {spent.seconds:.1f} s {peak} MB, code {spent.code}: {bomb[:80]!r}\n"
                + ("" if is_told else spent.output[-1500:]),
                is_held and is_told,
            )
