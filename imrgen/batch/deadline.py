"""Something that may take only so long, in a process that must go on without it."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

_GRACE = 5.0
_PAUSE = 0.5

Answer = TypeVar("Answer")


class LateError(Exception):
    """It took too long.

    Args:
        ended: Whether it was ended. Python code can be; what never comes back from a library in C
            goes on for as long as its process, and keeps what it holds.
    """

    def __init__(self, ended: bool) -> None:
        super().__init__()
        self.ended = ended


def within(seconds: float | None, do: Callable[[], Answer]) -> Answer:
    """Do something in a thread that does nothing else, and give it up where it takes too long.

    Args:
        seconds: How long it may take; `None`: it is done in this thread, for as long as it takes.
        do: What to do.

    Raises:
        LateError: It took longer.
    """
    if seconds is None:
        return do()
    told: list[tuple[Any, BaseException | None]] = []

    def work() -> None:
        try:
            told.append((do(), None))
        except BaseException as fault:
            told.append((None, fault))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise LateError(_end(thread))
    answer, fault = told[0]
    if fault is not None:
        raise fault
    return answer  # type: ignore[no-any-return]


def _end(thread: threading.Thread) -> bool:
    until = time.monotonic() + _GRACE
    while thread.is_alive() and time.monotonic() < until:
        # More than once: a callback of a library in C may keep an exception to itself.
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit)
        )
        thread.join(_PAUSE)
    return not thread.is_alive()
