"""The parts of a TOML or JSON text by what they are, for whoever shows it in colours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from imrgen.case.positions import parse_syntax

if TYPE_CHECKING:
    from tree_sitter import Node

Token = Literal["", "key", "text", "number", "date", "word", "comment"]

_TOKENS: dict[str, Token] = {
    "bare_key": "key",
    "quoted_key": "key",
    "string": "text",
    "integer": "number",
    "float": "number",
    "number": "number",
    "boolean": "word",
    "true": "word",
    "false": "word",
    "null": "word",
    "local_date": "date",
    "local_time": "date",
    "local_date_time": "date",
    "offset_date_time": "date",
    "comment": "comment",
}
"""The tokens of both languages, by the nodes of their syntax trees."""


def highlight(text: str, kind: Literal["toml", "json"]) -> list[list[tuple[Token, str]]]:
    """Split a text into lines of tokens, which are all of its characters.

    Args:
        text: The text; valid or not.
        kind: The language.
    """
    encoded = text.encode(errors="replace")
    lines: list[list[tuple[Token, str]]] = [[]]
    at = 0

    def put(part: bytes, token: Token) -> None:
        first, *others = part.decode(errors="replace").split("\n")
        lines[-1].append((token, first))
        lines.extend([(token, other)] for other in others)

    for start, end, token in _tokens(parse_syntax(encoded, kind)):
        put(encoded[at:start], "")
        put(encoded[start:end], token)
        at = end
    put(encoded[at:], "")
    return [[(name, part) for name, part in line if part] for line in lines]


def _tokens(node: Node) -> Iterator[tuple[int, int, Token]]:
    waiting = [(node, False)]
    while waiting:
        each, is_key = waiting.pop()
        token = _TOKENS.get(each.type)
        if token is not None:
            yield each.start_byte, each.end_byte, "key" if is_key else token
        else:
            # The key of an object is the text in front of the colon.
            waiting += [
                (child, each.type == "pair" and number == 0)
                for number, child in reversed(list(enumerate(each.children)))
            ]
