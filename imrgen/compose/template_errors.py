"""Where exactly a template is at fault: file, line, column, and the chain of includes.

Jinja reports a line at most (pallets/jinja#1760). The column is found by what else it reports: for
a syntax error the token that its parser had reached, for an undefined value the name that was asked
for, on the line that was being rendered.
"""

import inspect
import itertools
import re
import traceback
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

import jinja2
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from imrgen.case import Case, line_start, span_at
from imrgen.compose.environment import Sandbox
from imrgen.compose.filters import kind, withheld
from imrgen.compose.missing import Missing
from imrgen.diagnostics import (
    Diagnostic,
    Excerpt,
    PackError,
    PackLimitError,
    Span,
    codes,
    field,
    nearest,
)
from imrgen.pack import TemplatePack
from imrgen.workers import TimedOut, diagnose

_TAG = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)", re.DOTALL)
_QUOTED = re.compile(r"""(?<!of )(['"])(.+?)(?<!\\)\1(?=[\s.,]|$)""", re.DOTALL)
"""A name that a message quotes; what stands after "of" is a type."""
_OFFSET = re.compile(r"\bat (\d+)$")
_CLOSED = ("for", "if", "block", "filter", "with", "macro", "call", "autoescape")
"""The tags that another tag closes."""
_TAGS = (
    *_CLOSED,
    *(f"end{name}" for name in _CLOSED),
    *("elif", "else", "extends", "import", "include", "set"),
)


def template_error(
    fault: Exception | TimedOut, pack: TemplatePack, sandbox: Sandbox, case: Case | None = None
) -> PackError:
    """Return the error for what rendering or compiling a template raised.

    Args:
        fault: What was raised.
        pack: The pack whose templates are rendered.
        sandbox: The environment that renders them.
        case: The case that was rendered, to name where in its file a missing value would stand.
    """
    lines = _template_lines(fault, pack)
    span = lines[0] if lines else None
    trace = tuple(lines[1:])
    hints: tuple[str, ...] = ()
    error = PackError
    if isinstance(fault, jinja2.TemplateNotFound):
        name = str(fault.name)
        is_written = _is_written(name, lines, pack)
        what = f"template `{name}`" if is_written else "template of a name that is computed"
        code = codes.PACK_FILE_MISSING
        message = f"pack `{pack.name}` has no {what}"
        span = _name_span(span, name, pack) if span else None
        hints = pack.hints(name) if is_written else ()
    elif isinstance(fault, jinja2.TemplateSyntaxError):
        code = codes.TEMPLATE_SYNTAX
        message = f"template syntax: {fault.message}"
        span, hints = _syntax_error(fault, pack, sandbox)
        trace = tuple(line for line in lines if line.file != str(fault.filename))
    elif isinstance(fault, Missing):
        code = codes.TEMPLATE_UNDEFINED
        message = "there is nothing under a name or an index that is computed"
        if _is_written(fault.name, lines, pack):
            message = fault.message or "undefined"
        hints = _field_hint(fault, pack, case)
        span = _name_span(span, fault.name, pack) if span else None
    elif isinstance(fault, TimedOut | MemoryError | RecursionError):
        limit = diagnose(fault)
        error = PackLimitError
        code = limit.code
        message = limit.message
        hints = limit.hints
    else:
        code = codes.TEMPLATE_FAILED
        # Jinja's own messages name types and attributes; any other may quote a value of the case.
        own = fault.message if isinstance(fault, jinja2.TemplateError) else None
        message = _without_computed(own, lines, pack) if own else _misuse(fault, sandbox)
    excerpt = Excerpt.of(_line(span, pack), span) if span else None
    return error([Diagnostic(code, message, "error", (), span, excerpt, hints, trace)])


def _misuse(fault: Exception, sandbox: Sandbox) -> str:
    """Describe an error of Python's by the filter that raised it, and by what that was given."""
    functions = {
        inspect.unwrap(function).__code__: name
        for name, function in sandbox.filters.items()
        if hasattr(inspect.unwrap(function), "__code__")
    }
    name = type(fault).__name__
    for frame, _ in traceback.walk_tb(fault.__traceback__):
        if frame.f_code in functions:
            given = next(
                (
                    kind(value)
                    for argument, value in frame.f_locals.items()
                    if argument not in ("context", "env", "environment", "eval_ctx")
                ),
                "nothing",
            )
            return f"the filter `{functions[frame.f_code]}` cannot take {given} here ({name})"
    for pattern, words in _MISUSES:
        found = re.match(pattern, str(fault))
        if found:
            parts = {
                key: part if key == "sign" else _TYPES.get(part, "a table")
                for key, part in found.groupdict().items()
            }
            return words.format_map(parts)
    return f"what is written here cannot be computed ({name})"


