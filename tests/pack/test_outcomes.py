"""What can be decided on an item is data of the pack: its words, and what it means."""

from __future__ import annotations

from pathlib import Path

import pytest

import imrgen
from imrgen.case import case_schema, parse
from imrgen.checks import Subject, run_checks
from imrgen.pack import TemplatePack
from imrgen.preview.form import Change, apply_change, describe_form

MANIFEST = """
name = "ours"
title = "Ours"
version = "1"

[letters.determination]
title = "Decision"
template = "decision.html"
requires = ["issues[].decision"]

[checks]
families = ["general", "medical", "california"]

[outcomes.denied]
words = "The denial stands"
means = "not necessary"

[outcomes.allowed]
words = "To be provided"
means = "necessary"

[outcomes.in-part]
words = "To be provided in part"
means = "partly"

[outcomes.withdrawn]
words = "Withdrawn"
"""
TEMPLATE = """
<html lang="en"><head><title>x</title></head><body><h1>Decision</h1>
{% for issue in issues %}
<p>{{ issue.item }}: {{ outcomes[issue.decision] }}</p>
{% endfor %}
</body></html>
"""
OUTCOMES = ("denied", "allowed", "in-part", "withdrawn")
NECESSARY = (
    "The records show a new deficit and failed conservative care, as the guideline asks for. "
    "For these reasons the requested MRI of the knee is medically necessary."
)
NOT_NECESSARY = NECESSARY.replace("is medically", "is not medically")


def our_pack(manifest: str = MANIFEST) -> TemplatePack:
    files = {"pack.toml": manifest.encode(), "decision.html": TEMPLATE.encode()}
    return imrgen.load_pack(templates=[files])


def codes(decision: str, rationale: str, votes: tuple[str, ...] = ()) -> set[str]:
    pack = our_pack()
    data = {
        "issues": [{"item": "MRI of the knee", "decision": decision, "rationale": rationale}],
        "reviewers": [
            {"licensure": ["Ohio"], "certifications": ["Radiology"], "vote": vote} for vote in votes
        ],
    }
    case = imrgen.load_case(data, pack)
    return {each.code for each in run_checks(Subject(case, pack))}


def test_a_case_has_the_outcomes_of_its_pack_and_no_other() -> None:
    pack = our_pack()
    model = pack.model
    for pattern in ("issues[].decision", "reviewers[].vote"):
        field = model.find(pattern)
        assert field is not None
        assert field.choices == OUTCOMES
    for outcome in OUTCOMES:
        case = imrgen.load_case({"issues": [{"item": "x", "decision": outcome}]}, pack)
        assert case.issues[0].decision == outcome
    for value in ("upheld", "Denied", ""):
        with pytest.raises(imrgen.CaseError, match="one of `allowed`, `denied`, `in-part`, `with"):
            imrgen.load_case({"issues": [{"item": "x", "decision": value}]}, pack)
    schema = case_schema(model)["$defs"]
    for table, key in (("Issue", "decision"), ("Reviewer", "vote")):
        allowed = next(each for each in schema[table]["properties"][key]["anyOf"] if "enum" in each)
        assert set(allowed["enum"]) == set(OUTCOMES)


def test_its_letters_and_forms_have_them_too(tmp_path: Path) -> None:
    pack = our_pack()
    text = '[[issues]]\nitem = "MRI"\ndecision = "in-part"\n'
    renderer = imrgen.Renderer(loaded_pack=pack)
    source = parse(text, "case.toml")
    assert "MRI: To be provided in part" in renderer.render(source).text
    (issues,) = (each for each in describe_form(source, pack.model) if each["label"] == "Issues")
    decision = issues["parts"][0]["parts"][1]
    assert decision["choices"] == list(OUTCOMES)
    for outcome in OUTCOMES:
        change = Change(("issues", 0, "decision"), text=outcome)
        changed = apply_change(source, change, pack.model)
        assert changed == text.replace("in-part", outcome)


def test_a_pack_without_the_field_may_have_outcomes_all_the_same() -> None:
    model = our_pack(f'core = ["case", "issues"]\n{MANIFEST}').model
    assert model.find("reviewers[].vote") is None
    field = model.find("issues[].decision")
    assert field is not None
    assert field.choices == OUTCOMES


def test_the_model_of_the_core_s_outcomes_is_the_core() -> None:
    assert imrgen.load_pack("imr").model is imrgen.load_pack("letter").model


@pytest.mark.parametrize(
    ("decision", "rationale", "is_contradicted"),
    [
        ("denied", NECESSARY, True),
        ("denied", NOT_NECESSARY, False),
        ("allowed", NECESSARY, False),
        ("allowed", NOT_NECESSARY, True),
        ("in-part", NECESSARY, False),
        ("in-part", NOT_NECESSARY, False),
        ("withdrawn", NECESSARY, False),
    ],
)
def test_the_rationale_is_compared_with_what_the_decision_means(
    decision: str, rationale: str, is_contradicted: bool
) -> None:
    assert ("IMR320" in codes(decision, rationale)) is is_contradicted


@pytest.mark.parametrize(
    ("decision", "votes", "expected"),
    [
        ("denied", ("denied", "allowed"), {"IMR324"}),
        ("allowed", ("denied", "allowed"), set()),
        ("denied", ("denied", "allowed", "allowed"), {"IMR325"}),
        ("allowed", ("denied", "denied", "allowed"), {"IMR325"}),
        ("allowed", ("denied", "denied", "in-part"), set()),
    ],
)
def test_votes_are_counted_by_what_they_mean(
    decision: str, votes: tuple[str, ...], expected: set[str]
) -> None:
    rationale = NECESSARY if decision == "allowed" else NOT_NECESSARY
    assert codes(decision, rationale, votes) & {"IMR324", "IMR325"} == expected


FAULTS = {
    '[decisions]\nupheld = "x"\n': "IMR101.*this is \\[outcomes\\] now",
    '[outcomes.upheld]\nmeans = "necessary"\n': "`words` is missing",
    '[outcomes.upheld]\nwords = "x"\nmeans = "necesary"\n': "did you mean `necessary`",
    '[outcomes."Not upheld"]\nwords = "x"\n': "small letters",
    '[outcomes]\nupheld = "x"\n': "must be a table",
    '[fields."issues[].decision"]\nchoices = ["a"]\n': "IMR224.*are the pack's outcomes",
}


@pytest.mark.parametrize("written", FAULTS)
def test_outcomes_that_cannot_be_right_are_told_with_their_place(written: str) -> None:
    head = 'name = "x"\ntitle = "x"\nversion = "1"\n'
    with pytest.raises(imrgen.PackError, match=f"(?s){FAULTS[written]}") as refused:
        our_pack(head + written)
    assert all(found.span for found in refused.value.diagnostics)
