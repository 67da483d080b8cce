"""Edits of a case file's text: one value is set, added or removed, and all else stays as it is.

Comments, order, blank lines and quotes are the author's. So only the characters of a value change,
at the place that the syntax tree has for it. Each edit is tried first: the new text is parsed, and
an edit that would change any other value is refused.
"""

from __future__ import annotations

import copy
import datetime
import itertools
import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from imrgen.case.positions import Written, items_of, node_text, parse_syntax, walk_syntax
from imrgen.case.source import Source, parse
from imrgen.diagnostics import ImrgenError, Path

if TYPE_CHECKING:
    from tree_sitter import Node

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")
_HEADERS = ("table", "table_array_element")
# What no text of TOML may hold as it is.
_TOML_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class EditError(Exception):
    """The change cannot be made at its place; the text has to be edited by hand."""


def set_value(source: Source, path: Path, value: Any) -> str:
    """Return the text of a case file with a value at a path, in place of the one that is there.

    Args:
        source: The case file.
        path: Where; the number of an item may be the list's length, which adds one. Tables on the
            way are made.
        value: A value as TOML's parser returns it, dates included.

    Raises:
        EditError: It cannot be done without changing another value.
    """
    expected = copy.deepcopy(dict(source.data))
    inner: Any = expected
    for here, after in itertools.pairwise(path):
        inner = _entered(inner, here, [] if isinstance(after, int) else {})
    _entered(inner, path[-1], value, replace=True)
    return _tried(source, expected, lambda text: text.set(path, value))


def remove_value(source: Source, path: Path) -> str:
    """Return the text of a case file without the value at a path.

    Args:
        source: The case file.
        path: The path of a value, a table or an item of a list.

    Raises:
        EditError: There is none, or it cannot be removed without changing another value.
    """
    expected = copy.deepcopy(dict(source.data))
    inner: Any = expected
    try:
        for part in path[:-1]:
            inner = inner[part]
        del inner[path[-1]]
    except (LookupError, TypeError):
        raise EditError from None
    return _tried(source, expected, lambda text: text.remove(path))


def toml_literal(value: Any, on_lines: bool = False) -> str:
    """Return a value as TOML writes it.

    Args:
        value: A text, number, date, true or false, or a list or a table of these.
        on_lines: Whether a text of several lines stands on lines of its own.
    """
    if isinstance(value, str):
        return _toml_text(value, '"""\n' if on_lines and "\n" in value else '"')
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_literal, value))}]"
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_toml_key(key)} = {toml_literal(each)}" for key, each in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return value.isoformat() if isinstance(value, datetime.date) else json.dumps(value)


def _toml_key(key: str) -> str:
    return key if _BARE_KEY.match(key) else json.dumps(key, ensure_ascii=False)


def _toml_text(text: str, style: str) -> str:
    r"""Write a text between quotes of a style, or in basic quotes where that cannot hold it.

    Args:
        text: The text.
        style: One of `"`, `'`, `\"""`, `'''`, the last two perhaps with a line feed behind them.
    """
    quote = style.rstrip("\n")
    controls = _TOML_CONTROL.search(text)
    if quote.startswith("'") and not controls and quote not in text and text[-1:] != "'":
        if len(quote) == 3:
            return f"{style if text[:1] != chr(10) else quote + chr(10)}{text}{quote}"
        if "\n" not in text:
            return f"'{text}'"
    if len(quote) == 3:
        escaped = re.sub(r'"(?="")|"\Z', r"\"", text.replace("\\", "\\\\"))
        escaped = _TOML_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped)
        return f'"""{chr(10) if style[-1] == chr(10) or text[:1] == chr(10) else ""}{escaped}"""'
    if "\n" in text and style != '"':
        return _toml_text(text, '"""\n')
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _entered(container: Any, key: str | int, value: Any, replace: bool = False) -> Any:
    """Return what a container has at a key, once it is there."""
    if isinstance(container, list) and isinstance(key, int) and 0 <= key <= len(container):
        if key == len(container):
            container.append(value)
        elif replace:
            container[key] = value
    elif isinstance(container, dict) and isinstance(key, str):
        if replace or container.get(key) is None:
            container[key] = value
    else:
        raise EditError
    return container[key]


def _tried(source: Source, expected: Any, change: Callable[[_Text], None]) -> str:
    """Make a change, and see that the new text has the expected data."""
    if source.kind == "mapping":
        raise EditError
    text = _TomlText(source) if source.kind == "toml" else _JsonText(source)
    change(text)
    changed = text.changed()
    try:
        data = parse(changed, source.name).data
    except ImrgenError:
        raise EditError from None
    if _without_empty_lists(data) != _without_empty_lists(expected):
        raise EditError
    return changed


