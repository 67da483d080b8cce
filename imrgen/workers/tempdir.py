"""The temporary folder of this process, which another process removes if this one is killed."""

import contextlib
import fcntl
import functools
import multiprocessing.util
import os
import shutil
import stat
import tempfile
from pathlib import Path

_PREFIX = "imrgen-workers-"
_LOCK = "lock"


def temporary_folder() -> Path:
    """Return the temporary folder of this process, which multiprocessing uses, too.

    It is removed when the process ends; a process that is forked gets one of its own. Folders of
    processes that were killed are removed now: a lock in each folder shows whether its process is
    still alive.
    """
    return _folder_of(os.getpid())


@functools.cache
def _folder_of(owner: int) -> Path:
    parent = Path(tempfile.gettempdir())
    folder = _new_folder()
    # After multiprocessing's own folder in it, which is removed at -100.
    multiprocessing.util.Finalize(None, _remove, (folder, owner), exitpriority=-200)
    default = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        multiprocessing.util.get_temp_dir()  # created once per process, in tempdir's current value
    finally:
        tempfile.tempdir = default
    for other in parent.glob(f"{_PREFIX}*"):
        if other != folder:
            with contextlib.suppress(OSError):
                state = other.lstat()
                # In a folder for all users, another one's could lead elsewhere.
                if stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid():
                    handle = _lock(other / _LOCK)
                    try:
                        shutil.rmtree(other)
                    finally:
                        os.close(handle)
    return folder


def _new_folder() -> Path:
    """Return a new folder, its lock taken before another process could take it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            handle = _lock(folder / _LOCK, os.O_CREAT)
        except (BlockingIOError, FileNotFoundError):
            continue  # another process, which has just started, is removing it
        if os.fstat(handle).st_nlink:
            return folder
        os.close(handle)  # it has been removed


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _lock(path: Path, flags: int = 0) -> int:
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | flags, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle
