"""The Jinja environment of templates: sandboxed and strict.

A missing value is an error, never an empty place in a binding letter: what the case file lacks is
undefined (`{% if case.eams_number is defined %}`), and only text, numbers and dates are printed.
"""

import datetime
import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, ClassVar, NoReturn

import jinja2
import msgspec
from jinja2 import filters as jinja_filters
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, LRUCache, Namespace, missing
from markupsafe import Markup

from imrgen.case import Case, Table, attributes, pattern_of
from imrgen.compose.filters import (
    DATE_ATTRIBUTES,
    bounded_range,
    filters,
    finalize,
    is_named,
    printable,
    refuse_python_forms,
)
from imrgen.compose.missing import Gap, GapList, Missing, StrictUndefined
from imrgen.diagnostics import Path, nearest
from imrgen.pack import Organization, TemplatePack

RECIPIENT = "recipient"
"""The name by which templates see the one of the `recipients` that a letter is made for."""

PACKET = "packet"
"""The name by which the templates of a packet's letters see the packet's entry in the manifest."""
PARTS = "parts"
"""The name by which the template of a packet's frame sees its letters."""


CONTEXT = "context"
"""The name by which templates see the values that a program gives besides the case."""


class Host(msgspec.Struct, frozen=True):
    """What a program gives to templates besides the case.

    Args:
        context: Its values, as `imrgen.compose.host.encode_context` writes them; empty for none.
        filters: The filters by name, each as `MODULE:NAME`.
        functions: The functions that templates can call by name, each as `MODULE:NAME`.
    """

    context: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    functions: tuple[tuple[str, str], ...] = ()


class HostTable(msgspec.Struct, frozen=True):
    """A table of the values that a program gives, as templates see it.

    Args:
        name: What messages call it.
        values: Its values.
    """

    name: str
    values: Mapping[str, Any]


class _Outline(msgspec.Struct, frozen=True):
    """What shows whether any part of a template would be lost.

    Args:
        blocks: The names of all its blocks.
        parent: The template that it extends, where that is written as a text.
        outermost: What is in no block, with its line: a block's name, or `None` for what would be
            printed.
    """

    blocks: frozenset[str]
    parent: str | None
    outermost: tuple[tuple[str | None, int], ...]


class ManifestTable(msgspec.Struct, frozen=True):
    """A table of the manifest as templates see it.

    Args:
        name: The table's name.
        values: What the pack and those that it extends state.
        known: The keys that may be absent, so that templates may ask for them.
    """

    name: str
    values: Mapping[str, Any]
    known: Collection[str] = ()


def manifest_tables(pack: TemplatePack) -> dict[str, ManifestTable]:
    """Return `organization` and `words` of a pack, for its templates.

    A label without a short name shows the full name; without a letterhead none is shown.
    """
    organization = pack.organization or Organization()
    stated = msgspec.structs.asdict(organization)
    del stated["inherit"]
    stated["short_name"] = organization.short_name or organization.name
    stated["letterhead"] = organization.letterhead or ()
    values = {key: value for key, value in stated.items() if value is not None}
    return {
        "organization": ManifestTable("organization", values, tuple(stated)),
        "words": ManifestTable("words", pack.words),
    }


class _Registry(dict[str, Any]):
    """Filters or tests by name; one that does not exist is an error when a template asks for it.

    Args:
        kind: `filter` or `test`.
        known: Those that there are.
    """

    def __init__(self, kind: str, known: Mapping[str, Any]) -> None:
        super().__init__(known)
        self._kind = kind

    def __missing__(self, name: str) -> NoReturn:
        raise jinja2.TemplateRuntimeError(f"No {self._kind} named {name!r} found.")


class _Lookups(dict[str, str]):
    """The code that looks up a filter or a test by name.

    Args:
        registry: `filters` or `tests`.
    """

    def __init__(self, registry: str) -> None:
        super().__init__()
        self._registry = registry

    def __missing__(self, name: str) -> str:
        return f"environment.{self._registry}[{name!r}]"


