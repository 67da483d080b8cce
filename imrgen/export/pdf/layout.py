"""What the boxes of a laid out document show, in reading order, and what would not be seen.

CSS can drop, hide, double or overlay words without a warning. So what the boxes show is compared
with the document, and the place of each box with the box and the page that should hold it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from imrgen.diagnostics import codes
from imrgen.document import ConformanceFault, visible_characters
from imrgen.export.conformance import Structure
from imrgen.export.pdf.boxes import POINTS_PER_PIXEL, Box, content_rectangle
from imrgen.export.pdf.engine import Shown
from imrgen.export.pdf.legibility import Surroundings
from imrgen.export.pdf.weasyprint_internals import (
    boxes,
    is_anonymous,
    is_placeholder,
    laid_out,
    page_box,
)

Element = Any
"""An element of the document's tree, or what CSS made of one."""

_Area = tuple[float, float, float, float]

_GENERATED = ("::before", "::after", "::marker", "::footnote-call", "::footnote-marker")
_TABLE_PARTS = {
    "table": "table",
    "tr": "table-row",
    "td": "table-cell",
    "th": "table-cell",
    "thead": "table-header-group",
    "tbody": "table-row-group",
    "tfoot": "table-footer-group",
}
_SHORTEN = "write it in fewer or shorter words, or part it by spaces"
_WIDE_SPACES = "".join(map(chr, (0x1680, *range(0x2000, 0x2007), *range(0x2008, 0x200B), 0x205F)))
"""The spaces at which a line may break and that, unlike the plain one, it keeps at its end."""
_SLACK = 0.6
"""CSS pixels by which rounding may let a box stick out."""


