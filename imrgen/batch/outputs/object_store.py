"""A folder of an object store for a batch's letters, such as `s3://bucket/letters`."""

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from imrgen.batch.outputs.lease import Lease
from imrgen.batch.outputs.target import MANIFEST
from imrgen.diagnostics import LibraryError, OutputError, codes
from imrgen.workers import temporary_folder

_LOCK = ".imrgen-batch"
_FLUSH_INTERVAL = 30.0
_FLUSH_SHARE = 20


class ObjectStore:
    """A folder of an object store; see `Target`. The store itself writes an object as a whole.

    The manifest is a file of this machine. It is uploaded every half minute, or less often if that
    would take more than a twentieth of the time, and at the end.

    Args:
        location: The URL of the folder.
        heartbeat: Seconds between two signs of life of a batch; see `Lease`.
        timeout: Seconds without a sign of life after which a batch is taken for dead.

    Raises:
        LibraryError: fsspec, or a library that it needs for the URL, is not installed.
        OutputError: The URL is not supported, or its store cannot be reached.
    """

    def __init__(self, location: str, heartbeat: float = 20.0, timeout: float = 90.0) -> None:
        self.location = location
        scheme = location.partition("://")[0]
        try:
            import fsspec

            with _reported(location):
                # A cached listing is also used for single objects, and hides what others have
                # written since.
                self._files, self._root = fsspec.core.url_to_fs(location, use_listings_cache=False)
        except ImportError:
            extra = "s3" if scheme == "s3" else "url"
            raise LibraryError.of(
                codes.EXTRA_MISSING,
                f"no library for {scheme}:// is installed",
                f"pip install 'imrgen[{extra}]'",
            ) from None
        except ValueError:
            raise OutputError.of(
                codes.UNKNOWN_STORE, f"fsspec does not support {scheme}://"
            ) from None
        self._lease = Lease(self._files, self._at(_LOCK), heartbeat, timeout)
        self._due = time.monotonic() + _FLUSH_INTERVAL

    def write(self, file: str, content: bytes) -> None:
        """Write an object; see `Target`."""
        with _reported(self._at(file)):
            self._files.pipe_file(self._at(file), content)

    def digest(self, file: str) -> tuple[str, int] | None:
        """Read and digest an object; see `Target`."""
        content = self._read(file)
        return None if content is None else (hashlib.sha256(content).hexdigest(), len(content))

    def files(self) -> Iterator[str]:
        """Yield the names of the objects; see `Target`."""
        with _reported(self.location):
            paths = self._files.ls(self._root, detail=False)
        names = (path.rstrip("/").rpartition("/")[2] for path in paths)
        other = ("", MANIFEST, _LOCK, self._root.rpartition("/")[2])
        yield from (name for name in names if name not in other)

    def flush(self, manifest: Path, is_last: bool) -> None:
        """Upload the manifest; see `Target`."""
        start = time.monotonic()
        is_due = is_last or start > self._due
        with _reported(self._at(_LOCK)):
            is_held = self._lease.check() if is_due else self._lease.is_held
        if not is_held:
            raise OutputError.of(
                codes.FOLDER_IN_USE,
                f"another batch has taken over {self.location}; this one writes no more",
                "run it again once the other has ended",
            )
        if is_due:
            with _reported(self._at(MANIFEST)):
                self._files.put_file(str(manifest), self._at(MANIFEST))
            end = time.monotonic()
            self._due = end + max(_FLUSH_INTERVAL, _FLUSH_SHARE * (end - start))

    def manifest(self) -> bytes:
        """Read the manifest; see `Target`."""
        return self._read(MANIFEST) or b""

    @contextlib.contextmanager
    def lock(self) -> Iterator[Path]:
        """Acquire the lease, and download the manifest; see `Target`."""
        with contextlib.ExitStack() as stack:
            try:
                with _reported(self._at(_LOCK)):
                    stack.enter_context(self._lease)
            except FileExistsError:
                raise OutputError.of(
                    codes.FOLDER_IN_USE,
                    f"another batch is using {self.location}",
                    "wait for it, or name another folder with -o",
                ) from None
            manifest = temporary_folder() / f"{MANIFEST}.{os.urandom(4).hex()}"
            stack.callback(manifest.unlink, missing_ok=True)
            manifest.write_bytes(self.manifest())
            yield manifest

    def _at(self, file: str) -> str:
        return f"{self._root.rstrip('/')}/{file}"

    def _read(self, file: str) -> bytes | None:
        with _reported(self._at(file)):
            try:
                return bytes(self._files.cat_file(self._at(file)))
            except FileNotFoundError:
                return None


@contextlib.contextmanager
def _reported(path: str) -> Iterator[None]:
    """Turn an exception of whatever library of a store into an `OutputError`."""
    try:
        yield
    except (FileExistsError, ImportError, ValueError, MemoryError):
        raise
    except Exception as error:
        raise OutputError.of(
            codes.STORE_UNREACHABLE, f"{path} cannot be reached ({type(error).__name__})"
        ) from None
