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
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    _lock(folder / _LOCK, os.O_CREAT)
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
                    os.close(_lock(other / _LOCK))
                    shutil.rmtree(other)
    return folder


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
