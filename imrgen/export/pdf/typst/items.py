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
        stays_with_next: Whether no page ends behind it.
        stays_with_last: Whether no page ends before it.
        page_before: Whether it begins a page.
        page_after: Whether it ends a page.
        page: The name of its pages; empty for none.
        start: About the height of what must stand on one page with what is before it.
        height: About its whole height.
        lines: About how many lines it has.
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
    stays_with_next: bool = False
    stays_with_last: bool = False
    page_before: bool = False
    page_after: bool = False
    page: str = ""
    start: float = 0.0
    height: float = 0.0
    lines: int = 1
    slot: Slot | None = None
    fills: bool = True
    before: str = ""


_FEW = 3
"""Lines of a paragraph that may move to another page with what follows it."""


def tie(items: list[Item]) -> None:
    """Let items that belong together stay on one page."""
    for item, following in itertools.pairwise(items):
        if not (item.stays_with_next or following.stays_with_last):
            continue
        if item.slot is None or item.lines <= _FEW or item.is_whole:
            item.stays_with_next = True
            continue
        # Typst moves a block that stays with the next as a whole (typst issue 6924). So only the
        # last line is made to reach down to where the next block's first lines end.
        item.stays_with_next = False
        reach = max(item.below, following.above) + following.start
        depth = item.slot.depth + reach
        item.slot.code = f'"\\u{{2060}}"; box(height: {pt(depth)}, baseline: {pt(depth)}); '
        item.slot = None
        following.before = f"v({pt(-reach)}); "


def height_of(items: list[Item]) -> float:
    """Return about the height of blocks, the margins between them included."""
    gaps = (max(one.below, two.above) for one, two in itertools.pairwise(items))
    return sum(item.height for item in items) + sum(gaps)


def joined(items: list[Item]) -> Code:
    """Return the code of a flow that is in a block; its first and last margins are left out."""
    return [block(item) for item in items]


def block(item: Item) -> Code:
    """Return the code of an item, as a block of its own."""
    arguments = [f"above: {pt(item.above)}", f"below: {pt(item.below)}"]
    if item.fills and "width: " not in item.arguments:
        arguments.append("width: 100%")
    arguments += ["sticky: true"] if item.stays_with_next else []
    arguments += ["breakable: false"] if item.is_whole else []
    opened = "block({}, {{ ".format(", ".join(arguments))
    inner: Code = item.code
    if item.arguments:
        inner = [f"block({item.arguments}, {{ ", inner, " })"]
    if item.left or item.right:
        inner = [f"pad(left: {pt(item.left)}, right: {pt(item.right)}, {{ ", inner, " })"]
    return [item.before, opened, inner, " }); "]


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
