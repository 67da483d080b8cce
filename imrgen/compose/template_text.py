"""The texts of templates, and the place of each node, of which Jinja knows the line alone."""

from __future__ import annotations

import bisect
import re
import sys
from collections.abc import Iterable, Iterator

import jinja2
from jinja2 import nodes
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from imrgen.diagnostics import Span


class TemplateText:
    """A template's text, and where its tags stand.

    Args:
        file: Its file.
        text: The text.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = re.sub("\r\n?", "\n", text)  # as Jinja reads it
        self.tags: list[tuple[int, int]] = []
        self._lines = [0, *(found.end() for found in re.finditer("\n", self.text))]

    def parse(self, environment: jinja2.Environment) -> nodes.Template:
        """Return the syntax tree, of which every node knows its offset.

        Raises:
            jinja2.TemplateSyntaxError: The template is at fault.
        """
        parser = Parser(environment, "", None, self.file)
        parser.stream = self.stream(environment)
        return parser.parse()

    def stream(
        self, environment: jinja2.Environment, name: str | None = None, state: str | None = None
    ) -> TokenStream:
        """Return the tokens for Jinja's parser, each with its offset; record the tags.

        Args:
            environment: The environment of the template.
            name: The template's name, for messages.
            state: The lexer's state at the beginning.
        """
        lexer = environment.lexer
        tokens = self._located(lexer.tokeniter(self.text, name, self.file, state))
        return TokenStream(lexer.wrap(tokens, name, self.file), name, self.file)

    def _located(self, tokens: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
        """Add each token's offset to its line, and record the tags."""
        at = 0
        opened = 0
        for number, kind, text in tokens:
            at = self.text.index(text, at)  # white space that a tag strips is left out
            line = _Line(number)
            line.offset = at
            if kind in ("block_begin", "variable_begin"):
                opened = at
            elif kind in ("block_end", "variable_end"):
                self.tags.append((opened, at + len(text.rstrip())))
            at += len(text)
            yield line, kind, text

    def span(self, start: int, end: int) -> Span:
        """Return the place of a stretch, as far as its first line goes."""
        line = bisect.bisect_right(self._lines, start) - 1
        length = len(self.text[start:end].split("\n", 1)[0])
        return Span(self.file, line + 1, start - self._lines[line] + 1, max(1, length))

    def line(self, number: int) -> str:
        """Return the text of a line, from 1."""
        return [*self.text.split("\n"), ""][number - 1]

    def tag(self, at: int) -> tuple[int, int]:
        """Return the tag that holds an offset, or the last one before it."""
        number = bisect.bisect_right(self.tags, (at, sys.maxsize)) - 1
        return self.tags[number] if number >= 0 else (at, at + 1)

    def first_tag(self, line: int) -> tuple[int, int]:
        """Return the first tag that begins on a line; the line itself where none does."""
        start = self._lines[min(line, len(self._lines)) - 1]
        end = start + len(self.line(line))
        number = bisect.bisect_left(self.tags, (start, 0))
        has_tag = number < len(self.tags) and self.tags[number][0] <= end
        return self.tags[number] if has_tag else (start, end)

    def opening(self, body: list[nodes.Node]) -> tuple[int, int]:
        """Return the tag right before a body, such as an `else`, which no node stands for."""
        start = offset(body[0])
        inside = [tag for tag in self.tags if tag[1] <= start]
        return inside[-1] if inside else (start, start + 1)


class _Line(int):
    """A line number that knows its offset in the text, so that every node does."""

    offset: int


def offset(node: nodes.Node) -> int:
    """Return where a node begins in its template's text."""
    return getattr(node.lineno, "offset", 0)
