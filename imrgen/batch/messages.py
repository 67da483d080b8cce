"""What a batch asks its workers for; each is answered by `imrgen.batch.task.TaskRunner`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeVar

import msgspec

from imrgen.batch.inputs import Entry


class SurveyCases(msgspec.Struct, frozen=True):
    """Read cases, and return what must be known of all before the first letter is made.

    Args:
        position: The place in the batch of the first of them.
        entries: The cases.
    """

    position: int
    entries: list[Entry]


class MakeLetters(msgspec.Struct, frozen=True):
    """Make the letters of a case.

    Args:
        position: The case's place in the batch.
        entry: The case.
    """

    position: int
    entry: Entry


Task = TypeVar("Task", SurveyCases, MakeLetters)


class Run(Protocol):
    """What does a batch's tasks."""

    def __call__(self, tasks: Iterable[Task | None]) -> Iterator[tuple[Task, Any]]:
        """Yield each task with its answer or its `Failure`; see `imrgen.workers.Pool.run`."""
