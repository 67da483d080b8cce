"""The pages of a letter as pictures, and how far they look alike."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageChops

from imrgen.export.pdf.readback import PDFReader

_SCALE = 50 / 72
"""50 pixels an inch: a changed colour, rule or place shows, and a page takes some 20 KB."""
_SHADES = 0b11100000
"""Eight shades of each colour are kept."""
_CHANGE = 32
"""A pixel differs if a colour of it does by more than one shade: another version of PDFium smooths
edges a little otherwise."""
_PIXELS = 8
"""So many pixels may differ."""


def picture_of(reader: PDFReader, number: int) -> bytes:
    """Draw a page.

    Args:
        reader: The PDF.
        number: The page, from 0.

    Returns:
        A PNG of 50 pixels an inch.
    """
    picture = reader.picture(number, _SCALE).convert("RGB").point(lambda value: value & _SHADES)
    if picture.getcolors(256):
        picture = picture.convert("P", palette=Image.Palette.ADAPTIVE)
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()


def look_alike(before: bytes, after: bytes) -> bool:
    """Return whether two pictures of a page differ in no more than a few pixels.

    Args:
        before: A PNG.
        after: Another.
    """
    return _differing(before, after) <= _PIXELS


def save_difference(before: bytes, after: bytes, folder: Path, name: str) -> str:
    """Write two pictures of a page, and one in which what differs is red.

    Args:
        before: A PNG.
        after: Another.
        folder: Where they are written; made if it is not there.
        name: What their names begin with.

    Returns:
        How much of the page differs, in words.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.before.png").write_bytes(before)
    (folder / f"{name}.after.png").write_bytes(after)
    old, new = _open(before), _open(after)
    if old.size != new.size:
        return "its size differs"
    shown = Image.blend(new, Image.new("RGB", new.size, "white"), 0.6)
    shown.paste((220, 0, 0), mask=_mask(old, new))
    shown.save(folder / f"{name}.difference.png")
    return f"{_differing(before, after) / (new.width * new.height):.2%} of it differ"


def _differing(before: bytes, after: bytes) -> int:
    """Count the pixels that differ; all of them where the sizes do."""
    if before == after:
        return 0
    old, new = _open(before), _open(after)
    if old.size != new.size:
        return old.width * old.height
    return _mask(old, new).histogram()[255]


def _mask(old: Image.Image, new: Image.Image) -> Image.Image:
    """Return a picture that is white where two others differ."""
    bands = ImageChops.difference(old, new).split()
    largest = bands[0]
    for band in bands[1:]:
        largest = ImageChops.lighter(largest, band)
    return largest.point(lambda value: 255 if value > _CHANGE else 0)


def _open(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("RGB")
