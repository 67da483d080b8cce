"""Checks of characters: invisible ones, lookalikes, and those that no font can draw."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from imrgen.case import LINE_BREAK
from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import Pattern
from imrgen.diagnostics import Path, Severity
from imrgen.document import IGNORABLE
from imrgen.pack import TemplatePack

# The embeddings, overrides and isolates of UAX #9: they change the order in which the text after
# them is displayed.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CYRILLIC = r"\u0400-\u052f"
# The Greek letters that look like a Latin one, without those that serve as symbols next to Latin
# letters (µ, Ω, α, β, Δ).
_GREEK = (
    r"\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    r"\u03b9\u03bd\u03bf\u03c1\u03c5"
)
_LOOKALIKE = Pattern(f"[{_CYRILLIC}{_GREEK}]")
_WORD = Pattern(r"\w+")
_LATIN_OR_DIGIT = Pattern(r"[0-9A-Za-z\u00c0-\u024f]")
_STACKED = Pattern(r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{31}")
_SEPARATORS = "\u2028\u2029"
_RETYPE = "replace it with what the record says"
_BULLET = "Word's bullet; type `- ` at the beginning of the line"
_WORD_SIGNS = {
    **dict.fromkeys(range(0xF021, 0xF100), "a sign of Word's fonts Symbol or Wingdings; retype it"),
    **dict.fromkeys(
        (0xF02D, 0xF06C, 0xF06E, 0xF071, 0xF075, 0xF076, 0xF09F, 0xF0A7, 0xF0B7, 0xF0D8, 0xF0E0),
        _BULLET,
    ),
    0xF06F: f"{_BULLET}, or \u2610 for a box",
    0xF0A8: f"{_BULLET}, or \u2610 for a box",
    0xF0FB: f"{_BULLET}, or \u2717 for a cross",
    0xF0FC: f"{_BULLET}, or \u2713 for a check mark",
    0xF0FD: f"{_BULLET}, or \u2612 for a box with a cross",
    0xF0FE: f"{_BULLET}, or \u2611 for a box with a check mark",
}
"""What the private use characters of Word's symbol fonts are."""

# The PDF is set with a hyphen in place of the no-break one.
_DRAWN_AS_ANOTHER = frozenset("\u2011")


@check(
    "IMR390",
    "Invisible characters",
    "warning",
    "Unicode Standard Annex #9: directional formatting characters",
)
def unseen_characters(subject: Subject) -> Iterator[Finding]:
    r"""Report characters that are invisible, or change the order in which the text is read.

    What: The controls of bidirectional text (embeddings, overrides, isolates: U+202A to U+202E,
    U+2066 to U+2069) are errors. Other invisible characters are warnings: zero width spaces and
    joiners, soft hyphens, byte order marks within a text, direction marks, variation selectors.
    Each is reported once per text. So is U+000B in a narrative: Word's manual line break, which the
    letter sets as a line break.

    Why: An override makes “0001” read “1000”, and passes every PDF validator. A zero width space or
    a soft hyphen within a word hides the word from search, screen readers and comparison.

    Fails:
        claim_number = "WC-2016-\u202E100"

    Passes:
        claim_number = "WC-2016-001"
    """
    hint = "delete it, or retype the words around it"
    for path, text, _ in subject.fields:
        for start, character in _unusual(text):
            if character in _REORDERING:
                problem = "changes the order in which the text is read"
                yield _finding(path, start, character, problem, hint, "error")
            elif character == LINE_BREAK:
                problem = "is a line break of Word's, and is set as one"
                yield _finding(path, start, character, problem, "press Enter instead", "warning")
            elif re.match(IGNORABLE, character):
                yield _finding(path, start, character, "is invisible", hint, "warning")


@check(
    "IMR391",
    "Characters without a meaning",
    "error",
    "Unicode Standard, chapter 23: private use, noncharacters",
)
def meaningless_characters(subject: Subject) -> Iterator[Finding]:
    r"""Report characters that have no meaning, or another one on each computer.

    What: Private use characters, such as the bullets of Word's symbol fonts, noncharacters, halves
    of surrogate pairs, stray control characters, and U+FFFD and U+FFFC, which stand for something
    that was lost, are errors. So are more than 30 marks on one letter, and, outside of narratives,
    where they break the line, line and paragraph separators (U+2028, U+2029). Unassigned code
    points are warnings. Each is reported once per text.

    Why: They come from a failed conversion, and print as boxes or not at all. Where U+FFFD stands,
    a letter, a digit or a unit of the record is missing.

    Fails:
        clinical_summary = "The dose was 50 \uFFFDg daily …"

    Passes:
        clinical_summary = "The dose was 50 µg daily …"
    """
    for path, text, field in subject.fields:
        if not text.isascii() and (marks := _STACKED.search(text)):
            message = "more than 30 marks stand on one letter (UAX #15, Stream-Safe Text)"
            yield Finding(path, message, (_RETYPE,), marks.start())
        for start, character in _unusual(text):
            breaks_line = field.kind == "narrative" and character in _SEPARATORS
            problem = _meaningless(character)
            if problem and not breaks_line:
                yield _finding(path, start, character, *problem)


