"""Runs the command line: in the test's own process, or as the program that its user starts.

Starting Python and importing imrgen takes far longer than most commands. So a test starts a process
only if it is about the process: its streams, signals, environment or imports.
"""

from __future__ import annotations

import os
import re
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


# On standard error every few seconds, where there is no terminal.
_PROGRESS = re.compile(r"^\d+ of \d+ done, .*\n", re.MULTILINE)


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


def run_session(session: str, folder: Path, *search_path: Path) -> int:
    """Run the commands of a page in a folder, and compare what they print with what it shows.

    Args:
        session: Commands behind `$`, each with its output below it.
        folder: Where `imrgen` and `python` are commands, of this very Python.
        search_path: Where modules and installed packages are, besides imrgen's.

    Returns:
        The number of the commands.
    """
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    for name, arguments in (("imrgen", "-m imrgen "), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n')
        (programs / name).chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(map(str, (*search_path, ROOT))),
    }
    commands = re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]
    for command, _, expected in (each.partition("\n") for each in commands):
        run = subprocess.run(
            command, shell=True, cwd=folder, env=environment, text=True, capture_output=True
        )
        assert run.stdout + _PROGRESS.sub("", run.stderr) == expected, command
    return len(commands)
