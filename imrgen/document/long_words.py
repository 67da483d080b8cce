"""Where a word that is longer than any of a language may be broken over two lines.

Such are addresses, paths, and lists of codes without a space: they are broken behind one of their
signs, so that a reader sees that they go on. What has no sign is broken anywhere.
"""

import re

_LONGEST = 30
"""The longest words of medicine have thirty letters, and dates and numbers have fewer."""
_LONG_WORD = re.compile(rf"\S{{{_LONGEST + 1},}}")
# Compiled on first use: most letters in text have no long word.
_BREAK = r"(?<=[\\/+&=,;_])(?=[^\s\\/+&=,;_])"
_CHUNK = r"[!-~]{1,10}|[^!-~]+"
_DRIVE = r"(?<![^\W\d_])([A-Za-z]:)\\"
_GLUED = r"[^ \t\n\r\f]{60,}"
_NO_BREAK_SPACE = r"(?<=\S)[\u00a0\u2007\u202f](?=\S)"


def pieces(word: str) -> list[str]:
    """Return the parts of a word that belong on one line; a word of common length is one."""
    if not _LONG_WORD.match(word):
        return [word]
    parts = re.split(_BREAK, word)
    return [
        piece
        for part in parts
        for piece in (re.findall(_CHUNK, part) if len(part) > _LONGEST else [part])
    ]


def with_breaks(text: str) -> str:
    """Return a text that says where its long words may break; its visible characters are the same.

    Zero-width spaces allow a break, and a word joiner keeps a path with its drive. A sentence whose
    spaces are all no-break ones, as some programs paste it, gets plain ones.
    """
    if not text.isascii():
        text = re.sub(_GLUED, lambda run: re.sub(_NO_BREAK_SPACE, " ", run[0]), text)
    text = _LONG_WORD.sub(lambda word: "\u200b".join(pieces(word[0])), text)
    return re.sub(_DRIVE, "\\1\u2060\\\\", text)
