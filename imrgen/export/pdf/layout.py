"""The boxes that WeasyPrint laid out: what they show, in reading order, and what of it would not be seen.

CSS can drop, hide, double or overlay words without a word of warning. So what the boxes show is
held against the document, and where each of them stands against the box and the page that should
hold it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from imrgen.diagnostics import codes
from imrgen.document import ConformanceFault, visible_characters
from imrgen.export.conformance import Structure

Box = Any
"""A box of WeasyPrint's."""
Element = Any
"""An element of the document's tree, or what CSS made of one."""

_MADE_BY_CSS = ("::before", "::after", "::marker", "::footnote-call", "::footnote-marker")
_TABLE_PARTS = {
    "table": "table",
    "tr": "table-row",
    "td": "table-cell",
    "th": "table-cell",
    "thead": "table-header-group",
    "tbody": "table-row-group",
    "tfoot": "table-footer-group",
}
_SLACK = 0.6
"""CSS pixels by which rounding may let a box stick out."""


class Shown(msgspec.Struct):
    """What a piece of a page shows.

    Args:
        characters: Its visible characters.
        element: The element it is of.
        moved: The element that CSS took out of the flow, or shows on every page, and that it
            belongs to.
        made: Whether CSS made it, so that it is not of the document.
        told: Whether it is in the tags; what is repeated on every page is told once.
        hyphenated: Whether its last character may be a hyphen that breaking a word made.
    """

    characters: str
    element: Element
    moved: Element | None
    made: bool
    told: bool = True
    hyphenated: bool = False


