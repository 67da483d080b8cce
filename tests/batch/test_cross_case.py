"""No letter goes out with what identifies another case of its batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import imrgen
from imrgen.batch.cross_case import build_index, identify
from imrgen.case import CORE
from imrgen.document import all_text, parse_html
from tests.batches import letters, make_case

ANYTHING = imrgen.Renderer(check=False)


def mixed(*cases: dict[str, Any], spec: Any = ANYTHING, **options: Any) -> dict[int, list[str]]:
    """Make a batch and give the places of the cases that were stopped, and why."""
    summary = imrgen.render_batch(list(cases), spec, formats=["text"], **options)
    return {outcome.position: [d.code for d in outcome.diagnostics] for outcome in summary.failed}


def saying(number: int, text: str, field: str = "clinical_summary") -> dict[str, Any]:
    """Return a case with an addition to its narrative."""
    case = make_case(number)
    holder = case if field == "clinical_summary" else case["issues"][0]
    holder[field] = f"{holder[field]}\n\n{text}"
    return case


OTHER = make_case(2, eams_number="ADJ1234567")
NAME = OTHER["employee"]["name"]


@pytest.mark.parametrize(
    "text",
    [
        "See CM16-0000002.",
        "See cm16\u20110000002.",
        "See CM160000002.",
        "Claim EX-2016-000002 is open.",
        "ADJ 1234567 is open.",
        f"{NAME} reports pain.",
        f"**{NAME.split()[0]}** {NAME.split()[1]} reports pain.",
        f"{NAME.upper()} reports pain.",
        f"Notes on {NAME.split()[1]}, {NAME.split()[0]}.",
        f"Mr. {NAME.replace(' ', ' Q. ')} reports pain.",
    ],
)
@pytest.mark.parametrize("field", ["clinical_summary", "rationale"])
def test_what_identifies_another_case_stops_the_letter(text: str, field: str) -> None:
    assert mixed(saying(1, text, field), OTHER) == {0: ["IMR514"]}


def test_the_other_case_and_the_field_are_named_but_no_value(tmp_path: Path) -> None:
    summary = imrgen.render_batch(
        [saying(1, f"{NAME} reports pain.", "rationale"), OTHER],
        ANYTHING,
        to=tmp_path,
        formats=["text"],
    )
    (found,) = summary.failed[0].diagnostics
    assert found.message.endswith("another case of this batch: case 2")
    assert found.path == ("issues", 0, "rationale")
    assert NAME not in str(found)
    assert list(letters(tmp_path)) == ["CM16-0000002-determination.txt"]


@pytest.mark.parametrize(
    "text",
    [
        f"{NAME.split()[0]} reports pain.",
        f"{NAME.split()[1]} reports pain.",
        "In 2016 it was 000002 of them.",
        "CM17-0000002",
    ],
)
def test_a_given_name_a_surname_or_another_number_alone_is_no_sign(text: str) -> None:
    assert mixed(saying(1, text), OTHER) == {}


def test_a_name_of_everyday_words_counts_only_where_it_is_written_as_a_name() -> None:
    other = make_case(2)
    other["employee"]["name"] = "Grace Long"
    assert mixed(saying(1, "After the grace long periods of rest followed."), other) == {}
    assert mixed(saying(1, "Grace Long was seen."), other) == {0: ["IMR514"]}


def test_what_is_a_field_of_the_case_itself_is_its_own() -> None:
    namesake = saying(1, f"{NAME} reports pain.")
    namesake["employee"]["name"] = NAME
    assert mixed(namesake, OTHER) == {}
    physician = saying(1, f"Dr. {NAME} asks for it.")
    physician["requesting_physician"]["name"] = f"{NAME}, MD"
    assert mixed(physician, OTHER) == {}
    same_claim = saying(1, "Claim EX-2016-000002 is open.")
    same_claim["case"]["claim_number"] = "EX-2016-000002"
    assert mixed(same_claim, OTHER) == {}


@pytest.mark.slow
def test_what_a_template_lets_through_from_elsewhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "pack" / "blocks").mkdir(parents=True)
    leak = f'<p title="{NAME}">Text</p>'
    (tmp_path / "pack/blocks/how_made.html").write_text(leak)
    spec = imrgen.Options(check=False, templates=(str(tmp_path / "pack"),))
    assert mixed(make_case(1), OTHER, spec=spec, to=tmp_path / "out", jobs=2) == {0: ["IMR514"]}


def test_a_case_that_is_done_already_counts_as_another_too(tmp_path: Path) -> None:
    assert mixed(OTHER, to=tmp_path) == {}
    assert mixed(OTHER, saying(3, f"{NAME} reports pain."), to=tmp_path) == {1: ["IMR514"]}


@pytest.mark.slow
def test_the_index_finds_each_of_many_cases() -> None:
    cases = [make_case(number) for number in range(2000)]
    rows = sorted(
        (wanted, place, start)
        for place, case in enumerate(cases)
        for wanted, start in identify(case, CORE)
    )
    index = build_index(rows, len(rows))
    for place in range(0, 2000, 97):
        found = index.find_other(cases[place]["employee"]["name"], make_case(5000), CORE)
        assert found is not None
        assert found[0] == place
    assert index.find_other("Nobody Known", make_case(5000), CORE) is None


def test_an_attribute_is_searched_and_what_a_letter_holds_as_a_file_is_not() -> None:
    """An image's bytes are digits by chance; nobody reads them."""
    other = make_case(2)
    other["case"]["claim_number"] = "123456"
    pairs = sorted((hash_, 1, start) for hash_, start in identify(other, CORE))
    index = build_index(pairs, len(pairs))
    searched = (
        '<meta content="Claim 123456">',
        '<p data-x="123456">',
        "<p><!-- 123456 -->",
    )
    passed_over = (
        "<style>a { left: 123456px }</style>",
        '<img src="data:image/png;base64,123456">',
    )
    for markup in searched:
        assert index.find_other(all_text(parse_html(markup)), make_case(1), CORE) is not None, (
            markup
        )
    for markup in passed_over:
        assert index.find_other(all_text(parse_html(markup)), make_case(1), CORE) is None, markup
