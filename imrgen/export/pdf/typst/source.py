"""Typst source, written so that no word of a letter means anything to Typst.

Words stand in string literals only; all else is code that this package writes itself.
"""

from __future__ import annotations

import re

_ESCAPED = str.maketrans(
    {
        "\\": "\\\\",
        '"': '\\"',
        **{chr(code): f"\\u{{{code:x}}}" for code in (*range(0x20), 0x7F, 0x85, 0x2028, 0x2029)},
    }
)

# `translate` looks up each character, and most texts have none of these.
_SPECIAL = re.compile("[" + re.escape("".join(map(chr, _ESCAPED))) + "]")


def quoted(text: str) -> str:
    """Return a text as a string literal."""
    return f'"{text.translate(_ESCAPED) if _SPECIAL.search(text) else text}"'


def pt(points: float) -> str:
    """Return a length, exact to a thousandth of a point."""
    return f"{round(points, 3):.12g}pt"


def rgb(colour: str) -> str:
    """Return a colour that is written `#rrggbb` or `#rrggbbaa`."""
    return f'rgb("{colour}")'


def sides(top: float, right: float, bottom: float, left: float) -> str:
    """Return a length for each side."""
    return f"(top: {pt(top)}, right: {pt(right)}, bottom: {pt(bottom)}, left: {pt(left)})"


def label(name: str) -> str:
    """Return a label's name for the id of an element, which may hold any characters."""
    return f"id-{name.encode().hex()}"
