"""Which fields of the case a letter's templates read, found without a case.

The walk follows a letter from its template through what it extends, includes and imports, and
computes for each expression which values of the case it may have: "issues[]" for the variable of a
loop over the issues. What cannot be told is unknown, so that a field that is found missing is
missing for every case.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import jinja2
import msgspec
from jinja2 import nodes
from jinja2.visitor import NodeVisitor

from imrgen.case import Case, Field, Model
from imrgen.compose.template_text import TemplateText, offset
from imrgen.diagnostics import Span


class FieldRead(msgspec.Struct, frozen=True):
    """A place in a template that reads a field of the case.

    Args:
        pattern: The field, such as `issues[].rationale`; for what is unknown, what was asked of it,
            such as `?.rationale`.
        span: Where its name stands in the template.
        status: `known` to the model; `missing` from it, so that no case can have it; `unknown` if
            it cannot be told what is read.
        is_printed: Whether the letter may show the field, and not only ask whether it is there.
        is_whole: Whether all fields of the table may be read, by names that are computed.
    """

    pattern: str
    span: Span
    status: Literal["known", "missing", "unknown"]
    is_printed: bool = False
    is_whole: bool = False

    def covers(self, pattern: str) -> bool:
        """Return whether a field is the one that is read, or a part of what is read whole."""
        inner = (f"{self.pattern}.", f"{self.pattern}[].")
        return pattern == self.pattern or (self.is_whole and pattern.startswith(inner))


class LetterFields(msgspec.Struct, frozen=True):
    """The fields that a letter's templates read.

    Args:
        reads: Every place that reads one, in the order of the letter.
    """

    reads: tuple[FieldRead, ...]

    @property
    def missing(self) -> tuple[FieldRead, ...]:
        """The places that read a field that no case can have."""
        return tuple(read for read in self.reads if read.status == "missing")

    def of(self, pattern: str) -> tuple[FieldRead, ...]:
        """Return the places that read a field of the model."""
        return tuple(read for read in self.reads if read.covers(pattern))

    def is_printed(self, pattern: str) -> bool:
        """Return whether a field of the model may be printed."""
        return any(read.is_printed for read in self.of(pattern))


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
    walk = _Walk(model, environment)
    walk.template(template, walk.names)
    return LetterFields(tuple(walk.reads.values()))


class _Made(NamedTuple):
    """A value that a template makes of a field, such as a text in capitals."""

    pattern: str


class _List(NamedTuple):
    """A list that a template makes, such as `issues | map(attribute="codes")`."""

    items: _Value


class _Row(NamedTuple):
    """A list or tuple that is written in a template."""

    values: tuple[_Value, ...]


class _Loop(NamedTuple):
    """The variable `loop`."""

    items: _Value


class _Macro(NamedTuple):
    """A macro, or the body of a `call`."""

    node: nodes.Macro | nodes.CallBlock
    frame: _Frame


class _Module(NamedTuple):
    """An imported template."""

    frame: _Frame


_Known = str | _Made | _List | _Row | _Loop | _Macro | _Module
_Value = frozenset[_Known | None]
"""The values that an expression may have, as far as they come from the case: the pattern of a
field, what is made of fields, and `None` for what is unknown. Constants and the pack's tables are
none of these."""

_NOTHING: _Value = frozenset()
_UNKNOWN: _Value = frozenset((None,))


class _Frame:
    """The names in scope.

    Args:
        names: Their values.
        text: The template.
        blocks: The template's blocks by name, the overriding ones first, each with its template.
    """

    def __init__(
        self,
        names: Mapping[str, _Value],
        text: TemplateText,
        blocks: Mapping[str, list[tuple[TemplateText, nodes.Block]]],
    ) -> None:
        self.names = dict(names)
        self.text = text
        self.blocks = blocks
        self.top = self
        """The template's outermost scope, which a block that is not `scoped` sees."""
        self.block: tuple[str, int] | None = None
        """The block that is walked: its name, and which of those of that name."""

    def inner(self, names: Mapping[str, _Value] | None = None) -> _Frame:
        """Return a scope within this one."""
        frame = _Frame({**self.names, **(names or {})}, self.text, self.blocks)
        frame.top = self.top
        frame.block = self.block
        return frame


