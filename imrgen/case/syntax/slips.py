"""The faults of a text that its parser refuses, and the lines to show for them."""

from __future__ import annotations

import bisect
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from imrgen.diagnostics import Excerpt, Path, Span

MOST_SLIPS = 100
"""A text with more is not read on: it is another kind of file."""


class Slip(NamedTuple):
    """A fault of syntax.

    Args:
        start: Where it is in the text, from 0.
        length: In characters.
        message: What is wrong; never a value of the case.
        hint: How to correct it.
        path: The path of the value, as far as it is known.
        is_style: Whether whoever typed it once typed it everywhere, so that one message suffices.
    """

    start: int
    length: int
    message: str
    hint: str
    path: Path = ()
    is_style: bool = False


class TooManySlipsError(Exception):
    """The text has so many slips that reading on is of no use."""


class Lines:
    """Turns offsets of a text into lines and columns.

    Args:
        text: The text.
        file: The file's name for the spans.
    """

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def number(self, at: int) -> int:
        """Return the number of the line, from 1, of an offset."""
        return bisect.bisect_right(self._starts, at)

    def span(self, start: int, end: int) -> Span:
        """Return the place of some characters, cut at the first line's end."""
        line = self.number(start)
        first = self._starts[line - 1]
        end = min(end, self.end(start))
        return Span(self.file, line, start - first + 1, max(1, end - start))

    def start(self, at: int) -> int:
        """Return the offset where the line of an offset begins."""
        return self._starts[self.number(at) - 1]

    def end(self, at: int) -> int:
        """Return the offset where the line of an offset ends, without its line break."""
        end = self.text.find("\n", at)
        end = len(self.text) if end < 0 else end
        return end - 1 if end > at and self.text[end - 1] == "\r" else end

    def line(self, at: int) -> str:
        """Return the line of an offset."""
        return self.text[self.start(at) : self.end(at)]


_WIDEST = 70
_TOKEN = re.compile(r"""(?P<word>[^\s"'“”‘’„«»=:,;\[\]{}#\\]+)|(?P<space>\s+)|(?P<mark>.)""")


def masked(line: str, start: int, length: int, names: Collection[str]) -> Excerpt:
    """Return a line with carets, and an ellipsis for all but its marks and the schema's keys.

    Args:
        line: The line.
        start: Where the carets begin, from 0.
        length: The number of carets.
        names: The schema's keys.
    """
    shown = ""
    columns: list[int] = []
    # A line may be a whole narrative: what is far from the carets is cut off first.
    cut = max(0, start - 10 * _WIDEST)
    line, start = line[cut : start + 10 * _WIDEST], start - cut
    length = min(length, _WIDEST)
    if cut:
        # The first word is no key: it stands behind something.
        shown, columns = "…", []
    for text, is_hidden in _pieces(line, names):
        if not is_hidden:
            columns += range(len(shown), len(shown) + len(text))
            shown += text
            continue
        # Spaces between hidden words are hidden too: they would tell the lengths of lists of words.
        if not shown.endswith("…"):
            shown += "…"
        columns += [len(shown) - 1] * len(text)
    columns += [len(shown)] * (start + length + 1 - len(columns))
    begin, end = columns[start], columns[start + length]
    if len(shown) > _WIDEST:
        cut = max(0, min(begin - _WIDEST // 2, len(shown) - _WIDEST))
        before, after = "…" if cut else "", "…" if cut + _WIDEST < len(shown) else ""
        shown = before + shown[cut : cut + _WIDEST] + after
        begin, end = begin - cut + len(before), end - cut + len(before)
    length = max(1, min(end, len(shown)) - begin)
    return Excerpt(shown, min(begin, len(shown)), length)


def _pieces(line: str, names: Collection[str]) -> Iterator[tuple[str, bool]]:
    tokens = list(_TOKEN.finditer(line))
    for number, token in enumerate(tokens):
        if token["word"]:
            yield token[0], not _is_key(line, token, names)
        elif token["space"]:
            around = [*tokens[max(0, number - 1) : number], *tokens[number + 1 : number + 2]]
            yield (
                token[0],
                len(around) == 2
                and all(each["word"] and not _is_key(line, each, names) for each in around),
            )
        else:
            yield token[0], False


_AFTER_KEY = re.compile(r"""["']?\s*(?:[=:]|\]{1,2}\s*(?:#.*)?$)""")


def _is_key(line: str, token: re.Match[str], names: Collection[str]) -> bool:
    is_key = _AFTER_KEY.match(line, token.end()) or not line[: token.start()].strip(" \t\"'[{")
    return bool(is_key) and all(part in names for part in token[0].split("."))
