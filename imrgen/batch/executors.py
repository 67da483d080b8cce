"""A batch's tasks in any executor, in place of worker processes of this machine.

An executor gets its cases in chunks, since each hand-over costs it a millisecond or so. A chunk
that is lost with a worker is done again, a case at a time, so that only the case that brings
workers down fails. The index of all cases, some 80 bytes a case, does not go with each chunk: a
worker that does not have it yet gives the chunk back and is sent it once, unless the executor is
one that shares it among its workers in its own way (`share`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Any

from imrgen.batch.cross_case import Index
from imrgen.batch.messages import SurveyCases, Task
from imrgen.batch.task import TaskRunner, keep_runner, run_chunk
from imrgen.diagnostics import Diagnostic, ImrgenError, WorkerError, codes
from imrgen.workers import Failure, WorkerLost, diagnose

_CHUNK = 25
_AHEAD = 4


class InExecutor:
    """Does tasks in an executor.

    Args:
        executor: The executor.
        runner: What its threads use, if it has threads.
        jobs: How many workers it has; `None` for what it says itself.
    """

    def __init__(self, executor: Executor, runner: TaskRunner, jobs: int | None) -> None:
        self._executor = executor
        self._runner = runner
        self._most = _AHEAD * (
            jobs or getattr(executor, "_max_workers", None) or os.cpu_count() or 1
        )
        self._shared: Any = None
        keep_runner(runner)

    def share(self, index: Index) -> None:
        """Have every task from now on know what identifies the cases of the batch."""
        self._runner.share(index)
        share = getattr(self._executor, "share", None)
        self._shared = share(index) if share else None

    def run(self, tasks: Iterable[Task | None]) -> Iterator[tuple[Task, Any]]:
        """Do tasks in chunks; see `imrgen.workers.Pool.run`.

        Raises:
            ImrgenError: The executor is broken, or its workers cannot do anything at all.
        """
        source = iter(tasks)
        under_way: dict[Future[Any], list[Task]] = {}
        has_more = True
        while has_more or under_way:
            while has_more and len(under_way) < self._most:
                chunk, has_more = _next_chunk(source)
                if not chunk:
                    break
                under_way[self._submit(chunk, self._shared)] = chunk
            if not under_way:
                continue
            for future in wait(under_way, timeout=1.0, return_when=FIRST_COMPLETED).done:
                chunk = under_way.pop(future)
                try:
                    answers = future.result()
                except ImrgenError:
                    raise
                except BrokenExecutor as fault:
                    raise _broken(fault) from None
                except Exception as fault:
                    if len(chunk) == 1:
                        reason = f"the executor gave it up ({type(fault).__name__})"
                        yield chunk[0], Failure(diagnose(WorkerLost(reason)))
                    else:
                        under_way |= {self._submit([task], self._shared): [task] for task in chunk}
                    continue
                if answers is None:
                    under_way[self._submit(chunk, self._runner.index)] = chunk
                else:
                    yield from zip(chunk, answers, strict=True)

    def _submit(self, chunk: list[Task], index: Any) -> Future[Any]:
        try:
            return self._executor.submit(run_chunk, self._runner.job, index, chunk)
        except (BrokenExecutor, RuntimeError) as fault:
            raise _broken(fault) from None


def _next_chunk(source: Iterator[Task | None]) -> tuple[list[Task], bool]:
    chunk: list[Task] = []
    for task in source:
        if task is None:
            return chunk, True
        chunk.append(task)
        if isinstance(task, SurveyCases) or len(chunk) == _CHUNK:
            return chunk, True
    return chunk, False


def _broken(fault: Exception) -> WorkerError:
    hint = "run the batch again: what is done is not done again"
    message = f"the executor is broken ({type(fault).__name__})"
    return WorkerError([Diagnostic(codes.EXECUTOR_BROKEN, message, hints=(hint,))])
