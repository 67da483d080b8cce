"""`imrgen plan` of many cases after an edited sentence, beside a batch of them in text and HTML.

usage: python benchmarks/plan.py [CASES] [TURNS]      (default 10000 3)

Bars: compared with the folder of the batch, at most 1.3 times the processor's time of the batch;
between two packs, at most 2.2 times. Pages are not set, as they are not in the batch. Each is run
with two workers in processes of its own, in turns, and the processor's time of all of them counts,
so that other programs of the machine matter little; the median of the turns' ratios is told.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from batch import write_cases

_SUBREAPER = 36
"""The number of `PR_SET_CHILD_SUBREAPER` in Linux: the workers of a process that has ended are then
children of this one, and their seconds are counted.
"""
BARS = {"the batch's folder": 1.3, "another pack": 2.2}
MANIFEST = 'name = "acme"\ntitle = "Acme"\nversion = "1"\nextends = "imr"\n'
BLOCK = (
    '{{% extends "imr:blocks/how_made.html" %}}\n'
    "{{% block practice %}}Each reviewer is in practice for {} years.{{% endblock %}}\n"
)


def write_pack(folder: Path, years: str) -> None:
    """Write a pack of its own sentence."""
    (folder / "blocks").mkdir(parents=True)
    (folder / "pack.toml").write_text(MANIFEST)
    (folder / "blocks" / "how_made.html").write_text(BLOCK.format(years))


def seconds(*arguments: str, folder: Path) -> float:
    """Run `imrgen`; gives the seconds of the processor that it and its workers took."""
    before = os.times()
    made = subprocess.run(
        [sys.executable, "-m", "imrgen", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    # What has started its workers may end a moment later than it.
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    after = os.times()
    if arguments[0] == "plan":
        (change,) = json.loads(made.stdout)["changes"]
        assert change["kind"] == "words", change
    else:
        assert made.returncode == 0, made.stderr
    return (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )


def main(count: int, turns: int) -> int:
    """Run all in turns, and print how they compare."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    ratios: dict[str, list[float]] = {name: [] for name in BARS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pack(folder / "old", "five")
        write_pack(folder / "new", "seven")
        write_cases(folder / "cases.jsonl", count)
        batch = ("batch", "cases.jsonl", "--templates", "old", "-f", "text", "-f", "html")
        plan = ("plan", "cases.jsonl", "--templates", "new", "--output-format", "json")
        common = ("--jobs", "2")
        for turn in range(turns):
            shutil.rmtree(folder / "sent", ignore_errors=True)
            whole = seconds(*batch, "-o", "sent", *common, folder=folder)
            against = {"the batch's folder": "sent", "another pack": "old"}
            for name, old in against.items():
                took = seconds(*plan, "--no-pages", "--against", old, *common, folder=folder)
                ratios[name].append(took / whole)
                print(
                    f"turn {turn + 1}: batch {whole:.1f} s, plan against {name} {took:.1f} s, "
                    f"{took / whole:.2f} times",
                    flush=True,
                )
    medians = {name: statistics.median(found) for name, found in ratios.items()}
    for name, median in medians.items():
        print(f"against {name}: {median:.2f} times the batch (bar {BARS[name]})")
    return int(any(medians[name] > bar for name, bar in BARS.items()))


if __name__ == "__main__":
    defaults = [10_000, 3]
    given = [int(each) for each in sys.argv[1:]]
    sys.exit(main(*(given + defaults[len(given) :])))
