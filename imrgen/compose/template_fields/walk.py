"""The templates of a letter and their statements: what is in scope where, and what is printed."""

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jinja2
import msgspec
from jinja2 import nodes

from imrgen.case import Case, Model, attributes
from imrgen.compose.environment import (
    CONTEXT,
    PACKET,
    PARTS,
    RECIPIENT,
    ManifestTable,
    Sandbox,
    blocks_in,
)
from imrgen.compose.template_fields.expressions import Expressions
from imrgen.compose.template_fields.reads import COMPUTED_TEMPLATE, Broken, LetterFields
from imrgen.compose.template_fields.values import (
    NOTHING,
    UNKNOWN,
    Frame,
    Loop,
    Macro,
    Module,
    Row,
    Stated,
    Value,
    join,
)
from imrgen.compose.template_text import TemplateText, offset
from imrgen.diagnostics import Span

_KEYS_OF = {"outcomes": "issues[].decision", "priorities": "case.priority"}
"""The tables of a manifest whose keys are the choices of a field."""


def letter_fields(
    model: Model[Case], environment: Sandbox, templates: Iterable[str]
) -> LetterFields:
    """Find the fields that a letter reads.

    Args:
        model: The fields that a case may have.
        environment: The environment of the pack's templates.
        templates: The letter's template; of a packet, also those of its letters.

    Raises:
        jinja2.TemplateError: A template is missing or has a syntax error.
    """
    walk = Walk(model, environment)
    for template in templates:
        walk.letter(template)
    for broken in walk.broken:
        raise broken.error
    return LetterFields(tuple(walk.reads.values()), frozenset(walk.asks))


