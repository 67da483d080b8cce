"""No sign vanishes from 200,000 narratives of words and signs."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.compose.narratives import NARRATIVES, assert_nothing_vanished


@settings(
    max_examples=200_000, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(NARRATIVES)
def test_no_sign_vanishes(text: str) -> None:
    assert_nothing_vanished(text)
