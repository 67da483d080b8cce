"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from imrgen.diagnostics import OutputError, codes


def write(path: Path, content: bytes, synced: bool = True) -> None:
    """Write a file whole or not at all: to a temporary file beside it, which is then renamed.

    Args:
        path: The file; one that exists is replaced.
        content: All of it.
        synced: Whether the file outlasts a power failure from now on; whoever writes many calls
            `sync_folder` once.

    Raises:
        OutputError: It cannot be written; nothing is left behind, and a file that was there stays
            as it was.
    """
    partial = path.with_name(f".{path.name}.{os.urandom(4).hex()}.partial")
    try:
        try:
            with partial.open("xb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            with contextlib.suppress(FileNotFoundError):
                # Who could not read the file before cannot read it now.
                partial.chmod(stat.S_IMODE(path.stat().st_mode))
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        if synced:
            sync_folder(path.parent)
    except OSError as fault:
        message = f"{path} cannot be written: {fault.strerror or type(fault).__name__}"
        raise OutputError.of(codes.FILE_NOT_WRITTEN, message) from None


def sync_folder(folder: Path) -> None:
    """Make the names of a folder's files outlast a power failure.

    Raises:
        OSError: The folder is gone, or its disk is.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
