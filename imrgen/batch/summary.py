"""The whole of a batch in one call, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from imrgen.batch.batch import Batch
from imrgen.batch.task import Outcome, RendererSpec
from imrgen.pipeline import Renderer

if TYPE_CHECKING:
    from concurrent.futures import Executor


class BatchSummary(msgspec.Struct, frozen=True):
    """What became of a batch.

    Args:
        made: How many cases' letters were made.
        skipped: How many were there already, unchanged.
        failed: The cases that have no letter.
        stopped: Whether it was stopped before its end.
        seconds: How long it took.
        left_out: How many files of the given folders are not cases.
    """

    made: int
    skipped: int
    failed: tuple[Outcome, ...]
    stopped: bool
    seconds: float
    left_out: int = 0


def render_batch(
    cases: Any,
    renderer_or_spec: Renderer | RendererSpec,
    *,
    executor: Executor | None = None,
    on_result: Callable[[Outcome], object] | None = None,
    **options: Any,
) -> BatchSummary:
    """Make the letters of many cases.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`), cases, sources or mappings; one, or any
            iterable.
        renderer_or_spec: A `RendererSpec`, for worker processes, or a `Renderer`, for this process
            and its threads.
        executor: What runs the work, in place of worker processes of this machine.
        on_result: Is given each case's `Outcome`, in the order of the cases.
        **options: As of `Batch`: `to`, `formats`, `name`, `jobs`, `timeout`, `letters`, `memory`.

    Raises:
        CaseError: An input does not exist.
        OutputError: Two cases would share a file name, another batch is at work in the folder, or
            nothing can be written there; what was made by then stays and is told by the manifest.
        PackError: No such pack or letter, or one of its files is at fault.
        LibraryError: A library is missing, or the executor is broken.
    """
    return summarize(Batch(cases, renderer_or_spec, executor=executor, **options), on_result)


def summarize(batch: Batch, on_result: Callable[[Outcome], object] | None = None) -> BatchSummary:
    """Go through a batch and give what became of it.

    Args:
        batch: The batch.
        on_result: Is given each case's `Outcome`, in the order of the cases.
    """
    started = time.monotonic()
    made = skipped = 0
    failed = []
    for outcome in batch:
        if outcome.failed:
            failed.append(outcome)
        skipped += outcome.skipped
        made += not outcome.skipped and not outcome.failed
        if on_result:
            on_result(outcome)
    seconds = time.monotonic() - started
    return BatchSummary(made, skipped, tuple(failed), batch.stopped, seconds, batch.left_out)
