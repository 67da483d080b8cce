"""Checks of characters: what a reader cannot see or mistakes for something else, and what no font draws."""

from __future__ import annotations

import functools
import io
import unicodedata
from collections.abc import Iterator

from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import Pattern
from imrgen.diagnostics import Path, Severity
from imrgen.pack import TemplatePack

# The embeddings, overrides and isolates of UAX #9: they change the order in which what follows them
# is shown.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Unicode's Default_Ignorable_Code_Point, and the marks of interlinear annotation.
_UNSEEN = Pattern(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-"
    r"\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-"
    r"\U000e0fff]"
)
_CONTROL = Pattern(r"[^\t\n\r -~\u00a0-\U0010ffff]")
_CYRILLIC = r"\u0400-\u052f"
# The Greek letters drawn like a Latin one, without those that serve as symbols beside Latin letters
# (µ, Ω, α, β, Δ).
_GREEK = (
    r"\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    r"\u03b9\u03bd\u03bf\u03c1\u03c5"
)
_ALIKE = Pattern(f"[{_CYRILLIC}{_GREEK}]")
_WORD = Pattern(r"\w+")
_LATIN_OR_DIGIT = Pattern(r"[0-9A-Za-z\u00c0-\u024f]")
# Fonts need not have the no-break hyphen: it is drawn with the hyphen's glyph.
_DRAWN_OTHERWISE = frozenset("\u2011")


@check(
    "IMR390",
    "Characters that cannot be seen",
    "warning",
    "Unicode Standard Annex #9: directional formatting characters",
)
def unseen_characters(subject: Subject) -> Iterator[Finding]:
    r"""A text holds characters that cannot be seen, or that change the order in which the text is read.

    What: The controls of bidirectional text (embeddings, overrides, isolates: U+202A to U+202E,
    U+2066 to U+2069) are errors. Other characters that are not drawn are warnings: zero width
    spaces and joiners, soft hyphens, byte order marks within a text, direction marks, variation
    selectors. Each is reported once per text.

    Why: An override makes “0001” read “1000”, and passes every validator of PDF. A zero width space
    or a soft hyphen within a word hides the word from search, from a screen reader's ear and from
    comparison.

    Fails:
        claim_number = "WC-2016-\u202E100"

    Passes:
        claim_number = "WC-2016-001"
    """
    hint = "delete it, or type the words around it anew"
    for path, text in subject.beyond_ascii:
        for start, character in _unusual(text):
            if character in _TURNING:
                yield _finding(
                    path,
                    start,
                    character,
                    "changes the order in which the text is read",
                    hint,
                    "error",
                )
            elif _UNSEEN.match(character):
                yield _finding(path, start, character, "cannot be seen", hint, "warning")


@check(
    "IMR391",
    "Characters without a meaning",
    "error",
    "Unicode Standard, chapter 23: private use, noncharacters",
)
def meaningless_characters(subject: Subject) -> Iterator[Finding]:
    r"""A text holds characters that mean nothing, or to each computer something else.

    What: Private use characters, noncharacters, halves of surrogate pairs and stray control
    characters are errors. U+FFFD and U+FFFC, which stand for something that was lost, and code
    points that are assigned to no character are warnings. Each is reported once per text.

    Why: They come from a conversion that went wrong, such as bullets of a symbol font, and print as
    boxes or not at all. Where U+FFFD stands, a letter, a digit or a unit of the record is missing.

    Fails:
        clinical_summary = "The dose was 50 \uFFFDg daily …"

    Passes:
        clinical_summary = "The dose was 50 µg daily …"
    """
    hint = "put in its place what the record says"
    for path, text in subject.beyond_ascii:
        for start, character in _unusual(text, controls=True):
            found = _without_meaning(character)
            if found:
                yield _finding(path, start, character, found[0], hint, found[1])


@check(
    "IMR392",
    "Letters of another script",
    "warning",
    "Unicode Technical Standard #39: mixed-script detection",
)
def letters_of_another_script(subject: Subject) -> Iterator[Finding]:
    r"""A word or an identifier holds a Cyrillic or Greek letter that looks like a Latin one.

    What: In a claim number, an EAMS number or a code, any such letter is an error. In other texts
    it is a warning where it stands in one word with Latin letters or digits. Greek letters used as
    symbols, and the units µ and Ω, are fine.

    Why: Such a word looks right and is found by no search; a number with such a letter is another
        number.

    Fails:
        eams_number = "\u0410DJ9900101"

    Passes:
        eams_number = "ADJ9900101"
    """
    hint = "type the Latin letter"
    for path, text, field in subject.fields:
        if text.isascii() or not _ALIKE.search(text):
            continue
        identifier = field.kind in ("identifier", "code")
        seen: set[str] = set()
        for word in _WORD.finditer(text):
            if not identifier and not _LATIN_OR_DIGIT.search(word[0]):
                continue
            for letter in _ALIKE.finditer(text, word.start(), word.end()):
                if letter[0] not in seen:
                    seen.add(letter[0])
                    severity: Severity = "error" if identifier else "warning"
                    what = "stands where a Latin letter belongs"
                    yield _finding(path, letter.start(), letter[0], what, hint, severity)