class Generator(CodeGenerator):
    """Jinja's generator, without what each block would have of its own.

    Filters and tests are looked up where they are used, and what is the same in all blocks stands
    above them. Jinja makes variables of these in each block, and of each filter a function in case
    it does not exist. Much of the time of the first letter would go into compiling these.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.filters = _Lookups("filters")
        self.tests = _Lookups("tests")

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's name
        """Write what all blocks have, and the template."""
        self.writeline("undefined = environment.undefined")
        self.writeline("concat = environment.concat")
        self.writeline("given = environment.given")
        self.writeline("from jinja2.runtime import Undefined as cond_expr_undefined")
        super().visit_Template(node, frame)

    def write_commons(self) -> None:
        """Write what each block needs of its own."""
        self.writeline("resolve = context.resolve_or_missing")
        self.writeline("if 0: yield None")  # which makes it a generator

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:  # noqa: N802
        """Write a name; Jinja's expression for one without a value is four times as long."""
        if node.ctx == "load":
            ref = frame.symbols.ref(node.name)
            self.write(f"given({ref}, {node.name!r})")
        else:
            super().visit_Name(node, frame)

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        """Generate a filter; Jinja leaves one that does not exist in an `if` until it is used."""
        self._require(node, self.environment.filters, "filter")
        super().visit_Filter(node, frame)

    def visit_Test(self, node: nodes.Test, frame: Frame) -> None:  # noqa: N802
        """Generate a test; see `visit_Filter`."""
        self._require(node, self.environment.tests, "test")
        super().visit_Test(node, frame)

    def _require(self, node: Any, known: Mapping[str, Any], kind: str) -> None:
        if node.name not in known:
            self.fail(f"No {kind} named {node.name!r}.", node.lineno)

    def pull_dependencies(self, nodes: Iterable[nodes.Node]) -> None:
        """Make no variables."""


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of a pack's templates.

    Args:
        pack: Where the templates are looked up.
        draft: Whether a value that the case lacks is a marked gap, and no error.
    """

    intercepted_binops = frozenset("%")
    code_generator_class: type[CodeGenerator] = Generator
    compiled: ClassVar[LRUCache] = LRUCache(400)
    """The code and outlines of templates by source and name. Most are the same in the next
    environment, such as after a save, and compiling them takes longer than making a letter.
    """

    def __init__(self, pack: TemplatePack, draft: bool = False) -> None:
        super().__init__(
            loader=_Loader(pack),
            undefined=Gap if draft else StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            optimized=False,
            finalize=finalize,
        )
        self.draft = draft
        self._blocks: dict[str | None, frozenset[str]] = {}
        self._outlines: dict[str | None, _Outline] = {}
        self._trees: dict[str, nodes.Template] = {}
        self._model = pack.model
        self.inherited_places = pack.inherited_places
        self.filters = _Registry("filter", filters(pack.language) | {"attr": _attr})
        self.tests = _Registry("test", self.tests)
        self.globals = {
            "range": bounded_range,
            "dict": dict,
            "namespace": Namespace,
            "cycler": Cycler,
            "joiner": Joiner,
        }

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the names that every template sees; Jinja reads a chain of mappings slowly."""
        return super().make_globals(d) if d else self.globals

    def names(self, case: Case, required: Iterable[str]) -> dict[str, Any]:
        """Return what a case gives to templates, each value by its name.

        Args:
            case: The case.
            required: The patterns of the fields that the letter requires; of a draft, an empty list
                among them is a gap, too, wherever it stands.
        """
        if self.draft:
            found = {pattern: self._model.find(pattern) for pattern in required}
            lists = {pattern for pattern, field in found.items() if field and field.item}

            def marked(path: Path, value: Any) -> Any:
                is_gap = value == () and pattern_of(path) in lists
                return GapList(pattern_of(path), lists) if is_gap else value

            case = self._model.copy(case, marked)
        return self._model.tables(case)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a field; a table's absent one is undefined, and its methods cannot be reached."""
        if not isinstance(obj, Table):
            if isinstance(obj, ManifestTable):
                return self._stated(obj, attribute)
            if isinstance(obj, HostTable):
                return self._given(obj, attribute)
            return super().getattr(obj, attribute)
        names = attributes(type(obj))
        name = names.get(attribute)
        value = None if name is None else getattr(obj, name)
        if value is not None:
            return value
        table = self._model.name_of(type(obj))
        if name is None:
            # No case can have it, so no `is defined` and no `default` makes it right.
            message = f"{table} has no field `{attribute}`"
            raise Missing("; ".join([message, *nearest(attribute, names)]), obj, attribute)
        hint = (
            f"the case file gives no `{attribute}` in {table}, and the template does not ask first"
        )
        return self.undefined(hint=hint, obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item; that of a table is the same as its attribute."""
        if isinstance(obj, ManifestTable | HostTable) or (
            isinstance(obj, Table) and isinstance(argument, str)
        ):
            return self.getattr(obj, str(argument))
        return super().getitem(obj, argument)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Return whether a template may read an attribute; of a date, nothing that varies."""
        if isinstance(obj, datetime.date) and attr not in DATE_ATTRIBUTES:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def unsafe_undefined(self, obj: Any, attribute: str) -> jinja2.Undefined:
        """Return the undefined value that stands for an attribute that may not be read."""
        if isinstance(obj, datetime.date):
            return self.undefined(
                hint=f"a date has no `{attribute}` here; the filter `date` writes dates",
                obj=obj,
                name=attribute,
            )
        return super().unsafe_undefined(obj, attribute)

    def given(self, value: Any, name: str) -> Any:
        """Return the value of a name; an undefined one where the name has none."""
        return self.undefined(name=name) if value is missing else value

    def cut(self, markup: str, start: int, end: int) -> Markup:
        """Return a part of what a template printed."""
        return Markup(markup[start:end])  # noqa: S704 - the template's own

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Calculate; what `%` puts into a text must be printable."""
        if operator == "%" and isinstance(left, str):
            refuse_python_forms(left)
            if isinstance(right, tuple):
                right = tuple(map(printable, right))
            elif isinstance(right, dict) and is_named(left):
                right = {key: printable(value) for key, value in right.items()}
            else:
                right = printable(right)
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Return `str.format` or `str.format_map`, which must be given what is printable."""
        function = super().wrap_str_format(value)
        if function is None:
            return None

        def formatted(*arguments: Any, **names: Any) -> str:
            refuse_python_forms(value.__self__)
            if value.__name__ == "format_map":
                return function({key: printable(each) for key, each in dict(*arguments).items()})
            # `{% call %}` hands over its body, too.
            given = {name: each for name, each in names.items() if not isinstance(each, Macro)}
            filled = {name: printable(each) for name, each in given.items()}
            return function(*map(printable, arguments), **filled)

        return formatted

    def _given(self, table: HostTable, key: str) -> Any:
        """Return a value that the program gives; one that it does not give is undefined."""
        if key in table.values:
            return table.values[key]
        hint = (
            f"the program gives no `{key}` in `{table.name}`, and the template does not ask first"
        )
        return self.undefined(hint=hint, obj=table, name=key)

    def _stated(self, table: ManifestTable, key: str) -> Any:
        """Return a value of a manifest's table.

        Raises:
            Missing: No pack can state the key, so that asking whether it is there is a mistake.
        """
        if key in table.values:
            return table.values[key]
        if key in table.known:
            hint = (
                f"no manifest of the pack states `{key}` in [{table.name}], "
                "and the template does not ask first"
            )
            return self.undefined(hint=hint, obj=table, name=key)
        hints = nearest(key, {*table.values, *table.known})
        message = f"[{table.name}] of the pack's manifest has no `{key}`"
        raise Missing("; ".join([message, *hints]), table, key)

    def compile(
        self, source: Any, name: str | None = None, filename: str | None = None, *more: Any
    ) -> Any:
        """Compile a template, unless that was done before; see `jinja2.Environment.compile`."""
        key = (source, name, filename, *more)
        code, outline = self.compiled.get(key) or (None, None)
        if outline is None or self._loss(outline, name) is not None:
            code = super().compile(source, name, filename, *more)
            self.compiled[key] = code, self._outlines[name]
        return code

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Parse a template, once; what `~` joins must be printable."""
        if source in self._trees:
            return self._trees[source]
        template = super()._parse(source, name, filename)
        # Jinja's generator asks thrice; its walks over all nodes take an eighth of compiling.
        vars(template)["find_all"] = functools.partial(_find_all, template)
        self._trees[source] = template
        # Few templates have it, and a walk over all nodes takes long.
        for joined in template.find_all(nodes.Concat) if "~" in source else ():
            joined.nodes = [
                nodes.Filter(part, "string", [], [], None, None, lineno=part.lineno)
                for part in joined.nodes
            ]
        return template

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        """Compile a template, unless any part of it would be lost."""
        self._outlines[name] = _outline(source)
        loss = self._loss(self._outlines[name], name)
        if loss is not None:
            message, line = loss
            raise jinja2.TemplateAssertionError(message, line, name, filename)
        return super()._generate(source, name, filename, defer_init)

    def _loss(self, template: _Outline, name: str | None) -> tuple[str, int] | None:
        """Find what Jinja silently drops from a template that extends another.

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
                known = f"its blocks are: {', '.join(sorted(inherited))}"
                hints = nearest(block, inherited) or (known,)
                return "; ".join([f"there is no block '{block}' to override", *hints]), line
        return None

    def _inherited(self, parent: str) -> frozenset[str] | None:
        """Compile a parent, and return the names of its blocks, inherited ones included.

        A parent that is missing or at fault is reported when the template is rendered, with the
        chain that led there.
        """
        try:
            self.get_template(parent)
        except (jinja2.TemplateNotFound, jinja2.TemplateSyntaxError):
            return None
        return self._blocks[parent]


def _outline(template: nodes.Template) -> _Outline:
    blocks = frozenset(block.name for block in blocks_in(template.body))
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


def blocks_in(statements: Iterable[nodes.Node]) -> Iterator[nodes.Block]:
    """Yield all blocks in some statements; none can stand in an expression."""
    return (each for each in _statements(statements) if isinstance(each, nodes.Block))


def _statements(outermost: Iterable[nodes.Node]) -> Iterator[nodes.Node]:
    """Yield some statements, each followed by those in it."""
    for statement in outermost:
        yield statement
        for name in _bodies(type(statement)):
            yield from _statements(getattr(statement, name))


def _find_all(template: nodes.Template, kind: type[nodes.Node]) -> Iterator[nodes.Node]:
    """Yield the nodes of a kind; those that are statements are not looked for in expressions."""
    if kind is nodes.ImportedName:
        return iter(())  # Jinja's extensions make it, and a sandbox has none
    if kind in (nodes.Block, nodes.Extends):
        return (each for each in _statements(template.body) if isinstance(each, kind))
    return nodes.Template.find_all(template, kind)


@functools.cache
def _bodies(kind: type[nodes.Node]) -> tuple[str, ...]:
    """Return the fields in which a kind of statement has others."""
    return tuple(name for name in ("body", "elif_", "else_") if name in kind.fields)


def _visible(node: nodes.Node) -> int | None:
    """Return the line where a node would print something, were it shown."""
    for part in node.nodes if isinstance(node, nodes.Output) else ():
        if not isinstance(part, nodes.TemplateData):
            return part.lineno
        if part.data.strip():
            return part.lineno + part.data[: len(part.data) - len(part.data.lstrip())].count("\n")
    return None


@jinja2.pass_environment
def _attr(environment: Sandbox, value: Any, name: str) -> Any:
    """Return an attribute; that of a table is its field, which Jinja's filter would not ask for."""
    if isinstance(value, Table | ManifestTable | HostTable):
        return environment.getattr(value, name)
    return jinja_filters.do_attr(environment, value, name)


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
