"""Text without case and diacritics, in which a name is found however it is spelled."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Sequence

from imrgen.checks.text.patterns import Pattern

_MARKED = Pattern(r"[^\x00-\x7f]")
_LETTERS = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
    "ł": "l",
    "đ": "d",
    "ø": "o",
    "ı": "i",
}


@functools.lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    kind = unicodedata.category(character)
    plain = (
        unicodedata.normalize("NFKD", character)[0]
        if kind[0] == "L"
        else " "
        if kind == "Zs"
        else character
    )
    return "" if kind in ("Mn", "Cf") else _LETTERS.get(character.lower(), plain)


def fold(text: str) -> tuple[str, Sequence[int]]:
    """Give a text in small letters and without diacritics, and the place where each character stood."""
    marked = {} if text.isascii() else {each: _fold(each) for each in set(_MARKED.findall(text))}
    if all(len(each) == 1 for each in marked.values()):
        return (
            _MARKED.sub(lambda found: marked[found[0]], text) if marked else text
        ).lower(), range(len(text))
    pieces = [marked.get(each, each) for each in text]
    return "".join(pieces).lower(), [place for place, piece in enumerate(pieces) for _ in piece]
