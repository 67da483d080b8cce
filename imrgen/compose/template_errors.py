"""Where exactly a template is at fault: file, line, column, and the chain of includes.

Jinja gives a line at most (pallets/jinja#1760). The column is found by what Jinja does say: for a
syntax error the token that its parser had reached, for an undefined value the name that was asked
for, on the line that was being rendered.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

import jinja2
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from imrgen.case import Case, Field
from imrgen.compose.environment import Missing, Sandbox
from imrgen.diagnostics import Diagnostic, Excerpt, PackError, Span, codes, field, nearest
from imrgen.diagnostics import Path as DataPath
from imrgen.pack import TemplatePack
from imrgen.workers import TimedOut, diagnose

_MADE_HERE = re.compile(
    r"\{%-?\s*for\s+([\w\s,]+?)\s+in\b|\{%-?\s*set\s+(\w+)|\b(\w+)\s*=(?!=)|\bas\s+(\w+)"
)
_TAG = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)", re.DOTALL)
_BEHIND = re.compile(r"\bat (\d+)$")


class Blame:
    """Turns what Jinja raises into diagnostics.

    Args:
        pack: The pack whose templates are rendered.
        sandbox: The environment that renders them.
    """

    def __init__(self, pack: TemplatePack, sandbox: Sandbox) -> None:
        self._pack, self._sandbox = pack, sandbox

    def error(self, fault: Exception | TimedOut, case: Case | None = None) -> PackError:
        """Give the error for what was raised.

        Args:
            fault: Anything that rendering or compiling a template raised.
            case: The case that was rendered, to say where in its file a missing value would stand.
        """
        places = list(self._places(fault))
        if isinstance(fault, jinja2.TemplateNotFound):
            name = str(fault.name)
            is_written = self._is_written(name, places)
            what = f"template `{name}`" if is_written else "template of a name that is computed"
            return self._told(
                codes.PACK_FILE_MISSING,
                f"pack `{self._pack.name}` has no {what}",
                self._at(places, name),
                places[1:],
                self._pack.hints(name) if is_written else (),
            )
        if isinstance(fault, jinja2.TemplateSyntaxError):
            span, hints = self._syntax(fault)
            chain = [place for place in places if place.file != span.file]
            return self._told(
                codes.TEMPLATE_SYNTAX, f"template syntax: {fault.message}", span, chain, hints
            )
        if isinstance(fault, Missing):
            hints = (*self._known(fault, places), *self._in_the_case(fault, case))
            is_written = self._is_written(fault.name, places)
            message = "there is nothing under a name or an index that is computed"
            return self._told(
                codes.TEMPLATE_UNDEFINED,
                (fault.message or "undefined") if is_written else message,
                self._at(places, fault.name),
                places[1:],
                hints,
            )
        if isinstance(fault, TimedOut | MemoryError | RecursionError):
            limit = diagnose(fault)
            return self._told(
                limit.code, limit.message, self._at(places, ""), places[1:], limit.hints
            )
        # Jinja's own messages name types and attributes; any other may quote a value of the case.
        said = (
            fault.message
            if isinstance(fault, jinja2.TemplateError) and fault.message
            else type(fault).__name__
        )
        return self._told(codes.TEMPLATE_FAILED, said, self._at(places, ""), places[1:], ())

    def _told(
        self,
        code: str,
        message: str,
        span: Span | None,
        trace: Iterable[Span],
        hints: tuple[str, ...],
    ) -> PackError:
        excerpt = None
        if span is not None:
            line = (
                self._lines(span.file)[span.line - 1]
                if span.line <= len(self._lines(span.file))
                else ""
            )
            excerpt = Excerpt(line, span.column - 1, span.length)
        diagnostic = Diagnostic(
            code, message, span=span, excerpt=excerpt, hints=hints, trace=tuple(trace)
        )
        return PackError([diagnostic])

    def _places(self, fault: BaseException) -> Iterator[Span]:
        """List the template lines of a traceback, the innermost first."""
        found: list[Span] = []
        trace = fault.__traceback__
        while trace is not None:
            file = trace.tb_frame.f_code.co_filename
            if self._pack.at(file) is not None:
                # Jinja rewrites the traceback of an `Exception` only.
                template = trace.tb_frame.f_globals.get("__jinja_template__")
                line = trace.tb_lineno
                span = Span(file, template.get_corresponding_lineno(line) if template else line, 1)
                if not found or found[-1] != span:
                    found.append(span)
            trace = trace.tb_next
        yield from (self._tag(span) for span in reversed(found))

    def _is_written(self, name: str, places: list[Span]) -> bool:
        """Return whether a template has a name as it is; one that is computed may be the case's."""
        return not places or any(name in "\n".join(self._lines(each.file)) for each in places)

    def _at(self, places: list[Span], name: str) -> Span | None:
        """Find a name from the innermost line on; where the line does not hold it, give its first tag."""
        if not places:
            return None
        innermost = places[0]
        if not name:
            return innermost
        word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
        lines = self._lines(innermost.file)
        text = "\n".join(lines)
        line_start = sum(len(line) + 1 for line in lines[: innermost.line - 1])
        # In a tag, since the page's own words may hold the name too; a tag may have begun on a line
        # above.
        for tag in _TAG.finditer(text):
            found = word.search(text, max(tag.start(), line_start), tag.end())
            if found:
                at = found.start()
                return Span(
                    innermost.file,
                    text.count("\n", 0, at) + 1,
                    at - text.rfind("\n", 0, at),
                    len(name),
                )
        return innermost

    def _syntax(self, fault: jinja2.TemplateSyntaxError) -> tuple[Span, tuple[str, ...]]:
        file, line = str(fault.filename), fault.lineno
        message = fault.message or ""
        quoted = re.search(r"'([^']+)'", message)
        hints: tuple[str, ...] = ()
        if isinstance(fault, jinja2.TemplateAssertionError):
            name = quoted[1] if quoted else ""
            known = {"filter": self._sandbox.filters, "test": self._sandbox.tests}
            kind = next((kind for kind in known if f"No {kind} " in message), None)
            hints = nearest(name, known[kind]) if kind else ()
            where = [self._tag(Span(file, line, 1))]
            return self._at(where, name) or where[0], hints
        source = "\n".join(self._lines(file))
        behind = _BEHIND.search(message)
        if behind:
            at = int(behind[1])
            return Span(file, source.count("\n", 0, at) + 1, at - source.rfind("\n", 0, at)), ()
        tag = re.search(r"Encountered unknown tag '(\w+)'", message)
        if tag:
            tags = [
                "block",
                "extends",
                "for",
                "if",
                "elif",
                "else",
                "endif",
                "endfor",
                "endblock",
                "include",
                "import",
            ]
            hints = nearest(
                tag[1],
                [*tags, "set", "filter", "endfilter", "with", "endwith", "macro", "endmacro"],
            )
        return self._reached(file, source, line, message), hints

    def _reached(self, file: str, source: str, line: int, message: str) -> Span:
        """Parse again, and find the token at which the parser gave up; for what is not closed, its opening tag."""
        taken: list[Any] = []

        def recorded(tokens: Iterable[Any]) -> Iterator[Any]:
            for token in tokens:
                taken.append(token)
                yield token

        lexer = self._sandbox.lexer
        try:
            tokens = recorded(lexer.wrap(lexer.tokeniter(source, None, file), None, file))
            parser = Parser(self._sandbox, "", None, file)
            parser.stream = TokenStream(tokens, None, file)
            parser.parse()
        except jinja2.TemplateSyntaxError:
            pass
        if not taken:
            return self._tag(Span(file, line, 1))
        last = taken[-1]
        opening = _not_closed(taken)
        if opening is not None and message.startswith("Unexpected end of template"):
            last = opening
        unexpected = re.match(r"unexpected '(.)'", message)
        if unexpected and str(last.value) != unexpected[1]:
            # The lexer gave up on the character behind the last token.
            text, after = [*self._lines(file), ""][line - 1], self._place(file, last, taken)
            at = text.find(
                unexpected[1], after.column - 1 + after.length if after.line == line else 0
            )
            return Span(file, line, at + 1) if at >= 0 else after
        return self._place(
            file, last, [t for t in taken[: taken.index(last) + 1] if t.lineno == last.lineno]
        )

    def _known(self, fault: Missing, places: list[Span]) -> tuple[str, ...]:
        """Name the nearest known name for one that is not known at all."""
        if not fault.is_name or not places:
            return ()
        text = "\n".join(self._lines(places[0].file))
        made = {
            name
            for names in _MADE_HERE.findall(text)
            for name in re.findall(r"\w+", " ".join(names))
        }
        tables = self._pack.model.root.fields
        if fault.name in tables:
            return ()
        return nearest(fault.name, {*tables, *self._sandbox.globals, *made, "issue", "loop"})

    def _in_the_case(self, fault: Missing, case: Case | None) -> tuple[str, ...]:
        """Name the field of the case file that would give a value, where there is one."""
        if case is None:
            return ()
        walked = self._pack.model.walk(case)
        table: tuple[DataPath, Field] | None = next(
            (
                (path, inner)
                for path, value, inner in walked
                if value is (case if fault.is_name else fault.owner)
            ),
            None,
        )
        if table is None or fault.name not in table[1].fields:
            return ()
        path = (*table[0], fault.name)
        place = case.source.nearest(path) if case.source else None
        where = f" at {place.file}:{place.line}:{place.column}" if place else ""
        return (f"the case file would give it as `{field(path)}`{where}",)

    def _lines(self, file: str) -> list[str]:
        found = self._pack.at(file)
        return (found.text.splitlines() if found else []) or [""]

    def _tag(self, span: Span) -> Span:
        """Let a span begin at the first tag of its line."""
        lines = self._lines(span.file)
        line = lines[span.line - 1] if span.line <= len(lines) else ""
        found = re.search(r"\{[{%].*?(?:[%}]\}|$)", line)
        text = found[0] if found else line.strip()
        return Span(span.file, span.line, line.find(text) + 1, max(1, len(text)))

    def _place(self, file: str, token: Any, before: list[Any]) -> Span:
        """Find a token on its line, as the n-th of its text there."""
        line = [*self._lines(file), ""][token.lineno - 1]
        text = str(token.value)
        if token.type in ("data", "block_end", "variable_end", "eof"):
            text = {"block_end": "%}", "variable_end": "}}"}.get(token.type, "")
        if not text:
            return self._tag(Span(file, token.lineno, 1))
        count = sum(
            1
            for other in before
            if str(other.value) == str(token.value) and other.type == token.type
        )
        word = rf"\b{re.escape(text)}\b" if text.isidentifier() else re.escape(text)
        found = list(re.finditer(word, line))
        # The page's own words before the tag may hold the text too; tags come last.
        index = min(count, len(found)) - 1
        return (
            Span(file, token.lineno, found[index].start() + 1, len(text))
            if found
            else self._tag(Span(file, token.lineno, 1))
        )


def _not_closed(tokens: list[Any]) -> Any | None:
    """Find the last tag that was opened and not closed."""
    open_: list[Any] = []
    for before, token in itertools.pairwise(tokens):
        if before.type != "block_begin" or token.type != "name":
            continue
        if token.value.startswith("end"):
            while open_ and open_.pop().value != token.value[3:]:
                pass
        elif token.value in ("for", "if", "block", "filter", "with", "macro", "call", "autoescape"):
            open_.append(token)
    return open_[-1] if open_ else None
