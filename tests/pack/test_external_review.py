"""The pack `external-review`: an honest case passes, and each slip in it is told where it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

import imrgen
from imrgen.case import case_schema, parse
from imrgen.cli.starter import starter
from tests.conftest import PROGRAMMES, fixtures_of

CASE = (PROGRAMMES["external-review"] / "overturned.toml").read_text(encoding="utf-8")
SLIPS = {
    "a misspelt key": ("billed =", "biled =", "IMR101", "did you mean `billed`?"),
    "a misspelt table": ("[claimant]", "[claimnt]", "IMR101", "did you mean `claimant`?"),
    "a text for an amount": ("1250.00", '"1,250.00"', "IMR102", "must be a number, is text"),
    "a missing amount": ("approved = 0\n", "", "IMR106", "requires this field; add `approved`"),
    "an outcome that is none": ('outcome = "over', 'outcome = "under', "IMR103", "must be one of"),
    "a misspelt decision": (
        'decision = "overturned"',
        'decision = "overturn"',
        "IMR103",
        "did you mean `overturned`?",
    ),
    "a date in quotes": ("from = 2026-01-14", 'from = "2026-01-14"', "IMR102", "without quotes"),
    "another way of numbering": ("FER-2026-004711", "fer 4711", "IMR103", "capitals, digits and"),
    "a table of another programme": ("[provider]", "[employer]", "IMR101", "unknown key"),
    "single brackets": ("[[claim_lines]]", "[claim_lines]", "IMR102", "write [[claim_lines]]"),
    "a blank text": (
        'service = "MRI of the left knee without contrast"',
        'service = " "',
        "IMR103",
        "must not be blank",
    ),
    "a list that is a text": (
        'evidence = ["Appropriateness criteria for acute trauma to the knee", ',
        'evidence = "Appropriateness criteria" # ',
        "IMR102",
        'put it in a list: ["…"]',
    ),
    "a wrong year": (
        "2026-04-07",
        "2026-02-28",
        "IMR330",
        "decision is before `date_assigned`",
    ),
    "a late decision": ("2026-04-07", "2026-05-07", "IMR332", "45 days after `date_assigned`"),
    "reasons for the contrary": ("is medically nec", "is not medically nec", "IMR320", "concludes"),
}


@pytest.fixture(scope="module")
def renderers() -> dict[str, imrgen.Renderer]:
    """The renderers of the pack's letters, by name."""
    return {
        name: imrgen.Renderer(pack="external-review", letter=name)
        for name in ("decision", "assignment")
    }


def problems(renderer: imrgen.Renderer, text: str) -> Iterator[tuple[str, str, tuple[int, int]]]:
    for found in renderer.check(parse(text, "case.toml"), formats=()):
        assert found.span is not None
        yield (
            found.code,
            "; ".join((found.message, *found.hints)),
            (found.span.line, found.span.column),
        )


@pytest.mark.slow
def test_its_cases_pass_all_checks(renderers: dict[str, imrgen.Renderer]) -> None:
    cases = fixtures_of("external-review")
    assert len(cases) >= 6
    for path in cases:
        for renderer in renderers.values():
            assert renderer.check(path, formats=()) == (), path.stem
    outcomes = {
        issue.decision
        for path in cases
        for issue in imrgen.load_case(path, "external-review").issues
    }
    assert outcomes == set(imrgen.load_pack("external-review").outcomes)


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_is_told_with_its_place_and_the_way_out(
    slip: str, renderers: dict[str, imrgen.Renderer]
) -> None:
    right, wrong, code, says = SLIPS[slip]
    assert CASE.count(right) >= 1
    at = CASE.index(right)
    found = list(problems(renderers["decision"], CASE.replace(right, wrong, 1)))
    assert [each for each in found if each[0] == code and says in each[1]], found
    for other, message, (line, _) in found:
        assert other == code, message
        assert abs(line - CASE[:at].count("\n") - 1) <= 6, message


def test_its_starter_and_its_schema_are_of_this_programme(
    renderers: dict[str, imrgen.Renderer],
) -> None:
    pack = imrgen.load_pack("external-review")
    required = {each for name in renderers for each in pack.requires(name)}
    text = starter(pack.model, "pack `external-review`", required)
    for renderer in renderers.values():
        assert renderer.check(parse(text, "case.toml"), formats=()) == ()
    for shown in (text, json.dumps(case_schema(pack.model))):
        other = re.findall(r"worker|utiliz|MTUS|Labor Code|\bIMR\b|Independent Medical", shown)
        assert other == []


def test_an_office_is_referred_to_where_the_letter_names_it(
    renderers: dict[str, imrgen.Renderer],
) -> None:
    without = CASE.replace("[assistance]", "[assistance]\n#", 1)
    for name in ("phone", "name", "contact"):
        without = re.sub(rf"(?s)(\[assistance\].*?)^{name} = .*?$", r"\1", without, flags=re.M)
    for text, is_named in ((CASE, True), (without, False)):
        letter = " ".join(renderers["decision"].render(parse(text, "case.toml")).text.split())
        assert ("Who can help you" in letter) == is_named
        assert ("the office named below" in letter) == is_named


def test_the_assignment_is_told_before_anything_is_decided(
    renderers: dict[str, imrgen.Renderer],
) -> None:
    before = CASE[: CASE.index("[[claim_lines]]")].replace("decision_date = 2026-04-07\n", "")
    text = " ".join(renderers["assignment"].render(parse(before, "case.toml")).text.split())
    assert "no later than 45 days after we received the request" in text
    assert "ten business days" in text
    expedited = before.replace('"standard"', '"expedited"')
    text = " ".join(renderers["assignment"].render(parse(expedited, "case.toml")).text.split())
    assert "no later than 72 hours" in text
    assert "business days" not in text
    with pytest.raises(imrgen.CaseError, match="IMR106"):
        renderers["decision"].render(parse(before, "case.toml"))
