"""A worker process: its pipe, its tasks, how it ends, and what runs in it.

Each worker has a pipe of its own. Libraries share one pipe and one lock among all workers: if a
worker is killed while it holds the lock, or in the middle of a message, the other workers' tasks
are lost, too (concurrent.futures breaks the whole pool, pebble waits for the lock for ever), and
the pool cannot tell which task a worker is doing.
"""

import collections
import contextlib
import gc
import itertools
import multiprocessing
import os
import pickle
import shutil
import signal
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from multiprocessing import process
from multiprocessing.connection import Connection, wait
from typing import Any

from imrgen.diagnostics import ImrgenError, WorkerError, codes
from imrgen.workers.limits import Failure, Limits, TimedOut, WorkerLost, diagnose, interrupt
from imrgen.workers.process import GRACE, limit_memory, memory_size, write_no_core

# What runs each task in a worker, and what creates it there.
Handler = Callable[[Any], Any]
Prepare = Callable[[], Handler]

# Seconds in which a worker that ends by itself must have ended.
_LEAVE = 5.0
# The size of the largest result, so that a task does not exhaust the memory of who asked for it.
_MOST_BYTES = 128 * 2**20
# Seconds in which a worker must be ready.
_START = 60.0
# The size of a task that is sent while the worker is busy: it fits into the pipe's buffer, so that
# sending never blocks.
_SEND_AHEAD_BYTES = 32 * 1024
# The number of tasks after which a worker looks through all that it holds for garbage.
_COLLECT_ALL = 20


_processes: weakref.WeakSet[Any] = weakref.WeakSet()


def _forget() -> None:
    """Leave workers alone in a process that was forked: at its end, Python would terminate them."""
    process._children.difference_update(_processes)  # type: ignore[attr-defined]


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_forget)


class Worker:
    """A worker process, seen from the process that started it.

    Args:
        context: The context of `multiprocessing` that starts the process.
        prepare: Returns the handler of the tasks; it is called in the worker.
        limits: The limits of a task.
        replace_after: The number of tasks after which the worker ends.
        parent: The folder in which its temporary folder is created, which is removed with it.
        number: The worker's number, from 1.

    Attributes:
        tasks: The current task, and those that follow.
        since: When the current task began, by `time.monotonic`.
        done: The number of tasks that are done.
        is_ready: Whether it has started.
        is_leaving: Whether it ends by itself after its last result.
    """

    def __init__(
        self,
        context: Any,
        prepare: Prepare,
        limits: Limits,
        replace_after: int,
        parent: str,
        number: int,
    ) -> None:
        self.number = number
        self.tasks: collections.deque[Any] = collections.deque()
        self.since = time.monotonic()
        self.done = 0
        self.is_ready = False
        self.is_leaving = False
        self._is_closed = False
        self._is_killed = False
        self._limits = limits
        self._unsent: collections.deque[bytes] = collections.deque()
        self._folder = tempfile.mkdtemp(dir=parent)
        self.connection, remote = context.Pipe()
        arguments = (remote, prepare, limits, replace_after, self._folder)
        self.process = context.Process(target=_serve, args=arguments, daemon=True)
        self.process.start()
        _processes.add(self.process)
        remote.close()

    @property
    def is_usable(self) -> bool:
        """Whether it can run a task."""
        return not (self.is_leaving or self._is_killed) and self.process.is_alive()

    @property
    def deadline(self) -> float:
        """When it is killed if it has sent no result by then, by `time.monotonic`."""
        if not self.is_ready:
            return self.since + _START
        return self.since + self._limits.timeout + GRACE if self.tasks else float("inf")

    def submit(self, task: Any) -> None:
        """Add a task to the worker's tasks."""
        if self.is_ready and not self.tasks:
            self.since = time.monotonic()
        self.tasks.append(task)
        self._unsent.append(pickle.dumps(task, pickle.HIGHEST_PROTOCOL))
        self._send()

    def results(self) -> Iterator[tuple[Any, Any]]:
        """Yield each task that it has done since the last call, with its result or `Failure`.

        Raises:
            ImrgenError: The worker cannot run any task.
        """
        while content := self._receive():
            self.is_leaving = content[0] == 1
            result = _unpack(content[1:])
            self.since = time.monotonic()
            if self.is_ready:
                self.done += 1
                task = self.tasks.popleft()
                self._send()
                yield task, result
                continue
            self.is_ready = True
            if isinstance(result, ImrgenError):
                raise result

    def run(self, task: Any) -> Any:
        """Run a task and return its result or `Failure`; the worker must have no other task.

        Raises:
            ImrgenError: The worker cannot run any task.
        """
        self.submit(task)
        while True:
            wait(
                [self.connection, self.process.sentinel],
                max(0.0, self.deadline - time.monotonic()),
            )
            for _, result in self.results():
                return result
            if failure := self.failure():
                self.kill()
                if not self.is_ready and (self.process.exitcode or 0) > 0:
                    raise cannot_start(failure.diagnostic.message)
                return failure

    def failure(self) -> Failure | None:
        """Return why it has stopped working; `None` while it is alive and in time."""
        if self._is_closed or not (self.process.is_alive() or self.connection.poll()):
            return Failure(diagnose(WorkerLost(_describe_exit(self.process.exitcode))))
        if time.monotonic() > self.deadline:
            return Failure(diagnose(TimedOut(f"{self._limits.timeout:g}")))
        return None

    def kill(self) -> None:
        """Kill it, from any thread; whoever waits for its result gets a `Failure`."""
        self._is_killed = True
        self.process.kill()

    def end(self) -> None:
        """Kill it, unless it is leaving and ends in time, and remove its files."""
        if self.is_leaving:
            self.process.join(_LEAVE)
        self.process.kill()
        self.process.join()
        self.connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _receive(self) -> bytes:
        """Return its next message; empty if there is none, or there will be none."""
        try:
            return self.connection.recv_bytes() if self.connection.poll() else b""
        except (EOFError, OSError):
            # It has ended, or is about to.
            self._is_closed = True
            self.process.join(_LEAVE)
            return b""

    def _send(self) -> None:
        """Send tasks, but none that could block: a busy worker does not read its pipe."""
        while self._unsent and (
            len(self._unsent) == len(self.tasks) or len(self._unsent[0]) <= _SEND_AHEAD_BYTES
        ):
            with contextlib.suppress(OSError):  # it has ended; see `failure`
                self.connection.send_bytes(self._unsent[0])
            self._unsent.popleft()


