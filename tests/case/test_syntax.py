"""Slips of whoever types a case file: each has one message, at its place, with the way out."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

import imrgen
from imrgen.case import CORE, MOST_BYTES, load_case, parse
from imrgen.case.syntax import is_json, is_toml, recognize, recover
from imrgen.diagnostics import Diagnostic
from tests.conftest import FIXTURES, ROOT

STARTER = (ROOT / "imrgen" / "starter.toml").read_text(encoding="utf-8")
CANARY = "Quillfeather"


def faults(text: str, name: str = "case.toml") -> tuple[Diagnostic, ...]:
    """Return the diagnostics of a text that is refused; none of them shows the canary."""
    with pytest.raises(imrgen.CaseError) as caught:
        load_case(parse(text, name))
    assert CANARY not in str(caught.value)
    assert CANARY not in json.dumps([each.to_dict() for each in caught.value.diagnostics])
    return caught.value.diagnostics


def place(marked: str) -> tuple[str, int, int]:
    """Return a text without its `⟦`, and the line and column where that stands."""
    before, mark, after = marked.partition("⟦")
    assert mark
    return before + after, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


# What is typed, with `⟦` where the caret must be; what the one message says.
TOML_SLIPS = {
    "identifier without quotes": ("[case]\nnumber = ⟦CM16-0213344\n", 'quotes; write "…"'),
    "choice without quotes": ("[case]\npriority = ⟦standard\n", 'quotes; write "…"'),
    "name without quotes": ("[employee]\nname = ⟦Ada Quillfeather  # note\n", 'write "…"'),
    "list without quotes": ("[[reviewers]]\nlicensure = ⟦Ohio\n", 'write ["…"]'),
    "item of a list without quotes": ('[[reviewers]]\nlicensure = ["a", ⟦Ohio]\n', 'write "…"'),
    "text without quotes in braces": (
        '[[issues]]\nitem = "a"\nrequested = { quantity = 1, unit = ⟦visits }\n',
        'write "…"',
    ),
    "American date": ("[case]\ndate_of_injury = ⟦07/14/2012\n", "write it as 2016-11-02, without"),
    "date in one digit": ("[case]\ndate_of_injury = ⟦2012-7-14\n", "write it as 2016-11-02"),
    "date without its day": ("[case]\ndate_of_injury = ⟦2012-07\n", "write it as 2016-11-02"),
    "date in words": ("[case]\ndate_of_injury = ⟦July 14, 2012\n", "write it as 2016-11-02"),
    "no such day": ("[case]\ndate_of_injury = ⟦2015-02-30\n", "there is no such day"),
    "curly quotes": ("[employee]\nname = ⟦“Ada Quillfeather”\n", "type straight quotes"),
    "curly closing quote": ('[employee]\nname = "Ada Quillfeather⟦”\n', "type straight quotes"),
    "curly quotes in a list": ('[[reviewers]]\nlicensure = ["Ohio⟦”, "b"]\n', "straight quotes"),
    "curly quotes over lines": ("clinical_summary = ⟦“Quillfeather\nis well.”\n", "straight"),
    "quotes in quotes": (
        '[[issues]]\nitem = "reports ⟦"worse" pain of Quillfeather."\n',
        'put the text between \'…\' or """…"""',
    ),
    "quotes in quotes in a list": (
        '[[reviewers]]\ncertifications = ["the ⟦"best" one", "b"]\n',
        "a quote within the text ends it",
    ),
    "apostrophe": ("[employee]\nname = 'O⟦'Quillfeather's'\n", 'between "…" or """…"""'),
    "No": ("[employee]\nrepresented = ⟦No\n", "write true or false"),
    "True": ("[employee]\nrepresented = ⟦True\n", "write true or false"),
    "yes": ("[employee]\nrepresented = ⟦yes\n", "write true or false"),
    "None": ("[employee]\nname = ⟦None\n", "take the line out"),
    "path": ('[case]\nclaim_number = "C:⟦\\Users\\Quillfeather"\n', "between '…', or write \\\\"),
    "backslash at the end": ('[case]\nclaim_number = "C:⟦\\"\n', "a backslash begins an escape"),
    "surrogate": ('[case]\nclaim_number = "⟦\\ud83d"\n', "half of a surrogate pair"),
    "control character": ('[case]\nclaim_number = "a⟦\x01"\n', "U+0001 must not stand"),
    "table twice": (
        '[case]\n[employee]\n⟦[case]\nclaim_number = "1"\n',
        "this table is there already, at line 1",
    ),
    "key twice": ('[employee]\nname = "a"\n⟦name = "b"\n', "already, at line 2"),
    "text over lines": ('clinical_summary = ⟦"Quillfeather\nis well."\n[case]\n', 'with """'),
    "text over lines with blank ones": (
        'clinical_summary = ⟦"Quillfeather:\n\nBMI = 32\n(well)."\n[case]\n',
        'begin and end it with """',
    ),
    "text over lines without its end": (
        'clinical_summary = ⟦"Quillfeather\nis well.\n[case]\n',
        'begin and end it with """',
    ),
    "no closing quote": ('[case]\nclaim_number = ⟦"Quillfeather\n[employee]\n', 'put " at the end'),
    "no closing quote in a list": (
        '[[reviewers]]\ncertifications = [\n  ⟦"Quillfeather,\n  "b",\n]\n',
        'put " at the end',
    ),
    "no closing quotes": (
        'clinical_summary = ⟦"""\nQuillfeather is\n[case]\nclaim_number = "1"\n',
        'put """ at the end',
    ),
    "no closing quotes before others": (
        '[[issues]]\nitem = "a"\nrationale = ⟦"""\nQuillfeather is\n'
        '[[issues]]\nitem = "b"\nrationale = """\nwell."""\n',
        'put """ at the end',
    ),
    "colon for the sign of equality": ('[employee]\nname⟦: "Quillfeather"\n', "put = between them"),
    "no sign of equality": ('[employee]\nname ⟦"Quillfeather"\n', "put = between them"),
    "no value": ("[employee]\nname =⟦\n", "the value is missing"),
    "key with spaces": ("[employee]\n⟦date of birth = 1971-05-20\n", "write date_of_birth"),
    "header with spaces": ('⟦[requesting physician]\nname = "a"\n', "[requesting_physician]"),
    "half a header": ('⟦[employee\nname = "a"\n', "brackets do not match"),
    "half a list's header": ('⟦[[issues]\nitem = "a"\n', "brackets do not match"),
    "half a header, without its opening bracket": (
        '[case]\n⟦employee]\nname = "a"\n',
        "brackets do not match",
    ),
    "half a list's header, without its opening brackets": (
        '⟦issues]]\nitem = "a"\n',
        "brackets do not match",
    ),
    "indented header behind a list without its end": (
        'clinical_summary = ⟦["a",\n  [[issues]]\n  item = "a"\n',
        "the closing ] is missing",
    ),
    "two signs of equality": ('[employee]\nname ⟦== "Quillfeather"\n', "put = between them"),
    "sign of Pascal": ('[employee]\nname ⟦:= "Quillfeather"\n', "put = between them"),
    "arrow": ("[employee]\nage ⟦=> 4\n", "put = between them"),
    "two keys on a line": (
        '[[issues]]\nrationale = "a" ⟦item = "Quillfeather"\n',
        "a second key on this line; begin a new line",
    ),
    "two keys and a comma on a line": (
        '[[issues]]\nrationale = "a", ⟦item = "Quillfeather"\n',
        "a second key on this line",
    ),
    "header and key on a line": (
        '[[issues]] ⟦item = "Quillfeather"\n',
        "a second key on this line",
    ),
    "list without its brackets": (
        '[[reviewers]]\nlicensure = ⟦"Ohio", "Quillfeather"\n',
        'write ["…", "…"]',
    ),
    "semicolon at the end": ('[employee]\nname = "a"⟦;\nage = 4\n', "no semicolon at its end"),
    "comma at the end": ('[employee]\nname = "a"⟦,\nage = 4\n', "no comma at its end"),
    "text behind a value": ('[employee]\nname = "a" ⟦Quillfeather\n', "behind the end"),
    "note of C": ("[employee]\n⟦// Quillfeather\nage = 4\n", "a note begins with # here"),
    "notes of C": ("⟦/* Quillfeather\n*/\n[employee]\n", "a note begins with # here"),
    "note of SQL": ("[employee]\n⟦-- Quillfeather\n", "a note begins with # here"),
    "note of INI": ("[employee]\n⟦; Quillfeather\nage = 4\n", "a note begins with # here"),
    "stray text": ("[employee]\n⟦Quillfeather was seen.\nAnd again.\n", "text of several lines"),
    "no comma in a list": ('[[reviewers]]\nlicensure = ["a⟦" "b"]\n', "a comma is missing"),
    "no comma in braces": (
        '[[issues]]\nitem = "a"\nrequested = { quantity = 1⟦2 unit = "x" }\n',
        "a comma is missing",
    ),
    "list without its end": (
        '[[reviewers]]\nlicensure = ⟦["Ohio"\ncertifications = ["a"]\n',
        "the closing ] is missing",
    ),
    "braces without their end": (
        '[[issues]]\nitem = "a"\nrequested = ⟦{ quantity = 1, unit = "x"\ndecision = "upheld"\n',
        "the closing } is missing",
    ),
    "thousands": (
        '[[issues]]\nitem = "a"\nrequested = { quantity = ⟦$12, unit = "x" }\n',
        "write digits only",
    ),
    "years": ("[employee]\nage = ⟦45 years\n", "write digits only"),
    "octal": ("[employee]\nage = ⟦045\n", "write digits only"),
}