def _without_empty_lists(value: Any) -> Any:
    """Leave empty lists out, which mean the same as no list; what has no item left may be one."""
    if isinstance(value, Mapping):
        parts = ((key, _without_empty_lists(each)) for key, each in value.items())
        return {key: each for key, each in parts if each != []}
    return [_without_empty_lists(each) for each in value] if isinstance(value, list) else value


class _Text:
    """A text and the changes that are to be made to it, in bytes of UTF-8."""

    kind: Literal["toml", "json"]

    def __init__(self, source: Source) -> None:
        self.encoded = source.text.encode()
        self.root = parse_syntax(self.encoded, self.kind)
        self.all = list(walk_syntax(self.root, self.kind))
        self.written: dict[Path, Written] = {}
        for path, written in self.all:
            self.written.setdefault(path, written)
        self._changes: list[tuple[int, int, str]] = []

    def changed(self) -> str:
        """Return the text with its changes."""
        parts: list[bytes] = []
        at = 0
        for start, end, text in sorted(self._changes, key=lambda change: change[0]):
            parts += [self.encoded[at:start], text.encode()]
            at = end
        return b"".join([*parts, self.encoded[at:]]).decode()

    def replace(self, start: int, end: int, text: str) -> None:
        self._changes.append((start, end, text))

    def line_start(self, at: int) -> int:
        return self.encoded.rfind(b"\n", 0, at) + 1

    def line_end(self, at: int) -> int:
        """Return where the line of an offset ends, before its line feed."""
        end = self.encoded.find(b"\n", at)
        return len(self.encoded) if end < 0 else end

    def is_blank(self, start: int, end: int) -> bool:
        return not self.encoded[start:end].strip()

    def insert(self, container: Node, literal: str) -> None:
        """Add an item to an array, or a pair to an object or an inline table, as its last one."""
        items = items_of(container)
        opening, closing = container.children[0], container.children[-1]
        if not items:
            padding = " " if container.type == "inline_table" else ""
            is_blank = self.is_blank(opening.end_byte, closing.start_byte)
            end = closing.start_byte if is_blank else opening.end_byte
            self.replace(opening.end_byte, end, f"{padding}{literal}{padding}")
            return
        last = items[-1]
        comma = self._comma_behind(container, last)
        behind = last.end_byte if comma is None else comma.end_byte
        if b"\n" in self.encoded[behind : closing.start_byte]:
            line = self.encoded[self.line_start(last.start_byte) : last.start_byte].decode()
            indent = line[: len(line) - len(line.lstrip())]
            at = self.line_end(behind)
            if comma is None:
                self.replace(behind, behind, ",")
            self.replace(at, at, f"\n{indent}{literal}{',' if comma else ''}")
        else:
            self.replace(behind, behind, f" {literal}," if comma else f", {literal}")

    def delete(self, container: Node, item: Node) -> None:
        """Remove an item of an array, or a pair of an object or an inline table."""
        items = items_of(container)
        comma = self._comma_behind(container, item)
        end = item.end_byte if comma is None else comma.end_byte
        start, line_end = self.line_start(item.start_byte), self.line_end(end)
        is_alone = self.is_blank(start, item.start_byte) and self.is_blank(end, line_end)
        if comma is None and item != items[0]:
            before = self._comma_behind(container, items[items.index(item) - 1])
            assert before is not None
            if self.is_blank(before.end_byte, item.start_byte):
                self.replace(before.start_byte, end, "")
                return
            self.replace(before.start_byte, before.end_byte, "")
        if is_alone:
            self.replace(start, min(line_end + 1, len(self.encoded)), "")
        else:
            spaces = len(self.encoded[end:line_end]) - len(self.encoded[end:line_end].lstrip(b" "))
            self.replace(item.start_byte, end + (spaces if comma else 0), "")

    def _comma_behind(self, container: Node, item: Node) -> Node | None:
        behind = [each for each in container.children if each.start_byte >= item.end_byte]
        found = next((each for each in behind if each.type != "comment"), None)
        return found if found is not None and found.type == "," else None

    def set(self, path: Path, value: Any) -> None:
        """Put a value at a path."""
        raise NotImplementedError

    def remove(self, path: Path) -> None:
        """Remove the value at a path."""
        raise NotImplementedError


