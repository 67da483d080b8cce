"""Pages: their size, margins and background, and what stands in their margins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from imrgen.export.pdf.typst import margins
from imrgen.export.pdf.typst.boxes import padding_and_borders
from imrgen.export.pdf.typst.faces import Faces
from imrgen.export.pdf.typst.inline import underlined
from imrgen.export.pdf.typst.margins import MarginBox
from imrgen.export.pdf.typst.page_values import PageValues, page_values
from imrgen.export.pdf.typst.sheets import PageRule, Rule, Unsupported
from imrgen.export.pdf.typst.source import pt, quoted, rgb, sides
from imrgen.export.pdf.typst.strings import Strings
from imrgen.export.pdf.typst.styles import Style, Styles
from imrgen.export.pdf.typst.text import text_arguments

_COUNTERS = {
    "page": "counter(page).display()",
    "pages": "str(counter(page).final().first())",
}
_WIDEST_NUMBER = "8888"
_KINDS: Mapping[str, tuple[str, ...]] = {
    "first": ("first", "right"),
    "right": ("right",),
    "left": ("left",),
}
"""The kinds of pages, each with the selectors that match it; the first page is a right one."""


class Page(msgspec.Struct, frozen=True):
    """The pages of one name.

    Args:
        kinds: The size and the margins of each kind of them.
        code: The arguments of Typst's `page`.
    """

    kinds: Mapping[str, PageValues]
    code: str

    @property
    def values(self) -> PageValues:
        """The size and the margins of all but the first; those of even pages may be mirrored."""
        return self.kinds["right"]

    @property
    def depth(self) -> float:
        """The height between the margins, on the page that has the least."""
        return min(each.depth for each in self.kinds.values())

    @property
    def first_room(self) -> tuple[float, float]:
        """How much larger the margins at the top and bottom of the letter's first page are."""
        first, others = self.kinds["first"].margins, self.values.margins
        return first[0] - others[0], first[2] - others[2]