class Layout:
    """What the pages of WeasyPrint's document show.

    Attributes:
        pages: What each page shows, in reading order.
        faults: What would not be seen, or cannot be made accessible.
        areas: Where each page has room for words; see `Typeset`.
    """

    def __init__(self, document: Any, structure: Structure) -> None:
        self._structure = structure
        page_boxes = [page_box(page) for page in document.pages]
        self._feet = _last_feet(page_boxes)
        self._heads: set[Element] = set()
        self._reported: set[tuple[str, Element]] = set()
        self.faults: list[ConformanceFault] = []
        self.pages: list[list[Shown]] = []
        self.areas: list[list[_Area]] = []
        for box in page_boxes:
            self._page = box
            self.areas.append([_area(content_rectangle(box, _page_top(box)))])
            fixed = {
                piece.moved for page in self.pages for piece in page if piece.moved is not None
            }
            shown = list(self._show(box, None, Surroundings()))
            for piece in shown:
                piece.tagged = piece.tagged and piece.moved not in fixed
            self.pages.append(shown)

    def compare(self) -> Iterator[ConformanceFault]:
        """Compare what is shown with the document."""
        shown = [piece for page in self.pages for piece in page if not piece.generated]
        moved = {piece.moved: "" for piece in shown if piece.moved is not None}
        expected = self._structure.characters(moved)
        at = 0
        for piece in shown:
            if piece.moved is not None:
                moved[piece.moved] += piece.characters
            elif expected.startswith(piece.characters, at):
                at += len(piece.characters)
            elif piece.hyphenated and expected.startswith(piece.characters[:-1], at):
                at += len(piece.characters) - 1
            else:
                at += next(
                    n for n, c in enumerate(piece.characters) if not expected.startswith(c, at + n)
                )
                break
        else:
            at = at if at < len(expected) else -1
        if at >= 0:
            owner = self._structure.owner(self._structure.place(at, moved))
            message = "would be shown otherwise than in text and HTML, or not at all"
            hint = (
                "let CSS neither hide words (display, visibility) nor change them (text-transform)"
            )
            advice = "write it in plain paragraphs, without tables, lists and special characters"
            yield self._structure.fault(codes.WORDS_LOST, owner, message, hint, advice)
        for element, text in moved.items():
            own = self._structure.characters_of(element)
            if own and (len(text) % len(own) or text != own * (len(text) // len(own))):
                message = "is taken out of the flow, and not all of it would be shown"
                yield self._structure.fault(
                    codes.WORDS_LOST,
                    element,
                    message,
                    "make it shorter, or leave it in the flow",
                    _SHORTEN,
                )

    def _show(self, box: Box, moved: Element | None, around: Surroundings) -> Iterator[Shown]:
        box = laid_out(box)
        element = box.element
        if isinstance(box, boxes.MarginBox):
            yield from self._running(box)
            return
        if isinstance(box, boxes.FootnoteAreaBox):
            for child in box.children:
                yield from self._show(child, child.element, around)
            return
        if isinstance(box, boxes.TableRowGroupBox) and self._is_repeated(box):
            return
        if moved is None and element is not None and box.style["position"] == "fixed":
            moved = (element, box.element_tag) if _is_generated(box) else element
        around = around.within(box)
        if element is not None and box.style["position"] in ("absolute", "fixed"):
            self.areas[-1].append(_area(content_rectangle(box, _page_top(self._page))))
        self._examine(box, around)
        if isinstance(box, boxes.TextBox):
            is_visible = box.style["visibility"] == "visible"
            shown = visible_characters(box.text) if is_visible else ""
            yield Shown(shown, element, moved, _is_generated(box), hyphenated=shown.endswith("-"))
            return
        if isinstance(box, boxes.ReplacedBox):
            yield Shown(self._alternate(box), element, moved, _is_generated(box))
            return
        children = box.children
        if box.is_table_wrapper:
            table = box.get_wrapped_table()
            captions = [child for child in children if child is not table]
            # A caption is read first, wherever it is shown; it may stand on a page without a row.
            children = [*captions, *(() if table is None else table.children)]
        for child in children:
            yield from self._show(child, moved, around)

    def _running(self, margin: Any) -> Iterator[Shown]:
        """Find what a running element shows in a margin: not in the tags, but of the document."""
        for child in margin.descendants():
            if child.element in self._structure.starts and not _is_generated(child):
                is_text = isinstance(child, boxes.TextBox)
                shown = visible_characters(child.text) if is_text else self._alternate(child)
                top = next(
                    (b.element for b in margin.children if child in (b, *b.descendants())),
                    child.element,
                )
                if shown:
                    yield Shown(shown, child.element, top, generated=False, tagged=False)

    def _alternate(self, box: Box) -> str:
        """Return the alternate text of an image of the document, visible characters only."""
        is_image = isinstance(box, boxes.ReplacedBox) and not _is_generated(box)
        return self._structure.characters_of(box.element) if is_image else ""

    def _is_repeated(self, group: Any) -> bool:
        """Return whether a table's head or foot is tagged on another page."""
        if group.is_header:
            if group.element in self._heads:
                return True
            self._heads.add(group.element)
        return bool(group.is_footer and self._feet.get(group.element) is not group)

    def _examine(self, box: Box, around: Surroundings) -> None:
        style = box.style
        if style["opacity"] < 1:
            hint = "use colours with an alpha channel, such as rgba(0, 0, 0, 0.5)"
            self._fault(
                codes.NOT_ACCESSIBLE,
                box,
                "has an opacity, which takes it out of the PDF's tags",
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
        if _is_generated(box):
            self._examine_generated(box)
        display = _TABLE_PARTS.get(box.element_tag or "")
        if (
            display
            and style["display"][-1 if len(style["display"]) > 1 else 0] != display
            and not is_anonymous(box)
        ):
            hint = "leave the display of a table and its parts as it is"
            self._fault(codes.NOT_ACCESSIBLE, box, f"is not set as a {display}", hint)
        if isinstance(box, boxes.TextBox | boxes.ReplacedBox):
            self._examine_words(box, around)
        elif isinstance(box, boxes.BlockContainerBox | boxes.TableCellBox) and box.children:
            self._contents(box)

    def _examine_words(self, box: Box, around: Surroundings) -> None:
        """Refuse what is in text and HTML, and cannot be read on the page."""
        if not _is_generated(box) and box.element in self._structure.starts:
            problem = None
            if box.style["visibility"] != "visible":
                problem = "is hidden, and text and HTML show it", "leave it out in the template"
            elif isinstance(box, boxes.TextBox) and visible_characters(box.text):
                problem = around.problem(box)
            if problem:
                self._fault(codes.WORDS_LOST, box, *problem)
        if isinstance(box, boxes.ReplacedBox) and self._off_the_page(around.corners(box)):
            self._no_room(box, "would stand outside the page", "give it another place or size")

    def _examine_generated(self, box: Box) -> None:
        """Refuse words that only CSS adds.

        Footnotes have their calls, pages their numbers and, as what is fixed, their watermarks.
        """
        kind = str(box.element_tag)
        if kind.endswith("::marker"):
            message = "has a marker that only CSS shows, and text does not"
            hint = (
                "leave out list-style: a list's markers are written as text, those of "
                '<ol type="I"> as I, II …, and none for class="unmarked"'
            )
            self._fault(codes.WORDS_LOST, box, message, hint)
        elif kind.endswith(("::before", "::after")) and box.style["position"] != "fixed":
            content = box.style["content"]
            if isinstance(content, tuple) and not all(map(_is_beside_words, content)):
                message = "has words that only CSS adds (content), and text and HTML do not hold"
                self._fault(codes.WORDS_LOST, box, message, "write them in the template")

    def _contents(self, box: Box) -> None:
        left = box.content_box_x()
        right = left + box.width
        is_cell = isinstance(box, boxes.TableCellBox) or box.element_tag in ("td", "th")
        place = "its cell" if is_cell else "its place"
        flow = [c for c in box.children if not is_placeholder(c) and c.is_in_normal_flow()]
        for child in flow:
            if isinstance(child, boxes.LineBox):
                if (
                    child.position_x + child.width > right + _SLACK + _hanging(child)
                    or child.position_x < left - _SLACK
                ):
                    hint = "let words break (overflow-wrap: break-word), or give it more room"
                    self._no_room(child, f"has text that is too wide for {place}", hint)
            elif _is_rigid(child) and child.border_box_x() + child.border_width() > right + _SLACK:
                hint = "make it narrower, such as by max-width: 100%"
                self._no_room(child, f"is too wide for {place}", hint)
        is_cut = box.style["overflow"] != "visible"
        if flow and (is_cut or (box.style["height"] != "auto" and box.is_in_normal_flow())):
            bottom = max(child.position_y + child.margin_height() for child in flow)
            if bottom > box.content_box_y() + box.height + _SLACK:
                self._no_room(
                    box,
                    "is too low for its content",
                    "use min-height instead of height",
                )

    def _off_the_page(self, corners: Iterable[tuple[float, float]]) -> bool:
        right = self._page.margin_width() + _SLACK
        bottom = self._page.margin_height() + _SLACK
        return any(not (-_SLACK <= x <= right and -_SLACK <= y <= bottom) for x, y in corners)

    def _no_room(self, box: Box, message: str, hint: str) -> None:
        self._fault(codes.NO_ROOM, box, message, hint, _SHORTEN)

    def _fault(self, code: str, box: Box, message: str, hint: str, advice: str = "") -> None:
        if box.element is not None and (code, box.element) not in self._reported:
            self._reported.add((code, box.element))
            self.faults.append(self._structure.fault(code, box.element, message, hint, advice))


def _hanging(line: Box) -> float:
    """Return the most that a line may stick out: the wide spaces that it ends in show nothing."""
    texts = [box for box in line.descendants() if isinstance(box, boxes.TextBox)]
    if not texts:
        return 0
    last = texts[-1]
    spaces = len(last.text) - len(last.text.rstrip(_WIDE_SPACES))
    return float(spaces * last.style["font_size"])


def _last_feet(page_boxes: list[Box]) -> dict[Element, Box]:
    """Find for each table's foot its box on the last page."""
    feet = {}
    for page in page_boxes:
        for box in page.descendants():
            if isinstance(box, boxes.TableRowGroupBox) and box.is_footer:
                feet[box.element] = box
    return feet


def _page_top(page: Box) -> float:
    return page.margin_height() * POINTS_PER_PIXEL


def _area(rectangle: tuple[float, float, float, float]) -> _Area:
    left, bottom, width, height = rectangle
    return left, bottom, left + width, bottom + height


def _is_rigid(box: Box) -> bool:
    return isinstance(box, boxes.ReplacedBox) or box.is_table_wrapper


def _is_beside_words(part: tuple[str, Any]) -> bool:
    """Return whether a part of a `content` adds no words: signs, images, and numbers of pages."""
    kind, value = part
    if kind == "string":
        return not any(map(str.isalnum, value))
    if kind in ("counter()", "counters()"):
        return value[0] in ("page", "pages")
    if kind == "target-counter()":
        return bool(value[1] == "page")
    return kind in ("leader()", "quote", "url")


def _is_generated(box: Box) -> bool:
    return str(box.element_tag or "").endswith(_GENERATED)