@pytest.mark.parametrize("name", TOML_SLIPS)
def test_a_slip_in_toml_has_one_message(name: str) -> None:
    marked, says = TOML_SLIPS[name]
    text, line, column = place(marked)
    (fault,) = faults(text)
    assert fault.span
    assert (fault.span.line, fault.span.column) == (line, column), fault
    assert says in "; ".join([fault.message, *fault.hints])
    assert fault.excerpt or not text.split("\n")[line - 1].strip()


JSON_SLIPS = {
    "comma at the end": ('{"employee": {"age": 4⟦,}}', "a comma too many; take it out"),
    "comma at the end of a list": (
        '{"reviewers": [{"licensure": ["a"⟦,]}]}',
        "a comma too many",
    ),
    "comma at the end of the file": ('{"employee": {}⟦,\n}', "a comma too many"),
    "no comma": ('{"employee": {"name": "a⟦"\n "age": 4}}', "a comma is missing"),
    "no comma on a line": ('{"employee": {"name": "a⟦" "age": 4}}', "a comma is missing"),
    "comment": ('{\n⟦// Quillfeather\n"employee": {}}', "JSON has no comments"),
    "comment in the style of TOML": ('{"employee": {}  ⟦# Quillfeather\n}', "no comments"),
    "comment in the style of C": ('{⟦/* Quill\nfeather */"employee": {}}', "no comments"),
    "single quotes": ('{"employee": {"name": ⟦\'Quillfeather\'}}', "double quotes only"),
    "key without quotes": ('{"employee": {⟦name: "Quillfeather"}}', "a key stands between quotes"),
    "text without quotes": ('{"employee": {"name": ⟦Ada Quillfeather}}', 'write "…"'),
    "True": ('{"employee": {"represented": ⟦True}}', "write true or false"),
    "None": ('{"employee": {"name": ⟦None}}', "write null, or leave the key out"),
    "NaN": ('{"employee": {"age": ⟦NaN}}', "JSON has no such word"),
    "date without quotes": ('{"case": {"decision_date": ⟦2016-11-02}}', 'write it as "2016-11-02"'),
    "American date": ('{"case": {"decision_date": ⟦07/14/2012}}', 'write it as "2016-11-02"'),
    "curly quotes": ('{"employee": {"name": ⟦“Quillfeather”}}', "type straight quotes"),
    "quotes in quotes": ('{"employee": {"name": "Ada ⟦"Q" Quillfeather"}}', 'write \\"'),
    "path": ('{"employee": {"name": "C:⟦\\Users"}}', "write \\\\ for a backslash"),
    "text over lines": ('{"clinical_summary": ⟦"Quillfeather\nis well."}', "write \\n for each"),
    "no closing quote": ('{"employee": {"name": ⟦"Quillfeather,\n "age": 4}}', 'put " at the end'),
    "tab": ('{"employee": {"name": "a⟦\tb"}}', "write \\t"),
    "surrogate": ('{"employee": {"name": "⟦\\ud83d"}}', "half of a surrogate pair"),
    "key twice": ('{"employee": {"age": 4,\n ⟦"age": 5}}', "already, at line 1"),
    "sign of equality": ('{"employee": {"name" ⟦= "a"}}', "put : between them"),
    "empty": ("⟦", "the file is empty"),
    "blank": ("⟦\n\n", "the file is empty"),
    "no closing brace": ('⟦{"employee": {"name": "a"}', "the closing } is missing"),
    "no closing brace within": (
        '{"employee": ⟦{"name": "a",\n"issues": [{"item": "a"}]}',
        "the closing } is missing",
    ),
    "cut off": (
        '{"employee": {"name": "a"}, "issues": [{"item": "a", "requested": ⟦{"quantity": 1',
        "the closing } is missing",
    ),
    "no closing bracket": (
        '{"reviewers": [{"licensure": ⟦["a",\n"certifications": ["b"]}]}',
        "the closing ] is missing",
    ),
    "two objects": (
        '{"case": {}\n}\n⟦{"case": {"eams_number": "Quillfeather"}}',
        "a second object; write one case per file",
    ),
    "two objects and a comma": ('{"case": {}}, ⟦{"case": {}}', "a second object"),
    "list without its brackets": (
        '{"reviewers": [{"licensure": ⟦"Ohio", "Quillfeather", "certifications": []}]}',
        'write ["…", "…"]',
    ),
    "no opening brace": ('⟦"employee": {"name": "Quillfeather"}}', "the opening { is missing"),
    "a bracket too many": ('{"employee": {}}⟦}', "a closing bracket too many"),
}


