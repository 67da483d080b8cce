"""What rules say of a page's size, margins and background."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Iterable
from typing import Any

import msgspec

from imrgen.case import readable_text
from imrgen.export.pdf.typst.properties import EDGES
from imrgen.export.pdf.typst.values import (
    Length,
    UnknownValueError,
    colour,
    keyword,
    length,
    meaningful,
)

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
