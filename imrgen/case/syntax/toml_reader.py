"""Reads TOML past its faults."""

from __future__ import annotations

import re
from typing import Any

import tomli

from imrgen.case.fields import UNREADABLE, Field
from imrgen.case.positions import Place
from imrgen.case.syntax.reader import Inside, Key, Reader
from imrgen.diagnostics import Path, nearest

_SPACE = re.compile(r"(?:\s|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)")
_PART = r"""(?:[\w-]+|"[^"\n]+"|'[^'\n]+')"""
_KEY = re.compile(rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*")
_PARTS = re.compile(_PART)
_HEADER = re.compile(r"[ \t]*\[{1,2}[ \t]*[A-Za-z_][\w.-]*[ \t]*\]{1,2}[ \t]*(?:#.*)?$")
_HALF_HEADER = re.compile(r"[ \t]*([A-Za-z_][\w-]*)[ \t]*\]{1,2}[ \t]*(?:#.*)?$")
_ASSIGNMENT = re.compile(r"[ \t]*([A-Za-z_][\w.-]*)[ \t]*=[ \t]*(.*)")
_SURE_VALUE = re.compile(
    r"""["'\[{“]|\d|true\b|false\b|(?:null|None|True|False|Yes|No)[ \t]*(?:#|$)"""
)
_SECOND_KEY = re.compile(r"""[ \t]*[,;]?[ \t]+([A-Za-z_][\w-]*)[ \t]*=[ \t]*["'\[{\dtf]""")
_LOOSE_KEY = re.compile(r"[ \t]*([^=\n\"'“”#]*?)[ \t]*=")
# How a line of notes begins in other languages.
_FOREIGN_NOTES = ("//", "/*", "--", ";", "<!--")
_BRACKETS = re.compile(r"(\[*)[ \t]*([^\[\]#\n\r=]*)(\]*)")
_JOINT = re.compile(r"[ \t]*(?:=|:(?!/)|$)")


class TomlReader(Reader):
    """TOML."""

    kind = "toml"
    separator = "="
    trailing = "]}"

    def read(self) -> dict[object, object]:
        """Read the text, a header or a key and its value at a time."""
        self._data: dict[object, object] = {}
        self._table, self._field = self._data, self.root
        self._path: Path = ()
        # Where the first header of each table begins, and its length.
        self._headers: dict[Path, tuple[int, int]] = {}
        # The fields of the tables in braces that are being read.
        self._inline: list[Field | None] = []
        is_stray = False
        while self.at < len(self.text):
            blank = _BLANK.match(self.text, self.at)
            if blank:
                self.at = blank.end()
                continue
            # What is left of it: a list without its end, or another key, may stand before.
            line = self.text[self.at : self.lines.end(self.at)]
            self.path = ()
            self.find()
            if line.lstrip().startswith("[") or self._is_half_header(line):
                self._header(line)
            elif not self._pair(line):
                if not is_stray:
                    self._stray(line)
                is_stray = True
                self._next_line()
                continue
            is_stray = False
            self._end_of_line()
        return self._data

    def _next_line(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end + 1

    def _stray(self, line: str) -> None:
        start = self.at + len(line) - len(line.lstrip())
        message = (
            "this line is neither a key with its value nor a table's header",
            'write key = value; text of several lines stands between """',
        )
        if line.lstrip().startswith(_FOREIGN_NOTES):
            message = ("a note begins with # here", "put # at the beginning of the line")
        self.slip(start, 1, message)
        self._table[UNREADABLE] = UNREADABLE

    def _end_of_line(self) -> None:
        """Go past what follows a value or a header, which must be nothing or a comment."""
        if not self.text[self.lines.start(self.at) : self.at].strip():
            return
        blank = _BLANK.match(self.text, self.at)
        if blank is None:
            start = self.at + len(self.text[self.at :]) - len(self.text[self.at :].lstrip(" \t"))
            has_slip = self.slips and self.lines.number(self.slips[-1].start) == self.lines.number(
                start
            )
            second = self._second_key(self.at)
            if second is not None:
                self.path = ()
                self.slip(second, 1, ("a second key on this line", "begin a new line with it"))
                self.at = second
                return
            if self.text[start] in ",;":
                name = "comma" if self.text[start] == "," else "semicolon"
                self.slip(start, 1, (f"a line has no {name} at its end", "take it out"))
            elif not has_slip:
                hint = "begin a new line, or put # before a note"
                self.slip(start, 1, ("text behind the end of the value", hint))
            self._next_line()
        else:
            self.at = blank.end()

    def _second_key(self, at: int) -> int | None:
        """Return where a known key stands behind a value in its line, `None` for none."""
        found = _SECOND_KEY.match(self.text, at)
        return found.start(1) if found and found[1] in self.names else None

    def is_end(self, at: int, inside: Inside) -> bool:
        """Return whether a text can end here; another key and its value may follow."""
        is_second = inside == "line" and self._second_key(at) is not None
        return is_second or super().is_end(at, inside)

    def _pair(self, line: str) -> bool:
        """Read a key and its value; return whether there is one."""
        start = self.at + len(line) - len(line.lstrip(" \t"))
        found = _KEY.match(self.text, start)
        if found and _JOINT.match(line, found.end() - self.at):
            self.at = start
            key = self.key()
        else:
            key = self._loose_key(line, start, found)
        if not key:
            return False
        if not self._is_key(key, line):
            self.at = start
            return False
        self.read_separator()
        self.assign(self._table, key, self._path, self._field, "line")
        return True

    def _is_key(self, key: Key, line: str) -> bool:
        """Return whether a key is one, and not the first word of a text without its quotes."""
        found = _ASSIGNMENT.match(line)
        if found and (not found[2] or _SURE_VALUE.match(found[2])):
            return True
        return all(name in self.names or nearest(str(name), self.names) for name, *_ in key)

    def _loose_key(self, line: str, start: int, found: re.Match[str] | None) -> Key:
        """Read a key with spaces in it, or one without its sign of equality."""
        loose = _LOOSE_KEY.match(line)
        if loose:
            joined = re.sub(r"\W+", "_", loose[1].strip().lower())
            length = max(1, len(loose[1].strip()))
            if joined in self.names:
                message = ("a key has no spaces", f"write {joined}")
            elif loose[1]:
                message = (
                    "a key has letters, digits, - and _ only",
                    "write one of the schema's keys",
                )
            else:
                message = ("the key is missing", "write one before the =")
            self.slip(start, length, message)
            self.at += loose.end() - 1
            return [(joined if joined in self.names else UNREADABLE, start, start + length)]
        if found and found[0] in self.names:
            self.at = found.end()
            return [(found[0], start, found.end())]
        return []

    def _is_half_header(self, line: str) -> bool:
        """Return whether a line is a known table's header without its opening bracket."""
        found = _HALF_HEADER.match(line)
        return found is not None and found[1] in self.names

    def _header(self, line: str) -> None:
        """Read a table's header."""
        start = self.at + len(line) - len(line.lstrip())
        found = _BRACKETS.match(self.text, start)
        assert found is not None
        self.at = found.end()
        is_item = (found[1] or found[3].replace("]", "[")) == "[["
        names: Key = [
            (_name(each[0]), found.start(2) + each.start(), found.start(2) + each.end())
            for each in _PARTS.finditer(found[2])
        ]
        if not self._is_header(found[0]):
            names = self._mended_header(found, names)
        if not names:
            self._table, self._path, self._field = {}, (), None
            return
        self._open(names, is_item, start)

    @staticmethod
    def _is_header(text: str) -> bool:
        try:
            tomli.loads(text)
        except tomli.TOMLDecodeError:
            return False
        return True

    def _mended_header(self, found: re.Match[str], names: Key) -> Key:
        """Report a header that is none, and return the names it was meant to have."""
        joined = re.sub(r"[\s-]+", "_", found[2].strip().lower())
        brackets = ("[", "]") if len(found[1]) == 1 else ("[[", "]]")
        if not names:
            message = ("a table's name is missing", "write it between the brackets")
        elif " " in found[2].strip() and "." not in found[2]:
            is_known = joined in self.names
            hint = f"write {brackets[0]}{joined}{brackets[1]}" if is_known else "write one word"
            message = ("a table's name has no spaces", hint)
            names = [(joined, found.start(2), found.end(2))] if is_known else []
        else:
            message = ("a header's brackets do not match", "write [table], or [[list]]")
        self.slip(found.start(1), 1, message)
        return names

    def _open(self, names: Key, is_item: bool, start: int) -> None:
        """Begin a table."""
        label = self.text[start : self.at].strip()
        last = names[-1]
        place = Place(self.lines.span(*last[1:]), self.lines.span(*last[1:]), label)
        path: Path = ()
        table, field = self._data, self.root
        for name, *_ in names[:-1]:
            table, path, field = self._enter(table, path, field, name)
            self.places.setdefault(path, place)
        name = last[0]
        known = self.inner(field, name)
        is_list = known is not None and known.item is not None and bool(known.item.fields)
        here: Path = (*path, name)
        first = self._headers.setdefault(here, (start, len(label)))
        is_repeated = first[0] != start
        if is_list and is_repeated and not is_item:
            self._single_bracket(start, len(label), name)
            is_item = True
        if is_item:
            items = table.get(name, [])
            if isinstance(items, dict):
                self._single_bracket(*first, name)
                items = [items]
                self._number_places(here)
            table[name] = items = items if isinstance(items, list) else []
            items.append({})
            self.places.setdefault(here, place)
        elif is_repeated:
            line = self.lines.number(first[0])
            hint = "put its keys there, and take this line out"
            self.slip(start, len(label), (f"this table is there already, at line {line}", hint))
        self._table, self._path, self._field = self._enter(table, path, field, name)
        self.places.setdefault(self._path, place)

    def _single_bracket(self, start: int, length: int, name: str) -> None:
        """Report a header of an item of a list that is written as that of a table."""
        hint = f"write [[{name}]]" if name in self.names else "write [[…]]"
        self.slip(start, length, ("an item of a list has a header in double brackets", hint))

    def _number_places(self, path: Path) -> None:
        """Move the places in a table to those in the first item of a list."""
        depth = len(path)
        for old in [old for old in self.places if len(old) > depth and old[:depth] == path]:
            self.places[(*path, 0, *old[depth:])] = self.places.pop(old)

    def _enter(
        self, table: dict[object, object], path: Path, field: Field | None, name: str
    ) -> tuple[dict[object, object], Path, Field | None]:
        """Go into a table, or into the last item of a list of tables."""
        inner = table.setdefault(name, {})
        path, field = (*path, name), self.inner(field, name)
        if isinstance(inner, list) and inner:
            path, field = (*path, len(inner) - 1), field and field.item
            inner = inner[-1]
        return (inner if isinstance(inner, dict) else {}), path, field

    def skip(self) -> None:
        """Go past white space, line breaks and comments."""
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at

    def table(self, path: Path, field: Field | None) -> dict[object, object]:
        """Read a table in braces."""
        self._inline.append(field)
        data = super().table(path, field)
        self._inline.pop()
        return data

    def is_outside(self, closing: str) -> bool:
        """Return whether a header, or a key with its value, begins at this line."""
        start = self.lines.start(self.at)
        if self.text[start : self.at].strip():
            return False
        line = self.lines.line(self.at)
        found = _ASSIGNMENT.match(line)
        inner = self._inline[-1] if self._inline and closing == "}" else None
        is_own = bool(found and inner and found[1] in inner.fields)
        return self.is_new_line(line, "line") and not is_own

    def is_new_line(self, line: str, inside: Inside) -> bool:
        """Return whether a line is a header, or a key with its value."""
        if _HEADER.match(line) or line.lstrip().startswith("#"):
            return True
        if inside != "line" and line.lstrip()[:1] in ('"', "'", "]", "}"):
            return True
        found = _ASSIGNMENT.match(line)
        return bool(
            found
            and (found[1] in self.names or (found[1].islower() and _SURE_VALUE.match(found[2])))
        )

    def key(self) -> Key:
        """Read a key, whose parts may stand between quotes."""
        found = _KEY.match(self.text, self.at)
        if found is None:
            return []
        self.at = found.end()
        return [
            (_name(part[0]), found.start() + part.start(), found.start() + part.end())
            for part in _PARTS.finditer(found[0])
        ]

    def quoted(self, inside: Inside) -> object:
        """Read a text, which may stand between three quotes."""
        opening = self.at
        quotes = self.text[opening : opening + 3]
        if quotes not in ('"""', "'''"):
            return super().quoted(inside)
        body = r"(?:[^\\]|\\[\s\S])*?" if quotes == '"""' else r"[\s\S]*?"
        found = re.compile(rf"{body}{quotes}{quotes[0]}{{0,2}}").match(self.text, opening + 3)
        end = found.end() if found else len(self.text)
        # Closing quotes behind `key =` are the opening ones of the next text.
        before = self.text[self.lines.start(end - 3) : end].rstrip(quotes[0])
        if found and not (before.rstrip().endswith("=") and _ASSIGNMENT.match(before)):
            self.at = end
            return self.checked(opening)
        message = (f"the closing {quotes} is missing", f"put {quotes} at the end of the text")
        self.slip(opening, 3, message)
        self.at = len(self.text)
        at = self.text.find("\n", opening) + 1
        while at > 0:
            line = self.lines.line(at) if at < len(self.text) else ""
            if self.is_new_line(line, "line") and not line.lstrip().startswith("#"):
                self.at = at - 1
                break
            at = self.text.find("\n", at) + 1
        return UNREADABLE

    def parse(self, token: str) -> object:
        """Parse any value."""
        return tomli.loads(f"x = {token}")["x"]

    def quote_hint(self, quote: str) -> str:
        """Return how to write a quote within a text."""
        other = "'…'" if quote == '"' else '"…"'
        return f'put the text between {other} or """…"""'

    def lines_hint(self) -> str:
        """Return how to write a text of several lines."""
        return 'begin and end it with """'

    def backslash_hint(self) -> str:
        """Return how to write a backslash."""
        return r"put the text between '…', or write \\ for a backslash"


def _name(part: str) -> Any:
    """Return the name that a part of a key stands for."""
    if part[0] not in "\"'":
        return part
    try:
        return next(iter(tomli.loads(f"{part} = 0")))
    except tomli.TOMLDecodeError:
        return UNREADABLE
