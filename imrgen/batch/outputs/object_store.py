"""Letters that go to what fsspec reaches: an object store such as `s3://bucket/letters`."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from imrgen.batch.outputs.lease import Lease
from imrgen.batch.outputs.target import MANIFEST
from imrgen.diagnostics import Diagnostic, LibraryError, OutputError, codes
from imrgen.workers import temporary_folder

_LOCK = ".imrgen-batch"
_PAUSE = 30.0
_SHARE = 20


class Store:
    """A folder behind a URL; see `Target`. An object is there whole or not at all, as the store itself sees to.

    The manifest is kept in a file of this machine, and put there every half minute, or less often
    where that would take more than a twentieth of the time, and at the end.

    Args:
        location: The URL.
        beat: After how many seconds a batch shows that it is alive; see `Lease`.
        patience: For how many seconds it must not have shown it to be taken for dead.

    Raises:
        LibraryError: fsspec, or what it needs for such a URL, is not installed.
        OutputError: The store cannot be reached.
    """

    def __init__(self, location: str, beat: float = 20.0, patience: float = 90.0) -> None:
        self.location = location
        scheme = location.partition("://")[0]
        try:
            import fsspec

            with _told(location):
                # A remembered listing also answers for one object, and hides what others have put
                # there since.
                self._files, self._root = fsspec.core.url_to_fs(location, use_listings_cache=False)
        except ImportError:
            extra = "s3" if scheme == "s3" else "url"
            hint = f"pip install 'imrgen[{extra}]'"
            raise LibraryError(
                [
                    Diagnostic(
                        codes.EXTRA_MISSING,
                        f"no library for {scheme}:// is installed",
                        hints=(hint,),
                    )
                ]
            ) from None
        except ValueError:
            raise OutputError(
                [Diagnostic(codes.UNKNOWN_STORE, f"fsspec knows no {scheme}://")]
            ) from None
        self._lease = Lease(self._files, self._at(_LOCK), beat, patience)
        self._due = time.monotonic() + _PAUSE

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
            found = self._files.ls(self._root, detail=False)
        names = (name.rstrip("/").rpartition("/")[2] for name in found)
        yield from (
            name
            for name in names
            if name not in ("", MANIFEST, _LOCK, self._root.rpartition("/")[2])
        )

    def settle(self, manifest: Path, last: bool) -> None:
        """Put the manifest beside the letters; see `Target`."""
        begun = time.monotonic()
        due = last or begun > self._due
        with _told(self._at(_LOCK)):
            held = self._lease.look() if due else self._lease.held
        if not held:
            hint = "run it again once the other has ended"
            message = f"another batch has taken over {self.location}; this one writes no more"
            raise OutputError([Diagnostic(codes.FOLDER_IN_USE, message, hints=(hint,))])
        if due:
            with _told(self._at(MANIFEST)):
                self._files.put_file(str(manifest), self._at(MANIFEST))
            ended = time.monotonic()
            self._due = ended + max(_PAUSE, _SHARE * (ended - begun))

    def manifest(self) -> bytes:
        """Read the manifest; see `Target`."""
        return self._read(MANIFEST) or b""

    @contextlib.contextmanager
    def hold(self) -> Iterator[Path]:
        """Keep other batches away, and fetch the manifest."""
        with contextlib.ExitStack() as stack:
            try:
                with _told(self._at(_LOCK)):
                    stack.enter_context(self._lease)
            except FileExistsError:
                hint = "wait for it, or name another folder with -o"
                message = f"another batch is at work in {self.location}"
                raise OutputError(
                    [Diagnostic(codes.FOLDER_IN_USE, message, hints=(hint,))]
                ) from None
            manifest = temporary_folder() / f"{MANIFEST}.{os.urandom(4).hex()}"
            stack.callback(manifest.unlink, missing_ok=True)
            manifest.write_bytes(self.manifest())
            yield manifest

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
        raise OutputError([Diagnostic(codes.STORE_UNREACHABLE, message)]) from None
