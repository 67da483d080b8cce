"""Tables: the widths of their columns, as CSS distributes them, and their cells."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

import msgspec

from imrgen.diagnostics import codes
from imrgen.document import cell_span, is_silent, visible_texts
from imrgen.export.pdf.typst.borders import Area, Borders
from imrgen.export.pdf.typst.boxes import Box, stroke
from imrgen.export.pdf.typst.items import Code, Item, height_of, joined
from imrgen.export.pdf.typst.properties import EDGES
from imrgen.export.pdf.typst.source import pt, rgb, sides
from imrgen.export.pdf.typst.styles import Style
from imrgen.export.pdf.typst.values import resolved

if TYPE_CHECKING:
    from imrgen.export.pdf.typst.setting import Setting

_GROUPS = ("thead", "tbody", "tfoot")
TABLE_PARTS = {
    "tr": "table-row",
    "td": "table-cell",
    "th": "table-cell",
    "thead": "table-header-group",
    "tbody": "table-row-group",
    "tfoot": "table-footer-group",
    "caption": "table-caption",
    "table": "table",
}
"""The elements of a table, each with the display that it must keep."""
_LEAST = 1.0
"""The least width of a column in points."""


Sides = tuple[float, float, float, float]
"""Lengths at the top, right, bottom and left."""


class Cell(msgspec.Struct, frozen=True):
    """A cell of a table.

    Args:
        element: Its element.
        style: Its style.
        column: The number of its first column.
        columns: How many columns it takes.
        rows: How many rows it takes.
        beside: Its padding and borders, in points.
        strokes: Its borders, as strokes of Typst's; empty for none.
    """

    element: Element
    style: Style
    column: int
    columns: int
    rows: int
    beside: Sides
    strokes: tuple[str, str, str, str]


class Row(msgspec.Struct, frozen=True):
    """A row of a table.

    Args:
        element: Its element.
        cells: Its cells.
        group: The name of the group that it stands in, such as `thead`; `tr` for none.
        ground: The ground of cells that have none.
        behind: The row's group, or the row itself where there is none.
    """

    element: Element
    cells: tuple[Cell, ...]
    group: str
    ground: str
    behind: Element

    @property
    def is_head(self) -> bool:
        """Whether it stands in the table's head."""
        return self.group == "thead"


