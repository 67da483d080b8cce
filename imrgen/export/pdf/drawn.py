"""A document's texts as a pack's fonts can draw them, and as lines can hold them.

Pango looks for one glyph of each character. Where there is none although the character can be
drawn, or another one is better to search, the PDF is set with that: what it shows is the same.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from xml.etree.ElementTree import Element

from imrgen.document import IGNORABLE, visible_texts, with_breaks
from imrgen.pack import TemplatePack, drawn_as

# What shows nothing; not what says where a line may break and how letters join.
_DROPPED = re.compile(rf"(?![\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f]){IGNORABLE}")


def as_drawn(tree: Element, pack: TemplatePack) -> Element:
    """Return a copy of a document's tree with its texts as fonts can draw them, long words parted.

    Args:
        tree: The document's tree.
        pack: The pack whose fonts draw it.
    """
    root = copy.deepcopy(tree)
    for element in root.iter():
        element.text = element.text and _drawn(element.text, pack)
        element.tail = element.tail and _drawn(element.tail, pack)
        for name, value in element.attrib.items():
            element.set(name, _drawn(value, pack))
    for owner, text, holder, slot in visible_texts(root):
        if text and slot != "alt" and owner.tag[0] != "{":
            setattr(holder, slot, with_breaks(text))
    return root


def _drawn(text: str, pack: TemplatePack) -> str:
    if text.isascii():
        return text
    # Fonts draw the no-break hyphen with the hyphen's glyph, which a PDF maps back to one character
    # only: with both in a letter, every hyphen would be searched and copied as a no-break one.
    text = _DROPPED.sub("", text).replace("\u2011", "-\u2060")
    accented = {c for c in text if unicodedata.decomposition(c)[:1] not in ("", "<")}
    return text.translate({ord(c): drawn_as(pack, c) or c for c in accented})
