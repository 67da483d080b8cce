"""Standard input, output and error: what is closed, full, or of an encoding with few characters."""

import codecs
import io
import json
import os
import sys
from typing import Any, TextIO


class _Output(io.FileIO):
    """Standard output, whose failure is an error like that of any other file."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data) or 0
        except OSError as fault:
            # What is still buffered is dropped: else it would fail again at the exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
            if isinstance(fault, BrokenPipeError):
                raise
            # Imported late, for it loads what a letter is made with.
            from imrgen.export import unwritable

            raise unwritable("standard output", fault) from None


class _Errors(io.FileIO):
    """Standard error; where it cannot be written, the exit code still says what happened."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data) or 0
        except OSError:
            return len(data)


def prepare() -> None:
    """Make the standard streams usable for everything that a command prints.

    What the caller has closed is opened: input as an empty file, output so that a write fails.
    Otherwise the next file that is opened would take its place. A character that an encoding lacks
    is printed as an escape.
    """
    for number, flag in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number, which is this one.
            os.set_inheritable(os.open(os.devnull, flag), True)
    codecs.register_error("imrgen", _escape)
    if sys.stdin is None:
        raw = io.FileIO(0, closefd=False)
        raw.name = "<stdin>"
        sys.stdin = io.TextIOWrapper(io.BufferedReader(raw))
    for name, class_, number in (("stdout", _Output, 1), ("stderr", _Errors, 2)):
        before = getattr(sys, name)
        if _is_console(before):
            before.reconfigure(errors="imrgen", line_buffering=True)
        else:
            setattr(sys, name, _writer(class_(number, "w", closefd=False), before))


def _escape(fault: UnicodeError) -> tuple[str, int]:
    r"""Write a character as JSON does, `\u2019`, so that what is JSON stays JSON."""
    assert isinstance(fault, UnicodeEncodeError)
    return json.dumps(fault.object[fault.start : fault.end])[1:-1], fault.end


def _is_console(stream: TextIO | None) -> bool:
    """Return whether a stream is a console of Windows, whose bytes are encoded in its own way."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return type(raw).__name__ == "_WindowsConsoleIO"


def _writer(raw: io.FileIO, before: TextIO | None) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=before.encoding if before else None,
        errors="imrgen",
        line_buffering=raw.isatty() or isinstance(raw, _Errors),
    )