class _Table:
    def __init__(self, setting: Setting, element: Element, style: Style) -> None:
        self.setting = setting
        self.element = element
        self.style = style
        self.collapses = style["border-collapse"] == "collapse"
        self.caption: Element | None = None
        self.columns: list[Style] = []
        self._repeated: set[str] = set()
        self.rows = list(self._rows())
        self.count = max((c.column + c.columns for row in self.rows for c in row.cells), default=0)
        if self.collapses and not self._is_plain():
            borders = Borders(self._areas())
            self.rows = [self._collapsed(row, n, borders) for n, row in enumerate(self.rows)]
            if borders.lacks_one(len(self.rows), self.count):
                setting.refuse(element, "has a border that changes along cells of several columns")

    def _rows(self) -> Iterator[Row]:
        open_until: dict[int, int] = {}
        number = 0
        for part in self.element:
            if is_silent(part) or self.setting.styled.of[part]["display"] == "none":
                continue
            if part.tag == "caption":
                self.caption = part
            elif part.tag in ("col", "colgroup"):
                for col in part.iter("col"):
                    span = cell_span(col, "span")
                    self.columns += [self.setting.styled.of[col]] * span
            elif part.tag == "tr" or part.tag in _GROUPS:
                if part.tag in ("thead", "tfoot"):
                    if part.tag in self._repeated:
                        self.setting.refuse(part, f"is another <{part.tag}> of a table")
                    self._repeated.add(part.tag)
                rows = [part] if part.tag == "tr" else part
                rows = [row for row in rows if row.tag == "tr" and not is_silent(row)]
                end = number + len(rows)  # no cell reaches beyond its group
                for row in rows:
                    yield self._row(row, part, number, end, open_until)
                    number += 1
            else:
                self.setting.refuse(part, "stands in a table, and is no part of one")

    def _row(
        self, row: Element, group: Element, number: int, end: int, open_until: dict[int, int]
    ) -> Row:
        cells = []
        column = 0
        for element in row:
            if element.tag not in ("td", "th") or is_silent(element):
                continue
            while open_until.get(column, 0) > number:
                column += 1
            style = self.setting.styled.of[element]
            columns = cell_span(element, "colspan")
            rows = cell_span(element, "rowspan")
            rows = rows if group is row else min(rows, end - number)
            borders = style.edges("border", "-width")
            share = 0.5 if self.collapses else 1.0
            beside = _around(style, [border * share for border in borders])
            top, right, bottom, left = (stroke(style, edge) for edge in EDGES)
            strokes = top, right, bottom, left
            cells.append(Cell(element, style, column, columns, rows, beside, strokes))
            for taken in range(column, column + columns):
                open_until[taken] = number + rows
            column += columns
        styles = self.setting.styled.of
        grounds = (style["background-color"] for style in (styles[row], styles[group], self.style))
        ground = next((each for each in grounds if each != "transparent"), "transparent")
        return Row(row, tuple(cells), group.tag, ground, group)

    def _is_plain(self) -> bool:
        """Return whether all borders are those of the cells, and alike, so that none goes first."""
        strokes = {each for row in self.rows for cell in row.cells for each in cell.strokes}
        parts = {part for row in self.rows for part in (row.element, row.behind)}
        styles = [self.style, *self.columns, *(self.setting.styled.of[part] for part in parts)]
        return len(strokes) < 2 and not any(any(s.edges("border", "-width")) for s in styles)

    def _areas(self) -> Iterator[Area]:
        """Yield what may have borders, that which goes before others first."""
        styles, rows = self.setting.styled.of, self.rows
        for number, row in enumerate(rows):
            for cell in row.cells:
                yield _area(cell, number)
        for number, row in enumerate(rows):
            yield Area(styles[row.element], number, 0, 1, self.count)
        for group, of_group in itertools.groupby(enumerate(rows), lambda each: each[1].behind):
            numbers = [number for number, _ in of_group]
            yield Area(styles[group], numbers[0], 0, len(numbers), self.count)
        for number, style in enumerate(self.columns[: self.count]):
            yield Area(style, 0, number, len(rows), 1)
        yield Area(self.style, 0, 0, len(rows), self.count)

    def _collapsed(self, row: Row, number: int, borders: Borders) -> Row:
        """Return a row whose cells have the borders that are shown, half of each inside."""
        cells = []
        for cell in row.cells:
            shown = [borders.along(_area(cell, number), side) for side in EDGES]
            beside = _around(cell.style, [each.width / 2 for each in shown])
            above, after, below, before = (each.stroke for each in shown)
            strokes = above, after, below, before
            cells.append(msgspec.structs.replace(cell, beside=beside, strokes=strokes))
        return msgspec.structs.replace(row, cells=tuple(cells))

    def outer(self) -> Sides:
        """Return the part of collapsed borders that is outside the cells: half of each."""
        if not self.collapses or not self.rows or not self.rows[0].cells:
            return 0.0, 0.0, 0.0, 0.0
        first = self.rows[0].cells
        last = [
            cell
            for number, row in enumerate(self.rows)
            for cell in row.cells
            if number + cell.rows >= len(self.rows)
        ]
        top = max(cell.beside[0] - cell.style["padding-top"] for cell in first)
        bottom = max(cell.beside[2] - cell.style["padding-bottom"] for cell in last)
        left = first[0].beside[3] - first[0].style["padding-left"]
        right = first[-1].beside[1] - first[-1].style["padding-right"]
        return top, right, bottom, left

    def widths(self, room: float) -> list[float]:
        """Return the widths of the columns, in points."""
        spacing = 0.0 if self.collapses else self.style["border-spacing"]
        wanted = self.style["width"]
        full = room if wanted == "auto" else min(resolved(wanted, room), room)
        full -= spacing * (self.count + 1)
        given: list[float | None] = [None] * self.count
        for number, column in enumerate(self.columns[: self.count]):
            if column["width"] != "auto":
                given[number] = resolved(column["width"], full)
        if self.style["table-layout"] == "fixed" and wanted != "auto":
            for cell in self.rows[0].cells if self.rows else ():
                if cell.columns == 1 and given[cell.column] is None:
                    given[cell.column] = self._given(cell, full)
            return self._fixed(given, full)
        return self._automatic(given, full, is_full=wanted != "auto")

    @staticmethod
    def _given(cell: Cell, full: float) -> float | None:
        width = cell.style["width"]
        if width == "auto":
            return None
        if isinstance(width, float | int) and cell.style["box-sizing"] != "border-box":
            return width + cell.beside[1] + cell.beside[3]
        return resolved(width, full)

    @staticmethod
    def _fixed(given: list[float | None], full: float) -> list[float]:
        rest = full - sum(width for width in given if width is not None)
        free = sum(width is None for width in given)
        if not free:
            scale = full / (sum(width or 0.0 for width in given) or 1.0)
            return [max((width or 0.0) * scale, _LEAST) for width in given]
        return [max(rest / free if width is None else width, _LEAST) for width in given]

    def _automatic(self, given: list[float | None], full: float, is_full: bool) -> list[float]:
        """Distribute the width by what the cells hold (CSS 2.1, 17.5.2.2)."""
        least, most = [_LEAST] * self.count, [_LEAST] * self.count
        spanning: list[tuple[Cell, float, float]] = []
        for row in self.rows:
            for cell in row.cells:
                small, large = self._extents(cell)
                if cell.columns > 1:
                    spanning.append((cell, small, large))
                    continue
                width = self._given(cell, full)
                if width is not None:
                    given[cell.column] = max(width, given[cell.column] or 0.0)
                least[cell.column] = max(least[cell.column], small)
                most[cell.column] = max(most[cell.column], large)
        for cell, small, large in spanning:
            own = range(cell.column, min(cell.column + cell.columns, self.count))
            for widths, wanted in ((least, small), (most, large)):
                lacking = wanted - sum(widths[column] for column in own)
                if lacking > 0:
                    for column in own:
                        widths[column] += lacking / len(own)
        for column, width in enumerate(given):
            if width is not None:
                most[column] = max(width, least[column])
        most = [max(pair) for pair in zip(least, most, strict=True)]
        if not is_full:
            full = min(full, sum(most))
        extra = full - sum(most)
        if extra >= 0:
            return self._widened(most, given, extra)
        room = full - sum(least)
        if room <= 0:
            return least
        fixed = [most[n] if width is not None else least[n] for n, width in enumerate(given)]
        if sum(fixed) <= full:  # widths that are stated come first
            least, room = fixed, full - sum(fixed)
        grow = [large - small for small, large in zip(least, most, strict=True)]
        whole = sum(grow) or 1.0
        return [small + room * more / whole for small, more in zip(least, grow, strict=True)]

    @staticmethod
    def _widened(most: list[float], given: list[float | None], extra: float) -> list[float]:
        free = [
            0.0 if width is not None else large for large, width in zip(most, given, strict=True)
        ]
        shares = free if sum(free) else most
        whole = sum(shares) or 1.0
        return [large + extra * share / whole for large, share in zip(most, shares, strict=True)]

    def _extents(self, cell: Cell) -> tuple[float, float]:
        """Return the width of a cell's widest word, and of its content on one line."""
        least, most, line = 0.0, 0.0, _indent(cell.style)
        beside = cell.beside[1] + cell.beside[3]
        previous: Element | None = None
        word = line
        for owner, text, holder, slot in visible_texts(cell.element):
            style = self.setting.styled.of[owner]
            if slot == "text" and holder is not previous:
                if style["display"] not in ("inline", "inline-block") or holder.tag == "br":
                    line = word = _indent(style)
                beside_of = [*style.edges("padding")[1::2], *style.edges("margin")[1::2]]
                if holder is not cell.element:
                    extra = sum(each for each in beside_of if isinstance(each, float | int))
                    line += max(0.0, extra)
                previous = holder
            if slot == "alt":
                width = self.setting.images.image(holder, style, 1e6).width
                least, most = max(least, width), max(most, line + width)
                continue
            for part in _parts(text or ""):
                width = self.setting.faces.width(part, style)
                line += width
                word = 0.0 if part.isspace() else word + width
                if style["white-space"] == "nowrap":
                    least = max(least, line)
                if style["overflow-wrap"] != "anywhere":
                    least = max(least, word)
                most = max(most, line)
        # Kerning is not counted: a hair more keeps words on their line.
        return least + beside + 0.5, most + beside + 0.5


