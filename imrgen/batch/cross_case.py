"""Whether a letter holds what identifies another case of its batch: a number, or an employee's name.

The index knows what all cases of the batch are identified by: their case, claim and EAMS numbers,
and the names of the employees. It holds hashes in order, so that looking up takes the same few
steps for ten cases and a million, and it is bytes, which workers on one machine share. What also
stands in a field of the case itself is its own: two workers of one name, two reviews under one
claim, a physician who is another case's employee. A narrative is no such field: text that was
pasted from another case is what this looks for. A name counts only where it is written as one, with
capitals and at least two words: a surname alone is as likely a word, an author or a physician.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from imrgen.case import Case, Model
from imrgen.checks.text import fold
from imrgen.diagnostics import Path

# Letters and digits apart: ADJ1234567 is also written ADJ 1234567 and ADJ-1234567.
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_TITLES = frozenset(["mr", "mrs", "ms", "dr", "jr", "sr", "md", "phd", "esq", "ii", "iii", "iv"])
_LONGEST = 12


class Token(msgspec.Struct, frozen=True):
    """A word or a number of a text.

    Args:
        plain: In small letters, without diacritics.
        name: Whether it is written as a name is: its first letter is a capital.
    """

    plain: str
    name: bool


class Index(msgspec.Struct, frozen=True):
    """What identifies the cases of a batch.

    Args:
        hashes: The hashes of the identifiers, in order, 8 bytes each.
        owners: The place in the batch of each one's case, 8 bytes each.
        starts: A bit for each hash of an identifier's first word.
    """

    hashes: bytes = b""
    owners: bytes = b""
    starts: bytes = b"\0"

    def foreign(
        self, words: str, tables: Mapping[str, Any], model: Model[Case]
    ) -> tuple[int, str] | None:
        """Find what identifies another case in a letter.

        Args:
            words: All that the letter holds.
            tables: The data of the letter's own case.
            model: Its fields.

        Returns:
            The place of the other case in the batch, and the identifier without spaces; `None`
            where there is none.
        """
        hashes, owners = memoryview(self.hashes).cast("Q"), memoryview(self.owners).cast("Q")
        if not hashes:
            return None
        starts, bits = self.starts, len(self.starts) * 8 - 1
        mine = {joined for joined, _ in _identifiers(tables, model)}
        own: set[str] | None = None
        for joined in _candidates(words, lambda plain: _bit(starts, bits, plain)):
            wanted = _hash(joined)
            place = bisect_left(hashes, wanted)
            if place < len(hashes) and hashes[place] == wanted:
                # A letter holds its own number as a rule; what else is its own is looked for when
                # need be.
                if joined in mine:
                    continue
                own = own if own is not None else set(_own(tables, model))
                if joined not in own:
                    return owners[place], joined
        return None


def build_index(identifiers: Iterable[tuple[int, int, int]], count: int) -> Index:
    """Build an index.

    Args:
        identifiers: Hash, place of the case and hash of the first word, in the order of the hashes.
        count: How many there are.
    """
    bits = 8
    while bits < 16 * count:
        bits *= 2
    starts, hashes, owners = bytearray(bits // 8), array("Q"), array("Q")
    for wanted, owner, start in identifiers:
        hashes.append(wanted)
        owners.append(owner)
        starts[(start & (bits - 1)) >> 3] |= 1 << (start & 7)
    return Index(hashes.tobytes(), owners.tobytes(), bytes(starts))


def identify(tables: Mapping[str, Any], model: Model[Case]) -> list[tuple[int, int]]:
    """Give the hashes of what identifies a case, each with that of its first word.

    Args:
        tables: The case's data, as a file gives it, valid or not.
        model: The fields that it may have.
    """
    return [
        (_hash(joined), zlib.crc32(first.encode())) for joined, first in _identifiers(tables, model)
    ]


def _identifiers(tables: Mapping[str, Any], model: Model[Case]) -> set[tuple[str, str]]:
    """Return what identifies a case, without spaces, each with its first word."""
    readers = {"identifier": _number, "name": _names}
    return {
        each
        for _, text, kind in _texts(tables, model)
        if kind in readers
        for each in readers[kind](text)
    }


def locate(identifier: str, tables: Mapping[str, Any], model: Model[Case]) -> Path:
    """Find the narrative of a case that holds an identifier; empty where none does."""
    for path, text, kind in _texts(tables, model):
        if kind == "narrative" and any(
            joined == identifier
            for joined in _candidates(text, lambda plain: identifier.startswith(plain))
        ):
            return path
    return ()


def _candidates(text: str, starts: Any) -> Iterator[str]:
    """Yield each run of a text's words that may be an identifier, written without spaces."""
    tokens = _tokens(text)
    known: dict[str, bool] = {}
    for place, token in enumerate(tokens):
        passed = known.get(token.plain)
        if passed is None:
            passed = known[token.plain] = starts(token.plain)
        if not passed:
            continue
        joined, numbered = "", False
        for more in tokens[place : place + _LONGEST]:
            joined += more.plain
            numbered = numbered or any(map(str.isdigit, more.plain))
            if numbered:
                yield joined
        if token.name:
            joined, words = "", 0
            for more in tokens[place : place + _LONGEST]:
                if len(more.plain) == 1 or more.plain in _TITLES:
                    continue
                if not more.name:
                    break
                joined, words = joined + more.plain, words + 1
                if words > 1:
                    yield joined


def _tokens(text: str) -> list[Token]:
    made: dict[str, Token] = {}
    tokens = []
    for word in _TOKEN.findall(text.translate(_INVISIBLE)):
        token = made.get(word)
        if token is None:
            token = made[word] = Token(
                word.lower() if word.isascii() else fold(word)[0], word[0].isupper()
            )
        tokens.append(token)
    return tokens


_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0x300, 0x370)])


def _number(text: str) -> list[tuple[str, str]]:
    tokens = [token.plain for token in _tokens(text)]
    joined = "".join(tokens)
    # Shorter ones are amounts, years and codes as likely.
    if len(joined) < 6 or sum(map(str.isdigit, joined)) < 4 or len(tokens) > _LONGEST:
        return []
    return [(joined, tokens[0])]


def _names(text: str) -> list[tuple[str, str]]:
    words = [t.plain for t in _tokens(text) if len(t.plain) > 1 and t.plain not in _TITLES][
        :_LONGEST
    ]
    if len(words) < 2:
        return []
    return [
        ("".join(each), each[0]) for each in (words, [words[0], words[-1]], [words[-1], words[0]])
    ]


def _own(tables: Mapping[str, Any], model: Model[Case]) -> Iterator[str]:
    """Give what stands in the case's own fields, narratives apart, in all the ways it may be written."""
    for _, text, kind in _texts(tables, model):
        if kind == "narrative":
            continue
        yield from (joined for joined, _ in (*_number(text), *_names(text)))
        yield from _candidates(text, lambda plain: True)


def _texts(tables: Mapping[str, Any], model: Model[Case]) -> Iterator[tuple[Path, str, str]]:
    for path, value, field in model.walk(tables):
        if isinstance(value, str):
            yield path, value, field.kind


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def _bit(starts: bytes, mask: int, plain: str) -> bool:
    start = zlib.crc32(plain.encode()) & mask
    return bool(starts[start >> 3] & (1 << (start & 7)))
