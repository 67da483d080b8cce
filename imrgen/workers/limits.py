"""What a task may take, and the diagnostic of each limit that it reaches."""

from __future__ import annotations

import msgspec

from imrgen.diagnostics import Diagnostic, codes


class Limits(msgspec.Struct, frozen=True):
    """What a worker may take for one task.

    Args:
        timeout: Seconds.
        memory: Mebibytes of address space.
    """

    timeout: float = 120.0
    memory: int = 2048


class TimedOut(BaseException):
    """A worker's task takes longer than it may, and is interrupted; with how many seconds it may.

    It is not an `Exception`, so that no library takes it for a fault of its own.
    """


class WorkerLost(Exception):  # noqa: N818 - what happened, seen from the pool
    """A worker ended before its task was done; with how it ended."""


class Failure(msgspec.Struct, frozen=True):
    """What a pool returns for a task that has no answer.

    Args:
        diagnostic: Why; it holds nothing of the task.
    """

    diagnostic: Diagnostic


_REACHED: tuple[tuple[type[BaseException], str, str, str], ...] = (
    (
        TimedOut,
        codes.TIMED_OUT,
        "took longer than {} seconds",
        "look for a loop without an end; --timeout gives more time",
    ),
    (
        WorkerLost,
        codes.WORKER_LOST,
        "its worker process was lost: {}",
        "look at the case; --memory raises how much memory a worker may take",
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


def diagnose(fault: BaseException) -> Diagnostic:
    """Return the diagnostic of a limit that was reached, or of an unexpected exception.

    It holds no message of a foreign exception, which might quote a case.
    """
    for kind, code, message, hint in _REACHED:
        if isinstance(fault, kind):
            return Diagnostic(code, message.format(fault), hints=(hint,))
    message = f"a fault of imrgen's own, or of a check or a pack ({type(fault).__name__})"
    return Diagnostic(codes.INTERNAL_FAULT, message)