def _indent(style: Style) -> float:
    """Return by how much a first line is longer, as far as its room does not count."""
    indent = style["text-indent"]
    return max(0.0, indent) if isinstance(indent, float | int) else 0.0


def _area(cell: Cell, row: int) -> Area:
    return Area(cell.style, row, cell.column, cell.rows, cell.columns)


def _around(style: Style, borders: Iterable[float]) -> Sides:
    """Return what is around a cell's content: its padding, and borders of these widths."""
    padding = style.edges("padding")
    top, right, bottom, left = (sum(pair) for pair in zip(padding, borders, strict=True))
    return top, right, bottom, left


def _parts(text: str) -> Iterator[str]:
    """Yield the words of a text and the spaces between them, which collapse to one each."""
    words = text.replace("\u200b", " ").split(" ")
    for number, each in enumerate(words):
        if number:
            yield " "
        yield from filter(None, (part for part in each.split()))


def table_item(setting: Setting, element: Element, style: Style, box: Box) -> Item:
    """Return a table.

    Args:
        setting: The document.
        element: The table.
        style: Its style.
        box: Its box.
    """
    for part in element.iter():
        display = TABLE_PARTS.get(part.tag)
        own = setting.styled.of[part]["display"]
        if display and own not in (display, "none"):
            hint = "leave the display of a table and its parts as it is"
            setting.fault(codes.NOT_ACCESSIBLE, part, f"is not set as a {display}", hint)
    collapses = style["border-collapse"] == "collapse"  # without padding, then
    if not collapses and (any(style.edges("border", "-width")) or any(style.edges("padding"))):
        setting.refuse(element, "is a table with a border or padding, and borders do not collapse")
    if style["height"] != "auto" or style["min-height"] or style["max-width"] != "none":
        setting.refuse(element, "is a table with a height or a max-width")
    for part in element.iter():
        _refuse_part(setting, part)
    table = _Table(setting, element, style)
    outer = table.outer()
    room = box.outer - outer[1] - outer[3]
    widths = table.widths(room)
    if sum(widths) > room + 0.5:
        hint = "let words break (overflow-wrap: break-word), or give it more room"
        setting.no_room(element, "is too wide for its place", hint)
    spacing = 0.0 if table.collapses else style["border-spacing"]
    if spacing and style["background-color"] != "transparent":
        setting.refuse(element, "is a table with a ground, and room between its cells")
    into: dict[str, list[Code]] = {"thead": [], "tbody": [], "tfoot": []}
    start, height, repeated = 0.0, 0.0, 0.0
    for number, row in enumerate(table.rows):
        first = _row(setting, row, widths, into.get(row.group, into["tbody"]), spacing)
        height += first
        repeated += first if row.group in ("thead", "tfoot") else 0.0
        if row.is_head or number == 0 or (table.rows[number - 1].is_head):
            start += first
    if repeated > setting.page_depth:
        hint = "set fewer of its rows in <thead> and <tfoot>, which stand on each page"
        setting.no_room(element, "has a head and a foot that leave no room for its rows", hint)
    columns = "".join(f"{pt(width)}, " for width in widths)
    code: Code = [f"table(columns: ({columns}), stroke: none, gutter: {pt(spacing)}, "]
    for group, name in (("thead", "header"), ("tbody", ""), ("tfoot", "footer")):
        cells = into[group]
        code += [f"table.{name}(", cells, "), "] if name and cells else [cells]
    code.append(")")
    if table.caption is not None:
        caption_style = setting.styled.of[table.caption]
        caption_box = setting.box(table.caption, box.outer)
        if caption_box.least:
            setting.refuse(table.caption, "is a caption with a height")
        items = setting.flow(table.caption, caption_style, caption_box.inner)
        setting.refuse_page_breaks(items)
        setting.tie(items)
        if items:
            setting.marks.give(table.caption, items)
        caption = joined(items, holds_margins=True)
        start += height_of(items, holds_margins=True)
        height += height_of(items, holds_margins=True)
        side = caption_style["text-align"]
        side = side if side in ("center", "right", "end") else "left"
        shown: Code = [f"align({side}, {{ ", caption, "})"]
        if caption_box.arguments:
            shown = [f"block({caption_box.arguments}, ", *shown, ")"]
        code = [
            "figure(kind: table, supplement: none, numbering: none, gap: 0pt, ",
            "caption: figure.caption(position: top, ",
            *shown,
            "), ",
            *code,
            ")",
        ]
    around = [each + spacing for each in outer]
    if any(around):
        code = [f"pad(..{sides(*around)}, ", *code, ")"]
    height += around[0] + around[2]
    item = Item(code, element, start=start, height=height, lines=len(table.rows))
    if style["margin-left"] == "auto":
        free = room - sum(widths) - spacing * (len(widths) + 1)
        item.left = max(0.0, free / 2 if style["margin-right"] == "auto" else free)
    if style["break-inside"] != "auto":
        setting.keep(item, box.outer)
    return item


