"""Mutations of invented letters are caught, and the letters themselves raise nothing."""

from __future__ import annotations

import pytest

import imrgen
from imrgen.checks import Subject, all_checks
from tests.checks import mutations

NUMBER = 12


@pytest.mark.slow
def test_mutations_are_caught_as_often_as_before() -> None:
    missed = {
        name: caught
        for name, caught, _ in mutations.run(NUMBER)
        if caught < int(mutations.MUTATIONS[name][2] * NUMBER)
    }
    assert not missed


@pytest.mark.slow
def test_invented_letters_raise_no_finding() -> None:
    assert not mutations.false_findings(60)


@pytest.mark.slow
def test_no_surname_and_no_given_name_is_found_where_none_is() -> None:
    """The texts of all fixtures, as one, hold none of these names."""
    (check,) = (check for check in all_checks() if check.id == "IMR381")
    text = "\n\n".join(mutations.corpus())
    assert len(text) > 100_000
    names = (
        *(f"Zzyx {name}" for name in mutations.SURNAMES),
        *(f"{n} Qz" for n in mutations.GIVEN),
    )
    found = [
        name
        for name in names
        for _ in check.find(
            Subject(imrgen.load_case({"clinical_summary": text, "employee": {"name": name}}))
        )
    ]
    assert found == []
