"""Programs timed in turns, each in a process of its own.

In turns, because what slows the machine then slows all of them alike. Each in a process of its own,
because WeasyPrint reads the machine's fonts once for a process, and so that one program's memory is
not another's burden.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

Maker = Callable[[int], Callable[[], bytes]]
"""Gets ready for the letter of a turn, which is not timed, and gives what makes its PDF, which
is.
"""


class Contestant:
    """A program in its own process.

    Args:
        name: What it is called in the tables.
        found: Makes the maker, in the process; raises `ImportError` or `FileNotFoundError` where it
            is not installed.
    """

    def __init__(self, name: str, found: Callable[[], Maker]) -> None:
        self.name = name
        self.seconds: list[float] = []
        self.seconds_of_processor: list[float] = []
        spawning = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawning.Pipe()
        self._process = spawning.Process(target=_serve, args=(found, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.missing: str | None = self._answer()

    def make(self, turn: int) -> bytes:
        """Make a turn's letter, and keep the time that it took."""
        self._pipe.send(turn)
        took, of_processor, pdf = self._answer()
        self.seconds.append(took)
        self.seconds_of_processor.append(of_processor)
        return pdf

    def forget(self) -> None:
        """Forget the times so far."""
        self.seconds.clear()
        self.seconds_of_processor.clear()

    @property
    def median(self) -> float:
        """The median of the seconds that its letters took."""
        return statistics.median(self.seconds)

    @property
    def median_of_processor(self) -> float:
        """The median of the seconds of the processor's that its process took for its letters.

        What a browser of its own takes is not in them.
        """
        return statistics.median(self.seconds_of_processor)

    @property
    def resident(self) -> int:
        """The bytes of memory that its process has now."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * 4096

    def end(self) -> None:
        """Let its process end."""
        if self._process.is_alive():
            self._pipe.send(None)
        self._process.join()

    def _answer(self) -> Any:
        answer = self._pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer


def race(contestants: Iterable[Contestant], turns: int) -> None:
    """Let each make a letter in each turn, after a turn that does not count."""
    contestants = list(contestants)
    for turn in range(turns + 1):
        # Who goes first changes, since the first finds the processor's caches cold.
        for contestant in (
            contestants[turn % len(contestants) :] + contestants[: turn % len(contestants)]
        ):
            contestant.make(turn)
            if not turn:
                contestant.forget()


def _serve(found: Callable[[], Maker], pipe: Connection) -> None:
    try:
        maker = found()
    except (ImportError, FileNotFoundError) as fault:
        pipe.send(f"not installed ({fault})")
        return
    pipe.send(None)
    while (turn := pipe.recv()) is not None:
        try:
            make = maker(turn)
            start, of_processor = time.perf_counter(), time.process_time()
            pdf = make()
            took = time.perf_counter() - start
            pipe.send((took, time.process_time() - of_processor, pdf))
        except Exception as fault:
            pipe.send(RuntimeError(f"{maker.__qualname__}: {type(fault).__name__}: {fault}"))
