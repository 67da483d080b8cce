"""A narrative's sentences, with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from imrgen.checks.text.patterns import Pattern

_LONGEST = 10
"""Characters before a full stop that are looked at."""

# A full stop after these ends no sentence.
_ABBREVIATION = Pattern(
    r"(?:\b(?:e\.g|i\.e|etc|vs|al|approx|dr|mr|mrs|ms|no|nos|pp|p|sec|sect|st|ave|inc|cal|fig|ch|"
    r"ed|eds|vol|[a-z]|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec|b\.i\.d|t\.i\.d|q\.i\.d|"
    r"p\.r\.n))$",
    re.IGNORECASE,
)
# The first sign stands before its conditions, so that the search may leap to it.
_END = Pattern(
    r"""[.?!\n](?:(?<=[.?!])[.?!]*["'”’)\]]*(?=\s+["'“‘(\[]?[^\sa-z]|\s*$)|"""
    r"""(?<=\n)(?:[ \t]*\n|(?=[ \t]*(?:[-*•]|\d+[.)])\s)))"""
)


class Sentence(msgspec.Struct, frozen=True):
    """A sentence.

    Args:
        text: Its words, as they stand in the narrative.
        start: Where it begins there, from 0.
    """

    text: str
    start: int


def sentences(text: str) -> Iterator[Sentence]:
    """Split a narrative into sentences; a paragraph's and a list item's end ends one too."""
    begin = 0
    for end in _END.finditer(text):
        stop = end.end()
        if (
            end[0].startswith(".")
            and stop < len(text)
            and _ABBREVIATION.search(text, max(begin, end.start() - _LONGEST), end.start())
        ):
            continue
        yield from _trimmed(text, begin, stop)
        begin = stop
    yield from _trimmed(text, begin, len(text))


def _trimmed(text: str, begin: int, stop: int) -> Iterator[Sentence]:
    piece = text[begin:stop]
    words = piece.strip()
    if words:
        yield Sentence(words, begin + len(piece) - len(piece.lstrip()))