class Pages:
    """The pages of a document.

    Args:
        styles: The styles.
        faces: The pack's faces.
        root: The style of the document's root.
        strings: What running heads show of the document.
    """

    def __init__(self, styles: Styles, faces: Faces, root: Style, strings: Strings) -> None:
        self._styles, self._faces = styles, faces
        self._root, self._strings = root, strings
        self._made: dict[str, Page] = {}
        self.unsupported: list[Unsupported] = []
        self.texts: list[str] = []
        """What margins show besides elements and numbers."""
        self.too_wide: list[str] = []
        self.shown: dict[str, float] = {}
        """The elements that margins show by name, each with the height that it may have."""

    def named(self, name: str) -> Page:
        """Return the pages of a name; empty for those without one."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def on(self, number: int) -> list[PageValues]:
        """Return what a page may be, by its number from 1."""
        kind = "left" if number % 2 == 0 else "first" if number == 1 else "right"
        return [page.kinds[kind] for page in self._made.values()]

    def _make(self, name: str) -> Page:
        rules = [rule for rule in self._styles.sheet.pages if rule.name in ("", name)]
        rules.sort(key=_specificity)
        for rule in rules:
            self.unsupported += rule.unsupported
        known = [rule for rule in rules if not rule.unsupported]
        # Most packs tell no kinds of pages apart.
        kinds = _KINDS if any(rule.pseudo for rule in known) else {"right": _KINDS["right"]}
        own = {
            kind: [rule for rule in known if rule.pseudo <= {*selectors}]
            for kind, selectors in kinds.items()
        }
        values = {
            kind: page_values(each for rule in of_kind for each in rule.declared)
            for kind, of_kind in own.items()
        }
        if not _go_together(values):
            self._refuse_kinds(known)
            values = dict.fromkeys(values, values["right"])
        heads = {kind: self._band("top", values[kind], own[kind]) for kind in kinds}
        feet = {kind: self._band("bottom", values[kind], own[kind]) for kind in kinds}
        grounds = {kind: _ground(each) for kind, each in values.items()}
        page = values["right"]
        arguments = [
            f"width: {pt(page.width)}",
            f"height: {pt(page.height)}",
            f"margin: {_margins(values)}",
            "header-ascent: 0pt",
            "footer-descent: 0pt",
            f"header: context {{ {_chosen(heads)} }}",
            f"footer: context {{ {_chosen(feet)} }}",
            f"background: context {{ {_chosen(grounds)} }}",
        ]
        ground = page.colour or self._root["background-color"]
        if ground not in ("", "transparent"):
            arguments.append(f"fill: {rgb(ground)}")
        return Page({kind: values.get(kind, page) for kind in _KINDS}, ", ".join(arguments))

    def _refuse_kinds(self, rules: Iterable[PageRule]) -> None:
        """Refuse what makes one kind of pages unlike the others: Typst's of one name are alike."""
        for rule in rules:
            if rule.pseudo and rule.declared:
                text = f"@page {rule.selector} {{ {rule.declared[0][0]}: … }}"
                self.unsupported.append(Unsupported(text, rule.line, rule.column))

    def _band(self, band: str, values: PageValues, rules: Sequence[PageRule]) -> str:
        """Return the code of the top or bottom margin, with its boxes."""
        found: dict[str, list[Rule]] = {}
        for rule in rules:
            for place, own in rule.boxes.items():
                if place in margins.PLACES:
                    if margins.PLACES[place][0] == band:
                        found.setdefault(place, []).append(own)
                elif own.declarations:
                    self.unsupported.append(Unsupported(f"@{place}", rule.line, rule.column))
        boxes = [self._box(place, of_place, values) for place, of_place in found.items()]
        shown = [box for box in boxes if box is not None]
        for box in shown:
            if not box.can_be_set():
                page = next(each for each in reversed(rules) if box.place in each.boxes)
                self.unsupported.append(Unsupported(f"@{box.place}", page.line, page.column))
        if sum(box.width(values.room) for box in shown if not box.is_in_corner) > values.room:
            self.too_wide.append(band)
        height = values.margins[0 if band == "top" else 2]
        parts = [
            self._corner(box, values) if box.is_in_corner else box.placed(values.room, height)
            for box in shown
        ]
        # Placed, since the margin of a first page may be larger than the one that Typst knows.
        margin = f"block(height: {pt(height)}, width: 100%, {{ {'; '.join(parts)} }})"
        return f"place({band} + left, {margin})" if parts else "none"

    def _box(self, place: str, rules: list[Rule], values: PageValues) -> MarginBox | None:
        """Return a margin box, or nothing for one that shows nothing."""
        for rule in rules:
            self.unsupported += rule.unsupported
        style = self._styles.of_rules(self._root, rules, self._root["font-size"])
        content = style["content"]
        if content in ("none", "normal") or style["display"] == "none":
            return None
        parts, width = [], 0.0
        depth = values.margins[0 if place.startswith("top") else 2]
        beside = padding_and_borders(style)
        for code, shown in self._content(content, depth - beside[0] - beside[2]):
            parts.append(code)
            width += self._faces.width(shown, style)
        if sum(self._faces.heights(style)) + beside[0] + beside[2] > depth:
            self.too_wide.append(place)
        arguments = text_arguments(style, self._faces)
        code = f"text({arguments}, {{ {'; '.join(parts)} }})"
        code = underlined(code, style).removesuffix("; ")
        said = {name for rule in rules for each in rule.declarations for name, _ in each.values}
        align = style["text-align"] if "text-align" in said else ""
        return MarginBox(place, style, code, width, align)

    def _corner(self, box: MarginBox, values: PageValues) -> str:
        """Return the code of a box in a corner of the page."""
        left = box.place.endswith("left-corner")
        room = values.margins[3] if left else values.margins[1]
        shift = -room if left else values.room
        if box.text > room:
            self.too_wide.append(box.place)
        align = margins.PLACES[box.place][1]
        shown = f"box(width: {pt(room)}, align({align} + horizon, {box.code}))"
        return f"place(left + horizon, dx: {pt(shift)}, {shown})"

    def _content(self, tokens: Iterable[Any], depth: float) -> Iterator[tuple[str, str]]:
        """Yield the code of each part of a `content`, and what it shows at its widest."""
        for token in tokens:
            if token.type == "string":
                self.texts.append(token.value)
                yield quoted(token.value), token.value
                continue
            arguments = [
                part.value for part in getattr(token, "arguments", ()) if part.type == "ident"
            ]
            name = token.lower_name if token.type == "function" else ""
            if name == "counter" and arguments in (["page"], ["pages"]):
                yield _COUNTERS[arguments[0]], _WIDEST_NUMBER
            elif name == "string" and arguments:
                at = arguments[1] if len(arguments) > 1 else "first"
                shown = self._strings.values_of(arguments[0])
                self.texts += shown
                yield self._strings.code(arguments[0], at), max(shown, key=len, default="")
            elif name == "element" and len(arguments) == 1:
                self.shown[arguments[0]] = min(depth, self.shown.get(arguments[0], depth))
                key = quoted(arguments[0].encode().hex())
                yield f"block({{ set align(left); elements.at({key}, default: none) }})", ""
            else:
                written = f"content: {token.serialize()}"
                self.unsupported.append(
                    Unsupported(written, token.source_line, token.source_column)
                )


