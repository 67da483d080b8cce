"""The boxes that WeasyPrint laid out: what they show, in reading order, and what of it would not be seen.

CSS can drop, hide, double or overlay words without a word of warning. So what the boxes show is held against the
document, and where each of them stands against the box and the page that should hold it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from imrgen.pdf.reading import ink
from imrgen.pdf.structure import Element, Misfit, Structure

Box = Any
"""A box of WeasyPrint's."""

_MADE_BY_CSS = ("::before", "::after", "::marker", "::footnote-call", "::footnote-marker")
_SLACK = 0.6
"""CSS pixels by which rounding may let a box stick out."""


class Shown(msgspec.Struct):
    """What a piece of a page shows.

    Args:
        ink: Its characters.
        element: The element it is of.
        moved: The element that CSS took out of the flow, or shows on every page, and that it belongs to.
        made: Whether CSS made it, so that it is not of the document.
        told: Whether it is in the tags; what is repeated on every page is told once.
    """

    ink: str
    element: Element
    moved: Element | None
    made: bool
    told: bool = True


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
        self.misfits: list[Misfit] = []
        self.pages: list[list[Shown]] = []
        for page in document.pages:
            self._page = page._page_box
            fixed = {piece.moved for page_ in self.pages for piece in page_ if piece.moved is not None}
            shown = list(self._show(self._page, None))
            for piece in shown:
                piece.told = piece.told and piece.moved not in fixed
            self.pages.append(shown)

    def compare(self) -> Iterator[Misfit]:
        """Hold what is shown against the document."""
        shown = [piece for page in self.pages for piece in page if not piece.made]
        moved = {piece.moved: "" for piece in shown if piece.moved is not None}
        seen = "".join(piece.ink for piece in shown if piece.moved is None)
        wanted = self._structure.ink(moved)
        if seen != wanted:
            at = next(
                (n for n, (a, b) in enumerate(zip(seen, wanted, strict=False)) if a != b), min(len(seen), len(wanted))
            )
            message = "the PDF would not show the same words as text and HTML from here on"
            hint = "look for display, visibility, text-transform or a position in the CSS"
            yield Misfit("IMR405", message, self._structure.place(at, moved), (hint,))
        for page in self.pages:
            for piece in page:
                if piece.moved is not None and not piece.made:
                    moved[piece.moved] += piece.ink
        for element, text in moved.items():
            own = self._structure.ink_of(element)
            if own and (len(text) % len(own) or text != own * (len(text) // len(own))):
                message = "the PDF would not show all of what was taken out of the flow"
                yield Misfit("IMR405", message, self._structure.starts.get(element))

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
        if moved is None and element is not None and box.style["position"] == "fixed" and "::" not in box.element_tag:
            moved = element
        self._examine(box)
        if isinstance(box, boxes.TextBox):
            yield Shown(ink(box.text), element, moved, _made(box))
            return
        if isinstance(box, boxes.ReplacedBox):
            yield Shown(self._alternate(box), element, moved, _made(box))
            return
        children = box.children
        if getattr(box, "is_table_wrapper", False):
            table = box.get_wrapped_table()
            children = [part for child in children for part in (child.children if child is table else [child])]
        for child in children:
            yield from self._show(child, moved)

    def _running(self, box: Box) -> Iterator[Shown]:
        """Show what a running element shows in a margin: it is no part of the page's tags, but of the document."""
        for child in box.descendants():
            if isinstance(child, self._boxes.TextBox) and child.element in self._structure.starts and not _made(child):
                top = next(b.element for b in box.children if child in (b, *b.descendants()))
                yield Shown(ink(child.text), child.element, top, made=False, told=False)

    def _alternate(self, box: Box) -> str:
        start = self._structure.starts.get(box.element)
        return "" if start is None else self._structure.ink_of(box.element)

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
        boxes = self._boxes
        at = self._structure.starts.get(box.element)
        if box.style["opacity"] < 1:
            hint = "use a colour with an alpha channel, such as rgba(0, 0, 0, 0.5)"
            self._misfit("IMR406", "opacity takes content out of the PDF's tags", at, hint)
        if isinstance(box, boxes.TextBox | boxes.ReplacedBox):
            if box.style["visibility"] != "visible" and not _made(box):
                self._misfit("IMR405", "CSS hides what text and HTML show", at, "leave it out in the template")
            if self._off_the_page(box):
                self._misfit("IMR407", "this stands outside the page", at, "make it narrower, or let it break")
        elif isinstance(box, boxes.BlockContainerBox | boxes.TableCellBox) and box.children:
            self._contents(box, at)

    def _contents(self, box: Box, at: int | None) -> None:
        boxes = self._boxes
        left, right = box.content_box_x(), box.content_box_x() + box.width
        cell = isinstance(box, boxes.TableCellBox) or self._in_cell(box)
        place = "its cell" if cell else "its place"
        for child in box.children:
            if isinstance(child, self._placeholder) or not child.is_in_normal_flow():
                continue
            start, end = child.position_x, child.position_x + child.width
            if isinstance(child, boxes.LineBox):
                if end > right + _SLACK or start < left - _SLACK:
                    hint = "let words break (overflow-wrap: break-word), or give it more room"
                    self._misfit("IMR407", f"this text is too wide for {place}", self._start_of(child, at), hint)
            elif isinstance(child, boxes.ReplacedBox) or getattr(child, "is_table_wrapper", False):
                end = child.border_box_x() + child.border_width()
                if end > right + _SLACK:
                    hint = "make it narrower, such as by max-width: 100%"
                    self._misfit("IMR407", f"this is too wide for {place}", self._start_of(child, at), hint)
        if box.style["height"] != "auto" and box.is_in_normal_flow():
            bottom = max(c.position_y + c.margin_height() for c in box.children if not isinstance(c, self._placeholder))
            if bottom > box.content_box_y() + box.height + _SLACK:
                self._misfit("IMR407", "this is too high for its box", at, "use min-height instead of height")

    def _start_of(self, box: Box, otherwise: int | None) -> int | None:
        for child in [box, *(box.descendants() if hasattr(box, "descendants") else ())]:
            start = self._structure.starts.get(child.element)
            if start is not None:
                return start
        return otherwise

    def _in_cell(self, box: Box) -> bool:
        return box.element is not None and box.element_tag in ("td", "th")

    def _off_the_page(self, box: Box) -> bool:
        page = self._page
        right, bottom = box.position_x + box.width, box.position_y + box.height
        return bool(
            box.position_x < -_SLACK
            or box.position_y < -_SLACK
            or right > page.margin_width() + _SLACK
            or bottom > page.margin_height() + _SLACK
        )

    def _misfit(self, code: str, message: str, at: int | None, hint: str) -> None:
        misfit = Misfit(code, message, at, (hint,))
        if misfit not in self.misfits:
            self.misfits.append(misfit)


def _made(box: Box) -> bool:
    return box.element_tag is not None and box.element_tag.endswith(_MADE_BY_CSS)
