"""Warm worker processes of this machine, of which each has a pipe of its own.

What is lost with a worker is the one call it was at: a crash, a hang, a kill can be blamed on it,
since the pool knows at any time which worker is at what. Libraries share one pipe and one lock
among all workers: there a worker that is killed while it holds the lock, or is half through
writing, takes the others' work along (concurrent.futures breaks the whole pool, pebble waits for
the lock), and none tells what a worker is at, or lets one go that has grown.

Workers are started by multiprocessing's fork server, which has loaded imrgen and no more: a worker
is ready in milliseconds, and no process is forked that has threads or has used Pango.
"""

from __future__ import annotations

import collections
import contextlib
import itertools
import multiprocessing
import os
import selectors
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from typing import Any

from imrgen.batch.messages import Call, Loss
from imrgen.batch.task import Job, Workshop
from imrgen.diagnostics import Diagnostic, ImrgenError, WorkerError, codes

_AHEAD = 2
"""A worker's calls: the one it is at and the next, so that it never waits for this process."""


_END = Call("make", (), -1)


class Worker:
    """A worker, as the pool sees it.

    Args:
        number: From 1.
        process: The process.
        connection: The pipe to it.
    """

    def __init__(self, number: int, process: Any, connection: Connection) -> None:
        self.number, self.process, self.connection = number, process, connection
        self.calls: collections.deque[Call] = collections.deque()
        self.ready = self.leaving = False
        self.since = time.monotonic()
        self.done = 0

    @property
    def at(self) -> Call | None:
        """What it is at."""
        return self.calls[0] if self.calls else None


