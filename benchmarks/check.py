"""`imrgen check` of many cases with one worker and with two.

usage: python benchmarks/check.py [CASES] [TURNS]      (default 400 3)

Bar: two workers check at least 1.7 times as many cases a second as one, pages included. What two
processes gain over one on this machine when they have nothing to do with each other is measured
beside it, in turns: no check can gain more.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from batch import write_cases

BAR = 1.7
# As much work as some seconds of checks, without any of their files.
APART = "for i in range(60_000_000): pass"


def seconds(*commands: list[str]) -> float:
    """Run commands at the same time, and return the seconds until the last has ended."""
    start = time.perf_counter()
    running = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for command in commands]
    for each in running:
        if each.wait():
            sys.exit(f"{each.args} failed")
    return time.perf_counter() - start


def main() -> None:
    """Measure in turns, and print the medians."""
    count, turns = map(int, [*sys.argv[1:], *["400", "3"][len(sys.argv) - 1 :]])
    gains, possible = [], []
    with tempfile.TemporaryDirectory() as folder:
        cases = write_cases(Path(folder) / "cases.jsonl", count)
        check = [sys.executable, "-m", "imrgen", "check", str(cases), "--jobs"]
        apart = [sys.executable, "-c", APART]
        for _ in range(turns):
            one, two = seconds([*check, "1"]), seconds([*check, "2"])
            gains.append(one / two)
            possible.append(2 * seconds(apart) / seconds(apart, apart))
            print(f"{count} cases: {one:.1f} s with one worker, {two:.1f} s with two", flush=True)
    gain, most = statistics.median(gains), statistics.median(possible)
    print(f"two workers: {gain:.2f} times one (at least {BAR}); two processes apart: {most:.2f}")
    sys.exit(gain < BAR)


if __name__ == "__main__":
    main()
