"""A pack's style sheet read into rules, each with its place, and what of them cannot be set."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import cssselect2
import msgspec
import tinycss2

from imrgen.export.pdf.typst.custom import CustomProperties
from imrgen.export.pdf.typst.page_values import page_values
from imrgen.export.pdf.typst.properties import Declared, expand
from imrgen.export.pdf.typst.values import (
    UnknownValueError,
    is_of_paper,
    keyword,
    meaningful,
    split,
)

_PASSED_OVER = frozenset(
    ("charset", "container", "font-face", "keyframes", "page", "property", "supports")
)
"""Rules that are read elsewhere, or that WeasyPrint does not know either."""
_PAGES = frozenset(("first", "left", "right", "blank"))
_NEVER = frozenset((("", "blank"), ("first", "left"), ("left", "right")))
"""Kinds of pages that no page has at once; none is blank, as that takes a break to another side."""


class Unsupported(msgspec.Struct, frozen=True):
    """What a style sheet says and this engine cannot set.

    Args:
        text: What is written there.
        line: Its line in the style sheet, from 1.
        column: Its column, from 1.
    """

    text: str
    line: int
    column: int


class Declaration(msgspec.Struct, frozen=True):
    """A declaration as computed styles take it.

    Args:
        values: Its properties with their values.
        is_important: Whether it is `!important`.
    """

    values: tuple[Declared, ...]
    is_important: bool


class Rule(msgspec.Struct, frozen=True):
    """The declarations of a rule.

    Args:
        declarations: Those that can be set.
        unsupported: The others.
    """

    declarations: tuple[Declaration, ...]
    unsupported: tuple[Unsupported, ...]


class PageRule(msgspec.Struct, frozen=True):
    """A rule of pages.

    Args:
        name: The pages' name; empty for all.
        pseudo: The pages that it is of: `first`, `left`, `right`; empty for all.
        selector: Its selector, as it is written.
        declared: Its declarations: name, tokens, whether it is important.
        boxes: The rules of its margin boxes, by name.
        unsupported: What of it cannot be set.
        line: Where it stands.
        column: Likewise.
    """

    name: str
    pseudo: frozenset[str]
    selector: str
    declared: tuple[tuple[str, tuple[Any, ...], bool], ...]
    boxes: Mapping[str, Rule]
    unsupported: tuple[Unsupported, ...]
    line: int
    column: int


class Sheet:
    """Style sheets in ascending order of precedence, read once.

    Args:
        sheets: Their texts.
        families: The families of the pack's fonts; empty where they are of no account.
        custom: The texts that declare custom properties; `None` for the sheets.

    Attributes:
        pages: The rules of pages, in their order.
        unsupported: What cannot be set whatever the document is.
    """

    def __init__(
        self,
        sheets: Iterable[str],
        families: Iterable[str] = (),
        custom: Iterable[str] | None = None,
    ) -> None:
        self._families = tuple(families)
        self.pages: list[PageRule] = []
        self.unsupported: list[Unsupported] = []
        self.rules: list[Rule] = []
        self._matcher = cssselect2.Matcher()
        self._origins: list[int] = []
        parsed = [tinycss2.parse_stylesheet(css, True, True) for css in sheets]
        asked = (tinycss2.parse_stylesheet(css, True, True) for css in custom or ())
        self._custom = CustomProperties(parsed if custom is None else asked)
        for origin, nodes in enumerate(parsed):
            self._read(nodes, origin)

    def matching(self, element: Any) -> Iterator[tuple[str, int]]:
        """Yield the rules that match an element, the weakest first.

        Args:
            element: The element, as cssselect2 wraps it.

        Yields:
            The pseudo-element that a rule is of, empty for none, and the rule's number.
        """
        found = [
            (self._origins[number], specificity, order, pseudo or "", number)
            for specificity, order, pseudo, number in self._matcher.match(element)
        ]
        for _, _, _, pseudo, number in sorted(found):
            yield pseudo, number

    def read(self, content: Any, is_attribute: bool = False) -> Rule:
        """Read the declarations of a block.

        Args:
            content: The block.
            is_attribute: Whether it is that of a style attribute.
        """
        declarations, unsupported = [], []
        for part in tinycss2.parse_blocks_contents(content, True, True):
            if part.type in ("qualified-rule", "at-rule"):
                name = tinycss2.serialize(part.prelude).strip()
                unsupported.append(_unsupported(f"{name} {{ … }}", part))
            elif part.type == "declaration" and part.name.startswith("--"):
                if is_attribute:
                    unsupported.append(_declaration(part))  # a value for what is in here alone
            elif part.type == "declaration":
                try:
                    values = expand(part.lower_name, self._custom.replaced(part.value))
                    _check_families(values, self._families)
                except UnknownValueError:
                    unsupported.append(_declaration(part))
                else:
                    declarations.append(Declaration(tuple(values), bool(part.important)))
        return Rule(tuple(declarations), tuple(unsupported))

    def all_unsupported(self) -> Iterator[Unsupported]:
        """Yield all that cannot be set, whether or not it is of any document."""
        yield from self.unsupported
        for rule in self.rules:
            yield from rule.unsupported
        for page in self.pages:
            yield from page.unsupported
            for box in page.boxes.values():
                yield from box.unsupported

    def _read(self, nodes: list[Any], origin: int) -> None:
        for node in nodes:
            if node.type == "qualified-rule":
                self._read_rule(node, origin)
            elif node.type == "at-rule" and node.lower_at_keyword == "media":
                if node.content is not None and is_of_paper(meaningful(node.prelude)):
                    self._read(tinycss2.parse_rule_list(node.content, True, True), origin)
            elif node.type == "at-rule" and node.lower_at_keyword == "page":
                self._read_page(node)
            elif node.type == "at-rule" and node.lower_at_keyword not in _PASSED_OVER:
                self.unsupported.append(_unsupported(f"@{node.at_keyword}", node))

    def _read_rule(self, node: Any, origin: int) -> None:
        try:
            selectors = cssselect2.compile_selector_list(node.prelude)
        except cssselect2.SelectorError:
            return  # WeasyPrint passes over such a rule, too, and says so
        rule = self.read(node.content)
        for selector in selectors:
            number = len(self.rules)
            if selector.pseudo_element not in (None, "before", "after"):
                text = tinycss2.serialize(node.prelude).strip()
                rule = Rule((), (_unsupported(text, node),))
            self.rules.append(rule)
            self._origins.append(origin)
            self._matcher.add_selector(selector, number)

    def _read_page(self, node: Any) -> None:
        selectors = list(_page_selectors(meaningful(node.prelude)))
        if None in selectors:
            written = tinycss2.serialize(meaningful(node.prelude))
            self.unsupported.append(_unsupported(f"@page {written}", node))
            return
        declared, boxes, unsupported = [], {}, []
        for part in tinycss2.parse_blocks_contents(node.content, True, True):
            if part.type == "declaration":
                tokens = tuple(meaningful(part.value))
                declared.append((str(part.lower_name), tokens, bool(part.important)))
                if not _is_of_pages(part.lower_name, tokens):
                    unsupported.append(_declaration(part))
            elif part.type == "at-rule":
                boxes[str(part.lower_at_keyword)] = self.read(part.content)
        place = node.source_line, node.source_column
        rest = tuple(declared), boxes, tuple(unsupported), *place
        for name, pseudo in filter(None, selectors):
            if _NEVER.isdisjoint(itertools.combinations(sorted({"", *pseudo}), 2)):
                selector = "".join((name, *(f":{each}" for each in pseudo)))
                self.pages.append(PageRule(name, frozenset(pseudo), selector, *rest))


def _check_families(values: Iterable[Declared], families: Sequence[str]) -> None:
    """Check that fonts are named of which the pack has one, or that it has one anyway.

    Which of several WeasyPrint shows in place of an unknown one is up to Fontconfig.

    Raises:
        UnknownValueError: It has none of them.
    """
    known = {family.lower() for family in families}
    if len(known) < 2:
        return
    named = [value for name, value in values if name == "font-family"]
    if any(known.isdisjoint(map(str.lower, each)) for each in named if isinstance(each, tuple)):
        raise UnknownValueError


def _page_selectors(tokens: list[Any]) -> Iterator[tuple[str, tuple[str, ...]] | None]:
    """Yield the name and the pseudo-classes of each selector of a page; `None` for another kind."""
    for part in split(tokens):
        named = part[:1] if part and part[0].type == "ident" else []
        rest = part[len(named) :]
        colons, words = rest[::2], rest[1::2]
        is_known = (
            len(colons) == len(words)
            and all(each.type == "literal" and each.value == ":" for each in colons)
            and all(keyword(each) in _PAGES for each in words if each.type == "ident")
            and all(each.type == "ident" for each in words)
        )
        name = named[0].value if named else ""
        yield (name, tuple(map(keyword, words))) if is_known else None


def _is_of_pages(name: str, tokens: tuple[Any, ...]) -> bool:
    """Return whether a declaration of a page can be set."""
    try:
        page_values([(name, tokens, False)])
    except UnknownValueError:
        return False
    return True


def _declaration(part: Any) -> Unsupported:
    return _unsupported(f"{part.name}: {tinycss2.serialize(part.value).strip()}", part)


def _unsupported(text: str, node: Any) -> Unsupported:
    text = " ".join(text.split())
    text = text if len(text) <= 60 else f"{text[:59]}…"
    return Unsupported(text, node.source_line, node.source_column)
