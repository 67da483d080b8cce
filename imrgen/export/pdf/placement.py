"""Words that stand where they cannot be read, found in the finished PDF, whichever engine made it.

An engine can set words beyond the margins or the page, over others, or cut them off, and the words
are all there for who listens or copies. So the places of the words are read back, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from imrgen.diagnostics import codes
from imrgen.export.pdf.readback import Bounds, DrawnPage, DrawnText

_SLACK = 2.0
"""Points by which letters may reach beyond their place: italics do, and rounding."""
_LARGE = 36.0
"""Words of this size, and those that are turned, may be marks: these lie under other words, and as
artifacts may reach off the page.
"""
_LEAST_OVERLAP = 1.0
_OVERLAPPING_SHARE = 0.3
"""Of the height of the lower of two texts; lines that are set tight overlap by less."""
_FEWEST_CHARACTERS = 4
_SQUEEZED = 0.75
"""The share of their own width at which letters cover each other; a tight headline has 0.9."""
_BEARING = 0.15
"""What the first and the last letter of a text have beside them, in parts of the font's size."""

_SHORTER = "make it shorter, or let words break (overflow-wrap: break-word)"


class Misplaced(msgspec.Struct, frozen=True):
    """Words of a page that cannot be read.

    Args:
        code: The diagnostic's code.
        message: What is wrong with them, as the predicate of “words that”.
        hint: How to mend it.
        at: Their place in the page's visible characters; `None` for an artifact.
    """

    code: str
    message: str
    hint: str
    at: int | None


def misplaced_words(page: DrawnPage, areas: Sequence[Bounds]) -> Iterator[Misplaced]:
    """Find the words of a page that stand where they cannot be read; the first of each kind.

    What is drawn in an image has no words of the letter, and is left out.

    Args:
        page: The page.
        areas: Where its style sheet has room for words, in points from the lower left corner; none
            if that is not known.
    """
    tagged = {content for content, _ in page.pieces}
    texts = [
        text
        for text in page.texts
        if (text.content < 0 or text.content in tagged) and text.characters.strip()
    ]
    whole = (0.0, 0.0, page.width, page.height)
    found: dict[tuple[str, str], DrawnText] = {}
    for text in texts:
        if text.content >= 0 or not _is_mark(text):
            for kind in _problems(text, areas, whole):
                found.setdefault(kind, text)
    for text in _overlapping(texts):
        found.setdefault((_OVERLAP, "choose other margins and positions"), text)
    for text in _crossed(texts, page.rules):
        found.setdefault((_CROSSED, _SHORTER), text)
    for (message, hint), text in found.items():
        yield Misplaced(_CODES[message], message, hint, _place(page, text))


_OFF = "stand off the page"
_SIDEWAYS = "stand beyond the margins at the sides"
_LOW = "stand in the margin above or below"
_CUT = "are cut off"
_TIGHT = "have letters over each other"
_OVERLAP = "stand over others"
_CROSSED = "go beyond their cell"
_CODES = {
    _OFF: codes.NO_ROOM,
    _SIDEWAYS: codes.NO_ROOM,
    _LOW: codes.NO_ROOM,
    _CROSSED: codes.NO_ROOM,
    _CUT: codes.WORDS_LOST,
    _TIGHT: codes.WORDS_OVERLAP,
    _OVERLAP: codes.WORDS_OVERLAP,
}


def _problems(text: DrawnText, areas: Sequence[Bounds], whole: Bounds) -> Iterator[tuple[str, str]]:
    """Find what is wrong with the place of a text by itself, each with the way out."""
    if not _is_within(text.bounds, whole, _SLACK):
        yield _OFF, _SHORTER
    elif (
        text.content >= 0
        and text.is_level
        and areas
        and not any(_is_within(text.bounds, area, _SLACK) for area in areas)
    ):
        left, _, right, _ = text.bounds
        if any(area[0] - _SLACK <= left and right <= area[2] + _SLACK for area in areas):
            yield _LOW, "leave it in the flow; what stands in margins is for running elements"
        else:
            yield _SIDEWAYS, _SHORTER
    if not all(_is_within(text.bounds, cut, _SLACK) for cut in text.cuts):
        yield _CUT, "make its box larger, or leave out overflow and clip"
    if text.is_level and len(text.characters) >= _FEWEST_CHARACTERS:
        left, _, right, _ = text.bounds
        if right - left + _BEARING * text.size < _SQUEEZED * text.natural_width:
            yield _TIGHT, "leave out the negative letter-spacing or word-spacing"


def _overlapping(texts: Sequence[DrawnText]) -> Iterator[DrawnText]:
    """Find texts that lie over another: of two, the one that is tagged, or comes later."""
    level = sorted(
        (text for text in texts if not _is_mark(text)),
        key=lambda text: text.bounds[1],
    )
    for number, one in enumerate(level):
        left, bottom, right, top = one.bounds
        for other in level[number + 1 :]:
            other_left, other_bottom, other_right, other_top = other.bounds
            if other_bottom >= top:
                break
            if one.content == other.content >= 0:
                continue  # a letter and its accent, out of two fonts
            if (
                min(right, other_right) - max(left, other_left) > _LEAST_OVERLAP
                and (shared := min(top, other_top) - other_bottom) > _LEAST_OVERLAP
                and shared > _OVERLAPPING_SHARE * min(top - bottom, other_top - other_bottom)
            ):
                yield one if one.content > other.content else other


def _crossed(texts: Sequence[DrawnText], rules: Sequence[Bounds]) -> Iterator[DrawnText]:
    """Find texts of the letter that an upright line goes through, such as a border of cells."""
    for text in texts:
        left, bottom, right, top = text.bounds
        middle = (bottom + top) / 2
        for rule_left, rule_bottom, rule_right, rule_top in rules:
            if (
                left + _SLACK < rule_left
                and rule_right < right - _SLACK
                and rule_bottom < middle < rule_top
                and text.content >= 0
                and text.is_level
            ):
                yield text


def _is_mark(text: DrawnText) -> bool:
    return text.size >= _LARGE or not text.is_level


def _is_within(inner: Bounds, outer: Bounds, slack: float) -> bool:
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[2] <= outer[2] + slack
        and inner[3] <= outer[3] + slack
    )


def _place(page: DrawnPage, text: DrawnText) -> int | None:
    at = 0
    for content, characters in page.pieces:
        if content == text.content >= 0:
            return at
        at += len(characters)
    return None
