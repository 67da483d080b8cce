"""A batch's tasks in any executor, in place of worker processes of this machine.

Tasks are submitted in chunks, since each submission takes an executor about a millisecond. A chunk
that is lost with its worker is submitted again, task by task, so that only the case that makes
workers crash fails. The index of all cases, some 80 bytes per case, is not sent with each chunk: a
worker that lacks it returns the chunk and is sent the index once, unless the executor has its own
way to share it among its workers (`share`).
"""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Any

from imrgen.batch.cross_case import Index
from imrgen.batch.messages import IdentifyCases, Task
from imrgen.batch.task import TaskRunner, cache_runner, run_chunk
from imrgen.diagnostics import ImrgenError, WorkerError, codes
from imrgen.workers import Failure, WorkerLost, diagnose

_CHUNK = 25
_CHUNKS_PER_WORKER = 4


class ExecutorRunner:
    """Runs tasks in an executor.

    Args:
        executor: The executor.
        runner: The runner that its threads use, if it has threads.
        jobs: The number of its workers; `None` for the number that it reports itself.
    """

    def __init__(self, executor: Executor, runner: TaskRunner, jobs: int | None) -> None:
        self._executor = executor
        self._runner = runner
        self._max_chunks = _CHUNKS_PER_WORKER * (
            jobs or getattr(executor, "_max_workers", None) or os.cpu_count() or 1
        )
        self._shared: Any = None
        cache_runner(runner)

    def share(self, index: Index) -> None:
        """Make the index of the batch's cases available to every task from now on."""
        self._runner.share(index)
        share = getattr(self._executor, "share", None)
        self._shared = share(index) if share else None

    def run(self, tasks: Iterable[Task | None]) -> Iterator[tuple[Task, Any]]:
        """Run tasks in chunks; see `imrgen.workers.Pool.run`.

        Raises:
            ImrgenError: The executor is broken, or its workers cannot run any task.
        """
        source = iter(tasks)
        pending: dict[Future[Any], list[Task]] = {}
        has_more = True
        while has_more or pending:
            while has_more and len(pending) < self._max_chunks:
                chunk, has_more = _next_chunk(source)
                if not chunk:
                    break
                pending[self._submit(chunk, self._shared)] = chunk
            if not pending:
                continue
            for future in wait(pending, timeout=1.0, return_when=FIRST_COMPLETED).done:
                chunk = pending.pop(future)
                try:
                    results = future.result()
                except ImrgenError:
                    raise
                except BrokenExecutor as error:
                    raise _broken(error) from None
                except Exception as error:
                    if len(chunk) == 1:
                        reason = f"the executor failed ({type(error).__name__})"
                        yield chunk[0], Failure(diagnose(WorkerLost(reason)))
                    else:
                        pending |= {self._submit([task], self._shared): [task] for task in chunk}
                    continue
                if results is None:
                    pending[self._submit(chunk, self._runner.index)] = chunk
                else:
                    yield from zip(chunk, results, strict=True)

    def _submit(self, chunk: list[Task], index: Any) -> Future[Any]:
        try:
            return self._executor.submit(run_chunk, self._runner.settings, index, chunk)
        except (BrokenExecutor, RuntimeError) as error:
            raise _broken(error) from None


def _next_chunk(source: Iterator[Task | None]) -> tuple[list[Task], bool]:
    chunk: list[Task] = []
    for task in source:
        if task is None:
            return chunk, True
        chunk.append(task)
        if isinstance(task, IdentifyCases) or len(chunk) == _CHUNK:
            return chunk, True
    return chunk, False


def _broken(error: Exception) -> WorkerError:
    return WorkerError.of(
        codes.EXECUTOR_BROKEN,
        f"the executor is broken ({type(error).__name__})",
        "run the batch again: letters that exist are not made again",
    )
