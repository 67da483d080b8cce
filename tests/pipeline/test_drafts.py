"""A draft is marked wherever it is seen, is never taken for a letter, and shows what is missing."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from click.testing import CliRunner

import imrgen
from imrgen.cli import cli
from imrgen.diagnostics import codes
from imrgen.export import FORMATS, find_format
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"


@pytest.fixture
def starter() -> dict[str, Any]:
    return tomllib.loads(STARTER.read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_a_draft_says_so_and_holds_the_letter_s_words(name: str) -> None:
    letter = imrgen.render(STARTER)
    draft = imrgen.render(STARTER, draft=True)
    read = find_format(name).read
    assert "DRAFT" not in read(letter.encoded(name))
    assert read(letter.encoded(name)) in read(draft.encoded(name))
    if name != "pdf":  # its marks are artifacts
        assert "DRAFT" in read(draft.encoded(name))
    assert draft.provenance["words_sha256"] == letter.provenance["words_sha256"]


@pytest.mark.parametrize("name", ["html", "pdf"])
def test_a_draft_has_no_seal_and_is_neither_verified_nor_signed(name: str) -> None:
    draft = imrgen.render(STARTER, draft=True).encoded(name)
    assert b"sha256:" not in draft
    verdict = imrgen.verify(draft, format=name, case=STARTER)
    assert verdict.outcome == "foreign"
    assert "draft" in verdict.reasons[0].message
    if name == "pdf":
        with pytest.raises(imrgen.SignatureError, match="draft"):
            imrgen.sign(draft, b"")


@pytest.mark.slow
def test_each_page_of_a_draft_is_marked_with_an_artifact() -> None:
    """The mark stands in no structure element, so that it is not read aloud."""
    pdf = imrgen.render(ROOT / "fixtures" / "panel.toml", draft=True).pdf
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) > 1
    for page in document:
        assert "DRAFT" in page.get_textpage().get_text_bounded()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            inside: list[str] = []
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) in ("BDC", "BMC"):
                    inside.append(str(operands[0]))
                elif str(operator) == "EMC":
                    inside.pop()
                elif str(operator) in ("Tj", "TJ"):
                    assert inside, "text outside marked content"
            assert not inside


@pytest.mark.slow
def test_what_is_missing_stands_as_a_marked_gap(starter: dict[str, Any]) -> None:
    del starter["case"]["date_assigned"]
    del starter["issues"][0]["rationale"]
    del starter["clinical_summary"]
    with pytest.raises(imrgen.CaseError):
        imrgen.render(starter)
    draft = imrgen.render(starter, draft=True)
    for field in ("date_assigned", "rationale", "clinical_summary"):
        assert f'<mark class="gap">[missing: {field}]</mark>' in draft.html
        assert f"[missing: {field}]" in draft.text
    missing = {d.path[-1] for d in draft.warnings if d.code == codes.REQUIRED_BY_LETTER}
    assert missing == {"date_assigned", "rationale", "clinical_summary"}
    assert draft.pdf.startswith(b"%PDF")


@pytest.mark.parametrize("pack", ["imr", "imr-2015"])
@pytest.mark.parametrize("basis", ["claims_administrator_basis", "reviewer_basis"])
def test_a_draft_does_not_say_that_nothing_was_cited_where_that_is_missing(
    basis: str, pack: str, starter: dict[str, Any]
) -> None:
    del starter["issues"][0][basis]
    draft = imrgen.render(starter, draft=True, pack=pack)
    assert "did not cite" not in draft.text
    assert f"[missing: {basis}]" in draft.text


@pytest.mark.parametrize("pack", ["imr", "imr-2015"])
@pytest.mark.parametrize("empty", [None, []])
@pytest.mark.parametrize(
    ("name", "gaps"),
    [("reviewers", ["licensure", "certifications"]), ("issues", ["item", "decision", "rationale"])],
)
def test_a_missing_list_stands_as_one_entry_that_is_missing(
    name: str, gaps: list[str], empty: Any, pack: str, starter: dict[str, Any]
) -> None:
    starter[name] = empty
    draft = imrgen.render(starter, draft=True, pack=pack)
    for gap in gaps:
        assert draft.text.count(f"[missing: {gap}]") == 1
    assert "The Expert Reviewer has the following credentials" in draft.text
    assert [d.path for d in draft.warnings if d.code == codes.REQUIRED_BY_LETTER] == [(name,)]


DECLARED = """
name = "ours"
title = "Ours"
version = "1"
extends = "letter"
core = []

[organization]
name = "Ours"

[letters.x]
title = "X"
template = "x.html"
requires = ["a.texts", "a.lines", "a.lines[].sums", "lines", "lines[].texts"]

