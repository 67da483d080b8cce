"""Words: the text of a paragraph written as Typst code, its white space collapsed as in CSS."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal
from xml.etree.ElementTree import Element

import msgspec

from imrgen.diagnostics import codes
from imrgen.document import SVG, is_silent
from imrgen.export.pdf.typst.source import label, pt, quoted, rgb
from imrgen.export.pdf.typst.strings import BLANKS, values
from imrgen.export.pdf.typst.styles import Style
from imrgen.export.pdf.typst.text import text_arguments
from imrgen.export.pdf.typst.values import UnknownValueError

if TYPE_CHECKING:
    from imrgen.export.pdf.typst.setting import Setting

_LINE_ENDS = re.compile(r"\r\n|[\n\r\f]")
_SPACES = r"[ \t\u200b\u1680\u2000-\u2006\u2008-\u200a\u205f\u3000]+"
_AT_SPACES = re.compile(_SPACES)
_BREAKS = re.compile(rf"{_SPACES}|(?<=[^\W\d_]-)(?=[^\W\d_])|(?<=[\u2013\u2014])")
"""Where a line may break for certain."""
_DASHES = re.compile("[-\u2013\u2014]")
_WORD_HYPHEN = re.compile(r"(?<=\S-)(?=[^\W\d_])")
_REPEATING = ("cs", "dsb", "es", "hr", "hsb", "pl", "pt", "sk")
"""The languages in which Typst repeats a hyphen that ends a line on the next one; no other program
does, and the words are those of the text.
"""
_SLACK = 0.5
"""Points by which a word may be wider than its place, since kerning is not counted."""
_NARROW = 0.98
"""The share of its room that a line has at least, whatever kerning does."""
_FULL = 0.95
"""The share of its room that a line fills at least, most lines being fuller."""
_MANY = 6
"""Lines above which their number is not counted word by word."""
_INLINE = ("inline", "inline-block")
_NUMBER = (float, int)
_SHIFTED = ("baseline", "sub", "super")
_SIZES = ("width", "height", "min-width", "min-height", "max-width", "max-height")
_KINDS = Literal["text", "code", "break", "box"]


class Piece(msgspec.Struct):
    """A part of a paragraph.

    Args:
        kind: A text, code that shows nothing itself, the end of a line, or a box.
        value: The text or the code.
        style: The style of a text.
        element: The element that it belongs to.
        width: Its width on one line, in points.
    """

    kind: _KINDS
    value: str
    style: Style
    element: Element
    width: float = 0.0


class Words(msgspec.Struct, frozen=True):
    """The words of a paragraph.

    Args:
        code: The code that sets them; empty if there are none.
        fewest: The fewest lines that they may take; 0 where there is no room for any.
        lines: About how many lines they take.
        most: The most that they may take, where they are few.
    """

    code: str
    fewest: int
    lines: int
    most: int


Generated = Literal["before", "after"]
"""Where CSS puts content of its own."""


class Part(msgspec.Struct, frozen=True):
    """A part of an element that stands in a paragraph.

    Args:
        element: A child, or the element itself for its own text.
        text: The element's own text.
        generated: Where it is what CSS puts before or behind the element's words.
    """

    element: Element
    text: str = ""
    generated: Generated | None = None


Content = list[Part]
"""The parts of a paragraph."""


class Inline:
    """Writes paragraphs.

    Args:
        setting: The document that they are of.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._faces = setting.faces
        self.generated: list[str] = []
        """What CSS has added."""
        self._repeating = _elements_in(_REPEATING, setting.structure.root)

    def words(self, content: Content, owner: Element, style: Style, room: float) -> Words:
        """Write the words of a paragraph.

        Args:
            content: What it holds.
            owner: The element that it is of.
            style: The element's style.
            room: The width that it has, in points.
        """
        pieces: list[Piece] = []
        for part in content:
            if part.generated is not None:
                pieces += self._generated(owner, part.generated)
            elif part.element is owner:
                pieces += _texts(part.text, style, owner)
            else:
                pieces += self._element(part.element, style)
        pieces = _collapsed(pieces)
        if not any(piece.kind in ("text", "box") for piece in pieces):
            for part in content:
                if part.element is not owner:
                    self._setting.marks.take_back(part.element)
            return Words("", 0, 0, 0)
        for piece in pieces if self._repeating else ():
            if piece.kind == "text" and piece.element in self._repeating:
                # What ends a line is then no hyphen to Typst.
                piece.value = _WORD_HYPHEN.sub("\u200b", piece.value)
        found = self._fit(pieces, room)
        code = "".join(_written(piece) for piece in pieces)
        return msgspec.structs.replace(found, code=underlined(code, style))

    def _element(self, element: Element, around: Style) -> Iterator[Piece]:
        style = self._setting.styled.of[element]
        if is_silent(element) or style["display"] == "none":
            return
        if element.tag == "br":
            yield Piece("break", "", around, element)
            return
        if element.tag == "wbr":
            yield Piece("text", "\u200b", around, element)
            return
        if element.tag == "img" or element.tag == f"{SVG}svg":
            drawn = self._setting.images.image(element, style, self._setting.page_room)
            yield Piece("box", f"box({drawn.code}); ", style, element, drawn.width)
            return
        if style["position"] != "static":
            self._setting.refuse(element, "is positioned among words")
            return
        if style["display"] not in ("inline", "inline-block"):
            self._setting.refuse(element, f"is a {style['display']} among words")
            return
        self._refuse_looks(element, style)
        opened, closed = self._around(element, style, around)
        left = style["margin-left"], style["padding-left"]
        right = style["margin-right"], style["padding-right"]
        yield from _gap(left, style, element)
        yield Piece("code", opened, style, element)
        yield from self._generated(element, "before")
        yield from _texts(element.text, style, element)
        for child in element:
            if isinstance(child.tag, str):
                yield from self._element(child, style)
            yield from _texts(child.tail, style, element)
        yield from self._generated(element, "after")
        yield Piece("code", closed, style, element)
        yield from _gap(right, style, element)

    def _generated(self, element: Element, kind: Generated) -> Iterator[Piece]:
        """Yield what CSS puts before or behind an element's words: signs, and no words."""
        style = self._setting.pseudo(element, kind)
        if style is None:
            return
        if style["display"] == "none":
            return
        if _is_box(style) or style["bookmark-level"] != "none":
            what = "bookmark" if style["bookmark-level"] != "none" else "box"
            self._setting.refuse(element, f"has a ::{kind} that is a {what} of its own")
            return
        try:
            text = "".join(values(style["content"], element))
        except UnknownValueError:
            what = f"has a ::{kind} whose content is neither text nor attr()"
            self._setting.refuse(element, what)
            return
        if any(map(str.isalnum, text)):
            message = "has words that only CSS adds (content), and text and HTML do not hold"
            self._setting.fault(codes.WORDS_LOST, element, message, "write them in the template")
            return
        if any(ord(character) < 32 for character in text):
            self._setting.refuse(element, f"has a ::{kind} of several lines")
            return
        yield from _gap((style["margin-left"], style["padding-left"]), style, element)
        if text:
            self.generated.append(text)
            shown = f"text({text_arguments(style, self._faces)}, {quoted(text)})"
            around = self._setting.styled.of[element]
            if style["text-decoration-line"] != around["text-decoration-line"]:
                shown = f"underline({shown})"
            width = self._faces.width(text, style)
            yield Piece("box", f"pdf.artifact({shown}); ", style, element, width)
        yield from _gap((style["margin-right"], style["padding-right"]), style, element)

    def _refuse_looks(self, element: Element, style: Style) -> None:
        """Refuse an inline box that has looks of its own, and room above or below."""
        if any(style.edges("border", "-width")):
            self._setting.refuse(element, "has a border among words")
        if style["display"] == "inline-block":
            if has_size(style):
                self._setting.refuse(element, "is an inline-block of a given size")
            if any(style.edges("margin")[::2]) or any(style.edges("padding")[::2]):
                self._setting.refuse(element, "is an inline-block with room above or below")
        allowed = ("baseline",) if style["display"] == "inline-block" else _SHIFTED
        if style["vertical-align"] not in allowed:
            self._setting.refuse(element, f"has vertical-align: {style['vertical-align']}")

    def _around(self, element: Element, style: Style, around: Style) -> tuple[str, str]:
        """Return the code that opens an inline element, and that which closes it."""
        opened, closed = "", ""
        address = element.get("href") if element.tag == "a" else None
        if address:
            to = self._setting.target(address)
            opened, closed = f"link({to}, {{ ", "}); "
        if style["text-decoration-line"] != around["text-decoration-line"]:
            opened, closed = f"{opened}underline({{ ", f"}}); {closed}"
        if style["background-color"] != "transparent":
            fill = rgb(style["background-color"])
            above, below = self._faces.heights(style)
            edges = f"top-edge: {pt(above)}, bottom-edge: {pt(-below)}, fill: {fill}"
            opened, closed = f"{opened}highlight({edges}, {{ ", f"}}); {closed}"
        told = text_arguments(style, self._faces, around)
        shift = {"sub": 0.5, "super": -0.5}.get(style["vertical-align"])
        if shift and style["display"] == "inline":
            told = ", ".join(filter(None, (told, f"baseline: {pt(shift * style['font-size'])}")))
        told = ", ".join(filter(None, (told, self._setting.language(element))))
        is_whole = style["white-space"] == "nowrap" and around["white-space"] != "nowrap"
        if is_whole or style["display"] == "inline-block":
            opened, closed = f"{opened}box({{ ", f"}}); {closed}"
        if told:
            opened += f"text({told}, {{ "
            closed = f"}}); {closed}"
        start, end = self._setting.marks.around(element)
        return opened + start, end + closed

    def _fit(self, pieces: list[Piece], room: float) -> Words:
        """Let long words break where they may; find those that no line holds.

        Returns:
            What is known of the words but their code.
        """
        whole = 0.0
        for piece in pieces:
            if piece.kind == "text":
                self._setting.check_letters(piece.element, piece.style)
                piece.width = self._faces.width(piece.value, piece.style)
            whole += piece.width
        if self._may_be_too_wide(pieces, room + _SLACK):
            self._break_words(pieces, room)
        if room <= 0:
            return Words("", 0, 1, 1)
        fewest = max(1, math.ceil(_NARROW * whole / room))
        if whole > _MANY * room:
            lines = math.ceil(whole / (_FULL * room)) + sum(each.kind == "break" for each in pieces)
            return Words("", fewest, lines, lines)
        if whole <= _NARROW * room and all(each.kind != "break" for each in pieces):
            return Words("", 1, 1, 1)
        words = self._words(pieces)
        lines = _count_lines(words, room + _SLACK)
        return Words("", fewest, lines, max(lines, _count_lines(words, _NARROW * room)))

    def _words(self, pieces: list[Piece]) -> list[tuple[list[float], list[float]]]:
        """Return where words begin and end if all stand on one line, for each line that is ended.

        Args:
            pieces: The pieces, each with its width.
        """
        at = 0.0
        starts, ends = [at], list[float]()
        lines = [(starts, ends)]
        for piece in pieces:
            if piece.kind == "break":
                ends.append(at)
                starts, ends = [at], []
                lines.append((starts, ends))
                continue
            style = piece.style
            if piece.kind != "text" or style["white-space"] in ("nowrap", "pre"):
                at += piece.width
                continue
            places = self._faces.places(piece.value, style)
            size, spacing = float(style["font-size"]), float(style["letter-spacing"])
            # In a text without dashes, only spaces have to be looked for.
            breaks = _BREAKS if _DASHES.search(piece.value) else _AT_SPACES
            for found in breaks.finditer(piece.value):
                start, end = found.span()
                ends.append(at + places[start] * size + start * spacing)
                starts.append(at + places[end] * size + end * spacing)
            at += places[-1] * size + len(piece.value) * spacing
        ends.append(at)
        return lines

    def _may_be_too_wide(self, pieces: list[Piece], room: float) -> bool:
        """Return whether a word may be wider than its room, without measuring most words."""
        word = 0.0  # at most the width of the word that goes on with the next piece
        for piece in pieces:
            if piece.kind == "break":
                word = 0.0
            elif piece.kind == "box":
                word += piece.width
            if piece.kind != "text":
                continue
            if piece.style["letter-spacing"] < 0:
                return True  # a part may be wider than the whole
            if piece.style["white-space"] in ("nowrap", "pre"):
                word += piece.width
                if word > room:
                    return True
                continue
            # Lines break at spaces, and elsewhere as well.
            first, *more = piece.value.split(" ")
            if word + piece.width > room and (
                word + self._faces.width(first, piece.style) > room
                or self._faces.at_most(max(map(len, more), default=0), piece.value, piece.style)
                > room
            ):
                return True
            word = self._faces.width(more[-1], piece.style) if more else word + piece.width
        return False

    def _break_words(self, pieces: list[Piece], room: float) -> None:
        """Let words that are wider than their room break where they may; report the others."""
        word = 0.0
        word_pieces: list[tuple[Piece, str]] = []
        for piece in pieces:
            if piece.kind == "break":
                word, word_pieces = 0.0, []
            if piece.kind == "box":
                word += piece.width
            if piece.kind != "text":
                continue
            at = 0
            unbroken = piece.style["white-space"] in ("nowrap", "pre")
            for found in [] if unbroken else [*_BREAKS.finditer(piece.value)]:
                part = piece.value[at : found.start()]
                word += self._faces.width(part, piece.style)
                self._check(word, [*word_pieces, (piece, part)], room)
                word, word_pieces, at = 0.0, [], found.end()
            part = piece.value[at:]
            word += self._faces.width(part, piece.style)
            word_pieces.append((piece, part))
            self._check(word, word_pieces, room)

    def _check(self, width: float, parts: list[tuple[Piece, str]], room: float) -> None:
        if width <= room + _SLACK:
            return
        for piece, part in parts:
            may_break = piece.style["overflow-wrap"] != "normal"
            if not may_break or piece.style["white-space"] in ("nowrap", "pre"):
                hint = "let words break (overflow-wrap: break-word), or give it more room"
                self._setting.no_room(
                    piece.element, "has text that is too wide for its place", hint
                )
                return
            if part and "\u200b" not in part:
                piece.value = piece.value.replace(part, "\u200b".join(_clusters(part)))