@pytest.mark.parametrize("name", JSON_SLIPS)
def test_a_slip_in_json_has_one_message(name: str) -> None:
    marked, says = JSON_SLIPS[name]
    text, line, column = place(marked)
    found = faults(text, "case.json")
    # A table that is cut off lacks the keys behind the cut, too.
    (fault, *_) = [
        each for each in found if "missing" not in each.message or each.hints[0][:3] == "put"
    ]
    assert len(found) == 1 or name == "cut off", found
    assert fault.span
    assert (fault.span.line, fault.span.column) == (line, column), fault
    assert says in "; ".join([fault.message, *fault.hints])


@pytest.mark.parametrize(
    "text",
    [
        '[issues]\nitem = "a"\n[issues]\nitem = "b"\n',
        '[issues]\nitem = "a"\n[issues.reviewer_basis]\n[issues]\nitem = "b"\n'
        "[issues.reviewer_basis]\n",
    ],
)
def test_each_header_in_single_brackets_of_a_list_has_one_message(text: str) -> None:
    lines = [n for n, line in enumerate(text.split("\n"), 1) if line == "[issues]"]
    found = faults(text)
    assert [each.span.line for each in found if each.span] == lines
    assert all(each.hints == ("write [[issues]]",) for each in found)


# What TOML and JSON allow, and the model does not: the way out for whoever typed it.
SCHEMA_SLIPS = {
    "one bracket": ('[⟦issues]\nitem = "a"\n', "write [[issues]]"),
    "one bracket for reviewers": ('[⟦reviewers]\nlicensure = ["a"]\n', "write [[reviewers]]"),
    "two brackets": ('[[⟦case]]\nclaim_number = "a"\n', "write [case]"),
    "text for a list": ('[[reviewers]]\nlicensure = ⟦"Ohio"\n', 'put it in a list: ["…"]'),
    "number in quotes": ('[employee]\nage = ⟦"45"\n', "write the number without quotes"),
    "truth in quotes": ('[employee]\nrepresented = ⟦"No"\n', "write true or false, without"),
    "date in quotes": ('[case]\ndecision_date = ⟦"2016-11-02"\n', "without quotes"),
    "below a table": ('[case]\n⟦clinical_summary = "a"\n', "above the first [table]"),
    "below a list's table": (
        '[[issues]]\nitem = "a"\n⟦clinical_summary = "a"\n',
        "above the first [table]",
    ),
    "table below a table": ("[case]\n⟦employee = { age = 4 }\n", "outside this table"),
}


