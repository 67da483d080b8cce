"""The blocks of a narrative: its paragraphs, lists and quotes, line by line.

This is the one place that decides which lines are items of a list, for letters and checks alike.
People type `-` and `1.`, and paste from Word what else begins a line: `•`, `o` and a tab, `(a)`.
The same signs begin wrapped lines of prose (`5. He denied`), footnotes (`* drawn 12/01`) and single
measurements (`- 4 mm`). So a list is at least two lines whose markers run on, and a marker is
always shown as typed: whatever is decided here, no sign of a finding is lost.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec

MOST_NESTING = 8
"""Lists and quotes may be nested this deep; what is deeper is a paragraph. WeasyPrint fails on
lists nested 47 deep, and readers long before.
"""
_LONGEST_ITEM = 200
"""How many lines below an item the next one is looked for."""

_GLYPHS = "•·∙◦‣⁃▪▫■□●○▸▶►➢➤➔✓✔✗✘❖◆◇☐☑☒"
_BULLET = (
    rf"[{_GLYPHS}]|(?:[-+*\u2013\u2014\u2212o→⇒]|--|[-=]>|\([-+\u2013\u2212]\)|\[[ xX]?\])(?=\s|$)"
    r"|§(?=\t)"
)
_LABEL = r"\d{1,3}|[A-Za-z]|[ivx]{1,5}|[IVX]{1,5}"
_NUMBER = (
    rf"(?:\((?:{_LABEL})\)|(?:{_LABEL})[.)])(?=\s|$)"
    r"|(?:\d{1,3}[.)]|\(\d{1,3}\))(?=[^\W\d_]{2})"
)
_MARKER = rf"(?P<sign>(?P<bullet>{_BULLET})|{_NUMBER})\s*"
_ROMAN_LETTERS = frozenset("ivxIVX")
_ESCAPED = (
    rf"\\(?=(?:{_BULLET}|{_NUMBER})|>\s*[*_]*[^\W\d_a-z])"
    r"|(?:\d{1,3}|[A-Za-z])(\\)(?=[.)](?:\s|$))"
)
# White space at the start and end of a line, of any kind, is taken off; Word's line break and the
# line separator end a line for good.
_LINE = re.compile(
    r"(?P<text>[^\n\r\x0b\u2028\u2029]*)(?P<end>\r\n?|\n|(?P<hard>[\x0b\u2028\u2029](?:\r\n?|\n)?)|$)"
)
_QUOTE = re.compile(r"(?:>\s*)+[*_]*(.)")
_ROMAN = (
    *("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"),
    *("xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx"),
)


class Line(msgspec.Struct, frozen=True):
    """A line, or what of it belongs to a block.

    Args:
        text: Its text, without white space around it; empty for a blank line.
        start: Where the text begins in the narrative.
        indent: The columns in front of it.
        ends_hard: Whether it ends in a line break that was typed as such, as in Word.
    """

    text: str
    start: int
    indent: int
    ends_hard: bool


class Marker(msgspec.Struct, frozen=True):
    """What an item of a list begins with.

    Args:
        sign: As typed: `-`, `1.`, `(a)`.
        width: The characters to the item's text.
        places: Which item of which kinds of numbering it may be; nothing for a bullet.
    """

    sign: str
    width: int
    places: tuple[tuple[str, int], ...]


class Paragraph(msgspec.Struct, frozen=True):
    """Lines that follow each other; also those of a table."""

    lines: tuple[Line, ...]


class Item(msgspec.Struct, frozen=True):
    """An item of a list.

    Args:
        marker: Its marker.
        indent: The columns in front of the marker.
        blocks: What it holds.
    """

    marker: Marker
    indent: int
    blocks: tuple[Block, ...]


class List(msgspec.Struct, frozen=True):
    """A list.

    Args:
        items: Its items.
        is_loose: Whether blank lines stand between its items or their paragraphs.
    """

    items: tuple[Item, ...]
    is_loose: bool


class Quote(msgspec.Struct, frozen=True):
    """A quote."""

    blocks: tuple[Block, ...]


Block: TypeAlias = Paragraph | List | Quote


def read_blocks(text: str) -> tuple[Block, ...]:
    """Read the blocks of a narrative."""
    return tuple(_blocks([*_lines(text)], 0, None))


def read_marker(text: str) -> Marker | None:
    """Read the marker that a line begins with, whether or not the line is an item of a list."""
    found = None if begins_with_word(text) else _marker().match(text)
    if found is None:
        return None
    sign = found["sign"]
    return Marker(sign, found.end(), () if found["bullet"] else tuple(_places(sign)))


def begins_with_word(line: str) -> bool:
    """Return whether a line begins with two letters that are no Roman number, as no marker does."""
    return line[:2].isalpha() and len(line) > 1 and not _ROMAN_LETTERS.issuperset(line[:2])


@functools.cache
def _marker() -> re.Pattern[str]:
    """Compile the pattern of markers on first use: few lines need it."""
    return re.compile(_MARKER)


def is_glyph(marker: Marker) -> bool:
    """Return whether a marker is a sign that begins nothing but an item of a list."""
    return marker.sign in _GLYPHS


def _places(sign: str) -> Iterator[tuple[str, int]]:
    label = sign.strip("(.)")
    around = sign.replace(label, "{}", 1)
    if label.isdigit():
        yield around, int(label)
        return
    case = "A" if label.isupper() else "a"
    if len(label) == 1:
        yield around + case, ord(label) - ord(case) + 1
    if label.lower() in _ROMAN:
        yield f"{around}{case} roman", _ROMAN.index(label.lower()) + 1


def _lines(text: str) -> Iterator[Line]:
    for found in _LINE.finditer(text):
        raw = found["text"]
        words = raw.lstrip()
        head = raw[: len(raw) - len(words)]
        yield Line(
            words.rstrip(),
            found.start() + len(head),
            len(head.expandtabs(4)),
            found["hard"] is not None,
        )


def _blocks(lines: Sequence[Line], depth: int, item_indent: int | None) -> Iterator[Block]:
    """Yield the blocks of some lines.

    Args:
        lines: The lines.
        depth: How many lists and quotes they stand in.
        item_indent: The indent of the marker of the item that they belong to.
    """
    number = 0
    while number < len(lines):
        if not lines[number].text:
            number += 1
            continue
        starts, end = _items(lines, number, depth, item_indent)
        if starts:
            yield _list(lines[:end], starts, depth)
        elif depth < MOST_NESTING and opens_quote(lines[number].text):
            end = next((n for n in range(number, len(lines)) if not lines[n].text), len(lines))
            quoted = [_without(line, ">") for line in lines[number:end]]
            yield Quote(tuple(_blocks(quoted, depth + 1, None)))
        else:
            end = number + 1
            while (
                end < len(lines)
                and lines[end].text
                and not _items(lines, end, depth, item_indent, lines[end - 1])[0]
            ):
                end += 1
            yield Paragraph(tuple(map(_unescaped, lines[number:end])))
        number = end


def opens_quote(text: str) -> bool:
    """Return whether a line begins as a quote: `>` before a number or a small letter compares."""
    found = _QUOTE.match(text)
    return found is not None and (found[1].isupper() or found[1] in "\"'“‘«")


def _items(
    lines: Sequence[Line],
    first: int,
    depth: int,
    item_indent: int | None,
    above: Line | None = None,
) -> tuple[list[int], int]:
    """Find the items of the list that begins at a line.

    Args:
        lines: The lines.
        first: The number of the line.
        depth: How many lists and quotes the line stands in.
        item_indent: The indent of the marker of the item that the line belongs to.
        above: The line of the paragraph above that the list would end.

    Returns:
        The numbers of the lines at which its items begin, none where this is not a list, and of the
        line behind it.
    """
    marker = read_marker(lines[first].text)
    if marker is None or depth >= MOST_NESTING or not _may_begin(marker, above):
        return [], first
    starts = [first]
    last = marker
    after_blank = False
    number = first + 1
    while number < len(lines) and number - starts[-1] <= _LONGEST_ITEM:
        text = lines[number].text
        indent = lines[number].indent
        found = read_marker(text) if indent <= lines[starts[-1]].indent + len(last.sign) else None
        if found and _runs_on(last, found, after_blank):
            starts.append(number)
            last = found
        elif text and after_blank and indent <= lines[starts[-1]].indent:
            break
        after_blank = not text
        number += 1
    is_nested = (
        item_indent is not None
        and first > 0
        and _may_stand_alone(marker, lines[first].indent > item_indent)
    )
    return (starts, number) if len(starts) > 1 or is_nested else ([], first)


def _may_begin(marker: Marker, above: Line | None) -> bool:
    """Return whether a list may begin right below a line: prose may be wrapped before a number."""
    if above is None or not marker.places or above.text.endswith(":"):
        return True
    return any(place == 1 for _, place in marker.places)


def _may_stand_alone(marker: Marker, is_indented: bool) -> bool:
    """Return whether an item within an item needs no second one beside it."""
    return is_glyph(marker) or (is_indented and marker.sign in "-*o")


def _runs_on(last: Marker, marker: Marker, after_blank: bool) -> bool:
    if not last.places:
        return not marker.places and (marker.sign == last.sign or not after_blank)
    follows = any((kind, place + 1) in marker.places for kind, place in last.places)
    return follows or (marker.sign == last.sign and marker.sign.strip("(.)") == "1")


def _list(lines: Sequence[Line], starts: Sequence[int], depth: int) -> List:
    items = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        line = lines[start]
        marker = read_marker(line.text)
        assert marker is not None
        first = msgspec.structs.replace(
            line,
            text=line.text[marker.width :],
            start=line.start + marker.width,
            indent=line.indent + len(marker.sign) + 1,
        )
        blocks = _blocks([first, *lines[start + 1 : end]], depth + 1, line.indent)
        items.append(Item(marker, line.indent, tuple(blocks)))
    is_loose = any(not lines[start - 1].text for start in starts[1:]) or any(
        isinstance(one, Paragraph) and isinstance(two, Paragraph)
        for item in items
        for one, two in zip(item.blocks, item.blocks[1:], strict=False)
    )
    return List(tuple(items), is_loose)


def _without(line: Line, sign: str) -> Line:
    """Take a sign off the start of a line, where it has it."""
    if not line.text.startswith(sign):
        return line
    rest = line.text[len(sign) :]
    words = rest.lstrip()
    indent = len(rest) - len(words)
    return msgspec.structs.replace(
        line, text=words, start=line.start + len(sign) + indent, indent=indent
    )


def _unescaped(line: Line) -> Line:
    r"""Take off the backslash by which a line is kept from being an item or a quote: `1\. May`."""
    # Compiled on first use: most cases have no backslash.
    found = re.match(_ESCAPED, line.text) if "\\" in line.text else None
    if found is None:
        return line
    at = max(found.start(1), 0)
    return msgspec.structs.replace(line, text=line.text[:at] + line.text[at + 1 :])
