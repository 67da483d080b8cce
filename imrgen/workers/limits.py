"""The limits of a task, and the diagnostic of each limit that is exceeded."""

import threading
from typing import NoReturn

import msgspec

from imrgen.diagnostics import Diagnostic, ImrgenError, codes


class Limits(msgspec.Struct, frozen=True):
    """The limits of a task.

    Args:
        timeout: Seconds.
        memory: Mebibytes of address space.

    Raises:
        TypeError: One of them is not a number.
        ValueError: One of them is not above 0.
    """

    timeout: float = 120.0
    memory: int = 2048

    def __post_init__(self) -> None:
        for name, value, kind in (("timeout", self.timeout, float), ("memory", self.memory, int)):
            if isinstance(value, bool) or not isinstance(value, int | kind):
                raise TypeError(f"`{name}` is a number, not {type(value).__name__}")
            if not value > 0:
                raise ValueError(f"`{name}` is above 0")


def checked_jobs(jobs: int, least: int = 1) -> int:
    """Return a number of jobs that a caller has given, once it is known to be one.

    Raises:
        TypeError: It is not a whole number.
        ValueError: It is too small.
    """
    if isinstance(jobs, bool) or not isinstance(jobs, int):
        raise TypeError(f"`jobs` is a whole number, not {type(jobs).__name__}")
    if jobs < least:
        raise ValueError(f"`jobs` is at least {least}")
    return jobs


class TimedOut(BaseException):
    """A task exceeds its time limit and is interrupted; the argument is the limit in seconds.

    It is not an `Exception`, so that no library mistakes it for an error of its own.
    """


_interrupted = threading.Event()


def interrupt(limits: Limits) -> NoReturn:
    """Interrupt the task of this worker process, which takes no other one afterwards."""
    _interrupted.set()
    raise TimedOut(f"{limits.timeout:g}")


def was_interrupted() -> bool:
    """Return whether the task of this process was interrupted, whatever became of the exception."""
    return _interrupted.is_set()


class WorkerLost(Exception):  # noqa: N818 - what happened, seen from the pool
    """A worker ended before its task was done; the argument says how."""


class Failure(msgspec.Struct, frozen=True):
    """The result of a task that failed.

    Args:
        diagnostic: The reason; it contains nothing of the task.
    """

    diagnostic: Diagnostic


_EXCEEDED: tuple[tuple[type[BaseException], str, str, str], ...] = (
    (
        TimedOut,
        codes.TIMED_OUT,
        "took longer than {} seconds",
        "look for a loop without an end; --timeout allows more time",
    ),
    (
        WorkerLost,
        codes.WORKER_LOST,
        "its worker process was lost: {}",
        "look at the case; --memory allows a worker more memory",
    ),
    (
        MemoryError,
        codes.OUT_OF_MEMORY,
        "took more memory than a letter may",
        "look for text that grows without an end; --memory raises the limit",
    ),
    (
        RecursionError,
        codes.NESTED_TOO_DEEP,
        "is nested too deep",
        "nest fewer elements, and look for a macro or an include that asks for itself",
    ),
)


def diagnose(exception: BaseException) -> Diagnostic:
    """Return the diagnostic of an exceeded limit, of imrgen's own error, or of an unexpected one.

    The message of an unexpected exception is left out: it may quote a case. Where it was raised is
    logged.
    """
    for kind, code, message, hint in _EXCEEDED:
        if isinstance(exception, kind):
            return Diagnostic(code, message.format(exception), hints=(hint,))
    if isinstance(exception, ImrgenError) and exception.diagnostics:
        return exception.diagnostics[0]
    message = f"a fault of imrgen's own, or of a check or a pack ({type(exception).__name__})"
    _log_frames(exception, message)
    return Diagnostic(codes.INTERNAL_FAULT, message)


def _log_frames(exception: BaseException, message: str) -> None:
    import logging  # for a fault only
    import traceback

    frames: list[str] = []
    fault: BaseException | None = exception
    while fault is not None and len(frames) < 100:
        frames += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(fault.__traceback__)
        ]
        fault = fault.__cause__ or fault.__context__
        if fault is not None:
            frames.append(f"  after {type(fault).__name__}:")
    logging.getLogger("imrgen").error("%s\n%s", message, "\n".join(frames))
