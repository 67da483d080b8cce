"""The control characters, which no text of a case may hold, and what they stood for.

A narrative may hold one: U+000B, the line break within a paragraph that is pasted from Word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from imrgen.case.source import Fault
from imrgen.diagnostics import Path, codes

LINE_BREAK = "\x0b"
"""Word's line break, the control character that a narrative may hold."""

CONTROLS = "\\x00-\\x08\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ufffe\\uffff"
"""The other characters, as a range of a regular expression. WeasyPrint drops NUL in silence, and
none can be typed on purpose."""

_CONTROL = f"[{LINE_BREAK}{CONTROLS}]"
_DELETE = "delete it"
_BREAK_LINE = "put a line break in its place"
_MEANINGS = {
    "\x07": ("the end of a table's cell in Word", _DELETE),
    LINE_BREAK: ("a line break in Word", _BREAK_LINE),
    "\x0c": ("a page break", _BREAK_LINE),
    "\x1b": ("an escape", "delete it, and the code that follows it"),
    "\x1e": ("a no-break hyphen in Word", "type a hyphen, or U+2011"),
    "\x1f": ("a soft hyphen in Word", _DELETE),
    "\x85": ("a line break, or an ellipsis of Windows-1252", "type the one that was meant"),
    "\ufffe": ("not a character", _DELETE),
    "\uffff": ("not a character", _DELETE),
}
"""What the characters stand for in the programs that texts are pasted from, and what to do."""


def control_faults(text: str, path: Path, allowed: str = "") -> Iterator[Fault]:
    """Find the control characters of a text, each one once, where it first stands.

    Args:
        text: The text.
        path: Its path in the case.
        allowed: The characters that it may hold.
    """
    seen: set[str] = set()
    for match in re.finditer(_CONTROL, text):
        start, meant = _utf_8(text, match.start())
        if match[0] in allowed or (meant or match[0]) in seen:
            continue
        seen.add(meant or match[0])
        meaning, hint = _MEANINGS.get(match[0]) or _in_windows_1252(match[0])
        if meant:
            name = f"U+{ord(meant):04X} {unicodedata.name(meant, '')}".rstrip()
            meaning = f"a part of {name} in UTF-8 that was read in another encoding"
            hint = f"type {name}, or export the text again as UTF-8"
        message = f"U+{ord(match[0]):04X} ({meaning}) must not stand in a text"
        yield Fault(codes.WRONG_VALUE, message, path, (hint,), start=start)


def _utf_8(text: str, at: int) -> tuple[int, str]:
    """Return where the UTF-8 begins that a control character is a part of, and what it says."""
    for start in range(max(0, at - 3), at):
        for end in range(at + 1, start + 5):
            try:
                # Where Windows-1252 has no character, programs take the one of Latin-1.
                content = b"".join(
                    each.encode("latin-1" if each <= "\xff" else "windows-1252")
                    for each in text[start:end]
                )
                meant = content.decode()
            except UnicodeError:
                continue
            if len(meant) == 1 and meant.isprintable():
                return start, meant
    return at, ""


def _in_windows_1252(character: str) -> tuple[str, str]:
    """Return what a character stands for where Windows-1252 was read as Latin-1."""
    meant = character.encode("latin-1").decode("windows-1252", "ignore")
    if meant in ("", character):
        return "a control character", _DELETE
    name = unicodedata.name(meant)
    return f"{name} of a Windows-1252 text that was read as Latin-1", f"type U+{ord(meant):04X}"
