"""Make the faces of `templates/letter/` that hold the signs which the letters' other faces lack.

`signs.ttf` is made of Source Sans 3, which comes as a variable font only. A PDF of it does not
conform (the widths of its default instance differ from those that were laid out), and it costs
time. `symbols.ttf` is made of DejaVu Sans, which has the ticked boxes, circled numbers, stars and
mathematical signs that no Source face has. Run this again when the fonts are updated:

    pip install -e '.[dev,fonts]' && python tools/signs.py
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from imrgen.pack import built_in

SYMBOLS = (
    (0x2010, 0x2027),  # punctuation
    (0x2030, 0x205E),
    (0x2070, 0x209C),  # superscripts and subscripts
    (0x20A0, 0x20CF),  # currencies
    (0x2100, 0x218F),  # letterlike symbols, number forms
    (0x2190, 0x22FF),  # arrows, mathematical operators
    (0x2300, 0x23CF),  # technical signs
    (0x2460, 0x24FF),  # circled numbers
    (0x2500, 0x25FF),  # lines, blocks and shapes of which records draw tables and marks
    (0x2605, 0x2606),  # stars
    (0x260E, 0x2612),  # telephones, ballot boxes
    (0x261A, 0x2623),  # hands, signs of danger
    (0x2639, 0x263B),  # faces
    (0x2660, 0x2667),  # cards, hearts
    (0x2695, 0x26A5),  # staffs, scales, warnings, sexes
    (0x26AA, 0x26AC),  # circles
    (0x2706, 0x2709),  # telephone, envelope
    (0x270C, 0x2736),  # pens, check marks, crosses, stars
    (0x2751, 0x2756),  # squares and diamonds that Word has as bullets
    (0x2761, 0x2766),  # exclamation marks and hearts
    (0x2776, 0x27BE),  # circled numbers, arrows
    (0x27F0, 0x27FF),  # long arrows
    (0x2B05, 0x2B1C),  # arrows, squares
    (0xFB00, 0xFB06),  # ligatures of letters
)
"""The characters that are taken of DejaVu Sans, where the other faces lack them."""


def folder(package: str) -> Path:
    """Return the folder of a package, which need not be possible to import."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def characters(path: Path) -> set[int]:
    """Return the characters that a font has."""
    return set(TTFont(path).getBestCmap())


def letter_faces() -> Iterator[Path]:
    """Yield the regular faces that letters are set in."""
    for package in ("font_source_sans_pro", "font_source_serif_pro"):
        yield from (folder(package) / "files").glob("*-Regular.ttf")


def write(source: Path, wanted: set[int], family: str, target: Path) -> set[int]:
    """Write a static face of some characters, and return those that it has."""
    font = TTFont(source)
    options = Options(
        layout_features=[], name_IDs=["*"], notdef_outline=True, hinting=False, glyph_names=False
    )
    subsetter = Subsetter(options)
    # A space between two signs is set in their face.
    subsetter.populate(unicodes={0x20, *wanted})
    subsetter.subset(font)
    if "fvar" in font:
        font = instantiateVariableFont(font, {"wght": 400})
    # The licences keep the names Source, Bitstream and Vera for the fonts as they were released.
    for record in list(font["name"].names):
        if record.nameID in (1, 3, 4, 6, 16, 25):
            record.string = {6: family.replace(" ", "")}.get(record.nameID, family)
        elif record.nameID in (2, 17):
            record.string = "Regular"
    font["head"].created = font["head"].modified = 0
    font.recalcTimestamp = False
    font.save(target)
    has = characters(target)
    print(f"{target.name}: {len(has)} signs, {target.stat().st_size} bytes")
    return has


def main() -> None:
    """Write both faces."""
    letter = built_in() / "letter"
    known = {character for path in letter_faces() for character in characters(path)}
    source = folder("fontpkg_source_sans_3") / "files" / "SourceSans3[wght].ttf"
    known |= write(source, characters(source) - known, "Letter Signs", letter / "signs.ttf")
    source = folder("matplotlib") / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    wanted = {c for first, last in SYMBOLS for c in range(first, last + 1)} - known
    write(source, wanted, "Letter Symbols", letter / "symbols.ttf")


if __name__ == "__main__":
    main()
