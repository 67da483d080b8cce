"""The visible characters of a document, in reading order, with the element that each belongs to.

An offset into them is how any later step locates what it found: a box, a tag, a glyph, a
difference between two files.
"""

import functools
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

import msgspec

from imrgen.document.parsing import SVG

_SILENT = frozenset(("script", "style", "template", "head"))
_INLINE_NAMES = """
a abbr b bdi bdo br cite code data del dfn em i img ins kbd label mark q s samp small span strong
sub sup time u var wbr
"""
INLINE = frozenset([*_INLINE_NAMES.split(), f"{SVG}svg"])
"""The elements that stand within a line."""

IGNORABLE = (
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-"
    r"\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff]"
)
"""A pattern of what shows nothing: Unicode's Default_Ignorable_Code_Point, and the marks of
interlinear annotation."""

_DRAWN_ALIKE = str.maketrans(
    {
        "\u2010": "-",
        "\u2011": "-",
        "\u02bb": "\u2018",
        "\u02bc": "\u2019",
        "\u02c9": "\u00af",
        "\u02ca": "\u00b4",
        "\u02cb": "`",
        "\u02ed": "\u207c",
        "\u03bc": "\u00b5",
        "\u2206": "\u0394",
    }
)
"""Hyphens, and the signs that have two code points and one glyph, such as micro and mu.

A PDF maps a glyph back to one character, so which of the two was typed cannot be read in it."""

_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "\u017ft",
    0xFB06: "st",
}


def visible_characters(text: str) -> str:
    """Return the characters of a text that can be seen, those that are drawn alike as one.

    White space is left out, and characters that only control how others are set.
    """
    joined = "".join(text.split())
    if joined.isascii() and joined.isprintable():
        return joined
    drawn = re.sub(IGNORABLE, "", joined.translate(_DRAWN_ALIKE))
    return "".join(c for c in drawn if unicodedata.category(c) not in ("Cf", "Cc", "Zs"))


def as_read_back(characters: str) -> str:
    """Return visible characters as the same whatever a font makes of them.

    A font draws a letter and its accent as one glyph or as two, and a ligature (U+FB00 to U+FB06)
    as letters. Nothing else is taken for the same: a superscript is not a digit.
    """
    if characters.isascii():
        return characters
    return unicodedata.normalize("NFC", characters.translate(_LIGATURES))