class Layout:
    """A document that was laid out.

    Args:
        document: WeasyPrint's document.
        structure: What it was made of.
    """

    def __init__(self, document: Any, structure: Structure) -> None:
        from weasyprint.formatting_structure import boxes
        from weasyprint.layout.absolute import AbsolutePlaceholder

        self._boxes, self._placeholder = boxes, AbsolutePlaceholder
        self._document, self._structure = document, structure
        self._feet = self._last_feet()
        self._heads: set[Element] = set()
        self._told: set[tuple[str, Element]] = set()
        self.faults: list[ConformanceFault] = []
        self.pages: list[list[Shown]] = []
        for page in document.pages:
            self._page = page._page_box
            fixed = {
                piece.moved for page_ in self.pages for piece in page_ if piece.moved is not None
            }
            shown = list(self._show(self._page, None))
            for piece in shown:
                piece.told = piece.told and piece.moved not in fixed
            self.pages.append(shown)

    def compare(self) -> Iterator[ConformanceFault]:
        """Hold what is shown against the document."""
        shown = [piece for page in self.pages for piece in page if not piece.made]
        moved = {piece.moved: "" for piece in shown if piece.moved is not None}
        wanted, at = self._structure.characters(moved), 0
        for piece in shown:
            if piece.moved is not None:
                moved[piece.moved] += piece.characters
            elif wanted.startswith(piece.characters, at):
                at += len(piece.characters)
            elif piece.hyphenated and wanted.startswith(piece.characters[:-1], at):
                at += len(piece.characters) - 1
            else:
                at += next(
                    n for n, c in enumerate(piece.characters) if not wanted.startswith(c, at + n)
                )
                break
        else:
            at = at if at < len(wanted) else -1
        if at >= 0:
            owner = self._structure.owner(self._structure.place(at, moved))
            message = "would be shown otherwise than in text and HTML, or not at all"
            hint = (
                "let CSS neither hide words (display, visibility) nor change them (text-transform)"
            )
            yield self._structure.fault(codes.WORDS_LOST, owner, message, hint)
        for element, text in moved.items():
            own = self._structure.characters_of(element)
            if own and (len(text) % len(own) or text != own * (len(text) // len(own))):
                message = "is taken out of the flow, and not all of it would be shown"
                yield self._structure.fault(
                    codes.WORDS_LOST, element, message, "make it shorter, or leave it in the flow"
                )

    def _show(self, box: Box, moved: Element | None) -> Iterator[Shown]:
        if isinstance(box, self._placeholder):
            box = box._box
        boxes = self._boxes
        element = box.element
        if isinstance(box, boxes.MarginBox):
            yield from self._running(box)
            return
        if isinstance(box, boxes.FootnoteAreaBox):
            for child in box.children:
                yield from self._show(child, child.element)
            return
        if isinstance(box, boxes.TableRowGroupBox) and self._repeated(box):
            return
        if moved is None and element is not None and box.style["position"] == "fixed":
            moved = (element, box.element_tag) if _made(box) else element
        self._examine(box)
        if isinstance(box, boxes.TextBox):
            shown = visible_characters(box.text) if box.style["visibility"] == "visible" else ""
            yield Shown(shown, element, moved, _made(box), hyphenated=shown.endswith("-"))
            return
        if isinstance(box, boxes.ReplacedBox):
            yield Shown(self._alternate(box), element, moved, _made(box))
            return
        children = box.children
        if getattr(box, "is_table_wrapper", False):
            table = box.get_wrapped_table()
            captions = [child for child in children if child is not table]
            children = [*captions, *table.children]  # a caption is told first, wherever it stands
        for child in children:
            yield from self._show(child, moved)

    def _running(self, box: Box) -> Iterator[Shown]:
        """Show what a running element shows in a margin: it is no part of the page's tags, but of the document."""
        for child in box.descendants():
            if child.element in self._structure.starts and not _made(child):
                shown = (
                    visible_characters(child.text)
                    if isinstance(child, self._boxes.TextBox)
                    else self._alternate(child)
                )
                top = next(
                    (b.element for b in box.children if child in (b, *_inside(b))), child.element
                )
                if shown:
                    yield Shown(shown, child.element, top, made=False, told=False)

    def _alternate(self, box: Box) -> str:
        """Give the alternate text of an image; that of one which CSS made is none."""
        replaced = isinstance(box, self._boxes.ReplacedBox) and not _made(box)
        return self._structure.characters_of(box.element) if replaced else ""

    def _repeated(self, group: Box) -> bool:
        """Tell whether a table's head or foot stands on another page too, where it is told."""
        if group.is_header:
            if group.element in self._heads:
                return True
            self._heads.add(group.element)
        return bool(group.is_footer and self._feet.get(group.element) is not group)

    def _last_feet(self) -> dict[Element, Box]:
        feet = {}
        for page in self._document.pages:
            for box in page._page_box.descendants():
                if isinstance(box, self._boxes.TableRowGroupBox) and box.is_footer:
                    feet[box.element] = box
        return feet

    def _examine(self, box: Box) -> None:
        boxes, style = self._boxes, box.style
        if style["opacity"] < 1:
            hint = "use colours with an alpha channel, such as rgba(0, 0, 0, 0.5)"
            self._fault(
                codes.NOT_ACCESSIBLE,
                box,
                "has an opacity, which takes it out of what a PDF tells",
                hint,
            )
        for colour in (style["color"], style["background_color"]):
            if getattr(colour, "space", None) == "device-cmyk":
                self._fault(
                    codes.NOT_ACCESSIBLE,
                    box,
                    "has a colour in device-cmyk()",
                    "write the colour in RGB",
                )
        display = _TABLE_PARTS.get(box.element_tag)
        if (
            display
            and style["display"][-1 if len(style["display"]) > 1 else 0] != display
            and not _anonymous(box)
        ):
            hint = "leave the display of a table and its parts as it is"
            self._fault(codes.NOT_ACCESSIBLE, box, f"is not set as a {display}", hint)
        if isinstance(box, boxes.TextBox | boxes.ReplacedBox):
            if (
                style["visibility"] != "visible"
                and not _made(box)
                and box.element in self._structure.starts
            ):
                self._fault(
                    codes.WORDS_LOST,
                    box,
                    "is hidden, and text and HTML show it",
                    "leave it out in the template",
                )
            if self._off_the_page(box):
                self._fault(
                    codes.NO_ROOM,
                    box,
                    "would stand outside the page",
                    "make it shorter, or let it break",
                )
        elif isinstance(box, boxes.BlockContainerBox | boxes.TableCellBox) and box.children:
            self._contents(box)

    def _contents(self, box: Box) -> None:
        boxes = self._boxes
        left, right = box.content_box_x(), box.content_box_x() + box.width
        place = (
            "its cell" if isinstance(box, boxes.TableCellBox) or self._in_cell(box) else "its place"
        )
        flow = [
            c
            for c in box.children
            if not isinstance(c, self._placeholder) and c.is_in_normal_flow()
        ]
        for child in flow:
            if isinstance(child, boxes.LineBox):
                if (
                    child.position_x + child.width > right + _SLACK
                    or child.position_x < left - _SLACK
                ):
                    hint = "let words break (overflow-wrap: break-word), or give it more room"
                    self._fault(
                        codes.NO_ROOM, child, f"holds text that is too wide for {place}", hint
                    )
            elif (
                self._rigid(child) and child.border_box_x() + child.border_width() > right + _SLACK
            ):
                hint = "make it narrower, such as by max-width: 100%"
                self._fault(codes.NO_ROOM, child, f"is too wide for {place}", hint)
        if flow and box.style["height"] != "auto" and box.is_in_normal_flow():
            bottom = max(child.position_y + child.margin_height() for child in flow)
            if bottom > box.content_box_y() + box.height + _SLACK:
                self._fault(
                    codes.NO_ROOM,
                    box,
                    "is too low for what it holds",
                    "use min-height instead of height",
                )

    def _rigid(self, box: Box) -> bool:
        return isinstance(box, self._boxes.ReplacedBox) or getattr(box, "is_table_wrapper", False)

    def _in_cell(self, box: Box) -> bool:
        return box.element is not None and str(box.element_tag) in ("td", "th")

    def _off_the_page(self, box: Box) -> bool:
        page = self._page
        right, bottom = box.position_x + box.width, box.position_y + box.height
        return bool(
            box.position_x < -_SLACK
            or box.position_y < -_SLACK
            or right > page.margin_width() + _SLACK
            or bottom > page.margin_height() + _SLACK
        )

    def _fault(self, code: str, box: Box, message: str, hint: str) -> None:
        if box.element is not None and (code, box.element) not in self._told:
            self._told.add((code, box.element))
            self.faults.append(self._structure.fault(code, box.element, message, hint))


def _inside(box: Box) -> Iterator[Box]:
    return box.descendants() if hasattr(box, "descendants") else iter(())


def _anonymous(box: Box) -> bool:
    """Tell whether a box was made around others of its element, with a style of its own."""
    return bool(box.style.__class__.__name__ == "AnonymousStyle")


def _made(box: Box) -> bool:
    return str(box.element_tag or "").endswith(_MADE_BY_CSS)
