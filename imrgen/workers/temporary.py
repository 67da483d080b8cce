"""A temporary folder of this process, which the next batch removes if this one is killed."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing.util
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "imrgen-batch-"
_LOCK = "lock"


@functools.cache
def scratch() -> Path:
    """Give the folder; WeasyPrint's and multiprocessing's temporary files are put there too.

    Folders of processes that were killed are removed: a lock on each tells whether its process
    still lives.
    """
    parent = Path(tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    _hold(folder / _LOCK)
    # Behind multiprocessing's own folder in it, which goes at -100.
    multiprocessing.util.Finalize(None, _remove, (folder, os.getpid()), exitpriority=-200)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        multiprocessing.util.get_temp_dir()  # makes it once in a process, wherever temporary files go by then
    finally:
        tempfile.tempdir = before
    for other in parent.glob(f"{_PREFIX}*"):
        if other != folder:
            with contextlib.suppress(OSError):
                os.close(_hold(other / _LOCK))
                shutil.rmtree(other)
    return folder


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _hold(lock: Path) -> int:
    import fcntl

    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle
