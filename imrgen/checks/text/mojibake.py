"""Text that was read in another encoding: `â€™` for an apostrophe, `Â½` for a half.

A run of characters is mojibake if its bytes in the other encoding are UTF-8, and if what they say
is a character that letters hold. Both are rarely so by chance, and where they may be, the finding
is not certain.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

import msgspec

from imrgen.checks.text.patterns import Pattern

_ENCODINGS: Mapping[str, str] = {
    "Windows-1252": "cp1252",
    "Mac OS Roman": "mac_roman",
    "code page 437": "cp437",
    "code page 850": "cp850",
    "Windows-1250": "cp1250",
    "Windows-1251": "cp1251",
}
_RUN = Pattern(r"[^\x00-\x7f]{2,}")
# What is left where white space was made plain, or a byte was lost that Windows-1252 lacks.
_LEFT_OVER = Pattern(
    r"(?P<quote>\u00e2\u20ac)"
    r"|(?<=[^\W\d_A-Z\u00c0-\u00de])(?P<inside>[\u00c2\u00c3])"
    r"|(?<![^\s\d(\"\u201c%.,;:])(?P<space>\u00c2)(?=\s|$)"
    r"|(?<![^\s(\"\u201c])(?P<grave>\u00c3)(?=\s)"
    r"|(?<=[a-z])(?P<apostrophe>[\u00d5\u00c6])(?=[a-z])"
    r"|(?<!\w)(?P<initial>\u00c3)(?=[b-df-hj-np-tv-z])"
)
_MEANT = {
    "quote": "\u201d",
    "inside": "",
    "space": "\u00a0",
    "grave": "\u00e0",
    "initial": "",
    "apostrophe": "\u2019",
}
_APOSTROPHES = {
    "\u00d5": ("Mac OS Roman", "Windows-1252"),
    "\u00c6": ("Windows-1252", "code page 437"),
}
"""What an apostrophe of one encoding is in another: both, by the letter that it becomes."""
# A character of four bytes that was read wrongly twice makes no more.
_MOST_NEIGHBOURS = 8
# What may stand behind a capital letter in its own right.
_PUNCTUATION = frozenset("\u00a0\u00aa\u00ab\u00ae\u00b0\u00b7\u00ba\u00bb‘’“”‚„–—…•™")


class Mojibake(msgspec.Struct, frozen=True):
    """Characters that stand for others.

    Attributes:
        start: Where they begin.
        length: How many they are.
        original: What they stand for; empty where that cannot be known.
        encoding: What the text was read as.
        is_certain: Whether they cannot be meant as they are.
        written_in: What the text was written in.
    """

    start: int
    length: int
    original: str
    encoding: str
    is_certain: bool
    written_in: str = "UTF-8"


def find_mojibake(text: str) -> list[Mojibake]:
    """Find UTF-8 that was read as another encoding, in the order of the text."""
    if text.isascii():
        return []
    found = [each for run in _RUN.finditer(text) for each in _in_run(text, *run.span())]
    taken = {at for each in found for at in range(each.start, each.start + each.length)}
    for match in _LEFT_OVER.finditer(text):
        kind = match.lastgroup or ""
        if match.start() not in taken:
            is_certain = kind in ("quote", "inside", "apostrophe")
            length = match.end() - match.start()
            written_in, read_as = _APOSTROPHES.get(match[0], ("UTF-8", "Windows-1252"))
            found.append(
                Mojibake(match.start(), length, _MEANT[kind], read_as, is_certain, written_in)
            )
    return sorted(found, key=lambda each: each.start)


def _in_run(text: str, start: int, end: int) -> list[Mojibake]:
    for encoding in _ENCODINGS:
        found = list(_joined(list(_sequences(text, start, end, encoding))))
        if found:
            return found
    return []


def _joined(found: list[Mojibake]) -> Iterator[Mojibake]:
    """Join neighbours that were read wrongly twice."""
    at = 0
    while at < len(found):
        whole, count = found[at], 1
        original, end = "", whole.start
        for number, each in enumerate(found[at : at + _MOST_NEIGHBOURS], start=1):
            if each.start != end:
                break
            original, end = original + each.original, each.start + each.length
            if _may_be_misread(original) and (again := _misread_whole(original)):
                whole = msgspec.structs.replace(
                    again, start=found[at].start, length=end - found[at].start, is_certain=True
                )
                count = number
        at += count
        yield whole


@functools.lru_cache
def _misread_whole(text: str) -> Mojibake | None:
    """Read a text that is mojibake from its first character to its last."""
    found = find_mojibake(text)
    return found[0] if found and found[0].length == len(text) else None


def _may_be_misread(text: str) -> bool:
    values = [_bytes("Windows-1252").get(character, 0) for character in text[:2]]
    return len(values) == 2 and values[0] >= 0xC2 and 0x80 <= values[1] < 0xC0


def _sequences(text: str, start: int, end: int, encoding: str) -> Iterator[Mojibake]:
    table = _bytes(encoding)
    values = [table.get(character, 0) for character in text[start:end]]
    at, last = 0, -1
    while at < len(values):
        length = _length(values[at])
        try:
            original = bytes(values[at : at + length]).decode() if length > 1 else ""
        except UnicodeDecodeError:
            original = ""
        is_certain = None
        if original:
            first = start + at
            # Behind another sequence it is as if it stood in a word.
            before = "x" if first == last else text[max(0, first - 1) : first]
            after = text[first + 1]
            behind = text[first + length : first + length + 1]
            is_certain = _is_certain(original, encoding, before, after, behind)
        if is_certain is None:
            at += 1
        else:
            yield Mojibake(start + at, length, original, encoding, is_certain)
            at += length
            last = start + at


def _is_certain(original: str, encoding: str, before: str, after: str, behind: str) -> bool | None:
    """Return whether a sequence cannot be meant as it is; `None` where it probably is meant.

    Args:
        original: What it stands for as UTF-8.
        encoding: The encoding it was read as.
        before: The character before it.
        after: Its second character.
        behind: The character behind it.
    """
    if "\u1e00" <= original <= "\u1eff":
        return behind.isalpha() if encoding.startswith("Windows-125") else None
    if original >= "\u0800":
        is_used = "\u2000" <= original <= "\u2bff" or original >= "\U0001f000"
        return True if is_used or original in "\ufb01\ufb02\ufeff\ufffd" else None
    if encoding == "Windows-1252" and "\u0391" <= original <= "\u03c9":
        return after not in _PUNCTUATION
    if original in "\u0192\u02c6\u02dc":
        return True if encoding == "Windows-1252" else None
    if not "\u00a0" <= original <= "\u017f" or encoding == "Windows-1251":
        return None
    if not encoding.startswith("Windows"):
        is_drawn = "\u2500" <= after <= "\u259f"
        return True if before.isalnum() else None if is_drawn or original > "\u00ff" else False
    if after in "\u201a\u201e" and behind.islower():
        return True
    if after in _PUNCTUATION and before.isupper():
        return False if original <= "\u00ff" else None
    return True if original <= "\u00ff" or before.islower() else None


def _length(lead: int) -> int:
    """Return how many bytes of UTF-8 a first one begins; 1 for what is not a first one."""
    return 2 if 0xC2 <= lead <= 0xDF else 3 if 0xE0 <= lead <= 0xEF else 4 if lead >= 0xF0 else 1


@functools.cache
def _bytes(encoding: str) -> Mapping[str, int]:
    """Map the characters of an encoding to their bytes, from 0x80 on."""
    codec = _ENCODINGS[encoding]
    return {
        bytes([value]).decode(codec, "ignore") or chr(value): value for value in range(0x80, 0x100)
    }
