"""Where every key and every value of a TOML or JSON text stands.

`tomli` and `json` give the data; tree-sitter gives the places. It is imported, and the text is
parsed a second time, only once there is a fault to show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import tomli

from imrgen.diagnostics import Path, Span

if TYPE_CHECKING:
    from tree_sitter import Node

_KEYS = ("bare_key", "quoted_key", "dotted_key")


class Place(msgspec.Struct, frozen=True):
    """Where a value stands, and the key that names it.

    Args:
        key: The key's span; `None` for an item of a list and for the whole document.
        value: The value's span, cut at its first line's end; a table's is its header's.
        label: The key as it is written, `[case]` for a table's header; empty without a key.
    """

    key: Span | None
    value: Span
    label: str = ""


def places(text: str, kind: Literal["toml", "json"], file: str) -> dict[Path, Place]:
    """Map the path of every key and value to its place.

    Args:
        text: The file's text, which its parser has accepted.
        kind: The language.
        file: The file's name for the spans.
    """
    found: dict[Path, Place] = {(): Place(None, Span(file, 1, 1))}
    for path, place in _walk(text, kind, file):
        found.setdefault(path, place)
    return found


def span_at(file: str, text: str, start: int, length: int = 1) -> Span:
    """Return the place of some characters of a text, which begin at an offset from 0."""
    line_start = text.rfind("\n", 0, start) + 1
    return Span(file, text.count("\n", 0, start) + 1, start - line_start + 1, length)


def line_start(text: str, line: int) -> int:
    r"""Return the offset at which a line begins, from line 1.

    Only `\n` ends a line, as for the parsers, and not U+2028 or a form feed as for `splitlines`.
    """
    return sum(len(each) + 1 for each in text.split("\n", line - 1)[: line - 1])


_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[ \t]*\r?\n\s*|[\s\S])")
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")


def span_in_value(text: str, value: Span, start: int, length: int) -> Span:
    """Find the place of some characters within a string value, past its quotes and escapes.

    Args:
        text: The file's text.
        value: The value's place.
        start: Where the characters begin in the string, from 0.
        length: How many they are.

    Returns:
        Their span, cut at the line's end.
    """
    at = line_start(text, value.line) + value.column - 1
    quote = next((q for q in ('"""', "'''", '"', "'") if text.startswith(q, at)), "")
    at += len(quote)
    if len(quote) == 3 and text.startswith(("\n", "\r\n"), at):
        at = text.index("\n", at) + 1
    is_literal = quote.startswith("'")
    ends = [at]
    while len(ends) <= start + length and at < len(text):
        escape = None if is_literal else _PAIR.match(text, at) or _ESCAPE.match(text, at)
        at = escape.end() if escape else at + (2 if text.startswith("\r\n", at) else 1)
        if not (escape and escape[0][1:].isspace()):
            ends.append(at)
        else:
            ends[-1] = at
    begin, end = ends[min(start, len(ends) - 1)], ends[min(start + length, len(ends) - 1)]
    length = len(text[begin:end].partition("\n")[0])
    return span_at(value.file, text, begin, max(1, length))


def _walk(text: str, kind: Literal["toml", "json"], file: str) -> Iterator[tuple[Path, Place]]:
    from tree_sitter import Language, Parser

    if kind == "toml":
        import tree_sitter_toml as grammar
    else:
        import tree_sitter_json as grammar  # type: ignore[no-redef]
    encoded = text.encode(errors="replace")
    tree = Parser(Language(grammar.language())).parse(encoded)
    spans = _Spans(encoded, file)
    return _toml(tree.root_node, spans) if kind == "toml" else _json(tree.root_node, (), spans)


class _Spans:
    """Lines and columns in characters for tree-sitter's offsets, which are in bytes."""

    def __init__(self, encoded: bytes, file: str) -> None:
        self._lines = encoded.split(b"\n")
        self._file = file

    def of(self, node: Node) -> Span:
        row, start = node.start_point
        end_row, end = node.end_point
        line = self._lines[row]
        stop = end if end_row == row else len(line.rstrip(b"\r"))
        column = len(line[:start].decode(errors="replace"))
        length = len(line[start:stop].decode(errors="replace"))
        return Span(self._file, row + 1, column + 1, max(1, length))


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _toml_keys(node: Node) -> Iterator[tuple[str, Node]]:
    if node.type == "dotted_key":
        for child in node.children:
            if child.type in _KEYS:
                yield from _toml_keys(child)
    else:
        text = _text(node)
        # A quoted key may hold escapes, which only the parser reads right.
        yield (next(iter(tomli.loads(f"{text}=0"))) if node.type == "quoted_key" else text), node


def _toml(root: Node, spans: _Spans) -> Iterator[tuple[Path, Place]]:
    counts: dict[Path, int] = {}

    def resolve(keys: list[str]) -> Path:
        """Return the path of a header's keys, where each name of a list means its last item."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in counts:
                path = (*path, counts[path] - 1)
        return path

    for node in root.children:
        if node.type == "pair":
            yield from _toml_pair(node, (), spans)
        elif node.type in ("table", "table_array_element"):
            keys = [
                pair for child in node.children if child.type in _KEYS for pair in _toml_keys(child)
            ]
            names = [name for name, _ in keys]
            header = spans.of(keys[-1][1])
            brackets = "]" if node.type == "table" else "]]"
            label = _text(node).partition("\n")[0].partition("]")[0] + brackets
            place = Place(header, header, label)
            if node.type == "table_array_element":
                above = (*resolve(names[:-1]), names[-1])
                counts[above] = counts.get(above, 0) + 1
                yield above, place
            for depth in range(1, len(names) + 1):
                yield resolve(names[:depth]), place
            path = resolve(names)
            for child in node.children:
                if child.type == "pair":
                    yield from _toml_pair(child, path, spans)


def _toml_pair(node: Node, above: Path, spans: _Spans) -> Iterator[tuple[Path, Place]]:
    *outer, (name, key) = _toml_keys(node.children[0])
    path = above
    for outer_name, outer_key in outer:
        path = (*path, outer_name)
        yield path, Place(spans.of(outer_key), spans.of(outer_key), _text(outer_key))
    path = (*path, name)
    # A comment behind the value is the pair's last child.
    value = next(child for child in node.children[1:] if child.is_named and child.type != "comment")
    yield path, Place(spans.of(key), spans.of(value), _text(node.children[0]))
    yield from _toml_value(value, path, spans)


def _toml_value(node: Node, path: Path, spans: _Spans) -> Iterator[tuple[Path, Place]]:
    if node.type == "inline_table":
        for child in node.children:
            if child.type == "pair":
                yield from _toml_pair(child, path, spans)
    elif node.type == "array":
        items = [child for child in node.children if child.is_named and child.type != "comment"]
        for number, item in enumerate(items):
            yield (*path, number), Place(None, spans.of(item))
            yield from _toml_value(item, (*path, number), spans)


def _json(node: Node, path: Path, spans: _Spans) -> Iterator[tuple[Path, Place]]:
    if node.type == "document":
        for child in node.named_children:
            yield from _json(child, path, spans)
    elif node.type == "object":
        for pair in node.named_children:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is not None and value is not None:
                name: Any = json.loads(_text(key))
                yield (*path, name), Place(spans.of(key), spans.of(value), _text(key))
                yield from _json(value, (*path, name), spans)
    elif node.type == "array":
        for number, item in enumerate(node.named_children):
            yield (*path, number), Place(None, spans.of(item))
            yield from _json(item, (*path, number), spans)
