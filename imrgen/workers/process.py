"""Limits of a whole process, for processes of imrgen's own: workers, and the command line."""

import contextlib
import faulthandler
import resource
import signal
from collections.abc import Callable, Iterator

from imrgen.diagnostics import LimitError
from imrgen.workers.limits import Limits, TimedOut, diagnose, interrupt

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

    Args:
        limits: The limits; the memory is added to what the process has already.

    Raises:
        LimitError: A limit was reached.
    """

    def start(seconds: float = limits.timeout) -> None:
        signal.setitimer(signal.ITIMER_REAL, seconds, GRACE)
        faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=2)

    def end(number: int, frame: object) -> None:
        if _held:
            signal.setitimer(signal.ITIMER_REAL, _SOON, GRACE)
            return
        start(GRACE)
        interrupt(limits)

    soft_limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    limit_memory(memory_size()[0] + limits.memory * 2**20)
    handler = signal.signal(signal.SIGALRM, end)
    _restarts.append(start)
    start()
    try:
        yield
    except (TimedOut, MemoryError, RecursionError) as reached:
        raise LimitError([diagnose(reached)]) from None
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
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


def limit_memory(size: int) -> None:
    """Limit the address space to so many bytes; beyond them, Python raises `MemoryError`."""
    _, hard_limit = resource.getrlimit(resource.RLIMIT_AS)
    # There is a lower limit already, or the system has no such limit.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (size, hard_limit))


def memory_size() -> tuple[int, int]:
    """Return the bytes of address space and of memory of this process; 0 where none are told."""
    try:
        with open("/proc/self/statm", "rb") as stream:  # noqa: PTH123
            size, resident = (int(pages) for pages in stream.read().split()[:2])
    except OSError:
        return 0, 0
    return size * resource.getpagesize(), resident * resource.getpagesize()
