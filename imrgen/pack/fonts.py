"""The `@font-face` rules of a pack's fonts, and the characters that they can draw."""

from __future__ import annotations

import base64
import functools
import unicodedata
from collections.abc import Callable

from imrgen.pack.opentype import FontUnreadableError, read_font
from imrgen.pack.pack import TemplatePack

_RULE = (
    '@font-face {{ font-family: "{}"; font-weight: {}; font-style: {}; '
    'font-display: swap; src: url("{}"); }}\n'
)


def font_faces(pack: TemplatePack, address: Callable[[str], str] | None = None) -> str:
    """Return the `@font-face` rules of a pack's fonts.

    Args:
        pack: The pack.
        address: Returns the URL of a font file; without it the font itself is inlined.

    Raises:
        PackError: A font file is missing.
    """

    def inlined(file: str) -> str:
        return f"data:font/ttf;base64,{base64.b64encode(pack.read(file)).decode()}"

    address = address or inlined
    return "".join(
        _RULE.format(font.family, font.weight, font.style, address(font.file))
        for font in pack.fonts
    )


def drawn_as(pack: TemplatePack, character: str) -> str | None:
    """Return the characters in which one of a pack's fonts draws a character.

    Args:
        pack: The pack.
        character: The character.

    Returns:
        The character itself where a font has it; a letter and its accent where a font has only
        those; `None` where no font can draw it.
    """
    repertoires = [_repertoire(pack.read(font.file)) for font in pack.fonts]
    for characters in (character, _letter_and_accent(character)):
        if any(found is None or found.issuperset(characters) for found in repertoires):
            return characters
    return None


def _letter_and_accent(character: str) -> str:
    # Not the whole decomposition: shaping would join a letter and the last of several accents.
    kind, *rest = unicodedata.decomposition(character).split() or [""]
    return character if kind[:1] in ("", "<") else "".join(chr(int(c, 16)) for c in (kind, *rest))


@functools.lru_cache(maxsize=64)
def _repertoire(content: bytes) -> frozenset[str] | None:
    """Return the characters that a font has; `None` if it cannot be read."""
    try:
        return frozenset(map(chr, read_font(content).widths))
    except FontUnreadableError:
        return None  # the PDF engine refuses such a pack
