"""Jinja that remembers for each character the place in the template and the case's fields.

Templates are compiled to the same code as in `imrgen.compose.environment`, with each output handed
to `Tracer.piece`. What called what is read off Python's own stack, as in the traceback of a fault.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable
from types import FrameType, GeneratorType
from typing import Any, NamedTuple

import jinja2
from jinja2 import nodes, runtime
from jinja2.compiler import CodeGenerator, Frame
from jinja2.lexer import TokenStream
from markupsafe import Markup

from imrgen.case import Case
from imrgen.compose import Sandbox
from imrgen.compose.tracing.segments import Piece, Place, Run, align, locate
from imrgen.compose.tracing.templates import Text, offset
from imrgen.compose.tracing.values import Fields, Told, told
from imrgen.diagnostics import Path, Span
from imrgen.pack import TemplatePack

_OURS = ("Markup", "markup_join", "str_join")
"""Names of the compiled code that stand for what would forget where a text comes from."""


_BRANCHES = (nodes.If, nodes.For, nodes.Block, nodes.Macro)


class Branch(NamedTuple):
    """A part of a template that is printed or not.

    Attributes:
        span: The tag that opens it.
        kind: `if`, `elif`, `else`, `for`, `block` or `macro`.
        taken: Whether the letter took it.
    """

    span: Span
    kind: str
    taken: bool


class _Body(list[nodes.Node]):
    """The statements of a branch, which know its number."""

    number: int


class _Generator(CodeGenerator):
    environment: Tracer

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's name
        super().visit_Template(node, frame)
        for name in _OURS:
            self.writeline(f"{name} = environment.{name.lower()}")

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:  # noqa: N802
        for child in node.nodes:
            self._place = self.environment.register(child, str(self.filename))
            super().visit_Output(nodes.Output([child], lineno=node.lineno), frame)

    def _output_const_repr(self, group: Iterable[Any]) -> str:
        return f"environment.piece({self._place}, {super()._output_const_repr(group)})"

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        self.write(f"environment.piece({self._place}, ")
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
        # What another template or a block printed, which has no node here, tells of itself.
        self._wrapped = node is not None
        if node is not None:
            self.write(
                f"environment.piece({self.environment.register(node, str(self.filename))}, (printed := "
            )

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

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        if isinstance(nodes, _Body):
            self.writeline(f"environment.taken.add({nodes.number})")
        super().blockvisit(nodes, frame)


class Tracer(Sandbox):
    """The environment that traces one render; it belongs to one thread.

    Args:
        pack: Where the templates are looked up.
        sandbox: The environment that is traced: its filters and globals.
        case: The case.
    """

    code_generator_class = _Generator
    compiled = None  # the code says where in this very environment it is traced
    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))

    def __init__(self, pack: TemplatePack, sandbox: Sandbox, case: Case) -> None:
        super().__init__(pack)
        self.filters = {
            name: self._listening(function) for name, function in sandbox.filters.items()
        }
        self.globals = sandbox.globals
        self.texts: dict[str, Text] = {}
        self.used: set[Path] = set()
        self.taken: set[int] = set()
        self._branches: list[tuple[str, tuple[int, int], str]] = []
        self._places: list[Place] = []
        self.model = pack.model
        self._fields = Fields(case, self.model)
        self.case = self._fields.case
        self._joined: str | None = None

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The branches of all templates that were loaded, in the order of loading."""
        return tuple(
            Branch(self.texts[file].span(*tag), kind, number in self.taken)
            for number, (file, tag, kind) in enumerate(self._branches)
        )

    # What the compiled templates call.

    def piece(self, number: int, text: str, value: Any = None) -> str:
        """Return what an output prints with its runs.

        Args:
            number: The place, as registered.
            text: What is printed, escaped.
            value: The value it was made of; none for the template's own words.
        """
        place = self._places[number]
        piece = Piece(place, self._trace()[1:], self._fields.paths(value))
        known = value if isinstance(value, Told) else Told()
        if known.runs:
            runs = align(str(value), known.runs, text, piece)
        elif known.text is not None and len(piece.paths) == 1:
            runs = locate(text, known.text, known.lead, piece)
        else:
            runs = (Run(piece, 0, len(text)),) if text else ()
        made: str = told(str(text), runs=runs)
        return made

    def concat(self, parts: Iterable[str]) -> str:
        """Join what a template, a block or a macro printed."""
        texts: list[str] = []
        runs: list[Run] = []
        for part in parts:
            texts.append(part)
            runs += part.runs if isinstance(part, Told) else ()
        made: str = told("".join(texts), runs=tuple(runs))
        self._joined = made
        return made

    def markup(self, text: Any = "") -> Any:
        """Mark a text as HTML, and keep what it tells."""
        made = Markup(text)  # noqa: S704 - the template's own
        return (
            told(made, text.paths, text.text, text.lead, text.runs)
            if isinstance(text, Told)
            else made
        )

    def markup_join(self, parts: Iterable[Any]) -> Any:
        """Do what `~` does."""
        parts = list(parts)
        return told(runtime.markup_join(parts), self._fields.paths(parts))

    def str_join(self, parts: Iterable[Any]) -> Any:
        """Do what `~` does where nothing is escaped."""
        parts = list(parts)
        return told(runtime.str_join(parts), self._fields.paths(parts))

    def read(self, value: Any) -> Any:
        """Note that a field was read."""
        if isinstance(value, Told):
            self.used.update(value.paths)
        return value

    # What Jinja's sandbox calls.

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read a field, and note it."""
        return self._noted(super().getattr(obj, attribute), obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Read an item, and note it; what a field looks up comes from that field."""
        value = self._noted(super().getitem(obj, argument), obj, argument)
        if isinstance(argument, Told) and not isinstance(value, Told):
            return told(value, argument.paths)
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

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Any:
        text = self.texts[str(filename)] = Text(str(filename), source)
        tokens = text.tokens(self.lexer.tokeniter(source, name, filename, state))
        return TokenStream(self.lexer.wrap(tokens, name, filename), name, filename)

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        file = str(filename)
        text = self.texts[file]
        found: list[Any] = list(source.find_all(_BRANCHES))
        for node in found:
            # An `elif` is an `if` of its own here; its `else` is kept by the first.
            if not isinstance(node.body, _Body):
                node.body = self._branch(
                    node.body, text, text.tag(offset(node)), type(node).__name__.lower()
                )
            for part in node.elif_ if isinstance(node, nodes.If) else ():
                part.body = self._branch(part.body, text, text.tag(offset(part)), "elif")
            if isinstance(node, nodes.If | nodes.For) and node.else_:
                node.else_ = self._branch(node.else_, text, text.opening(node.else_), "else")
        return super()._generate(source, name, filename, defer_init)

    def _branch(self, body: list[nodes.Node], text: Text, tag: tuple[int, int], kind: str) -> _Body:
        made = _Body(body)
        made.number = len(self._branches)
        self._branches.append((text.file, tag, kind))
        return made

    def register(self, node: nodes.Node, file: str) -> int:
        """Return the number of an output's place."""
        at = offset(node)
        if isinstance(node, nodes.TemplateData):
            self._places.append(Place(file, at, at + len(node.data), True))
        else:
            self._places.append(Place(file, *self.texts[file].tag(at), False))
        return len(self._places) - 1

    def _noted(self, value: Any, obj: Any, name: Any) -> Any:
        path = self._fields.path(obj)
        if path is not None:
            self.used.add((*path, name))
        return self.read(value)

    def _derived(self, value: Any, *origins: Any) -> Any:
        """Let a new value know the fields it was made of."""
        if isinstance(value, Told) and (value.paths or value.runs):
            return value
        return told(value, (path for origin in origins for path in self._fields.paths(origin)))

    def _listening(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Let what a filter gives know where it comes from."""

        @functools.wraps(function)
        def listening(*args: Any, **kwargs: Any) -> Any:
            given = [list(arg) if isinstance(arg, GeneratorType) else arg for arg in args]
            value = function(*given, **kwargs)
            first: Any = next(
                (a for a in given if isinstance(a, Told) and (a.runs or a.text is not None)), None
            )
            if isinstance(value, str) and first is not None and first is not value:
                if first.runs:
                    others = [arg for arg in (*given, *kwargs.values()) if arg is not first]
                    own = self._here()._replace(paths=self._fields.paths(others))
                    return told(value, runs=align(str(first), first.runs, str(value), own))
                if isinstance(value, Markup) and not isinstance(first, Markup):
                    lead = next(
                        (
                            str(arg)
                            for arg in (*given, *kwargs.values())
                            if isinstance(arg, str) and arg is not first and arg in value
                        ),
                        "",
                    )
                    return told(value, self._fields.paths(first), first.text, lead)
            return self._derived(value, *given, *kwargs.values())

        return listening

    def _here(self) -> Piece:
        """Return a piece for what no output printed: the first tag of the line that runs."""
        first, *rest = self._trace()
        start, end = self.texts[first.file].first_tag(first.line)
        return Piece(Place(first.file, start, end, False), tuple(rest))

    def _trace(self) -> tuple[Span, ...]:
        """Return the template lines that are being run, the innermost first."""
        found: list[Span] = []
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            template = frame.f_globals.get("__jinja_template__")
            if isinstance(template, jinja2.Template) and template.environment is self:
                span = self._line(
                    str(template.filename), template.get_corresponding_lineno(frame.f_lineno)
                )
                if not found or found[-1] != span:
                    found.append(span)
            frame = frame.f_back
        return tuple(found)

    def _line(self, file: str, line: int) -> Span:
        return self.texts[file].span(*self.texts[file].first_tag(line))
