"""The values that an expression of a template may have, and the names in scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from jinja2 import nodes

from imrgen.compose.template_text import TemplateText


class Made(msgspec.Struct, frozen=True):
    """A value that a template makes of a field, such as a text in capitals."""

    pattern: str


class List(msgspec.Struct, frozen=True):
    """A list that a template makes, such as `issues | map(attribute="codes")`."""

    items: Value


class Row(msgspec.Struct, frozen=True):
    """A list or tuple that is written in a template."""

    values: tuple[Value, ...]


class Loop(msgspec.Struct, frozen=True):
    """The variable `loop`."""

    items: Value


class Stated(msgspec.Struct, frozen=True):
    """A table of the pack's manifest.

    Args:
        name: What messages call it.
        keys: The keys that it may have.
        methods: The Python type of which templates may call methods.
    """

    name: str
    keys: frozenset[str]
    methods: type


class Macro(msgspec.Struct, frozen=True):
    """A macro, or the body of a `call`."""

    node: nodes.Macro | nodes.CallBlock
    frame: Frame


class Module(msgspec.Struct, frozen=True):
    """An imported template."""

    frame: Frame


Known = str | Made | List | Row | Loop | Stated | Macro | Module
Value = frozenset[Known | None]
"""The values that an expression may have, as far as they come from the case: the pattern of a
field, what is made of fields, and `None` for what is unknown. Constants are none of these."""

NOTHING: Value = frozenset()
UNKNOWN: Value = frozenset((None,))


class Frame:
    """The names in scope.

    Args:
        names: Their values.
        text: The template.
        blocks: The template's blocks by name, the overriding ones first, each with its template.
    """

    def __init__(
        self,
        names: Mapping[str, Value],
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

    def inner(self, names: Mapping[str, Value] | None = None) -> Frame:
        """Return a scope within this one."""
        frame = Frame({**self.names, **(names or {})}, self.text, self.blocks)
        frame.top = self.top
        frame.block = self.block
        return frame


def join(values: Iterable[Value]) -> Value:
    """Return a value that may be any of several."""
    return frozenset().union(*values)


def made_of(value: Value) -> Value:
    """Return what is made of a value."""
    return frozenset(Made(each) if isinstance(each, str) else each for each in value)
