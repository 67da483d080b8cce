"""Bookmarks: the titles in a PDF's outline, each with its level and the place where it leads.

Typst makes a bookmark of a heading only, by its level and words. So each is told to it as a heading
that shows nothing, with a number for its words; the finished file is given title and level.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

import msgspec

from imrgen.export.pdf.typst.strings import BLANKS, values
from imrgen.export.pdf.typst.styles import Style


class Bookmark(msgspec.Struct, frozen=True):
    """An entry of the outline.

    Args:
        title: What it says.
        depth: Its level, from 1, none of which is skipped.
        is_open: Whether the entries below it are shown at once.
    """

    title: str
    depth: int
    is_open: bool


class Bookmarks:
    """The bookmarks of a document.

    Args:
        root: The document.
        styles: The style of each element.

    Attributes:
        entries: The entries, in the document's order.
    """

    def __init__(self, root: Element, styles: Mapping[Element, Style]) -> None:
        self.entries: list[Bookmark] = []
        self._numbers: dict[Element, int] = {}
        levels: list[int] = []
        for element in root.iter():
            if not isinstance(element.tag, str) or styles[element]["bookmark-level"] == "none":
                continue
            parts = values(styles[element]["bookmark-label"], element)
            title = BLANKS.sub(" ", "".join(parts)).strip(" ")
            if not title:
                continue
            # As in WeasyPrint, an entry stands right below the last one of a lower level.
            level = styles[element]["bookmark-level"]
            levels = [each for each in levels if each < level]
            levels.append(level)
            self._numbers[element] = len(self.entries)
            is_open = styles[element]["bookmark-state"] == "open"
            self.entries.append(Bookmark(title, len(levels), is_open))
        self.unmarked = set(self._numbers)
        """Those elements whose marks were not asked for yet."""

    def mark(self, element: Element) -> str:
        """Return the code that marks where an element's bookmark leads; empty if it has none."""
        number = self._numbers.get(element)
        if number is None:
            return ""
        self.unmarked.discard(element)
        return f"bookmark({number})"

    def take_back(self, element: Element) -> None:
        """Take it back that an element was given its mark."""
        if element in self._numbers:
            self.unmarked.add(element)


FUNCTION = """
#show heading.where(outlined: false): none
#let bookmark(number) = pdf.artifact(
  heading(level: 1, outlined: false, bookmarked: true, str(number))
)
"""
"""Typst's function that marks the place of a bookmark."""
