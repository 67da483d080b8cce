"""Words that stand where they cannot be read, found in the finished PDF, whichever engine made it.

An engine can set words beyond the margins or the page, over others, or cut them off, and the words
are all there for who listens or copies. So the places of the words are read back, too.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator, Sequence

import msgspec

from imrgen.diagnostics import codes
from imrgen.export.pdf.readback import (
    PIXELS_PER_POINT,
    Bounds,
    Drawing,
    DrawnPage,
    DrawnText,
)

_SLACK = 2.0
"""Points by which letters may reach beyond their place: italics do, and rounding."""
_LARGE = 36.0
"""Words of this size, and those that are turned, may be marks: these lie under other words, and as
artifacts may reach off the page.
"""
_LEAST_OVERLAP = 1.0
_OVERLAPPING_SHARE = 0.3
"""Of the height of the lower of two texts; lines that are set tight overlap by less."""
_MIDDLE = 0.3
"""The share of a text's height, from above and below, in which lines go along it."""
_OF_LETTERS = 0.3
"""The share of its font's size that a text is higher than if it has more than dots and dashes."""
_FEWEST_CHARACTERS = 4
FEWEST_LETTERS = 4
"""So many letters of a word, each on a line of its own, are one letter a line."""
_SQUEEZED = 0.75
"""The share of their own width at which letters cover each other; a tight headline has 0.9."""
_BEARING = 0.15
"""What the first and the last letter of a text have beside them, in parts of the font's size."""

_SEEN = 40
"""The steps of grey, of 255, at which a contrast of 1.5 begins."""
_INK = 0.03
"""The share that a third of a letter inks of a square as high as its font's size."""

_SHORTER = "make it shorter, or let words break (overflow-wrap: break-word)"


class Misplaced(msgspec.Struct, frozen=True):
    """Words of a page that cannot be read.

    Args:
        code: The diagnostic's code.
        message: What is wrong with them, as the predicate of “words that”.
        hint: How to mend it.
        at: Their place in the page's visible characters; `None` for an artifact.
        letters: Letters that stand alone, each on a line of its own: that is wrong if they are of
            one word.
    """

    code: str
    message: str
    hint: str
    at: int | None
    letters: str = ""


