"""Values of Hypothesis' strategies that depend on a seed alone.

Hypothesis by itself prefers small values, and takes some from the source files of the program that
it runs in. Its interface for other backends leaves all choices to this module.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.configuration import set_hypothesis_home_dir, storage_directory
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, PrimitiveProvider
from hypothesis.strategies import SearchStrategy

from imrgen.workers import temporary_folder

Value = TypeVar("Value")
_BACKEND = "imrgen-seeded"
_SPREAD = 10**6
"""Numbers without a limit are drawn from so many."""


class SeededProvider(PrimitiveProvider):
    """Draws every choice evenly, by a generator of its own for each value."""

    seed = 0
    start = 0

    def __init__(self, conjecturedata: Any, /) -> None:
        super().__init__(conjecturedata)
        self._numbers = itertools.count(self.start)
        self._random = random.Random()  # noqa: S311 - it keeps no secret

    @contextlib.contextmanager
    def per_test_case_context_manager(self) -> Iterator[None]:
        """Begin a value."""
        # A text is hashed alike in each process and each version of Python.
        self._random.seed(f"{self.seed}/{next(self._numbers)}")
        yield

    def draw_boolean(self, p: float = 0.5) -> bool:
        """Draw true or false."""
        return self._random.random() < p

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        """Draw a number between limits."""
        if weights:
            return self._random.choices([*weights], [*weights.values()])[0]
        low = (max_value or 0) - _SPREAD if min_value is None else min_value
        high = low + _SPREAD if max_value is None else max_value
        return self._random.randint(low, high)

    def draw_float(
        self,
        *,
        min_value: float = -_SPREAD,
        max_value: float = _SPREAD,
        allow_nan: bool = True,
        smallest_nonzero_magnitude: float = 0.0,
    ) -> float:
        """Draw a number between limits."""
        return self._random.uniform(max(min_value, -_SPREAD), min(max_value, _SPREAD))

    def draw_string(self, intervals: Any, *, min_size: int = 0, max_size: int = 20) -> str:
        """Draw a text of some characters."""
        size = self._random.randint(min_size, min(max_size, min_size + 20))
        return "".join(chr(intervals[self._random.randrange(len(intervals))]) for _ in range(size))

    def draw_bytes(self, min_size: int = 0, max_size: int = 20) -> bytes:
        """Draw some bytes."""
        return self._random.randbytes(self._random.randint(min_size, min(max_size, min_size + 20)))


def values(strategy: SearchStrategy[Value], count: int, seed: int, start: int = 0) -> list[Value]:
    """Draw values, the same for the same strategy and seed.

    Args:
        strategy: Says what a value is.
        count: How many are drawn.
        seed: Any number.
        start: How many values of this seed are passed over.
    """
    AVAILABLE_PROVIDERS[_BACKEND] = f"{__name__}.{SeededProvider.__name__}"
    drawn: list[Value] = []

    @hypothesis.settings(
        backend=_BACKEND,
        database=None,
        deadline=None,
        max_examples=count,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
        print_blob=False,
    )
    @hypothesis.given(strategy)
    def draw(value: Value) -> None:
        drawn.append(value)

    SeededProvider.seed = seed
    SeededProvider.start = start
    with _storage():
        draw()
    return drawn[:count]


@contextlib.contextmanager
def _storage() -> Iterator[None]:
    """Keep what Hypothesis writes to the disk out of the folder in which the program runs."""
    before = Path(storage_directory(intent_to_write=False).path)
    with tempfile.TemporaryDirectory(dir=temporary_folder()) as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(before)