class _JsonText(_Text):
    kind = "json"

    def set(self, path: Path, value: Any) -> None:
        if path in self.written:
            node = self.written[path].value
            self.replace(node.start_byte, node.end_byte, _json_literal(value))
            return
        above, key = path[:-1], path[-1]
        container = self._container(above)
        literal = _json_literal(value)
        if container is None or container.type not in ("object", "array"):
            # It is not there, or null.
            self.set(above, [value] if isinstance(key, int) else {key: value})
        else:
            name = "" if isinstance(key, int) else f"{json.dumps(key, ensure_ascii=False)}: "
            self.insert(container, name + literal)

    def remove(self, path: Path) -> None:
        written, container = self.written[path], self._container(path[:-1])
        assert container is not None
        self.delete(container, written.value if written.key is None else written.holder)

    def _container(self, path: Path) -> Node | None:
        if path:
            return self.written[path].value if path in self.written else None
        return self.root.named_children[0]


def _json_literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


class _Section(NamedTuple):
    """A table with a header.

    Args:
        path: The table's path.
        node: Its header and pairs.
        start: Where the line of its header begins.
        above: Where the comment above it begins, or its header.
    """

    path: Path
    node: Node
    start: int
    above: int


class _TomlText(_Text):
    kind = "toml"

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        own = {each.holder.id: path for path, each in self.all if each.holder.type in _HEADERS}
        self.sections = []
        comments: list[Node] = []
        for node in self.root.children:
            if node.type in _HEADERS:
                start = self.line_start(node.start_byte)
                above = self._comment_above(node, comments)
                self.sections.append(_Section(own[node.id], node, start, above))
            comments += [each for each in node.children if each.type == "comment"]
            comments += [node] if node.type == "comment" else []

    def _comment_above(self, header: Node, comments: list[Node]) -> int:
        """Return where the comment begins that stands right above a header."""
        row, start = header.start_point[0], self.line_start(header.start_byte)
        for comment in reversed(comments):
            line = self.line_start(comment.start_byte)
            if comment.start_point[0] != row - 1 or not self.is_blank(line, comment.start_byte):
                break
            row, start = row - 1, line
        return start

    def set(self, path: Path, value: Any) -> None:
        written = self.written.get(path)
        if written is None:
            self._add(path, value)
        elif written.value == written.key:
            # A table with a header, or with dotted keys: its parts are elsewhere.
            raise EditError
        else:
            node = written.value
            self.replace(node.start_byte, node.end_byte, self._literal_for(written, value))

    def _literal_for(self, written: Written, value: Any) -> str:
        """Return a value as it is written in place of another one: in the quotes of that."""
        if not isinstance(value, str):
            return toml_literal(value)
        found = re.match(r"(\"\"\"|''')\n?|[\"']", node_text(written.value))
        style = found[0] if found else '"'
        if self._is_inline(written.value):
            style = '"'
        elif "\n" in value and len(style) == 1 and written.key is not None:
            style = '"""\n'
        return _toml_text(value, style)

    def _is_inline(self, node: Node) -> bool:
        """Return whether a node is a part of an inline table, which stands on one line."""
        above = node.parent
        while above is not None and above.type != "inline_table":
            above = above.parent
        return above is not None

    def _add(self, path: Path, value: Any) -> None:
        above, key = path[:-1], path[-1]
        written = self.written.get(above)
        if above and written is None:
            self._add(above, [value] if isinstance(key, int) else {key: value})
        elif isinstance(key, int):
            assert written is not None
            if written.value.type == "array":
                self.insert(written.value, toml_literal(value))
            else:
                item = (*above, key - 1)
                last = [each for each in self.sections if each.path[: len(item)] == item]
                if not last:
                    raise EditError
                self._put_section(self._end_of(last[-1]), "\n", f"[[{_names(above)}]]", value)
        else:
            self._add_pair(above, str(key), value)

    def _add_pair(self, above: Path, key: str, value: Any) -> None:
        written = self.written.get(above)
        pair = f"{_toml_key(key)} = {toml_literal(value, on_lines=True)}"
        section = next((each for each in self.sections if each.path == above), None)
        if written is None:
            self._add_to_root(key, value, pair)
        elif written.value.type == "inline_table":
            self.insert(written.value, f"{_toml_key(key)} = {toml_literal(value)}")
        elif section is not None:
            self._put_behind(self._last_line(section.node), pair)
        elif written.holder.type == "pair":
            # The table is made of dotted keys: so is its new one.
            length = len(above)
            parts = [each.holder for path, each in self.all if path[:length] == above]
            pair_node = parts[-1]
            depth = next((len(s.path) for s in self.sections if s.node == pair_node.parent), 0)
            self._put_behind(pair_node, f"{_names(above[depth:])}.{pair}")
        else:
            first = next(each for each in self.sections if each.path[: len(above)] == above)
            self.replace(first.above, first.above, f"[{_names(above)}]\n{pair}\n\n")

    def _add_to_root(self, key: str, value: Any, pair: str) -> None:
        pairs = [each for each in self.root.children if each.type == "pair"]
        is_records = isinstance(value, list) and value and all(isinstance(v, dict) for v in value)
        if is_records or isinstance(value, dict):
            for each in value if is_records else [value]:
                header = f"[[{_toml_key(key)}]]" if is_records else f"[{_toml_key(key)}]"
                end = len(self.encoded)
                before = "" if not end else "\n" if self.encoded.endswith(b"\n") else "\n\n"
                self._put_section(end, before, header, cast("dict[str, Any]", each))
        elif pairs:
            self._put_behind(pairs[-1], pair)
        elif self.sections:
            first = self.sections[0]
            at = first.above or first.start
            self.replace(at, at, f"{pair}\n\n")
        else:
            end = len(self.encoded)
            before = "" if not end or self.encoded.endswith(b"\n") else "\n"
            self.replace(end, end, f"{before}{pair}\n")

    def _put_section(self, at: int, before: str, header: str, table: Mapping[str, Any]) -> None:
        lines = [header, *(f"{_toml_key(k)} = {toml_literal(v, True)}" for k, v in table.items())]
        is_open = at and self.encoded[at - 1 : at] != b"\n" and not before.startswith("\n\n")
        self.replace(at, at, ("\n" if is_open else "") + before + "".join(f"{x}\n" for x in lines))

    def _put_behind(self, node: Node, line: str) -> None:
        """Put a line behind that in which a node ends, comment included."""
        at = self.line_end(self._value_end(node))
        self.replace(at, at, f"\n{line}")

    def _value_end(self, node: Node) -> int:
        """Return where a pair ends, without the comment behind it."""
        parts = [each for each in node.children if each.type != "comment"]
        return parts[-1].end_byte if node.type == "pair" else node.end_byte

    def _last_line(self, section: Node) -> Node:
        """Return the last pair of a table, or the end of its header."""
        return [each for each in section.children if each.type in ("pair", "]", "]]")][-1]

    def _end_of(self, section: _Section) -> int:
        """Return where a table ends: behind its last line, and comments right below that."""
        end = self.line_end(self._value_end(self._last_line(section.node)))
        later = [each.above for each in self.sections if each.start > section.start]
        limit = min(later, default=len(self.encoded))
        while end + 1 < limit and self.encoded[end + 1 : limit].lstrip(b" \t").startswith(b"#"):
            end = self.line_end(end + 1)
        return min(end + 1, len(self.encoded))

    def remove(self, path: Path) -> None:
        cuts: list[tuple[int, int]] = []
        for section in self.sections:
            if section.path[: len(path)] == path:
                end = self._end_of(section)
                if self.encoded[: section.start].endswith(b"\n\n"):
                    following = self.encoded[end:]
                    end += len(following) - len(following.lstrip(b"\n"))
                cuts.append((section.start, end))
                self.replace(section.start, end, "")
        for at, written in self.all:
            start = written.value.start_byte
            is_within = at[: len(path)] == path and written.holder.type not in _HEADERS
            if is_within and not any(first <= start < last for first, last in cuts):
                cuts.append(self._remove_written(written))

    def _remove_written(self, written: Written) -> tuple[int, int]:
        """Remove a pair or an item, and return which part of the text that was."""
        pair = written.holder
        if written.key is None:
            self.delete(pair, written.value)
            return written.value.start_byte, written.value.end_byte
        if pair.parent is not None and pair.parent.type == "inline_table":
            self.delete(pair.parent, pair)
            return pair.start_byte, pair.end_byte
        start, end = pair.start_byte, self._value_end(pair)
        line_end = self.line_end(end)
        if self.is_blank(end, line_end):
            self.replace(self.line_start(start), min(line_end + 1, len(self.encoded)), "")
        else:
            # The comment behind it stays, on a line of its own.
            rest = self.encoded[end:line_end]
            self.replace(start, end + len(rest) - len(rest.lstrip()), "")
        return start, end


def _names(path: Path) -> str:
    """Return the keys of a path as a header has them."""
    return ".".join(_toml_key(part) for part in path if isinstance(part, str))
