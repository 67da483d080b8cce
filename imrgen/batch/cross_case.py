"""The search for identifiers of other cases of a batch in a letter.

A case is identified by its case, claim and EAMS numbers, and by the name of its employee. The index
holds the identifiers of all cases as sorted hashes, so that a look-up takes a few steps, whether
there are ten cases or a million. It is bytes, which are quick to send to workers.

An identifier that is also in a field of the letter's own case is allowed: two employees of one
name, two reviews under one claim, a physician who is another case's employee. Narratives do not
count as fields here: text that was pasted from another case is what the search is for. A name is
found only if it is written as a name, with capitals and at least two words: a surname alone may as
well be a word, an author or a physician.
"""

import hashlib
import re
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from imrgen.case import Case, Model
from imrgen.checks.text import fold
from imrgen.diagnostics import Path

# Letters and digits are separate tokens: ADJ1234567 is also written ADJ 1234567 and ADJ-1234567.
_TOKEN = re.compile(r"[^\W\d_]+|\d+")
_TITLES = frozenset(["mr", "mrs", "ms", "dr", "jr", "sr", "md", "phd", "esq", "ii", "iii", "iv"])
_MAX_TOKENS = 12


class Token(msgspec.Struct, frozen=True):
    """A word or a number of a text.

    Args:
        plain: Its text in lower case, without diacritics.
        is_capitalized: Whether its first letter is a capital, as in a name.
    """

    plain: str
    is_capitalized: bool


class Index(msgspec.Struct, frozen=True):
    """The identifiers of the cases of a batch.

    Args:
        hashes: The hashes of the identifiers, sorted, 8 bytes each.
        owners: The positions in the batch of their cases, 8 bytes each.
        starts: A bit set for the hash of each identifier's first word.
    """

    hashes: bytes = b""
    owners: bytes = b""
    starts: bytes = b"\0"

    def find_other(
        self, text: str, data: Mapping[str, Any], model: Model[Case]
    ) -> tuple[int, str] | None:
        """Find an identifier of another case in a letter.

        Args:
            text: The whole text of the letter.
            data: The data of the letter's own case.
            model: The fields of a case.

        Returns:
            The position in the batch of the other case, and the identifier without spaces; `None`
            if there is none.
        """
        hashes = memoryview(self.hashes).cast("Q")
        owners = memoryview(self.owners).cast("Q")
        if not hashes:
            return None
        own = {joined for joined, _ in _identifiers(data, model)}
        has_all = False
        for joined in _candidates(text, self._may_start):
            hash_ = _hash(joined)
            place = bisect_left(hashes, hash_)
            if place == len(hashes) or hashes[place] != hash_ or joined in own:
                continue
            # Most letters contain only their own identifiers: the other fields of the case are
            # searched when they are needed.
            if not has_all:
                own.update(_own_words(data, model))
                has_all = True
            if joined not in own:
                return owners[place], joined
        return None

    def _may_start(self, plain: str) -> bool:
        """Return whether a word may be the first of an identifier."""
        start = zlib.crc32(plain.encode()) & (len(self.starts) * 8 - 1)
        return bool(self.starts[start >> 3] & (1 << (start & 7)))


def build_index(identifiers: Iterable[tuple[int, int, int]], count: int) -> Index:
    """Build an index.

    Args:
        identifiers: Hash, position of the case and hash of the first word, sorted by hash.
        count: The number of identifiers.
    """
    bits = 8
    while bits < 16 * count:
        bits *= 2
    starts = bytearray(bits // 8)
    hashes = array("Q")
    owners = array("Q")
    for hash_, owner, start in identifiers:
        hashes.append(hash_)
        owners.append(owner)
        starts[(start & (bits - 1)) >> 3] |= 1 << (start & 7)
    return Index(hashes.tobytes(), owners.tobytes(), bytes(starts))


def identify(data: Mapping[str, Any], model: Model[Case]) -> list[tuple[int, int]]:
    """Return the hashes of a case's identifiers, each with the hash of its first word.

    Args:
        data: The case's data as it is in its file, valid or not.
        model: The fields of a case.
    """
    return [
        (_hash(joined), zlib.crc32(first.encode())) for joined, first in _identifiers(data, model)
    ]


def find_narrative(identifier: str, data: Mapping[str, Any], model: Model[Case]) -> Path:
    """Return the path of the narrative that contains an identifier; empty if none does."""
    for path, text, kind in _texts(data, model):
        if kind == "narrative" and any(
            joined == identifier for joined in _candidates(text, identifier.startswith)
        ):
            return path
    return ()


def _identifiers(data: Mapping[str, Any], model: Model[Case]) -> set[tuple[str, str]]:
    """Return the identifiers of a case without spaces, each with its first word."""
    readers = {"identifier": _read_number, "name": _read_name}
    return {
        each
        for _, text, kind in _texts(data, model)
        if kind in readers
        for each in readers[kind](text)
    }


def _candidates(text: str, may_start: Callable[[str], bool]) -> Iterator[str]:
    """Yield each run of tokens of a text that may be an identifier, without spaces."""
    tokens = _tokenize(text)
    starts = {plain for plain in {token.plain for token in tokens} if may_start(plain)}
    for place, token in enumerate(tokens):
        if token.plain not in starts:
            continue
        run = tokens[place : place + _MAX_TOKENS]
        joined = ""
        for each in run:
            joined += each.plain
            if any(map(str.isdigit, joined)):
                yield joined
        if token.is_capitalized:
            yield from _names_at_start(run)


def _names_at_start(run: Iterable[Token]) -> Iterator[str]:
    """Yield the names of two or more words with which a run of tokens begins."""
    joined = ""
    words = 0
    for token in run:
        if len(token.plain) == 1 or token.plain in _TITLES:
            continue
        if not token.is_capitalized:
            return
        joined += token.plain
        words += 1
        if words > 1:
            yield joined


def _tokenize(text: str) -> list[Token]:
    tokens: dict[str, Token] = {}
    words = _TOKEN.findall(text.translate(_INVISIBLE))
    for word in words:
        if word not in tokens:
            plain = word.lower() if word.isascii() else fold(word)[0]
            tokens[word] = Token(plain, word[0].isupper())
    return [tokens[word] for word in words]


_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0x300, 0x370)])


def _read_number(text: str) -> list[tuple[str, str]]:
    tokens = [token.plain for token in _tokenize(text)]
    joined = "".join(tokens)
    # A shorter one may as well be an amount, a year or a code.
    if len(joined) < 6 or sum(map(str.isdigit, joined)) < 4 or len(tokens) > _MAX_TOKENS:
        return []
    return [(joined, tokens[0])]


def _read_name(text: str) -> list[tuple[str, str]]:
    tokens = [token.plain for token in _tokenize(text)]
    words = [word for word in tokens if len(word) > 1 and word not in _TITLES][:_MAX_TOKENS]
    if len(words) < 2:
        return []
    first, *_, last = words
    return [("".join(words), first), (first + last, first), (last + first, last)]


def _own_words(data: Mapping[str, Any], model: Model[Case]) -> Iterator[str]:
    """Yield what is in the fields of a case but narratives, in all ways to write it."""
    for _, text, kind in _texts(data, model):
        if kind == "narrative":
            continue
        yield from (joined for joined, _ in (*_read_number(text), *_read_name(text)))
        yield from _candidates(text, lambda plain: True)


def _texts(data: Mapping[str, Any], model: Model[Case]) -> Iterator[tuple[Path, str, str]]:
    for path, value, field in model.walk(data):
        if isinstance(value, str):
            yield path, value, field.kind


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1
