"""Files that are written whole or not at all."""

import errno
import os
import re
import stat
from pathlib import Path

from imrgen.diagnostics import OutputError, PlaceError, codes
from imrgen.workers import is_foreign

_PARTIAL = re.compile(r"\.imrgen-[0-9a-f]{16}\.partial")
_OF_THE_NAME = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EISDIR)
_EXACT = getattr(os, "O_BINARY", 0)  # else Windows writes other line ends
_KINDS = {stat.S_IFLNK: "a symbolic link", stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe"}


def write(path: Path, content: bytes, synced: bool = True, *, is_private: bool = False) -> None:
    """Write a file whose name imrgen has chosen, whole or not at all.

    It is written to a temporary file beside it, which is then renamed.

    Args:
        path: The file; one that exists is replaced, and keeps its permissions.
        content: All of it.
        synced: Whether the file outlasts a power failure from now on; whoever writes many calls
            `sync_folder` once.
        is_private: Whether nobody else may read it, even if anybody might read what was there.

    Raises:
        PlaceError: A link, a folder, a pipe or a device has this name, or it is too long.
        OutputError: It cannot be written. Nothing is left behind, and a file that was there stays
            as it was.
    """
    try:
        state = path.lstat() if os.path.lexists(path) else None
        if state and not stat.S_ISREG(state.st_mode):
            kind = _KINDS.get(stat.S_IFMT(state.st_mode), "a device or a socket")
            message = f"{path} cannot be written: it is {kind}, not a plain file"
            raise PlaceError.of(codes.FILE_NOT_WRITTEN, message, "remove it, or use another name")
        _replace(path, content, 0o600 if is_private else state and stat.S_IMODE(state.st_mode))
        if synced:
            sync_folder(path.parent)
    except OSError as fault:
        raise unwritable(str(path), fault) from None


def write_to(path: Path, content: bytes) -> None:
    """Write to what a user has named: a file, a link's target, a pipe or a device.

    A file is written as `write` does.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
    except OSError as fault:
        raise unwritable(str(path), fault) from None
    write(Path(os.path.realpath(path)), content)


def unwritable(place: str, fault: OSError) -> OutputError:
    """Return the error for a place that the operating system does not write to.

    What a signal handler raised is raised again.
    """
    if is_foreign(fault):
        raise fault
    message = f"{place} cannot be written: {fault.strerror or type(fault).__name__}"
    class_ = PlaceError if fault.errno in _OF_THE_NAME else OutputError
    return class_.of(codes.FILE_NOT_WRITTEN, message)


def is_partial(name: str) -> bool:
    """Return whether a file is one that `write` had not finished when its process was killed."""
    return _PARTIAL.fullmatch(name) is not None


def sync_folder(folder: Path) -> None:
    """Make the names of a folder's files outlast a power failure; Windows does so by itself.

    Raises:
        OSError: The folder is gone, or its disk is.
    """
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _replace(path: Path, content: bytes, mode: int | None) -> None:
    # Not with the file's name in it, which may be as long as the file system allows.
    partial = path.with_name(f".imrgen-{os.urandom(8).hex()}.partial")
    has_modes = hasattr(os, "fchmod")  # on Windows, a file has those of its folder
    if mode is None and has_modes:
        mode = _mode_of_new_files(partial)
    # Nobody else can read it before it is complete.
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _EXACT, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(handle)
            if has_modes and mode is not None:
                os.fchmod(handle, mode)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _mode_of_new_files(path: Path) -> int:
    """Return the permissions that the umask leaves, which only the creation of a file tells."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        return stat.S_IMODE(os.fstat(handle).st_mode)
    finally:
        os.close(handle)
        os.unlink(path)  # noqa: PTH108
