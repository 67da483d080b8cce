"""Where a word that is longer than any of a language may be broken over two lines.

Such are addresses, paths, and lists of codes without a space: they are broken behind one of their
signs, so that a reader sees that they go on. What has no sign is broken between any two letters:
Pango's time grows with the square of what it can't break.
"""

import re
import unicodedata
from collections.abc import Iterator

_LONGEST = 30
"""The longest words of medicine have thirty letters, and dates and numbers have fewer."""
_LONG_WORD = re.compile(rf"(?<!\S)\S{{{_LONGEST + 1},}}")
# Compiled on first use: most letters in text have no long word.
_BREAK = r"(?<=[\\/+&=,;_])(?=[^\s\\/+&=,;_])"
_CHUNK = 10
"""After how many characters a part without signs may break, where its script allows it."""
_LONGEST_CHUNK = 100
"""After how many characters it may break whatever it is: no word of any language is as long."""
_DRIVE = r"(?<![^\W\d_])([A-Za-z]:)\\"
_GLUED = r"[^ \t\n\r\f]{60,}"
_NO_BREAK_SPACE = r"(?<=\S)[\u00a0\u2007\u202f](?=\S)"


def pieces(word: str) -> list[str]:
    """Return the parts of a word that belong on one line; a word of common length is one."""
    if not _LONG_WORD.match(word):
        return [word]
    parts = re.split(_BREAK, word)
    return [
        piece for part in parts for piece in (_chunks(part) if len(part) > _LONGEST else [part])
    ]


def _chunks(part: str) -> Iterator[str]:
    start = 0
    for at in range(1, len(part)):
        size = at - start
        if size >= _LONGEST_CHUNK or (
            size >= _CHUNK and _stands_alone(part[at]) and _stands_alone(part[at - 1], "LMNPS")
        ):
            yield part[start:at]
            start = at
    yield part[start:]


def _stands_alone(character: str, categories: str = "LNPS") -> bool:
    """Return whether a character is of an alphabet that joins no letters, or a sign.

    Args:
        character: The character.
        categories: The first letters of the general categories that count.
    """
    if character < "\x7f":
        return True
    is_alphabetic = character < "\u0590" or "\u1e00" <= character < "\u2c80"
    return is_alphabetic and unicodedata.category(character)[0] in categories


def with_breaks(text: str) -> str:
    """Return a text that says where its long words may break; its visible characters are the same.

    Zero-width spaces allow a break, and a word joiner keeps a path with its drive. A sentence whose
    spaces are all no-break ones, as some programs paste it, gets plain ones.
    """
    if not text.isascii():
        text = re.sub(_GLUED, lambda run: re.sub(_NO_BREAK_SPACE, " ", run[0]), text)
    text = _LONG_WORD.sub(lambda word: "\u200b".join(pieces(word[0])), text)
    return re.sub(_DRIVE, "\\1\u2060\\\\", text) if ":\\" in text else text
