"""CSS values: lengths, colours, and tokens read as either."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import tinycss2.color4

_POINTS = {
    "pt": 1.0,
    "px": 0.75,
    "in": 72.0,
    "cm": 72 / 2.54,
    "mm": 7.2 / 2.54,
    "pc": 12.0,
    "q": 1.8 / 2.54,
}
_RELATIVE = ("em", "rem", "ex", "ch", "%")


class UnknownValueError(ValueError):
    """Raised for a value that this engine cannot set; callers say which declaration it is of."""


class Length(msgspec.Struct, frozen=True):
    """A length as it is written.

    Args:
        number: How many of its units.
        unit: The unit, in small letters; `%` for a share of something.
    """

    number: float
    unit: str

    def points(self, em: float, rem: float) -> float | Length:
        """Return it in points; a share stays one, since what it is of is not known yet."""
        if self.unit in _POINTS:
            return self.number * _POINTS[self.unit]
        if self.unit == "%":
            return self
        # As WeasyPrint does without a font: half a letter's height for both.
        return self.number * {"em": em, "rem": rem, "ex": em / 2, "ch": em / 2}[self.unit]


def resolved(value: Any, whole: float) -> float:
    """Return a computed length in points; a share is one of `whole`."""
    return whole * value.number / 100 if isinstance(value, Length) else float(value)


def length(token: Any) -> Length:
    """Read a token as a length or a share.

    Raises:
        UnknownValueError: It is neither.
    """
    if token.type == "percentage":
        return Length(token.value, "%")
    if token.type == "dimension":
        unit = token.lower_unit
        if unit in _POINTS or unit in _RELATIVE:
            return Length(token.value, unit)
    if token.type == "number" and token.value == 0:
        return Length(0, "pt")
    raise UnknownValueError


def keyword(token: Any) -> str:
    """Read a token as a keyword.

    Raises:
        UnknownValueError: It is something else.
    """
    if token.type != "ident":
        raise UnknownValueError
    return str(token.lower_value)


def number(token: Any) -> float:
    """Read a token as a number.

    Raises:
        UnknownValueError: It is something else.
    """
    if token.type != "number":
        raise UnknownValueError
    return float(token.value)


def colour(token: Any) -> str:
    """Read a token as a colour: `#rrggbb`, `#rrggbbaa`, `currentcolor` or `transparent`.

    Raises:
        UnknownValueError: It is something else, or in a space that is not sRGB's.
    """
    if token.type == "ident" and token.lower_value in ("currentcolor", "transparent"):
        return str(token.lower_value)
    found: Any = tinycss2.color4.parse_color(token)
    if found is None or isinstance(found, str) or found.space not in ("srgb", "hsl", "hwb"):
        raise UnknownValueError
    red, green, blue = found.to("srgb").coordinates
    parts = (red, green, blue, *((found.alpha,) if found.alpha < 1 else ()))
    return "#" + "".join(f"{round(255 * max(0, min(1, part))):02x}" for part in parts)


def split(tokens: list[Any]) -> list[list[Any]]:
    """Part tokens at their commas."""
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def meaningful(tokens: Iterable[Any]) -> list[Any]:
    """Return tokens without white space and comments."""
    return [token for token in tokens if token.type not in ("whitespace", "comment")]


def is_of_paper(query: list[Any]) -> bool:
    """Return whether a rule for some media is for paper, as WeasyPrint reads its query.

    It knows media by name only, and passes over a rule whose query says more.
    """
    if not query:
        return True
    if query[0].type == "ident" and query[0].lower_value == "only":
        query = query[1:]
    parts = split(query)
    if any([token.type for token in part] != ["ident"] for part in parts):
        return False
    return not {"all", "print"}.isdisjoint(part[0].lower_value for part in parts)
