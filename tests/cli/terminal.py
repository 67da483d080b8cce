"""A terminal in which a command runs, as its user sees it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyte

from tests.conftest import ROOT


class Terminal:
    """A command in a terminal.

    Args:
        process: The command.
        primary: The end of the terminal at which its user sits.
        columns: The width of the terminal.
    """

    def __init__(self, process: subprocess.Popen[bytes], primary: int, columns: int) -> None:
        self.process = process
        self._primary = primary
        self._screen = pyte.Screen(columns, 40)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def lines(self) -> list[str]:
        """The lines of the screen, down to the last that is not empty."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip().split("\n")

    @property
    def text(self) -> str:
        """The screen as one line, in which what the terminal has broken is whole."""
        return "".join(self._screen.display)

    def until(self, is_shown: Callable[[list[str]], bool]) -> None:
        """Wait until the screen shows something."""
        while not is_shown(self.lines):
            assert self._read(), "\n".join(self.lines)

    def type(self, keys: str) -> None:
        """Type."""
        os.write(self._primary, keys.encode())

    def press(self, key: str) -> None:
        """Press a key for which the command waits, or will: what is typed before would be lost."""
        while termios.tcgetattr(self._primary)[3] & termios.ICANON:
            os.sched_yield()
        self.type(key)

    def end(self) -> list[str]:
        """Wait for the end of the command, and return the last screen."""
        while self._read():
            pass
        self.process.wait()
        return self.lines

    def _read(self) -> bool:
        try:
            content = os.read(self._primary, 2**16)
        except OSError:  # the command was the last that had the terminal open
            content = b""
        self._stream.feed(content)
        return bool(content)


@contextlib.contextmanager
def terminal(columns: int, *arguments: str, cwd: Path, **environment: str) -> Iterator[Terminal]:
    """Run imrgen in a terminal.

    Args:
        columns: The width of the terminal.
        arguments: The command line.
        cwd: The folder in which it runs.
        environment: What to add to the environment.
    """
    primary, secondary = pty.openpty()
    fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    options: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), secondary)
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, "-c", _IN_TERMINAL, *arguments],
        cwd=cwd,
        env={**kept, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment},
        start_new_session=True,
        **options,
    )
    os.close(secondary)
    try:
        yield Terminal(process, primary, columns)
    finally:
        os.close(primary)
        process.kill()
        process.wait()


# A program's controlling terminal is the one from which Ctrl-C reaches it.
_IN_TERMINAL = (
    "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "sys.argv[0] = 'imrgen'; from imrgen.__main__ import main; main()"
)
