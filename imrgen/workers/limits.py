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
    """A worker's task takes longer than it may, and is interrupted.

    It is not an `Exception`, so that no library takes it for a fault of its own.

    Args:
        timeout: How many seconds the task could take.
    """

    def __init__(self, timeout: float) -> None:
        super().__init__(timeout)
        self.timeout = timeout


class WorkerLost(Exception):  # noqa: N818 - what happened, seen from the pool
    """A worker ended before its task was done.

    Args:
        reason: How it ended.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Failure(msgspec.Struct, frozen=True):
    """What a pool returns for a task that has no answer.

    Args:
        diagnostic: Why; it holds nothing of the task.
    """

    diagnostic: Diagnostic


def diagnose(fault: BaseException) -> Diagnostic:
    """Return the diagnostic of a limit that was reached, or of an unexpected exception.

    It holds no message of the exception, which might quote a case.
    """
    hints: tuple[str, ...] = ()
    if isinstance(fault, TimedOut):
        code, message = codes.TIMED_OUT, f"took longer than {fault.timeout:g} seconds"
        hints = ("look for a loop without an end; --timeout gives more time",)
    elif isinstance(fault, MemoryError):
        code, message = codes.OUT_OF_MEMORY, "took more memory than a letter may"
        hints = ("look for text that grows without an end; --memory raises the limit",)
    elif isinstance(fault, RecursionError):
        code, message = codes.NESTED_TOO_DEEP, "is nested too deep"
    elif isinstance(fault, WorkerLost):
        code, message = codes.WORKER_LOST, f"its worker process was lost: {fault.reason}"
        hints = ("look at the case; --memory raises how much memory a worker may take",)
    else:
        code = codes.INTERNAL_FAULT
        message = f"a fault of imrgen's own, or of a check or a pack ({type(fault).__name__})"
    return Diagnostic(code, message, hints=hints)
