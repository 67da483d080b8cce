"""Each control character of a text is named at its own place, with what it stood for."""

from __future__ import annotations

import json

import pytest

import imrgen
from imrgen.case import load_case, parse

BEFORE = "Quillfeather\nhad 5 mg "
OTHERS = {*range(0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF} - {*map(ord, "\t\n\r")}


def diagnostic(character: str) -> imrgen.Diagnostic:
    text = json.dumps({"clinical_summary": f"{BEFORE}{character} daily"})
    with pytest.raises(imrgen.CaseError) as caught:
        load_case(parse(text, "case.json"))
    (found,) = caught.value.diagnostics
    return found


def test_each_is_named_at_its_own_place() -> None:
    column = len('{"clinical_summary": "Quillfeather\\nhad 5 mg ') + 1
    characters = [chr(c) for c in sorted(OTHERS - {0x0B})]
    assert len(characters) == 63
    for character in characters:
        found = diagnostic(character)
        assert f"U+{ord(character):04X}" in found.message
        assert found.span is not None
        assert (found.span.line, found.span.column) == (1, column)
        assert found.hints
        assert "Quillfeather" not in found.message


def test_the_model_accepts_every_other_character_of_the_first_rows() -> None:
    for character in map(chr, {*range(0x250)} - OTHERS):
        load_case({"clinical_summary": f"a{character}b"})


@pytest.mark.parametrize(
    ("character", "says"),
    [
        ("\x0c", "page break"),
        ("\x1e", "no-break hyphen"),
        ("\x85", "ellipsis"),
        ("\x93", "LEFT DOUBLE QUOTATION MARK of a Windows-1252 text"),
        ("\x80", "EURO SIGN"),
        ("\x81", "a control character"),
    ],
)
def test_a_message_says_what_it_stood_for(character: str, says: str) -> None:
    assert says in diagnostic(character).message


def test_words_line_break_may_stand_in_a_narrative_only() -> None:
    text = "Norco\x0bSoma"
    case = load_case({"clinical_summary": text, "issues": [{"item": "x", "rationale": text}]})
    assert case.clinical_summary == case.issues[0].rationale == text
    with pytest.raises(imrgen.CaseError, match=r"U\+000B \(a line break in Word\)"):
        load_case({"case": {"claim_number": text}})
    assert "U+000C" in diagnostic("\x0b\x0c").message


def test_a_text_of_white_space_is_blank() -> None:
    with pytest.raises(imrgen.CaseError, match="must not be blank"):
        load_case({"clinical_summary": " \n"})


def test_a_date_keeps_its_own_message() -> None:
    with pytest.raises(imrgen.CaseError, match="a date"):
        load_case(parse('{"case": {"decision_date": "2016-01-0\\u00001"}}', "case.json"))


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252"])
@pytest.mark.parametrize("meant", ["\u201d", "\u00c1", "\u00dd"])
def test_a_part_of_utf_8_names_what_it_was_a_part_of(meant: str, encoding: str) -> None:
    written = "".join(
        bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in meant.encode()
    )
    assert not written.isprintable()
    text = json.dumps({"clinical_summary": f"{BEFORE}{written} daily {written}"})
    with pytest.raises(imrgen.CaseError) as caught:
        load_case(parse(text, "case.json"))
    (found,) = caught.value.diagnostics
    assert f"U+{ord(meant):04X}" in found.message
    assert found.span is not None
    assert found.span.column == len('{"clinical_summary": "Quillfeather\\nhad 5 mg ') + 1