def _count_lines(words: list[tuple[list[float], list[float]]], room: float) -> int:
    """Return how many lines words fill, each as many as it holds.

    Args:
        words: Where words begin and end if all stand on one line, for each line that is ended.
        room: The width that a line has.
    """
    lines = 0
    for starts, ends in words:
        lines += 1
        number, origin = 0, starts[0]
        while (following := bisect_right(ends, origin + room, number)) < len(ends):
            if following > number or origin < starts[number]:
                lines, number, origin = lines + 1, following, starts[following]
                continue
            width = ends[number] - starts[number]  # no line holds it
            lines, origin = lines + int(width // room), ends[number] - width % room
            number += 1
    return lines


def _elements_in(languages: tuple[str, ...], root: Element) -> frozenset[Element]:
    """Return the elements whose words are in one of some languages."""
    if not any((each.get("lang") or "").lower().startswith(languages) for each in root.iter()):
        return frozenset()
    found: dict[Element, str] = {}
    for element in root.iter():
        own = element.get("lang") or found.get(element, "")
        found[element] = own
        for child in element:
            found[child] = own
    return frozenset(
        element for element, own in found.items() if own.partition("-")[0].lower() in languages
    )


def underlined(code: str, style: Style) -> str:
    """Return code with the line under it that a style asks for."""
    if style["text-decoration-line"] == "none":
        return code
    return f"underline({{ {code} }}); "


def _clusters(text: str) -> Iterator[str]:
    """Yield what must not be parted: a letter with its marks."""
    start = 0
    for at in range(1, len(text)):
        if not _joins(text[at]) and not _joins(text[at - 1], before=True):
            yield text[start:at]
            start = at
    yield text[start:]


def _joins(character: str, before: bool = False) -> bool:
    if character in ("\u200d", "\u2060"):
        return True
    return not before and bool(
        re.match(
            r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\u200c]",
            character,
        )
    )


