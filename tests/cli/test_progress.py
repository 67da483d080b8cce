"""Ctrl-C in the middle of a write: the batch stops as it should, and no output is mixed up."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from imrgen.batch import Outcome
from imrgen.cli.batch import _interruptible
from imrgen.cli.progress import Events, Progress


class _Interrupted(io.FileIO):
    """A file during whose first write somebody presses Ctrl-C."""

    has_been = False

    def write(self, data: Any) -> int:
        if not self.has_been:
            self.has_been = True
            signal.raise_signal(signal.SIGINT)
        return super().write(data) or 0


def batch() -> Any:
    made = SimpleNamespace(stopped=False, total=3, left_out=0, workers=[])
    made.stop = lambda: setattr(made, "stopped", True)
    return made


@pytest.mark.parametrize("kind", ["lines", "events"])
def test_a_signal_in_the_middle_of_a_write_breaks_nothing(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "written"
    raw = _Interrupted(os.fspath(path), "w")
    stream = io.TextIOWrapper(io.BufferedWriter(raw), line_buffering=True)
    monkeypatch.setattr(sys, "stdout" if kind == "events" else "stderr", stream)
    running = batch()
    display = Events(running) if kind == "events" else Progress(running, -1)
    with _interruptible(running, display):
        for position in range(2):
            display.update(Outcome(position, f"{position}.toml", "", ()))
        display.end("letters", True)
    stream.flush()
    assert running.stopped
    lines = path.read_text().splitlines()
    if kind == "events":
        assert [json.loads(line)["event"] for line in lines] == [
            "made",
            "stopping",
            "made",
            "ended",
        ]
    else:
        assert len(lines) == 3
        assert lines[0].startswith("1 of 3 done")
        assert lines[-1] == "stopped; run the same command again to continue"
        assert capfd.readouterr().err.startswith("finishing the cases in progress;")
