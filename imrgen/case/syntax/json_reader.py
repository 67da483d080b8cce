"""Reads JSON past its faults."""

from __future__ import annotations

import json
import re

from imrgen.case.fields import Field
from imrgen.case.positions import Place
from imrgen.case.syntax.reader import Inside, Key, Reader
from imrgen.diagnostics import Path

_SPACE = re.compile(r"\s*")
_COMMENT = re.compile(r"//[^\n]*|#[^\n]*|/\*[\s\S]*?(?:\*/|\Z)")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_KEY = re.compile(
    r"""(?P<opening>["'“”‘’]?)(?P<name>[A-Za-z_$][\w$.-]*)(?P<closing>["'“”‘’]?)(?=\s*[:=])"""
)
_QUOTED_KEY = re.compile(r'\s*"[^"\n]*"\s*[=:]')
_SECOND_OBJECT = (
    "a second object",
    "write one case per file, or one per line of a .jsonl file for `imrgen batch`",
)
_SECOND = re.compile(r",?\s*\{")
_SINGLE_QUOTES = ("JSON has double quotes only", "write \"…\" in place of '…'")
_EXTRA_BRACKET = ("a closing bracket too many", "take it out")
_SINGLE = re.compile(r"'((?:[^'\\\n]|\\.)*)'")
_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonReader(Reader):
    """JSON."""

    kind = "json"
    separator = ":"
    trailing = ""

    def read(self) -> dict[object, object]:
        """Read the one object of the text."""
        outside = _STRING.sub("", self.text)
        self._missing = {
            "}": outside.count("{") - outside.count("}"),
            "]": outside.count("[") - outside.count("]"),
        }
        self._open: list[Field | None] = []
        self._lists: list[Field | None] = []
        self.skip()
        data: dict[object, object] = {}
        if _QUOTED_KEY.match(self.text, self.at):
            self._opened("{")
        elif not self.text.startswith("{", self.at):
            is_empty = self.at >= len(self.text)
            message = "the file is empty" if is_empty else "a JSON file holds one object, { … }"
            hint = "`imrgen new case.json` makes one to begin with"
            self.slip(0 if is_empty else self.at, 1, (message, hint))
            return data
        data = self.table((), self.root)
        while self.at < len(self.text):
            self.skip()
            end = self.at
            if self.is_extra("}") or self.is_extra("]"):
                continue
            second = _SECOND.match(self.text, end)
            if second and not self._missing["}"]:
                self.slip(second.end() - 1, 1, _SECOND_OBJECT)
                return data
            if self.text.startswith(",", self.at) or _QUOTED_KEY.match(self.text, self.at):
                # A brace too many has closed the outermost object.
                brace = self.text.rfind("}", 0, end)
                self.go_to(())
                self.slip(brace, 1, _EXTRA_BRACKET)
                self._missing["}"] += 1
                self.at += self.text.startswith(",", end)
                self.members(data, (), self.root, brace)
            elif end < len(self.text):
                self.slip(end, 1, ("text behind the closing }", "take it out"))
                return data
        return data

    def is_extra(self, bracket: str) -> bool:
        """Go past a closing bracket that closes nothing, and return whether it is one."""
        if self._missing[bracket] >= 0 or not self.text.startswith(bracket, self.at):
            return False
        self._missing[bracket] += 1
        self.slip(self.at, 1, _EXTRA_BRACKET)
        self.doubt()
        self.at += 1
        return True

    def value(
        self, path: Path, field: Field | None, inside: Inside, key_place: Place | None = None
    ) -> object:
        """Read a value, which may lack its opening bracket."""
        here = self.text[self.at : self.at + 1]
        is_of_tables = field is not None and field.item is not None and bool(field.item.fields)
        if here == "{" and is_of_tables and self._missing["]"] < 0:
            self._opened("[")
            return self.sequence(path, field)
        found = _KEY.match(self.text, self.at)
        fields = field.fields if found and field is not None else {}
        if found and fields and (found["name"] in fields or self._missing["}"] < 0):
            self._opened("{")
            return self.table(path, field)
        return super().value(path, field, inside, key_place)

    def _opened(self, bracket: str) -> None:
        message = (f"the opening {bracket} is missing", f"put {bracket} before this")
        self.slip(self.at, 1, message)
        self.doubt()
        self._missing["]" if bracket == "[" else "}"] += 1

    def table(self, path: Path, field: Field | None) -> dict[object, object]:
        """Read an object, from its brace on."""
        self._open.append(field)
        try:
            return super().table(path, field)
        finally:
            self._open.pop()

    def belongs(self, name: str, field: Field | None) -> bool:
        """Return whether a key is one of this object, where a closing brace is missing."""
        if self._missing["}"] <= 0 or field is None or name in field.fields:
            return True
        is_outer = any(outer and name in outer.fields for outer in self._open[:-1])
        self._missing["}"] -= is_outer
        return not is_outer

    def skip(self) -> None:
        """Go past white space and comments, which JSON does not have."""
        while True:
            space = _SPACE.match(self.text, self.at)
            self.at = space.end() if space else self.at
            comment = _COMMENT.match(self.text, self.at)
            if comment is None:
                return
            self.slip(self.at, 1, ("JSON has no comments", "take it out"), is_style=True)
            self.at = comment.end()

    def is_outside(self, closing: str) -> bool:
        """Return whether a key stands where only a list's item can."""
        key = _KEY.match(self.text, self.at) if closing == "]" else None
        if key is None or self._missing["}"] < 0:
            return False
        item = self._lists[-1]
        return item is None or key["name"] not in item.fields

    def sequence(self, path: Path, field: Field | None) -> object:
        """Read a list, from its bracket on."""
        self._lists.append(field and field.item)
        items = super().sequence(path, field)
        self._lists.pop()
        return items

    def is_new_line(self, line: str, inside: Inside) -> bool:
        """Return whether a line begins with a key or ends an object or a list."""
        is_item = inside == "list" and line.lstrip().startswith('"')
        return is_item or bool(_QUOTED_KEY.match(line)) or line.lstrip()[:1] in ("}", "]")

    def key(self) -> Key:
        """Read a key, which may lack its quotes."""
        start = self.at
        found = _KEY.match(self.text, start)
        if found is None:
            if self.text.startswith(('"', "'"), start):
                return [(self.quoted("key"), start, self.at)]
            return []
        self.at = found.end()
        opening, closing = found["opening"], found["closing"]
        if opening == closing == "'":
            self.slip(start, 1, _SINGLE_QUOTES, is_style=True)
        elif not opening and not closing:
            hint = 'write "key": in place of key:'
            message = ("a key stands between quotes", hint)
            self.slip(start, self.at - start, message, is_style=True)
        elif opening != '"' or closing != '"':
            message = ("a key stands between straight quotes", 'write "key":')
            self.slip(start, self.at - start, message)
        return [(found["name"], start, self.at)]

    def quoted(self, inside: Inside) -> object:
        """Read a text, which may stand between single quotes."""
        found = _SINGLE.match(self.text, self.at)
        if found is None:
            return super().quoted(inside)
        self.slip(
            self.at,
            1,
            ("JSON has double quotes only", "write \"…\" in place of '…'"),
            is_style=True,
        )
        self.at = found.end()
        return found[1]

    def parse(self, token: str) -> object:
        """Parse a text, a number, true, false or null."""

        def refuse(constant: str) -> object:
            raise ValueError(constant)

        value: object = json.loads(token, parse_constant=refuse)
        if isinstance(value, str) and _SURROGATE.search(value):
            raise ValueError
        return value

    def quote_hint(self, quote: str) -> str:
        """Return how to write a quote within a text."""
        return r"write \" for each quote within the text"

    def lines_hint(self) -> str:
        """Return how to write a text of several lines."""
        return r"write \n for each line break"

    def backslash_hint(self) -> str:
        """Return how to write a backslash."""
        return r"write \\ for a backslash"