@pytest.mark.parametrize("name", SCHEMA_SLIPS)
def test_a_slip_in_the_contents_has_one_message(name: str) -> None:
    text, line, column = place(SCHEMA_SLIPS[name][0])
    (fault,) = faults(text)
    assert fault.span
    assert (fault.span.line, fault.span.column) == (line, column)
    assert SCHEMA_SLIPS[name][1] in "; ".join(fault.hints)


@pytest.mark.parametrize("word", ["null", "None", "True", "No"])
def test_a_word_of_another_language_is_the_value_of_an_unknown_key_too(word: str) -> None:
    unknown, slip = faults(f"[employee]\ntelephone = {word}\n")
    assert unknown.message == "unknown key"
    assert slip.span
    assert (slip.span.line, slip.span.column) == (2, 13)


def test_a_table_in_the_place_of_a_list_is_validated_too() -> None:
    for text in ('[issues]\nitme = "a"\n', "[[employee]]\nnmae = 'a'\n"):
        hints = [hint for each in faults(text) for hint in each.hints]
        assert any(hint.startswith("write [") for hint in hints)
        assert any(hint.startswith("did you mean") for hint in hints)


def test_one_run_finds_every_slip_of_a_file() -> None:
    """All slips in one file, a table of its own for each; and a fault of the contents besides."""
    slips = [slip[0] for slip in TOML_SLIPS.values() if slip[0].startswith("[[issues]]")]
    slips += [slip[0] for slip in SCHEMA_SLIPS.values() if slip[0].startswith("[[issues]]")]
    slips = [slip for slip in slips if slip.count("[[issues]]") == 1]
    assert len(slips) > 5
    text = '[employee]\nsex = ⟦"m"\n' + "".join(slips) + "[case]\npriority = ⟦standard\n"
    places = []
    while "⟦" in text:
        text, line, column = place(text)
        places.append((line, column))
    found = faults(text)
    assert [(each.span.line, each.span.column) for each in found if each.span] == places


