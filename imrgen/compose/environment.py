"""Jinja as templates meet it: sandboxed and strict.

A value that is not there is an error, never an empty place in a binding letter: what the case file
does not give is undefined (`{% if case.eams_number is defined %}`), and None cannot be printed.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable
from typing import Any, ClassVar

import jinja2
import msgspec
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import LRUCache, missing
from markupsafe import Markup

from imrgen.case import Table, attributes
from imrgen.diagnostics import nearest
from imrgen.pack import TemplatePack

_SPACE = re.compile(r"[ \t\n\r\f]+")
_ENDED = re.compile(r"""\.(?:["'”’]|&#34;|&#39;)*$""")


class _Outline(msgspec.Struct, frozen=True):
    """What must be known of a template to see whether anything of it would get lost.

    Args:
        blocks: The names of all its blocks.
        parent: The template that it extends, where that is written as a text.
        outermost: What stands in no block, with its line: a block's name, or `None` where it would
            print something.
    """

    blocks: frozenset[str]
    parent: str | None
    outermost: tuple[tuple[str | None, int], ...]


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of a pack's templates.

    Args:
        pack: Where the templates are looked up.
    """

    compiled: ClassVar[LRUCache | None] = LRUCache(400)
    """The code of templates by source and name: most of them are the same in the next environment,
    such as after a save, and compiling them takes longer than making a letter. `None`: compile each
    time."""

    def __init__(self, pack: TemplatePack) -> None:
        super().__init__(
            loader=_Loader(pack),
            undefined=_Undefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            finalize=_present,
        )
        self._blocks: dict[str | None, frozenset[str]] = {}
        self._outlines: dict[str | None, _Outline] = {}
        self.filters.update(date=us_date, full_stop=full_stop, squeeze=squeeze)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read a field; a table's absent one is undefined, and its methods cannot be reached."""
        if not isinstance(obj, Table):
            return super().getattr(obj, attribute)
        names = attributes(type(obj))
        if attribute not in names:
            table = type(obj).__name__.lower()
            hint = "; ".join([f"{table} has no field `{attribute}`", *nearest(attribute, names)])
            return self.undefined(hint=hint, obj=obj, name=attribute)
        value = getattr(obj, names[attribute])
        if value is None:
            table = type(obj).__name__.lower()
            hint = f"the case file gives no `{attribute}` for this {table}, and the template does not ask first"
            return self.undefined(hint=hint, obj=obj, name=attribute)
        return value

    def compile(
        self, source: Any, name: str | None = None, filename: str | None = None, *more: Any
    ) -> Any:
        """Compile a template, if that has not been done before; see `jinja2.Environment.compile`."""
        key = (source, name, filename, *more)
        code, outline = (self.compiled.get(key) if self.compiled is not None else None) or (
            None,
            None,
        )
        if outline is None or self._loss(outline, name) is not None:
            code = super().compile(source, name, filename, *more)
            if self.compiled is not None:
                self.compiled[key] = code, self._outlines[name]
        return code

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        """Compile a template, once nothing of it would get lost."""
        self._outlines[name] = outline = _outline(source)
        loss = self._loss(outline, name)
        if loss is not None:
            message, line = loss
            raise jinja2.TemplateAssertionError(message, line, name, filename)
        return super()._generate(source, name, filename, defer_init)

    def _loss(self, template: _Outline, name: str | None) -> tuple[str, int] | None:
        """Find what Jinja drops in silence from a template that extends another.

        Returns:
            A block that overrides none, or text outside all blocks, and its line.
        """
        inherited = self._inherited(template.parent) if template.parent is not None else None
        self._blocks[name] = template.blocks | (inherited or frozenset())
        if inherited is None:
            return None
        for block, line in template.outermost:
            if block is None:
                return (
                    "text outside a block of a template that extends another is shown nowhere",
                    line,
                )
            if block not in inherited:
                hints = nearest(block, inherited) or (
                    f"its blocks are: {', '.join(sorted(inherited))}",
                )
                return "; ".join([f"there is no block '{block}' to override", *hints]), line
        return None

    def _inherited(self, parent: str) -> frozenset[str] | None:
        """Compile a parent, which is needed anyway, and give the names of its blocks, inherited ones included.

        A parent that is missing or at fault is told when the template is rendered, with the chain
        that led there.
        """
        try:
            self.get_template(parent)
        except (jinja2.TemplateNotFound, jinja2.TemplateSyntaxError):
            return None
        return self._blocks[parent]


def _outline(template: nodes.Template) -> _Outline:
    blocks = frozenset(block.name for block in template.find_all(nodes.Block))
    parent = next(
        (node.template for node in template.body if isinstance(node, nodes.Extends)), None
    )
    outermost: list[tuple[str | None, int]] = []
    for node in template.body:
        if isinstance(node, nodes.Block):
            outermost.append((node.name, node.lineno))
        elif (line := _visible(node)) is not None:
            outermost.append((None, line))
    return _Outline(
        blocks, str(parent.value) if isinstance(parent, nodes.Const) else None, tuple(outermost)
    )


def _visible(node: nodes.Node) -> int | None:
    """Give the line where a node would print something, were it shown."""
    for part in node.nodes if isinstance(node, nodes.Output) else ():
        if not isinstance(part, nodes.TemplateData):
            return part.lineno
        if part.data.strip():
            return part.lineno + part.data[: len(part.data) - len(part.data.lstrip())].count("\n")
    return None


class Missing(jinja2.UndefinedError):
    """A value was asked for that is not there.

    Args:
        message: What Jinja says, or what the sandbox said instead.
        owner: What the value was asked of; `jinja2.utils.missing` for a name of the template.
        name: What was asked for: a name, or an index.
    """

    def __init__(
        self, message: str | None = None, owner: Any = missing, name: object = None
    ) -> None:
        super().__init__(message)
        self.owner, self.name = owner, "" if name is None else str(name)

    @property
    def is_name(self) -> bool:
        """Whether it is a name of the template, and not a part of something."""
        return self.owner is missing


class _Undefined(jinja2.StrictUndefined):
    """Remembers, when it is used, what was asked for and of what."""

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: Any = jinja2.UndefinedError,
    ) -> None:
        super().__init__(hint, obj, name, functools.partial(Missing, owner=obj, name=name))  # type: ignore[arg-type]


def _present(value: Any) -> Any:
    if value is None:
        raise jinja2.UndefinedError("this is None, which would be printed as a word")
    return value


class _Loader(jinja2.BaseLoader):
    def __init__(self, pack: TemplatePack) -> None:
        self._pack = pack

    def get_source(
        self, environment: jinja2.Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        file = self._pack.file(template)
        if file is None:
            raise jinja2.TemplateNotFound(template)
        return file.text, file.place, lambda: True

    def list_templates(self) -> list[str]:
        return self._pack.files()


def us_date(value: datetime.date) -> str:
    """Write a date as the letters do, MM/DD/YYYY."""
    return f"{value.month:02}/{value.day:02}/{value.year:04}"


def squeeze(text: str) -> str:
    """Make one line of a text, as templates need that write a sentence over several; no-break spaces stay."""
    joined = _SPACE.sub(" ", text).strip(" ")
    return Markup(joined) if isinstance(text, Markup) else joined  # noqa: S704 - it was escaped before


def full_stop(text: str) -> str:
    """Make one line of a text that ends in a full stop: its own, which may stand inside closing quotes, or one more."""
    line = squeeze(text)
    return line if _ENDED.search(line) else line + "."
