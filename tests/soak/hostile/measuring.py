"""What a process and those that it starts take: seconds, and megabytes at most of any of them.

Time in which one of them could run, and another program had its core, is not counted.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from tests.conftest import ROOT

HANGS = 90.0
"""Seconds after which a process is killed, and has run past any limit."""
_POLL = 0.05


class Spent(msgspec.Struct, frozen=True):
    """What was taken.

    Args:
        seconds: From the start of the process to its end, but for waiting for a core.
        memory: Mebibytes of the largest process.
        code: The exit code; below 0 for a signal.
        output: The end of what was written to standard output and standard error.
    """

    seconds: float
    memory: int
    code: int
    output: str


def run(arguments: Sequence[str | Path], folder: Path) -> Spent:
    """Run a command of Python, and measure it and all processes that it starts.

    Args:
        arguments: Of the interpreter.
        folder: The working folder.
    """
    with tempfile.TemporaryFile() as output:
        start = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        memory = 0
        waited: dict[int, float] = {}
        while True:
            for pid in _family(process.pid):
                memory = max(memory, _peak(pid))
                waited[pid] = max(waited.get(pid, 0.0), _waited(pid))
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            if time.monotonic() - start > HANGS:
                os.killpg(process.pid, 9)
            time.sleep(_POLL)
        seconds = time.monotonic() - start - sum(waited.values())
        process.returncode = os.waitstatus_to_exitcode(status)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)  # of one that was killed, workers may be left for a moment
        size = output.seek(0, os.SEEK_END)
        output.seek(max(0, size - 20_000))
        text = output.read().decode(errors="replace")
    memory = max(memory, usage.ru_maxrss // 1024)
    return Spent(seconds, memory, process.returncode, text)


def _family(pid: int) -> Iterator[int]:
    """Yield a process, and those that it and they have started."""
    yield pid
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from _family(int(child))


def _waited(pid: int) -> float:
    """Return the seconds in which a process was ready to run, and did not."""
    with contextlib.suppress(OSError, ValueError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0.0


def _peak(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return 0