def test_what_was_typed_in_one_style_throughout_has_one_message() -> None:
    data = {"employee": {"name": CANARY}, "issues": [{"item": "a"}, {"item": "b"}]}
    (fault,) = faults(repr(data), "case.json")
    assert fault.span
    assert (fault.span.line, fault.span.column) == (1, 2)
    assert "(here, and at 7 places below)" in fault.message


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_a_good_file_has_no_slips(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    kind = "json" if path.suffix == ".json" else "toml"
    root = CORE.root
    found = recover(text, kind, path.name, root)
    assert found.diagnostics == ()
    data = tomli.loads(text) if kind == "toml" else json.loads(text)
    assert found.data == data
    assert recover(text, kind, path.name, None).data == data
    assert recognize(text, path.name) is None
    assert (is_json if kind == "json" else is_toml)(text)


# A word that nothing may print stands in each narrative, and as a name.
_MARKED = re.sub(r"(?<=\w\. )(?=[A-Z])", f"{CANARY} ", STARTER.replace("Maria", CANARY))
GOOD = {"case.toml": _MARKED, "case.json": json.dumps(tomli.loads(_MARKED), default=str, indent=1)}
PIECES = st.sampled_from(
    [
        *"\"'“”’[]{}=:,;#\\\n/-.0",
        '"""',
        "'''",
        "//",
        "[[",
        "]]",
        "[issues]\n",
        "\nx = ",
        "No ",
        "\x01",
    ]
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(GOOD)), st.floats(0, 1), PIECES, st.integers(0, 12), st.data())
def test_any_fault_has_a_place_and_shows_no_value(
    name: str, share: float, piece: str, removed: int, data: st.DataObject
) -> None:
    """Put something into a good file, or take something out, once or twice."""
    text = GOOD[name]
    assert text.count(CANARY) > 3
    for at in [share] if data.draw(st.booleans()) else [share, data.draw(st.floats(0, 1))]:
        start = int(at * len(text))
        text = text[:start] + piece + text[start + removed :]
    try:
        load_case(parse(text, name))
    except imrgen.CaseError as error:
        found, shown = error.diagnostics, str(error)
    else:
        return
    assert found
    assert CANARY not in shown
    lines = text.split("\n")
    for each in found:
        if each.span:
            assert 1 <= each.span.line <= len(lines)
            assert 1 <= each.span.column <= len(lines[each.span.line - 1]) + 1
        if each.excerpt:
            assert each.excerpt.start <= len(each.excerpt.text)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab_=[]{}\"'“”\\,:#/\n\t .1-", max_size=60), st.booleans())
