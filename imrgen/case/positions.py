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


class Written(msgspec.Struct, frozen=True):
    """How a value is written, as nodes of the syntax tree.

    Args:
        key: The key's node; `None` for an item of a list.
        value: The value's node; of a table with a header, the last key of that.
        label: The key as it is written, `[case]` for a table's header; empty without a key.
        holder: What the value is a part of: a pair, a table with its header, or an array.
    """

    key: Node | None
    value: Node
    label: str
    holder: Node


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
    encoded = text.encode(errors="replace")
    spans = _Spans(encoded, file)
    for path, each in walk_syntax(parse_syntax(encoded, kind), kind):
        if path not in found:
            key = spans.of(each.key) if each.key else None
            found[path] = Place(key, spans.of(each.value), each.label)
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


_ESCAPE = (
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|"
    r"U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[ \t]*\r?\n\s*|[\s\S])"
)


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
    escapes = None if quote.startswith("'") else re.compile(_ESCAPE)
    ends = [at]
    while len(ends) <= start + length and at < len(text):
        escape = escapes and escapes.match(text, at)
        at = escape.end() if escape else at + (2 if text.startswith("\r\n", at) else 1)
        if not (escape and escape[0][1:].isspace()):
            ends.append(at)
        else:
            ends[-1] = at
    begin, end = ends[min(start, len(ends) - 1)], ends[min(start + length, len(ends) - 1)]
    length = len(text[begin:end].partition("\n")[0])
    return span_at(value.file, text, begin, max(1, length))


def parse_syntax(encoded: bytes, kind: Literal["toml", "json"]) -> Node:
    """Return the root of the syntax tree of a text in UTF-8."""
    from tree_sitter import Language, Parser

    if kind == "toml":
        import tree_sitter_toml as grammar
    else:
        import tree_sitter_json as grammar  # type: ignore[no-redef]
    return Parser(Language(grammar.language())).parse(encoded).root_node


def walk_syntax(root: Node, kind: Literal["toml", "json"]) -> Iterator[tuple[Path, Written]]:
    """Yield the path of every key and value with its nodes, in the order of the text."""
    return _toml(root) if kind == "toml" else _json(root, (), root)


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


def node_text(node: Node) -> str:
    """Return the text of a node."""
    return (node.text or b"").decode()


def _toml_keys(node: Node) -> Iterator[tuple[str, Node]]:
    if node.type == "dotted_key":
        for child in node.children:
            if child.type in _KEYS:
                yield from _toml_keys(child)
    else:
        text = node_text(node)
        # A quoted key may hold escapes, which only the parser reads right.
        yield (next(iter(tomli.loads(f"{text}=0"))) if node.type == "quoted_key" else text), node


def _toml(root: Node) -> Iterator[tuple[Path, Written]]:
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
            yield from _toml_pair(node, ())
        elif node.type in ("table", "table_array_element"):
            keys = [
                pair for child in node.children if child.type in _KEYS for pair in _toml_keys(child)
            ]
            names = [name for name, _ in keys]
            header = keys[-1][1]
            brackets = "]" if node.type == "table" else "]]"
            label = node_text(node).partition("\n")[0].partition("]")[0] + brackets
            written = Written(header, header, label, node)
            if node.type == "table_array_element":
                above = (*resolve(names[:-1]), names[-1])
                counts[above] = counts.get(above, 0) + 1
                yield above, written
            for depth in range(1, len(names) + 1):
                yield resolve(names[:depth]), written
            path = resolve(names)
            for child in node.children:
                if child.type == "pair":
                    yield from _toml_pair(child, path)


def _toml_pair(node: Node, above: Path) -> Iterator[tuple[Path, Written]]:
    *outer, (name, key) = _toml_keys(node.children[0])
    path = above
    for outer_name, outer_key in outer:
        path = (*path, outer_name)
        yield path, Written(outer_key, outer_key, node_text(outer_key), node)
    path = (*path, name)
    # A comment behind the value is the pair's last child.
    value = next(child for child in node.children[1:] if child.is_named and child.type != "comment")
    yield path, Written(key, value, node_text(node.children[0]), node)
    yield from _toml_value(value, path)


def _toml_value(node: Node, path: Path) -> Iterator[tuple[Path, Written]]:
    if node.type == "inline_table":
        for child in node.children:
            if child.type == "pair":
                yield from _toml_pair(child, path)
    elif node.type == "array":
        for number, item in enumerate(items_of(node)):
            yield (*path, number), Written(None, item, "", node)
            yield from _toml_value(item, (*path, number))


def items_of(node: Node) -> list[Node]:
    """Return the items of an array, or the pairs of an object or an inline table."""
    return [child for child in node.named_children if child.type != "comment"]


def _json(node: Node, path: Path, holder: Node) -> Iterator[tuple[Path, Written]]:
    if node.type == "document":
        for child in node.named_children:
            yield from _json(child, path, node)
    elif node.type == "object":
        for pair in node.named_children:
            key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
            if key is not None and value is not None:
                name: Any = json.loads(node_text(key))
                yield (*path, name), Written(key, value, node_text(key), pair)
                yield from _json(value, (*path, name), pair)
    elif node.type == "array":
        for number, item in enumerate(node.named_children):
            yield (*path, number), Written(None, item, "", node)
            yield from _json(item, (*path, number), node)
