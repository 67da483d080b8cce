"""Make `templates/letter/signs.ttf`: signs that the letters' other faces lack, as a static face.

The signs are Source Sans 3's, which comes as a variable font only. A PDF of it does not conform
(the widths of its default instance differ from those that were laid out), and it costs time. Run
this again when the fonts are updated:

    pip install -e '.[dev]' && python tools/signs.py
"""

from __future__ import annotations

from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from imrgen.pack import built_in

FAMILY = "Letter Signs"


def characters(path: Path) -> set[int]:
    """Give the characters that a font has."""
    return set(TTFont(path).getBestCmap())


def main() -> None:
    """Write the face."""
    import font_source_sans_pro
    import font_source_serif_pro
    import fontpkg_source_sans_3

    source = Path(fontpkg_source_sans_3.__file__).parent / "files" / "SourceSans3[wght].ttf"
    known: set[int] = set()
    for module in (font_source_sans_pro, font_source_serif_pro):
        for path in (Path(module.__file__).parent / "files").glob("*-Regular.ttf"):
            known |= characters(path)
    font = TTFont(source)
    options = Options(layout_features=[], name_IDs=["*"], notdef_outline=True, hinting=False)
    subsetter = Subsetter(options)
    # A space between two signs is set in their face.
    subsetter.populate(unicodes={0x20, *font.getBestCmap()} - (known - {0x20}))
    subsetter.subset(font)
    font = instantiateVariableFont(font, {"wght": 400})
    # The licence (SIL OFL 1.1) keeps the name Source for the font as it was released.
    for record in list(font["name"].names):
        if record.nameID in (1, 3, 4, 6, 16, 25):
            record.string = {6: FAMILY.replace(" ", "")}.get(record.nameID, FAMILY)
        elif record.nameID in (2, 17):
            record.string = "Regular"
    font["head"].created = font["head"].modified = 0
    font.recalcTimestamp = False
    target = built_in() / "letter" / "signs.ttf"
    font.save(target)
    print(f"{target.name}: {len(font.getBestCmap())} signs, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
