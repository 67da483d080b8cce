"""Markup split into tokens, each with its place: what a parser of trees does not tell."""

from __future__ import annotations

import html
import itertools
from html.parser import HTMLParser
from typing import Literal, NamedTuple


class Token(NamedTuple):
    """A stretch of markup.

    Attributes:
        kind: Text, a character reference, a start tag, or anything else.
        start: Where it begins.
        end: Where it ends.
        tag: The element's name, of a start tag.
        alternate: The value of its attribute `alt`.
    """

    kind: Literal["text", "reference", "start", "other"]
    start: int
    end: int
    tag: str = ""
    alternate: str = ""


def tokens(markup: str) -> list[Token]:
    """Split markup into tokens, without a gap.

    Args:
        markup: A document or a part of one.
    """
    found: list[Token] = []
    for token in [*_Tokenizer(markup).found, Token("other", len(markup), len(markup))]:
        # The tokenizer passes over what is not well-formed.
        if found and found[-1].end < token.start:
            if found[-1].kind in ("text", "reference"):
                found.append(Token("other", found[-1].end, token.start))
            else:
                found[-1] = found[-1]._replace(end=token.start)
        found.append(token)
    return found[:-1]


class _Tokenizer(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=False)
        self._markup = markup
        self._lines = [0, *itertools.accumulate(len(line) + 1 for line in markup.split("\n"))]
        self.found: list[Token] = []
        self.feed(markup)
        self.close()

    def handle_data(self, data: str) -> None:
        self._add("text", len(data))

    def handle_entityref(self, name: str) -> None:
        self._add_reference(1 + len(name))

    def handle_charref(self, name: str) -> None:
        self._add_reference(2 + len(name))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        alternate = next((value or "" for name, value in attrs if name == "alt"), "")
        self._add("start", 0, tag, alternate)

    def handle_endtag(self, tag: str) -> None:
        self._add("other")

    def handle_comment(self, data: str) -> None:
        self._add("other")

    def handle_decl(self, decl: str) -> None:
        self._add("other")

    def handle_pi(self, data: str) -> None:
        self._add("other")

    def unknown_decl(self, data: str) -> None:
        self._add("other")

    def _add_reference(self, length: int) -> None:
        at = self._at()
        length += self._markup.startswith(";", at + length)
        written = self._markup[at : at + length]
        self._add("text" if html.unescape(written) == written else "reference", length)

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _add(
        self,
        kind: Literal["text", "reference", "start", "other"],
        length: int = 0,
        tag: str = "",
        alternate: str = "",
    ) -> None:
        at = self._at()
        # An empty element's tag is both a start and an end.
        if not self.found or self.found[-1].start < at:
            self.found.append(Token(kind, at, at + length, tag, alternate))
