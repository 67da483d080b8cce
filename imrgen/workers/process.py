"""Limits of a whole process, for processes of imrgen's own: workers, and the command line."""

import contextlib
import faulthandler
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType

from imrgen.diagnostics import LimitError, WorkerError, codes
from imrgen.workers.limits import Limits, TimedOut, diagnose, interrupt

try:
    import resource
except ModuleNotFoundError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

GRACE = 1.5
"""Seconds in which what was interrupted must end before its process is ended."""

_SOON = 0.02
"""Seconds until what may not be interrupted at the moment is asked again."""

_restarts: list[Callable[[], None]] = []
_held: list[None] = []


@contextlib.contextmanager
def limited(limits: Limits) -> Iterator[None]:
    """Limit the time and the memory of this process for what is done within.

    What takes too long is interrupted, again and again. A library that does not return to Python
    meanwhile is ended with the process, which then prints where it was.

    Where the system does not limit memory (`limits_memory`), only time is limited.

    Args:
        limits: The limits; the memory is added to what the process has already.

    Raises:
        LimitError: A limit was reached.
    """
    alarm = _alarm()

    def start(seconds: float = limits.timeout) -> None:
        alarm.set(seconds, GRACE)
        faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=2)

    def end(number: int, frame: FrameType | None) -> None:
        if not alarm.is_due():
            if callable(before):
                before(number, frame)
            return
        if _held:
            alarm.set(_SOON, GRACE)
            return
        start(GRACE)
        interrupt(limits)

    soft_limit = _memory_limit()
    limit_memory(memory_size()[0] + limits.memory * 2**20)
    before = signal.signal(alarm.number, end)
    _restarts.append(start)
    start()
    try:
        yield
    except (TimedOut, MemoryError, RecursionError) as reached:
        raise LimitError([diagnose(reached)]) from None
    finally:
        faulthandler.cancel_dump_traceback_later()
        alarm.set(0)
        signal.signal(alarm.number, before)
        _restarts.pop()
        limit_memory(soft_limit)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Let no limit of this process interrupt what is done within, which must be short.

    It may still end the process.
    """
    _held.append(None)
    try:
        yield
    finally:
        _held.pop()


def restart_clock() -> None:
    """Give what follows its whole time again, where the time of this process is limited."""
    for restart in _restarts[-1:]:
        restart()


class _SystemAlarm:
    """The system's own alarm, a signal that nothing else raises here."""

    number = getattr(signal, "SIGALRM", signal.SIGINT)  # Windows, where none is made, has none

    def set(self, seconds: float, interval: float = 0.0) -> None:
        """Ring in so many seconds, and then again and again; with 0, do not."""
        signal.setitimer(signal.ITIMER_REAL, seconds, interval)

    def is_due(self) -> bool:
        """Return whether the signal comes of the alarm."""
        return True


class _ThreadAlarm:
    """An alarm for Windows, which has none: a thread that interrupts the main one as Ctrl-C does.

    Ctrl-C itself goes on to whoever handles it.
    """

    number = signal.SIGINT

    def __init__(self) -> None:
        import threading

        self._changed = threading.Condition()
        self._due: float | None = None
        self._interval = 0.0
        self._is_due = False
        threading.Thread(target=self._watch, daemon=True).start()

    def set(self, seconds: float, interval: float = 0.0) -> None:
        """Ring in so many seconds, and then again and again; with 0, do not, and end."""
        import time

        with self._changed:
            self._due = time.monotonic() + seconds if seconds else None
            self._interval = interval
            self._is_due = False
            self._changed.notify()

    def is_due(self) -> bool:
        """Return whether the signal comes of the alarm."""
        is_due, self._is_due = self._is_due, False
        return is_due

    def _watch(self) -> None:
        import _thread
        import time

        with self._changed:
            self._changed.wait_for(lambda: self._due is not None)
            while self._due is not None:
                self._changed.wait(max(0.0, self._due - time.monotonic()))
                if self._due is not None and time.monotonic() >= self._due:
                    self._due += self._interval
                    self._is_due = True
                    _thread.interrupt_main(self.number)


def _alarm() -> _SystemAlarm | _ThreadAlarm:
    return _SystemAlarm() if hasattr(signal, "setitimer") else _ThreadAlarm()


def starts_workers() -> bool:
    """Return whether worker processes can be started on this system: they are forked of a server.

    Windows has no fork.
    """
    return hasattr(os, "fork")


def require_workers() -> None:
    """Refuse what needs worker processes where none can be started.

    Raises:
        WorkerError: None can be.
    """
    if not starts_workers():
        raise WorkerError.of(
            codes.WORKERS_NOT_STARTED,
            "this needs worker processes, which imrgen cannot start on Windows: it has no fork",
            "make letters with `imrgen render`, which takes several cases, or in a program with an "
            "imrgen.Renderer; or run imrgen in the Windows Subsystem for Linux",
        )


def limits_memory() -> bool:
    """Return whether the memory of a process can be limited: only Linux both tells and limits it.

    macOS takes a limit and does not keep to it, and Windows has none.
    """
    return memory_size()[0] > 0


def limit_memory(size: int) -> None:
    """Limit the address space to so many bytes; beyond them, Python raises `MemoryError`."""
    if not limits_memory():
        return
    _, hard_limit = resource.getrlimit(resource.RLIMIT_AS)
    # There is a lower limit already, or the system has no such limit.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (size, hard_limit))


def write_no_core() -> None:
    """Write no file with the memory of this process, should it crash: it would hold cases."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def memory_size() -> tuple[int, int]:
    """Return the bytes of address space and of memory of this process.

    Where the system does not tell them, as macOS, the first is 0, and the second the most that it
    has ever had; on Windows both are 0.
    """
    if resource is None:
        return 0, 0
    try:
        with open("/proc/self/statm", "rb") as stream:  # noqa: PTH123
            size, resident = (int(pages) for pages in stream.read().split()[:2])
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return 0, most if sys.platform == "darwin" else most * 1024
    return size * resource.getpagesize(), resident * resource.getpagesize()


def _memory_limit() -> int:
    """Return the limit of the address space; -1 where there is none."""
    return resource.getrlimit(resource.RLIMIT_AS)[0] if limits_memory() else -1
