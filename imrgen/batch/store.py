"""Letters that go to what fsspec reaches: an object store such as `s3://bucket/letters`."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from imrgen.batch.scratch import scratch
from imrgen.batch.target import MANIFEST
from imrgen.diagnostics import Diagnostic
from imrgen.errors import LibraryError, OutputError

_LOCK = ".imrgen-batch"
_PAUSE = 30.0


class Store:
    """A folder behind a URL; see `Target`. An object is there whole or not at all, as the store itself sees to.

    The manifest is kept in a file of this machine, and put there every half minute and at the end.

    Args:
        location: The URL.

    Raises:
        LibraryError: fsspec, or what it needs for such a URL, is not installed.
        OutputError: The store cannot be reached.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        scheme = location.partition("://")[0]
        try:
            import fsspec

            with _told(location):
                self._files, self._root = fsspec.core.url_to_fs(location)
        except ImportError:
            extra = "s3" if scheme == "s3" else "url"
            hint = f"pip install 'imrgen[{extra}]'"
            raise LibraryError(
                [Diagnostic("IMR516", f"no library for {scheme}:// is installed", hints=(hint,))]
            ) from None
        except ValueError:
            raise OutputError([Diagnostic("IMR516", f"fsspec knows no {scheme}://")]) from None
        self._settled = time.monotonic()

    def write(self, file: str, content: bytes) -> None:
        """Put an object; see `Target`."""
        with _told(self._at(file)):
            self._files.pipe_file(self._at(file), content)

    def digest(self, file: str) -> tuple[str, int] | None:
        """Read and digest an object; see `Target`."""
        content = self._read(file)
        return None if content is None else (hashlib.sha256(content).hexdigest(), len(content))

    def files(self) -> Iterator[str]:
        """List the objects; see `Target`."""
        with _told(self.location):
            self._files.invalidate_cache()
            found = self._files.ls(self._root, detail=False)
        names = (name.rstrip("/").rpartition("/")[2] for name in found)
        yield from (name for name in names if name not in ("", MANIFEST, self._root.rpartition("/")[2]))

    def settle(self, manifest: Path, last: bool) -> None:
        """Put the manifest beside the letters; see `Target`."""
        if last or time.monotonic() > self._settled + _PAUSE:
            self.write(MANIFEST, manifest.read_bytes())
            self._settled = time.monotonic()

    def manifest(self) -> bytes:
        """Read the manifest; see `Target`."""
        return self._read(MANIFEST) or b""

    @contextlib.contextmanager
    def hold(self) -> Iterator[Path]:
        """Keep other batches away by an object that only one can make, and fetch the manifest."""
        mark = self._at(_LOCK)
        try:
            with _told(mark):
                self._files.pipe_file(mark, b"a batch is at work here", mode="create")
        except FileExistsError:
            hint = f"wait for it; if it was killed, remove {mark}"
            message = f"another batch is at work in {self.location}"
            raise OutputError([Diagnostic("IMR505", message, hints=(hint,))]) from None
        manifest = scratch() / f"{MANIFEST}.{os.urandom(4).hex()}"
        try:
            manifest.write_bytes(self.manifest())
            yield manifest
        finally:
            manifest.unlink(missing_ok=True)
            with contextlib.suppress(Exception):
                self._files.rm_file(mark)

    def _at(self, file: str) -> str:
        return f"{self._root.rstrip('/')}/{file}"

    def _read(self, file: str) -> bytes | None:
        with _told(self._at(file)):
            try:
                content: bytes = self._files.cat_file(self._at(file))
            except FileNotFoundError:
                return None
        return content


@contextlib.contextmanager
def _told(place: str) -> Iterator[None]:
    """Say what any library of any store raises."""
    try:
        yield
    except (FileExistsError, ImportError, ValueError, MemoryError):
        raise
    except Exception as fault:
        message = f"{place} cannot be reached ({type(fault).__name__})"
        raise OutputError([Diagnostic("IMR401", message)]) from None