_TYPES = {
    "str": "text",
    "Markup": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "date": "a date",
    "tuple": "a list",
    "list": "a list",
    "range": "a list",
    "generator": "a list",
    "dict": "a table",
    "NoneType": "nothing",
    "function": "a function",
    "builtin_function_or_method": "a function",
    "method": "a function",
}
"""Python's types as an author calls them; most others are tables of the case."""
_A, _B = (rf"['\"]?(?:\w+\.)*(?P<{name}>\w+)['\"]?" for name in "ab")
_MISUSES = (
    (
        rf"unsupported operand type\(s\) for (?P<sign>\S+?)(?: or \w+\(\))?: {_A} and {_B}",
        "`{sign}` does not take {a} and {b}",
    ),
    (
        rf"can only concatenate {_A} \(not {_B}\)",
        "`+` does not take {a} and {b}; `~` joins texts and numbers",
    ),
    (
        rf"(?P<sign>'[<>]=?') not supported between instances of {_A} and {_B}",
        "{sign} does not compare {a} and {b}",
    ),
    (rf"bad operand type for unary (?P<sign>\S+): {_A}", "`{sign}` does not take {a}"),
    (rf"{_A} object is not callable", "{a} is not called, so leave out the parentheses"),
    (rf"{_A} object is not iterable", "{a} is not a list"),
    (r"[\w.]+\(\) (?:takes|got|missing|expected|requires)", "what is called takes other arguments"),
    (r"[\w ]+ by zero", "a number is divided by zero"),
    (r".*\btoo large\b", "a number is too large"),
)
"""What Python says of a misused value, and what an author is told. It names types, not values."""


def _template_lines(fault: BaseException, pack: TemplatePack) -> list[Span]:
    """List the template lines of a traceback, the innermost first, each from its first tag on."""
    lines: list[Span] = []
    at = fault.__traceback__
    while at is not None:
        frame, number, at = at.tb_frame, _python_line(at), at.tb_next
        file = frame.f_code.co_filename
        if pack.at(file) is not None:
            # Jinja rewrites the traceback of an `Exception` only.
            template = frame.f_globals.get("__jinja_template__")
            line = template.get_corresponding_lineno(number) if template else number
            lines.insert(0, _first_tag(file, line, pack))
    return [line for line, _ in itertools.groupby(lines)]


def _python_line(at: TracebackType) -> int:
    """Return the line where a frame was; for an instruction without one, that of the one before."""
    if at.tb_lineno is not None:
        return at.tb_lineno
    code = at.tb_frame.f_code
    passed = [code.co_firstlineno]
    passed += [line for start, _, line in code.co_lines() if line and start <= at.tb_lasti]
    return passed[-1]


def _is_written(name: str, lines: list[Span], pack: TemplatePack) -> bool:
    """Return whether a template holds a name as it is; a computed one may come from the case."""
    return not lines or any(name in _text(line.file, pack) for line in lines)


def _without_computed(message: str, lines: list[Span], pack: TemplatePack) -> str:
    """Return Jinja's message without the names it quotes that no template holds as they are."""
    return _QUOTED.sub(
        lambda quoted: (
            quoted[0] if _is_written(quoted[2], lines, pack) else "of a name that is computed"
        ),
        message,
    )


def _text(file: str, pack: TemplatePack) -> str:
    template = pack.at(file)
    return template.text if template else ""


def _line(span: Span, pack: TemplatePack) -> str:
    """Return the line of a span; empty where the file has fewer lines."""
    lines = _text(span.file, pack).split("\n")
    return lines[span.line - 1] if span.line <= len(lines) else ""


def _first_tag(file: str, line: int, pack: TemplatePack) -> Span:
    """Return the first tag of a line; where there is none, the line's words."""
    text = _line(Span(file, line, 1), pack)
    tag = re.search(r"\{[{%].*?(?:[%}]\}|$)", text)
    words = tag[0] if tag else text.strip()
    return Span(file, line, text.find(words) + 1, max(1, len(words)))


def _name_span(span: Span, name: str, pack: TemplatePack) -> Span:
    """Find a name from a line on; where no tag from there on holds it, return the span itself."""
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    text = _text(span.file, pack)
    start = line_start(text, span.line)
    # In a tag, since the page's own words may hold the name too; a tag may have begun on a line
    # above.
    for tag in _TAG.finditer(text) if name else ():
        found = word.search(text, max(tag.start(), start), tag.end())
        if found:
            return span_at(span.file, text, found.start(), len(name))
    return span


