"""The properties of CSS that this engine sets, each with its values; all else is refused by name.

A shorthand is taken apart into the properties that computed styles have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tinycss2

from imrgen.export.pdf.typst.values import (
    Length,
    UnknownValueError,
    colour,
    keyword,
    length,
    number,
    split,
)

EDGES = ("top", "right", "bottom", "left")
CORNERS = ("top-left", "top-right", "bottom-right", "bottom-left")

INHERITED: Mapping[str, Any] = {
    "font-family": (),
    "font-size": 12.0,
    "font-weight": 400,
    "font-style": "normal",
    "line-height": "normal",
    "color": "#000000",
    "text-align": "start",
    "text-indent": 0.0,
    "list-style-type": "disc",
    "white-space": "normal",
    "letter-spacing": 0.0,
    "orphans": 2,
    "widows": 2,
    "overflow-wrap": "normal",
    "border-collapse": "separate",
    "border-spacing": 0.0,
    "caption-side": "top",
    "hyphens": "manual",
}
"""The properties that an element inherits, with their initial values."""

OWN: Mapping[str, Any] = {
    "display": "inline",
    "background-color": "transparent",
    "width": "auto",
    "height": "auto",
    "min-width": 0.0,
    "max-width": "none",
    "min-height": 0.0,
    "max-height": "none",
    "box-sizing": "content-box",
    "break-before": "auto",
    "break-after": "auto",
    "break-inside": "auto",
    "page": "auto",
    "vertical-align": "baseline",
    "text-decoration-line": "none",
    "string-set": (),
    "content": "normal",
    "bookmark-level": "none",
    "bookmark-label": (),
    "bookmark-state": "open",
    "table-layout": "auto",
    "flex-grow": 0.0,
    "gap": 0.0,
    "align-items": "normal",
    "position": "static",
    **dict.fromkeys(EDGES, "auto"),
    **{f"margin-{edge}": 0.0 for edge in EDGES},
    **{f"padding-{edge}": 0.0 for edge in EDGES},
    **{f"border-{edge}-width": 2.25 for edge in EDGES},
    **{f"border-{edge}-style": "none" for edge in EDGES},
    **{f"border-{edge}-color": "currentcolor" for edge in EDGES},
    **{f"border-{corner}-radius": 0.0 for corner in CORNERS},
}
"""The properties that an element has of its own, with their initial values."""

INITIAL: Mapping[str, Any] = {**INHERITED, **OWN}

_BREAKS = ("auto", "avoid", "page", "avoid-page")
_KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "display": (
        "block",
        "inline",
        "inline-block",
        "list-item",
        "none",
        "flex",
        "table",
        "table-caption",
        "table-cell",
        "table-column",
        "table-column-group",
        "table-footer-group",
        "table-header-group",
        "table-row",
        "table-row-group",
    ),
    "text-align": ("left", "right", "center", "justify", "start", "end"),
    "break-before": _BREAKS,
    "break-after": _BREAKS,
    "break-inside": ("auto", "avoid", "avoid-page"),
    "box-sizing": ("content-box", "border-box"),
    "vertical-align": ("baseline", "top", "middle", "bottom", "sub", "super"),
    "white-space": ("normal", "nowrap", "pre", "pre-wrap", "pre-line"),
    "font-style": ("normal", "italic", "oblique"),
    "text-decoration-line": ("none", "underline"),
    "table-layout": ("auto", "fixed"),
    "overflow-wrap": ("normal", "anywhere", "break-word"),
    "border-collapse": ("collapse", "separate"),
    "align-items": ("normal", "stretch", "center", "start", "flex-start", "end", "flex-end"),
    "caption-side": ("top",),
    "hyphens": ("none", "manual", "auto"),
    "bookmark-state": ("open", "closed"),
    "list-style-type": ("none", "disc", "circle", "square", "decimal"),
    **{f"border-{edge}-style": ("none", "hidden", "solid", "dashed", "dotted") for edge in EDGES},
}

_LENGTHS = frozenset(
    (
        "text-indent",
        "letter-spacing",
        "width",
        "height",
        "min-width",
        "max-width",
        "min-height",
        "max-height",
        "gap",
        "border-spacing",
        *EDGES,
        *(f"{name}-{edge}" for name in ("margin", "padding") for edge in EDGES),
        *(f"border-{edge}-width" for edge in EDGES),
        *(f"border-{corner}-radius" for corner in CORNERS),
    )
)
_SHARES = frozenset(("width", "height", "max-width", "max-height", "text-indent"))
"""The lengths that may be a share of the room."""
_NOT_NEGATIVE = _LENGTHS - {f"margin-{edge}" for edge in EDGES} - {"text-indent", "letter-spacing"}
_WORDS_FOR_LENGTHS = {
    "width": "auto",
    "height": "auto",
    "max-width": "none",
    "max-height": "none",
    "letter-spacing": "normal",
    "gap": "normal",
    "min-width": "auto",
    "min-height": "auto",
    **dict.fromkeys(EDGES, "auto"),
    **{f"margin-{edge}": "auto" for edge in EDGES},
}
"""What stands for no length."""
_THICKNESS = {"thin": Length(1, "px"), "medium": Length(3, "px"), "thick": Length(5, "px")}

_SIZES = {
    "xx-small": Length(7.2, "pt"),
    "x-small": Length(9, "pt"),
    "small": Length(32 / 3, "pt"),
    "medium": Length(12, "pt"),
    "large": Length(14.4, "pt"),
    "x-large": Length(18, "pt"),
    "xx-large": Length(24, "pt"),
}
NAMED_SIZES = tuple(sorted(size.number for size in _SIZES.values()))
"""The sizes of letters that have names, in points."""
_RELATIVE_SIZES = ("smaller", "larger")
_IDLE: Mapping[str, tuple[str, ...]] = {
    "opacity": ("1",),
    "float": ("none",),
    "clear": ("none", "both", "left", "right"),
    "visibility": ("visible",),
    "text-transform": ("none",),
    "background-image": ("none",),
    "font-variant": ("normal",),
    "font-variant-numeric": ("normal",),
    "font-feature-settings": ("normal",),
    "font-kerning": ("auto", "normal"),
    "font-stretch": ("normal",),
    "list-style-position": ("outside",),
    "list-style-image": ("none",),
    "overflow": ("visible",),
    "transform": ("none",),
    "clip": ("auto",),
    "quotes": ("auto", "none"),
    "word-spacing": ("normal", "0"),
    "text-decoration-style": ("solid",),
    "text-decoration-color": ("currentcolor",),
    "flex-shrink": ("0", "1"),
    "flex-basis": ("auto", "0"),
    "flex-direction": ("row",),
    "flex-wrap": ("nowrap",),
    "justify-content": ("normal", "flex-start", "start"),
    "counter-reset": ("none",),
    "counter-increment": ("none",),
    "direction": ("ltr",),
    "empty-cells": ("show",),
    "outline": ("none", "0"),
    "word-break": ("normal",),
    "box-decoration-break": ("slice",),
}
"""Properties of which these values say what is done anyway."""
_OF_SCREENS = frozenset(
    (
        "animation",
        "appearance",
        "caret-color",
        "color-scheme",
        "cursor",
        "font-display",
        "overscroll-behavior",
        "pointer-events",
        "print-color-adjust",
        "resize",
        "scroll-behavior",
        "text-rendering",
        "text-size-adjust",
        "text-wrap",
        "touch-action",
        "transition",
        "user-select",
        "will-change",
    )
)
"""Properties that change nothing on paper, or that WeasyPrint does not know either."""

Declared = tuple[str, Any]
"""A property that computed styles have, with its value."""


def expand(name: str, tokens: list[Any]) -> list[Declared]:
    """Take a declaration apart into the properties of computed styles.

    Args:
        name: The property's name, in small letters.
        tokens: Its value, without white space.

    Raises:
        UnknownValueError: This engine cannot set it.
    """
    if name.startswith("-") or name in _OF_SCREENS:
        return []
    try:
        return list(_expand(name, tokens))
    except (IndexError, KeyError, ValueError):
        raise UnknownValueError from None


def _expand(name: str, tokens: list[Any]) -> Iterator[Declared]:
    if len(tokens) == 1 and tokens[0].type == "ident":
        word = keyword(tokens[0])
        if word in ("inherit", "initial", "unset") and (name in INITIAL or name in _SHORTHANDS):
            for each in _parts_of(name):
                yield each, word
            return
    if name == "z-index":
        yield from _z_index(tokens)
        return
    if name in _IDLE and tinycss2.serialize(tokens).lower() in _IDLE[name]:
        return
    shorthand = _SHORTHANDS.get(name)
    if shorthand is not None:
        yield from shorthand(tokens)
        return
    yield name, _longhand(name, tokens)


def _parts_of(name: str) -> tuple[str, ...]:
    if name in ("margin", "padding"):
        return tuple(f"{name}-{edge}" for edge in EDGES)
    if name == "border":
        return tuple(
            f"border-{edge}-{part}" for edge in EDGES for part in ("width", "style", "color")
        )
    parts = {"background": "background-color", "list-style": "list-style-type"}
    name = parts.get(name, {"text-decoration": "text-decoration-line"}.get(name, name))
    if name not in INITIAL:
        raise UnknownValueError
    return (name,)


def _longhand(name: str, tokens: list[Any]) -> Any:
    reader = _READERS.get(name)
    if reader is not None:
        return reader(tokens)
    (token,) = tokens
    if name in _LENGTHS:
        return _length_of(name, token)
    if name in _KEYWORDS:
        word = keyword(token)
        if word not in _KEYWORDS[name]:
            raise UnknownValueError
        return word
    if name == "color" or name.endswith("-color"):
        if name not in INITIAL:
            raise UnknownValueError
        return colour(token)
    raise UnknownValueError


def _length_of(name: str, token: Any) -> Length | str:
    if token.type == "ident":
        word = keyword(token)
        if name.endswith("-width") and word in _THICKNESS:
            return _THICKNESS[word]
        if _WORDS_FOR_LENGTHS.get(name) != word:
            raise UnknownValueError
        return Length(0, "pt") if word == "normal" else word
    found = length(token)
    if found.number < 0 and name in _NOT_NEGATIVE:
        raise UnknownValueError
    if found.unit == "%" and name not in _SHARES:
        raise UnknownValueError
    return found


def _four(names: tuple[str, ...]) -> Callable[[list[Any]], Iterator[Declared]]:
    """Return what expands one to four values for four sides or corners."""

    def expanded(tokens: list[Any]) -> Iterator[Declared]:
        first, *rest = tokens
        second = rest[0] if rest else first
        third = rest[1] if len(rest) > 1 else first
        fourth = rest[2] if len(rest) > 2 else second
        if len(rest) > 3:
            raise UnknownValueError
        for name, token in zip(names, (first, second, third, fourth), strict=True):
            yield name, _longhand(name, [token])

    return expanded


def _border(edges: tuple[str, ...]) -> Callable[[list[Any]], Iterator[Declared]]:
    def expanded(tokens: list[Any]) -> Iterator[Declared]:
        parts: dict[str, Any] = {
            "width": Length(3, "px"),
            "style": "none",
            "color": "currentcolor",
        }
        for token in tokens:
            word = token.lower_value if token.type == "ident" else ""
            if word in _KEYWORDS["border-top-style"]:
                parts["style"] = word
            elif word in _THICKNESS or token.type in ("dimension", "number"):
                parts["width"] = _length_of("border-top-width", token)
            else:
                parts["color"] = colour(token)
        for edge in edges:
            for part, value in parts.items():
                yield f"border-{edge}-{part}", value

    return expanded


def _background(tokens: list[Any]) -> Iterator[Declared]:
    (token,) = tokens
    none = token.type == "ident" and token.lower_value == "none"
    yield "background-color", "transparent" if none else colour(token)


def _font(tokens: list[Any]) -> Iterator[Declared]:
    values: dict[str, Any] = {"font-style": "normal", "font-weight": 400, "line-height": "normal"}
    at = 0
    while tokens[at].type in ("ident", "number"):
        word = tokens[at].lower_value if tokens[at].type == "ident" else ""
        if word in _SIZES or word in _RELATIVE_SIZES:
            break
        if word in ("italic", "oblique"):
            values["font-style"] = word
        elif word != "normal":
            values["font-weight"] = _weight([tokens[at]])
        at += 1
    values["font-size"] = _size([tokens[at]])
    at += 1
    if tokens[at].type == "literal" and tokens[at].value == "/":
        values["line-height"] = _line_height([tokens[at + 1]])
        at += 2
    values["font-family"] = _families(tokens[at:])
    yield from values.items()


def _list_style(tokens: list[Any]) -> Iterator[Declared]:
    words = [keyword(token) for token in tokens]
    rest = [word for word in words if word != "outside"]
    (word,) = rest
    if word not in _KEYWORDS["list-style-type"]:
        raise UnknownValueError
    yield "list-style-type", word


def _flex(tokens: list[Any]) -> Iterator[Declared]:
    if len(tokens) == 1 and tokens[0].type == "ident":
        yield "flex-grow", {"none": 0.0, "initial": 0.0, "auto": 1.0}[keyword(tokens[0])]
        return
    grow, *_ = tokens
    if any(token.type not in ("number", "percentage", "ident") for token in tokens):
        raise UnknownValueError
    yield "flex-grow", number(grow)


def _page_break(name: str) -> Callable[[list[Any]], Iterator[Declared]]:
    def expanded(tokens: list[Any]) -> Iterator[Declared]:
        (token,) = tokens
        word = keyword(token)
        word = "page" if word == "always" else word
        if word not in _KEYWORDS[name]:
            raise UnknownValueError
        yield name, word

    return expanded


def _text_decoration(tokens: list[Any]) -> Iterator[Declared]:
    yield "text-decoration-line", _longhand("text-decoration-line", tokens)


_SHORTHANDS: Mapping[str, Callable[[list[Any]], Iterator[Declared]]] = {
    "margin": _four(tuple(f"margin-{edge}" for edge in EDGES)),
    "padding": _four(tuple(f"padding-{edge}" for edge in EDGES)),
    "border-width": _four(tuple(f"border-{edge}-width" for edge in EDGES)),
    "border-style": _four(tuple(f"border-{edge}-style" for edge in EDGES)),
    "border-color": _four(tuple(f"border-{edge}-color" for edge in EDGES)),
    "border-radius": _four(tuple(f"border-{corner}-radius" for corner in CORNERS)),
    "border": _border(EDGES),
    **{f"border-{edge}": _border((edge,)) for edge in EDGES},
    "background": _background,
    "font": _font,
    "list-style": _list_style,
    "flex": _flex,
    "text-decoration": _text_decoration,
    "page-break-before": _page_break("break-before"),
    "page-break-after": _page_break("break-after"),
    "page-break-inside": _page_break("break-inside"),
}


def _families(tokens: list[Any]) -> tuple[str, ...]:
    names = []
    for part in split(tokens):
        if not part or any(token.type not in ("ident", "string") for token in part):
            raise UnknownValueError
        names.append(" ".join(str(token.value) for token in part))
    return tuple(names)


def _weight(tokens: list[Any]) -> Any:
    (token,) = tokens
    if token.type == "ident":
        return {"bold": 700, "normal": 400, "bolder": "bolder", "lighter": "lighter"}[
            token.lower_value
        ]
    weight = number(token)
    if not 1 <= weight <= 1000:
        raise UnknownValueError
    return int(weight)


def _size(tokens: list[Any]) -> Length | str:
    (token,) = tokens
    if token.type == "ident":
        word = keyword(token)
        return word if word in _RELATIVE_SIZES else _SIZES[word]
    found = length(token)
    if found.number <= 0:
        raise UnknownValueError
    return found


def _line_height(tokens: list[Any]) -> Any:
    (token,) = tokens
    if token.type == "ident" and token.lower_value == "normal":
        return "normal"
    if token.type == "number" and token.value >= 0:
        return float(token.value)
    return length(token)


def _count(tokens: list[Any]) -> int:
    (token,) = tokens
    found = number(token)
    if found < 1:
        raise UnknownValueError
    return int(found)


def _content(tokens: list[Any]) -> Any:
    if (
        len(tokens) == 1
        and tokens[0].type == "ident"
        and tokens[0].lower_value in ("none", "normal")
    ):
        return tokens[0].lower_value
    if not all(token.type == "string" or _calls(token, _OF_CONTENT) for token in tokens):
        raise UnknownValueError
    return tuple(tokens)


_OF_CONTENT: Mapping[str, tuple[str, ...]] = {
    "attr": (),
    "counter": ("page", "pages"),
    "string": (),
    "element": (),
}
_OF_STRINGS: Mapping[str, tuple[str, ...]] = {"attr": (), "content": ("", "text")}


def _calls(token: Any, functions: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether a token calls one of some functions, with an argument that it takes."""
    if token.type != "function" or token.lower_name not in functions:
        return False
    arguments = [each for each in token.arguments if each.type not in ("whitespace", "comment")]
    if any(each.type not in ("ident", "literal") for each in arguments):
        return False
    allowed = functions[token.lower_name]
    first = arguments[0].value if arguments else ""
    if token.lower_name == "string":
        return [each.value for each in arguments[1:]] in ([], [",", "first"], [",", "last"])
    return len(arguments) < 2 and (first in allowed if allowed else bool(first))