class Pool:
    """Workers of this machine; a context that ends them.

    Args:
        job: What they work on.
        jobs: How many.
        timeout: Seconds a call may take.
        letters: After how many calls a worker is replaced.
        memory: Mebibytes a worker may take; one that holds half of it after a call is replaced.
        scratch: A folder for their temporary files, which the caller removes.
    """

    def __init__(
        self, job: Job, jobs: int, timeout: float, letters: int, memory: int, scratch: str
    ) -> None:
        self._settings = (job, letters, memory * 2**20, scratch)
        self._jobs, self._timeout = jobs, timeout
        method = (
            "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        )
        self._context: Any = multiprocessing.get_context(method)
        if method == "forkserver":
            self._context.set_forkserver_preload(["imrgen.batch.task", "imrgen.checks"])
        self.workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._numbers = itertools.count(1)
        self._stillborn = 0

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.process.kill()
        for worker in self.workers:
            worker.process.join()
            worker.connection.close()
        self.workers = []
        self._selector.close()

    def run(self, calls: Iterable[Call | None]) -> Iterator[tuple[Call, Any]]:
        """Let the workers do calls, and give each with its answer or its `Loss` as they come.

        Args:
            calls: What to do; it is asked for more when a worker is free. `None`: there is nothing
                now, ask again.

        Raises:
            ImrgenError: The workers cannot do anything at all.
        """
        source, again = iter(calls), collections.deque[Call]()
        more = True
        while True:
            while len(self.workers) < self._jobs and (more or again):
                self._start()
            while (more or again) and (worker := self._free()):
                call = again.popleft() if again else next(source, _END)
                if call is None:
                    break
                more = more and call is not _END
                if call is not _END:
                    self._give(worker, call)
            if not (more or again or any(worker.calls for worker in self.workers)):
                return
            for worker, says, ended in self._waited():
                yield from self._heard(worker, says, ended, again)

    def _start(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, *self._settings), daemon=True)
        process.start()
        theirs.close()
        worker = Worker(next(self._numbers), process, ours)
        self._selector.register(ours, selectors.EVENT_READ, worker)
        self._selector.register(process.sentinel, selectors.EVENT_READ, worker)
        self.workers.append(worker)

    def _free(self) -> Worker | None:
        free = (w for w in self.workers if w.ready and not w.leaving and len(w.calls) < _AHEAD)
        return min(free, key=lambda worker: len(worker.calls), default=None)

    def _give(self, worker: Worker, call: Call) -> None:
        if not worker.calls:
            worker.since = time.monotonic()
        worker.calls.append(call)
        with contextlib.suppress(OSError):  # it has ended, which is heard next
            worker.connection.send(call)

    def _waited(self) -> list[tuple[Worker, bool, bool]]:
        """Wait for workers that say something, end, or take too long; tells of each whether it says and has ended."""
        now = time.monotonic()
        left = min(
            (worker.since + self._timeout - now for worker in self.workers if worker.calls),
            default=1.0,
        )
        said: set[Worker] = set()
        ended: set[Worker] = set()
        for key, _ in self._selector.select(max(0.0, min(left, 0.5))):
            (said if key.fileobj is key.data.connection else ended).add(key.data)
        now = time.monotonic()
        late = {
            worker for worker in self.workers if worker.calls and now > worker.since + self._timeout
        }
        return [
            (w, w in said, w in ended) for w in self.workers if w in said or w in ended or w in late
        ]

    def _heard(
        self, worker: Worker, says: bool, ended: bool, again: collections.deque[Call]
    ) -> Iterator[tuple[Call, Any]]:
        """Take what a worker has to say; one that says no more, or takes too long, is let go."""
        try:
            # It may have said its last word and ended while it was being listened to.
            while says or (ended and worker.connection.poll()):
                says = False
                answer, worker.leaving = worker.connection.recv()
                worker.since = time.monotonic()
                if not worker.ready:
                    worker.ready, self._stillborn = True, 0
                    if isinstance(answer, ImrgenError):
                        raise answer
                    continue
                worker.done += 1
                yield worker.calls.popleft(), answer
        except (EOFError, OSError):
            ended = True
        reason = None
        if ended:
            worker.process.join()
            reason = _how(worker.process.exitcode)
        elif worker.calls and time.monotonic() > worker.since + self._timeout:
            reason = "timeout"
        elif not worker.leaving:
            return
        self.workers.remove(worker)
        self._selector.unregister(worker.connection)
        self._selector.unregister(worker.process.sentinel)
        worker.process.kill() if reason else worker.process.join(5)
        worker.process.kill()
        worker.process.join()
        worker.connection.close()
        if reason and worker.calls and not worker.leaving:
            yield worker.calls.popleft(), Loss(reason)
        again.extend(worker.calls)
        if not worker.ready:
            self._stillborn += 1
            if self._stillborn > 2 * self._jobs:
                hint = "a program that calls render_batch needs `if __name__ == '__main__':` around what it does"
                message = f"the workers end before they begin: {reason}"
                raise WorkerError([Diagnostic(codes.WORKERS_NOT_STARTED, message, hints=(hint,))])


def _serve(connection: Connection, job: Job, letters: int, memory: int, scratch: str) -> None:
    """Work, until there is nothing more to do; the whole life of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["TMPDIR"] = tempfile.tempdir = scratch
    _limit(memory)
    try:
        workshop = Workshop(job)
    except ImrgenError as error:
        connection.send((error, True))
        return
    connection.send((None, False))
    for served in itertools.count(1):
        try:
            call = connection.recv()
        except EOFError:
            return
        answer = getattr(workshop, call.method)(*call.arguments)
        leaving = served >= letters or _resident() > memory // 2
        connection.send((answer, leaving))
        if leaving:
            return


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _limit(memory: int) -> None:
    """Let no call take more memory than it may: the system refuses it, and Python raises `MemoryError`."""
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        with contextlib.suppress(
            ValueError, OSError
        ):  # a lower limit stands already, or the system knows none
            resource.setrlimit(resource.RLIMIT_AS, (memory, most))


def _resident() -> int:
    try:
        with open("/proc/self/statm", "rb") as stream:  # noqa: PTH123
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by signal {-code} ({signal.Signals(-code).name})"
    return f"ended by itself (exit code {code})"