class Walk(Expressions):
    """Walks templates.

    Args:
        model: The fields of a case.
        environment: The environment of the templates.
        is_located: Whether the places of all reads are recorded.
    """

    def __init__(self, model: Model[Case], environment: Sandbox, is_located: bool = True) -> None:
        super().__init__(model, environment.inherited_places, is_located)
        self.environment = environment
        self.globals: dict[str, Value] = {
            name: self._stated(name, value) for name, value in environment.globals.items()
        }
        """The names that every template sees, also one that is imported without the context."""
        self.bindings: dict[str, tuple[str, Span]] = {}
        """Where a name is set that not all of a letter sees, and by what."""
        self.broken: list[Broken] = []
        """The templates that are missing or have a syntax error, but for the letter's own."""
        self.looked_up: set[str] = set()
        """The names of templates that were looked up, also of those that are missing."""
        self._uncalled: dict[int, Macro | None] = {}
        self._active: set[Any] = set()
        self._parsed = functools.cache(self._parse)

    def letter(self, template: str) -> None:
        """Walk a letter from its template."""
        tables: dict[str, Value] = {key: frozenset([key]) for key in self.model.root.fields}
        tables[RECIPIENT] = frozenset(["recipients[]"])
        tables |= {PACKET: UNKNOWN, PARTS: UNKNOWN, CONTEXT: NOTHING}
        self.template(template, self.globals | tables)

    def uncalled_macros(self) -> None:
        """Walk the macros that nothing has called."""
        for macro in [*self._uncalled.values()]:
            if macro is not None:
                self._walk_macro(macro, [], {}, True, None)

    def _stated(self, name: str, value: Any) -> Value:
        """Return what is known of a global: the keys of the manifest's tables."""
        if isinstance(value, ManifestTable):
            keys = frozenset((*value.values, *value.known))
            table = Stated(f"[{name}] of the pack's manifest", keys, object)
        elif isinstance(value, Mapping):
            field = self.model.find(_KEYS_OF[name]) if name in _KEYS_OF else None
            keys = frozenset((*value, *(field.choices if field else ())))
            table = Stated(f"[{name}] of the pack's manifest", keys, dict)
        elif isinstance(value, msgspec.Struct):
            table = Stated(f"`{name}`", frozenset(attributes(type(value))), object)
        else:
            return NOTHING
        return frozenset([table])

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
        for block in blocks_in(tree.body):
            blocks.setdefault(block.name, []).append((text, block))
        frame = Frame(names, text, blocks)
        parents = [node for node in tree.body if isinstance(node, nodes.Extends)]
        for node in tree.body:
            # A template that extends another shows nothing outside its blocks.
            if not parents or not isinstance(node, nodes.Block | nodes.Output | nodes.Extends):
                self.visit(node, frame)
        for parent in parents:
            for extended in self._template_names(parent.template, frame):
                self._other(extended, frame.names, parent, frame, blocks)
        self._active.discard(key)
        return frame

    def _other(
        self,
        name: str,
        names: Mapping[str, Value],
        node: nodes.Include | nodes.Import | nodes.FromImport | nodes.Extends,
        frame: Frame,
        overriding: Mapping[str, list[tuple[TemplateText, nodes.Block]]] | None = None,
    ) -> Frame | None:
        """Walk a template that another one names; see `template`.

        Args:
            name: The template.
            names: The names that it sees.
            node: What names it.
            frame: The names in scope there.
            overriding: The blocks of templates that extend it.
        """
        self.chain.append((frame.text, node.lineno))
        try:
            return self.template(name, names, overriding)
        except jinja2.TemplateError as error:
            # A list of names is of those that may be there.
            is_needed = isinstance(node.template, nodes.Const)
            is_needed = is_needed and not getattr(node, "ignore_missing", False)
            is_fault = is_needed or not isinstance(error, jinja2.TemplateNotFound)
            self.miss_count += is_fault
            if is_fault and self.is_located:
                at = offset(node.template) + 1
                span = frame.text.span(at, at + len(name))
                self.broken.append(Broken(error, span, self.trace()))
            return None
        finally:
            self.chain.pop()

    def _parse(self, name: str) -> tuple[TemplateText, nodes.Template]:
        assert self.environment.loader is not None
        self.looked_up.add(name)
        source, file, _ = self.environment.loader.get_source(self.environment, name)
        if not self.is_located:
            return TemplateText(str(file), ""), self.environment.parse(source, name, file)
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
        names = frame.names if node.with_context else self.globals
        for name in self._template_names(node.template, frame):
            self._other(name, names, node, frame)

    def _imported(self, node: nodes.Import | nodes.FromImport, frame: Frame) -> list[Frame]:
        names = frame.names if node.with_context else self.globals
        templates = self._template_names(node.template, frame)
        found = (self._other(name, names, node, frame) for name in templates)
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
        self.chain.append((frame.text, node.lineno))
        self._walk_block(node.name, 0, frame if node.scoped else frame.top)
        self.chain.pop()

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
        branches: list[list[Any]] = [node.body, node.elif_, node.else_]
        scopes = [frame.inner() for _ in branches]
        for scope in scopes if frame.top is frame else ():
            scope.top = scope  # a block in a branch sees what is set there
        for name in _undefined_names(node.test):
            scopes[0].names[name] = NOTHING
        with self.guarding(node.test, frame):
            for branch, scope in zip(branches, scopes, strict=True):
                self._body(branch, scope)
        before = frame.names
        changed = {
            name
            for scope, branch in zip(scopes, branches, strict=True)
            if branch or scope is scopes[0]
            for name, value in scope.names.items()
            if before.get(name) is not value
        }
        for name in changed:
            before[name] = join(scope.names.get(name, NOTHING) for scope in scopes)

    def visit_For(self, node: nodes.For, frame: Frame) -> None:
        items = self.items(self.ask(node.iter, frame))
        if node.recursive:
            items = UNKNOWN  # the loop is called with other lists
        inner = frame.inner({"loop": frozenset([Loop(items)])})
        self._bind(node.target, items, inner, "the loop")
        if node.test:
            self.ask(node.test, inner)
        self._body(node.body, inner)
        self._body(node.else_, frame.inner())

    def visit_With(self, node: nodes.With, frame: Frame) -> None:
        values = [self.ask(value, frame) for value in node.values]
        inner = frame.inner()
        for target, value in zip(node.targets, values, strict=True):
            self._bind(target, value, inner, "`with`")
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
        macro = Macro(node, frame)
        frame.names[node.name] = frozenset([macro])
        self._uncalled.setdefault(id(node), macro)

    def visit_CallBlock(self, node: nodes.CallBlock, frame: Frame) -> None:
        self._call(node.call, frame, frozenset([Macro(node, frame)]))

    def _bind(self, target: nodes.Node, value: Value, frame: Frame, by: str = "`set`") -> None:
        if isinstance(target, nodes.Name):
            frame.names[target.name] = value
            if self.is_located:
                place = frame.text.span(offset(target), offset(target) + len(target.name))
                self.bindings.setdefault(target.name, (by, place))
        elif isinstance(target, nodes.Tuple):
            for number, part in enumerate(target.items):
                parts = (
                    each.values[number]
                    if isinstance(each, Row) and number < len(each.values)
                    else self.items(frozenset([each]))
                    for each in value
                )
                self._bind(part, join(parts), frame, by)

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
            self.chain.append((frame.text, node.lineno))
            self._walk_macro(macro, arguments, named, bool(more), caller)
            self.chain.pop()
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
        self._uncalled[id(node)] = None
        names = [parameter.name for parameter in node.args]
        given = {**dict(zip(names, arguments, strict=False)), **named}
        first = len(names) - len(node.defaults)
        for name, default in zip(names[first:], node.defaults, strict=True):
            if name not in given:
                # A default may name the parameters before it.
                given[name] = self.ask(default, macro.frame.inner(given))
        for name in names:
            given.setdefault(name, UNKNOWN if is_open else NOTHING)
        given |= {"varargs": UNKNOWN, "kwargs": UNKNOWN, "caller": caller or UNKNOWN}
        key = (id(node), frozenset(given.items()))
        if key not in self._active:
            self._active.add(key)
            self._body(node.body, macro.frame.inner(given))
            self._active.discard(key)


def _is_self(node: nodes.Expr, frame: Frame) -> bool:
    return isinstance(node, nodes.Name) and node.name == "self" and "self" not in frame.names


def _undefined_names(test: nodes.Node) -> Iterator[str]:
    """Yield the name that a test asks to have no value, as in `x is not defined`."""
    asks = "defined" if isinstance(test, nodes.Not) else "undefined"
    asked = test.node if isinstance(test, nodes.Not) else test
    if isinstance(asked, nodes.Test) and asked.name == asks and isinstance(asked.node, nodes.Name):
        yield asked.node.name
