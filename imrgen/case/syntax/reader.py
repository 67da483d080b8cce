"""Reads the values of a text past its faults, in TOML and in JSON.

A parser stops at the first fault. This reader says what whoever typed it meant to write, and goes
on behind it. It is used only for a text that its parser has refused, so it may guess; a value that
it had to guess is `UNREADABLE`.
"""

from __future__ import annotations

import abc
import re
from collections.abc import Iterable
from typing import Any, Literal

from imrgen.case.fields import UNREADABLE, Field, key_names, plain
from imrgen.case.positions import Place
from imrgen.case.syntax.slips import (
    MOST_SLIPS,
    Lines,
    Slip,
    TooManySlipsError,
)
from imrgen.case.syntax.values import Kind, explain
from imrgen.diagnostics import Path, Span

Inside = Literal["line", "list", "table", "key"]
"""What a value is a part of; the end of a text without its closing quote depends on it."""

Key = list[tuple[Any, int, int]]
"""The parts of a key, each with its place; a part that could not be read is `UNREADABLE`."""
CURLY = "“”„‟‘’‚‛«»"
_FIRST_OF_VALUE = r"""["'“‘„\[{]|-?\d|(?:true|false|null|nan|inf)\b"""
_COMMENT = r"#|/[/*]"
# What follows a text's closing quote; anything else is text behind a quote within the text.
_AFTER: dict[Inside, re.Pattern[str]] = {
    "line": re.compile(r"[ \t]*[,;]?[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)"),
    "list": re.compile(
        rf"\s*(?:[\]}}]|\Z|{_COMMENT}|[,;]\s*(?:{_FIRST_OF_VALUE}|[\]}}]|{_COMMENT}|\Z))|"
        r"""[ \t]*[,;]?[ \t]*\r?\n|[ \t]+["{\[]"""
    ),
    "table": re.compile(
        rf"\s*(?:[\]}}]|\Z|{_COMMENT}|[,;]\s*(?:[\"'“][^\"'“”\n]*[\"'”]\s*[=:]|[\w.$-]+\s*[=:]|"
        rf"[\]}}]|{_COMMENT}|\Z))|[ \t]*[,;]?[ \t]*\r?\n|[ \t]+\"[^\"\n]*\"\s*[=:]"
    ),
    "key": re.compile(r"\s*[=:]"),
}
_NEXT: dict[Inside, re.Pattern[str]] = {
    "list": re.compile(_FIRST_OF_VALUE),
    "table": re.compile(r"""["'][\w.$-]+["']\s*[=:]|[\w.$-]+\s*[=:]"""),
}
_BARE: dict[Inside, re.Pattern[str]] = {
    "line": re.compile(r"[^\n]*"),
    "list": re.compile(r"[^\n,;\]}]*"),
    "table": re.compile(r"[^\n\]}]*"),
}
# Where a value without quotes ends before the end of its line or list.
_BEHIND_BARE: dict[Inside, re.Pattern[str]] = {
    "line": re.compile(r"\s#"),
    "list": re.compile(r"\s(?:#|//)"),
    "table": re.compile(
        r",\s*(?:\Z|/[/*]|[\"'“]|[\w.$-]+\s*[=:])|\s(?:#|//)|\s(?:[\w.-]+\s*=|\"[^\"\n]*\"\s*:)"
    ),
}
# The signs of other languages between a key and its value, too: `==`, `:=`, `=>`.
_JOINT = re.compile("[=:]+>?")
_QUOTED = r"""(?:"[^"\n]*"|'[^'\n]*')"""
_LISTED = re.compile(rf"{_QUOTED}(?:[ \t]*,[ \t]*{_QUOTED})+(?![ \t]*[=:])")
_BAD_ESCAPE = {
    "toml": re.compile(r"""\\(?!["\\btnfr\n \t\r]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})"""),
    "json": re.compile(r"""\\(?!["\\/btnfr]|u[0-9a-fA-F]{4})"""),
}
_CONTROL = {
    "toml": re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]"),
    "json": re.compile("[\\x00-\\x1f]"),
}
_HALF = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|"
    r"(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_FARTHEST = 5000
_ONE_QUOTE = "a quote within the text ends it"
_CURLY = ("curly quotes do not mark a text", 'type straight quotes: "…"')
_NO_COMMA = ("a comma is missing", "put a comma behind this value")
_EXTRA_COMMA = ("a comma too many", "take it out")


