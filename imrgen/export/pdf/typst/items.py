"""The parts of a flow: code that is put together once all around it is known."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element

import msgspec

from imrgen.export.pdf.typst.source import pt

Code = list[Any]
"""Code in parts: texts, slots, and further lists of parts."""


class Slot(msgspec.Struct):
    """A place in code that is filled in later, or stays empty.

    Args:
        code: What stands there.
        depth: How far the last line of its paragraph reaches below its base line, in points.
    """

    code: str = ""
    depth: float = 0.0


class Item(msgspec.Struct):
    """A block of a flow; lengths in points.

    Args:
        code: Its code.
        element: The element that it is made of.
        above: The margin above it.
        below: The margin below it.
        left: How far it is indented on the left.
        right: How far it is indented on the right.
        arguments: Further arguments of its block.
        is_whole: Whether it is not broken over pages.
        tall: Where it is whole only if it is no higher than that: the height of its page. As its
            own is guessed here, Typst measures it.
        room: The width in which Typst measures it.
        stays_with_next: Whether no page ends behind it.
        stays_with_last: Whether no page ends before it.
        is_sticky: Whether it moves to another page, as a whole, with what follows it.
        reach: The height that it keeps free below itself, for what follows it.
        page_before: Whether it begins a page.
        begins_page: Whether it is the first on its page, so that the margin above it is shown.
        page_after: Whether it ends a page.
        page: The name of its pages; empty for none.
        start: About the height of what must stand on one page with what is before it.
        height: About its whole height.
        least: The height that it has at least.
        lines: About how many lines it has.
        is_short: Whether it has so few that all of them move to another page with what follows.
        leading: The height of its lines, where it is a paragraph that a page may end within.
        orphans: How many of these lines stand together at its beginning.
        widows: How many stand together at its end.
        is_last: Whether its last lines may be told to move to the next page.
        slot: The place behind its last words; `None` where it ends in something else.
        fills: Whether it is as wide as its room.
        before: Code in front of it.
    """

    code: Code
    element: Element
    above: float = 0.0
    below: float = 0.0
    left: float = 0.0
    right: float = 0.0
    arguments: str = ""
    is_whole: bool = False
    tall: float = 0.0
    room: float = 0.0
    stays_with_next: bool = False
    stays_with_last: bool = False
    is_sticky: bool = False
    reach: float = 0.0
    page_before: bool = False
    begins_page: bool = False
    page_after: bool = False
    page: str = ""
    start: float = 0.0
    height: float = 0.0
    least: float = 0.0
    lines: int = 1
    is_short: bool = False
    leading: float = 0.0
    orphans: int = 2
    widows: int = 2
    is_last: bool = False
    slot: Slot | None = None
    fills: bool = True
    before: str = ""


_LINES = 2
"""So many lines Typst keeps together at either end of a paragraph."""
MOVED = "moved"
"""Typst's variable for the height of those lines of the last paragraph that are told to move."""


def tie(items: list[Item], tall: float) -> float:
    """Let items that belong together stay on one page.

    Args:
        items: The blocks of a flow. What the last of them asks for is left to what is around them.
        tall: The height of their pages.

    Returns:
        About the height of what must stand on one page with what is before them.
    """
    need = 0.0
    following: Item | None = None
    for item in reversed(items):
        if following is None or not (item.stays_with_next or following.stays_with_last):
            need = item.start
        elif item.is_short or item.is_whole or item.tall:
            item.is_sticky = True
            need += item.height + max(item.below, following.above)
        else:
            reach = max(item.below, following.above) + need
            if reach + item.start <= tall:
                _reach(item, reach)
                following.before = f"v({pt(-reach)}); "
            item.slot = None
            need = item.start if item.start < item.height else item.height + reach
        following = item
    return need


def _reach(item: Item, reach: float) -> None:
    """Let the end of a block take room for what follows it, which is then set into that room.

    Typst moves a block that stays with the next as a whole (typst issue 6924). So its last line is
    made to reach down to where the next block's first lines end. What ends in no line keeps that
    room free on each page that it stands on.
    """
    if item.slot is None:
        item.reach = reach
        return
    depth = item.slot.depth + reach
    item.slot.code = f'"\\u{{2060}}"; box(height: {pt(depth)}, baseline: {pt(depth)}); '


def height_of(items: list[Item], holds_margins: bool = False) -> float:
    """Return about the height of blocks, the margins between them included.

    Args:
        items: The blocks.
        holds_margins: Whether the first and the last margin count, too.
    """
    gaps = (max(one.below, two.above) for one, two in itertools.pairwise(items))
    height = sum(item.height for item in items) + sum(gaps)
    return height + items[0].above + items[-1].below if holds_margins and items else height


def joined(items: list[Item], holds_margins: bool = False) -> Code:
    """Return the code of a flow that is in a block.

    Args:
        items: The blocks of the flow.
        holds_margins: Whether the first and the last margin are in that block, too, as those of a
            cell are; they are left out otherwise.
    """
    code: Code = [block(item) for item in items]
    if holds_margins and items:
        above, below = items[0].above, items[-1].below
        code = [f"v({pt(above)}); " if above else "", code, f"v({pt(below)}); " if below else ""]
    return code


def block(item: Item) -> Code:
    """Return the code of an item, as a block of its own."""
    before: Code = [item.before]
    above = item.above
    if item.orphans > _LINES and item.leading:
        # Where there is no room for it, what follows it begins on the next page.
        high = item.leading * item.orphans
        told = f"above: {pt(above)}, below: 0pt, height: {pt(high)}, breakable: false"
        before.append(f"block({told}, {{}}); v({pt(-high)}); ")
        above = 0.0
    arguments = [f"above: {pt(above)}", f"below: {pt(item.below)}"]
    if item.fills and "width: " not in item.arguments:
        arguments.append("width: 100%")
    arguments += ["sticky: true"] if item.is_sticky else []
    arguments += [f"inset: (bottom: {pt(item.reach)})"] if item.reach else []
    arguments += ["breakable: false"] if item.is_whole else []
    inner: Code = item.code
    if item.arguments:
        inner = [f"block({item.arguments}, {{ ", inner, " })"]
    if item.left or item.right:
        inner = [f"pad(left: {pt(item.left)}, right: {pt(item.right)}, {{ ", inner, " })"]
    if item.begins_page and item.above:
        # Within the block: above it, Typst takes its page for one that has something else.
        inner = [f"v({pt(item.above)}); ", inner]
    told = ", ".join(arguments)
    if item.is_last:
        return [
            before,
            f"block({told}, inset: (bottom: {MOVED}), {{ ",
            inner,
            f"}}); v(-{MOVED}); ",
        ]
    if item.is_whole or not item.tall:
        return [before, f"block({told}, {{ ", inner, " }); "]
    width = pt(item.left + item.room + item.right)
    return [
        before,
        "context { let body = { ",
        inner,
        f" }}; let high = measure(block(width: {width}, body)).height; ",
        f"block({told}, breakable: high > {pt(item.tall)}, body) }}; ",
    ]


def flat(code: Iterable[Any]) -> str:
    """Return code as one text."""
    parts: list[str] = []
    waiting = [iter(code)]
    while waiting:
        for part in waiting[-1]:
            if isinstance(part, str):
                parts.append(part)
            elif isinstance(part, Slot):
                parts.append(part.code)
            else:
                waiting.append(iter(part))
                break
        else:
            waiting.pop()
    return "".join(parts)
