"""Markup split into tokens with their places, which the parser of trees does not report."""

import html
import itertools
import re
from html.parser import HTMLParser
from typing import Literal, NamedTuple

_COMMENT = re.compile(r"(?s)<!--(?:-?>|.*?--!?>)")


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
    end = Token("other", len(markup), len(markup))
    whole: list[Token] = []
    for token, following in itertools.pairwise([*_Tokenizer(markup).found, end]):
        # The tokenizer skips what is not well-formed.
        is_text = token.kind in ("text", "reference")
        if token.end < following.start and is_text:
            whole += [token, Token("other", token.end, following.start)]
        else:
            whole.append(token._replace(end=max(token.end, following.start)))
    return whole


class _Tokenizer(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=False)
        self._markup = markup
        self._lines = [0, *itertools.accumulate(len(line) + 1 for line in markup.split("\n"))]
        self.found: list[Token] = []
        self.feed(markup)
        self.close()

    def handle_data(self, data: str) -> None:
        at = self._at()
        end = self.found[-1].end if self.found else 0
        # The parser skips the `&` of a reference that the markup ends in.
        if end < at and self._markup[at - 1] == "&":
            self.found.append(Token("text", at - 1, at))
        self._add("text", len(data))

    def handle_entityref(self, name: str) -> None:
        self._add_reference(1 + len(name))

    def handle_charref(self, name: str) -> None:
        self._add_reference(2 + len(name))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        alternate = next((value or "" for name, value in attrs if name == "alt"), "")
        self._add("start", 0, tag, alternate)

    def parse_comment(self, i: int, report: bool = True) -> int:
        """Find where a comment ends, as browsers do; versions of Python differ in that."""
        end = _COMMENT.match(self._markup, i)
        if end is None:
            return -1
        self._add("other")
        return end.end()

    def _add_other(self, content: str) -> None:
        self._add("other")

    # HTMLParser names the parameter of each otherwise.
    handle_endtag = handle_comment = handle_decl = handle_pi = unknown_decl = _add_other  # type: ignore[assignment]

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