def misplaced_words(
    page: DrawnPage, areas: Sequence[Bounds], drawing: Drawing
) -> Iterator[Misplaced]:
    """Find the words of a page that stand where they cannot be read; the first of each kind.

    What is drawn in an image has no words of the letter, and is left out.

    Args:
        page: The page.
        areas: Where its style sheet has room for words, in points from the lower left corner; none
            if that is not known.
        drawing: How the page looks, for words that lines, grounds and images may leave readable.
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
    of_letter = [text for text in texts if text.content >= 0]
    for message, hint, text, numbers in (*_crossed(page, of_letter), *_hidden(page)):
        kind = message, hint
        if text.content in tagged and kind not in found and _LOOKS[message](drawing, text, numbers):
            found[kind] = text
    for (message, hint), text in found.items():
        yield Misplaced(_CODES[message], message, hint, _place(page, text))
    for at, letters in _letters_by_line(page):
        hint = "give them more room, or do not let words break there (overflow-wrap: normal)"
        yield Misplaced(codes.NO_ROOM, "stand one letter a line", hint, at, letters)


_OFF = "stand off the page"
_SIDEWAYS = "stand beyond the margins at the sides"
_LOW = "stand in the margin above or below"
_CUT = "are cut off"
_TIGHT = "have letters over each other"
_OVERLAP = "stand over others"
_CROSSED = "go beyond their cell or box"
_STRUCK = "have a line through them"
_COVERED = "are covered"
_ON_IMAGE = "stand over an image"
_CODES = {
    _OFF: codes.NO_ROOM,
    _SIDEWAYS: codes.NO_ROOM,
    _LOW: codes.NO_ROOM,
    _CROSSED: codes.NO_ROOM,
    _CUT: codes.WORDS_LOST,
    _COVERED: codes.WORDS_LOST,
    _STRUCK: codes.WORDS_OVERLAP,
    _ON_IMAGE: codes.WORDS_OVERLAP,
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
    straight = sorted(
        (text for text in texts if not _is_mark(text) or (text.is_upright and text.content >= 0)),
        key=lambda text: text.bounds[1],
    )
    for number, one in enumerate(straight):
        left, bottom, right, top = one.bounds
        for other in straight[number + 1 :]:
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


def _letters_by_line(page: DrawnPage) -> Iterator[tuple[int, str]]:
    """Find letters that stand alone, one below the other, each with its place on the page."""
    if sum(len(characters) == 1 for _, characters in page.pieces) < FEWEST_LETTERS:
        return
    drawn = {text.content: text for text in reversed(page.texts) if text.content >= 0}
    at = 0
    start, letters = 0, ""
    last: DrawnText | None = None
    for content, characters in page.pieces:
        text = drawn.get(content) if len(characters) == 1 else None
        goes_on = text is not None and last is not None and _is_below(text, last)
        if not goes_on:
            if len(letters) >= FEWEST_LETTERS:
                yield start, letters
            start, letters = at, ""
        letters += characters if text is not None else ""
        last = text
        at += len(characters)
    if len(letters) >= FEWEST_LETTERS:
        yield start, letters


def _is_below(text: DrawnText, last: DrawnText) -> bool:
    return (
        text.bounds[3] < last.bounds[1] + _SLACK
        and abs(text.bounds[0] - last.bounds[0]) < text.size
    )


_Suspect = tuple[str, str, DrawnText, frozenset[int]]
"""What may be wrong with a text, the way out, and the numbers of the lines, grounds or images."""


def _crossed(page: DrawnPage, texts: Sequence[DrawnText]) -> Iterator[_Suspect]:
    """Find texts that a line may go through, such as the border of a cell or a box, or a rule."""
    upright = [
        ((left + right) / 2, low, high, line.number)
        for line in page.rules
        for left, low, right, high in [line.bounds]
    ]
    level = [
        ((low + high) / 2, left, right, line.number)
        for line in page.lines
        for left, low, right, high in [line.bounds]
    ]
    for line in page.frames:
        left, low, right, high = line.bounds
        upright += [(left, low, high, line.number), (right, low, high, line.number)]
        level += [(low, left, right, line.number), (high, left, right, line.number)]
    upright.sort()
    level.sort()
    for text in texts:
        if not text.is_level:
            continue
        left, low, right, high = text.bounds
        middle = (low + high) / 2
        numbers = frozenset(
            number
            for _, start, end, number in _between(upright, left + _SLACK, right - _SLACK)
            if start < middle < end
        )
        if numbers:
            yield _CROSSED, _SHORTER, text, numbers
        height = high - low
        if height <= _OF_LETTERS * text.size:
            continue
        # A line under the words goes through the foot of some letters.
        numbers = frozenset(
            number
            for _, start, end, number in _between(
                level, low + _MIDDLE * height, high - _MIDDLE * height
            )
            if min(right, end) - max(left, start) > _SLACK
        )
        if numbers:
            yield _STRUCK, "give them more room, or the box above them", text, numbers


_Line = tuple[float, float, float, int]
"""Where a line is, from where to where it runs, and its number."""


def _between(lines: Sequence[_Line], low: float, high: float) -> Sequence[_Line]:
    """Return the lines, which are sorted, that are between two places."""
    return lines[bisect.bisect(lines, (low,)) : bisect.bisect(lines, (high,))]


def _hidden(page: DrawnPage) -> Iterator[_Suspect]:
    """Find texts that a ground or an image may cover, or that stand on an image."""
    hint = "choose other margins, positions or a z-index"
    over: dict[int, set[int]] = {}
    below: dict[int, set[int]] = {}
    for shape in page.shapes:
        is_figure = shape.is_image and shape.content >= 0
        texts = page.texts if is_figure else page.texts[: shape.texts_before]
        low, high = shape.bounds[1], shape.bounds[3]
        for number, text in enumerate(texts):
            if text.bounds[3] > low and text.bounds[1] < high and _share(text.bounds, shape.bounds):
                found = over if number < shape.texts_before else below
                found.setdefault(number, set()).add(shape.number)
    for message, found in ((_COVERED, over), (_ON_IMAGE, below)):
        for number, numbers in found.items():
            yield message, hint, page.texts[number], frozenset(numbers)


def _share(text: Bounds, shape: Bounds) -> bool:
    """Return whether so much of a text lies in a shape that it cannot be read."""
    across = min(text[2], shape[2]) - max(text[0], shape[0])
    along = min(text[3], shape[3]) - max(text[1], shape[1])
    return across > _SLACK and along > _OVERLAPPING_SHARE * (text[3] - text[1])


def _have_line(drawing: Drawing, text: DrawnText, lines: frozenset[int]) -> bool:
    """Return whether lines are seen where a text is, rather than behind its ground or beside it."""
    left, low, right, high = text.bounds
    height = high - low
    middle = left + _SLACK, low + _MIDDLE * height, right - _SLACK, high - _MIDDLE * height
    if middle[0] >= middle[2]:
        middle = left, middle[1], right, middle[3]
    with_lines = drawing.greys(middle, {text.number})
    without = drawing.greys(middle, {text.number, *lines})
    return len(_different(with_lines, without)) >= height * (1 - 2 * _MIDDLE) * PIXELS_PER_POINT / 2


def _are_covered(drawing: Drawing, text: DrawnText, shapes: frozenset[int]) -> bool:
    """Return whether letters of a text are not seen that would be without the shapes."""
    alone = drawing.greys(text.bounds, shapes)
    ground = drawing.greys(text.bounds, {text.number, *shapes})
    steps = [abs(grey - its) for grey, its in zip(alone, ground, strict=True)]
    # The edges of letters are paler, and the first that cannot be told from what is seen through.
    least = max(_SEEN, max(steps) / 2)
    ink = {at for at, step in enumerate(steps) if step >= least}
    seen = _different(drawing.greys(text.bounds), drawing.greys(text.bounds, {text.number}))
    return len(ink - seen) >= _ink_of_a_letter(text)


def _are_lost_on_image(drawing: Drawing, text: DrawnText, images: frozenset[int]) -> bool:
    """Return whether the image behind a text is as dark or as light as the text in places."""
    ground = drawing.greys(text.bounds, {text.number})
    if not _different(ground, drawing.greys(text.bounds, {text.number, *images})):
        return False
    look = drawing.greys(text.bounds)
    least = _ink_of_a_letter(text)
    ink = _different(look, ground)
    if len(ink) < least:
        return True
    strongest = look[max(ink, key=lambda at: abs(look[at] - ground[at]))]
    return sum(abs(grey - strongest) < _SEEN for grey in ground) >= least


_LOOKS: dict[str, Callable[[Drawing, DrawnText, frozenset[int]], bool]] = {
    _CROSSED: _have_line,
    _STRUCK: _have_line,
    _COVERED: _are_covered,
    _ON_IMAGE: _are_lost_on_image,
}
"""Bounds are larger than what is drawn: of what is turned, cut off, round, or seen through."""


def _different(one: bytes, other: bytes) -> set[int]:
    """Return where two pictures can be told apart."""
    return {
        at
        for at, (grey, its) in enumerate(zip(one, other, strict=True))
        if abs(grey - its) >= _SEEN
    }


def _ink_of_a_letter(text: DrawnText) -> float:
    """Return how many pixels a third of a letter has."""
    return _INK * (text.size * PIXELS_PER_POINT) ** 2


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