def _string_set(tokens: list[Any]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    if len(tokens) == 1 and tokens[0].type == "ident" and tokens[0].lower_value == "none":
        return ()
    found = tuple((str(name.value), tuple(rest)) for name, *rest in split(tokens))
    if not all(
        token.type == "string" or _calls(token, _OF_STRINGS) for _, rest in found for token in rest
    ):
        raise UnknownValueError
    return found


def _word(tokens: list[Any]) -> str:
    (token,) = tokens
    if token.type != "ident":
        raise UnknownValueError
    return str(token.value)


def _bookmark_level(tokens: list[Any]) -> int | str:
    (token,) = tokens
    return "none" if token.type == "ident" and token.lower_value == "none" else _count(tokens)


def _label(tokens: list[Any]) -> tuple[Any, ...]:
    if not all(token.type == "string" or _calls(token, _OF_STRINGS) for token in tokens):
        raise UnknownValueError
    return tuple(tokens)


def _position(tokens: list[Any]) -> str | tuple[str, str]:
    """Read a position; an element that a margin shows is `("running", NAME)`."""
    (token,) = tokens
    if token.type == "function" and token.lower_name == "running":
        return "running", _word([each for each in token.arguments if each.type != "whitespace"])
    word = keyword(token)
    if word not in ("static", "fixed"):
        raise UnknownValueError
    return word


def _z_index(tokens: list[Any]) -> Iterator[Declared]:
    """Read where in front of others something is drawn: what is fixed is behind all of it."""
    (token,) = tokens
    if token.type not in ("ident", "number"):
        raise UnknownValueError
    yield from ()


_READERS: Mapping[str, Callable[[list[Any]], Any]] = {
    "font-family": _families,
    "font-weight": _weight,
    "font-size": _size,
    "line-height": _line_height,
    "orphans": _count,
    "widows": _count,
    "flex-grow": lambda tokens: number(*tokens),
    "content": _content,
    "string-set": _string_set,
    "page": _word,
    "position": _position,
    "bookmark-level": _bookmark_level,
    "bookmark-label": _label,
}
