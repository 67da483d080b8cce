"""Custom properties (`--name`), where each has one value in the whole document.

That is where rules for the root alone declare it, as `:root { --accent: #036 }` does. What varies
within a document is not replaced, so that a declaration which asks for it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import tinycss2

from imrgen.export.pdf.typst.values import UnknownValueError, is_of_paper, meaningful, split

_ROOTS = (":root", "html")
_OF_CASCADE = ("inherit", "initial", "revert", "revert-layer", "unset")
"""What is no value of its own."""
_DEEPEST = 10
"""How many custom properties may be made of each other."""


class CustomProperties:
    """The custom properties of style sheets.

    Args:
        sheets: The rules of the sheets, as tinycss2 reads them.
    """

    def __init__(self, sheets: Iterable[list[Any]]) -> None:
        self._values: dict[str, list[Any]] = {}
        self._declared_by: dict[str, str] = {}
        self._varying: set[str] = set()
        for nodes in sheets:
            for selector, declaration in _declared(nodes):
                name = declaration.name
                of_root = selector in _ROOTS and not declaration.important
                if not of_root or self._declared_by.setdefault(name, selector) != selector:
                    self._varying.add(name)
                value = meaningful(declaration.value)
                if len(value) == 1 and getattr(value[0], "lower_value", "") in _OF_CASCADE:
                    self._varying.add(name)
                self._values[name] = value

    def replaced(self, tokens: Iterable[Any], depth: int = 0) -> list[Any]:
        """Return a value with the values of the custom properties that it asks for.

        Args:
            tokens: The value.
            depth: How many custom properties it is in.

        Raises:
            UnknownValueError: One of them varies, or has no value.
        """
        found: list[Any] = []
        for token in meaningful(tokens):
            if token.type == "function" and token.lower_name == "var":
                found += self._value(token, depth)
            elif token.type == "function" and any(_asks(each) for each in token.arguments):
                raise UnknownValueError
            else:
                found.append(token)
        return found

    def _value(self, call: Any, depth: int) -> list[Any]:
        parts = split(meaningful(call.arguments))
        (name,) = parts[0] if len(parts[0]) == 1 else (None,)
        if name is None or name.type != "ident" or name.value in self._varying or depth > _DEEPEST:
            raise UnknownValueError
        if name.value in self._values:
            return self.replaced(self._values[name.value], depth + 1)
        arguments = meaningful(call.arguments)
        if len(arguments) < 3:  # no value, and none in its place
            raise UnknownValueError
        return self.replaced(arguments[2:], depth + 1)


def _declared(nodes: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield each declaration of a custom property, with the selector of its rule."""
    for node in nodes:
        is_media = node.type == "at-rule" and node.lower_at_keyword == "media"
        if is_media and node.content and is_of_paper(meaningful(node.prelude)):
            yield from _declared(tinycss2.parse_rule_list(node.content, True, True))
        if node.type != "qualified-rule":
            continue
        selector = tinycss2.serialize(node.prelude).strip().lower()
        for part in tinycss2.parse_blocks_contents(node.content, True, True):
            if part.type == "declaration" and part.name.startswith("--"):
                yield selector, part


def _asks(token: Any) -> bool:
    """Return whether a value asks for a custom property somewhere in it."""
    if token.type != "function":
        return False
    return token.lower_name == "var" or any(map(_asks, token.arguments))