def _specificity(rule: PageRule) -> tuple[bool, bool, bool]:
    return bool(rule.name), "first" in rule.pseudo, bool(rule.pseudo & {"left", "right"})


def _chosen(codes: Mapping[str, str]) -> str:
    """Return code that does what that of a page's kind does."""
    later = codes["right"]
    if codes.get("left", later) != later:
        later = f"if calc.odd(here().page()) {{ {later} }} else {{ {codes['left']} }}"
    if codes.get("first", later) == later:
        return later
    return f"if here().page() == 1 {{ {codes['first']} }} else {{ {later} }}"


def _go_together(kinds: Mapping[str, PageValues]) -> bool:
    """Return whether pages of one name may be of these kinds.

    Typst mirrors margins on even pages. On the letter's first page, room above or below is left.
    """
    right = kinds["right"]
    first, left = kinds.get("first", right), kinds.get("left", right)
    top, outer, bottom, inner = right.margins
    return (
        all(
            (each.width, each.height, each.colour) == (right.width, right.height, right.colour)
            for each in (first, left)
        )
        and left.margins in (right.margins, (top, inner, bottom, outer))
        and first.margins[1::2] == right.margins[1::2]
        and first.margins[0] >= top
        and first.margins[2] >= bottom
        and first.depth > 0
    )


def _margins(kinds: Mapping[str, PageValues]) -> str:
    """Return the margins of pages, those at the sides mirrored on even ones if need be."""
    right = kinds["right"].margins
    if kinds.get("left", kinds["right"]).margins == right:
        return sides(*right)
    top, outer, bottom, inner = map(pt, right)
    return f"(top: {top}, outside: {outer}, bottom: {bottom}, inside: {inner})"


def _ground(values: PageValues) -> str:
    """Return the code of what is behind the words of a page."""
    behind = []
    top, _, _, left = values.margins
    area = f"width: {pt(values.room)}, height: {pt(values.depth)}"
    at = f"top + left, dx: {pt(left)}, dy: {pt(top)}"
    if values.background is not None:
        share = values.background.share
        svg = quoted(values.background.svg)
        drawing = f'image(bytes({svg}), format: "svg"'
        drawing += ")" if share is None else f", width: {pt(values.room * share / 100)})"
        behind.append(f"place({at}, box({area}, align(center + horizon, {drawing})))")
    # What is fixed is read on the first page, and only seen on the others.
    place = f"place({at}, box({area}, fixed))"
    behind.append(f"if here().page() > 1 and fixed != none {{ {place} }}")
    return "; ".join(behind)