def test_any_text_is_read_or_refused(text: str, is_toml_name: bool) -> None:
    name = "case.toml" if is_toml_name else "case.json"
    try:
        load_case(parse(text, name))
    except imrgen.CaseError as error:
        assert error.diagnostics


def archive(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, "x")


def ole(stream: str) -> bytes:
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100) + stream.encode("utf-16-le")


OTHER_FILES = {
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF"),
    "RTF": (rb"{\rtf1\ansi Quillfeather}", "is a Word document (RTF)"),
    "old Word": (ole("WordDocument"), "is a Word document"),
    "old Excel": (ole("Workbook"), "is an Excel workbook"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(20), "is an image"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(20), "is an image"),
    "TIFF": (b"II*\x00" + bytes(20), "is an image"),
    "BMP": (b"BM\xff\xff\xff\xff" + bytes(20), "is an image"),
    "WebP": (b"RIFF\xff\xff\xff\xffWEBP", "is an image"),
    "gzip": (b"\x1f\x8b\x08" + bytes(20), "is a compressed file"),
    "xz": (b"\xfd7zXZ\x00" + bytes(20), "is a compressed file"),
    "bzip2": (b"BZh91AY&SY" + bytes(range(20)), "is a compressed file"),
    "a film": (b"\0\0\0\x18ftypheic" + bytes(20), "is not a text file"),
    "music": (b"ID3\4\0\0" + b"\xff\xfb\0" * 9, "is not a text file"),
    "a part of a web page": (b"<!-- a -->\n<p>Quillfeather</p>", "is a web page (HTML)"),
    "mail": (
        b"From: a@example.org\nTo: Quillfeather\nSubject: b\n\nDear all,\n",
        "is plain text",
    ),
    "text with headings": (b"To whom\nDate: 2016\nName: Quillfeather\n", "is plain text"),
    "keys": (b"-----BEGIN KEY-----\nQuillfeather\n-----END KEY-----\n", "is plain text"),
    "bars": (b"number|name\n1|Quillfeather\n", "is a table (CSV)"),
    "HTML": (b"<!DOCTYPE html>\n<p>Quillfeather", "is a web page (HTML)"),
    "XML": (b"<?xml version='1.0'?><case name='Quillfeather'/>", "is XML"),
    "CSV": (b"number,name\nCM16-1,Quillfeather\n", "is a table (CSV)"),
    "CSV of Europe": (b"number;name\n1;Quillfeather\n2;b\n", "is a table (CSV)"),
    "tabs": (b"number\tname\n1\tQuillfeather\n", "is a table (CSV)"),
    "quoted CSV": (b'number,name\n1,"Quillfeather, Ada"\n', "is a table (CSV)"),
    "YAML": (b"case:\n  number: CM16-1\nemployee:\n  name: Quillfeather\n", "is YAML"),
    "YAML document": (b"---\n- Quillfeather\n- b\n", "is YAML"),
    "JSON Lines": (b'{"case": {}}\n{"case": {}}\n', "is JSON Lines"),
    "list": (b'[{"employee": {"name": "Quillfeather"}}]', "is a list in JSON"),
    "text": (b"Dear Ms. Quillfeather,\nyour request was upheld.\n", "is plain text"),
}


