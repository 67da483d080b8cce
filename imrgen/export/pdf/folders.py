"""Temporary folders of engines, which are removed once their engine is gone."""

import atexit
import collections
import contextlib
import os
import shutil
import weakref
from typing import Any

_dropped: collections.deque[weakref.ref[Any]] = collections.deque()
_folders: dict[int, tuple[weakref.ref[Any], str, int]] = {}
"""Each folder with whom it was made for, and the process that made it."""


def remove_after(owner: object, folder: str) -> None:
    """Remove a folder some time after its owner is gone: with the next one, or at the end.

    Not at once, since no code in Python may run then: what a signal handler raised in it, such as
    the time limit of a task, would be lost. A process that was forked leaves the folder to its
    parent.

    Args:
        owner: Whom it was made for.
        folder: The folder.
    """
    with contextlib.suppress(IndexError):  # there is no other
        while True:
            _remove(id(_dropped.popleft()))
    reference = weakref.ref(owner, _dropped.append)
    _folders[id(reference)] = reference, folder, os.getpid()


def _remove(number: int) -> None:
    _, folder, maker = _folders[number]
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)
    _folders.pop(number, None)


@atexit.register
def _remove_all() -> None:
    for number in [*_folders]:
        _remove(number)