def first_difference(one: str, other: str) -> int:
    """Return how many characters two texts have in common from their start."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def is_silent(element: Element) -> bool:
    """Return whether an element shows nothing, whatever it holds."""
    return not isinstance(element.tag, str) or element.tag in _SILENT or "hidden" in element.attrib


def alternate_text(element: Element) -> str | None:
    """Return the text that counts for an image; `None` for what is not an image."""
    if element.tag == "img":
        return element.get("alt") or ""
    if element.tag == f"{SVG}svg":
        return (element.findtext(f"{SVG}title") or "").strip()
    return None


class Piece(msgspec.Struct, frozen=True):
    """The visible characters of one text of a document.

    Args:
        owner: The element whose text it is.
        characters: The characters.
        holder: The element of the tree that holds the text.
        slot: Where it holds it: `text`, `tail`, or `alt` for an image's alternate text.
    """

    owner: Element
    characters: str
    holder: Element
    slot: str


class VisibleText:
    """The visible characters of a tree.

    Args:
        root: The root of the tree.

    Attributes:
        root: The root.
    """

    def __init__(self, root: Element) -> None:
        self.root = root

    @functools.cached_property
    def elements(self) -> list[Element]:
        """The elements that can show something, in reading order."""
        return [owner for owner, _, holder, _ in visible_texts(self.root) if owner is holder]

    @property
    def starts(self) -> Mapping[Element, int]:
        """The elements that can show something, each with the offset at which it begins."""
        return self._read[0]

    @property
    def pieces(self) -> Sequence[Piece]:
        """The characters, text by text."""
        return self._read[1]

    @functools.cached_property
    def lengths(self) -> Mapping[Element, int]:
        """All elements, each with the number of its visible characters."""
        lengths = dict.fromkeys(self.root.iter(), 0)
        for piece in self.pieces:
            lengths[piece.owner] += len(piece.characters)
        for element in reversed(lengths):  # what is in it comes before it
            lengths[element] += sum([lengths[child] for child in element])
        return lengths

    @functools.cached_property
    def _whole(self) -> str:
        return "".join([piece.characters for piece in self.pieces])

    @functools.cached_property
    def _read(self) -> tuple[dict[Element, int], list[Piece]]:
        starts: dict[Element, int] = {}
        pieces: list[Piece] = []
        length = 0
        for owner, text, holder, slot in visible_texts(self.root):
            if owner is holder:
                starts[owner] = length
            characters = visible_characters(text or "")
            if characters:
                pieces.append(Piece(owner, characters, holder, slot))
                length += len(characters)
        return starts, pieces

    def characters(self, without: Collection[Element] = ()) -> str:
        """Return the visible characters.

        Args:
            without: Elements to leave out with all that is in them.
        """
        left_out = {element for top in without for element in top.iter()}
        if not left_out:
            return self._whole
        return "".join(piece.characters for piece in self.pieces if piece.owner not in left_out)

    def place(self, offset: int, without: Collection[Element]) -> int:
        """Translate an offset that passes over some elements into one into all characters."""
        left_out = {element for top in without for element in top.iter()}
        whole = 0
        for piece in self.pieces:
            if piece.owner not in left_out:
                if offset < len(piece.characters):
                    return whole + offset
                offset -= len(piece.characters)
            whole += len(piece.characters)
        return whole

    def characters_of(self, element: Element) -> str:
        """Return the visible characters of one element."""
        start = self.starts.get(element, 0)
        return self._whole[start : start + self.lengths[element]]

    def owner(self, offset: int) -> Element:
        """Return the element that a visible character belongs to; behind the end, the last."""
        for piece in self.pieces:
            if offset < len(piece.characters):
                return piece.owner
            offset -= len(piece.characters)
        return self.pieces[-1].owner if self.pieces else self.root


def visible_texts(root: Element) -> Iterator[tuple[Element, str | None, Element, str]]:
    """Yield each text that can be seen: its owner, itself, its holder and slot, as of a `Piece`."""
    waiting: list[tuple[Element, Element | None]] = [(root, None)]
    while waiting:
        element, owner = waiting.pop()
        if owner is not None:
            yield owner, element.tail, element, "tail"
            continue
        if is_silent(element):
            continue
        alternate = alternate_text(element)
        if alternate is not None:
            yield element, alternate, element, "alt"
            continue
        yield element, element.text, element, "text"
        for child in reversed(element):
            if child.tail:
                waiting.append((child, element))
            waiting.append((child, None))


def all_text(root: Element) -> str:
    """Return all words of a document, seen or not: texts, comments, attributes.

    Style sheets and files that are part of the document are left out.
    """
    texts: list[str] = []
    attributes: list[str] = []
    waiting: list[Element | str] = [root]
    while waiting:
        element = waiting.pop()
        if isinstance(element, str):
            texts.append(element)
            continue
        if element.tag != "style":
            texts.append(element.text or "")
        attributes += [
            value
            for name, value in element.attrib.items()
            if name != "style" and not value.startswith("data:")
        ]
        for child in reversed(element):
            waiting += [child.tail or "", child]
    return "\n".join([*texts, *attributes])


def cell_span(cell: Element, name: str) -> int:
    """Return how many columns or rows a table's cell takes.

    Args:
        cell: The cell.
        name: `colspan` or `rowspan`.
    """
    written = cell.get(name) or "1"
    return max(1, min(1000, int(written))) if written.isascii() and written.isdigit() else 1


def words_outside_items(list_: Element) -> bool:
    """Return whether a list holds something that is not in one of its items."""
    texts = [list_.text, *(item.tail for item in list_)]
    return any(text and text.strip() for text in texts) or any(
        isinstance(item.tag, str) and item.tag not in ("li", "script", "template") for item in list_
    )


def marker_of(item: Element) -> Element | None:
    """Find the element of class `marker` that a list's item begins with; `None` for none."""
    elements = item.iter()
    next(elements)
    for element in elements:
        if element.tag == "li":
            return None
        if "marker" in (element.get("class") or "").split():
            first = next(
                (o for o, text, _, _ in visible_texts(item) if visible_characters(text or "")), None
            )
            return element if first is not None and first in element.iter() else None
    return None
