"""The marks of elements: what links go to, and where what sets a string begins and ends."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from imrgen.export.pdf.typst.inline import anchor_code
from imrgen.export.pdf.typst.items import Item

if TYPE_CHECKING:
    from imrgen.export.pdf.typst.setting import Setting


class Marks:
    """The marks of a document's elements.

    Args:
        setting: The document.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._strings = setting.strings
        self._root = setting.structure.root
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
            if (element.get("dir") or "ltr").lower() not in ("ltr", "auto"):
                self._setting.refuse(element, "is written from right to left")

    def give(self, element: Element, items: list[Item]) -> None:
        """Give an element's blocks, of which there are some, its marks."""
        anchor = self.anchor(element)
        start, end = self._strings.marks(element)
        opened = "".join(f"{each}; " for each in (anchor, start) if each)
        if opened:
            items[0].code = [opened, items[0].code]
        if end:
            items[-1].code = [items[-1].code, f"; {end}"]