@check(
    "IMR392",
    "Letters of another script",
    "warning",
    "Unicode Technical Standard #39: mixed-script detection",
)
def letters_of_another_script(subject: Subject) -> Iterator[Finding]:
    r"""Report Cyrillic and Greek letters that look like Latin ones.

    What: In a claim number, an EAMS number or a code, any such letter is an error. In other texts
    it is a warning where it stands in one word with Latin letters or digits. Greek letters used as
    symbols, and the units µ and Ω, are fine.

    Why: Such a word looks right but is not found by search; a number with such a letter is another
    number.

    Fails:
        eams_number = "\u0410DJ9900101"

    Passes:
        eams_number = "ADJ9900101"
    """
    hint = "type the Latin letter"
    for path, text, field in subject.fields:
        if text.isascii() or not _LOOKALIKE.search(text):
            continue
        is_identifier = field.kind in ("identifier", "code")
        severity: Severity = "error" if is_identifier else "warning"
        letters: dict[str, int] = {}
        for word in _WORD.finditer(text):
            if is_identifier or _LATIN_OR_DIGIT.search(word[0]):
                for match in _LOOKALIKE.finditer(text, word.start(), word.end()):
                    letters.setdefault(match[0], match.start())
        for letter, start in letters.items():
            problem = "stands where a Latin letter belongs"
            yield _finding(path, start, letter, problem, hint, severity)


@check(
    "IMR393",
    "Characters that no font can draw",
    "error",
    "ISO 14289-1 (PDF/UA), 7.21.8: no reference to .notdef",
)
def characters_without_a_glyph(subject: Subject) -> Iterator[Finding]:
    r"""Report characters that none of the pack's fonts can draw.

    What: Every character beyond Basic Latin is looked up in the fonts that the pack ships. One that
    is in none is an error in the clinical summary, in the issues and in the reviewers' credentials,
    and a warning elsewhere, since a letter need not print it. White space, invisible characters and
    the errors of IMR391 are left out. Without a pack, or with one that ships no fonts, nothing is
    reported. Each character is reported once per text.

    Why: It would print as a box, so a PDF of the letter is refused; this check reports where it
    stands.

    Fails:
        item = "\U0001F48A Tramadol 50mg #60"

    Passes:
        item = "Tramadol 50mg #60"
    """
    pack = subject.pack
    if pack is None or not pack.fonts:
        return
    problem = f"is in no font of pack `{pack.name}`"
    hint = "write it differently, or use a pack whose fonts contain it"
    for path, text, field in subject.fields:
        severity: Severity = "warning" if field.confidential else "error"
        for start, character in _unusual(text):
            if not _is_drawn(character, text, pack):
                yield _finding(path, start, character, problem, hint, severity)


def _finding(
    path: Path, start: int, character: str, problem: str, hint: str, severity: Severity
) -> Finding:
    name = unicodedata.name(character, "")
    message = " ".join(filter(None, (f"U+{ord(character):04X}", name, problem)))
    return Finding(path, message, (hint,), start, severity=severity)


def _unusual(text: str) -> Iterator[tuple[int, str]]:
    """Yield the characters other than printable ASCII, each with the first place where it stands.

    A text of ASCII alone is skipped: the model refuses control characters but Word's line break.
    """
    if not text.isascii() or LINE_BREAK in text:
        yield from sorted((text.index(each), each) for each in set(text) if not " " <= each <= "~")


def _meaningless(character: str) -> tuple[str, str, Severity] | None:
    """Return what is wrong with a character, what to do, and how bad it is."""
    point, category = ord(character), unicodedata.category(character)
    if point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF:
        return "is not a character", _RETYPE, "error"
    if category == "Co":
        problem = "is a private use character, which means nothing outside one computer"
        return problem, _WORD_SIGNS.get(point) or _RETYPE, "error"
    if category == "Cs":
        return "is half of a surrogate pair", _RETYPE, "error"
    if category == "Cc" and character not in "\t\n\x0b\r":
        return "is a control character", _RETYPE, "error"
    if character in "\ufffc\ufffd":
        return "stands for something that was lost", _RETYPE, "error"
    if character in _SEPARATORS:
        return "breaks the line in some programs only", "type a line break", "error"
    if category == "Cn" and not re.match(IGNORABLE, character):
        return "is assigned to no character", _RETYPE, "warning"
    return None


def _is_drawn(character: str, text: str, pack: TemplatePack) -> bool:
    from imrgen.pack import drawn_as  # few texts have a character that is not in every font

    if character.isspace() or character in _DRAWN_AS_ANOTHER or drawn_as(pack, character):
        return True
    meaningless = _meaningless(character)
    if re.match(IGNORABLE, character) or (meaningless and meaningless[-1] == "error"):
        return True
    # Shaping composes a letter and its accent where a font has both as one.
    return bool(unicodedata.combining(character)) and character not in unicodedata.normalize(
        "NFC", text
    )
