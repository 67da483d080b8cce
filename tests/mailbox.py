"""A named pipe in which a test gets what another program has to say, without polling."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

PATIENCE = 60
"""Seconds after which a message is given up."""


class Mailbox:
    """A mailbox, and a program that posts its arguments to it.

    Args:
        path: Where the pipe is made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        os.mkfifo(path)
        # Open for writing, too: so it neither waits for a writer nor ends with one.
        self._pipe = os.open(path, os.O_RDWR)

    def poster(self, program: Path) -> Path:
        """Write a program that posts its arguments, the first being its own path."""
        program.write_text(
            f"#!{sys.executable}\nimport sys\n"
            f"open({str(self._path)!r}, 'w').write(repr(sys.argv))\n"
        )
        program.chmod(0o755)
        return program

    def receive(self) -> str:
        """Return the next message."""
        ready, _, _ = select.select([self._pipe], [], [], PATIENCE)
        assert ready, f"nothing came in {PATIENCE} s"
        return os.read(self._pipe, select.PIPE_BUF).decode()

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._pipe)
