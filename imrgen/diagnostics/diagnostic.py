"""One `Diagnostic` for every problem: of a case file, a pack, a template or an output.

A diagnostic carries data; only the command line and the preview print. It holds no value of a case:
the excerpt shows the key, with an ellipsis in place of the value, so that people who must not read
the case may read a log.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

import msgspec

Severity = Literal["error", "warning"]
ReportFormat = Literal["text", "short", "json", "github", "sarif"]
REPORT_FORMATS: tuple[ReportFormat, ...] = get_args(ReportFormat)
Path = tuple[str | int, ...]
"""The keys and positions that lead to a value: `("issues", 0, "rationale")`."""


_WIDEST, _BEFORE = 240, 80
"""The characters of an excerpt, and those of them in front of what it is for."""


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
    """The source line without its values.

    Args:
        text: The line, shortened, with `…` for every value.
        start: Where the carets begin in `text`, from 0.
        length: The number of carets.
    """

    text: str
    start: int
    length: int

    @classmethod
    def of(cls, line: str, span: Span) -> "Excerpt":
        """Return the excerpt of a span's line: all of it, or what is around the span.

        A generated file may be one long line, with as many faults.
        """
        start = span.column - 1
        if len(line) <= _WIDEST:
            return cls(line, start, span.length)
        begin = max(0, start - _BEFORE)
        end = begin + _WIDEST
        shown = f"{'…' if begin else ''}{line[begin:end]}{'…' if end < len(line) else ''}"
        start += bool(begin) - begin
        return cls(shown, start, max(1, min(span.length, len(shown) - start)))


class Diagnostic(msgspec.Struct, frozen=True):
    """A problem, and how to correct it.

    Args:
        code: Stable id, `IMR` and three digits.
        message: One sentence without a full stop; fields and positions only, never a case's values.
        severity: `error` stops the letter, `warning` does not.
        path: The path of the value; empty if there is none.
        span: The place in the file; `None` for data that does not come from a file.
        excerpt: The line to show, if there is one.
        hints: How to correct it, a sentence each.
        trace: For a template, the places that included it, the innermost first.
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
        """Return the diagnostic as plain data, ready for JSON; the keys are stable.

        Returns:
            `code`, `severity`, `message`; `path` as a list, and `field`, the path as text
            (`issues[0].rationale`); `span` (`file`, `line`, `column`, `length`) and `excerpt`
            (`text`, `start`, `length`), each `None` if there is none; `hints`; `trace`, a list of
            spans.
        """
        return {**msgspec.to_builtins(self), "field": field(self.path)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Diagnostic":
        """Return the diagnostic that `to_dict` has written, also when it went through JSON.

        Raises:
            ValueError: It is none.
        """
        return msgspec.convert(data, cls)


def field(path: Path) -> str:
    """Return a path as text: `("issues", 0, "rationale")` is `issues[0].rationale`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def in_file_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sort diagnostics by their places, those without a place first; the sort is stable."""
    return sorted(diagnostics, key=lambda d: (d.span.line, d.span.column) if d.span else (0, 0))


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the hint “did you mean …?” for an unknown name; none if no known name is similar."""
    return tuple(f"did you mean `{known_name}`?" for known_name in similar_names(name, known))


def similar_names(name: str, known: Iterable[str]) -> list[str]:
    """Return the known name that is most similar to an unknown one; none if none is."""
    import difflib  # a letter without a fault needs no hint

    names = list(known)
    lowered = {each.lower(): each for each in reversed(names)}
    found = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    other = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return found or [lowered[each] for each in other]
