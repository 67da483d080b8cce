"""A pool of worker processes: starts them, sends them tasks, and replaces those that end.

Workers are started by multiprocessing's fork server, in which the modules that the pool's user
names are loaded, and no others. So a worker is ready in milliseconds, and no process is forked that
has threads or has used Pango.
"""

import collections
import contextlib
import functools
import itertools
import multiprocessing
import multiprocessing.util
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import forkserver
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, TypeVar

from imrgen.diagnostics import WorkerError, codes
from imrgen.workers.limits import Limits
from imrgen.workers.process import require_workers, uninterrupted
from imrgen.workers.tempdir import no_temporary_files, temporary_files, temporary_folder
from imrgen.workers.worker import Prepare, Worker, cannot_start

# Tasks of a worker: the one in progress and the next, so that it never waits for this process.
_TASKS_PER_WORKER = 2
# What multiprocessing adds to a folder for a socket's name, and the most that macOS takes.
_MOST_OF_A_SOCKET = len("/pymp-12345678/listener-12345678")
_MOST_BYTES = 103
# Seconds after which the workers are checked, even if none has sent anything.
_POLL = 0.5

Task = TypeVar("Task")


class Pool:
    """Worker processes with limits, until `close`.

    A worker that dies or is killed loses only its current task.

    Args:
        prepare: Returns the handler of the tasks. It is pickled, and called in the worker.
        limits: The limits of a task. A task that takes too long is interrupted by `TimedOut`, and
            its worker is killed if that does not end it; a task that needs too much memory gets a
            `MemoryError`.
        preload: Modules that are loaded once, before workers are forked.
        replace_after: The number of tasks after which a worker is replaced. A worker that still
            uses half of its memory after a task is replaced at once.

    Raises:
        WorkerError: The operating system starts no process, or this one may not start any.
    """

    def __init__(
        self,
        prepare: Prepare,
        limits: Limits,
        *,
        preload: Sequence[str] = (),
        replace_after: int = 500,
    ) -> None:
        require_workers()
        if multiprocessing.current_process().daemon:
            raise _no_children()
        self._owner = os.getpid()
        with temporary_files():
            self._folder = tempfile.mkdtemp(dir=_folder_of_all())
        context: Any = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(preload))
        with _reported():
            _start_fork_server()  # it loads the modules while this process goes on
        self._worker = functools.partial(
            Worker, context, prepare, limits, replace_after, self._folder
        )
        self._numbers = itertools.count(1)
        self.workers: list[Worker] = []

    def close(self) -> None:
        """End all workers and remove their files; in a process that was forked, leave them."""
        if os.getpid() != self._owner:
            return
        for worker in self.workers:
            worker.kill()
        while self.workers:
            self.discard(self.workers[-1])
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> Worker:
        """Start a worker.

        Raises:
            WorkerError: The operating system does not start it.
        """
        # Else a process that is half started would write a traceback, and nobody would end it.
        with uninterrupted(), _reported():
            worker = self._worker(next(self._numbers))
            self.workers.append(worker)
        return worker

    def discard(self, worker: Worker) -> None:
        """End a worker and remove its files."""
        self.workers.remove(worker)
        worker.end()

    def run(
        self, tasks: Iterable[Task | None], jobs: int | None = None
    ) -> Iterator[tuple[Task, Any]]:
        """Yield each task with its result or its `Failure`, in the order in which they are done.

        Args:
            tasks: The tasks; the next one is requested when a worker is free. `None`: there is no
                task at the moment, ask again later.
            jobs: The number of workers; `None` for the number of cores.

        Raises:
            ImrgenError: The workers cannot run any task.
        """
        source = iter(tasks)
        jobs = jobs or _count_cores()
        retries = collections.deque[Task]()
        has_more = True
        failed_starts = 0
        while True:
            while len(self.workers) < jobs and (has_more or retries):
                self.start()
            while (has_more or retries) and (worker := self._free()):
                try:
                    task = retries.popleft() if retries else next(source)
                except StopIteration:
                    has_more = False
                    continue
                if task is None:
                    break
                worker.submit(task)
            if not (has_more or retries or any(worker.tasks for worker in self.workers)):
                return
            self._wait()
            for worker in list(self.workers):
                yield from worker.results()
                failure = None if worker.is_leaving else worker.failure()
                if failure is None and not worker.is_leaving:
                    continue
                self.discard(worker)
                if failure is not None and worker.tasks:
                    yield worker.tasks.popleft(), failure
                retries.extend(worker.tasks)
                failed_starts = 0 if worker.is_ready else failed_starts + 1
                if failure is not None and failed_starts > 2 * jobs:
                    raise cannot_start(failure.diagnostic.message)

    def _free(self) -> Worker | None:
        free = (
            worker
            for worker in self.workers
            if worker.is_ready and not worker.is_leaving and len(worker.tasks) < _TASKS_PER_WORKER
        )
        return min(free, key=lambda worker: len(worker.tasks), default=None)

    def _wait(self) -> None:
        remaining = min(worker.deadline for worker in self.workers) - time.monotonic()
        sources = [
            source
            for worker in self.workers
            for source in (worker.connection, worker.process.sentinel)
        ]
        wait(sources, max(0.0, min(remaining, _POLL)))


def _folder_of_all() -> Path:
    """Return the temporary folder of this process, which multiprocessing uses from now on, too.

    Raises:
        OutputError: Its name is too long for sockets to stand in it, or it cannot be written.
    """
    folder = temporary_folder()
    if len(os.fsencode(folder)) + _MOST_OF_A_SOCKET > _MOST_BYTES:
        raise no_temporary_files("its name is too long for the sockets of worker processes")
    default = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        multiprocessing.util.get_temp_dir()  # created once per process, in tempdir's current value
    finally:
        tempfile.tempdir = default
    return folder


def _start_fork_server() -> None:
    """Start multiprocessing's fork server, unless this process has one."""
    try:
        forkserver.ensure_running()
    except ChildProcessError:
        # This process was forked, and the server is its parent's: Python 3.11 waits for it as for
        # a child, and fails.
        forkserver.ensure_running.__self__.__init__()  # type: ignore[attr-defined]
        forkserver.ensure_running()


def _no_children() -> WorkerError:
    return WorkerError.of(
        codes.WORKERS_NOT_STARTED,
        "this process is a daemonic worker, which may start no processes of its own",
        "give the batch jobs=0 to make its letters in this process, or an executor=",
        "make single letters with an imrgen.Renderer, which needs no other process",
    )


@contextlib.contextmanager
def _reported() -> Iterator[None]:
    """Turn a failure to start a process into a `WorkerError`."""
    try:
        yield
    except AssertionError:  # multiprocessing's own word for it, also where the worker is Celery's
        raise _no_children() from None
    except BrokenPipeError:  # it ended before it had read what it is to do
        raise cannot_start("one ended at once") from None
    except OSError as fault:
        raise WorkerError.of(
            codes.WORKERS_NOT_STARTED,
            f"a worker process cannot be started: {fault.strerror or type(fault).__name__}",
            "give the program more of what it lacks, such as open files (`ulimit -n`), or use "
            "fewer workers (`--jobs`)",
        ) from None


def _count_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
