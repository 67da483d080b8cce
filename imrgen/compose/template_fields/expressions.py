"""The expressions of templates: which fields they read, and which values they may have."""

import contextlib
import datetime
import functools
import itertools
from collections.abc import Collection, Iterator, Mapping

from jinja2 import nodes
from jinja2.runtime import LoopContext
from jinja2.visitor import NodeVisitor

from imrgen.case import CORE, Case, Field, Model
from imrgen.compose.filters import DATE_ATTRIBUTES
from imrgen.compose.template_fields.reads import FieldRead, Miss, Status
from imrgen.compose.template_fields.values import (
    NOTHING,
    UNKNOWN,
    Frame,
    Known,
    List,
    Loop,
    Made,
    Module,
    Row,
    Stated,
    Value,
    join,
    made_of,
)
from imrgen.compose.template_text import TemplateText, offset
from imrgen.diagnostics import Span, nearest

_SAME = {"default", "d", "list", "reverse", "reject", "rejectattr", "select", "selectattr"}
_SAME |= {"sort", "unique"}
"""The filters that return what they are given, or a part of it."""
_ONE_ITEM = {"first", "last", "max", "min", "random"}
_LISTS_OF_ITEMS = {"batch", "slice"}
_COUNTS = {"count", "length"}
_ATTRIBUTE = {"groupby": 0, "join": 1, "map": None, "max": 1, "min": 1, "rejectattr": 0}
_ATTRIBUTE |= {"selectattr": 0, "sort": 2, "sum": 0, "unique": 1}
"""The filters that read an attribute of each item, and its place among the arguments."""


_OF_LOOP = frozenset(name for name in dir(LoopContext) if not name.startswith("_"))
_OF_TAGS = frozenset(("caller", "self", "super"))
"""The names that Jinja itself gives a value, where it does."""