def _refuse_part(setting: Setting, part: Element) -> None:
    """Refuse what a part of a table says of its looks and its size, and Typst cannot set."""
    style = setting.styled.of[part]
    is_within = part.tag in (*_GROUPS, "tr", "col", "colgroup")
    if part.tag in ("col", "colgroup") and style["background-color"] != "transparent":
        setting.refuse(part, "is a column with a ground of its own")
    if is_within or part.tag in ("td", "th"):
        for name in ("height", "min-height", "min-width"):
            if style[name] not in ("auto", 0.0):
                setting.refuse(part, f"is a part of a table with a {name}")
    if is_within and (setting.pseudo(part, "before") or setting.pseudo(part, "after")):
        setting.refuse(part, "is a part of a table with a ::before or ::after")
    if part.tag == "caption" and "page" in (style["break-before"], style["break-after"]):
        setting.refuse(part, "begins or ends a page inside a table")
    if part.tag == "caption" and any(style.edges("margin")):
        setting.refuse(part, "is a caption with a margin (padding is set)")


def _row(
    setting: Setting,
    row: Row,
    widths: list[float],
    into: list[Code],
    spacing: float,
) -> float:
    """Add the cells of a row, and return about its height."""
    style = setting.styled.of[row.element]
    if style["break-before"] == "page" or style["break-after"] == "page":
        setting.refuse(row.element, "begins or ends a page inside a table")
    language = setting.language(row.element) or setting.language(row.behind)
    has_data = any(cell.element.tag == "td" for cell in row.cells)
    contents: list[list[Item]] = []
    highest = 0.0
    for cell in row.cells:
        room = sum(widths[cell.column : cell.column + cell.columns])
        room += spacing * (cell.columns - 1) - cell.beside[1] - cell.beside[3]
        # Before those of tables in it, as the tags have them.
        setting.scopes.append(_scope(cell.element, row.is_head, has_data))
        items = setting.flow(cell.element, cell.style, room)
        setting.refuse_page_breaks(items)
        setting.tie(items)
        if items:
            setting.marks.give(cell.element, items)
        for item in items if language else ():
            item.code = [f"set text({language}); ", item.code]
        contents.append(items)
        height = height_of(items, holds_margins=True) + cell.beside[0] + cell.beside[2]
        highest = max(highest, height / cell.rows)
    # As in CSS, a row that no page holds is broken anyway.
    is_whole = style["break-inside"] != "auto" and setting.fits(highest)
    for cell, items in zip(row.cells, contents, strict=True):
        looks = _looks(cell, row.ground)
        looks += ["breakable: false"] if is_whole and cell.rows == 1 else []
        into.append(
            [f"table.cell({', '.join(looks)}, {{ ", joined(items, holds_margins=True), "}), "]
        )
    return highest


