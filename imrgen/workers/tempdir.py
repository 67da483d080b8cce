"""The temporary folder of this process, which another process removes if this one is killed."""

import atexit
import contextlib
import functools
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from imrgen.diagnostics import OutputError, codes
from imrgen.workers.foreign import is_foreign

_PREFIX = "imrgen-"
"""Short: the sockets of multiprocessing stand below it, whose names macOS limits to 103 bytes, of
which 48 are the folder for temporary files."""
_LOCK = ".imrgen-process"


def temporary_folder() -> Path:
    """Return the temporary folder of this process, in which all that it writes meanwhile stands.

    It is removed when the process ends; a process that is forked gets one of its own. Folders of
    processes that were killed are removed now: a lock in each folder shows whether its process is
    still alive. Windows has no such lock, and keeps what a killed process leaves.

    Raises:
        OutputError: Nothing can be written where temporary files are.
    """
    with temporary_files():
        folder = _folder_of(os.getpid())
        if not folder.is_dir():  # some program clears out old files meanwhile
            _folder_of.cache_clear()
            folder = _folder_of(os.getpid())
        return folder


@contextlib.contextmanager
def temporary_files() -> Iterator[None]:
    """Turn a failure to write temporary files into an error.

    Raises:
        OutputError: They cannot be written.
    """
    try:
        yield
    except OSError as fault:
        if is_foreign(fault):
            raise
        raise no_temporary_files(fault.strerror or type(fault).__name__) from None


def no_temporary_files(reason: str) -> OutputError:
    """Return the error for temporary files that cannot be written.

    Args:
        reason: Why, in the words of the system; no value of a case.
    """
    place = f" {tempfile.tempdir}" if tempfile.tempdir else ""
    return OutputError.of(
        codes.FILE_NOT_WRITTEN,
        f"the folder{place} for temporary files cannot be written: {reason}",
        "free some space there, or name another folder in the environment variable TMPDIR "
        "(on Windows: TEMP)",
    )


@functools.cache
def _folder_of(owner: int) -> Path:
    folder = _new_folder()
    if "multiprocessing.util" in sys.modules:
        import multiprocessing.util  # has been loaded

        # After multiprocessing's own folder in it, which is removed at -100.
        multiprocessing.util.Finalize(None, _remove, (folder, owner), exitpriority=-200)
    else:
        atexit.register(_remove, folder, owner)
    if _has_locks():
        _sweep(folder)
    return folder


def _sweep(mine: Path) -> None:
    """Remove the folders of processes that were killed."""
    with os.scandir(mine.parent) as entries:
        others = [Path(entry) for entry in entries if entry.name.startswith(_PREFIX)]
    for other in others:
        if other != mine:
            with contextlib.suppress(OSError):
                state = other.lstat()
                # In a folder for all users, another one's could lead elsewhere.
                if stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid():
                    handle = _lock(other / _LOCK)
                    try:
                        shutil.rmtree(other)
                    finally:
                        os.close(handle)


def _new_folder() -> Path:
    """Return a new folder, its lock taken before another process could take it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        if not _has_locks():
            return folder
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


def _has_locks() -> bool:
    """Return whether the system locks files for as long as a process lives: Windows does not."""
    return hasattr(os, "getuid")


def _lock(path: Path, flags: int = 0) -> int:
    import fcntl  # Windows has none

    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | flags, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise
    return handle
