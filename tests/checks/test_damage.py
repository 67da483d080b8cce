"""Damage that programs do to texts is told where it stands, and good texts are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import imrgen
from imrgen.checks import Finding, Subject, all_checks
from tests.conftest import FIXTURES

CODES = ("IMR394", "IMR395", "IMR396")


def findings(case: imrgen.Case, *ids: str) -> list[tuple[str, Finding]]:
    checks = [check for check in all_checks() if check.id in (ids or CODES)]
    assert len(checks) == len(ids or CODES)
    return [
        (found.severity or check.severity, found)
        for check in checks
        for found in check.find(Subject(case))
    ]


def of_text(text: str, *ids: str) -> list[tuple[str, Finding]]:
    return findings(imrgen.load_case({"clinical_summary": text}), *ids)


# UTF-8 that was read in another encoding

MEANT = "’“‘–—…•™®°±½¼éñíóúüçÑÉß×µ§≥≤→√☐\ufffd"
READ_AS = {
    "Windows-1252": "cp1252",
    "Latin-1": "latin-1",
    "Mac OS Roman": "mac_roman",
    "code page 437": "cp437",
    "code page 850": "cp850",
    "Windows-1250": "cp1250",
}


def misread(text: str, codec: str) -> str:
    return "".join(
        bytes([byte]).decode(codec, "ignore") or chr(byte) if byte > 0x7F else chr(byte)
        for byte in text.encode()
    )


@pytest.mark.parametrize("encoding", READ_AS)
def test_mojibake_is_an_error_at_its_place_and_says_what_was_meant(encoding: str) -> None:
    told = 0
    for meant in MEANT:
        written = misread(meant, READ_AS[encoding])
        if any("\x80" <= character <= "\x9f" for character in written):
            continue  # the model refuses it
        before, after = "The worker had 5", "s of them."
        ((severity, found),) = of_text(f"{before}{written}{after}", "IMR394")
        assert severity == "error"
        assert (found.start, found.length) == (len(before), len(written))
        assert f"U+{ord(meant):04X}" in found.hints[0]
        assert "worker" not in found.message + found.hints[0]
        told += 1
    assert told >= (8 if encoding == "Latin-1" else 25)


def test_what_was_misread_twice_is_one_finding() -> None:
    told = 0
    for meant in MEANT:
        written = misread(misread(meant, "cp1252"), "cp1252")
        if not any("\x80" <= character <= "\x9f" for character in written):
            ((_, found),) = of_text(f"The worker{written}s knee.", "IMR394")
            assert (found.start, found.length) == (10, len(written))
            assert f"U+{ord(meant):04X}" in found.hints[0]
            told += 1
    assert told > 20


def test_each_piece_of_mojibake_is_told_once_with_its_number() -> None:
    text = "The patientâ€™s knee and the workerâ€™s hip, Â½ tablet."
    found = [each for _, each in of_text(text, "IMR394")]
    assert [each.start for each in found] == [11, text.index("Â")]
    assert "2 times" in found[0].message


LEFT_OVERS = {
    "a quotation mark whose last byte was lost": ("He said â€œyesâ€ twice.", ["error"] * 2),
    "the apostrophe of other encodings": ("The patientÕs knee; it isnÆt.", ["error"] * 2),
    "a capital whose byte was lost": ("Seen by Ãngel and Dr. Ãrias.", ["warning"]),
    "a soft hyphen that was lost": ("MartÃnez was seen.", ["error"]),
    "a no-break space that was made plain": ("Take 5Â mg and Â rest.", ["warning"]),
    "a grave a whose space was made plain": ("She is Ã la carte.", ["warning"]),
    "a byte order mark": ("ï»¿The worker.", ["error"]),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT_OVERS)
def test_what_is_left_of_mojibake_is_told(name: str) -> None:
    text, severities = LEFT_OVERS[name]
    assert [severity for severity, _ in of_text(text, "IMR394")] == severities


# Markup, escapes and lost letters

LEFT = {
    "Pain &gt; 5 &amp; rising.&nbsp; The doctor&#39;s.": ["&gt;", "&amp;", "&nbsp;", "&#39;"],
    "A&nbsp B &#x2019; &frac12; &lt;5": ["&nbsp", "&#x2019;", "&frac12;", "&lt;"],
    "<b>no</b> change.<br/>Next.<BR >": ["<b>", "</b>", "<br/>", "<BR >"],
    '<p class="x">One.</p> <span style="a: b">two</span>': [
        '<p class="x">', "</p>", '<span style="a: b">', "</span>",
    ],
    "<o:p></o:p> <!-- x --> <td width=5>": ["<o:p>", "</o:p>", "<!--", "-->", "<td width=5>"],
    "{\\rtf1 It\\'92s, it\\xe2\\x80\\x99s": ["{\\rtf1", "\\'92", "\\xe2\\x80\\x99"],
    "One._x000D_ Two \\u2019s and\\r\\n =E2=80=99 x": ["_x000D_", "\\u2019", "\\r\\n", "=E2=80=99"],
}  # fmt: skip


@pytest.mark.parametrize("text", LEFT)
def test_markup_and_escapes_are_warnings_at_their_places(text: str) -> None:
    found = of_text(text, "IMR395")
    assert {severity for severity, _ in found} == {"warning"}
    assert sorted(
        (each.start, text[each.start : each.start + each.length])
        for _, each in found
        if each.start is not None
    ) == sorted((text.index(written), written) for written in LEFT[text])


LOST = {
    "Seen by Dr. Mu?oz and Ren?e.": [14, 25],
    "The MU?OZ letter; N??ez.": [6, 19],
    "The patient?s knee; she can?t.": [11, 27],
    "She takes 50 ?g and 5?g; 98.6 ?F.": [13, 21, 30],
}


@pytest.mark.parametrize("text", LOST)
def test_a_question_mark_for_a_lost_letter_is_a_warning(text: str) -> None:
    found = of_text(text, "IMR396")
    assert {severity for severity, _ in found} == {"warning"}
    assert [each.start for _, each in found] == LOST[text]


def test_any_question_mark_in_a_name_is_a_warning() -> None:
    case = imrgen.load_case(
        {"employee": {"name": "Jos? Quill"}, "requesting_physician": {"name": "A. ?lvarez, MD"}}
    )
    assert [(found.path[0], found.start) for _, found in findings(case, "IMR396")] == [
        ("employee", 3),
        ("requesting_physician", 3),
    ]


GOOD = """
José Ñandú, François Lefèvre, Renée Côté, Zoë Brontë, Søren Ørsted, Łukasz Błaszczyk, Dvořák
Õie Õun, KÕIV, Ærø, ÆRØ, SÆTRE, Mónica Õ.
Nguyễn Thị Ánh, Trần Văn Âu, Đặng Võ Hồng Phượng, VÕ THỊ ÁNH, NGUYỄN VĂN Ý, Lê Hoàng Ân
JOSÉ’S, ZOË’S, MUÑOZ’S, ANDRÉ–MARIE, ESTÁ…, CAFÉ®, SÉ”, NÃO, CANÇÃO, JOÃO’S, SÃO, IRMÃ.
“¿CÓMO ESTÁ?” ¡Sí! «Voilà» – l’été, L’ÂGE, ÎLE, «à la carte»
5 µg ± 2 at 20°±5 °C, ½–¾ tablet, ≥ 5, § 4610, Norco® 10/325™, 1.5 Å–2 Å, ≈ ±5, √ done
BP <140, BP <140>90, a<b, a<b and b>c, p<0.05, <5>, x <y> z, pain <b> c, <10 mg>, 3<p<5
R&D; H&P; AT&T; PT&OT; I&D; Q&A; am&pm; Smith & Co; a&b; 5 & #60; Drug & Alcohol
https://example.org/page?id=1&lt=5&copy=2 or www.example.org?a=b or example.org/a?b, example.org?c=d
mailto:a@example.org?subject=x, C:\\new\\records, \\\\server\\records
Was it better? ?Tear of the meniscus. r/o ?fracture. Why? "What?" Really?! (yes?) 5/10? 98? ok
<name@example.org>, <https://example.org>, #60, 50%, x=5=y, A1=B2=C3, _x_, file_x000.txt
Привет “мир”, вёрст, Ωμέγα, ΑΒΓ, Δ 5, α2 β1, ‚Ähnlich‘ „Äpfel“, naïve—yes, über–alles
─┬─┬┐ ├──┤ │x│ └┘, ☒ no ☐ yes ✔️, ✓ ✗ → ↔ ∅ ⌀ ℃ ★, 10⁶, c̄ s̄ p̄, L4‑L5
"""


@pytest.mark.parametrize("line", GOOD.strip().splitlines())
def test_good_texts_are_left_alone(line: str) -> None:
    assert of_text(line) == []
    for word in line.replace(",", " ").split():
        if "?" not in word:
            assert of_text(word) == []


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_no_fixture_is_damaged_but_one_that_shows_html(path: Path) -> None:
    found = findings(imrgen.load_case(path), *CODES)
    assert len(found) == (2 if path.name == "markdown.toml" else 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "<b>",
        "<br ",
        "<p x",
        "&nbsp",
        "a?",
        "&#",
        "Ã",
        "â€",
        "Ã©",
        "Ã¢â‚¬â„¢",
        "\\u",
        "=E2",
        "</b",
        " ?",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    """A search that went over the text for each piece would not end here."""
    of_text(piece * 20_000 + " end")


# What record systems leave where nobody has filled in anything

WILDCARDS = (
    "***",
    "@NAME@",
    "@TD@",
    "{PAIN SCALE:12345}",
    '{Blank single:19197::"yes","no"}',
    "<<Date of injury>>",
    "«First_Name»",
    "[**Name**]",
)
NO_WILDCARDS = (
    "(*)",
    "5*3*2",
    "****",
    "**bold**",
    "jo@example.org",
    "{a}",
    "{see page 2}",
    "«мазь»",
)


@pytest.mark.parametrize("mark", [*WILDCARDS, *NO_WILDCARDS])
def test_what_was_not_filled_in_is_told_once(mark: str) -> None:
    text = f"Pain is {mark}, and was {mark}."
    found = of_text(text, "IMR316")
    told = [(severity, finding.start, finding.length) for severity, finding in found]
    assert told == ([("warning", 8, len(mark))] if mark in WILDCARDS else [])
