"""What is read of font files, beside what fontTools reads in them."""

from __future__ import annotations

import io
import struct
import tracemalloc

import pytest
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

import imrgen
from imrgen.pack import FontUnreadableError, read_font

PACK = imrgen.load_pack("imr")
FONTS = {font.file: PACK.read(font.file) for font in PACK.fonts}
SMALLEST = min(FONTS.values(), key=len)


def widths(content: bytes) -> dict[int, float]:
    font = TTFont(io.BytesIO(content))
    metrics, per_em = font["hmtx"].metrics, font["head"].unitsPerEm
    names = (font.getBestCmap() or {}).items()
    return {code: metrics[name][0] / per_em for code, name in names if font.getGlyphID(name)}


def saved(font: TTFont) -> bytes:
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("file", FONTS)
def test_a_font_is_read_as_by_fonttools(file: str) -> None:
    font, read = TTFont(io.BytesIO(FONTS[file])), read_font(FONTS[file])
    assert read.widths == widths(FONTS[file])
    is_typographic = font["OS/2"].fsSelection & 128
    heights = (
        (font["OS/2"].sTypoAscender, font["OS/2"].sTypoDescender, font["OS/2"].sTypoLineGap)
        if is_typographic
        else (font["hhea"].ascent, font["hhea"].descent, font["hhea"].lineGap)
    )
    ascent, descent, gap = (height / font["head"].unitsPerEm for height in heights)
    assert (read.ascent, read.descent, read.gap) == (ascent, -descent, gap)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [4, 6, 12, 13])
def test_characters_are_read_of_each_kind_of_table(kind: int) -> None:
    font = TTFont(io.BytesIO(SMALLEST))
    table = CmapSubtable.newSubtable(kind)
    table.platformID, table.platEncID, table.language = 0, 6 if kind == 13 else 4, 0
    names = font.getGlyphOrder()
    # Runs of one glyph after the other, and glyphs in no order.
    table.cmap = {0x41 + n: names[1 + n] for n in range(20)} | {0x61: names[9], 0x62: names[3]}
    if kind > 6:
        table.cmap[0x1F600] = names[5]
    font["cmap"].tables = [table]
    content = saved(font)
    assert TTFont(io.BytesIO(content))["cmap"].tables[0].format == kind
    assert read_font(content).widths == widths(content)
    assert len(read_font(content).widths) == len(table.cmap)


@pytest.mark.slow
def test_a_compressed_font_is_read_and_a_damaged_one_refused() -> None:
    font = TTFont(io.BytesIO(SMALLEST))
    font.flavor = "woff"
    compressed = saved(font)
    assert compressed[:4] == b"wOFF"
    assert read_font(compressed) == read_font(SMALLEST)
    with pytest.raises(FontUnreadableError):
        read_font(compressed[:200])


@pytest.mark.slow
def test_a_damaged_font_is_refused_or_read() -> None:
    """It is never a fault of another kind, and takes no longer than one of this size may."""
    refused = 0
    for at in range(0, 2000, 7):
        for content in (SMALLEST[:at], SMALLEST[:at] + b"\xff\xff" + SMALLEST[at + 2 :]):
            try:
                read_font(content)
            except FontUnreadableError:
                refused += 1
    assert refused > 250


@pytest.mark.slow
@pytest.mark.parametrize(
    "groups",
    [[(0, 0x10FFFF, 1)] * 500, [(0x10FFFF, 0x110000, 1)], [(0xFFFFFFFF, 0xFFFFFFFF, 1)]],
    ids=["overlapping", "one too many", "out of all range"],
)
def test_a_font_with_characters_that_there_are_not_is_refused(
    groups: list[tuple[int, int, int]],
) -> None:
    content = font_of(groups)
    with pytest.raises(FontUnreadableError):
        read_font(content)


def test_tables_that_are_not_read_take_no_memory() -> None:
    """Each of the entries says that all of the file is its table."""
    other = {struct.pack(">L", number): b"" for number in range(500)}
    content = font_of([(0x41, 0x42, 1)], other)
    entry = struct.pack(">LL", 1, len(content))
    for number in range(500):
        at = content.index(struct.pack(">LL", number, 0), 12) + 8
        content = content[:at] + entry + content[at + 8 :]
    content += bytes(200_000)
    tracemalloc.start()
    read_font(content)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2_000_000


def font_of(groups: list[tuple[int, int, int]], others: dict[bytes, bytes] | None = None) -> bytes:
    """Return a font that has the characters of these groups, and these tables besides."""
    table = struct.pack(">HHHHL", 0, 1, 3, 10, 12)
    table += struct.pack(">HHLLL", 12, 0, 16 + 12 * len(groups), 0, len(groups))
    table += b"".join(struct.pack(">LLL", *group) for group in groups)
    tables = {
        b"OS/2": b"",
        b"cmap": table,
        b"head": struct.pack(">18xH", 1000),
        b"hhea": struct.pack(">4x3h24xH", 800, -200, 0, 1),
        b"hmtx": struct.pack(">Hh", 500, 0),
        **(others or {}),
    }
    head, body = struct.pack(">LH6x", 0x10000, len(tables)), b""
    for name, content in tables.items():
        head += struct.pack(">4sLLL", name, 0, 12 + 16 * len(tables) + len(body), len(content))
        body += content
    return head + body
