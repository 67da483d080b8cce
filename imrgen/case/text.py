r"""Text in files: the one place where a file's bytes become text, and text becomes bytes again.

A text is UTF-8, with or without a byte order mark. In memory it has no mark, and its lines end in
`\n`, however the file ends them, so positions count the characters that an editor shows. Any other
encoding is refused, and named where the bytes show which it is: a guess could turn a name or a
quotation mark into other characters.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter

from imrgen.diagnostics import ImrgenError, codes

MARK = codecs.BOM_UTF8
"""The byte order mark of UTF-8, which Windows programs put before a text."""

_LINE_END = r"\r\n?|\n"
_CONTROL = r"[\0-\x08\x0B\x0E-\x1F]"
_NOT_ASCII = rb"[\0\x80-\xFF]"
_NAMES = {
    "utf-32": "UTF-32",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
    "utf-16": "UTF-16 (Unicode in Notepad)",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}
_WIDE_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# What a text in Windows-1252 does not hold: control characters, bytes without a character, and
# sequences that are valid UTF-8.
_NOT_WINDOWS = (
    rb"[\0-\x08\x0B\x0E-\x1F\x7F\x81\x8D\x8F\x90\x9D]|"
    rb"[\xC2-\xDF][\x80-\xBF]|[\xE0-\xEF][\x80-\xBF]{2}"
)


def decode_text(content: bytes | str, name: str, error: type[ImrgenError]) -> str:
    r"""Return the text of a file, without a byte order mark and with lines that end in `\n`.

    Args:
        content: The file's bytes, or a text that a program has decoded.
        name: The file's name for the diagnostic.
        error: What to raise.

    Raises:
        ImrgenError: `error`, with the place of the first byte that is not UTF-8.
    """
    if isinstance(content, str):
        return _clean(content)
    codec = wide_encoding(content)
    looks = ""
    if codec:
        found = re.search(_NOT_ASCII, content)
        start = found.start() if found else 0
        looks = f"; it is in {_NAMES[codec]}"
    else:
        try:
            return _clean(content.decode())
        except UnicodeDecodeError as fault:
            start = fault.start
        if not re.search(_NOT_WINDOWS, content):
            looks = "; it looks like Windows-1252 (ANSI in Notepad)"
    from imrgen.case.positions import span_at  # for a fault only

    before = _clean(content[:start].decode(errors="replace"))
    span = span_at(printable(name), before, len(before))
    raise error.of(
        codes.NOT_UTF8,
        f"not UTF-8 (byte 0x{content[start]:02X}){looks}",
        "save the file as UTF-8",
        span=span,
    )


def readable_text(content: bytes) -> str:
    """Return the text of a file, as far as it can be read, to show a line of it or look for a word.

    What is not in its encoding becomes U+FFFD.
    """
    return _clean(content.decode(wide_encoding(content) or "utf-8", "replace"))


def encode_text(text: str, before: bytes) -> bytes:
    """Return an edited text as a file's bytes, written as the file was before.

    It has the file's byte order mark. Lines that were not edited keep their own ends; the others
    end as most lines of the file do.

    Args:
        text: The new text.
        before: The file's bytes before.
    """
    decoded = before.decode(errors="replace")
    old_text = decoded.lstrip("\ufeff")
    mark = decoded[: len(decoded) - len(old_text)]
    old_ends = re.findall(_LINE_END, old_text)
    old = re.split(_LINE_END, old_text)
    new = re.split(_LINE_END, text)
    usual = Counter(old_ends or ["\n"]).most_common(1)[0][0]
    head = tail = 0
    # A lone carriage return cannot stand beside other ends: with a line feed behind it, it is one.
    if "\r" not in old_ends:
        shortest = min(len(old), len(new))
        head = min(_common(old, new), shortest - 1)
        tail = min(_common(old[::-1], new[::-1]), shortest - head)
    middle = [usual] * (len(new) - head - max(1, tail))
    ends = [*old_ends[:head], *middle, *old_ends[len(old) - tail :], ""]
    return (mark + "".join(map("".join, zip(new, ends, strict=True)))).encode()


def wide_encoding(content: bytes) -> str:
    """Return the codec of a text in UTF-16 or UTF-32; empty for what is not plainly such a text."""
    for mark, codec in _WIDE_MARKS.items():
        if content.startswith(mark):
            return codec
    sample = content[:1024]
    if b"\0" not in sample:
        return ""
    for codec, first in (("utf-32-be", 0), ("utf-32-le", 2)):
        # Two bytes of four are zero in all characters but the rarest.
        has_zeros = len(sample) > 3 and not any(sample[first::4] + sample[first + 1 :: 4])
        if has_zeros and not re.search(_CONTROL, sample.decode(codec, "replace")):
            return codec
    for codec, zeros in (("utf-16-be", sample[::2].count(0)), ("utf-16-le", sample[1::2].count(0))):
        # Most characters of any text that imrgen reads are ASCII, which have a zero byte there.
        if 4 * zeros > len(sample) and not re.search(_CONTROL, sample.decode(codec, "replace")):
            return codec
    return ""


def printable(name: str) -> str:
    """Return a file's name as messages, letters and manifests can hold it, which are UTF-8."""
    return name.encode(errors="backslashreplace").decode()


def _clean(text: str) -> str:
    return re.sub(_LINE_END, "\n", text.lstrip("\ufeff")) if "\r" in text else text.lstrip("\ufeff")


def _common(one: list[str], other: list[str]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    different = (number for number, (a, b) in pairs if a != b)
    return next(different, min(len(one), len(other)))
