"""Pages: their size, margins and background, and what stands in their margins."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from imrgen.case import readable_text
from imrgen.export.pdf.typst.faces import Faces
from imrgen.export.pdf.typst.inline import has_size, underlined
from imrgen.export.pdf.typst.properties import EDGES
from imrgen.export.pdf.typst.sheets import PageRule, Rule, Unsupported, meaningful
from imrgen.export.pdf.typst.source import pt, quoted, rgb, sides
from imrgen.export.pdf.typst.strings import Strings
from imrgen.export.pdf.typst.styles import Style, Styles
from imrgen.export.pdf.typst.text import text_arguments
from imrgen.export.pdf.typst.values import Length, UnknownValueError, colour, keyword, length

PageDeclaration = tuple[str, tuple[Any, ...], bool]
"""The name of a declaration of a page, its tokens, and whether it is important."""

_SIZES = {
    "letter": (612.0, 792.0),
    "legal": (612.0, 1008.0),
    "ledger": (792.0, 1224.0),
    "a3": (841.89, 1190.551),
    "a4": (595.276, 841.89),
    "a5": (419.528, 595.276),
}
_EM = 12.0

_PLACES = {
    f"{band}-{place}": (band, align)
    for band in ("top", "bottom")
    for place, align in (
        ("left-corner", "right"),
        ("left", "left"),
        ("center", "center"),
        ("right", "right"),
        ("right-corner", "left"),
    )
}
"""The margin boxes that are set: the edge of each, and how its text is aligned."""
_COUNTERS = {
    "page": "counter(page).display()",
    "pages": "str(counter(page).final().first())",
}
_WIDEST_NUMBER = "8888"


class Background(msgspec.Struct, frozen=True):
    """A drawing behind a page's content.

    Args:
        svg: The drawing.
        share: Its width as a percentage of the page's; `None` for its own.
    """

    svg: str
    share: float | None


class PageValues(msgspec.Struct):
    """What rules say of a page; lengths in points."""

    width: float = _SIZES["a4"][0]
    height: float = _SIZES["a4"][1]
    margins: tuple[float, float, float, float] = (56.25, 56.25, 56.25, 56.25)
    colour: str = ""
    background: Background | None = None

    @property
    def room(self) -> float:
        """The width between the margins at the sides."""
        return self.width - self.margins[1] - self.margins[3]

    @property
    def depth(self) -> float:
        """The height between the margins at the top and bottom."""
        return self.height - self.margins[0] - self.margins[2]


def page_values(declared: Iterable[PageDeclaration]) -> PageValues:
    """Return what declarations say of a page.

    Args:
        declared: The declarations, the weakest first.

    Raises:
        UnknownValueError: One of them cannot be set.
    """
    found = PageValues()
    margins = dict(zip(EDGES, found.margins, strict=True))
    for name, written, _ in sorted(declared, key=lambda each: each[2]):
        tokens = meaningful(written)
        if name == "size":
            found.width, found.height = _size(tokens)
        elif name == "margin":
            values = [_points(token) for token in tokens]
            top, right, bottom, left = (values * 4 if len(values) < 3 else [*values, values[1]])[:4]
            margins = {"top": top, "right": right, "bottom": bottom, "left": left}
        elif name.removeprefix("margin-") in EDGES:
            margins[name.removeprefix("margin-")] = _points(*tokens)
        elif name in ("background", "background-color"):
            found.colour, found.background = _background(tokens)
        elif name not in ("marks", "bleed") or [keyword(token) for token in tokens] != ["none"]:
            raise UnknownValueError
    found.margins = margins["top"], margins["right"], margins["bottom"], margins["left"]
    if found.room <= 0 or found.depth <= 0:
        raise UnknownValueError
    return found


def _points(token: Any) -> float:
    found = length(token).points(_EM, _EM)
    if isinstance(found, Length) or found < 0:
        raise UnknownValueError
    return found


def _size(tokens: list[Any]) -> tuple[float, float]:
    words = [keyword(token) for token in tokens if token.type == "ident"]
    lengths = [_points(token) for token in tokens if token.type == "dimension"]
    width, height = (lengths * 2)[:2] if lengths else _SIZES["a4"]
    for word in words:
        if word in _SIZES:
            width, height = _SIZES[word]
        elif word not in ("portrait", "landscape", "auto"):
            raise UnknownValueError
    if "landscape" in words:
        width, height = max(width, height), min(width, height)
    if "portrait" in words:
        width, height = min(width, height), max(width, height)
    return width, height


def _background(tokens: list[Any]) -> tuple[str, Background | None]:
    if len(tokens) == 1 and tokens[0].type == "ident" and tokens[0].lower_value == "none":
        return "", None
    if len(tokens) == 1 and tokens[0].type not in ("url", "function"):
        found = colour(tokens[0])
        return "" if found == "transparent" else found, None
    # As a draft's is: url("data:…") center / 70% no-repeat
    urls = [token for token in tokens if token.type in ("url", "function")]
    shares = [token for token in tokens if token.type == "percentage"]
    words = sorted(token.value for token in tokens if token.type in ("ident", "literal"))
    expected = ["/", "center", "no-repeat"] if shares else ["center", "no-repeat"]
    if len(urls) != 1 or words != expected or len(urls + shares + words) != len(tokens):
        raise UnknownValueError
    return "", Background(svg_of(address_of(urls[0])), shares[0].value if shares else None)


def address_of(token: Any) -> str:
    """Return the address of `url(…)`, with quotation marks or without.

    Raises:
        UnknownValueError: It is something else.
    """
    if token.type == "url":
        return str(token.value)
    arguments = meaningful(getattr(token, "arguments", ()))
    if token.type != "function" or token.lower_name != "url" or len(arguments) != 1:
        raise UnknownValueError
    return str(arguments[0].value)


def svg_of(address: str) -> str:
    """Return the drawing that stands in a `data:` URL.

    Raises:
        UnknownValueError: There is none.
    """
    head, _, body = address.partition(",")
    if not head.startswith("data:image/svg+xml"):
        raise UnknownValueError
    if head.endswith(";base64"):
        return readable_text(base64.b64decode(body))
    return urllib.parse.unquote(body)


class Page(msgspec.Struct, frozen=True):
    """The pages of one name.

    Args:
        values: Their size and margins.
        code: The arguments of Typst's `page`.
    """

    values: PageValues
    code: str


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
        self.too_wide: list[str] = []
        self.shown: dict[str, float] = {}
        """The elements that margins show by name, each with the height that it may have."""

    def named(self, name: str) -> Page:
        """Return the pages of a name; empty for those without one."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def all(self) -> list[PageValues]:
        """Return what there is of pages."""
        return [page.values for page in self._made.values()]

    def _make(self, name: str) -> Page:
        rules = [rule for rule in self._styles.sheet.pages if rule.name in ("", name)]
        rules.sort(key=lambda rule: (bool(rule.name), rule.is_first))
        for rule in rules:
            self.unsupported += rule.unsupported
            self._check_first(rule)
        known = [rule for rule in rules if not rule.unsupported]
        values = page_values(each for rule in known if not rule.is_first for each in rule.declared)
        bands = {
            band: self._band(band, values, known, is_first=False) for band in ("top", "bottom")
        }
        if any(rule.is_first for rule in rules):
            first = {
                band: self._band(band, values, known, is_first=True) for band in ("top", "bottom")
            }
            bands = {
                band: f"if here().page() == 1 {{ {first[band]} }} else {{ {code} }}"
                for band, code in bands.items()
            }
        arguments = [
            f"width: {pt(values.width)}",
            f"height: {pt(values.height)}",
            f"margin: {sides(*values.margins)}",
            "header-ascent: 0pt",
            "footer-descent: 0pt",
            f"header: block(height: 100%, width: 100%, context {{ {bands['top']} }})",
            f"footer: block(height: 100%, width: 100%, context {{ {bands['bottom']} }})",
        ]
        ground = values.colour or self._root["background-color"]
        if ground not in ("", "transparent"):
            arguments.append(f"fill: {rgb(ground)}")
        behind = []
        top, _, _, left = values.margins
        if values.background is not None:
            share = values.background.share
            svg = quoted(values.background.svg)
            drawing = f'image(bytes({svg}), format: "svg"'
            drawing += ")" if share is None else f", width: {pt(values.room * share / 100)})"
            area = f"width: {pt(values.room)}, height: {pt(values.depth)}"
            drawing = f"box({area}, align(center + horizon, {drawing}))"
            behind.append(f"place(top + left, dx: {pt(left)}, dy: {pt(top)}, {drawing})")
        # What is fixed is read on the first page, and only seen on the others.
        area = f"box(width: {pt(values.room)}, height: {pt(values.depth)}, fixed)"
        place = f"place(top + left, dx: {pt(left)}, dy: {pt(top)}, {area})"
        behind.append(f"context if here().page() > 1 and fixed != none {{ {place} }}")
        arguments.append(f"background: {{ {'; '.join(behind)} }}")
        return Page(values, ", ".join(arguments))

    def _check_first(self, rule: PageRule) -> None:
        """Refuse a first page of another size: Typst's pages of one name are alike."""
        if rule.is_first and rule.declared:
            name = f"@page {rule.name}:first"
            self.unsupported.append(
                Unsupported(f"{name} {{ {rule.declared[0][0]}: … }}", rule.line, rule.column)
            )

    def _band(
        self, band: str, values: PageValues, rules: Sequence[PageRule], is_first: bool
    ) -> str:
        """Return the code of the boxes in the top or bottom margin."""
        found: dict[str, list[Rule]] = {}
        for rule in rules:
            for place, box in rule.boxes.items():
                if place in _PLACES:
                    if _PLACES[place][0] == band and (is_first or not rule.is_first):
                        found.setdefault(place, []).append(box)
                elif box.declarations:
                    self.unsupported.append(Unsupported(f"@{place}", rule.line, rule.column))
        code = [self._box(place, boxes, values, rules[-1]) for place, boxes in found.items()]
        widths = [width for width, _ in code]
        if sum(widths) > values.room:
            self.too_wide.append(band)
        return "; ".join(each for _, each in code if each) or "none"

    def _box(
        self, place: str, rules: list[Rule], values: PageValues, page: PageRule
    ) -> tuple[float, str]:
        """Return the width and the code of a margin box, the last of whose rules is a page's."""
        for rule in rules:
            self.unsupported += rule.unsupported
        style = self._styles.of_rules(self._root, rules, self._root["font-size"])
        content = style["content"]
        if content in ("none", "normal") or style["display"] == "none":
            return 0.0, ""
        parts, width = [], 0.0
        depth = values.margins[0 if place.startswith("top") else 2]
        for code, shown in self._content(content, depth):
            parts.append(code)
            width += self._faces.width(shown, style)
        align = _PLACES[place][1]
        if sum(self._faces.heights(style)) > values.margins[0 if place.startswith("top") else 2]:
            self.too_wide.append(place)
        arguments = text_arguments(style, self._faces)
        code = f"text({arguments}, {{ {'; '.join(parts)} }})"
        code = underlined(code, style).removesuffix("; ")
        if _is_box(style, align):
            self.unsupported.append(Unsupported(f"@{place}", page.line, page.column))
        if place.endswith("-corner"):
            left = place.endswith("left-corner")
            room = values.margins[3] if left else values.margins[1]
            shift = -room if left else values.room
            box = f"box(width: {pt(room)}, align({align} + horizon, {code}))"
            if width > room:
                self.too_wide.append(place)
            return 0.0, f"place(left + horizon, dx: {pt(shift)}, {box})"
        return width, f"place({align} + horizon, {code})"

    def _content(self, tokens: Iterable[Any], depth: float) -> Iterator[tuple[str, str]]:
        """Yield the code of each part of a `content`, and what it shows at its widest."""
        for token in tokens:
            if token.type == "string":
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
                yield self._strings.code(arguments[0], at), self._strings.widest(arguments[0])
            elif name == "element" and len(arguments) == 1:
                self.shown[arguments[0]] = min(depth, self.shown.get(arguments[0], depth))
                key = quoted(arguments[0].encode().hex())
                yield f"block({{ set align(left); elements.at({key}, default: none) }})", ""
            else:
                written = f"content: {token.serialize()}"
                self.unsupported.append(
                    Unsupported(written, token.source_line, token.source_column)
                )


def _is_box(style: Style, align: str) -> bool:
    """Return whether a margin box is more than text at the place that such a box has.

    Args:
        style: Its style.
        align: How its text is aligned.
    """
    sides = {"start": "left", "end": "right"}
    aligned = sides.get(style["text-align"], style["text-align"])
    return (
        style["background-color"] != "transparent"
        or any(style.edges("border", "-width"))
        or any(style.edges("padding"))
        or any(style.edges("margin"))
        or has_size(style)
        or style["vertical-align"] not in ("baseline", "middle")
        or aligned not in ("left", align)
        or style["white-space"].startswith("pre")
    )
