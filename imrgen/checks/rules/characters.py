"""Checks of characters: invisible ones, lookalikes, and those that no font can draw."""

from __future__ import annotations

import functools
import io
import unicodedata
from collections.abc import Iterator

from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import Pattern
from imrgen.diagnostics import Path, Severity
from imrgen.pack import TemplatePack

# The embeddings, overrides and isolates of UAX #9: they change the order in which the text after
# them is displayed.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Unicode's Default_Ignorable_Code_Point, and the marks of interlinear annotation.
_INVISIBLE = Pattern(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-"
    r"\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-"
    r"\U000e0fff]"
)
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
# Fonts need not contain the no-break hyphen: it is drawn with the hyphen's glyph.
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
    Each is reported once per text.

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
            elif _INVISIBLE.match(character):
                yield _finding(path, start, character, "is invisible", hint, "warning")


@check(
    "IMR391",
    "Characters without a meaning",
    "error",
    "Unicode Standard, chapter 23: private use, noncharacters",
)
def meaningless_characters(subject: Subject) -> Iterator[Finding]:
    r"""Report characters that have no meaning, or another one on each computer.

    What: Private use characters, noncharacters, halves of surrogate pairs and stray control
    characters are errors. U+FFFD and U+FFFC, which stand for something that was lost, and
    unassigned code points are warnings. Each is reported once per text.

    Why: They come from a failed conversion, such as bullets of a symbol font, and print as boxes or
    not at all. Where U+FFFD stands, a letter, a digit or a unit of the record is missing.

    Fails:
        clinical_summary = "The dose was 50 \uFFFDg daily …"

    Passes:
        clinical_summary = "The dose was 50 µg daily …"
    """
    hint = "replace it with what the record says"
    for path, text, _ in subject.fields:
        for start, character in _unusual(text):
            if problem := _meaningless(character):
                yield _finding(path, start, character, problem[0], hint, problem[1])


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
    and a warning elsewhere, since a letter need not print it. White space, and what IMR390 and
    IMR391 report, is left out. Without a pack, or with one that ships no fonts, nothing is
    reported. Each character is reported once per text.

    Why: It would print as a box, so a PDF of the letter is refused; this check reports where it
    stands.

    Fails:
        item = "\u211E Tramadol 50mg #60"

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

    A text of ASCII alone is skipped: the model refuses control characters.
    """
    if not text.isascii():
        yield from sorted((text.index(each), each) for each in set(text) if not " " <= each <= "~")


def _meaningless(character: str) -> tuple[str, Severity] | None:
    point, category = ord(character), unicodedata.category(character)
    if point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF:
        return "is not a character", "error"
    if category == "Co":
        return "is a private use character, which means nothing outside one computer", "error"
    if category == "Cs":
        return "is half of a surrogate pair", "error"
    if category == "Cc" and character not in "\t\n\r":
        return "is a control character", "error"
    if character in "\ufffc\ufffd":
        return "stands for something that was lost", "warning"
    if category == "Cn" and not _INVISIBLE.match(character):
        return "is assigned to no character", "warning"
    return None


def _is_drawn(character: str, text: str, pack: TemplatePack) -> bool:
    if character.isspace() or character in _DRAWN_AS_ANOTHER or _in_a_font(character, pack):
        return True
    if _INVISIBLE.match(character) or _meaningless(character):
        return True
    # Shaping decomposes or composes a letter and its accent, depending on the font.
    if all(_in_a_font(part, pack) for part in unicodedata.normalize("NFD", character)):
        return True
    return bool(unicodedata.combining(character)) and character not in unicodedata.normalize(
        "NFC", text
    )


def _in_a_font(character: str, pack: TemplatePack) -> bool:
    repertoires = (_repertoire(pack.read(font.file)) for font in pack.fonts)
    return any(found is None or ord(character) in found for found in repertoires)


@functools.lru_cache(maxsize=64)
def _repertoire(content: bytes) -> frozenset[int] | None:
    """Return the code points that a font can draw; `None` if it cannot be read."""
    # Importing fontTools and reading a font take some 10 ms, and few texts need it.
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    try:
        return frozenset(TTFont(io.BytesIO(content), lazy=True).getBestCmap() or ())
    except Exception:
        # fontTools raises any exception for a damaged file; the PDF engine refuses such a pack.
        return None
