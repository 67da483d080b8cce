"""A pool of worker processes: starts them, gives them tasks, and replaces those that end.

Workers are started by multiprocessing's fork server, which has loaded what the pool's user names
and no more: a worker is ready in milliseconds, and no process is forked that has threads or has
used Pango.
"""

from __future__ import annotations

import collections
import functools
import itertools
import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import forkserver
from multiprocessing.connection import wait
from typing import Any, TypeVar

from imrgen.diagnostics import Diagnostic, WorkerError, codes
from imrgen.workers.limits import Failure, Limits
from imrgen.workers.tempdir import temporary_folder
from imrgen.workers.worker import Prepare, Worker

# A worker's tasks: the one that it does and the next, so that it never waits for this process.
_IN_HAND = 2
# Seconds after which workers are looked at again, though none has sent anything.
_LOOK = 0.5

Task = TypeVar("Task")


class Pool:
    """Worker processes with limits, until `close`.

    A worker that dies or is killed loses only the task that it is doing.

    Args:
        prepare: Makes what a worker calls with each task. It is pickled and called in the worker.
        limits: What a worker may take for a task. A task that takes too long is interrupted by
            `TimedOut`, and its worker is killed if that does not end it; one that needs too much
            memory gets a `MemoryError`.
        preload: The modules that are loaded once, before workers are forked.
        replace_after: After how many tasks a worker is replaced. One that still holds half of its
            memory after a task is replaced at once.
    """

    def __init__(
        self,
        prepare: Prepare,
        limits: Limits,
        *,
        preload: Sequence[str] = (),
        replace_after: int = 500,
    ) -> None:
        self._folder = tempfile.mkdtemp(dir=temporary_folder())
        context: Any = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(preload))
        forkserver.ensure_running()  # it loads the modules while this process goes on
        self._worker = functools.partial(
            Worker, context, prepare, limits, replace_after, self._folder
        )
        self._numbers = itertools.count(1)
        self.workers: list[Worker] = []

    def close(self) -> None:
        """End all workers and remove what they left."""
        for worker in self.workers:
            worker.kill()
        while self.workers:
            self.discard(self.workers[-1])
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> Worker:
        """Start a worker."""
        worker = self._worker(next(self._numbers))
        self.workers.append(worker)
        return worker

    def discard(self, worker: Worker) -> None:
        """End a worker and remove what it left."""
        self.workers.remove(worker)
        worker.end()

    def run(self, tasks: Iterable[Task | None], jobs: int) -> Iterator[tuple[Task, Any]]:
        """Yield each task with its answer or its `Failure`, as they come.

        Args:
            tasks: What to do; the next is asked for when a worker is free. `None`: there is nothing
                now, ask again.
            jobs: How many workers.

        Raises:
            ImrgenError: The workers cannot do anything at all.
        """
        source = iter(tasks)
        again = collections.deque[Task]()
        has_more = True
        stillborn = 0
        while True:
            while len(self.workers) < jobs and (has_more or again):
                self.start()
            while (has_more or again) and (worker := self._free()):
                try:
                    task = again.popleft() if again else next(source)
                except StopIteration:
                    has_more = False
                    continue
                if task is None:
                    break
                worker.give(task)
            if not (has_more or again or any(worker.tasks for worker in self.workers)):
                return
            self._wait()
            for worker in list(self.workers):
                yield from worker.answers()
                failure = None if worker.is_leaving else worker.failure()
                if failure is None and not worker.is_leaving:
                    continue
                self.discard(worker)
                if failure is not None and worker.tasks:
                    yield worker.tasks.popleft(), failure
                again.extend(worker.tasks)
                stillborn = 0 if worker.is_ready else stillborn + 1
                if failure is not None and stillborn > 2 * jobs:
                    raise _cannot_start(failure)

    def _free(self) -> Worker | None:
        free = (
            worker
            for worker in self.workers
            if worker.is_ready and not worker.is_leaving and len(worker.tasks) < _IN_HAND
        )
        return min(free, key=lambda worker: len(worker.tasks), default=None)

    def _wait(self) -> None:
        left = min(worker.deadline for worker in self.workers) - time.monotonic()
        sources = [
            source
            for worker in self.workers
            for source in (worker.connection, worker.process.sentinel)
        ]
        wait(sources, max(0.0, min(left, _LOOK)))


def _cannot_start(failure: Failure) -> WorkerError:
    hint = (
        "a program that calls render_batch needs `if __name__ == '__main__':` around what it does"
    )
    message = f"the workers end before they begin: {failure.diagnostic.message}"
    return WorkerError([Diagnostic(codes.WORKERS_NOT_STARTED, message, hints=(hint,))])
