"""One `Diagnostic` for every fault: of a case file, of a pack, of a template, of an output.

A diagnostic carries data; only the command line and the preview print. It holds no value of a case:
the excerpt shows the key, and an ellipsis in the value's place, so that people may read a log who
may not read the case.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]
"""The place of a value in the data: `("issues", 0, "rationale")`."""


class Span(msgspec.Struct, frozen=True):
    """A place in a file.

    Args:
        file: The file's name as the user gave it.
        line: From 1.
        column: In characters, from 1.
        length: In characters, within the line; at least 1.
    """

    file: str
    line: int
    column: int
    length: int = 1


class Excerpt(msgspec.Struct, frozen=True):
    """The source line as a reader sees it, values taken out.

    Args:
        text: The line, shortened, with `…` for every value.
        start: Where the caret begins in `text`, from 0.
        length: How many characters the caret underlines.
    """

    text: str
    start: int
    length: int


class Diagnostic(msgspec.Struct, frozen=True):
    """One fault, and how to mend it.

    Args:
        code: Stable id, `IMR` and three digits.
        message: One sentence without a full stop; fields and positions only, never a case's values.
        severity: `error` stops the letter, `warning` does not.
        path: The value's place in the data; empty where there is none.
        span: The place in the file; `None` for data that came from no file.
        excerpt: The line to show; `None` where there is none.
        hints: How to mend it, a sentence each.
        trace: For a template, the places that included it, the nearest first.
    """

    code: str
    message: str
    severity: Severity = "error"
    path: Path = ()
    span: Span | None = None
    excerpt: Excerpt | None = None
    hints: tuple[str, ...] = ()
    trace: tuple[Span, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the diagnostic as plain data, ready for JSON; the keys stay as they are.

        Returns:
            `code`, `severity`, `message`; `path` as a list, and `field`, the path as text
            (`issues[0].rationale`); `span` (`file`, `line`, `column`, `length`) and `excerpt`
            (`text`, `start`, `length`), each `None` where there is none; `hints`; `trace`, a list
            of spans.
        """
        return {**msgspec.to_builtins(self), "field": field(self.path)}


def field(path: Path) -> str:
    """Return a path as text: `("issues", 0, "rationale")` is `issues[0].rationale`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def in_file_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sort diagnostics by their places; those without one come first, and equals stay as they are."""
    return sorted(diagnostics, key=lambda d: (d.span.line, d.span.column) if d.span else (0, 0))


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the hint “did you mean …?” for an unknown name; nothing where no known name is near."""
    import difflib

    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return (f"did you mean `{found[0]}`?",) if found else ()
