"""Runs the command line: in the test's own process, or as the program that its user starts.

Starting Python and importing imrgen takes far longer than most commands. So a test starts a process
only if it is about the process: its streams, signals, environment or imports.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import imrgen.cli
from tests.conftest import ROOT

Completed = subprocess.CompletedProcess[str]
Imrgen = Callable[..., Completed]


def invoke(*arguments: str | Path, cwd: Path, stdin: str = "", **environment: str) -> Completed:
    """Run `imrgen` in this process, with standard streams, folder and environment of its own."""
    command = ["imrgen", *map(str, arguments)]
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    with (
        pytest.MonkeyPatch.context() as patch,
        CliRunner().isolation(stdin, environment) as (output, errors, _),
    ):
        patch.chdir(cwd)
        patch.setattr(sys, "argv", command)
        # It replaces the streams by those of the process.
        patch.setattr(imrgen.cli, "prepare", lambda: None)
        with pytest.raises(SystemExit) as ended:
            imrgen.cli.main()
        sys.stderr.flush()
    for number, handler in handlers.items():
        signal.signal(number, handler)
    status = int(ended.value.code or 0)
    return Completed(command, status, output.getvalue().decode(), errors.getvalue().decode())


def start(*arguments: str | Path, cwd: Path, stdin: str = "", **environment: str) -> Completed:
    """Run `python -m imrgen`."""
    return subprocess.run(
        [sys.executable, "-m", "imrgen", *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )
