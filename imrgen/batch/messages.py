"""What a batch asks its workers for, and what it has in place of an answer where a worker was lost."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Call(msgspec.Struct, frozen=True):
    """Something a worker does: a method of its `Workshop`, with what it takes.

    Args:
        method: The method.
        arguments: What it takes.
        place: The place in the batch of the case, or of the first of them.
    """

    method: Literal["survey", "make"]
    arguments: tuple[Any, ...]
    place: int


class Loss(msgspec.Struct, frozen=True):
    """A call that has no answer.

    Args:
        reason: `timeout`, or how the worker ended.
    """

    reason: str