@pytest.mark.parametrize("suffix", [".toml", ".json", ".dat"])
@pytest.mark.parametrize("kind", OTHER_FILES)
def test_another_kind_of_file_is_named(kind: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    path.write_bytes(OTHER_FILES[kind][0])
    check_kind(path, OTHER_FILES[kind][1])


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("[Content_Types].xml", "xl/workbook.xml"), "is an Excel workbook"),
        (("[Content_Types].xml", "word/document.xml"), "is a Word document"),
        (("case.toml",), "is a ZIP file"),
    ],
)
def test_an_archive_is_named_by_its_files(
    names: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    archive(tmp_path / "x.toml", *names)
    check_kind(tmp_path / "x.toml", says)


def check_kind(path: Path, says: str) -> None:
    with pytest.raises(imrgen.CaseError) as caught:
        load_case(path)
    (fault,) = caught.value.diagnostics
    assert says in fault.message
    assert fault.hints
    assert CANARY not in str(caught.value)


def test_a_large_workbook_is_named_before_its_size(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    archive(path, "xl/workbook.xml")
    path.write_bytes(path.read_bytes() + bytes(MOST_BYTES))
    check_kind(path, "is an Excel workbook")


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("[employee]\nsex = female\n", "case.json", 2),
        ('{"employee": {\n"sex": female}}', "case.toml", 2),
        ("[employee]\nage = 4\n", "case.json", None),
        ('{"employee": {"age": 4}}', "case.toml", None),
    ],
)
def test_the_wrong_suffix_is_named_with_the_faults_of_the_text(
    text: str, name: str, line: int | None
) -> None:
    first, *others = faults(text, name)
    assert "in a file whose name ends" in first.message
    assert [each.span.line for each in others if each.span] == ([] if line is None else [line])


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [
        ("[employee]\n" + "name = Quill\n" * 1000, "case.toml", 100),
        # What was typed in one style throughout has one message, which is the last one, too.
        ('{"employee": {' + "'name': 1,\n" * 1000 + "}}", "case.json", 50),
    ],
)
def test_a_text_without_an_end_of_slips_is_given_up(text: str, name: str, number: int) -> None:
    found = faults(text, name)
    assert len(found) == number
    is_last = ["not read to its end" in each.hints[0] for each in found]
    assert is_last == [False] * (number - 1) + [True]


@pytest.mark.parametrize("line", ["[issues]", "[[issues]]", "[case]", "clinical_summary = 1", "}"])
@pytest.mark.parametrize("list_", ["reviewers = [", 'reviewers = ["a",', "case = { number = 1,"])
def test_a_line_behind_a_list_without_its_end_may_be_indented(list_: str, line: str) -> None:
    for indentation in ("", " ", "\t", "        "):
        found = faults(f"{list_}\n{indentation}{line}\n")
        assert any(each.span and each.span.line == 1 for each in found)
        columns = [each.span.column for each in found if each.span and each.span.line == 2]
        plain = [
            each.span.column
            for each in faults(f"{list_}\n{line}\n")
            if each.span and each.span.line == 2
        ]
        assert columns == [column + len(indentation) for column in plain]


def test_excerpts_fit_a_terminal() -> None:
    for text in (
        "[employee]\nname = " + '"Quillfeather" ' * 40 + "\n",
        "[employee]\nname = " + "Quillfeather, " * 400 + "\n",
        '[[issues]]\nitem = "a"\nreviewer_basis = { other = ['
        + '"Quillfeather", ' * 90
        + "No] }\n",
    ):
        (fault,) = faults(text)
        assert fault.excerpt
        assert len(fault.excerpt.text) <= 72
        assert fault.excerpt.start < len(fault.excerpt.text)
