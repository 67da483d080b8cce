"""Of 400 mutations of each kind, as many are caught as the kind asks for, on several seeds."""

from __future__ import annotations

import pytest

from tests.checks import mutations

NUMBER = 400


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_mutations_are_caught(seed: int) -> None:
    caught = {name: count / NUMBER for name, count, _ in mutations.run(NUMBER, seed)}
    assert {
        name: share for name, share in caught.items() if share < mutations.MUTATIONS[name][2]
    } == {}
    assert not mutations.false_findings(NUMBER, seed)