@check(
    "IMR393",
    "Characters that no font has",
    "error",
    "ISO 14289-1 (PDF/UA), 7.21.8: no reference to .notdef",
)
def characters_without_a_glyph(subject: Subject) -> Iterator[Finding]:
    r"""A text holds a character that none of the pack's fonts can draw.

    What: Every character beyond Basic Latin is looked up in the fonts that the pack ships. One that
    is in none is an error in the clinical summary, in the issues and in the reviewers' credentials,
    and a warning elsewhere, since a letter need not print it. White space, and what IMR390 and
    IMR391 report, is left out. Without a pack, or with one that ships no fonts, the check is
    silent. Each character is reported once per text.

    Why: A box would be printed in its place, so a PDF of the letter is refused; here it is said
        where it stands.

    Fails:
        item = "\u211E Tramadol 50mg #60"

    Passes:
        item = "Tramadol 50mg #60"
    """
    pack = subject.pack
    if pack is None or not pack.fonts:
        return
    hint = "write it otherwise, or use a pack whose fonts have it"
    for path, text, field in subject.fields:
        for start, character in _unusual(text):
            if not _is_drawn(character, text, pack):
                severity: Severity = "warning" if field.confidential else "error"
                yield _finding(
                    path, start, character, f"is in no font of pack `{pack.name}`", hint, severity
                )


def _finding(
    path: Path, start: int, character: str, what: str, hint: str, severity: Severity
) -> Finding:
    name = unicodedata.name(character, "")
    message = f"U+{ord(character):04X} {name} {what}" if name else f"U+{ord(character):04X} {what}"
    return Finding(path, message, (hint,), start, severity=severity)


def _unusual(text: str, controls: bool = False) -> Iterator[tuple[int, str]]:
    """Give the characters beyond ASCII, and its control characters, each with the place where it first stands.

    Args:
        text: The text.
        controls: Whether to look for control characters in a text of ASCII alone too, which takes
            longer.
    """
    if not text.isascii() or (controls and _CONTROL.search(text)):
        yield from sorted((text.index(each), each) for each in set(text) if not " " <= each <= "~")


def _without_meaning(character: str) -> tuple[str, Severity] | None:
    point, category = ord(character), unicodedata.category(character)
    if point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF:
        return "is no character", "error"
    if category == "Co":
        return "is a private use character, which means nothing outside one computer", "error"
    if category == "Cs":
        return "is half of a surrogate pair", "error"
    if category == "Cc" and character not in "\t\n\r":
        return "is a control character", "error"
    if character in "\ufffc\ufffd":
        return "stands for something that was lost", "warning"
    if category == "Cn" and not _UNSEEN.match(character):
        return "is assigned to no character", "warning"
    return None


def _is_drawn(character: str, text: str, pack: TemplatePack) -> bool:
    if character.isspace() or character in _DRAWN_OTHERWISE or _in_a_font(character, pack):
        return True
    if _UNSEEN.match(character) or _without_meaning(character):
        return True
    # Shaping takes a letter and its accent apart, or puts them together, as the font has them.
    if all(_in_a_font(part, pack) for part in unicodedata.normalize("NFD", character)):
        return True
    return bool(unicodedata.combining(character)) and character not in unicodedata.normalize(
        "NFC", text
    )


def _in_a_font(character: str, pack: TemplatePack) -> bool:
    return any(
        found is None or ord(character) in found
        for found in (_repertoire(pack.read(font.file)) for font in pack.fonts)
    )


@functools.lru_cache(maxsize=64)
def _repertoire(content: bytes) -> frozenset[int] | None:
    """Read what a font has, `None` where that cannot be told; some 10 ms, so not before a character asks for it."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    try:
        return frozenset(TTFont(io.BytesIO(content), lazy=True).getBestCmap() or ())
    except Exception:
        # fontTools raises whatever a broken file leads it to; it is the press that refuses such a
        # pack.
        return None