_SAME = {"default", "d", "list", "reverse", "reject", "rejectattr", "select", "selectattr"}
_SAME |= {"sort", "unique"}
"""The filters that return what they are given, or a part of it."""
_ONE_ITEM = {"first", "last", "max", "min", "random"}
_LISTS_OF_ITEMS = {"batch", "slice"}
_COUNTS = {"count", "length"}
_ATTRIBUTE = {"groupby": 0, "join": 1, "map": None, "max": 1, "min": 1, "rejectattr": 0}
_ATTRIBUTE |= {"selectattr": 0, "sort": 2, "sum": 0, "unique": 1}
"""The filters that read an attribute of each item, and its place among the arguments."""


class _Walk(NodeVisitor):
    """Walks templates; a visitor returns the values that an expression may have.

    Args:
        model: The fields of a case.
        environment: The environment of the templates.
    """

    def __init__(self, model: Model[Case], environment: jinja2.Environment) -> None:
        self.model = model
        self.environment = environment
        self.names: dict[str, _Value] = dict.fromkeys(environment.globals, _NOTHING)
        self.names |= {key: frozenset([key]) for key in model.root.fields}
        self.reads: dict[tuple[str, Span], FieldRead] = {}
        self._is_printing = False
        self._active: set[Any] = set()
        self._parsed = functools.cache(self._parse)
        self._field = functools.cache(model.find)

    # Templates.

    def template(
        self,
        name: str,
        names: Mapping[str, _Value],
        overriding: Mapping[str, list[tuple[TemplateText, nodes.Block]]] | None = None,
    ) -> _Frame | None:
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
        frame = _Frame(names, text, blocks)
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

    def _template_names(self, node: nodes.Expr, frame: _Frame) -> Iterator[str]:
        """Yield the names of templates that an expression may have; record one that is computed."""
        if isinstance(node, nodes.Const):
            yield from [node.value] if isinstance(node.value, str) else node.value
        elif isinstance(node, nodes.List | nodes.Tuple):
            for item in node.items:
                yield from self._template_names(item, frame)
        elif isinstance(node, nodes.CondExpr):
            self._ask(node.test, frame)
            for choice in filter(None, (node.expr1, node.expr2)):
                yield from self._template_names(choice, frame)
        else:
            self._ask(node, frame)
            self._record("?", frame, offset(node), 1, "unknown")

    def visit_Include(self, node: nodes.Include, frame: _Frame) -> None:  # noqa: N802 - Jinja's names
        for name in self._template_names(node.template, frame):
            try:
                self.template(name, frame.names if node.with_context else self.names)
            except jinja2.TemplateNotFound:
                # A list of names is of those that may be there.
                if isinstance(node.template, nodes.Const) and not node.ignore_missing:
                    raise

    def _imported(self, node: nodes.Import | nodes.FromImport, frame: _Frame) -> list[_Frame]:
        names = frame.names if node.with_context else self.names
        found = (self.template(name, names) for name in self._template_names(node.template, frame))
        return [module for module in found if module]

    def visit_Import(self, node: nodes.Import, frame: _Frame) -> None:  # noqa: N802
        frame.names[node.target] = frozenset(map(_Module, self._imported(node, frame))) or _UNKNOWN

    def visit_FromImport(self, node: nodes.FromImport, frame: _Frame) -> None:  # noqa: N802
        modules = self._imported(node, frame)
        for each in node.names:
            name, alias = (each, each) if isinstance(each, str) else each
            frame.names[alias] = _join(module.names.get(name, _UNKNOWN) for module in modules)

    def visit_Extends(self, node: nodes.Extends, frame: _Frame) -> None:  # noqa: N802
        # It depends on a condition; at the outermost level, `template` follows it.
        self._record("?", frame, offset(node), 1, "unknown")

    def visit_Block(self, node: nodes.Block, frame: _Frame) -> None:  # noqa: N802
        self._walk_block(node.name, 0, frame if node.scoped else frame.top)

    def _walk_block(self, name: str, number: int, frame: _Frame) -> None:
        blocks = frame.blocks.get(name, [])
        if number < len(blocks) and (name, number) not in self._active:
            text, node = blocks[number]
            inner = frame.inner()
            inner.text = text
            inner.block = name, number
            self._active.add((name, number))
            self._body(node.body, inner)
            self._active.discard((name, number))

    # Statements.

    def _body(self, body: Iterable[nodes.Node], frame: _Frame) -> None:
        was_printing = self._is_printing
        self._is_printing = False
        for node in body:
            self.visit(node, frame)
        self._is_printing = was_printing

    def visit_Output(self, node: nodes.Output, frame: _Frame) -> None:  # noqa: N802
        for child in node.nodes:
            if not isinstance(child, nodes.TemplateData):
                self._print(child, frame)

    def visit_If(self, node: nodes.If, frame: _Frame) -> None:  # noqa: N802
        self._ask(node.test, frame)
        branches: list[list[Any]] = [node.body, node.elif_, node.else_]
        scopes = [frame.inner() for _ in branches]
        for branch, scope in zip(branches, scopes, strict=True):
            self._body(branch, scope)
        for name in {name for scope in scopes for name in scope.names}:
            frame.names[name] = _join(scope.names.get(name, _NOTHING) for scope in scopes)

    def visit_For(self, node: nodes.For, frame: _Frame) -> None:  # noqa: N802
        items = self._items(self._ask(node.iter, frame))
        inner = frame.inner({"loop": frozenset([_Loop(items)])})
        self._bind(node.target, items, inner)
        if node.test:
            self._ask(node.test, inner)
        self._body(node.body, inner)
        self._body(node.else_, frame.inner())

    def visit_With(self, node: nodes.With, frame: _Frame) -> None:  # noqa: N802
        values = [self._ask(value, frame) for value in node.values]
        inner = frame.inner()
        for target, value in zip(node.targets, values, strict=True):
            self._bind(target, value, inner)
        self._body(node.body, inner)

    def visit_Assign(self, node: nodes.Assign, frame: _Frame) -> None:  # noqa: N802
        if isinstance(node.target, nodes.NSRef):
            self._print(node.node, frame)  # what becomes of it is not followed
        else:
            self._bind(node.target, self._ask(node.node, frame), frame)

    def visit_AssignBlock(self, node: nodes.AssignBlock, frame: _Frame) -> None:  # noqa: N802
        self._body(node.body, frame.inner())
        if node.filter:
            self._ask(node.filter, frame)
        self._bind(node.target, _NOTHING, frame)

    def visit_FilterBlock(self, node: nodes.FilterBlock, frame: _Frame) -> None:  # noqa: N802
        self._body(node.body, frame.inner())
        self._print(node.filter, frame)

    def visit_Macro(self, node: nodes.Macro, frame: _Frame) -> None:  # noqa: N802
        frame.names[node.name] = frozenset([_Macro(node, frame)])

    def visit_CallBlock(self, node: nodes.CallBlock, frame: _Frame) -> None:  # noqa: N802
        self._call(node.call, frame, frozenset([_Macro(node, frame)]))

    def _bind(self, target: nodes.Node, value: _Value, frame: _Frame) -> None:
        if isinstance(target, nodes.Name):
            frame.names[target.name] = value
        elif isinstance(target, nodes.Tuple):
            for number, part in enumerate(target.items):
                parts = (
                    each.values[number]
                    if isinstance(each, _Row) and number < len(each.values)
                    else self._items(frozenset([each]))
                    for each in value
                )
                self._bind(part, _join(parts), frame)

    # Expressions.

    def _ask(self, node: nodes.Node, frame: _Frame) -> _Value:
        """Return an expression's value, which is not printed."""
        was_printing = self._is_printing
        self._is_printing = False
        value: _Value = self.visit(node, frame)
        self._is_printing = was_printing
        return value

    def _print(self, node: nodes.Node, frame: _Frame) -> None:
        was_printing = self._is_printing
        self._is_printing = True
        self._release(self.visit(node, frame), node, frame)
        self._is_printing = was_printing

    def generic_visit(self, node: nodes.Node, frame: _Frame) -> _Value:
        """Return what is made of all parts of an expression; walk the parts of a statement."""
        values = [self.visit(child, frame) for child in node.iter_child_nodes()]
        if not isinstance(node, nodes.Expr | nodes.Helper):
            return _NOTHING
        return self._release(_join(values), node, frame)

    def visit_Name(self, node: nodes.Name, frame: _Frame) -> _Value:  # noqa: N802
        value = frame.names.get(node.name)
        if value is None:
            if node.name not in ("caller", "kwargs", "loop", "self", "super", "varargs"):
                self._record(node.name, frame, offset(node), len(node.name), "missing")
            return _UNKNOWN
        for each in value:
            self._record_value(each, frame, offset(node), len(node.name))
        return value

    def visit_Getattr(self, node: nodes.Getattr, frame: _Frame) -> _Value:  # noqa: N802
        start = offset(node) + 1
        start += len(frame.text.text[start:]) - len(frame.text.text[start:].lstrip())
        return self._attribute(self._ask(node.node, frame), node.attr, frame, start, len(node.attr))

    def visit_Getitem(self, node: nodes.Getitem, frame: _Frame) -> _Value:  # noqa: N802
        value = self._ask(node.node, frame)
        key = node.arg
        if isinstance(key, nodes.Const) and isinstance(key.value, str):
            return self._attribute(value, key.value, frame, offset(key), len(key.value) + 2)
        used = self.visit(key, frame)
        if isinstance(key, nodes.Slice):
            return value
        for each in value:
            if isinstance(each, str) and self._fields(each) and not self._is_list(each):
                self._release(frozenset([each]), node, frame)
        return self._items(value) | _made(used)

    def visit_CondExpr(self, node: nodes.CondExpr, frame: _Frame) -> _Value:  # noqa: N802
        self._ask(node.test, frame)
        return _join(self.visit(each, frame) for each in (node.expr1, node.expr2) if each)

    def _either(self, node: nodes.And | nodes.Or, frame: _Frame) -> _Value:
        return _join(self.visit(each, frame) for each in (node.left, node.right))

    visit_And = visit_Or = _either  # noqa: N815

    def _decide(self, node: nodes.Node, frame: _Frame) -> _Value:
        """Walk what gives true or false."""
        for child in node.iter_child_nodes():
            self._ask(child, frame)
        return _NOTHING

    visit_Compare = visit_Not = visit_Test = _decide  # noqa: N815

    def visit_Add(self, node: nodes.Add, frame: _Frame) -> _Value:  # noqa: N802
        values = [self.visit(each, frame) for each in (node.left, node.right)]
        if any(isinstance(each, _List | _Row) or self._is_list(each) for each in _join(values)):
            return frozenset([_List(_join(map(self._items, values)))])
        return self._release(_join(values), node, frame)

    def _row(self, node: nodes.List | nodes.Tuple, frame: _Frame) -> _Value:
        return frozenset([_Row(tuple(self.visit(item, frame) for item in node.items))])

    visit_List = visit_Tuple = _row  # noqa: N815

    def visit_Filter(self, node: nodes.Filter, frame: _Frame) -> _Value:  # noqa: N802
        name = node.name
        value = self.visit(node.node, frame) if node.node else _NOTHING
        if name in _COUNTS:
            return _NOTHING
        others = [*node.args, *(pair.value for pair in node.kwargs)]
        others += filter(None, (node.dyn_args, node.dyn_kwargs))
        arguments = _join(self.visit(each, frame) for each in others)
        if name == "attr" and node.args and isinstance(node.args[0], nodes.Const):
            key = node.args[0]
            return self._attribute(value, str(key.value), frame, offset(key), len(key.value) + 2)
        items = self._items(value)
        attributes = self._attributes(node, items, frame) if name in _ATTRIBUTE else None
        if name == "groupby" and attributes is not None:
            return frozenset([_List(frozenset([_Row((attributes, frozenset([_List(items)])))]))])
        if name == "map" and attributes is not None:
            return frozenset([_List(attributes)])
        if name in _SAME:
            return value | (arguments if name in ("d", "default") else _NOTHING)
        if name in _ONE_ITEM:
            return items
        if name in _LISTS_OF_ITEMS:
            return frozenset([_List(frozenset([_List(items)]))])
        made = value if attributes is None else attributes
        return self._release(made | arguments, node, frame)

    def _attributes(self, node: nodes.Filter, items: _Value, frame: _Frame) -> _Value | None:
        """Return the values of the attribute that a filter reads of each item, if it does."""
        place = _ATTRIBUTE[node.name]
        keys = [pair.value for pair in node.kwargs if pair.key == "attribute"]
        keys += [] if place is None else node.args[place : place + 1]
        if not keys or not isinstance(keys[0], nodes.Const) or not isinstance(keys[0].value, str):
            return None
        start = offset(keys[0]) + 1
        found: list[_Value] = []
        for path in keys[0].value.split(","):
            value = items
            at = start
            for part in path.split("."):
                is_number = part.isdigit()
                value = (
                    self._items(value)
                    if is_number
                    else self._attribute(value, part.strip(), frame, at, len(part))
                )
                at += len(part) + 1
            found.append(value)
            start += len(path) + 1
        return _join(found)

    def visit_Call(self, node: nodes.Call, frame: _Frame) -> _Value:  # noqa: N802
        return self._call(node, frame, None)

    def _call(self, node: nodes.Call, frame: _Frame, caller: _Value | None) -> _Value:
        callee = node.node
        name = callee.name if isinstance(callee, nodes.Name) else None
        if name == "super" and frame.block:
            block, number = frame.block
            self._walk_block(block, number + 1, frame)
            return _NOTHING
        if isinstance(callee, nodes.Getattr) and _is_self(callee.node, frame):
            self._walk_block(callee.attr, 0, frame.top)
            return _NOTHING
        called: _Value = self.visit(callee, frame)
        macros = [each for each in called if isinstance(each, _Macro)]
        visit = self._ask if macros else self.visit
        arguments = [visit(each, frame) for each in node.args]
        named = {pair.key: visit(pair.value, frame) for pair in node.kwargs}
        more = [visit(each, frame) for each in (node.dyn_args, node.dyn_kwargs) if each]
        for macro in macros:
            self._walk_macro(macro, arguments, named, bool(more), caller)
        if macros:
            return _NOTHING
        for body in caller or ():
            assert isinstance(body, _Macro)
            self._walk_macro(body, [], {}, True, None)
        return self._release(_join([called, *arguments, *named.values(), *more]), node, frame)

    def _walk_macro(
        self,
        macro: _Macro,
        arguments: list[_Value],
        named: Mapping[str, _Value],
        is_open: bool,
        caller: _Value | None,
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
        for name, default in zip(reversed(names), reversed(node.defaults), strict=False):
            if name not in given:
                given[name] = self._ask(default, macro.frame)
        for name in names:
            given.setdefault(name, _UNKNOWN if is_open else _NOTHING)
        given |= {"varargs": _UNKNOWN, "kwargs": _UNKNOWN}
        if caller:
            given["caller"] = caller
        key = (id(node), frozenset(given.items()))
        if key not in self._active:
            self._active.add(key)
            self._body(node.body, macro.frame.inner(given))
            self._active.discard(key)

    # Values.

    def _attribute(
        self, value: _Value, name: str, frame: _Frame, start: int, length: int
    ) -> _Value:
        found: list[_Value] = []
        for each in value:
            match each:
                case str():
                    found.append(self._inner(each, name, frame, start, length))
                case _Made():
                    found.append(frozenset([each]))
                case _Row(values) if name in ("grouper", "list") and len(values) == 2:
                    found.append(values[name == "list"])
                case _Loop(items) if name in ("previtem", "nextitem"):
                    found.append(items)
                case _Module(module):
                    found.append(module.names.get(name, _UNKNOWN))
                case None:
                    self._record(f"?.{name}", frame, start, length, "unknown")
                    found.append(_UNKNOWN)
                case _:
                    found.append(_NOTHING)
        return _join(found)

    def _inner(self, pattern: str, name: str, frame: _Frame, start: int, length: int) -> _Value:
        """Return a field of a table, or what an attribute makes of another value."""
        field = self._known(pattern)
        if name in field.fields:
            self._record(f"{pattern}.{name}", frame, start, length, "known")
            return frozenset([f"{pattern}.{name}"])
        if any(hasattr(each, name) for each in field.types):
            self._record_value(pattern, frame, start, length)
            return frozenset([_Made(pattern)])
        self._record(f"{pattern}.{name}", frame, start, length, "missing")
        return _UNKNOWN

    def _items(self, value: _Value) -> _Value:
        """Return what a loop over a value finds."""
        found: list[_Value] = []
        for each in value:
            match each:
                case str() if self._is_list(each):
                    found.append(frozenset([f"{each}[]"]))
                case str():
                    found.append(_UNKNOWN if self._fields(each) else frozenset([_Made(each)]))
                case _List(items):
                    found.append(items)
                case _Row(values):
                    found.append(_join(values))
                case _Made() | None:
                    found.append(frozenset([each]))
                case _:
                    found.append(_NOTHING)
        return _join(found)

    def _release(self, value: _Value, node: nodes.Node, frame: _Frame) -> _Value:
        """Return what anything may make of a value; it may read all of a table.

        Args:
            value: The value.
            node: What uses it.
            frame: The names in scope.
        """
        made: set[_Known | None] = set()
        for each in value:
            match each:
                case str() if self._fields(each):
                    self._record(each, frame, offset(node), 1, "known", is_whole=True)
                    made.add(None)
                case str():
                    made.add(_Made(each))
                case _List(items) | _Loop(items):
                    made |= self._release(items, node, frame)
                case _Row(values):
                    made |= self._release(_join(values), node, frame)
                case _Made() | None:
                    made.add(each)
        return frozenset(made)

    def _known(self, pattern: str) -> Field:
        field = self._field(pattern)
        assert field is not None, pattern
        return field

    def _is_list(self, value: _Known | None) -> bool:
        return isinstance(value, str) and self._known(value).item is not None

    def _fields(self, pattern: str) -> Mapping[str, Field]:
        """Return the fields of a table, or of a list's tables; an amount has none."""
        field = self._known(pattern)
        while field.item is not None:
            field = field.item
        return field.fields if field.kind == "table" else {}

    def _record_value(self, value: _Known | None, frame: _Frame, start: int, length: int) -> None:
        """Record a value that comes from a field; a table is only a step towards one."""
        match value:
            case str() if self._is_list(value) or not self._fields(value):
                self._record(value, frame, start, length, "known")
            case _Made(pattern):
                self._record(pattern, frame, start, length, "known")
            case _List(items):
                for item in items:
                    self._record_value(item, frame, start, length)
            case _Row(values):
                for item in _join(values):
                    self._record_value(item, frame, start, length)

    def _record(
        self,
        pattern: str,
        frame: _Frame,
        start: int,
        length: int,
        status: Literal["known", "missing", "unknown"],
        is_whole: bool = False,
    ) -> None:
        pattern = pattern.removesuffix("[]")
        if status == "known" and self._known(pattern).is_part:
            pattern = pattern.rpartition(".")[0]
        span = frame.text.span(start, start + length)
        before = self.reads.get((pattern, span))
        self.reads[pattern, span] = FieldRead(
            pattern,
            span,
            status,
            self._is_printing or (before is not None and before.is_printed),
            is_whole or (before is not None and before.is_whole),
        )


def _join(values: Iterable[_Value]) -> _Value:
    return frozenset().union(*values)


def _is_self(node: nodes.Expr, frame: _Frame) -> bool:
    return isinstance(node, nodes.Name) and node.name == "self" and "self" not in frame.names


def _made(value: _Value) -> _Value:
    return frozenset(_Made(each) if isinstance(each, str) else each for each in value)
