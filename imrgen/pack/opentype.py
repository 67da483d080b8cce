"""What is asked of a font file: the characters it has, how wide they are, how high its lines are.

These few tables are read by hand (ISO/IEC 14496-22): fontTools takes thirty times as long, most of
it for the names of glyphs. It unpacks what is compressed (WOFF).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from imrgen.workers import is_foreign

_COMPRESSED = (b"wOFF", b"wOF2")
_BEST = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))
"""The platforms and encodings of Unicode, those with the most characters first."""
_READ = (b"OS/2", b"cmap", b"head", b"hhea", b"hmtx")
_TYPOGRAPHIC = 128
"""The bit of `fsSelection` that says which heights a font means."""
_CODE_POINTS = 0x110000


class FontUnreadableError(ValueError):
    """Raised for a font file that is damaged, or of a kind that is not known."""


class FontFile(msgspec.Struct, frozen=True):
    """A font file; lengths in parts of the font's size.

    Args:
        widths: The width of each character that it has, by code point.
        ascent: How far its lines reach above their base line.
        descent: How far they reach below it.
        gap: The room between lines that it asks for besides.
    """

    widths: Mapping[int, float]
    ascent: float
    descent: float
    gap: float


def read_font(content: bytes) -> FontFile:
    """Read a font file.

    Args:
        content: The file.

    Raises:
        FontUnreadableError: It is damaged, or of a kind that is not known.
    """
    try:
        return _read(_unpacked(content) if content[:4] in _COMPRESSED else content)
    except (IndexError, KeyError, ZeroDivisionError, struct.error):
        raise FontUnreadableError from None


def _read(content: bytes) -> FontFile:
    tables = _tables(content)
    (per_em,) = _at(">H", tables[b"head"], 18)
    ascent, descent, gap = _at(">3h", tables[b"hhea"], 4)
    system = tables.get(b"OS/2", b"")
    if len(system) >= 74:
        selection = _at(">H", system, 62)[0] & _TYPOGRAPHIC
        # As Pango asks FreeType: the typographic ones where the font says so, or has no others.
        if selection or not (ascent or descent):
            ascent, descent, own_gap = _at(">3h", system, 68)
            gap = own_gap if selection else gap
    (count,) = _at(">H", tables[b"hhea"], 34)
    advances = _at(f">{2 * count}H", tables[b"hmtx"], 0)[::2]
    last = count - 1  # whose width is that of all glyphs behind it
    widths = {
        code: advances[min(glyph, last)] / per_em
        for code, glyph in _glyphs(tables[b"cmap"])
        if glyph  # the first is drawn for what the font does not have
    }
    return FontFile(widths, ascent / per_em, -descent / per_em, max(0, gap) / per_em)


def _tables(content: bytes) -> dict[bytes, bytes]:
    (count,) = _at(">H", content, 4)
    entries = (_at(">4s4xLL", content, 12 + 16 * number) for number in range(count))
    return {
        name: content[start : start + length] for name, start, length in entries if name in _READ
    }


def _glyphs(table: bytes) -> Iterator[tuple[int, int]]:
    """Yield the code points of a font, each with the number of its glyph."""
    (count,) = _at(">H", table, 2)
    found: dict[tuple[int, int], int] = {}
    for number in range(count):
        platform, encoding, start = _at(">HHL", table, 4 + 8 * number)
        found[platform, encoding] = start
    best = next((each for each in _BEST if each in found), None)
    if best is None:
        return
    part = table[found[best] :]
    (kind,) = _at(">H", part, 0)
    if kind not in _FORMATS:
        raise FontUnreadableError
    for number, pair in enumerate(_FORMATS[kind](part)):
        # There are no more characters; where parts overlap, it would take forever.
        if number == _CODE_POINTS or pair[0] >= _CODE_POINTS:
            raise FontUnreadableError
        yield pair


def _segments(part: bytes) -> Iterator[tuple[int, int]]:
    """Read format 4."""
    count = _at(">H", part, 6)[0] // 2
    ends = _at(f">{count}H", part, 14)
    # A word that counts for nothing stands behind the ends.
    starts, deltas, offsets = (_at(f">{count}H", part, 16 + 2 * count * n) for n in (1, 2, 3))
    segments = zip(ends, starts, deltas, offsets, strict=True)
    for number, (end, start, delta, offset) in enumerate(segments):
        if not offset:
            for code in range(start, end + 1):
                yield code, (code + delta) & 0xFFFF
            continue
        place = 16 + 2 * (3 * count + number) + offset
        glyphs = _at(f">{max(0, end + 1 - start)}H", part, place)
        for code, glyph in enumerate(glyphs, start):
            yield code, (glyph + delta) & 0xFFFF if glyph else 0


def _array(part: bytes) -> Iterator[tuple[int, int]]:
    """Read format 6."""
    first, count = _at(">HH", part, 6)
    yield from enumerate(_at(f">{count}H", part, 10), first)


def _groups(part: bytes) -> Iterator[tuple[int, int]]:
    """Read formats 12 and 13, in which all characters of a group have one glyph."""
    kind, (count,) = _at(">H", part, 0)[0], _at(">L", part, 12)
    for number in range(count):
        start, end, glyph = _at(">LLL", part, 16 + 12 * number)
        for code in range(start, end + 1):
            yield code, glyph if kind == 13 else glyph + code - start


_FORMATS = {4: _segments, 6: _array, 12: _groups, 13: _groups}


def _unpacked(content: bytes) -> bytes:
    """Return a compressed font file as it was before.

    Raises:
        FontUnreadableError: It is damaged.
    """
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # few packs need it

    try:
        file = TTFont(io.BytesIO(content))
        file.flavor = None
        written = io.BytesIO()
        file.save(written)
    except Exception as fault:
        if is_foreign(fault):
            raise
        # fontTools raises any exception for a damaged file.
        raise FontUnreadableError from None
    return written.getvalue()


def _at(form: str, content: bytes, start: int) -> tuple[Any, ...]:
    """Return the values at a place."""
    return struct.unpack_from(form, content, start)
