"""From case file to HTML and text in a warm Renderer, and to PDF, beside WeasyPrint.

usage: python benchmarks/warm.py [RUNS]      (default 300)

The bar for HTML and text is 3 ms; for PDF what counts is the ratio to WeasyPrint as its README uses
it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import weasyprint

import imrgen

SEED = Path(__file__).parent.parent / "fixtures" / "seed.toml"


def milliseconds(step: Callable[[], object]) -> float:
    """Run a step and give the time it took."""
    start = time.perf_counter()
    step()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    """Print the medians."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    renderer = imrgen.Renderer(pack="imr-2015")

    def light() -> None:
        letter = renderer.render(SEED)
        assert letter.html
        assert letter.text

    for _ in range(20):
        light()
    print(
        f"{statistics.median(milliseconds(light) for _ in range(runs)):7.2f} ms  "
        "file to HTML and text (at most 3)"
    )

    def plain() -> bytes | None:
        return weasyprint.HTML(string=html).write_pdf()

    html = renderer.render(SEED).html
    steps: dict[str, Callable[[], object]] = {
        "file to PDF": lambda: renderer.render(SEED).pdf,
        "WeasyPrint alone, as its README uses it": plain,
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(max(5, runs // 20) + 1):
        for name, step in steps.items():
            took = milliseconds(step)
            if turn:
                times[name].append(took)
    for name, each in times.items():
        print(f"{statistics.median(each):7.2f} ms  {name}")
    ours, theirs = (statistics.median(each) for each in times.values())
    print(f"{ours / theirs:7.2f}     ratio")


main()
