"""A batch's letters in a folder of this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from imrgen.batch.outputs.target import MANIFEST, Target
from imrgen.diagnostics import Diagnostic, OutputError, codes
from imrgen.export import sync_folder, write

_PARTIAL = re.compile(r"\..+\.[0-9a-f]{8}\.partial")
_URL = re.compile(r"[a-z][a-z0-9+.-]+://")


class Folder:
    """A folder of this machine; it is made if it is missing.

    Args:
        location: The folder.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self._path = Path(location)

    def write(self, file: str, content: bytes) -> None:
        """Put a file; see `Target`."""
        write(self._path / file, content, synced=False)

    def digest(self, file: str) -> tuple[str, int] | None:
        """Digest a file; see `Target`."""
        try:
            handle = os.open(f"{self.location}/{file}", os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            total, size = hashlib.sha256(), 0
            while piece := os.read(
                handle, 2**16
            ):  # a larger piece is a mapping of its own each time
                total.update(piece)
                size += len(piece)
            return total.hexdigest(), size
        finally:
            os.close(handle)

    def files(self) -> Iterator[str]:
        """List the files; see `Target`."""
        with os.scandir(self._path) as entries:
            yield from (entry.name for entry in entries if entry.name != MANIFEST)

    def settle(self, manifest: Path, last: bool) -> None:
        """Flush the folder; see `Target`."""
        with _told(self.location):
            sync_folder(self._path)

    def manifest(self) -> bytes:
        """Read the manifest; see `Target`."""
        path = self._path / MANIFEST
        return path.read_bytes() if path.is_file() else b""

    @contextlib.contextmanager
    def hold(self) -> Iterator[Path]:
        """Lock the folder's manifest, which is made if it is missing, and sweep what a killed batch left behind."""
        with _told(self.location):
            self._path.mkdir(parents=True, exist_ok=True)
        with locked(self._path / MANIFEST) as manifest:
            self._sweep()
            try:
                yield manifest
            finally:
                self._sweep()

    def _sweep(self) -> None:
        with contextlib.suppress(OSError):
            for name in os.listdir(self._path):  # noqa: PTH208
                if name[0] == "." and _PARTIAL.fullmatch(name):
                    (self._path / name).unlink(missing_ok=True)


@contextlib.contextmanager
def locked(manifest: Path) -> Iterator[Path]:
    """Hold a manifest alone, for as long as this process lives.

    Raises:
        OutputError: Another batch holds it, or it cannot be opened.
    """
    import fcntl

    with _told(str(manifest)):
        handle = os.open(manifest, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            hint = "wait for it, or name another folder with -o"
            message = f"another batch is at work in {manifest.parent}"
            raise OutputError([Diagnostic(codes.FOLDER_IN_USE, message, hints=(hint,))]) from None
        yield manifest
    finally:
        os.close(handle)


@contextlib.contextmanager
def _told(location: str) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        raise OutputError(
            [Diagnostic(codes.FILE_NOT_WRITTEN, f"{location} cannot be written: {reason}")]
        ) from None


def open_target(location: str) -> Target:
    """Give the target of a location.

    Args:
        location: A folder, or a URL that fsspec knows.

    Raises:
        OutputError: The library that the URL needs is not installed.
    """
    if not _URL.match(location):
        return Folder(location)
    from imrgen.batch.outputs.object_store import Store

    return Store(location)
