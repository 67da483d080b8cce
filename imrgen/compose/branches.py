"""The branches of templates: what of them a case can take, and what one did take.

A compiled template notes each body that it enters, and each way of a conditional expression. It
prints what it would print without that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, NamedTuple

import msgspec
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.utils import LRUCache

from imrgen.compose.environment import Generator, Sandbox
from imrgen.compose.template_text import TemplateText, offset
from imrgen.diagnostics import Span
from imrgen.pack import TemplatePack

TEMPLATE = "template"
BLOCK = "block"

_NO_CASE = re.compile(r"\s*\{#-?\s*no case:")
_OF_MANIFEST = (
    "language",
    "letter",
    "notices",
    "organization",
    "outcomes",
    "packet",
    "parts",
    "priorities",
    "words",
)
"""The names that have the same value for each case of a letter."""


class Way(NamedTuple):
    """A way through a template, which names it in any process.

    Attributes:
        file: The template's file.
        start: Where in its text the way begins.
        kind: `template` for the whole of it; `if`, `elif`, `else`, `for`, `block`, `macro`, `call`;
            `if false` for an `if` without `else` that does not hold; `expression true` and
            `expression false` for the ways of a conditional expression.
    """

    file: str
    start: int
    kind: str


class Branch(NamedTuple):
    """A part of a template that is printed or not.

    Attributes:
        span: The tag that opens it.
        kind: The way's kind; see `Way`.
        taken: Whether the letter took it.
    """

    span: Span
    kind: str
    taken: bool


class TemplateBranch(msgspec.Struct):
    """A way through a template, and what stands in it.

    Args:
        way: The way.
        span: The tag that opens it.
        inside: The number of the branch around it in the same template; `None` for the template.
        is_fixed: Whether no case decides whether it is taken, but the manifest, or what a comment
            behind its tag says: `{# no case: … #}`.
        lacks: The pattern of a field that a case lacks in it, such as `case.number`; empty for
            none.
        block: The name of the block that it is; empty for none.
        lines: The lines of which something stands in it, and in no branch within.
        names: The templates that are included or imported in it, by the names written there.
    """

    way: Way
    span: Span
    inside: int | None
    is_fixed: bool = False
    lacks: str = ""
    block: str = ""
    lines: set[int] = msgspec.field(default_factory=set)
    names: list[str] = msgspec.field(default_factory=list)


class TemplateBranches(msgspec.Struct):
    """The branches of a template, and its code, which refers to them by their numbers.

    Args:
        text: Its text.
        code: Its code; `None` until it is compiled.
        branches: Its branches, each behind that around it; the first is the template itself.
        tests: While it is compiled, the branches that a conditional expression decides on, by the
            identity of its test.
        parent: The template that it extends, if that is written as a text.
        supers: The blocks of it that show the block that they override.
    """

    text: TemplateText
    code: Any = None
    branches: list[TemplateBranch] = msgspec.field(default_factory=list)
    tests: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)
    parent: str | None = None
    supers: set[str] = msgspec.field(default_factory=set)


class _Body(list[nodes.Node]):
    """The statements of a branch, which know its number."""

    number: int

    def __bool__(self) -> bool:
        return True  # an `else` that the template does not have is compiled as well


class BranchMarks(CodeGenerator):
    """Generates code that notes which branches it takes."""

    environment: BranchRecorder

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        """Write the statements of a branch."""
        if isinstance(nodes, _Body):
            self.writeline(f"environment.taken.add({(str(self.filename), nodes.number)!r})")
        super().blockvisit(nodes, frame)

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> Any:
        """Write a node; the test of a conditional expression notes how it turns out."""
        file = str(self.filename)
        ways = self.environment.templates[file].tests.get(id(node))
        if ways is None:
            return super().visit(node, *args, **kwargs)
        self.write(f"environment.decide({file!r}, {ways[0]}, {ways[1]}, ")
        result = super().visit(node, *args, **kwargs)
        self.write(")")
        return result


class _Generator(BranchMarks, Generator):
    pass


class BranchRecorder(Sandbox):
    """The environment that notes which branches a letter takes; it belongs to one thread.

    Args:
        pack: Where the templates are looked up.
        sandbox: The environment that it stands for: its filters and globals. A letter that it
            renders had no fault there.

    Attributes:
        taken: The branches that were taken, each by its file and number.
        templates: The templates that were loaded, by file, in the order of loading.
    """

    code_generator_class: type[CodeGenerator] = _Generator
    template_type: ClassVar[type[TemplateBranches]] = TemplateBranches
    recording: ClassVar[LRUCache] = LRUCache(400)
    """Templates by source and name: compiling them takes longer than rendering a letter."""

    def __init__(self, pack: TemplatePack, sandbox: Sandbox) -> None:
        super().__init__(pack, sandbox.draft)
        self.undefined = sandbox.undefined
        self.filters = sandbox.filters
        self.globals = sandbox.globals
        self.taken: set[tuple[str, int]] = set()
        self.templates: dict[str, TemplateBranches] = {}

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The branches of all templates that were loaded, in the order of loading."""
        return tuple(
            Branch(branch.span, branch.way.kind, (file, number) in self.taken)
            for file, template in self.templates.items()
            for number, branch in enumerate(template.branches)
            if branch.way.kind != TEMPLATE
        )

    @property
    def ways(self) -> frozenset[Way]:
        """The ways that were taken."""
        return frozenset(self.templates[file].branches[number].way for file, number in self.taken)

    def compile(
        self, source: Any, name: str | None = None, filename: str | None = None, *more: Any
    ) -> Any:
        """Compile a template, unless that was done before."""
        file = str(filename)
        key = (type(self), source, name, filename, *more)
        template = self.recording.get(key)
        if template is None:
            template = self.templates[file] = self.template_type(TemplateText(file, source))
            template.code = super(Sandbox, self).compile(source, name, filename, *more)
            template.tests.clear()
            self.recording[key] = template
        self.templates[file] = template
        return template.code

    def decide(self, file: str, then: int, otherwise: int, test: Any) -> bool:
        """Note and return how the test of a conditional expression turns out."""
        holds = bool(test)
        self.taken.add((file, then if holds else otherwise))
        return holds

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Parse a template; files with the same text have trees of their own."""
        self._trees.pop(source, None)
        return super()._parse(source, name, filename)

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Any:
        return self.templates[str(filename)].text.stream(self, name, state)

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        _Marking(self.templates[str(filename)], source)
        return super()._generate(source, name, filename, defer_init)

    def _inherited(self, parent: str) -> None:
        """Look for no lost part of a template: its plain render would have been refused."""


class _Scope(NamedTuple):
    """Where a node stands.

    Attributes:
        inside: The number of the branch in the template.
        fixed: The names whose value the manifest alone decides.
    """

    inside: int
    fixed: frozenset[str]


class _Marking:
    """Numbers the branches of a template, and marks them in its tree.

    Args:
        template: Gets the branches.
        tree: Its tree.
    """

    def __init__(self, template: TemplateBranches, tree: nodes.Template) -> None:
        self._text = template.text
        self.result = template
        self._stored = {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
        fixed = frozenset(_OF_MANIFEST) - self._stored
        tree.body = self._body(tree.body, TEMPLATE, (0, 1), _Scope(0, fixed), is_template=True)

    def _body(
        self,
        body: Iterable[nodes.Node],
        kind: str,
        at: tuple[int, int],
        scope: _Scope,
        *,
        is_fixed: bool = False,
        is_template: bool = False,
        block: str = "",
    ) -> _Body:
        """Mark a branch.

        Args:
            body: Its statements.
            kind: Its kind.
            at: The tag that opens it.
            scope: Where it stands.
            is_fixed: Whether the manifest alone decides on it.
            is_template: Whether it is the whole template.
            block: The name of the block that it is.
        """
        marked = _Body(body)
        number = self._branch(kind, at, scope, is_fixed, None if is_template else scope.inside)
        self.result.branches[number].block = block
        marked.number = number
        inner = scope._replace(inside=number)
        for node in marked:
            self._node(node, inner)
        return marked

    def _branch(
        self, kind: str, at: tuple[int, int], scope: _Scope, is_fixed: bool, inside: int | None
    ) -> int:
        way = Way(self._text.file, at[0], kind)
        span = self._text.span(*at)
        is_explained = _NO_CASE.match(self._text.text, at[1]) and inside is not None
        is_fixed = is_fixed or bool(is_explained)
        self.result.branches.append(TemplateBranch(way, span, inside, is_fixed))
        return len(self.result.branches) - 1

    def _node(self, node: nodes.Node, scope: _Scope) -> None:
        self._note(node, scope)
        if isinstance(node, nodes.If):
            self._if(node, scope)
        elif isinstance(node, nodes.For):
            self._for(node, scope)
        elif isinstance(node, nodes.CondExpr):
            self._conditional(node, scope)
        elif isinstance(node, nodes.Block | nodes.Macro | nodes.CallBlock):
            kind = type(node).__name__.lower().removesuffix("block") or BLOCK
            others = (child for child in node.iter_child_nodes(exclude=["body"]))
            for child in others:
                self._node(child, scope)
            # Whether what calls it does is not known here, nor with which names.
            block = node.name if isinstance(node, nodes.Block) else ""
            inner = scope._replace(fixed=scope.fixed - {"loop"})
            tag = self._text.tag(offset(node))
            node.body = self._body(node.body, kind, tag, inner, block=block)
            if block and _calls_super(node):
                self.result.supers.add(block)
        else:
            for child in node.iter_child_nodes():
                self._node(child, scope)

    def _note(self, node: nodes.Node, scope: _Scope) -> None:
        """Note a node's lines, and the templates that it names."""
        branch = self.result.branches[scope.inside]
        if isinstance(node, nodes.TemplateData):
            at = offset(node)
            first = self._text.span(at, at + 1).line
            for number, line in enumerate(node.data.split("\n")):
                if line.strip():
                    branch.lines.add(first + number)
        elif node.lineno is not None and not isinstance(node, nodes.Output):
            branch.lines.add(int(node.lineno))
        if isinstance(node, nodes.Extends) and isinstance(node.template, nodes.Const):
            self.result.parent = str(node.template.value)
        elif isinstance(node, nodes.Include | nodes.Import | nodes.FromImport | nodes.Extends):
            branch.names += _names(node.template)

    def _if(self, node: nodes.If, scope: _Scope) -> None:
        is_fixed = True
        lacks = ""
        for number, part in enumerate([node, *node.elif_]):
            if number:
                self._note(part, scope)
            self._node(part.test, scope)
            is_fixed = is_fixed and _is_fixed(part.test, scope.fixed)
            kind = "elif" if number else "if"
            tag = self._text.tag(offset(part))
            part.body = self._body(part.body, kind, tag, scope, is_fixed=is_fixed)
            lacks_here, lacks_after = self._lacking(part.test)
            self.result.branches[part.body.number].lacks = lacks_here or lacks
            lacks = lacks or lacks_after
        has_else = len(node.else_) > 0
        tag = self._text.opening(node.else_) if has_else else self._text.tag(offset(node))
        kind = "else" if has_else else "if false"
        node.else_ = self._body(node.else_, kind, tag, scope, is_fixed=is_fixed)
        self.result.branches[node.else_.number].lacks = lacks

    def _lacking(self, test: nodes.Node) -> tuple[str, str]:
        """Return the pattern of the field that a case lacks if a test holds, and if it does not."""
        if isinstance(test, nodes.Not):
            holds, does_not = self._lacking(test.node)
            return does_not, holds
        if isinstance(test, nodes.Test) and test.name == "undefined":
            return self._pattern(test.node), ""
        if isinstance(test, nodes.Test) and test.name == "defined":
            return "", self._pattern(test.node)
        return "", ""

    def _pattern(self, asked: nodes.Node) -> str:
        """Return the pattern of a field that a test names; empty if it is none of a case."""
        keys: list[str] = []
        while isinstance(asked, nodes.Getattr):
            keys.append(asked.attr)
            asked = asked.node
        if not isinstance(asked, nodes.Name) or asked.name in self._stored:
            return ""
        return ".".join([asked.name, *reversed(keys)])

    def _for(self, node: nodes.For, scope: _Scope) -> None:
        self._node(node.iter, scope)
        is_fixed = _is_fixed(node.iter, scope.fixed)
        targets = [node.target, *node.target.find_all(nodes.Name)]
        names = {target.name for target in targets if isinstance(target, nodes.Name)}
        # What a packet consists of is made of the case.
        is_known = is_fixed and "parts" not in _loaded(node.iter)
        fixed = scope.fixed | names | {"loop"} if is_known else scope.fixed - names - {"loop"}
        inner = scope._replace(fixed=fixed)
        if node.test is not None:
            self._node(node.test, inner)
        tag = self._text.tag(offset(node))
        node.body = self._body(node.body, "for", tag, inner, is_fixed=is_fixed)
        if node.else_:
            tag = self._text.opening(node.else_)
            node.else_ = self._body(node.else_, "else", tag, scope, is_fixed=is_fixed)

    def _conditional(self, node: nodes.CondExpr, scope: _Scope) -> None:
        is_fixed = _is_fixed(node.test, scope.fixed)
        at = offset(node)
        tag = at, max(at + 1, self._text.tag(at)[1])
        self._node(node.test, scope)
        numbers = []
        lacks = self._lacking(node.test)
        for kind, value, lacking in (
            ("expression true", node.expr1, lacks[0]),
            ("expression false", node.expr2, lacks[1]),
        ):
            number = self._branch(kind, tag, scope, is_fixed, scope.inside)
            self.result.branches[number].lacks = lacking
            numbers.append(number)
            if value is not None:
                self._node(value, scope._replace(inside=number))
        self.result.tests[id(node.test)] = (numbers[0], numbers[1])


def _names(node: nodes.Expr) -> Iterator[str]:
    """Yield the names of templates that an expression may have, as far as they are written."""
    if isinstance(node, nodes.Const):
        yield from [node.value] if isinstance(node.value, str) else node.value
    else:
        for child in node.iter_child_nodes():
            if isinstance(child, nodes.Const | nodes.List | nodes.Tuple | nodes.CondExpr):
                yield from _names(child)


def _calls_super(block: nodes.Node) -> bool:
    calls = (call.node for call in block.find_all(nodes.Call))
    return any(isinstance(called, nodes.Name) and called.name == "super" for called in calls)


def _loaded(node: nodes.Node) -> set[str]:
    names = [*node.find_all(nodes.Name), *([node] if isinstance(node, nodes.Name) else [])]
    return {name.name for name in names if name.ctx == "load"}


def _is_fixed(node: nodes.Node, fixed: frozenset[str]) -> bool:
    """Return whether an expression has the same value for each case, as the manifest says it."""
    names = _loaded(node)
    return bool(names) and names <= fixed
