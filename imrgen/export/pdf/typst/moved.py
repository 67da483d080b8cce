"""Elements that are taken out of the flow: a mark on every page, and what margins show.

What is fixed is in the tags where it stands on the first page. What a margin shows is an artifact,
as all of a margin is: it is in the text, and not read aloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from imrgen.document import SVG
from imrgen.export.conformance import SIGNATURE_MARK
from imrgen.export.pdf.typst.items import Code, flat, height_of, joined
from imrgen.export.pdf.typst.source import pt, quoted
from imrgen.export.pdf.typst.styles import Style

if TYPE_CHECKING:
    from imrgen.export.pdf.typst.setting import Setting

_PLAIN = frozenset(
    ("address", "b", "br", "div", "em", "footer", "header", "i", "img", "p", "small", "span")
) | {"strong", f"{SVG}svg"}
"""The elements that may be moved: what has tags of its own would lose them."""


class Moved:
    """The moved elements of a document.

    Args:
        setting: The document.

    Attributes:
        fixed: The code of what stands on every page.
        running: The elements that margins show.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.fixed: list[Code] = []
        self.running: list[Element] = []
        self._fixed: list[Element] = []
        self._elements: dict[str, tuple[Code, float, Element]] = {}

    def take(self, element: Element) -> None:
        """Take an element out of the flow."""
        style = self._setting.styled.of[element]
        if self._setting.has_begun:
            self._setting.refuse(element, "is positioned, and not at the letter's beginning")
            return
        for part in element.iter():
            if isinstance(part.tag, str) and part.tag.startswith(SVG):
                continue
            named = part.get("id") and self._setting.marks.anchor(part)
            if part.tag not in _PLAIN or named or SIGNATURE_MARK in part.attrib:
                self._setting.refuse(part, "stands in an element that is positioned")
                return
            if part in self._setting.marks.bookmarks.unmarked:
                self._setting.refuse(part, "has a bookmark in an element that is positioned")
                return
            if part in self._setting.strings.numbers:
                self._setting.refuse(part, "sets a string in an element that is positioned")
                return
        room = self._setting.page_room
        items = [*self._setting.flow(element, style, room)]
        for item in items:
            item.fills = False
        self._setting.tie(items)
        code = joined(items)
        self._setting.has_begun = False
        if style["position"] == "fixed":
            self._fixed.append(element)
            self.fixed.append([self._place(element, style), "{ ", code, "}); "])
            return
        _, name = style["position"]
        if name in self._elements:
            self._setting.refuse(element, f"is another `running({name})`")
        self._elements[name] = code, height_of(items), element
        self.running.append(element)

    def check(self, shown: Mapping[str, float]) -> None:
        """Report elements that no margin shows, or that are too high for it.

        Args:
            shown: The names that margins show, each with the height that there is for it.
        """
        for name, (_, height, element) in self._elements.items():
            if name not in shown:
                self._setting.refuse(element, f"is a `running({name})` that no page shows")
            elif height > shown[name]:
                self._setting.no_room(element, "is too high for the margin", "make it lower")

    def beginning(self, name: str) -> Code:
        """Return what stands on the first page before the letter's own words.

        Args:
            name: The name of that page.
        """
        above, below = self._setting.pages.named(name).first_room
        if not (above or below):
            return [*self.fixed]
        for element in self._fixed:
            self._setting.refuse(element, "is fixed, and the first page has other margins")
        room = f"place(bottom, float: true, clearance: 0pt, block(height: {pt(below)}))"
        return [f"v({pt(above)}); ", f"pdf.artifact({room}); " if below else ""]

    def definitions(self) -> str:
        """Return the code that defines what pages show again."""
        pairs = (
            f"{quoted(name.encode().hex())}: {{ {flat(code)} }}"
            for name, (code, _, _) in self._elements.items()
        )
        elements = f"({', '.join(pairs)})" if self._elements else "(:)"
        fixed = f"{{ {flat(self.fixed)} }}" if self.fixed else "none"
        return f"#let elements = {elements}\n#let fixed = {fixed}\n"

    def _place(self, element: Element, style: Style) -> str:
        box = self._setting.box(element, self._setting.page_room)
        if box.is_seen or box.least:
            self._setting.refuse(element, "is fixed, and has a box of its own")
        top, right, bottom, left = (style[edge] for edge in ("top", "right", "bottom", "left"))
        if top == "auto" and bottom == "auto":
            self._setting.refuse(element, "is fixed without a `top` or `bottom`")
        down = 0.0 if top == "auto" else top + box.above
        if top == "auto" and bottom != "auto":
            down = -bottom - box.below
        across = box.left + (0.0 if left == "auto" else left)
        if left == "auto" and right != "auto":
            across = -right - box.right
        vertical = "bottom" if top == "auto" else "top"
        horizontal = "right" if left == "auto" and right != "auto" else "left"
        return f"place({vertical} + {horizontal}, dx: {pt(across)}, dy: {pt(down)}, "
