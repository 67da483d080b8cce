"""Text from the command line, the whole process, beside merely importing what it is made of.

usage: python benchmarks/command_line.py [RUNS]      (default 20)

Both commands run in turns; what counts is the ratio of the medians. The bar is 1.3.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMANDS = {
    "imrgen render seed.toml -f text -o -": [
        str(Path(sys.executable).parent / "imrgen"),
        "render",
        "fixtures/seed.toml",
        "--pack",
        "imr-2015",
        "-f",
        "text",
        "-o",
        "-",
    ],
    "import click, jinja2, markdown_it, pydantic": [
        sys.executable,
        "-c",
        "import click, jinja2, markdown_it, pydantic",
    ],
}


def seconds(command: list[str]) -> float:
    """Run a command and give the time it took."""
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Print the medians and their ratio."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for turn in range(runs + 1):
        for name, command in COMMANDS.items():
            took = seconds(command)
            if turn:  # the first turn warms the disk's cache
                times[name].append(took)
    medians = {name: statistics.median(each) for name, each in times.items()}
    for name, median in medians.items():
        print(f"{median * 1000:7.0f} ms  {name}")
    ours, theirs = medians.values()
    print(f"{ours / theirs:7.2f}     ratio (at most 1.3)")


main()
