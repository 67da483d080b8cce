"""Letters from the command line, the whole process: text, and PDF by each engine.

usage: python benchmarks/command_line.py [RUNS]      (default 20)

Text is compared with merely importing what it is made of (the bar is 1.3), PDF with WeasyPrint as
its README uses it, of the same HTML (the bar for Typst is 0.35). All commands run in turns; what
counts is the ratio of the medians.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import imrgen

ROOT = Path(__file__).parent.parent
IMRGEN = str(Path(sys.executable).parent / "imrgen")
TEXT = [IMRGEN, "render", "fixtures/seed.toml", "--pack", "imr-2015", "-f", "text", "-o", "-"]
IMPORTS = [sys.executable, "-c", "import click, jinja2, markdown_it, pydantic"]
CASE, PACK = "fixtures/modified.toml", "imr"
PLAIN = "import sys, weasyprint; weasyprint.HTML(sys.argv[1]).write_pdf(sys.argv[2])"


def seconds(command: list[str]) -> tuple[float, float]:
    """Run a command; gives the time it took, and that of the processor's."""
    start, before = time.perf_counter(), os.times()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    took, after = time.perf_counter() - start, os.times()
    of_processor = after.children_user + after.children_system
    return took, of_processor - before.children_user - before.children_system


def compare(commands: dict[str, list[str]], runs: int) -> None:
    """Print the medians of commands, and their ratios to the first's."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            took = seconds(command)
            if turn:  # the first turn warms the disk's cache
                times[name].append(took)
    print("     ms  ratio, of the processor's time")
    first: tuple[float, float] | None = None
    for name, each in times.items():
        whole, own = (statistics.median(part) for part in zip(*each, strict=True))
        first = first or (whole, own)
        print(f"{whole * 1000:7.0f} {whole / first[0]:6.2f} {own / first[1]:6.2f}   {name}")


def main() -> None:
    """Print the medians and their ratios."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    compare({"import click, jinja2, markdown_it, pydantic": IMPORTS, "imrgen, text": TEXT}, runs)
    with tempfile.TemporaryDirectory() as folder:
        page, pdf = f"{folder}/letter.html", f"{folder}/letter.pdf"
        Path(page).write_text(imrgen.render(ROOT / CASE, pack=PACK).html)
        made = [IMRGEN, "render", CASE, "--pack", PACK, "-f", "pdf", "-o", pdf, "--engine"]
        compare(
            {
                "WeasyPrint as its README uses it": [sys.executable, "-c", PLAIN, page, pdf],
                "imrgen, PDF by WeasyPrint": [*made, "weasyprint"],
                "imrgen, PDF by Typst": [*made, "typst"],
            },
            runs,
        )


main()
