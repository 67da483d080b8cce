"""A document written as a Typst program: its words as strings, its looks from computed styles.

Margins collapse as in CSS, because Typst takes the larger of two blocks' spacings; a box that only
groups its content is written as its content.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from imrgen.diagnostics import codes
from imrgen.document import SVG, ConformanceFault, is_silent
from imrgen.export.conformance import SIGNATURE_MARK, Structure
from imrgen.export.pdf.typst.bookmarks import FUNCTION as BOOKMARK
from imrgen.export.pdf.typst.boxes import Box, box_of
from imrgen.export.pdf.typst.faces import Faces
from imrgen.export.pdf.typst.flex import flex_item
from imrgen.export.pdf.typst.head import document_head
from imrgen.export.pdf.typst.images import Images
from imrgen.export.pdf.typst.inline import Content, Generated, Inline, Part
from imrgen.export.pdf.typst.items import (
    MOVED,
    Code,
    Item,
    Slot,
    block,
    flat,
    height_of,
    joined,
    tie,
)
from imrgen.export.pdf.typst.letters import Letters
from imrgen.export.pdf.typst.lists import list_item
from imrgen.export.pdf.typst.marks import Marks
from imrgen.export.pdf.typst.moved import Moved
from imrgen.export.pdf.typst.pages import Pages
from imrgen.export.pdf.typst.program import LastParagraph, Program
from imrgen.export.pdf.typst.signature_blocks import signature_item
from imrgen.export.pdf.typst.source import label, pt, quoted
from imrgen.export.pdf.typst.strings import FUNCTION, Strings
from imrgen.export.pdf.typst.styles import Style, Styles
from imrgen.export.pdf.typst.tables import TABLE_PARTS, table_item
from imrgen.export.pdf.typst.text import text_arguments
from imrgen.export.pdf.typst.values import resolved

_HEADING = re.compile("h([1-6])")
_INLINE = ("inline", "inline-block")
_SURE = (0.7, 1.3)
"""The shares of a page up to which it surely holds a block, and from which on it surely does not,
as heights are only guessed."""
_FEW = 3
"""Lines that Typst does not part."""
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]*)*")
_SLACK = 0.5
"""Points by which content may be higher than its box."""
_NOT_BLOCKS = (*TABLE_PARTS, "ul", "ol")
_WITHOUT_WORDS = ("table", "ul", "ol", "img", "hr", f"{SVG}svg")
_OTHERWISE = "leave it out, or set the letter with WeasyPrint (--engine weasyprint)"


class Setting:
    """Writes one document.

    Args:
        structure: The document.
        styles: The styles of its pack.
        faces: The pack's faces.

    Attributes:
        refused: The elements that Typst cannot set.
        faults: What would not be seen, or cannot be made accessible.
        has_begun: Whether words of the letter were set.
    """

    def __init__(self, structure: Structure, styles: Styles, faces: Faces) -> None:
        self.structure = structure
        self.faces = faces
        self.styled = styles.of_document(structure.root)
        self.refused: list[ConformanceFault] = []
        self.faults: list[ConformanceFault] = []
        self._reported: set[tuple[str, Element]] = set()
        root = structure.root
        found = root.find("body")
        assert found is not None, "every HTML document has a body"
        self._body = found
        self.strings = Strings(root, self.styled.of)
        self.pages = Pages(styles, self.faces, self._canvas(), self.strings)
        self._text = self.styled.of[self._body]
        page = self.pages.named("").values
        self.marks = Marks(self)
        self._letters = Letters(root, self.styled.of, page.colour or "transparent")
        self.images = Images(self)
        self.inline = Inline(self)
        self.moved = Moved(self)
        self.has_begun = False
        self.markers: set[Element] = set()
        self.scopes: list[str] = []
        self.numberings: list[str] = []
        self.signers: list[str] = []
        self.page_room = page.room
        self._page = ""

    def program(self, attachment: str = "") -> Program:
        """Write the document.

        Args:
            attachment: The code of a file that is attached.
        """
        style = self.styled.of[self._body]
        self._page = "" if style["page"] == "auto" else style["page"]
        body = self.box(self._body, self.pages.named(self._page).values.room)
        if any(style.edges("border", "-width")) or any(style.edges("padding")[::2]) or body.least:
            what = "is the body, and has a border, a height, or padding above or below"
            self.refuse(self._body, what)
        if not self._text["font-family"] and len(self.faces.families) > 1:
            self.refuse(self._body, "has no `font-family`, and the pack has several fonts")
        items = self._generic(self._body, self._text, body, is_top=True)
        if items:
            self.marks.give(self._body, items)
        for item in items:
            item.page = item.page or self._page
        self.tie(items)
        last_paragraph = self._last_paragraph(items)
        flow = self._by_pages(items)
        self.moved.check(self.pages.shown)
        self.marks.refuse_lacking()
        for element, lacking in self.styled.in_attributes.items():
            self.refuse(element, f"has the style `{lacking.text}`")
        language = self.language(self.structure.root)
        head, has_date = document_head(self.structure.root)
        source = "".join(
            (
                head,
                attachment,
                FUNCTION,
                f"#let {MOVED} = 0pt\n",
                self.moved.definitions(),
                '#set par(leading: 0pt, spacing: 0pt, linebreaks: "simple")\n',
                "#set block(above: 0pt, below: 0pt)\n",
                "#show heading: it => it.body\n#show quote: it => it.body\n",
                BOOKMARK,  # behind the rule of all headings
                "#show figure: set block(breakable: true)\n",
                "#show figure.caption: set block(sticky: true, breakable: false)\n",
                "#set text(fallback: false, overhang: false)\n#set underline(evade: false)\n",
                f"#set text({text_arguments(self._text, self.faces)}, {language})\n",
                "#{ ",
                flat(flow),
                "}\n",
            )
        )
        return Program(
            source,
            self.images.files,
            self.scopes,
            self.numberings,
            self.marks.bookmarks.entries,
            self.signers,
            has_date,
            last_paragraph,
        )

    # What is refused

    def fault(self, code: str, element: Element, message: str, hint: str, advice: str = "") -> None:
        """Report what is wrong with an element, once for each code."""
        if (code, element) not in self._reported:
            self._reported.add((code, element))
            self.faults.append(self.structure.fault(code, element, message, hint, advice))

    def refuse(self, element: Element, what: str, hint: str = _OTHERWISE) -> None:
        """Report that an element cannot be set by this engine."""
        message = f"{what}, which Typst cannot set"
        if (what, element) not in self._reported:
            self._reported.add((what, element))
            fault = self.structure.fault(codes.NOT_OF_ENGINE, element, message, hint)
            self.refused.append(fault)

    def no_room(self, element: Element, message: str, hint: str) -> None:
        """Report an element that is too large for its place."""
        advice = "write it in fewer or shorter words, or part it by spaces"
        self.fault(codes.NO_ROOM, element, message, hint, advice)

    def report_marker(self, element: Element) -> None:
        """Report a list's item that has a marker by CSS."""
        message = "has a marker that only CSS shows, and text does not"
        hint = (
            "leave out list-style: a list's markers are written as text, those of "
            '<ol type="I"> as I, II …, and none for class="unmarked"'
        )
        self.fault(codes.WORDS_LOST, element, message, hint)

    def check_letters(self, element: Element, style: Style) -> None:
        """Report letters that are too small or too pale to be read."""
        problem = self._letters.problem(element, style)
        if problem is not None:
            self.fault(codes.WORDS_LOST, element, *problem)

    def pseudo(self, element: Element, kind: Generated) -> Style | None:
        """Return the style of what CSS puts before or behind an element's words."""
        style = (self.styled.before if kind == "before" else self.styled.after).get(element)
        return None if style is None or style["content"] in ("none", "normal") else style

    def keep(self, item: Item, room: float) -> None:
        """Let a block stay on one page, if a page holds it; else it is broken, as in CSS.

        Args:
            item: The block.
            room: Its width in points.
        """
        depth = self.page_depth
        fits, may_fit = (item.height <= share * depth for share in _SURE)
        item.is_whole |= fits
        if may_fit and not fits:
            item.tall, item.room = depth, room
        if may_fit:
            item.start = max(item.start, min(item.height, depth))

    def tie(self, items: list[Item]) -> float:
        """Let blocks that belong together stay on one page; see `tie`."""
        return tie(items, self.page_depth)

    def fits(self, height: float) -> bool:
        """Return whether something is surely lower than a page, though its height is a guess."""
        return height <= _SURE[0] * self.page_depth

    @property
    def page_depth(self) -> float:
        """The height between the margins, on the pages that are being written."""
        return self.pages.named(self._page).depth

    # The document

    def _canvas(self) -> Style:
        """Return the style of the root, with the body's ground if it has none itself."""
        root = self.styled.of[self.structure.root]
        body = self.styled.of[self._body]
        if root["background-color"] == "transparent" != body["background-color"]:
            root = Style({**root, "background-color": body["background-color"]})
        return root

    def language(self, element: Element) -> str:
        """Return the arguments of `text` for an element's own language; empty for none."""
        language = element.get("lang")
        if not language:
            return ""
        if not _LANGUAGE.fullmatch(language):
            self.refuse(element, "has a lang that is not a language's code of two or three letters")
            return ""
        name, *rest = language.split("-")
        region = next((part for part in rest if len(part) == 2 and part.isalpha()), None)
        code = f"lang: {quoted(name.lower())}"
        return f"{code}, region: {quoted(region.upper())}" if region else f"{code}, region: none"

    def target(self, address: str) -> str:
        """Return the code of what a link goes to."""
        name = urllib.parse.unquote(address[1:]) if address[:1] == "#" else ""
        return f"label({quoted(label(name))})" if name else quoted(address)

    def _last_paragraph(self, items: list[Item]) -> LastParagraph | None:
        """Let the lines at the end of the letter's last paragraph be told to move.

        Where a page breaks is known in the finished file only, and Typst itself keeps two lines.
        """
        last = items[-1] if items else None
        if last is None or last.widows <= _FEW - 1:
            return None
        last.is_last = True
        return LastParagraph(last.widows, last.leading)

    def _by_pages(self, items: list[Item]) -> Code:
        """Return the code of the top of the document, a scope for each run of pages of one name."""
        code: Code = []
        name: str | None = None
        starts = True
        for number, item in enumerate(items):
            breaks = item.page_before or (number > 0 and items[number - 1].page_after)
            if item.page != name:
                if name and not item.page and not breaks:
                    self._refuse_no_name(items[number - 1])
                code.append("}; " if name is not None else "")
                code.append(f"{{ set page({self.pages.named(item.page).code}); ")
                code += self.moved.beginning(item.page) if name is None else []
                name, starts = item.page, True
            elif breaks:
                code.append("pagebreak(weak: true); ")
                starts = True
            item.begins_page = starts
            starts = False
            code.append(block(item))
        if name is None:
            return [f"{{ set page({self.pages.named('').code}); }}"]
        return [*code, "}; "]

    def _refuse_no_name(self, last: Item) -> None:
        """Refuse what would begin a page by Typst, and go on with the same one by WeasyPrint."""
        what = "has pages with a name, and goes before what has none and begins no page"
        hint = "give that a name, too, as by `body { page: rest }`, or `break-before: page`"
        self.refuse(last.element, what, hint)

    # Blocks

    def flow(self, element: Element, style: Style, room: float) -> list[Item]:
        """Return what an element holds, as blocks.

        Args:
            element: The element.
            style: Its style.
            room: The width that it has, in points.
        """
        items: list[Item] = []
        content: Content = [Part(element, generated="before"), Part(element, element.text or "")]
        for child in element:
            if not is_silent(child) and self.styled.of[child]["position"] != "static":
                self.moved.take(child)
            elif self._is_block(child):
                items += self._paragraph(content, element, style, room)
                content = []
                items += self.block(child, room)
            elif isinstance(child.tag, str) and child not in self.markers:
                content.append(Part(child))
            content.append(Part(element, child.tail or ""))
        content.append(Part(element, generated="after"))
        items += self._paragraph(content, element, style, room)
        return items

    def nested(self, element: Element, style: Style, room: float) -> tuple[Code, list[Item], float]:
        """Return the code of what an element holds inside another box, its blocks, and its start.

        That is the height of what must stand on one page with what is before it.
        """
        items = self.flow(element, style, room)
        self.refuse_page_breaks(items)
        start = self.tie(items)
        return joined(items), items, start

    def _is_block(self, child: Element) -> bool:
        if is_silent(child) or child in self.markers:
            return False
        display = self.styled.of[child]["display"]
        return display not in ("none", *_INLINE)

    def _paragraph(
        self, content: Content, owner: Element, style: Style, room: float
    ) -> Iterator[Item]:
        indent = resolved(style["text-indent"], room)
        beside = [style["padding-left"], style["margin-left"]]
        is_out = indent < 0 and -indent > sum(n for n in beside if isinstance(n, float | int))
        if is_out or indent > room:
            hint = "make the text-indent smaller"
            self.no_room(owner, "has a first line that would begin outside its place", hint)
        words = self.inline.words(content, owner, style, room)
        if not words.code:
            return
        self.has_begun = True
        above, below = self.faces.heights(style)
        leading = above + below
        arguments = ["justify: true"] if style["text-align"] == "justify" else []
        if indent:
            arguments.append(f"first-line-indent: (amount: {pt(indent)}, all: true)")
        slot = Slot(depth=below)
        few = style["orphans"] + style["widows"] - 1
        first = words.most if words.most <= few else style["orphans"]
        told = text_arguments(style, self.faces, self._text)
        opened = f"set text({told}); " if told else ""
        if style["text-align"] in ("center", "right", "end"):
            opened += f"set align({style['text-align']}); "
        code: Code = [opened, f"par({''.join(f'{each}, ' for each in arguments)}{{ "]
        code += [words.code, slot, "})"]
        item = Item(code, owner, lines=words.lines, slot=slot, start=leading * first)
        item.height = leading * words.lines
        item.is_short = words.lines <= _FEW
        item.least = leading * words.fewest
        if words.most <= few:
            # Typst keeps two lines together at either end, and three that are a paragraph.
            item.is_whole = few > _FEW
        else:
            item.leading, item.room = leading, room
            item.orphans, item.widows = style["orphans"], style["widows"]
        yield item

    def block(self, element: Element, room: float) -> list[Item]:
        """Return an element that is a block, in a room of a width in points."""
        style = self.styled.of[element]
        around = self._page
        if style["page"] != "auto":
            self._page = style["page"]
            room += self.pages.named(self._page).values.room - self.pages.named(around).values.room
        items = self._block_of(element, style, room)
        self._page = around
        return items

    def _block_of(self, element: Element, style: Style, room: float) -> list[Item]:
        tag = element.tag
        if tag in ("table", "ul", "ol", "img", f"{SVG}svg"):
            self.has_begun = True
        box = self.box(element, room)
        for kind in ("before", "after"):
            if tag in _WITHOUT_WORDS and self.pseudo(element, kind):
                self.refuse(element, f"has a ::{kind}")
        if SIGNATURE_MARK in element.attrib:
            items = [signature_item(self, element, style, box)]
        elif style["display"] == "table":
            items = [table_item(self, element, style, box)]
        elif tag in ("ul", "ol") and style["display"] == "block":
            items = list_item(self, element, style, box)
        elif tag == "img" or tag == f"{SVG}svg":
            drawn = self.images.image(element, style, box.outer)
            items = [Item([drawn.code], element, start=drawn.height, is_whole=True)]
            items[0].height = drawn.height
        elif style["display"] == "flex" and tag not in ("ul", "ol"):
            items = [flex_item(self, element, style, box)]
        elif _HEADING.fullmatch(tag):
            items = self._heading(element, style, box)
        elif style["display"] in ("block", "list-item") and tag not in _NOT_BLOCKS:
            return self._finished(element, style, self._generic(element, style, box))
        else:
            self.refuse(element, f"is a {style['display']} where that cannot stand")
            return []
        if box.least:
            self.refuse(element, "has a height, and is not a plain block")
        return self._finished(element, style, self._margins(items, box))

    def box(self, element: Element, room: float) -> Box:
        """Return an element's box in a room of a width in points."""
        return box_of(self, element, self.styled.of[element], room)

    def _generic(
        self, element: Element, style: Style, box: Box, is_top: bool = False
    ) -> list[Item]:
        """Return an element that is a block: as its content, where it only groups that."""
        items = self.flow(element, style, box.inner)
        if style["display"] == "list-item" and style["list-style-type"] != "none":
            self.report_marker(element)
        if not items and not box.is_seen:
            return []
        is_quote = element.tag == "blockquote"
        is_box = box.is_seen or is_quote or box.has_room(height_of(items))
        is_kept = style["break-inside"] != "auto" and (is_box or len(items) > 1)
        if is_top or not (is_box or is_kept):
            if style["break-inside"] != "auto" and len(items) == 1:
                self.keep(items[0], box.inner)
            return self._margins(items, box)
        return self._margins([self._boxed(element, items, box, is_quote, is_kept)], box)

    def _boxed(
        self, element: Element, items: list[Item], box: Box, is_quote: bool, is_kept: bool
    ) -> Item:
        """Return one block around others."""
        self.refuse_page_breaks(items, is_passed_on=True)
        first, last = (items[0], items[-1]) if items else (None, None)
        start = self.tie(items)
        code = joined(items)
        item = Item([], element, height=height_of(items) + box.before + box.behind)
        item.start = start + box.before + box.behind  # Typst gives each of its parts both
        if first is not None and last is not None:
            above, below = first.above, last.below
            code = [f"v({pt(above)}); " if box.holds_above and above else "", *code]
            code.append(f"v({pt(below)}); " if box.holds_below and below else "")
            item.above = 0.0 if box.holds_above else above
            item.below = 0.0 if box.holds_below else below
            item.page_before, item.page_after = first.page_before, last.page_after
            item.page = first.page
            item.stays_with_last, item.stays_with_next = (
                first.stays_with_last,
                last.stays_with_next,
            )
            item.start += above if box.holds_above else 0.0
            item.height += above if box.holds_above else 0.0
            item.height += below if box.holds_below else 0.0
            item.lines = sum(each.lines for each in items)
            item.is_short = len(items) == 1 and last.is_short
            item.slot = None if box.is_seen or is_kept else last.slot
        if is_quote:
            code = ["quote(block: true, { ", code, "})"]
        if items and box.has_room(height_of(items)):
            code = self._of_height(element, code, height_of(items), box)
            item.height = max(item.height, box.least + box.before + box.behind)
            self.keep(item, box.outer)
        item.code = code
        item.arguments = box.arguments
        if is_kept:
            self.keep(item, box.outer)
        return item

    def _of_height(self, element: Element, code: Code, height: float, box: Box) -> Code:
        """Return code that takes at least the height that a box has."""
        if box.most is not None and height > box.most + _SLACK:
            self.no_room(element, "is too low for its content", "set min-height, or no height")
        least = f"block(height: {pt(box.least)}, breakable: false)"
        return [f"grid(columns: (0pt, 100%), {least}, {{ ", code, " })"]

    def _margins(self, items: list[Item], box: Box) -> list[Item]:
        """Give blocks the margins of the box around them."""
        for item in items:
            item.left += box.left
            item.right += box.right
        if items:
            items[0].above = max(items[0].above, box.above)
            items[-1].below = max(items[-1].below, box.below)
        return items

    def _finished(self, element: Element, style: Style, items: list[Item]) -> list[Item]:
        """Give blocks what an element says of pages, and its marks."""
        if not items:
            if style["break-before"] == "page" or style["break-after"] == "page":
                self.refuse(element, "is empty, and a page begins or ends there")
            return items
        first, last = items[0], items[-1]
        first.stays_with_last |= style["break-before"].startswith("avoid")
        last.stays_with_next |= style["break-after"].startswith("avoid")
        first.page_before |= style["break-before"] == "page"
        last.page_after |= style["break-after"] == "page"
        if style["page"] != "auto":
            for item in items:
                item.page = item.page or style["page"]
        self.marks.give(element, items)
        return items

    def refuse_page_breaks(self, items: list[Item], is_passed_on: bool = False) -> None:
        """Report page breaks where Typst allows none: in a box, an item, a cell.

        Args:
            items: What is in there.
            is_passed_on: Whether a break before or after all of it is one of what it is in.
        """
        last = len(items) - 1
        for number, item in enumerate(items):
            before = item.page_before and not (is_passed_on and number == 0)
            after = item.page_after and not (is_passed_on and number == last)
            if before or after:
                self.refuse(item.element, "begins or ends a page inside a box")
            if item.page:
                self.refuse(item.element, "has pages of its own inside a box")

    def _heading(self, element: Element, style: Style, box: Box) -> list[Item]:
        found = _HEADING.fullmatch(element.tag)
        assert found is not None
        content: Content = [Part(element, generated="before"), Part(element, element.text or "")]
        for child in element:
            if self._is_block(child):
                self.refuse(child, "is a block in a heading")
            elif isinstance(child.tag, str):
                content.append(Part(child))
            content.append(Part(element, child.tail or ""))
        content.append(Part(element, generated="after"))
        words = self.inline.words(content, element, style, box.inner)
        if not words.code:
            return []
        indent = resolved(style["text-indent"], box.inner)
        start = f"h({pt(indent)}); " if indent else ""
        side = style["text-align"] if style["text-align"] in ("center", "right", "end") else "left"
        # Typst's own headings are larger, so that all is told.
        told = text_arguments(style, self.faces)
        code: Code = [
            f"heading(level: {found[1]}, bookmarked: false, {{ set text({told}); ",
            f"set align({side}); {start}{words.code}}})",
        ]
        item = Item(code, element, is_whole=True, lines=words.lines)
        item.start = item.height = sum(self.faces.heights(style)) * words.lines
        item.height += box.before + box.behind
        item.start = item.height
        item.is_whole = self.fits(item.height)
        item.arguments = box.arguments
        return [item]
