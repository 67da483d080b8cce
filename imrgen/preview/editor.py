"""How a place is opened in an editor: by a URL that the browser follows, or by a command that the server runs."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import threading
from pathlib import Path

from imrgen.diagnostics import Diagnostic, PreviewError, codes

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_PART = re.compile(r"\{(file|line|column)\}")
_WAYS = {
    **dict.fromkeys(
        ("vi", "vim", "gvim", "nvim", "emacs", "emacsclient", "nano"), ("+{line}", "{file}")
    ),
    **dict.fromkeys(("code", "codium"), ("--goto", "{file}:{line}:{column}")),
    **dict.fromkeys(("subl", "zed", "hx"), ("{file}:{line}:{column}",)),
}
"""How programs are told a place."""


class Editor:
    """An editor.

    Args:
        said: A URL, or a command as a shell would read it; `{file}`, `{line}` and `{column}` are
            filled in. A command with none of them gets the file, and the line in the way that its
            program knows.

    Attributes:
        url: The URL; empty where it is a command.

    Raises:
        ValueError: There is no such command.
    """

    def __init__(self, said: str) -> None:
        self.url = said if _URL.match(said) else ""
        self._command = [] if self.url else shlex.split(said)
        if not self.url and (not self._command or shutil.which(self._command[0]) is None):
            raise ValueError(f"'{said}' is no URL, and there is no such command")
        if self._command and not _PART.search(said):
            self._command += _WAYS.get(Path(self._command[0]).stem, ("{file}",))

    def arguments(self, path: Path, line: int, column: int) -> list[str]:
        """Give the command that opens a place; empty where the browser does that.

        Args:
            path: The file.
            line: The line, from 1.
            column: The column, from 1.
        """
        parts = {"file": str(path.absolute()), "line": str(line), "column": str(column)}
        return [_PART.sub(lambda found: parts[found[1]], argument) for argument in self._command]

    def open(self, path: Path, line: int, column: int) -> None:
        """Open a place, and wait for nothing.

        Args:
            path: The file.
            line: The line, from 1.
            column: The column, from 1.

        Raises:
            PreviewError: The editor cannot be started.
        """
        try:
            # A session of its own: what ends the preview leaves the editor open.
            process = subprocess.Popen(  # noqa: S603 - no shell
                self.arguments(path, line, column),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, IndexError):
            raise PreviewError(
                [Diagnostic(codes.EDITOR_NOT_STARTED, "the editor cannot be started")]
            ) from None
        threading.Thread(target=process.wait, daemon=True).start()
