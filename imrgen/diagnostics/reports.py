"""Diagnostics in the formats of reports: text, short lines, JSON, GitHub annotations, SARIF."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from imrgen._version import __version__
from imrgen.diagnostics.codes import registry
from imrgen.diagnostics.diagnostic import Diagnostic, Excerpt, ReportFormat, field

_RED = "\033[31m"
_YELLOW = "\033[33m"
_BLUE = "\033[34m"
_CYAN = "\033[36m"
_BOLD = "\033[1m"
_RESET = "\033[0m"


def report(
    diagnostics: Sequence[Diagnostic], output_format: ReportFormat = "text", colour: bool = False
) -> str:
    """Return diagnostics in a format, in the given order.

    Args:
        diagnostics: The diagnostics.
        output_format: `text` with source lines and carets, `short` with one line for each, `json`,
            `github` for annotations of a pull request, `sarif` (2.1.0) for code scanners.
        colour: Whether `text` has a terminal's colours.

    Returns:
        The report, which ends with a newline unless it is empty.
    """
    writers: Mapping[ReportFormat, Callable[[], Iterable[str]]] = {
        "text": lambda: (line for diagnostic in diagnostics for line in _text(diagnostic, colour)),
        "short": lambda: map(headline, diagnostics),
        "json": lambda: [
            json.dumps([d.to_dict() for d in diagnostics], indent=2, ensure_ascii=False)
        ],
        "github": lambda: map(_annotation, diagnostics),
        "sarif": lambda: [json.dumps(_sarif(diagnostics), indent=2, ensure_ascii=False)],
    }
    return "".join(f"{line}\n" for line in writers[output_format]())


def reveal(diagnostic: Diagnostic, text: str) -> Diagnostic:
    """Replace a diagnostic's excerpt by the source line with its values.

    Args:
        diagnostic: The diagnostic.
        text: The text of the file that its span refers to.
    """
    span = diagnostic.span
    lines = text.split("\n")
    if span is None or span.line > len(lines):
        return diagnostic
    excerpt = Excerpt.of(lines[span.line - 1], span)
    return msgspec.structs.replace(diagnostic, excerpt=excerpt)


def headline(diagnostic: Diagnostic) -> str:
    """Return a diagnostic as one line: place, severity, code, field, message, hints."""
    hints = "".join(f"; {hint}" for hint in diagnostic.hints)
    label = f"{diagnostic.severity}[{diagnostic.code}]"
    return f"{_place(diagnostic)}{label}: {_message(diagnostic)}{hints}"


def _place(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    return f"{span.file}:{span.line}:{span.column}: " if span else ""


def _message(diagnostic: Diagnostic) -> str:
    path = field(diagnostic.path)
    return f"{path}: {diagnostic.message}" if path else diagnostic.message


def _text(diagnostic: Diagnostic, colour: bool) -> Iterator[str]:
    def paint(text: str, *codes: str) -> str:
        return f"{''.join(codes)}{text}{_RESET}" if colour and text else text

    weight = _RED if diagnostic.severity == "error" else _YELLOW
    label = paint(f"{diagnostic.severity}[{diagnostic.code}]", _BOLD, weight)
    hints = "".join(f"; {paint(hint, _CYAN)}" for hint in diagnostic.hints)
    yield f"{paint(_place(diagnostic), _BOLD)}{label}: {_message(diagnostic)}{hints}"
    span, excerpt = diagnostic.span, diagnostic.excerpt
    if span and excerpt:
        number = str(span.line)
        bar = paint("|", _BLUE)
        yield f"  {paint(number, _BLUE)} {bar} {excerpt.text}"
        caret = paint("^" * excerpt.length, _BOLD, weight)
        yield f"  {' ' * len(number)} {bar} {' ' * excerpt.start}{caret}"
    for place in diagnostic.trace:
        yield f"  {paint('=', _BLUE)} included from {place.file}:{place.line}:{place.column}"


def _annotation(diagnostic: Diagnostic) -> str:
    def escape(text: str, more: str = "") -> str:
        return "".join(f"%{ord(c):02X}" if c in "%\r\n" + more else c for c in text)

    span = diagnostic.span
    place = f"file={escape(span.file, ',:')},line={span.line},col={span.column}," if span else ""
    message = "; ".join([_message(diagnostic), *diagnostic.hints])
    return f"::{diagnostic.severity} {place}title={diagnostic.code}::{escape(message)}"


def _sarif(diagnostics: Sequence[Diagnostic]) -> dict[str, Any]:
    rules = [_rule(code) for code in sorted({diagnostic.code for diagnostic in diagnostics})]
    driver = {"name": "imrgen", "version": __version__, "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "results": [_result(diagnostic) for diagnostic in diagnostics],
            }
        ],
    }


def _rule(id_: str) -> dict[str, Any]:
    code = registry[id_]
    words = re.findall(r"\w+", code.title)
    return {
        "id": id_,
        "name": "".join(word[0].upper() + word[1:] for word in words),
        "shortDescription": {"text": code.title},
        "help": {"text": "\n\n".join(filter(None, [code.manual, code.source]))},
        "defaultConfiguration": {"level": code.severity},
    }


def _result(diagnostic: Diagnostic) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "level": diagnostic.severity,
        "message": {"text": "; ".join([_message(diagnostic), *diagnostic.hints])},
    }
    if span := diagnostic.span:
        region = {
            "startLine": span.line,
            "startColumn": span.column,
            "endColumn": span.column + span.length,
        }
        location = {"artifactLocation": {"uri": _address(span.file)}, "region": region}
        result["locations"] = [{"physicalLocation": location}]
    return result


def _address(file: str) -> str:
    """Return a file's name as a URI; one of Windows, with its drive and backslashes, too."""
    name = file.replace("\\", "/")
    return f"file:///{name}" if name[1:3] == ":/" else name