class Reader(abc.ABC):
    """What TOML and JSON have in common.

    Args:
        text: The text.
        file: The file's name.
        root: The field that the text is the value of, `None` if it is not known.
    """

    kind: Kind
    separator: str
    trailing: str
    """The brackets before which a comma may stand."""

    def __init__(self, text: str, file: str, root: Field | None) -> None:
        self.text = text
        self.lines = Lines(text, file)
        self.root = root
        self.names = key_names(root)
        self.at = 0
        self.slips: list[Slip] = []
        self.places: dict[Path, Place] = {(): Place(None, Span(file, 1, 1))}
        self.path: Path = ()
        """The path of the value that is being read, as far as its keys are the schema's."""
        self._tables: list[dict[object, object]] = []
        # How many slips there are, with those that follow from others.
        self._found = 0
        self._is_lost = False
        self._is_cut = False
        self._unclosed_at = -1
        # The comma behind a list or table without its end has been read as a part of it.
        self._comma_read: int | None = None

    @abc.abstractmethod
    def read(self) -> dict[object, object]:
        """Read the whole text."""

    @abc.abstractmethod
    def skip(self) -> None:
        """Go past white space, line breaks and comments within a list or a table."""

    @abc.abstractmethod
    def is_outside(self, closing: str) -> bool:
        """Return whether what stands here cannot be a part of a list or a table."""

    @abc.abstractmethod
    def is_new_line(self, line: str, inside: Inside) -> bool:
        """Return whether a line cannot go on with a text that was not closed."""

    @abc.abstractmethod
    def key(self) -> Key:
        """Read a key: its parts with their places; none if there is no key here."""

    @abc.abstractmethod
    def parse(self, token: str) -> object:
        """Parse a value strictly, and raise a `ValueError` if it is not one."""

    def slip(
        self, start: int, length: int, message: tuple[str, str], *, is_style: bool = False
    ) -> None:
        """Report a slip, by its message and its hint, unless it follows from one before."""
        self._found += 1
        if not self._is_lost:
            self.slips.append(Slip(start, length, *message, self.path, is_style))
        if len(self.slips) >= MOST_SLIPS or self._found >= 10 * MOST_SLIPS:
            raise TooManySlipsError

    def lose(self, start: int, length: int, message: tuple[str, str]) -> None:
        """Report a slip behind which it is not clear what is what, up to the next known key.

        Behind another slip of its line it follows from that.
        """
        line = self.lines.number(start)
        if not self.slips or self.lines.number(self.slips[-1].start) != line:
            self.slip(start, length, message)
        self._is_lost = True
        self.doubt()

    def doubt(self) -> None:
        """Note that the tables that are being read may have keys of others, and lack their own."""
        for table in self._tables:
            table[UNREADABLE] = UNREADABLE

    def find(self) -> None:
        """Note that it is clear again what is what."""
        self._is_lost = False

    def go_to(self, path: Path) -> None:
        """Note the path of what is read from here on."""
        is_known = all(isinstance(part, int) or part in self.names for part in path)
        self.path = path if is_known else ()

    def value(
        self, path: Path, field: Field | None, inside: Inside, key_place: Place | None = None
    ) -> object:
        """Read the value that stands here, and note its place."""
        start = self.at
        first = self.text[start : start + 1]
        value: object
        listed = _LISTED.match(self.text, start) if field is not None and field.item else None
        if listed:
            self.slip(start, 1, ("a list stands between brackets", 'write ["…", "…"]'))
            self.at = listed.end()
            value = UNREADABLE
        elif first in ('"', "'"):
            value = self.quoted(inside)
        elif first == "[":
            value = self.sequence(path, field)
        elif first == "{":
            value = self.table(path, field)
        elif first and first in CURLY:
            value = self._curly(inside)
        else:
            value = self._bare(field, inside)
        span = self.lines.span(start, self.at)
        if key_place is not None and key_place.key is not None:
            self.places.setdefault(path, Place(key_place.key, span, key_place.label))
        else:
            self.places.setdefault(path, Place(None, span))
        return value

    def sequence(self, path: Path, field: Field | None) -> object:
        """Read a list, from its bracket on."""
        opening = self.at
        self.at += self.text.startswith("[", opening)
        items: list[object] = []
        comma: int | None = None
        while True:
            self.skip()
            here = self.text[self.at : self.at + 1]
            if here == "}" and self.is_extra("}"):
                continue
            if here in ("", "}") or self.is_outside("]"):
                self.go_to(path)
                self._unclosed(opening, "]", comma)
                # What was meant as a list is one of the field's; other brackets are slips.
                return items if field is None or field.item else UNREADABLE
            if here == "]":
                self._trailing(comma, "]")
                self.at += 1
                return items
            if here in ",;":
                self.slip(self.at, 1, _EXTRA_COMMA)
                self.at += 1
                continue
            self.go_to((*path, len(items)))
            item = self.value((*path, len(items)), field and field.item, "list")
            items.append(UNREADABLE if self._is_lost else item)
            comma = self._comma("]")

    def table(self, path: Path, field: Field | None) -> dict[object, object]:
        """Read a table in braces, from its brace on."""
        data: dict[object, object] = {}
        opening = self.at
        self.at += self.text.startswith("{", opening)
        self._tables.append(data)
        self.members(data, path, field, opening)
        self._tables.pop()
        return data

    def members(
        self, data: dict[object, object], path: Path, field: Field | None, opening: int
    ) -> None:
        """Read the keys and values of a table in braces, and its closing brace."""
        comma: int | None = None
        while True:
            self.skip()
            self.go_to(path)
            here = self.text[self.at : self.at + 1]
            if here == "]" and self.is_extra("]"):
                continue
            if here in ("", "]") or self.is_outside("}"):
                self._unclosed(opening, "}", comma)
                return
            if here == "}":
                self._trailing(comma, "}")
                self.at += 1
                return
            if here in ",;":
                self.slip(self.at, 1, _EXTRA_COMMA)
                self.at += 1
                continue
            start = self.at
            if not self.member(data, path, field):
                self.at = start
                self._unclosed(opening, "}", comma)
                return
            comma = self._comma("}")

    def is_extra(self, bracket: str) -> bool:
        """Go past a closing bracket that closes nothing, and return whether it is one."""
        return False

    def member(self, data: dict[object, object], path: Path, field: Field | None) -> bool:
        """Read a key and its value into a table; return whether the key belongs to it."""
        start = self.at
        key = self.key()
        if not key:
            message = ("a key is missing", f"write a key, and {self.separator} behind it")
            self.lose(start, 1, message)
            self.at = start + max(1, len(self._bare_token(start, "table")))
            return True
        if not self.belongs(key[0][0], field):
            return False
        if key[0][0] in self.names and re.match(r"[ \t]*[=:]", self.text[self.at : self.at + 20]):
            self.find()
        self.read_separator()
        self.assign(data, key, path, field, "table")
        return True

    def belongs(self, name: str, field: Field | None) -> bool:
        """Return whether a key is one of the table that is being read."""
        return True

    def read_separator(self) -> None:
        """Read what stands between a key and its value."""
        blank = re.compile(r"[ \t]*").match(self.text, self.at)
        start = blank.end() if blank else self.at
        message = (
            f"a key and its value are joined by {self.separator}",
            f"put {self.separator} between them",
        )
        joint = _JOINT.match(self.text, start)
        if joint:
            if joint[0] != self.separator:
                self.slip(start, len(joint[0]), message)
            start = joint.end()
        elif start < self.lines.end(self.at):
            self.no_separator(start, message)
        self.at = start
        blank = re.compile(r"[ \t]*" if self.kind == "toml" else r"\s*").match(self.text, start)
        self.at = blank.end() if blank else start

    def no_separator(self, at: int, message: tuple[str, str]) -> None:
        """Report a key with nothing between it and what follows, which may be its value."""
        is_value = self.text[at] in "\"'[{“"
        (self.slip if is_value else self.lose)(at, 1, message)

    def assign(
        self,
        data: dict[object, object],
        key: Key,
        path: Path,
        field: Field | None,
        inside: Inside,
    ) -> None:
        """Read a value, and put it into a table under a key of one or more parts."""
        label = self.text[key[0][1] : key[-1][2]]
        for name, start, end in key[:-1]:
            path = (*path, name)
            span = self.lines.span(start, end)
            self.places.setdefault(path, Place(span, span, self.text[start:end]))
            inner = data.setdefault(name, {})
            data = inner if isinstance(inner, dict) else {}
            field = self.inner(field, name)
        name, start, end = key[-1]
        path = (*path, name)
        key_place = Place(self.lines.span(start, end), self.lines.span(start, end), label)
        earlier = self.places.get(path)
        self.go_to(path)
        value = self.value(path, self.inner(field, name), inside, key_place)
        if name not in data or name is UNREADABLE:
            data[name] = UNREADABLE if self._is_lost else value
        else:
            line = earlier.key.line if earlier and earlier.key else 1
            message = (f"this key is there already, at line {line}", "take one of the two out")
            self.slip(start, end - start, message)

    @staticmethod
    def inner(field: Field | None, name: str) -> Field | None:
        """Return the field of a key of a table."""
        return field and (field.fields.get(name) or field.entry)

    def _trailing(self, comma: int | None, closing: str) -> None:
        if comma is not None and closing not in self.trailing:
            self.slip(comma, 1, _EXTRA_COMMA)

    def _comma(self, closing: str) -> int | None:
        """Go past the comma behind a value, and return its place."""
        end = self.at
        read, self._comma_read = self._comma_read, None
        self.skip()
        here = self.text[self.at : self.at + 1]
        if here in (",", ";"):
            if here == ";":
                self.slip(self.at, 1, ("this must be a comma", "write , in place of ;"))
            self.at += 1
            return self.at - 1
        if read is None and here not in ("", "]", "}") and not self.is_outside(closing):
            inside: Inside = "list" if closing == "]" else "table"
            is_next = _NEXT[inside].match(self.text, self.at)
            (self.slip if is_next else self.lose)(max(0, end - 1), 1, _NO_COMMA)
        return read

    def _unclosed(self, opening: int, closing: str, comma: int | None) -> None:
        """Report a list or table without its end; in a text that is cut off, only the inmost."""
        if not self._is_cut and self.at != self._unclosed_at:
            name = "list" if closing == "]" else "table"
            message = (f"the closing {closing} is missing", f"put {closing} behind the {name}")
            self.slip(opening, 1, message)
        self._unclosed_at = self.at
        self._comma_read = comma
        self.doubt()
        self._is_cut = self._is_cut or self.at >= len(self.text)

    def quoted(self, inside: Inside) -> object:
        """Read a text between quotes."""
        opening = self.at
        quote = self.text[opening]
        line_end = self.lines.end(opening)
        escaped = r"(?:[^\\\n]|\\.)*?" if quote == '"' else r"[^\n]*?"
        found = re.compile(escaped + quote).match(self.text, opening + 1)
        if found is None:
            return self._without_end(opening, inside)
        self.at = found.end()
        if self.is_end(self.at, inside):
            return self.checked(opening)
        curly = self._closing(rf"[{CURLY}]", opening, self.at, inside)
        if curly is not None:
            self.slip(curly - 1, 1, _CURLY)
            self.at = curly
            return UNREADABLE
        last = self._closing(quote, self.at, line_end, inside, is_last=inside == "line")
        if last is None:
            return self.checked(opening)
        report = self.lose if inside == "key" else self.slip
        report(self.at - 1, 1, (_ONE_QUOTE, self.quote_hint(quote)))
        self.at = last
        return UNREADABLE

    def _closing(
        self, quotes: str, start: int, end: int, inside: Inside, *, is_last: bool = False
    ) -> int | None:
        """Return where a text ends: behind the first or last quote that something fitting follows.

        Args:
            quotes: A regular expression of one character.
            start: Where to look from.
            end: Where to look to.
            inside: What the text is a part of.
            is_last: Whether the last one counts.
        """
        # In a list, the end is near: a text of many thousand characters is none of its items.
        end = end if inside == "line" else min(end, start + _FARTHEST)
        ends: Iterable[int] = (
            found.end() for found in re.compile(quotes).finditer(self.text, start, end)
        )
        if is_last:
            ends = reversed(list(ends))
        return next((each for each in ends if self.is_end(each, inside)), None)

    def is_end(self, at: int, inside: Inside) -> bool:
        """Return whether a text can end here."""
        return bool(_AFTER[inside].match(self.text, at))

    @abc.abstractmethod
    def quote_hint(self, quote: str) -> str:
        """Return how to write a quote within a text."""

    @abc.abstractmethod
    def lines_hint(self) -> str:
        """Return how to write a text of several lines."""

    @abc.abstractmethod
    def backslash_hint(self) -> str:
        """Return how to write a backslash."""

    def checked(self, opening: int) -> object:
        """Return the text that ends here; report what may not stand in a text."""
        token = self.text[opening : self.at]
        try:
            return self.parse(token)
        except ValueError:
            pass
        is_literal = token.startswith("'")
        escape = None if is_literal else _BAD_ESCAPE[self.kind].search(_without_pairs(token))
        half = None if is_literal else _HALF.search(token)
        control = _CONTROL[self.kind].search(token)
        if escape:
            message = (r"a backslash begins an escape, such as \n", self.backslash_hint())
            self.slip(opening + escape.start(), 1, message)
        elif half:
            message = ("half of a surrogate pair, which is not a character", "type the character")
            self.slip(opening + half.start(), len(half[0]), message)
        elif control:
            message = (
                f"U+{ord(control[0]):04X} must not stand in a text",
                r"write \t" if control[0] == "\t" else "delete it",
            )
            self.slip(opening + control.start(), 1, message)
        else:
            self.slip(opening, 1, (f"{self.kind.upper()} cannot read this text", "type it again"))
        return UNREADABLE

    def _without_end(self, opening: int, inside: Inside) -> object:
        """Read a text whose line has no closing quote."""
        line_end = self.lines.end(opening)
        rest = self.text[opening + 1 : line_end].rstrip()
        rest = rest if inside == "line" else rest.rstrip(",;]} \t")
        end = opening + 1 + len(rest)
        if rest and rest[-1] in CURLY:
            self.slip(end - 1, 1, _CURLY)
        elif rest.endswith('\\"'):
            message = (r"a backslash begins an escape, such as \n", self.backslash_hint())
            self.slip(end - 2, 1, message)
        else:
            last = self._continued(opening, self.text[opening], inside)
            if last > line_end:
                self.slip(opening, 1, ("this text goes over several lines", self.lines_hint()))
                end = last
            else:
                quote = self.text[opening]
                hint = f"put {quote} at the end of the text"
                report = self.lose if inside == "key" else self.slip
                report(opening, 1, ("the closing quote is missing", hint))
        self.at = end
        return UNREADABLE

    def _continued(self, opening: int, quotes: str, inside: Inside) -> int:
        """Return where a text ends that goes on in the next lines."""
        end = self.lines.end(opening)
        at = self.text.find("\n", opening) + 1
        while 0 < at < len(self.text):
            line = self.text[at : self.lines.end(at)]
            if self.is_new_line(line, inside):
                break
            text = re.sub(r"[ \t]*#[^\"'”]*$", "", line).rstrip()
            text = text if inside == "line" else text.rstrip(",;]} \t")
            if text:
                end = at + len(text)
                if text[-1] in quotes:
                    break
            at = self.text.find("\n", at) + 1
        return end

    def _curly(self, inside: Inside) -> object:
        """Read a text between curly quotes."""
        opening = self.at
        self.slip(opening, 1, _CURLY)
        end = self._closing(
            rf'["{CURLY}]', opening + 1, self.lines.end(opening), inside, is_last=inside == "line"
        )
        self.at = end or self._continued(opening, f'"{CURLY}', inside)
        return UNREADABLE

    def _bare(self, field: Field | None, inside: Inside) -> object:
        """Read a value without quotes."""
        start = self.at
        token = self._bare_token(start, inside)
        self.at = start + len(token)
        try:
            return self.parse(token)
        except ValueError:
            message, hint = explain(token, field, self.kind)
        if field is not None and field.fields and str not in map(plain, field.alternatives):
            # What follows is likely to be in the table.
            self.lose(start, 1, (message, hint))
        self.slip(start, 1, (message, hint), is_style=self.kind == "json")
        # A comma at the end may be a part of the text.
        if inside == "line" and self.text[self.at : self.at + 1] in (",", ";"):
            self.at += 1
        return UNREADABLE

    def _bare_token(self, start: int, inside: Inside) -> str:
        found = _BARE[inside].match(self.text, start)
        token = found[0] if found else ""
        behind = _BEHIND_BARE[inside].search(token[: None if inside == "line" else _FARTHEST])
        token = token[: behind.start()] if behind else token
        return token.rstrip(" \t,;" if inside != "list" else " \t")


def _without_pairs(token: str) -> str:
    """Hide escaped backslashes, so that the second one of a pair begins no escape."""
    return token.replace("\\\\", "  ")
