"""What HTML says by elements alone, written as words: markers of lists, raised digits, labels.

A browser draws a list's numbers and the marks of a quote without characters for them, and a
superscript is an ordinary digit in text and in what is copied from a page. So the tree gets these
as text before any format is made of it, and all formats hold the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from imrgen.document.addresses import unshown_address
from imrgen.document.faults import nesting_faults
from imrgen.document.visible import is_silent, marker_of, visible_texts

if TYPE_CHECKING:
    from imrgen.document.tables import CellPlan

UNMARKED = "unmarked"
"""The class of a list that has no markers."""
_BULLET = "•"
_NO_STYLE = r"(?i)(?:^|;)\s*list-style(?:-type)?\s*:\s*none\s*(?:;|$)"
_OPENING = frozenset(("p", "div", "h1", "h2", "h3", "h4", "h5", "h6"))
"""Blocks that begin with the marker of the item that they begin."""
_INTEGER = r"[ \t\n\r\f]*([+-]?[0-9]{1,9})"
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST_ROMAN = 3999
_SHIFTED = {
    "sup": ("^", str.maketrans("0123456789+-−=()nioa", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱºª")),
    "sub": ("_", str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")),
}
"""For each element that shifts its words: its sign, and the characters that are shifted already."""
_SAME_WHERE_RAISED = frozenset(("st", "nd", "rd", "th", "®", "©", "™", "TM", "SM", "*", "†", "‡"))
"""What means the same on the line and above it."""


def write_out(root: Element, like: Element | None = None) -> Element:
    """Write into a document's tree what its elements say, and return it.

    A tree for which that was done stays as it is, and so does one that is nested too deep.

    Args:
        root: The root of the tree, which is changed.
        like: The root of a tree of the same elements whose words decide what is written; `root` by
            default.
    """
    like = root if like is None else like
    if any(nesting_faults(like)):  # it is refused, and each table in a table would be read again
        return root
    pairs = [*zip(root.iter(), like.iter(), strict=False)]
    inner_quotes: set[Element] = set()
    tables: list[tuple[Element, list[CellPlan]]] = []
    for element, model in pairs:
        if element.tag != model.tag:
            continue
        if model.tag in ("ul", "ol"):
            _mark_items(element, model)
        elif model.tag in _SHIFTED:
            _shift(element, model)
        elif model.tag == "q":
            inner_quotes.update(inner for inner in element.iter("q") if inner is not element)
            element.tag = "span"
            _enclose(element, *("‘’" if element in inner_quotes else "“”"))
        elif model.tag == "a":
            address = unshown_address(model)
            if address:
                SubElement(element, "span").text = f" ({address})"
        elif model.tag == "table":
            from imrgen.document.tables import cell_plans, needs_row_by_row  # many have no table

            if needs_row_by_row(model):
                tables.append((element, cell_plans(model)))
    for element, plans in reversed(tables):
        from imrgen.document.tables import set_row_by_row  # loaded by then

        set_row_by_row(element, plans)
    return root


def _mark_items(list_: Element, model: Element) -> None:
    if UNMARKED in (model.get("class") or "").split() or re.search(
        _NO_STYLE, model.get("style") or ""
    ):
        return
    items = [
        (item, other)
        for item, other in zip(list_, model, strict=False)
        if item.tag == other.tag == "li" and not is_silent(other)
    ]
    if any(marker_of(other) is not None for _, other in items):
        return
    signs = [*_signs(model, [other for _, other in items])]
    for sign, (item, other) in zip(signs, items, strict=True):
        while not (other.text or "").strip() and len(other) and other[0].tag in _OPENING:
            item, other = item[0], other[0]
        marker = Element("span", {"class": "marker"})
        marker.text = sign
        marker.tail = " " + (item.text or "").lstrip(" \t\n\r\f")
        item.text = None
        item.insert(0, marker)


def _signs(list_: Element, items: list[Element]) -> Iterator[str]:
    """Return the marker of each item, by HTML's rules for numbering."""
    if list_.tag == "ul":
        yield from [_BULLET] * len(items)
        return
    step = -1 if "reversed" in list_.attrib else 1
    number = _integer(list_.get("start"), len(items) if step < 0 else 1)
    for item in items:
        number = _integer(item.get("value"), number)
        yield f"{_numeral(number, item.get('type') or list_.get('type') or '1')}."
        number += step


def _integer(written: str | None, default: int) -> int:
    found = re.match(_INTEGER, written or "")
    return int(found[1]) if found else default


def _numeral(number: int, kind: str) -> str:
    """Write a number as a list of a type (`1`, `a`, `A`, `i` or `I`) does."""
    numeral = ""
    rest = number
    if kind in ("i", "I") and 0 < number <= _MOST_ROMAN:
        for value, letters in _ROMAN:
            numeral += letters * (rest // value)
            rest %= value
    elif kind in ("a", "A"):
        while rest > 0:
            rest, letter = divmod(rest - 1, 26)
            numeral = chr(ord("a") + letter) + numeral
    return (numeral.upper() if kind in ("I", "A") else numeral) or str(number)


def _shift(element: Element, model: Element) -> None:
    """Write the words of `sup` or `sub` in characters that are raised or lowered themselves."""
    sign, characters = _SHIFTED[model.tag]
    words = "".join(text or "" for _, text, _, _ in visible_texts(model)).strip()
    if not words or (sign == "^" and words in _SAME_WHERE_RAISED):
        return
    is_nested = any(inner.tag in _SHIFTED for inner in model.iter() if inner is not model)
    element.tag = "span"
    if is_nested or not all(ord(c) in characters or c.isspace() for c in words):
        _enclose(element, f"{sign}(", ")")
        return
    for inner in element.iter():
        inner.text = inner.text and inner.text.translate(characters)
        if inner is not element:
            inner.tail = inner.tail and inner.tail.translate(characters)


def _enclose(element: Element, before: str, behind: str) -> None:
    """Write words before and behind those of an element."""
    opening = Element("span")
    opening.text = before
    opening.tail = element.text
    element.text = None
    element.insert(0, opening)
    SubElement(element, "span").text = behind
