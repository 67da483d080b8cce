"""Temporary folders of engines, which are removed once their engine is gone."""

import atexit
import collections
import contextlib
import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

from imrgen.workers import temporary_files, temporary_folder

_dropped: collections.deque[weakref.ref[Any]] = collections.deque()
_folders: dict[int, tuple[weakref.ref[Any], Path, int]] = {}
"""Each folder with whom it was made for, and the process that made it."""


def folder_for(owner: object) -> Path:
    """Return a new folder, which is removed some time after its owner is gone.

    With the next one, or at the end: not at once, since no code in Python may run then: what a
    signal handler raised in it, such as the time limit of a task, would be lost. A process that was
    forked leaves the folder to its parent. What a killed process leaves, another one removes.

    Args:
        owner: Whom it is made for.

    Raises:
        OutputError: Nothing can be written where temporary files are.
    """
    with contextlib.suppress(IndexError):  # there is no other
        while True:
            _remove(id(_dropped.popleft()))
    with temporary_files():
        folder = Path(tempfile.mkdtemp(dir=temporary_folder()))
    reference = weakref.ref(owner, _dropped.append)
    _folders[id(reference)] = reference, folder, os.getpid()
    return folder


def _remove(number: int) -> None:
    _, folder, maker = _folders[number]
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)
    _folders.pop(number, None)


@atexit.register
def _remove_all() -> None:
    for number in [*_folders]:
        _remove(number)