def has_size(style: Style) -> bool:
    """Return whether a style gives its box a size."""
    return any(style[name] not in ("auto", "none", 0.0) for name in _SIZES)


def _is_box(style: Style) -> bool:
    """Return whether what CSS adds is more than text: a box that is seen, or has a size."""
    return (
        style["display"] not in _INLINE
        or (style["display"] == "inline-block" and has_size(style))
        or style["position"] != "static"
        or style["vertical-align"] != "baseline"
        or style["background-color"] != "transparent"
        or any(style.edges("border", "-width"))
    )


def _gap(sizes: tuple[float, ...], style: Style, element: Element) -> Iterator[Piece]:
    gap = 0.0
    for size in sizes:
        if size and isinstance(size, _NUMBER):  # else it is `auto`, or none as nearly always
            gap += size
    if gap:
        yield Piece("code", f"h({pt(gap)}); ", style, element, gap)


def _texts(text: str | None, style: Style, element: Element) -> Iterator[Piece]:
    """Yield a text, parted at line ends that count."""
    if not text:
        return
    if style["hyphens"] == "none":
        text = text.replace("\u00ad", "")
    if not style["white-space"].startswith("pre"):
        yield Piece("text", text, style, element)
        return
    for number, line in enumerate(_LINE_ENDS.split(text)):
        if number:
            yield Piece("break", "", style, element)
        if line:
            yield Piece("text", line, style, element)


