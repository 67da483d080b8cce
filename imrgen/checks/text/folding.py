"""Text without case and diacritics, to find a name however it is spelled."""

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
    category = unicodedata.category(character)
    if category in ("Mn", "Cf"):
        return ""
    plain = unicodedata.normalize("NFKD", character)[0] if category[0] == "L" else character
    return " " if category == "Zs" else _LETTERS.get(character.lower(), plain)


def fold(text: str) -> tuple[str, Sequence[int]]:
    """Return a text in lower case without diacritics, and each character's original position."""
    plain = {} if text.isascii() else {each: _fold(each) for each in set(_MARKED.findall(text))}
    if all(len(each) == 1 for each in plain.values()):
        folded = _MARKED.sub(lambda match: plain[match[0]], text) if plain else text
        return folded.lower(), range(len(text))
    pieces = [plain.get(each, each) for each in text]
    offsets = [position for position, piece in enumerate(pieces) for _ in piece]
    return "".join(pieces).lower(), offsets
