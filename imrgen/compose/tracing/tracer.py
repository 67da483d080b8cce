"""Jinja that remembers for each character the place in the template and the case's fields.

Templates are compiled to the same code as in `imrgen.compose.environment`, with each output handed
to `Tracer.output`. The chain of includes is read from Python's own stack, as in a traceback.
"""

from __future__ import annotations

import functools
import itertools
import sys
from collections.abc import Callable, Iterable
from types import FrameType, GeneratorType
from typing import Any

import jinja2
import msgspec
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup

from imrgen.case import Case
from imrgen.compose import Sandbox
from imrgen.compose.branches import BranchMarks, BranchRecorder, TemplateBranches
from imrgen.compose.template_text import TemplateText, offset
from imrgen.compose.tracing.segments import Output, Run, TemplatePart, align, cut, match_words
from imrgen.compose.tracing.values import Fields, Traced, traced
from imrgen.diagnostics import Path, Span
from imrgen.pack import TemplatePack


class _Template(TemplateBranches):
    """A compiled template, and what its code refers to by numbers.

    Args:
        parts: What prints something.
        spans: For lines of the code that were run, the template's tag.
    """

    parts: list[TemplatePart] = msgspec.field(default_factory=list)
    spans: dict[int, Span] = msgspec.field(default_factory=dict)


