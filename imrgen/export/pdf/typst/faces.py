"""The faces of a pack's fonts: how high their lines are, how wide words are, what they can draw."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import TypeVar

from imrgen.diagnostics import Diagnostic, PackError, codes
from imrgen.export.pdf.typst.styles import Style, line_height
from imrgen.pack import Font, FontFile, FontUnreadableError, TemplatePack, read_font

_T = TypeVar("_T")


class Faces:
    """The faces of a pack.

    Args:
        pack: The pack.

    Raises:
        PackError: It has no font, or one that cannot be read.
    """

    def __init__(self, pack: TemplatePack) -> None:
        if not pack.fonts:
            hint = "list a font under `[[fonts]]` in pack.toml, or extend the pack `letter`"
            raise _unusable(pack, "the pack has no font", hint)
        self._faces: dict[tuple[str, int, str], FontFile] = {}
        for font in pack.fonts:
            self._faces[font.family, font.weight, font.style] = _face(pack, font)
        self._named: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._nearest: dict[tuple[str, int, str], FontFile] = {}
        self._known: dict[tuple[tuple[str, ...], int, str], dict[str, float]] = {}
        self.families = tuple(dict.fromkeys(family for family, _, _ in self._faces))
        self._characters = frozenset(code for face in self._faces.values() for code in face.widths)

    def named(self, style: Style) -> tuple[str, ...]:
        """Return the families in which a style's text is drawn: its own, then all others."""
        asked: tuple[str, ...] = style["font-family"]
        if asked not in self._named:
            names = {family.lower(): family for family in self.families}
            own = (names[each.lower()] for each in asked if each.lower() in names)
            self._named[asked] = tuple(dict.fromkeys((*own, *self.families)))
        return self._named[asked]

    def heights(self, style: Style) -> tuple[float, float]:
        """Return how far a style's lines reach above and below their letters' base line."""
        face = self._find(self.named(style)[0], int(style["font-weight"]), style["font-style"])
        size = style["font-size"]
        above, below = face.ascent * size, face.descent * size
        leading = line_height(style, (face.ascent + face.descent + face.gap) * size) - above - below
        return above + leading / 2, below + leading / 2

    def width(self, text: str, style: Style) -> float:
        """Return the width of a text on one line, kerning aside."""
        width = self._of_widths(sum, text, style) * float(style["font-size"])
        return width + float(style["letter-spacing"]) * len(text)

    def places(self, text: str, style: Style) -> list[float]:
        """Return where each character of a text begins, and where the last ends.

        Returns:
            Its places in parts of the style's size, letter-spacing aside.
        """
        return self._of_widths(_places, text, style)

    def at_most(self, count: int, text: str, style: Style) -> float:
        """Return a width that so many of a text's characters do not exceed on one line.

        Args:
            count: How many.
            text: The text, whose width was asked for.
            style: Its style, of which the letter-spacing is not negative.
        """
        widest = max(map(self._widths(style).__getitem__, set(text)), default=0.0)
        return count * (widest * float(style["font-size"]) + float(style["letter-spacing"]))

    def lacks(self, character: str) -> bool:
        """Return whether no face can draw a character."""
        return ord(character) not in self._characters

    def _find(self, family: str, weight: int, slant: str) -> FontFile:
        key = family, weight, "normal" if slant == "normal" else "italic"
        if key not in self._nearest:
            own = [each for each in self._faces if each[0] == family]
            nearest = min(own, key=lambda each: (each[2] != key[2], abs(each[1] - weight)))
            self._nearest[key] = self._faces[nearest]
        return self._nearest[key]

    def _of_widths(self, of: Callable[[Iterable[float]], _T], text: str, style: Style) -> _T:
        """Return what is made of the widths of a text's characters."""
        known = self._widths(style)
        try:
            return of(map(known.__getitem__, text))
        except KeyError:
            for character in set(text).difference(known):
                known[character] = self._width(character, style)
            return of(map(known.__getitem__, text))

    def _widths(self, style: Style) -> dict[str, float]:
        """Return the widths of characters in a style, as far as they are known."""
        if style.widths is None:
            key = style["font-family"], style["font-weight"], style["font-style"]
            style.widths = self._known.setdefault(key, {})
        return style.widths

    def _width(self, character: str, style: Style) -> float:
        code = ord(character)
        if _is_shown_as_nothing(code):
            return 0.0
        weight, slant = int(style["font-weight"]), style["font-style"]
        faces = (self._find(family, weight, slant) for family in self.named(style))
        return next((face.widths[code] for face in faces if code in face.widths), 0.0)


def _places(widths: Iterable[float]) -> list[float]:
    return [*itertools.accumulate(widths, initial=0.0)]


def _is_shown_as_nothing(code: int) -> bool:
    return code in (0xAD, 0xFEFF, 0x34F, 0x61C) or 0x200B <= code <= 0x200F or code == 0x2060


def _face(pack: TemplatePack, font: Font) -> FontFile:
    try:
        return read_font(pack.read(font.file))
    except FontUnreadableError:
        raise _unusable(pack, f"the font `{font.family}` cannot be loaded") from None


def _unusable(pack: TemplatePack, message: str, *hints: str) -> PackError:
    return PackError(
        [Diagnostic(codes.FONT_UNUSABLE, f"pack `{pack.name}`: {message}", hints=hints)]
    )
