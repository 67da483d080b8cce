"""The computed styles of a document's elements.

A style is kept by its parent's style and the rules that match, so that a second letter computes
almost none.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element

import cssselect2
import msgspec

from imrgen.export.pdf.typst.properties import EDGES, INHERITED, INITIAL, NAMED_SIZES, OWN
from imrgen.export.pdf.typst.sheets import Declaration, Rule, Sheet, Unsupported
from imrgen.export.pdf.typst.values import Length

BROWSER_SHEET = """
address, article, aside, blockquote, body, center, dd, details, div, dl, dt, fieldset, figcaption,
figure, footer, form, h1, h2, h3, h4, h5, h6, header, hgroup, hr, html, legend, main, menu, nav, ol,
p, pre, search, section, summary, ul { display: block }
[hidden], head, link, meta, script, style, template, title { display: none }
li { display: list-item } table { display: table; box-sizing: border-box; text-indent: initial }
tr { display: table-row } td, th { display: table-cell } caption { display: table-caption }
thead { display: table-header-group } tbody { display: table-row-group }
tfoot { display: table-footer-group } col { display: table-column }
colgroup { display: table-column-group }
blockquote, dl, figure, menu, ol, p, pre, ul { margin-top: 1em; margin-bottom: 1em }
:is(dl, menu, ol, ul) :is(dl, menu, ol, ul) { margin-top: 0; margin-bottom: 0 }
body { margin: 8px }
h1 { font-size: 2em; margin-top: .67em; margin-bottom: .67em }
h2 { font-size: 1.5em; margin-top: .83em; margin-bottom: .83em }
h3 { font-size: 1.17em; margin-top: 1em; margin-bottom: 1em }
h4 { margin-top: 1.33em; margin-bottom: 1.33em }
h5 { font-size: .83em; margin-top: 1.67em; margin-bottom: 1.67em }
h6 { font-size: .67em; margin-top: 2.33em; margin-bottom: 2.33em }
h1 { bookmark-level: 1 } h2 { bookmark-level: 2 } h3 { bookmark-level: 3 }
h4 { bookmark-level: 4 } h5 { bookmark-level: 5 } h6 { bookmark-level: 6 }
h1, h2, h3, h4, h5, h6 { bookmark-label: content(text) }
h1, h2, h3, h4, h5, h6 { font-weight: bold; break-after: avoid; break-inside: avoid }
ol, ul { break-before: avoid }
blockquote, figure { margin-left: 40px; margin-right: 40px } dd { margin-left: 40px }
menu, ol, ul { padding-left: 40px }
ol { list-style-type: decimal } menu, ul { list-style-type: disc }
table { border-spacing: 2px; border-collapse: separate } td, th { padding: 1px }
thead, tbody, tfoot, tr { vertical-align: middle } td, th { vertical-align: middle }
address, cite, dfn, em, i, var { font-style: italic } b, strong, th { font-weight: bold }
big { font-size: larger } small, sub, sup { font-size: smaller }
sub { vertical-align: sub; line-height: normal } sup { vertical-align: super; line-height: normal }
a[href] { color: #0000ff; text-decoration: underline } ins, u { text-decoration: underline }
fieldset { border: solid 2px; margin-left: 2px; margin-right: 2px; padding: .35em .625em .75em }
hr { border-style: solid; border-width: 1px; color: gray; margin: .5em auto }
mark { background: yellow; color: black }
pre { white-space: pre } center { text-align: center }
table, td, th { border-color: gray }
"""
"""What WeasyPrint's own style sheet says of the elements of a letter."""


class Style(dict[str, Any]):
    """A computed style; equal ones are the same.

    Attributes:
        number: Its own number, from 1; 0 for the initial style.
        looks: What Typst's `text` is told of it, once that was asked for.
        widths: The widths of characters in it, in parts of its size, as far as they are known.
    """

    number = 0
    looks: Mapping[str, str] | None = None
    widths: dict[str, float] | None = None

    def edges(self, name: str, part: str = "") -> tuple[Any, Any, Any, Any]:
        """Return the values of the four sides: top, right, bottom and left."""
        top, right, bottom, left = _of_edges(name, part)(self)
        return top, right, bottom, left


@functools.cache
def _of_edges(name: str, part: str) -> Callable[[Style], tuple[Any, ...]]:
    return operator.itemgetter(*(f"{name}-{edge}{part}" for edge in EDGES))


class Styled(msgspec.Struct, frozen=True):
    """A document's styles.

    Args:
        of: The style of each element.
        before: That of the content that CSS puts first into an element.
        after: That of the content that CSS puts last into an element.
        unsupported: What of the matching rules cannot be set.
        in_attributes: What of an element's own style attribute cannot be set.
    """

    of: Mapping[Element, Style]
    before: Mapping[Element, Style]
    after: Mapping[Element, Style]
    unsupported: tuple[Unsupported, ...]
    in_attributes: Mapping[Element, Unsupported]


class Styles:
    """Computes styles; prepared once for a pack's style sheet.

    Args:
        css: The style sheet.
        families: The families of the pack's fonts.
    """

    def __init__(self, css: str, families: Iterable[str] = ()) -> None:
        self.sheet = Sheet((BROWSER_SHEET, css), families)
        self.initial = Style(INITIAL)
        self._kept: dict[tuple[Any, ...], Style] = {}
        self._attributes: dict[str, Rule] = {}
        self._numbers = itertools.count(1)

    def of_document(self, root: Element) -> Styled:
        """Compute the style of each element of a document."""
        found: dict[Element, Style] = {}
        pseudo: dict[str, dict[Element, Style]] = {"before": {}, "after": {}}
        used: dict[int, None] = {}
        in_attributes: dict[Element, Unsupported] = {}
        wrapped = cssselect2.ElementWrapper.from_html_root(root)
        rem = 12.0
        for each in wrapped.iter_subtree():
            element: Element = each.etree_element
            parent = found[each.parent.etree_element] if each.parent is not None else self.initial
            if not isinstance(element.tag, str):
                found[element] = parent
                continue
            by_pseudo: dict[str, list[int]] = {}
            for name, number in self.sheet.matching(each):
                by_pseudo.setdefault(name, []).append(number)
            for numbers in by_pseudo.values():
                used |= dict.fromkeys(numbers)
            inline = element.get("style") or ""
            if inline:
                for lacking in self._attribute(inline).unsupported:
                    in_attributes[element] = lacking
            style = self._style(parent, tuple(by_pseudo.get("", ())), inline, rem)
            found[element] = style
            if each.parent is None:
                rem = style["font-size"]
            for name, styles in pseudo.items():
                if name in by_pseudo:
                    styles[element] = self._style(style, tuple(by_pseudo[name]), "", rem)
        lacking_rules = (each for number in used for each in self.sheet.rules[number].unsupported)
        unsupported = tuple(dict.fromkeys([*self.sheet.unsupported, *lacking_rules]))
        return Styled(found, pseudo["before"], pseudo["after"], unsupported, in_attributes)

    def of_rules(self, parent: Style, rules: Iterable[Rule], rem: float) -> Style:
        """Compute a style of rules that no selector is needed for, such as a margin box's."""
        declarations = [each for rule in rules for each in rule.declarations]
        return self._computed(parent, declarations, rem)

    def _attribute(self, text: str) -> Rule:
        if text not in self._attributes:
            if len(self._attributes) > 1000:  # a template may compute them
                self._attributes.clear()
                self._kept.clear()
            self._attributes[text] = self.sheet.read(text, is_attribute=True)
        return self._attributes[text]

    def _style(self, parent: Style, numbers: tuple[int, ...], inline: str, rem: float) -> Style:
        key = (parent.number, numbers, inline, rem)
        style = self._kept.get(key)
        if style is None:
            rules = [self.sheet.rules[number] for number in numbers]
            if inline:
                rules.append(self._attribute(inline))
            style = self._kept[key] = self.of_rules(parent, rules, rem)
            style.number = next(self._numbers)
        return style

    def _computed(self, parent: Style, declarations: list[Declaration], rem: float) -> Style:
        values: dict[str, Any] = {}
        for is_important in (False, True):
            for each in declarations:
                if each.is_important == is_important:
                    values.update(each.values)
        style = Style({**{name: parent[name] for name in INHERITED}, **OWN})
        size = values.pop("font-size", "inherit")
        style["font-size"] = _font_size(size, parent["font-size"], rem)
        for name, value in values.items():
            style[name] = _computed_value(name, value, parent, style["font-size"], rem)
        if style["font-weight"] in ("bolder", "lighter"):
            is_bolder = style["font-weight"] == "bolder"
            style["font-weight"] = _relative_weight(parent["font-weight"], is_bolder)
        if parent["text-decoration-line"] != "none":
            # It isn't inherited, but a line under an element is one under all that it holds.
            style["text-decoration-line"] = parent["text-decoration-line"]
        for edge in EDGES:
            if style[f"border-{edge}-style"] in ("none", "hidden"):
                style[f"border-{edge}-width"] = 0.0
        for name in ("background-color", *(f"border-{edge}-color" for edge in EDGES)):
            if style[name] == "currentcolor":
                style[name] = style["color"]
        return style


def _relative_weight(parents: int, is_bolder: bool) -> int:
    """Return the weight that `bolder` or `lighter` is (CSS Fonts 4, 2.2.1)."""
    if is_bolder:
        return 400 if parents < 350 else 700 if parents < 550 else max(parents, 900)
    return min(parents, 100) if parents < 550 else 400 if parents < 750 else 700


def _font_size(value: Any, parents: float, rem: float) -> float:
    if value in ("inherit", "unset"):
        return parents
    if value == "initial":
        return float(INHERITED["font-size"])
    # As WeasyPrint does: the nearest size that has a name.
    if value == "larger":
        return next((size for size in NAMED_SIZES if size > parents), parents * 1.2)
    if value == "smaller":
        return next((size for size in reversed(NAMED_SIZES) if size < parents), parents * 0.8)
    size = value.points(parents, rem)
    return parents * size.number / 100 if isinstance(size, Length) else float(size)


def _computed_value(name: str, value: Any, parent: Style, em: float, rem: float) -> Any:
    if value == "inherit" or (value == "unset" and name in INHERITED):
        return parent[name]
    if value in ("initial", "unset"):
        return INITIAL[name]
    if name == "color" and value == "currentcolor":
        return parent["color"]
    if isinstance(value, Length):
        found = value.points(em, rem)
        if name == "line-height":
            # A length is inherited as it is; a number, for each size of letters anew.
            points = em * found.number / 100 if isinstance(found, Length) else found
            return Length(points, "pt")
        return found
    return value


def line_height(style: Style, natural: float) -> float:
    """Return the height of a style's lines.

    Args:
        style: The style.
        natural: The height that its font asks for.
    """
    value = style["line-height"]
    if value == "normal":
        return natural
    return float(value.number) if isinstance(value, Length) else style["font-size"] * float(value)
