"""The marks of elements: what links and bookmarks go to, and where what sets a string is."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from imrgen.export.pdf.typst.bookmarks import Bookmarks
from imrgen.export.pdf.typst.inline import anchor_code
from imrgen.export.pdf.typst.items import Item

if TYPE_CHECKING:
    from imrgen.export.pdf.typst.setting import Setting


class Marks:
    """The marks of a document's elements.

    Args:
        setting: The document.

    Attributes:
        bookmarks: The document's bookmarks.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._strings = setting.strings
        self._root = setting.structure.root
        self.bookmarks = Bookmarks(self._root, setting.styled.of)
        self._anchored: set[str] = set()
        self._targets = {
            urllib.parse.unquote(address[1:])
            for link in self._root.iter("a")
            if (address := link.get("href") or "")[:1] == "#"
        }

    def anchor(self, element: Element) -> str:
        """Return the code that marks an element as what a link goes to; empty if none does."""
        name = element.get("id")
        if not name or name not in self._targets:
            return ""
        self._anchored.add(name)
        return anchor_code(name)

    def take_back(self, element: Element) -> None:
        """Take it back that an element was given its marks: it shows nothing, and is left out."""
        for each in element.iter():
            self._anchored.discard(each.get("id") or "")
            self.bookmarks.take_back(each)
            if each in self._strings.numbers:
                self._strings.unmarked.add(each)

    def refuse_lacking(self) -> None:
        """Refuse elements that need a mark, and were given none."""
        for element in self._root.iter():
            name = element.get("id")
            if name in self._targets and name not in self._anchored:
                self._setting.refuse(element, "is what a link goes to, and not where words begin")
            if element in self._strings.unmarked:
                self._setting.refuse(
                    element, "sets a string, and has no words of its own on a page"
                )
            if element in self.bookmarks.unmarked:
                self._setting.refuse(element, "has a bookmark, and no words of its own on a page")
            if (element.get("dir") or "ltr").lower() not in ("ltr", "auto"):
                self._setting.refuse(element, "is written from right to left")

    def around(self, element: Element) -> tuple[str, str]:
        """Return the code in front of an element's words, and that behind them, for its marks."""
        start, end = self._strings.marks(element)
        marks = (self.anchor(element), self.bookmarks.mark(element), start)
        return "".join(f"{each}; " for each in marks if each), f"{end}; " if end else ""

    def give(self, element: Element, items: list[Item]) -> None:
        """Give an element's blocks, of which there are some, its marks and its language."""
        opened, closed = self.around(element)
        language = self._setting.language(element)
        if opened:
            items[0].code = [opened, items[0].code]
        if closed:
            items[-1].code = [items[-1].code, f"; {closed}"]
        if language:
            for item in items:
                item.code = [f"set text({language}); ", item.code]
