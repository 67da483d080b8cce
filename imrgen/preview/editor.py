"""The user's editor: a URL that the browser follows, or a command that the server runs."""

import re
import shlex
import shutil
import subprocess
import threading
from pathlib import Path

from imrgen.diagnostics import PreviewError, codes

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_PLACEHOLDER = re.compile(r"\{(file|line|column)\}")
# The arguments by which each known program opens a file at a line.
_ARGUMENTS = {
    **dict.fromkeys(
        ("vi", "vim", "gvim", "nvim", "emacs", "emacsclient", "nano"), ("+{line}", "{file}")
    ),
    **dict.fromkeys(("code", "codium"), ("--goto", "{file}:{line}:{column}")),
    **dict.fromkeys(("subl", "zed", "hx"), ("{file}:{line}:{column}",)),
}


class Editor:
    """An editor.

    Args:
        command: A URL, or a command as a shell would parse it; `{file}`, `{line}` and `{column}`
            are filled in. A command without any of them is given the file, and the line if its
            program is known.

    Attributes:
        url: The URL; empty for a command.

    Raises:
        ValueError: There is no such command.
    """

    def __init__(self, command: str) -> None:
        self.url = command if _URL.match(command) else ""
        self._command = [] if self.url else shlex.split(command)
        if not self.url and (not self._command or shutil.which(self._command[0]) is None):
            raise ValueError(f"'{command}' is not a URL, and there is no such command")
        if self._command and not _PLACEHOLDER.search(command):
            self._command += _ARGUMENTS.get(Path(self._command[0]).stem, ("{file}",))

    def arguments(self, path: Path, line: int, column: int) -> list[str]:
        """Return the command that opens a file; empty if the browser follows the URL.

        Args:
            path: The file.
            line: The line, from 1.
            column: The column, from 1.
        """
        values = {"file": str(path.absolute()), "line": str(line), "column": str(column)}
        return [
            _PLACEHOLDER.sub(lambda match: values[match[1]], argument) for argument in self._command
        ]

    def open(self, path: Path, line: int, column: int) -> None:
        """Open a file, without waiting for the editor.

        Args:
            path: The file.
            line: The line, from 1.
            column: The column, from 1.

        Raises:
            PreviewError: The editor cannot be started.
        """
        try:
            # In a session of its own: the editor stays open when the preview ends.
            process = subprocess.Popen(  # noqa: S603 - no shell
                self.arguments(path, line, column),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, IndexError):
            raise PreviewError.of(
                codes.EDITOR_NOT_STARTED, "the editor cannot be started"
            ) from None
        threading.Thread(target=process.wait, daemon=True).start()