[fields]
a = { type = "table", description = "x" }
"a.texts[]" = { type = "text", description = "x" }
"a.lines[]" = { type = "table", description = "x" }
"a.lines[].sums[]" = { type = "money", description = "x" }
"lines[]" = { type = "table", description = "x" }
"lines[].texts[]" = { type = "text", description = "x" }
"lines[].others[]" = { type = "text", description = "x" }
"""
SHOWN = """\
{% extends "letter.html" %}
{% block main %}
<h1>X</h1>
<p>{{ a.texts | join(", ") }} {{ a.texts | length }} {{ a.texts[0] }}</p>
{% for line in a.lines %}<p>{{ line.sums | sum | money }}</p>{% endfor %}
{% for line in lines %}
<p>{% for text in line.texts %}{{ text }}{% endfor %}{{ line.others | join(", ") }}.</p>
{% endfor %}
{% endblock %}
"""


@pytest.mark.parametrize(
    ("case", "shown"),
    [
        (
            {},
            "[missing: texts] [missing: texts] [missing: texts] [missing: sums] "
            "[missing: texts][missing: others].",
        ),
        (
            {"a": {"texts": ["x"], "lines": [{}, {"sums": [1, 2]}]}, "lines": [{}]},
            "x 1 x [missing: sums] $3.00 [missing: texts].",
        ),
        (
            {"a": {"texts": ["x"], "lines": []}, "lines": [{"texts": ["y", "z"]}]},
            "x 1 x [missing: sums] yz.",
        ),
    ],
)
def test_a_required_list_is_a_gap_wherever_it_stands(case: dict[str, Any], shown: str) -> None:
    templates = [{"pack.toml": DECLARED.encode(), "x.html": SHOWN.encode()}]
    pack = imrgen.load_pack("ours", templates)
    draft = imrgen.Renderer(loaded_pack=pack, letter="x", draft=True).render(case)
    assert " ".join(draft.text.partition("X\n")[2].split()) == shown


def test_a_gap_is_named_by_the_field_whose_word_a_table_of_the_pack_holds(
    starter: dict[str, Any],
) -> None:
    del starter["case"]["priority"]
    assert "[missing: priority]" in imrgen.render(starter, draft=True).text


@pytest.mark.slow
def test_a_fault_of_a_draft_with_gaps_is_traced_to_its_field(starter: dict[str, Any]) -> None:
    """The render that finds the place of a fault has the same gaps."""
    starter["reviewers"] = []
    del starter["case"]["date_assigned"]
    starter["issues"][0]["rationale"] = "The request is \U0001f600 medically necessary."
    draft = imrgen.render(starter, draft=True)
    with pytest.raises(imrgen.CaseError) as caught:
        draft.encoded("pdf")
    (fault,) = caught.value.diagnostics
    assert fault.path == ("issues", 0, "rationale")


WRONG: dict[str, Any] = {
    "case": [1, "x", None, {"number": 3}, {"nope": 1}],
    "employee": ["x", {"age": "45"}, {"name": ["a"]}],
    "reviewers": [1, "x", [1], [{"licensure": "California"}], [{}]],
    "issues": ["x", [1], [{"item": 3}], [{"decision": "perhaps"}], [{"requested": {"unit": "x"}}]],
    "clinical_summary": [1, ["x"], "\x00"],
    "unknown": [1],
}


@pytest.mark.parametrize(("key", "value"), [(key, v) for key in WRONG for v in WRONG[key]])
def test_what_does_not_fit_is_left_out_of_a_draft_and_reported(
    key: str, value: Any, starter: dict[str, Any]
) -> None:
    starter[key] = value
    with pytest.raises(imrgen.CaseError) as error:
        imrgen.render(starter)
    draft = imrgen.render(starter, draft=True)
    assert "DRAFT" in draft.text
    codes_of_draft = [d.code for d in draft.warnings]
    assert [d.code for d in error.value.diagnostics if d.code not in codes_of_draft] == []
    assert "None" not in draft.text


def test_a_case_that_a_check_refuses_is_made_as_a_draft(starter: dict[str, Any]) -> None:
    starter["issues"][0]["decision"] = {"upheld": "overturned", "overturned": "upheld"}[
        starter["issues"][0]["decision"]
    ]
    with pytest.raises(imrgen.CaseError) as error:
        imrgen.render(starter)
    draft = imrgen.render(starter, draft=True)
    assert set(error.value.diagnostics) <= set(draft.warnings)


def test_a_fault_of_a_template_stops_a_draft_too(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text("{{ case.nope }}")
    with pytest.raises(imrgen.PackError, match="has no field `nope`"):
        imrgen.render(STARTER, draft=True, templates=[tmp_path])


def test_the_names_of_drafts_tell_them_apart(tmp_path: Path) -> None:
    arguments = ["render", str(STARTER), "--draft", "-f", "text", "-f", "html", "-o", str(tmp_path)]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "starter.draft.html",
        "starter.draft.txt",
    ]


@pytest.mark.slow
def test_a_batch_of_drafts_is_named_as_drafts(tmp_path: Path) -> None:
    arguments = ["batch", str(STARTER), "--draft", "-f", "text", "-o", str(tmp_path), "--jobs", "1"]
    result = CliRunner().invoke(cli, [*arguments, "--name", "{source}.txt"])
    assert result.exit_code == 0, result.output
    letters = [p for p in tmp_path.iterdir() if p.suffix == ".txt"]
    assert [p.name for p in letters] == ["starter.draft.txt"]
    assert letters[0].read_text(encoding="utf-8").startswith("*** DRAFT")
