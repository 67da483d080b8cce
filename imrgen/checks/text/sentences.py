"""The sentences of a narrative, with their positions."""

import functools
import re
import string
from collections.abc import Iterator

import msgspec

from imrgen.case import read_marker
from imrgen.checks.text.patterns import Pattern

_ABBREVIATION_LENGTH = 10
"""How many characters before a full stop are searched for an abbreviation."""

# A full stop after these, or after a letter as in “e.g.” and “p.r.n.”, does not end a sentence.
_ABBREVIATIONS = frozenset(
    (
        *("etc", "vs", "al", "approx", "dr", "mr", "mrs", "ms", "no", "nos", "pp", "sec", "sect"),
        *("st", "ave", "inc", "cal", "fig", "ch", "ed", "eds", "vol", "jan", "feb", "mar", "apr"),
        *("jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec"),
        *string.ascii_lowercase,
    )
)
_LAST_WORD = Pattern(r"\w*$")
# What items and names end in, besides: measures, forms of a drug, companies. A word without a vowel
# and one with full stops within are abbreviations, too.
_ABBREVIATED_WORD = Pattern(
    r"(?:tabs?|caps?|co|corp|inc|oz|in|mo|min|mins|oint|inj|amp|supp?|susp|sol|elix|ext|int|eval|"
    r"consult|rehab|appt|equiv|max|misc|med|meds|gal|dept|univ|assoc|est|freq|bilat|lat|ant|post|"
    r"inf|unk|incl|excl|w/o|[^\W\d_]{1,3}(?:\.[^\W\d_]{1,3})+|[^aeiouy\W\d_]+)$",
    re.IGNORECASE,
)
# The first character stands before its conditions, so that the search can skip to it. A set with
# both ASCII and other characters would take as long to compile as all the rest.
_CLOSED = r"""["')\]]*(?:[”’]["')\]]*)*"""
_END = Pattern(rf"[.?!\n](?:(?<=\n)|(?<=[.?!])[.?!]*{_CLOSED}(?=\s+[^\sa-z]|\s*$))")


class Sentence(msgspec.Struct, frozen=True):
    """A sentence.

    Args:
        text: As in the narrative, without the white space around it.
        start: Where it begins in the narrative, from 0.
    """

    text: str
    start: int


@functools.lru_cache(maxsize=64)
def sentences(text: str) -> tuple[Sentence, ...]:
    """Split a narrative into sentences; the end of a paragraph or a list item ends one, too."""
    return tuple(_sentences(text))


def _sentences(text: str) -> Iterator[Sentence]:
    begin = 0
    for end in _END.finditer(text):
        stop = end.end()
        if end[0] == "\n":
            line_end = text.find("\n", stop)
            line = text[stop : line_end if line_end >= 0 else None].strip(" \t")
            if line and read_marker(line) is None:
                continue
        before = text[max(begin, end.start() - _ABBREVIATION_LENGTH) : end.start()]
        if end[0].startswith(".") and stop < len(text) and _is_abbreviated(before):
            continue
        yield from _trimmed(text, begin, stop)
        begin = stop
    yield from _trimmed(text, begin, len(text))


def _trimmed(text: str, begin: int, stop: int) -> Iterator[Sentence]:
    piece = text[begin:stop]
    words = piece.strip()
    if words:
        yield Sentence(words, begin + len(piece) - len(piece.lstrip()))


def ends_in_abbreviation(text: str) -> bool:
    """Return whether the full stop at the end of a text may be an abbreviation's."""
    *_, word = ["", *text.removesuffix(".").split()]
    return _is_abbreviated(word) or _ABBREVIATED_WORD.match(word.lstrip("(")) is not None


def _is_abbreviated(text: str) -> bool:
    word = _LAST_WORD.search(text)
    return word is not None and word[0].lower() in _ABBREVIATIONS
