"""Whether letters can be read where they stand."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

import tinycss2.color4

from imrgen.export.pdf.legibility import RGB, WHITE, over, problem_of_letters
from imrgen.export.pdf.typst.styles import Style


class Letters:
    """The letters of a document, and what is behind them.

    Args:
        root: The document.
        styles: The style of each element.
        page: The colour of its pages.
    """

    def __init__(self, root: Element, styles: Mapping[Element, Style], page: str) -> None:
        self._styles = styles
        self._parents = {child: parent for parent in root.iter() for child in parent}
        self._grounds: dict[Element, RGB | None] = {}
        self._page = over(WHITE, _parsed(page))

    def problem(self, element: Element, style: Style) -> tuple[str, str] | None:
        """Return why an element's letters cannot be read, and the way out."""
        return _problem(style["font-size"], style["color"], self._ground(element))

    def _ground(self, element: Element) -> RGB | None:
        """Return the colour behind an element's letters."""
        if element not in self._grounds:
            parent = self._parents.get(element)
            behind = self._page if parent is None else self._ground(parent)
            own = self._styles[element]["background-color"]
            is_seen = own != "transparent"
            self._grounds[element] = over(behind, _parsed(own)) if is_seen else behind
        return self._grounds[element]


@functools.lru_cache(maxsize=1024)
def _problem(size: float, colour: str, ground: RGB | None) -> tuple[str, str] | None:
    return problem_of_letters(size, _parsed(colour), ground)


@functools.lru_cache(maxsize=1024)
def _parsed(colour: str) -> Any:
    return tinycss2.color4.parse_color(colour)