class Expressions(NodeVisitor):
    """Walks expressions; a visitor returns the values that one may have.

    Args:
        model: The fields of a case.
        inherited: The places of the templates of packs that the pack extends. These may ask for
            any field of the core, also for one that the model hides.
        is_located: Whether the places of all reads are recorded; without them, only whether
            anything is read that may not exist, in less than half the time.
    """

    def __init__(
        self, model: Model[Case], inherited: Collection[str], is_located: bool = True
    ) -> None:
        self.model = model
        self._inherited = inherited
        self.is_located = is_located
        self.reads: dict[tuple[str, Span], FieldRead] = {}
        self.misses: dict[tuple[str, int], Miss] = {}
        """What was asked for and cannot exist, by template and offset."""
        self.miss_count = 0
        self.chain: list[tuple[TemplateText, int]] = []
        """The lines that led to where the walk is."""
        self.hits: set[tuple[str, int]] = set()
        """Where something was found, perhaps by another way through the templates."""
        self.asks: list[str] = []
        """The fields of which a template asks first whether they are there, or that are of a table
        of which it asks that."""
        self.guards: list[str] = []
        """The tables of whose fields the conditions ask that hold where the walk is."""
        self.is_printing = False
        self._field = functools.cache(model.find)

    def ask(self, node: nodes.Node, frame: Frame) -> Value:
        """Return an expression's value, which is not printed."""
        was_printing = self.is_printing
        self.is_printing = False
        value: Value = self.visit(node, frame)
        self.is_printing = was_printing
        return value

    def print_(self, node: nodes.Node, frame: Frame) -> None:
        """Walk an expression that is printed."""
        was_printing = self.is_printing
        self.is_printing = True
        self.release(self.visit(node, frame), node, frame)
        self.is_printing = was_printing

    def generic_visit(self, node: nodes.Node, frame: Frame) -> Value:
        """Return what is made of all parts of an expression; walk the parts of a statement."""
        values = [self.visit(child, frame) for child in node.iter_child_nodes()]
        if not isinstance(node, nodes.Expr | nodes.Helper):
            return NOTHING
        return self.release(join(values), node, frame)

    def visit_Name(self, node: nodes.Name, frame: Frame) -> Value:
        value = frame.names.get(node.name)
        if value is None:
            if self._is_hidden(node.name, frame):
                return NOTHING
            if node.name not in _OF_TAGS:
                self._miss(node.name, None, frame.names, frame, offset(node), len(node.name))
            return UNKNOWN
        self._hit(frame, offset(node))
        for each in value:
            self._record_value(each, frame, offset(node), len(node.name))
        return value

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> Value:
        start = offset(node) + 1
        if self.is_located:
            start += len(frame.text.text[start:]) - len(frame.text.text[start:].lstrip())
        return self._attribute(self.ask(node.node, frame), node.attr, frame, start, len(node.attr))

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> Value:
        key = node.arg
        if isinstance(key, nodes.Const) and isinstance(key.value, str):
            owner = self.ask(node.node, frame)
            return self._attribute(owner, key.value, frame, offset(key) + 1, len(key.value))
        value: Value = self.visit(node.node, frame)
        used: Value = self.visit(key, frame)
        if isinstance(key, nodes.Slice):
            return value
        for each in value:
            if isinstance(each, str) and self._fields(each) and not self._is_list(each):
                self.release(frozenset([each]), node, frame)
        return self.items(value) | made_of(used)

    def visit_CondExpr(self, node: nodes.CondExpr, frame: Frame) -> Value:
        with self.guarding(node.test, frame):
            return join(self.visit(each, frame) for each in (node.expr1, node.expr2) if each)

    def _either(self, node: nodes.And | nodes.Or, frame: Frame) -> Value:
        return join(self.visit(each, frame) for each in (node.left, node.right))

    visit_And = visit_Or = _either

    def _decide(self, node: nodes.Node, frame: Frame) -> Value:
        """Walk what gives true or false."""
        for child in node.iter_child_nodes():
            self.ask(child, frame)
        return NOTHING

    visit_Compare = visit_Not = _decide

    def visit_Test(self, node: nodes.Test, frame: Frame) -> Value:
        value = self.ask(node.node, frame)
        if node.name in ("defined", "none", "undefined"):
            self.asks += [each for each in value if isinstance(each, str)]
        for each in (*node.args, *(pair.value for pair in node.kwargs)):
            self.ask(each, frame)
        return NOTHING

    def visit_Add(self, node: nodes.Add, frame: Frame) -> Value:
        values = [self.visit(each, frame) for each in (node.left, node.right)]
        if any(isinstance(each, List | Row) or self._is_list(each) for each in join(values)):
            return frozenset([List(join(map(self.items, values)))])
        return self.release(join(values), node, frame)

    def _row(self, node: nodes.List | nodes.Tuple, frame: Frame) -> Value:
        return frozenset([Row(tuple(self.visit(item, frame) for item in node.items))])

    visit_List = visit_Tuple = _row

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> Value:
        name = node.name
        value = self.visit(node.node, frame) if node.node else NOTHING
        if name in _COUNTS:
            return NOTHING
        others = [*node.args, *(pair.value for pair in node.kwargs)]
        others += filter(None, (node.dyn_args, node.dyn_kwargs))
        arguments = join(self.visit(each, frame) for each in others)
        if name == "attr" and node.args and isinstance(node.args[0], nodes.Const):
            key = node.args[0]
            return self._attribute(value, str(key.value), frame, offset(key) + 1, len(key.value))
        items = self.items(value)
        attributes = self._attributes(node, items, frame) if name in _ATTRIBUTE else None
        if name == "groupby" and attributes is not None:
            return frozenset([List(frozenset([Row((attributes, frozenset([List(items)])))]))])
        if name == "map" and attributes is not None:
            return frozenset([List(attributes)])
        if name in ("d", "default"):
            self.asks += [each for each in value if isinstance(each, str)]
        if name in _SAME:
            return value | (arguments if name in ("d", "default") else NOTHING)
        if name in _ONE_ITEM:
            return items
        if name in _LISTS_OF_ITEMS:
            return frozenset([List(frozenset([List(items)]))])
        made = value if attributes is None else attributes
        return self.release(made | arguments, node, frame)

    def _attributes(self, node: nodes.Filter, items: Value, frame: Frame) -> Value | None:
        """Return the values of the attribute that a filter reads of each item, if it does."""
        place = _ATTRIBUTE[node.name]
        keys = [pair.value for pair in node.kwargs if pair.key == "attribute"]
        keys += [] if place is None else node.args[place : place + 1]
        if not keys or not isinstance(keys[0], nodes.Const) or not isinstance(keys[0].value, str):
            return None
        start = offset(keys[0]) + 1
        found: list[Value] = []
        for path in keys[0].value.split(","):
            value = items
            at = start
            for part in path.split("."):
                is_number = part.isdigit()
                value = (
                    self.items(value)
                    if is_number
                    else self._attribute(value, part.strip(), frame, at, len(part))
                )
                at += len(part) + 1
            found.append(value)
            start += len(path) + 1
        return join(found)

    def _attribute(self, value: Value, name: str, frame: Frame, start: int, length: int) -> Value:
        found: list[Value] = []
        before = self.miss_count
        for each in value:
            match each:
                case str():
                    found.append(self._inner(each, name, frame, start, length))
                case Made():
                    self._record_value(each, frame, start, length)
                    found.append(frozenset([each]))
                case Row(values) if name in ("grouper", "list") and len(values) == 2:
                    found.append(values[name == "list"])
                case Loop(items):
                    found.append(items if name in ("previtem", "nextitem") else NOTHING)
                    if name not in _OF_LOOP:
                        self._miss(name, "`loop`", _OF_LOOP, frame, start, length)
                case Stated(table, keys, methods):
                    if name not in keys and not hasattr(methods, name):
                        self._miss(name, table, keys, frame, start, length)
                case Module(module):
                    found.append(module.names.get(name, UNKNOWN))
                    if name not in module.names:
                        self._miss(name, "the template", module.names, frame, start, length)
                case None:
                    self.record(f"?.{name}", frame, start, length, "unknown")
                    found.append(UNKNOWN)
        if not value or self.miss_count < before + len(value):
            self._hit(frame, start)
        return join(found)

    def _inner(self, pattern: str, name: str, frame: Frame, start: int, length: int) -> Value:
        """Return a field of a table, or what an attribute makes of another value."""
        field = self._known(pattern)
        if name in field.fields:
            self.record(f"{pattern}.{name}", frame, start, length, "known")
            return frozenset([f"{pattern}.{name}"])
        if field.entry is not None:
            return UNKNOWN
        if any(_has(each, name) for each in field.types):
            self._record_value(pattern, frame, start, length)
            return frozenset([Made(pattern)])
        if self._is_hidden(f"{pattern}.{name}", frame):
            return NOTHING
        self._miss(name, pattern, field.fields, frame, start, length)
        return UNKNOWN

    def _is_hidden(self, pattern: str, frame: Frame) -> bool:
        """Return whether an inherited template asks for what other packs' cases may have."""
        return frame.text.file in self._inherited and CORE.find(pattern) is not None

    def _miss(
        self,
        name: str,
        owner: str | None,
        known: Collection[str],
        frame: Frame,
        start: int,
        length: int,
    ) -> None:
        """Record that something is asked for that cannot exist.

        Args:
            name: What is asked for.
            owner: Of what: the pattern of a field, or what messages call it; `None` for a name of
                the template.
            known: What there is.
            frame: The names in scope, and the template.
            start: Where in the template's text it is named.
            length: How long its name is.
        """
        self.miss_count += 1
        if not self.is_located:
            return
        hints = nearest(name, known)
        span = frame.text.span(start, start + length)
        trace = tuple(line for line in self.trace() if line.file != span.file)
        self.misses.setdefault((frame.text.file, start), Miss(name, owner, hints, span, trace))
        if owner is None or self.model.find(owner):
            pattern = name if owner is None else f"{owner}.{name}"
            self.record(pattern, frame, start, length, "missing", hints=hints)

    @contextlib.contextmanager
    def guarding(self, test: nodes.Node, frame: Frame) -> Iterator[None]:
        """Walk a condition, and know meanwhile of which tables' fields it asks."""
        asked = len(self.asks)
        self.ask(test, frame)
        guards = [pattern.rpartition(".")[0] for pattern in self.asks[asked:]]
        self.guards += guards
        yield
        del self.guards[len(self.guards) - len(guards) :]

    def trace(self) -> tuple[Span, ...]:
        """Return the lines that led to where the walk is, the innermost first."""
        lines = [text.span(*text.first_tag(line)) for text, line in reversed(self.chain)]
        return tuple(line for line, _ in itertools.groupby(lines))

    def _hit(self, frame: Frame, start: int) -> None:
        if self.is_located:
            self.hits.add((frame.text.file, start))

    def items(self, value: Value) -> Value:
        """Return what a loop over a value finds."""
        found: list[Value] = []
        for each in value:
            match each:
                case str() if self._is_list(each):
                    found.append(frozenset([f"{each}[]"]))
                case str():
                    found.append(UNKNOWN if self._fields(each) else frozenset([Made(each)]))
                case List(items):
                    found.append(items)
                case Row(values):
                    found.append(join(values))
                case Made() | None:
                    found.append(frozenset([each]))
                case _:
                    found.append(NOTHING)
        return join(found)

    def release(self, value: Value, node: nodes.Node, frame: Frame) -> Value:
        """Return what anything may make of a value; it may read all of a table.

        Args:
            value: The value.
            node: What uses it.
            frame: The names in scope.
        """
        made: set[Known | None] = set()
        for each in value:
            match each:
                case str() if self._fields(each):
                    was_printing = self.is_printing
                    self.is_printing = True  # what becomes of its fields is not followed
                    self.record(each, frame, offset(node), 1, "known", is_whole=True)
                    self.is_printing = was_printing
                    made.add(None)
                case str():
                    made.add(Made(each))
                case List(items) | Loop(items):
                    made |= self.release(items, node, frame)
                case Row(values):
                    made |= self.release(join(values), node, frame)
                case Made() | None:
                    made.add(each)
        return frozenset(made)

    def _known(self, pattern: str) -> Field:
        field = self._field(pattern)
        assert field is not None, pattern
        return field

    def _is_list(self, value: Known | None) -> bool:
        return isinstance(value, str) and self._known(value).item is not None

    def _fields(self, pattern: str) -> Mapping[str, Field]:
        """Return the fields of a table, or of a list's tables; an amount has none."""
        field = self._known(pattern)
        while field.item is not None:
            field = field.item
        return field.fields if field.kind == "table" else {}

    def _record_value(self, value: Known | None, frame: Frame, start: int, length: int) -> None:
        """Record a value that comes from a field; a table is only a step towards one."""
        match value:
            case str() if self._is_list(value) or not self._fields(value):
                self.record(value, frame, start, length, "known")
            case Made(pattern):
                self.record(pattern, frame, start, length, "known")
            case List(items):
                for item in items:
                    self._record_value(item, frame, start, length)
            case Row(values):
                for item in join(values):
                    self._record_value(item, frame, start, length)

    def record(
        self,
        pattern: str,
        frame: Frame,
        start: int,
        length: int,
        status: Status,
        is_whole: bool = False,
        hints: tuple[str, ...] = (),
    ) -> None:
        """Record that a field is read.

        Args:
            pattern: The field.
            frame: The names in scope, and the template.
            start: Where in the template's text it is named.
            length: How long its name is.
            status: Whether the model knows the field.
            is_whole: Whether all fields of the table are read.
            hints: Which field was probably meant.
        """
        if not self.is_located:
            return
        pattern = pattern.removesuffix("[]")
        if status == "known" and self._known(pattern).is_part:
            pattern = pattern.rpartition(".")[0]
        if self.is_printing and pattern.rpartition(".")[0] in self.guards:
            self.asks.append(pattern)
        span = frame.text.span(start, start + length)
        before = self.reads.get((pattern, span))
        self.reads[pattern, span] = FieldRead(
            pattern,
            span,
            status,
            self.is_printing or (before is not None and before.is_printed),
            is_whole or (before is not None and before.is_whole),
            hints,
        )


def _has(type_: type, name: str) -> bool:
    """Return whether templates may ask a value of a Python type for an attribute."""
    if issubclass(type_, datetime.date):
        return name in DATE_ATTRIBUTES
    return hasattr(type_, name) and not name.startswith("_")