class _Generator(BranchMarks):
    environment: Tracer

    def _registered(self, node: nodes.Node) -> str:
        """Register a part of the template, and return its name in the code."""
        file = str(self.filename)
        return f"{file!r}, {self.environment.register(node, file)}"

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's name
        super().visit_Template(node, frame)
        # These functions of compiled templates would lose where a text comes from.
        self.writeline("Markup = environment.markup")
        self.writeline("markup_join = environment.traced_join(markup_join)")
        self.writeline("str_join = environment.traced_join(str_join)")

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:  # noqa: N802
        for child in node.nodes:
            self._part = self._registered(child)
            super().visit_Output(nodes.Output([child], lineno=node.lineno), frame)

    def _output_const_repr(self, group: Iterable[Any]) -> str:
        return f"environment.output({self._part}, {super()._output_const_repr(group)})"

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        self.write(f"environment.output({self._part}, ")
        super()._output_child_pre(node, frame, finalize)
        self.write("(printed := ")

    def _output_child_post(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        self.write(")")
        super()._output_child_post(node, frame, finalize)
        self.write(", printed)")

    def start_write(self, frame: Frame, node: nodes.Node | None = None) -> None:
        super().start_write(frame, node)
        # What another template or a block printed, which has no node here, is traced already.
        self._wrapped = node is not None
        if node is not None:
            self.write(f"environment.output({self._registered(node)}, (printed := ")

    def end_write(self, frame: Frame) -> None:
        if self._wrapped:
            self.write("), printed)")
        super().end_write(frame)

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:  # noqa: N802
        if node.ctx != "load":
            super().visit_Name(node, frame)
            return
        self.write("environment.read(")
        super().visit_Name(node, frame)
        self.write(")")


class Tracer(BranchRecorder):
    """The environment that traces one render; it belongs to one thread.

    Args:
        pack: Where the templates are looked up.
        sandbox: The environment that is traced: its filters and globals.
        case: The case.
    """

    code_generator_class = _Generator
    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))
    template_type = _Template
    templates: dict[str, _Template]  # type: ignore[assignment]

    def __init__(self, pack: TemplatePack, sandbox: Sandbox, case: Case) -> None:
        super().__init__(pack, sandbox)
        self.filters = {
            name: self._traced_filter(function) for name, function in sandbox.filters.items()
        }
        self.used: set[Path] = set()
        self.model = pack.model
        self._fields = Fields(case, self.model)
        self.case = self._fields.case
        self._joined: str | None = None

    @property
    def texts(self) -> dict[str, TemplateText]:
        """The texts of all templates that were loaded, by their files."""
        return {file: compiled.text for file, compiled in self.templates.items()}

    # What the compiled templates call.

    def output(self, file: str, number: int, text: str, value: Any = None) -> str:
        """Return what a part of a template prints, with its runs.

        Args:
            file: The template's file.
            number: The part, as registered.
            text: What is printed, escaped.
            value: The value it was made of; none for the template's own words.
        """
        output = Output(
            self.templates[file].parts[number], self._trace()[1:], self._fields.paths(value)
        )
        known = value if isinstance(value, Traced) else Traced()
        if known.runs:
            runs = align(str(value), known.runs, text, output)
        elif known.text is not None and len(output.paths) == 1:
            runs = match_words(text, known.text, known.prefix, output)
        else:
            runs = (Run(output, 0, len(text)),) if text else ()
        printed: str = traced(str(text), runs=runs)
        return printed

    def concat(self, parts: Iterable[str]) -> str:
        """Join what a template, a block or a macro printed."""
        texts: list[str] = []
        runs: list[Run] = []
        for part in parts:
            texts.append(part)
            runs += part.runs if isinstance(part, Traced) else ()
        joined: str = traced("".join(texts), runs=tuple(runs))
        self._joined = joined
        return joined

    def cut(self, markup: str, start: int, end: int) -> Markup:
        """Return a part of what a template printed, with its runs."""
        runs = cut(markup.runs, start, end) if isinstance(markup, Traced) else ()
        part: Markup = traced(super().cut(markup, start, end), runs=runs)
        return part

    def markup(self, text: Any = "") -> Any:
        """Mark a text as HTML, its origin included."""
        safe = Markup(text)  # noqa: S704 - the template's own
        return traced(safe, **{"paths": (), **vars(text)}) if isinstance(text, Traced) else safe

    def traced_join(self, join: Callable[[Iterable[Any]], str]) -> Callable[[Iterable[Any]], Any]:
        """Return what `~` does as a function whose results know where they come from."""

        def joined(parts: Iterable[Any]) -> Any:
            parts = list(parts)
            return traced(join(parts), self._fields.paths(parts))

        return joined

    def read(self, value: Any) -> Any:
        """Record that a field was read."""
        if isinstance(value, Traced):
            self.used.update(value.paths)
        return value

    # What Jinja's sandbox calls.

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read a field, and record that."""
        return self._recorded(super().getattr(obj, attribute), obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Read an item, and record that; what a field looks up comes from that field."""
        value = self._recorded(super().getitem(obj, argument), obj, argument)
        if isinstance(argument, Traced) and not isinstance(value, Traced):
            return traced(value, argument.paths)
        return value

    def call(self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a macro, a block or a method."""
        self._joined = None
        value = super().call(__context, __obj, *args, **kwargs)
        if self._joined is not None and isinstance(value, str) and value == self._joined:
            return self.markup(self._joined) if isinstance(value, Markup) else self._joined
        return self._derived(value, getattr(__obj, "__self__", None), *args, *kwargs.values())

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Calculate."""
        return self._derived(super().call_binop(context, operator, left, right), left, right)

    def register(self, node: nodes.Node, file: str) -> int:
        """Register a part of a template that prints something, and return its number."""
        at = offset(node)
        compiled = self.templates[file]
        if isinstance(node, nodes.TemplateData):
            compiled.parts.append(TemplatePart(file, at, at + len(node.data), True))
        else:
            compiled.parts.append(TemplatePart(file, *compiled.text.tag(at), False))
        return len(compiled.parts) - 1

    def _recorded(self, value: Any, obj: Any, name: Any) -> Any:
        path = self._fields.path(obj)
        if path is not None:
            self.used.add((*path, name))
        return self.read(value)

    def _derived(self, value: Any, *origins: Any) -> Any:
        """Return a new value with the fields that it was made of."""
        if isinstance(value, Traced) and (value.paths or value.runs):
            return value
        return traced(value, (path for origin in origins for path in self._fields.paths(origin)))

    def _traced_filter(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a filter whose results know where they come from."""

        @functools.wraps(function)
        def traced_filter(*args: Any, **kwargs: Any) -> Any:
            # A filter would leave nothing of a generator.
            args = tuple(list(arg) if isinstance(arg, GeneratorType) else arg for arg in args)
            value = function(*args, **kwargs)
            inputs = [*args, *kwargs.values()]
            texts = (a for a in args if isinstance(a, Traced) and (a.runs or a.text is not None))
            first: Any = next(texts, None)
            if isinstance(value, str) and first is not None and first is not value:
                others = [arg for arg in inputs if arg is not first]
                if first.runs:
                    own = self._here()._replace(paths=self._fields.paths(others))
                    return traced(value, runs=align(str(first), first.runs, str(value), own))
                if isinstance(value, Markup) and not isinstance(first, Markup):
                    prefixes = (str(a) for a in others if isinstance(a, str) and a in value)
                    paths = self._fields.paths(first)
                    return traced(value, paths, text=first.text, prefix=next(prefixes, ""))
            return self._derived(value, *inputs)

        return traced_filter

    def _here(self) -> Output:
        """Return an output for what no tag printed: the first tag of the line that is run."""
        first, *rest = self._trace()
        start, end = self.templates[first.file].text.first_tag(first.line)
        return Output(TemplatePart(first.file, start, end, False), tuple(rest))

    def _trace(self) -> tuple[Span, ...]:
        """Return the template lines that are being run, the innermost first."""
        lines: list[Span] = []
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            template = frame.f_globals.get("__jinja_template__")
            if isinstance(template, jinja2.Template) and template.environment is self:
                compiled = self.templates[str(template.filename)]
                span = compiled.spans.get(frame.f_lineno)
                if span is None:
                    line = template.get_corresponding_lineno(frame.f_lineno)
                    span = compiled.text.span(*compiled.text.first_tag(line))
                    compiled.spans[frame.f_lineno] = span
                lines.append(span)
            frame = frame.f_back
        return tuple(span for span, _ in itertools.groupby(lines))