def _looks(cell: Cell, behind: str) -> list[str]:
    """Return the arguments of Typst's `table.cell` for how a cell looks on the ground behind it."""
    ground = cell.style["background-color"]
    if ground == "transparent":
        ground = behind
    arguments = [f"inset: {sides(*cell.beside)}"]
    if any(cell.strokes):
        sides_of = zip(EDGES, cell.strokes, strict=True)
        told = ", ".join(f"{edge}: {code or 'none'}" for edge, code in sides_of)
        arguments.append(f"stroke: ({told})")
    if ground != "transparent":
        arguments.append(f"fill: {rgb(ground)}")
    arguments += [f"colspan: {cell.columns}"] if cell.columns > 1 else []
    arguments += [f"rowspan: {cell.rows}"] if cell.rows > 1 else []
    place = {"middle": "horizon", "bottom": "bottom"}.get(cell.style["vertical-align"], "top")
    arguments.append(f"align: left + {place}")
    return arguments


def _scope(cell: Element, is_head: bool, has_data: bool) -> str:
    """Return what a header cell heads (ISO 14289-1, 7.5); empty for a cell of data."""
    if cell.tag != "th":
        return ""
    scope = cell.get("scope") or ""
    is_of_row = scope.startswith("row") or (not scope and has_data and not is_head)
    return "Row" if is_of_row else "Column"
