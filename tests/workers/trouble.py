"""Every way in which a worker can fail at a task, for workers to import."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import struct
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from imrgen.batch.messages import IdentifyCases, LetterFile, MakeLetters, Outcome
from imrgen.batch.task import TaskSettings, start_runner
from imrgen.preview.tasks import PreviewResult, ShowLetter

LOST, LATE, MEMORY, DEEP, FAULT = "IMR511", "IMR512", "IMR513", "IMR413", "IMR517"
SECRET = "Maria Sample"


class TwoArgumentsError(Exception):
    """It pickles, but does not unpickle."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} {other}")


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _exit() -> None:
    os._exit(3)


def _exit_in_python() -> None:
    sys.exit(SECRET)


def _crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _spin() -> None:
    while True:
        pass


def _spin_and_swallow() -> None:
    while True:
        try:
            _spin()
        except BaseException:
            continue


def _spin_in_a_library_that_catches() -> None:
    try:
        _spin()
    except Exception:
        return


def _hang_in_c() -> None:
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)


def _eat() -> None:
    bytearray(2**40)


def _recurse() -> None:
    _recurse()


def _raise() -> None:
    raise TwoArgumentsError(SECRET, SECRET)


def _answer_that_does_not_pickle() -> Any:
    return lambda: SECRET


def _answer_that_does_not_unpickle() -> Any:
    return TwoArgumentsError(SECRET, SECRET)


def _die_while_sending() -> None:
    def send_half(connection: Connection, content: bytes) -> None:
        os.write(connection.fileno(), struct.pack("!i", len(content)) + content[:1])
        os._exit(1)

    Connection.send_bytes = send_half  # type: ignore[method-assign,assignment]


def _leave_a_file_and_die() -> None:
    (Path(os.environ["TMPDIR"]) / "left.pdf").write_text(SECRET)
    _kill()


WAYS: dict[str, tuple[Callable[[], Any], str]] = {
    "killed": (_kill, LOST),
    "exits": (_exit, LOST),
    "crashes": (_crash, LOST),
    "dies while it sends": (_die_while_sending, LOST),
    "leaves a file": (_leave_a_file_and_die, LOST),
    "loops": (_spin, LATE),
    "loops and swallows": (_spin_and_swallow, LATE),
    "loops in a library that catches": (_spin_in_a_library_that_catches, LATE),
    "hangs in C": (_hang_in_c, LATE),
    "stopped": (_stop, LATE),
    "eats memory": (_eat, MEMORY),
    "recurses": (_recurse, DEEP),
    "raises": (_raise, FAULT),
    "exits in Python": (_exit_in_python, FAULT),
    "answer does not pickle": (_answer_that_does_not_pickle, FAULT),
    "answer does not unpickle": (_answer_that_does_not_unpickle, FAULT),
}
"""What a task does, and the code that it is reported with."""


def prepare() -> Callable[[Any], Any]:
    """Return a handler that fails in the way that a task names, and returns any other task."""

    def handle(task: Any) -> Any:
        return WAYS[task][0]() if task in WAYS else (os.getpid(), task)

    return handle


def prepare_preview() -> Callable[[ShowLetter], PreviewResult]:
    """Return a handler for the preview, which fails in the way that a letter's draft names."""

    def handle(task: ShowLetter) -> PreviewResult:
        draft = task.request.draft
        if draft in WAYS:
            WAYS[draft][0]()
        return PreviewResult(content={"html": draft})

    return handle


def prepare_runner(settings: TaskSettings, index_file: Path) -> Callable[[Any], Any]:
    """Return a runner for a batch, which fails in the way that a case's EAMS number names.

    Of every other case it makes a letter at once, so that no slow machine takes it for late.
    """
    run = start_runner(settings, index_file)

    def handle(task: IdentifyCases | MakeLetters) -> Any:
        if isinstance(task, IdentifyCases):
            return run(task)
        way = json.loads(task.case.content)["case"].get("eams_number")
        if way in WAYS:
            failed = WAYS[way][0]()
            if failed is not None:
                return failed
        return Outcome(
            task.position,
            task.case.origin,
            "",
            (LetterFile("text", "a.txt", "", 0, "determination", b"a"),),
        )

    return handle