def _serve(
    connection: Connection, prepare: Prepare, limits: Limits, replace_after: int, folder: str
) -> None:
    """Run tasks until there are no more: the main function of a worker process.

    Garbage is collected between tasks. Within one, and while modules are loaded, looking for it
    takes a twentieth of the time and finds next to nothing.
    """
    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Standard output is the command's own; libraries, checks and packs may print.
    sys.stdout = sys.stderr
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    memory = limits.memory * 2**20
    limit_memory(memory)
    write_no_core()
    try:
        handler = prepare()
    except ImrgenError as error:
        connection.send_bytes(_pack(error, is_leaving=True))
        return
    connection.send_bytes(_pack(None, is_leaving=False))

    signal.signal(signal.SIGALRM, lambda number, frame: interrupt(limits))
    for number in itertools.count(1):
        try:
            task = connection.recv()
        except EOFError:
            return
        end = time.monotonic() + limits.timeout
        result = _run(handler, task, limits.timeout)
        # A task that was interrupted may have left libraries in any state.
        is_late = time.monotonic() > end
        is_leaving = is_late or number >= replace_after or memory_size()[1] > memory // 2
        connection.send_bytes(_pack(result, is_leaving))
        if is_leaving:
            return
        del task, result
        gc.collect(0 if number % _COLLECT_ALL else 2)
        if number == 1:
            gc.freeze()  # modules, templates and fonts, which have all been loaded by now


def _run(handler: Handler, task: Any, timeout: float) -> Any:
    try:
        signal.setitimer(signal.ITIMER_REAL, timeout)
        try:
            return handler(task)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except BaseException as exception:
        return Failure(diagnose(exception))


def _pack(result: Any, is_leaving: bool) -> bytes:
    try:
        content = pickle.dumps(result, pickle.HIGHEST_PROTOCOL)
    except Exception as exception:
        content = pickle.dumps(Failure(diagnose(exception)))
    if len(content) > _MOST_BYTES:
        content = pickle.dumps(Failure(diagnose(MemoryError())))
    return bytes([is_leaving]) + content


def _unpack(content: bytes) -> Any:
    try:
        return pickle.loads(content)  # noqa: S301 - our own worker's
    except Exception as exception:
        return Failure(diagnose(exception))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def cannot_start(reason: str) -> WorkerError:
    """Return the error for workers that end by themselves before they are ready."""
    return WorkerError.of(
        codes.WORKERS_NOT_STARTED,
        f"the workers end before they are ready: {reason}",
        "a program that uses workers must do so under `if __name__ == '__main__':`, not when it is "
        "imported, since each worker imports its main module",
    )


def _describe_exit(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by signal {-code} ({signal.Signals(-code).name})"
    return f"exited with code {code}"
