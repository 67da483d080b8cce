"""Who does a batch's calls where no pool of this module does: this process itself, or any executor.

An executor gets its cases in chunks, since each hand-over costs it a millisecond or so. A chunk
that is lost with a worker is done again, a case at a time, so that only the case that brings
workers down fails. The index of all cases, some 80 bytes a case, does not go with each chunk: a
worker that does not have it yet gives the chunk back and is sent it once, unless the executor is
one that shares a job among its workers in its own way (`share`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Any

import msgspec

from imrgen.batch.messages import Call, Loss
from imrgen.batch.task import Job, Workshop, keep, make_chunk, survey_chunk
from imrgen.diagnostics import Diagnostic, ImrgenError, WorkerError, codes

_CHUNK = 25
_AHEAD = 4


class Alone:
    """Does everything in this process.

    Args:
        workshop: What does it.
    """

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop

    def run(self, calls: Iterable[Call | None]) -> Iterator[tuple[Call, Any]]:
        """Do calls, and give each with its answer."""
        for call in filter(None, calls):
            yield call, getattr(self._workshop, call.method)(*call.arguments)


class Crew:
    """Does everything in an executor.

    Args:
        executor: The executor.
        job: What its workers work on.
        workshop: What its threads use, if it has threads.
        jobs: How many workers it has; `None` for what it says itself.
    """

    def __init__(self, executor: Executor, job: Job, workshop: Workshop, jobs: int | None) -> None:
        self._executor, self._job = executor, job
        share = getattr(executor, "share", None)
        self._light = share(job) if share else msgspec.structs.replace(job, index=None)
        self._most = _AHEAD * (
            jobs or getattr(executor, "_max_workers", None) or os.cpu_count() or 1
        )
        keep(workshop)

    def run(self, calls: Iterable[Call | None]) -> Iterator[tuple[Call, Any]]:
        """Do calls in chunks, and give each with its answer or its `Loss` as they come.

        Raises:
            ImrgenError: The executor is broken, or its workers cannot do anything at all.
        """
        source = iter(calls)
        under_way: dict[Future[Any], list[Call]] = {}
        more = True
        while more or under_way:
            while more and len(under_way) < self._most:
                chunk, more = _chunk(source)
                if not chunk:
                    break
                under_way[self._submit(chunk)] = chunk
            for future in (
                wait(under_way, timeout=1.0, return_when=FIRST_COMPLETED).done if under_way else ()
            ):
                chunk = under_way.pop(future)
                try:
                    answers = future.result()
                    if answers is None:
                        under_way[self._submit(chunk, self._job)] = chunk
                    else:
                        yield from zip(chunk, answers, strict=True)
                except (ImrgenError, AssertionError):
                    raise
                except BrokenExecutor as fault:
                    raise _broken(fault) from None
                except Exception as fault:
                    if len(chunk) == 1:
                        yield chunk[0], Loss(f"the executor gave it up ({type(fault).__name__})")
                    else:
                        under_way |= {self._submit([call]): [call] for call in chunk}

    def _submit(self, chunk: list[Call], job: Any = None) -> Future[Any]:
        try:
            if chunk[0].method == "survey":
                entries = [entry for call in chunk for entry in call.arguments[0]]
                assert len(chunk) == 1
                return self._executor.submit(_surveyed, self._job, entries)
            return self._executor.submit(
                make_chunk, job or self._light, [call.arguments for call in chunk]
            )
        except (BrokenExecutor, RuntimeError) as fault:
            raise _broken(fault) from None


def _surveyed(job: Job, entries: Any) -> list[Any]:
    return [survey_chunk(job, entries)]


def _chunk(source: Iterator[Call | None]) -> tuple[list[Call], bool]:
    chunk: list[Call] = []
    for call in source:
        if call is None:
            return chunk, True
        chunk.append(call)
        if call.method == "survey" or len(chunk) == _CHUNK:
            return chunk, True
    return chunk, False


def _broken(fault: Exception) -> WorkerError:
    hint = "run the batch again: what is done is not done again"
    return WorkerError(
        [
            Diagnostic(
                codes.EXECUTOR_BROKEN,
                f"the executor is broken ({type(fault).__name__})",
                hints=(hint,),
            )
        ]
    )
