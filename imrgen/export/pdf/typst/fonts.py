"""A pack's fonts as Typst finds them: by the names that are in the files, or that they are given.

A pack may call a font otherwise than its file does, or give it another weight. Typst knows the
file's own names only, so that such a file is written anew with those of the pack.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

from imrgen.diagnostics import Diagnostic, PackError, codes
from imrgen.pack import Font, TemplatePack


def write_fonts(pack: TemplatePack, folder: Path) -> Any:
    """Write a pack's fonts into a folder, and return them as Typst's compiler takes them.

    Args:
        pack: The pack.
        folder: The folder, which is made.

    Raises:
        PackError: Typst cannot use a font.
    """
    folder.mkdir()
    files = {folder / f"{number}.ttf": font for number, font in enumerate(pack.fonts)}
    for path, font in files.items():
        path.write_bytes(pack.read(font.file))
    fonts = _fonts(folder)
    others = _known_otherwise(fonts, files)
    if others:
        for path in others:
            path.write_bytes(_renamed(path.read_bytes(), files[path]))
        fonts = _fonts(folder)
    unusable = {files[path].family for path in _known_otherwise(fonts, files)}
    if unusable:
        raise PackError(
            Diagnostic(
                codes.FONT_UNUSABLE, f"pack `{pack.name}`: Typst cannot load the font `{family}`"
            )
            for family in sorted(unusable)
        )
    return fonts


def _fonts(folder: Path) -> Any:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
    )


def _known_otherwise(fonts: Any, files: Mapping[Path, Font]) -> list[Path]:
    """Return the files of which Typst does not know the name, weight and style of the pack."""
    found = {
        Path(str(font.path)): (
            font.family,
            font.weight,
            "italic" if font.style in ("italic", "oblique") else "normal",
        )
        for font in fonts.fonts()
    }
    return [
        path
        for path, font in files.items()
        if found.get(path) != (font.family, font.weight, font.style)
    ]


def _renamed(content: bytes, font: Font) -> bytes:
    """Return a font file with the family, weight and style that a pack gives it."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # few packs need it

    file = TTFont(io.BytesIO(content), recalcTimestamp=False)  # else each letter has other bytes
    names = file["name"]
    names.names = [each for each in names.names if each.nameID not in (1, 2, 16, 17, 21, 22)]
    names.setName(font.family, 1, 3, 1, 0x409)
    names.setName("Italic" if font.style == "italic" else "Regular", 2, 3, 1, 0x409)
    names.setName(font.family, 16, 3, 1, 0x409)
    system = file["OS/2"]
    system.usWeightClass = font.weight
    system.fsSelection = (system.fsSelection & ~0x221) | (1 if font.style == "italic" else 0)
    file["head"].macStyle = 2 if font.style == "italic" else 0
    written = io.BytesIO()
    file.flavor = None
    file.save(written)
    return written.getvalue()
