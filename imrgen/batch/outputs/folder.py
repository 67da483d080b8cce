"""A folder of this machine for a batch's letters."""

import contextlib
import errno
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from imrgen.batch.outputs.target import MANIFEST, Target
from imrgen.diagnostics import OutputError, codes
from imrgen.export import is_partial, sync_folder, unwritable, write
from imrgen.workers import require_workers

_URL = re.compile(r"[a-z][a-z0-9+.-]+://")


class Folder:
    """A folder of this machine, which is created if it does not exist.

    Args:
        location: The folder.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self._path = Path(location)

    def write(self, file: str, content: bytes) -> None:
        """Write a file; see `Target`."""
        write(self._path / file, content, synced=False)

    def digest(self, file: str) -> tuple[str, int] | None:
        """Digest a file; see `Target`."""
        path = self._path / file
        if not _is_plain(path):
            return None
        with path.open("rb", buffering=0) as stream:
            size = os.fstat(stream.fileno()).st_size
            return hashlib.file_digest(stream, "sha256").hexdigest(), size

    def files(self) -> Iterator[str]:
        """Yield the names of the files; see `Target`."""
        with os.scandir(self._path) as entries:
            yield from (entry.name for entry in entries if entry.name != MANIFEST)

    def flush(self, manifest: Path, is_last: bool) -> None:
        """Flush the folder; see `Target`."""
        with _reported(self.location):
            sync_folder(self._path)

    def manifest(self) -> bytes:
        """Read the manifest; see `Target`."""
        path = self._path / MANIFEST
        return path.read_bytes() if _is_plain(path) else b""

    @contextlib.contextmanager
    def lock(self) -> Iterator[Path]:
        """Lock the manifest, and remove partial files of batches that were killed; see `Target`."""
        with _reported(self.location):
            self._path.mkdir(parents=True, exist_ok=True)
        with _locked(self._path / MANIFEST) as manifest:
            self._remove_partial_files()
            try:
                yield manifest
            finally:
                self._remove_partial_files()

    def _remove_partial_files(self) -> None:
        with contextlib.suppress(OSError):
            for name in os.listdir(self._path):  # noqa: PTH208
                if is_partial(name):
                    (self._path / name).unlink(missing_ok=True)


def open_target(location: str) -> Target:
    """Return the target of a location.

    Args:
        location: A folder, or a URL that fsspec supports.

    Raises:
        LibraryError: A library that the URL needs is not installed.
        OutputError: The URL is not supported, or its store cannot be reached.
    """
    if not _URL.match(location):
        return Folder(location)
    from imrgen.batch.outputs.object_store import ObjectStore  # optional dependency: fsspec

    return ObjectStore(location)


@contextlib.contextmanager
def _locked(manifest: Path) -> Iterator[Path]:
    """Lock a manifest, which is created if it does not exist, while this process lives.

    Raises:
        OutputError: Another batch has locked it, it cannot be opened, or a link or something else
            that is not a plain file has its name.
        WorkerError: This system has no such lock.
    """
    require_workers()  # what can start them has locks, too
    import fcntl

    with _reported(str(manifest)):
        if os.path.lexists(manifest) and not _is_plain(manifest):
            raise OSError(errno.EINVAL, "it is not a plain file")
        handle = os.open(manifest, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError.of(
                codes.FOLDER_IN_USE,
                f"another batch is using {manifest.parent}",
                "wait for it, or name another folder with -o",
            ) from None
        yield manifest
    finally:
        os.close(handle)


@contextlib.contextmanager
def _reported(location: str) -> Iterator[None]:
    """Turn a failure of the file system into an `OutputError`."""
    try:
        yield
    except OSError as error:
        raise unwritable(location, error) from None


def _is_plain(path: Path) -> bool:
    """Return whether there is a file that is not a link, a pipe or a device."""
    return path.is_file() and not path.is_symlink()
