"""Checks of damage that programs do to a text: wrong encodings, markup, lost letters."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from imrgen.checks import Finding, Subject, check
from imrgen.checks.text import Pattern, find_mojibake
from imrgen.diagnostics import Severity

# A name of two letters may be a part of an abbreviation such as “am&pm;”.
_ENTITY = Pattern(
    r"&(?:#\d{2,7}|#[xX][0-9A-Fa-f]{2,6}|[A-Za-z][A-Za-z0-9]{2,31}|[lg][te]|(?<!\w&)[A-Za-z]{2});"
    r"|&nbsp(?![\w=])",
    needs=(";", "&nbsp"),
)
_TAG_NAMES = (
    "br|hr|div|span|strong|em|sup|sub|font|table|tbody|thead|tr|td|th|ul|ol|li|h[1-6]|img|o:p|html|"
    "body|head|title|style|script|meta|link|center|small|big|pre|code|blockquote|strike|del|ins"
)
_ATTRIBUTES = r"(?:\s[^<>=]{1,40}=[^<>]{0,500}|\s{0,9}/?)"
_TAG = Pattern(
    rf"</?(?:{_TAG_NAMES}|(?P<letter>[abipsuq])){_ATTRIBUTES}>|<!--|-->|<!\[|\]\]>",
    re.IGNORECASE,
    needs=("<", ">"),
)
_ESCAPE = Pattern(
    r"_x00[0-9A-F]{2}_|\\u[0-9a-fA-F]{4}|\\r\\n|=(?:C[2-9A-F]|[DE][0-9A-F])(?:=[89AB][0-9A-F])+|"
    r"(?:\\x[89a-fA-F][0-9a-fA-F]){2,}|\\'[89a-fA-F][0-9a-fA-F]|\{\\rtf1",
    needs=("_x", "\\", "="),
)
_SIGNS = ("&", "<", ">", "\\", "=", "_x")
"""What all that exports leave contains."""
_WORD = Pattern(r"[^\s\"“”()]+")
_INSIDE = Pattern(r"(?<=[^\W\d_])\?{1,2}(?=[^\W\d_])")
_ADDRESS = Pattern(r"[/=@&\\#]|www\.|\.\w+\?")
_UNIT = Pattern(r"(?<=\d)(?: ?(?P<micro>\?)(?=[gl]\b)| ?\?(?= ?[FC]\b))", needs=("?",))
_IN_NAME = Pattern(r"\?+")


@check(
    "IMR394",
    "Characters read in a wrong encoding",
    "error",
    "Unicode Standard, chapter 3.10: UTF-8",
)
def characters_in_a_wrong_encoding(subject: Subject) -> Iterator[Finding]:
    """Report UTF-8 that was read as Windows-1252 or as another encoding.

    What: Characters that are the bytes of another character in UTF-8, such as “â€™” for an
    apostrophe, also if it happened twice; and “Õ” or “Æ” within a word of small letters, for an
    apostrophe of Mac OS or Windows. Where they might be meant as they are, it is a warning. The
    same characters are reported once per text.

    Why: A spreadsheet or an export that mistakes the encoding does this to every apostrophe, dash,
    accented letter and sign of a text, and the letter would print it.

    Fails:
        clinical_summary = "The patientâ€™s knee hurts. Take Â½ tablet."

    Passes:
        clinical_summary = "The patient’s knee hurts. Take ½ tablet."
    """
    for path, text in subject.texts:
        found = find_mojibake(text)
        if not found:
            continue
        count = Counter(text[each.start : each.start + each.length] for each in found)
        for each in found:
            written = text[each.start : each.start + each.length]
            times = count.pop(written, 0)
            if times:
                severity: Severity = "error" if each.is_certain else "warning"
                points = " ".join(f"U+{ord(c):04X}" for c in written)
                often = f", {times} times in this text" if times > 1 else ""
                verb = "look" if each.length > 1 else "looks"
                encodings = f"{each.written_in} that was read as {each.encoding}"
                message = f"{points} {verb} like {encodings}{often}"
                hint = "export the text again as UTF-8"
                if each.original:
                    hint = f"type {_named(each.original)}, or {hint}"
                yield Finding(path, message, (hint,), each.start, each.length, severity)


@check(
    "IMR395",
    "Markup and escapes of another format",
    "warning",
    "HTML Living Standard, 13.1.4: character references; RFC 8259, 7",
)
def markup_of_another_format(subject: Subject) -> Iterator[Finding]:
    r"""Report HTML entities and tags, and escapes, that an export left in a text.

    What: Entities such as `&nbsp;` and `&#39;`, tags such as `<br/>` and `<b>…</b>`, Excel's
    `_x000D_`, `\u2019`, `\xe2\x80\x99` and `\r\n` written out, `\'92` of RTF, and `=E2=80=99` of an
    e-mail. Each is reported once per text.

    Why: A letter prints them as they are typed.

    Fails:
        clinical_summary = "Pain &gt; 5 of 10.<br/>The doctor&#39;s note follows."

    Passes:
        clinical_summary = "Pain > 5 of 10. The doctor's note follows."
    """
    for path, text in subject.texts:
        if not any(map(text.__contains__, _SIGNS)):
            continue
        seen: set[str] = set()
        for start, written, kind, meant in _left_by_exports(text):
            if written not in seen:
                seen.add(written)
                hint = f"type {_named(meant)}" if meant else "delete it, or type what it stands for"
                message = f"{kind} of {len(written)} characters was left by an export"
                yield Finding(path, message, (hint,), start, len(written))


@check(
    "IMR396",
    "Question marks for lost letters",
    "warning",
    "Unicode Standard, chapter 5.3: characters that an encoding lacks",
)
def question_marks_for_lost_letters(subject: Subject) -> Iterator[Finding]:
    """Report a question mark that stands for a letter, an apostrophe or the sign of a unit.

    What: A question mark between two letters of a word (not of an address on the web), anywhere in
    a person's name, and before `g`, `l`, `F` or `C` behind a number.

    Why: An export to an encoding that lacks a character writes a question mark in its place: the
    name is wrong, “50 ?g” might be milligrams.

    Fails:
        requesting_physician = { name = "Renata Mu?oz, MD" }

    Passes:
        requesting_physician = { name = "Renata Muñoz, MD" }
    """
    for path, text, field in subject.fields:
        if "?" not in text:
            continue
        places: dict[int, tuple[int, str]] = {}
        hint = "type the letter or the apostrophe that was lost"
        for word in _WORD.finditer(text):
            if "?" in word[0] and not _ADDRESS.search(word[0]):
                for match in _INSIDE.finditer(text, word.start(), word.end()):
                    places[match.start()] = (match.end(), hint)
        if field.kind == "name" or path[-1] == "name":
            for match in _IN_NAME.finditer(text):
                places[match.start()] = (match.end(), hint)
        for match in _UNIT.finditer(text):
            start = match.end() - 1
            lost = "U+00B5 MICRO SIGN" if match["micro"] else "U+00B0 DEGREE SIGN"
            places[start] = (match.end(), f"look up the unit; {lost} may have been lost")
        for start, (end, advice) in sorted(places.items()):
            message = "a question mark stands where a letter or a sign seems to have been lost"
            yield Finding(path, message, (advice,), start, end - start)


def _left_by_exports(text: str) -> Iterator[tuple[int, str, str, str]]:
    """Yield where markup begins, as it is written, what it is, and the one character it means."""
    for match in _ENTITY.finditer(text) if "&" in text else ():
        import html  # it loads a table of all entities, for longer than most checks take
        from html.entities import html5

        written = match[0]
        if written[1] == "#" or written == "&nbsp" or written[1:] in html5:
            meant = html.unescape(written)
            yield match.start(), written, "an HTML entity", meant if len(meant) == 1 else ""
    tags = list(_TAG.finditer(text))
    # A letter between angle brackets is a tag where it is closed; else it may be a comparison.
    closed = {match[0][2:3].lower() for match in tags if match["letter"] and match[0][1] == "/"}
    for match in tags:
        if not match["letter"] or match["letter"].lower() in closed or "=" in match[0]:
            yield match.start(), match[0], "an HTML tag", ""
    for match in _ESCAPE.finditer(text):
        yield match.start(), match[0], "an escape", ""


def _named(characters: str) -> str:
    return " and ".join(
        f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
        for character in characters
    )