def _syntax_error(
    fault: jinja2.TemplateSyntaxError, pack: TemplatePack, sandbox: Sandbox
) -> tuple[Span, tuple[str, ...]]:
    file = str(fault.filename)
    message = fault.message or ""
    if isinstance(fault, jinja2.TemplateAssertionError):
        quoted = re.search(r"'([^']+)'", message)
        name = quoted[1] if quoted else ""
        known = {"filter": sandbox.filters, "test": sandbox.tests}
        missing = next((each for each in known if f"No {each} " in message), None)
        span = _name_span(_first_tag(file, fault.lineno, pack), name, pack)
        return span, withheld(name) or nearest(name, known[missing]) if missing else ()
    offset = _OFFSET.search(message)
    if offset:
        return span_at(file, _text(file, pack), int(offset[1])), ()
    tag = re.search(r"Encountered unknown tag '(\w+)'", message)
    hints = nearest(tag[1], _TAGS) if tag else ()
    return _last_token(file, fault.lineno, message, pack, sandbox), hints


def _last_token(file: str, line: int, message: str, pack: TemplatePack, sandbox: Sandbox) -> Span:
    """Parse again, and find the token where the parser stopped, or the tag that is not closed."""
    read: list[Any] = []

    def recorded(tokens: Iterable[Any]) -> Iterator[Any]:
        for token in tokens:
            read.append(token)
            yield token

    try:
        tokens = sandbox.lexer.wrap(
            sandbox.lexer.tokeniter(_text(file, pack), None, file), None, file
        )
        parser = Parser(sandbox, "", None, file)
        parser.stream = TokenStream(recorded(tokens), None, file)
        parser.parse()
    except jinja2.TemplateSyntaxError:
        pass
    if not read:
        return _first_tag(file, line, pack)
    last = read[-1]
    if message.startswith("Unexpected end of template"):
        last = _unclosed_tag(read) or last
    unexpected = re.match(r"unexpected '(.)'", message)
    if unexpected and str(last.value) != unexpected[1]:
        # The lexer stopped at the character behind the last token.
        after = _token_span(file, last, read, pack)
        start = after.column - 1 + after.length if after.line == line else 0
        at = _line(Span(file, line, 1), pack).find(unexpected[1], start)
        return Span(file, line, at + 1) if at >= 0 else after
    before = [token for token in read[: read.index(last) + 1] if token.lineno == last.lineno]
    return _token_span(file, last, before, pack)


def _token_span(file: str, token: Any, before: list[Any], pack: TemplatePack) -> Span:
    """Find a token on its line, as the n-th of its text there."""
    text = str(token.value)
    if token.type in ("data", "block_end", "variable_end", "eof"):
        text = {"block_end": "%}", "variable_end": "}}"}.get(token.type, "")
    word = rf"\b{re.escape(text)}\b" if text.isidentifier() else re.escape(text)
    line = _line(Span(file, token.lineno, 1), pack)
    found = [each.start() for each in re.finditer(word, line)] if text else []
    if not found:
        return _first_tag(file, token.lineno, pack)
    same = [each for each in before if (each.value, each.type) == (token.value, token.type)]
    # The page's own words before the tag may hold the text too; tags come last.
    start = found[min(len(same), len(found)) - 1]
    return Span(file, token.lineno, start + 1, len(text))


def _unclosed_tag(tokens: list[Any]) -> Any | None:
    """Find the last tag that was opened and not closed."""
    opened: list[Any] = []
    for before, token in itertools.pairwise(tokens):
        if before.type != "block_begin" or token.type != "name":
            continue
        if token.value.startswith("end"):
            while opened and opened.pop().value != token.value[3:]:
                pass
        elif token.value in _CLOSED:
            opened.append(token)
    return opened[-1] if opened else None


def _field_hint(fault: Missing, pack: TemplatePack, case: Case | None) -> tuple[str, ...]:
    """Name the field of the case file that would give a value, where there is one."""
    if case is None:
        return ()
    owner = case if fault.is_name else fault.owner
    for path, value, table in pack.model.walk(case):
        if value is owner and fault.name in table.fields:
            path = (*path, fault.name)
            place = case.source.nearest(path) if case.source else None
            where = f" at {place.file}:{place.line}:{place.column}" if place else ""
            return (f"the case file would give it as `{field(path)}`{where}",)
    return ()
