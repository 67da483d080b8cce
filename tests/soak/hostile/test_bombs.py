"""Nothing runs past its limit by two seconds or 200 MB, by any way in, the parent included."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

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


def source(case: Path, packs: list[str]) -> Spent:
    """Ask the preview for the text of the case and its switches."""
    return _driven("source", case, packs)


def _driven(way: str, case: Path, packs: list[str]) -> Spent:
    module = "tests.soak.hostile.ways"
    return measuring.run(["-m", module, way, f"{TIMEOUT:g}", str(MEMORY), case, *packs], ROOT)


@pytest.mark.parametrize("way", [render, batch, library, preview, source])
def test_no_bomb_runs_past_its_limit(
    way: Callable[[Path, list[str]], Spent], tmp_path: Path
) -> None:
    bombs = [each for each in EVERYTHING if way is not source or each[0] in ("case", "toml")]
    assert len(EVERYTHING) >= 117
    # What a letter takes that is no bomb, with the start of its processes.
    calm = way(*write(tmp_path / "calm", "template", "<p>x</p>"))
    with Count(f"bombs by {way.__name__}", len(bombs[::EVERY])) as count:
        for kind, bomb in bombs[::EVERY]:
            spent = way(*write(tmp_path / "x", kind, bomb))
            is_held = spent.seconds < TIMEOUT + 2 + calm.seconds and spent.memory < MEMORY + 200
            is_told = not re.search("imrgen's own|internal error|Traceback", spent.output)
            count.add(
                f"{kind} {spent.seconds:.1f} s {spent.memory} MB, code {spent.code}: {bomb[:80]!r}"
                + ("" if is_told else f"\n{spent.output[-1500:]}"),
                is_held and is_told,
            )
