"""A worker process: its pipe, its tasks, how it ends, and what it runs.

Each worker has a pipe of its own. Libraries share one pipe and one lock among all workers: a worker
that is killed while it holds the lock, or in the middle of a message, takes the others' work along
(concurrent.futures breaks the whole pool, pebble waits for the lock), and nobody knows what a
worker is doing.
"""

from __future__ import annotations

import collections
import contextlib
import itertools
import multiprocessing
import os
import pickle
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from imrgen.diagnostics import ImrgenError
from imrgen.workers.limits import Failure, Limits, TimedOut, WorkerLost, diagnose

# What a worker calls with each task, and what makes that in the worker.
Handler = Callable[[Any], Any]
Prepare = Callable[[], Handler]

# Seconds in which a task that was interrupted must end, before its worker is killed.
_GRACE = 5.0
# Seconds in which a worker must be ready.
_START = 60.0
# Bytes of a task that is sent while the worker is busy: the pipe holds them, so nobody waits.
_AHEAD = 32 * 1024


class Worker:
    """A worker process, seen from the process that started it.

    Args:
        context: The context of `multiprocessing` that starts it.
        prepare: Makes what is called with each task; it is called in the worker.
        limits: What it may take for a task.
        replace_after: After how many tasks it ends.
        parent: Where its temporary folder is made, which is removed with it.
        number: From 1.

    Attributes:
        tasks: The task that it is doing, and those that follow.
        since: When it began what it is doing, by `time.monotonic`.
        done: How many tasks it has done.
        is_ready: Whether it takes tasks.
        is_leaving: Whether it ends by itself after its last answer.
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
        self.is_ready = self.is_leaving = False
        self._is_closed = self._is_killed = False
        self._limits = limits
        self._unsent: collections.deque[bytes] = collections.deque()
        self._folder = tempfile.mkdtemp(dir=parent)
        self.connection, theirs = context.Pipe()
        settings = (theirs, prepare, limits, replace_after, self._folder)
        self.process = context.Process(target=_serve, args=settings, daemon=True)
        self.process.start()
        theirs.close()

    @property
    def is_usable(self) -> bool:
        """Whether it can be given a task."""
        return not (self.is_leaving or self._is_killed) and self.process.is_alive()

    @property
    def deadline(self) -> float:
        """When it is killed unless it answers, by `time.monotonic`."""
        if not self.is_ready:
            return self.since + _START
        return self.since + self._limits.timeout + _GRACE if self.tasks else float("inf")

    def give(self, task: Any) -> None:
        """Give it a task, which it does after those that it has."""
        if self.is_ready and not self.tasks:
            self.since = time.monotonic()
        self.tasks.append(task)
        self._unsent.append(pickle.dumps(task, pickle.HIGHEST_PROTOCOL))
        self._send()

    def answers(self) -> Iterator[tuple[Any, Any]]:
        """Receive what it has sent: each task that it has done, with its answer or `Failure`.

        Raises:
            ImrgenError: It cannot do anything at all.
        """
        while content := self._receive():
            self.is_leaving = content[0] == 1
            answer = _unpack(content[1:])
            self.since = time.monotonic()
            if self.is_ready:
                self.done += 1
                task = self.tasks.popleft()
                self._send()
                yield task, answer
                continue
            self.is_ready = True
            if isinstance(answer, ImrgenError):
                raise answer

    def do(self, task: Any) -> Any:
        """Give it a task, wait, and return the answer or the `Failure`; it must have no other."""
        self.give(task)
        while True:
            wait(
                [self.connection, self.process.sentinel],
                max(0.0, self.deadline - time.monotonic()),
            )
            for _, answer in self.answers():
                return answer
            if failure := self.failure():
                self.kill()
                return failure

    def failure(self) -> Failure | None:
        """Return why it does nothing more; `None` while it is alive and in time."""
        if self._is_closed or not (self.process.is_alive() or self.connection.poll()):
            return Failure(diagnose(WorkerLost(_exit(self.process.exitcode))))
        if time.monotonic() > self.deadline:
            return Failure(diagnose(TimedOut(f"{self._limits.timeout:g}")))
        return None

    def kill(self) -> None:
        """Kill it, from any thread; whoever waits for its answer gets a `Failure`."""
        self._is_killed = True
        self.process.kill()

    def end(self) -> None:
        """Kill it and remove what it left; one that is leaving has its time to do so."""
        if self.is_leaving:
            self.process.join(_GRACE)
        self.process.kill()
        self.process.join()
        self.connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _receive(self) -> bytes:
        """Return its next message; nothing where there is none now, or no more."""
        try:
            return self.connection.recv_bytes() if self.connection.poll() else b""
        except (EOFError, OSError):
            # It has ended, or is about to.
            self._is_closed = True
            self.process.join(_GRACE)
            return b""

    def _send(self) -> None:
        """Send tasks, but none that could fill the pipe of a worker that does not read it."""
        while self._unsent and (
            len(self._unsent) == len(self.tasks) or len(self._unsent[0]) <= _AHEAD
        ):
            with contextlib.suppress(OSError):  # it has ended, which `failure` finds
                self.connection.send_bytes(self._unsent[0])
            self._unsent.popleft()


def _serve(
    connection: Connection, prepare: Prepare, limits: Limits, replace_after: int, folder: str
) -> None:
    """Do tasks until there are no more: the whole life of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Standard output is the command's own; libraries, checks and packs may print.
    sys.stdout = sys.stderr
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    memory = limits.memory * 2**20
    _limit(memory)
    try:
        handler = prepare()
    except ImrgenError as error:
        connection.send_bytes(_pack(error, is_leaving=True))
        return
    connection.send_bytes(_pack(None, is_leaving=False))

    def interrupt(number: int, frame: object) -> None:
        raise TimedOut(f"{limits.timeout:g}")

    signal.signal(signal.SIGALRM, interrupt)
    for served in itertools.count(1):
        try:
            task = connection.recv()
        except EOFError:
            return
        end = time.monotonic() + limits.timeout
        answer = _answer(handler, task, limits.timeout)
        # What was interrupted may have left anything half changed.
        is_late = time.monotonic() > end
        is_leaving = is_late or served >= replace_after or _resident() > memory // 2
        connection.send_bytes(_pack(answer, is_leaving))
        if is_leaving:
            return


def _answer(handler: Handler, task: Any, timeout: float) -> Any:
    try:
        signal.setitimer(signal.ITIMER_REAL, timeout)
        try:
            return handler(task)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except BaseException as fault:
        return Failure(diagnose(fault))


def _pack(answer: Any, is_leaving: bool) -> bytes:
    try:
        content = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    except Exception as fault:
        content = pickle.dumps(Failure(diagnose(fault)))
    return bytes([is_leaving]) + content


def _unpack(content: bytes) -> Any:
    try:
        return pickle.loads(content)  # noqa: S301 - our own worker's
    except Exception as fault:
        return Failure(diagnose(fault))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _limit(memory: int) -> None:
    """Have the system refuse more memory, whereupon Python raises `MemoryError`."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    # A lower limit is set already, or the system knows none.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _resident() -> int:
    try:
        with open("/proc/self/statm", "rb") as stream:  # noqa: PTH123
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _exit(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by signal {-code} ({signal.Signals(-code).name})"
    return f"exited with code {code}"
