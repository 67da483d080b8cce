"""Lines of a narrative that were typed apart, and that a letter sets as one paragraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imrgen.case import (
    Block,
    Item,
    Line,
    Paragraph,
    Quote,
    begins_with_word,
    is_glyph,
    read_blocks,
    read_marker,
)
from imrgen.checks.text.patterns import Pattern

_LABEL = Pattern(r"[A-Z][\w/&()'’-]*(?:,? [\w/&()'’-]+){0,3}:(?=\s|$)")
# Signs and numbers that are no list's: `-Babinski`, `#2 Soma`, `1- Norco`, `1.2 Plan`, `a)Soma`,
# a footnote, a box, a date.
_SIGN = Pattern(
    r"[<>≤≥]|[-+\u2013\u2212][^\W\d_]|#\d{1,2}[.):]?\s|\d{1,2}(?:\s?[-\u2013:]\s|\.\d{1,2}\.?\s|"
    r"([/.-])\d{1,2}\1\d{2})|\d{4}-\d{2}-\d{2}\s|"
    r"[a-z]\)[^\W\d_]|[*†‡]{1,3}\s?\w|\[\d{1,3}\]\s|\([ xX]?\)\s|"
    r"[\u2460-\u2473]"
)
# How a line begins that may be an item's or have a sign; and what is in a text with labels, columns
# or escapes. Most narratives have none of it, and to read their blocks takes ten times as long.
_BEGINNING = Pattern(
    r"\s*+(?:[^\w\s]|[\u2460-\u2473]|\d{1,3}(?:[^\w\s]|\s[-\u2013:])|\d{4}-|o(?:\s|$)|"
    r"(?:[A-Za-z]|[ivx]{2,5}|[IVX]{2,5})[.)])"
)
_WIDE = Pattern(r"[^\S\n][^\S\n]{2}")
_SIGNS = (":", "\t", "|", "\\", "**", "__")
_REFERENCE = Pattern(r"\[[^\]\n]{1,40}\]:\s")
"""What begins a line that defines a reference: `[1]: Smith 2014`."""
_COLUMNS = Pattern(r"\t|\s{3}|\s\|\s|\S\|\s")
_HEADING = Pattern(r"#{1,6}\s+[^\W\d_]|([-=_*~])\1\1[-=_*~ ]*\Z|\*\*[^*]+\*\*:?\Z|__[^_]+__:?\Z")
"""A heading, or a rule, which parts what stands above it from what stands below."""
_CAPITALS = Pattern(r"[A-Z]{3}[A-Z/& -]*:?\Z")
_TABLE_RULE = Pattern(r"[|:\s]*-[-|:\s]*\Z")


def joined_lines(text: str) -> Iterator[Line]:
    """Find in each paragraph of a narrative the first line that may have been meant to stand apart.

    It begins with an item's marker, and no list was read there, or as the definition of a
    reference (`[1]: Smith 2014`); it begins with a label
    (`Allergies: none`), as a line further above does; it begins with a sign or a number
    (`-Babinski`, `#2 Soma`) or has columns, as the line above does; or it follows the item of a
    list, at the margin, and begins a sentence, or as another item, where the line above had room
    for more; or one of the two is a heading (`# Plan`, `**Plan**`, `PLAN`) or a rule (`---`).
    """
    typed = text.splitlines()
    has_sign = any(sign in text for sign in _SIGNS) or any(map(str.isupper, typed))
    unlike_prose = (line for line in typed if not begins_with_word(line.lstrip()))
    if not has_sign and not _WIDE.search(text) and not any(map(_BEGINNING.match, unlike_prose)):
        return
    longest = max(map(len, typed), default=0)
    for lines, item in _paragraphs(read_blocks(text), None):
        for number in range(1, len(lines)):
            above = lines[number - 1]
            if not above.ends_hard and (
                _is_marked(lines, number)
                or _is_alike(lines, number)
                or _is_parted(above.text, lines[number].text)
                or (item is not None and _leaves_item(text, above, lines[number], item, longest))
            ):
                yield lines[number]
                break


def _paragraphs(
    blocks: Iterable[Block], item: Item | None
) -> Iterator[tuple[tuple[Line, ...], Item | None]]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.lines, item
        elif isinstance(block, Quote):
            yield from _paragraphs(block.blocks, None)
        else:
            for inner in block.items:
                yield from _paragraphs(inner.blocks, inner)


def _is_marked(lines: tuple[Line, ...], number: int) -> bool:
    """Return whether a line begins as an item; prose may be wrapped before a number or a dash."""
    marker = read_marker(lines[number].text)
    if marker is None:
        return _REFERENCE.match(lines[number].text) is not None
    if is_glyph(marker) or lines[number - 1].text.endswith((".", ":", ";")):
        return True
    kinds = {kind for kind, _ in marker.places}
    others = filter(None, (read_marker(line.text) for line in lines[:number]))
    return any(kind in kinds for other in others for kind, _ in other.places)


def _is_alike(lines: tuple[Line, ...], number: int) -> bool:
    text = lines[number].text
    if ":" in text and _LABEL.match(text):
        return any(_LABEL.match(line.text) for line in lines[:number])
    above = lines[number - 1].text
    return bool(
        ((not text[:1].isalpha() or text[1:2] == ")") and _SIGN.match(text) and _SIGN.match(above))
        or (
            _COLUMNS.search(text)
            and _COLUMNS.search(above)
            and not any(_TABLE_RULE.match(line.text) for line in lines)
        )
    )


def _is_parted(above: str, text: str) -> bool:
    """Return whether one of two lines is a heading or a rule; capitals may also be an acronym."""
    is_title = _CAPITALS.match(above) and text[:1].isupper()
    return bool(is_title or _is_heading(text) or _is_heading(above))


def _is_heading(line: str) -> bool:
    # Compiled on first use: few lines begin so.
    return line.startswith(("#", "-", "=", "_", "*", "~")) and _HEADING.match(line) is not None


def _leaves_item(text: str, above: Line, line: Line, item: Item, longest: int) -> bool:
    first = line.text.split(maxsplit=1)[0]
    # The line itself, with the item's marker.
    typed = above.start + len(above.text) - text.rfind("\n", 0, above.start) - 1
    has_room = typed + 1 + len(first) <= longest or above.text[-1] in ".;"
    marker = read_marker(line.text)
    kinds = {kind for kind, _ in item.marker.places}
    is_item = marker is not None and any(kind in kinds for kind, _ in marker.places)
    return line.indent <= item.indent and (first[0].isupper() or is_item) and has_room
