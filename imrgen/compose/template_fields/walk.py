"""The templates of a letter and their statements: what is in scope where, and what is printed."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jinja2
from jinja2 import nodes

from imrgen.case import Case, Model
from imrgen.compose.template_fields.expressions import Expressions
from imrgen.compose.template_fields.reads import COMPUTED_TEMPLATE, LetterFields
from imrgen.compose.template_fields.values import (
    NOTHING,
    UNKNOWN,
    Frame,
    Loop,
    Macro,
    Module,
    Row,
    Value,
    join,
)
from imrgen.compose.template_text import TemplateText, offset


def letter_fields(
    model: Model[Case], environment: jinja2.Environment, template: str
) -> LetterFields:
    """Find the fields that a letter reads.

    Args:
        model: The fields that a case may have.
        environment: The environment of the pack's templates.
        template: The letter's template.

    Raises:
        jinja2.TemplateError: A template is missing or has a syntax error.
    """
    walk = Walk(model, environment)
    walk.template(template, walk.names)
    return LetterFields(tuple(walk.reads.values()))


class Walk(Expressions):
    """Walks templates.

    Args:
        model: The fields of a case.
        environment: The environment of the templates.
    """

    def __init__(self, model: Model[Case], environment: jinja2.Environment) -> None:
        super().__init__(model)
        self.environment = environment
        self.names: dict[str, Value] = dict.fromkeys(environment.globals, NOTHING)
        self.names |= {key: frozenset([key]) for key in model.root.fields}
        self._active: set[Any] = set()
        self._parsed = functools.cache(self._parse)

    def template(
        self,
        name: str,
        names: Mapping[str, Value],
        overriding: Mapping[str, list[tuple[TemplateText, nodes.Block]]] | None = None,
    ) -> Frame | None:
        """Walk a template, and what it extends.

        Args:
            name: The template.
            names: The names that it sees.
            overriding: The blocks of templates that extend it.

        Returns:
            What it defines; `None` if it is being walked already, with the same names.
        """
        key = (name, frozenset(names.items()))
        if key in self._active:
            return None
        self._active.add(key)
        text, tree = self._parsed(name)
        blocks = {block: list(found) for block, found in (overriding or {}).items()}
        for block in tree.find_all(nodes.Block):
            blocks.setdefault(block.name, []).append((text, block))
        frame = Frame(names, text, blocks)
        parents = [node for node in tree.body if isinstance(node, nodes.Extends)]
        for node in tree.body:
            # A template that extends another shows nothing outside its blocks.
            if not parents or not isinstance(node, nodes.Block | nodes.Output | nodes.Extends):
                self.visit(node, frame)
        for parent in parents:
            for extended in self._template_names(parent.template, frame):
                self.template(extended, frame.names, blocks)
        self._active.discard(key)
        return frame

    def _parse(self, name: str) -> tuple[TemplateText, nodes.Template]:
        assert self.environment.loader is not None
        source, file, _ = self.environment.loader.get_source(self.environment, name)
        text = TemplateText(str(file), source)
        return text, text.parse(self.environment)

    def _template_names(self, node: nodes.Expr, frame: Frame) -> Iterator[str]:
        """Yield the names of templates that an expression may have; record one that is computed."""
        if isinstance(node, nodes.Const):
            yield from [node.value] if isinstance(node.value, str) else node.value
        elif isinstance(node, nodes.List | nodes.Tuple):
            for item in node.items:
                yield from self._template_names(item, frame)
        elif isinstance(node, nodes.CondExpr):
            self.ask(node.test, frame)
            for choice in filter(None, (node.expr1, node.expr2)):
                yield from self._template_names(choice, frame)
        else:
            self.ask(node, frame)
            self.record(COMPUTED_TEMPLATE, frame, offset(node), 1, "unknown")

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:
        for name in self._template_names(node.template, frame):
            try:
                self.template(name, frame.names if node.with_context else self.names)
            except jinja2.TemplateNotFound:
                # A list of names is of those that may be there.
                if isinstance(node.template, nodes.Const) and not node.ignore_missing:
                    raise

    def _imported(self, node: nodes.Import | nodes.FromImport, frame: Frame) -> list[Frame]:
        names = frame.names if node.with_context else self.names
        found = (self.template(name, names) for name in self._template_names(node.template, frame))
        return [module for module in found if module]

    def visit_Import(self, node: nodes.Import, frame: Frame) -> None:
        frame.names[node.target] = frozenset(map(Module, self._imported(node, frame))) or UNKNOWN

    def visit_FromImport(self, node: nodes.FromImport, frame: Frame) -> None:
        modules = self._imported(node, frame)
        for each in node.names:
            name, alias = (each, each) if isinstance(each, str) else each
            frame.names[alias] = join(module.names.get(name, UNKNOWN) for module in modules)

    def visit_Extends(self, node: nodes.Extends, frame: Frame) -> None:
        # It depends on a condition; at the outermost level, `template` follows it.
        self.record(COMPUTED_TEMPLATE, frame, offset(node), 1, "unknown")

    def visit_Block(self, node: nodes.Block, frame: Frame) -> None:
        self._walk_block(node.name, 0, frame if node.scoped else frame.top)

    def _walk_block(self, name: str, number: int, frame: Frame) -> None:
        blocks = frame.blocks.get(name, [])
        if number < len(blocks) and (name, number) not in self._active:
            text, node = blocks[number]
            inner = frame.inner()
            inner.text = text
            inner.block = name, number
            self._active.add((name, number))
            self._body(node.body, inner)
            self._active.discard((name, number))

    def _body(self, body: Iterable[nodes.Node], frame: Frame) -> None:
        was_printing = self.is_printing
        self.is_printing = False
        for node in body:
            self.visit(node, frame)
        self.is_printing = was_printing

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        for child in node.nodes:
            if not isinstance(child, nodes.TemplateData):
                self.print_(child, frame)

    def visit_If(self, node: nodes.If, frame: Frame) -> None:
        self.ask(node.test, frame)
        branches: list[list[Any]] = [node.body, node.elif_, node.else_]
        scopes = [frame.inner() for _ in branches]
        for branch, scope in zip(branches, scopes, strict=True):
            self._body(branch, scope)
        for name in {name for scope in scopes for name in scope.names}:
            frame.names[name] = join(scope.names.get(name, NOTHING) for scope in scopes)

    def visit_For(self, node: nodes.For, frame: Frame) -> None:
        items = self.items(self.ask(node.iter, frame))
        inner = frame.inner({"loop": frozenset([Loop(items)])})
        self._bind(node.target, items, inner)
        if node.test:
            self.ask(node.test, inner)
        self._body(node.body, inner)
        self._body(node.else_, frame.inner())

    def visit_With(self, node: nodes.With, frame: Frame) -> None:
        values = [self.ask(value, frame) for value in node.values]
        inner = frame.inner()
        for target, value in zip(node.targets, values, strict=True):
            self._bind(target, value, inner)
        self._body(node.body, inner)

    def visit_Assign(self, node: nodes.Assign, frame: Frame) -> None:
        if isinstance(node.target, nodes.NSRef):
            self.print_(node.node, frame)  # what becomes of it is not followed
        else:
            self._bind(node.target, self.ask(node.node, frame), frame)

    def visit_AssignBlock(self, node: nodes.AssignBlock, frame: Frame) -> None:
        self._body(node.body, frame.inner())
        if node.filter:
            self.ask(node.filter, frame)
        self._bind(node.target, NOTHING, frame)

    def visit_FilterBlock(self, node: nodes.FilterBlock, frame: Frame) -> None:
        self._body(node.body, frame.inner())
        self.print_(node.filter, frame)

    def visit_Macro(self, node: nodes.Macro, frame: Frame) -> None:
        frame.names[node.name] = frozenset([Macro(node, frame)])

    def visit_CallBlock(self, node: nodes.CallBlock, frame: Frame) -> None:
        self._call(node.call, frame, frozenset([Macro(node, frame)]))

    def _bind(self, target: nodes.Node, value: Value, frame: Frame) -> None:
        if isinstance(target, nodes.Name):
            frame.names[target.name] = value
        elif isinstance(target, nodes.Tuple):
            for number, part in enumerate(target.items):
                parts = (
                    each.values[number]
                    if isinstance(each, Row) and number < len(each.values)
                    else self.items(frozenset([each]))
                    for each in value
                )
                self._bind(part, join(parts), frame)

    def visit_Call(self, node: nodes.Call, frame: Frame) -> Value:
        return self._call(node, frame, None)

    def _call(self, node: nodes.Call, frame: Frame, caller: Value | None) -> Value:
        callee = node.node
        name = callee.name if isinstance(callee, nodes.Name) else None
        if name == "super" and frame.block:
            block, number = frame.block
            self._walk_block(block, number + 1, frame)
            return NOTHING
        if isinstance(callee, nodes.Getattr) and _is_self(callee.node, frame):
            self._walk_block(callee.attr, 0, frame.top)
            return NOTHING
        called: Value = self.visit(callee, frame)
        macros = [each for each in called if isinstance(each, Macro)]
        visit = self.ask if macros else self.visit
        arguments = [visit(each, frame) for each in node.args]
        named = {pair.key: visit(pair.value, frame) for pair in node.kwargs}
        open_ended = [each for each in (node.dyn_args, node.dyn_kwargs) if each]
        more = [visit(each, frame) for each in open_ended]
        for macro in macros:
            # What the macro does with more arguments than it names is not followed.
            named_here = {parameter.name for parameter in macro.node.args}
            others = [pair.value for pair in node.kwargs if pair.key not in named_here]
            for each in (*node.args[len(named_here) :], *others, *open_ended):
                self.print_(each, frame)
            self._walk_macro(macro, arguments, named, bool(more), caller)
        if macros:
            return NOTHING
        for body in caller or ():
            assert isinstance(body, Macro)
            self._walk_macro(body, [], {}, True, None)
        return self.release(join([called, *arguments, *named.values(), *more]), node, frame)

    def _walk_macro(
        self,
        macro: Macro,
        arguments: list[Value],
        named: Mapping[str, Value],
        is_open: bool,
        caller: Value | None,
    ) -> None:
        """Walk the body of a macro, with the arguments of a call.

        Args:
            macro: The macro.
            arguments: The arguments by position.
            named: The arguments by name.
            is_open: Whether there are more that cannot be told.
            caller: The body of the `call` that calls it.
        """
        node = macro.node
        names = [parameter.name for parameter in node.args]
        given = {**dict(zip(names, arguments, strict=False)), **named}
        first = len(names) - len(node.defaults)
        for name, default in zip(names[first:], node.defaults, strict=True):
            if name not in given:
                # A default may name the parameters before it.
                given[name] = self.ask(default, macro.frame.inner(given))
        for name in names:
            given.setdefault(name, UNKNOWN if is_open else NOTHING)
        given |= {"varargs": UNKNOWN, "kwargs": UNKNOWN}
        if caller:
            given["caller"] = caller
        key = (id(node), frozenset(given.items()))
        if key not in self._active:
            self._active.add(key)
            self._body(node.body, macro.frame.inner(given))
            self._active.discard(key)


def _is_self(node: nodes.Expr, frame: Frame) -> bool:
    return isinstance(node, nodes.Name) and node.name == "self" and "self" not in frame.names