def _collapsed(pieces: list[Piece]) -> list[Piece]:
    """Collapse white space as CSS does, over the bounds of elements."""
    found: list[Piece] = []
    follows_space = True
    last: Piece | None = None
    for piece in pieces:
        if piece.kind == "break":
            _strip_end(last)
            follows_space, last = True, None
        elif piece.kind == "box":
            follows_space, last = False, None
        elif piece.kind == "text":
            if piece.style["white-space"] in ("pre", "pre-wrap"):
                piece.value = piece.value.replace("\t", "        ")
                follows_space, last = False, None
            else:
                text = piece.value
                if "  " in text or any(each in text for each in "\t\n\r\f"):
                    text = BLANKS.sub(" ", text)
                piece.value = text.removeprefix(" ") if follows_space else text
                if not piece.value:
                    continue
                follows_space, last = piece.value.endswith(" "), piece
        found.append(piece)
    _strip_end(last)
    for piece in reversed(found):  # the last line's end shows no further line
        if piece.kind == "break":
            piece.kind = "code"
        elif piece.kind != "code":
            break
    return [piece for piece in found if piece.kind != "text" or piece.value]


def _strip_end(piece: Piece | None) -> None:
    if piece is not None:
        piece.value = piece.value.rstrip(" ")


def _written(piece: Piece) -> str:
    if piece.kind == "text":
        return f"{quoted(piece.value)}; "
    return "linebreak(); " if piece.kind == "break" else piece.value


def anchor_code(name: str) -> str:
    """Return the code of a place that links go to."""
    return f"[#metadata(none)<{label(name)}>]"
