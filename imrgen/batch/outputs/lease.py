"""The lock that keeps a second batch out of a folder of an object store."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from typing import Any

_logger = logging.getLogger("imrgen.batch")


class Lease:
    """An object that names the owner of a folder; a context that acquires and releases it.

    A store cannot tell whether the process that created an object is still alive, and the clocks of
    two machines differ. So the owner rewrites the object regularly (its heartbeat), and another
    batch that finds it waits and watches: if the object does not change for long enough, its owner
    is dead, and the object is taken over. If two batches take it over at once, or if the owner was
    only suspended, the one whose id is no longer in the object notices at its next heartbeat that
    it has lost the lease.

    Args:
        files: The store, as an fsspec file system.
        path: The object.
        heartbeat: Seconds between two writes of the owner.
        timeout: Seconds without a change after which the owner is taken for dead.

    Attributes:
        is_held: Whether this batch owned the folder at the last check.

    Raises:
        FileExistsError: A live batch owns the folder.
    """

    def __init__(self, files: Any, path: str, heartbeat: float, timeout: float) -> None:
        self._files = files
        self._path = path
        self._heartbeat = heartbeat
        self._timeout = timeout
        self._id = os.urandom(8).hex().encode()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_alive, daemon=True)
        self.is_held = False

    def __enter__(self) -> Lease:
        is_taken_over = False
        while not self._put(mode="create"):
            if not self._is_dead():
                raise FileExistsError(self._path)
            with contextlib.suppress(FileNotFoundError):
                self._files.rm_file(self._path)
            is_taken_over = True
        if is_taken_over:
            time.sleep(self._heartbeat / 10)  # any other batch that takes it over has done so then
            if not self.check():
                raise FileExistsError(self._path)
            _logger.warning("%s: taken over from a batch that has ended", self._path)
        self.is_held = True
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        with contextlib.suppress(Exception):
            if self.check():
                self._files.rm_file(self._path)

    def check(self) -> bool:
        """Check whether this batch still owns the folder."""
        self.is_held = (self._read() or b"").startswith(self._id)
        return self.is_held

    def _is_dead(self) -> bool:
        _logger.warning(
            "%s exists; waiting up to %g s to see whether its batch is alive",
            self._path,
            self._timeout,
        )
        content = self._read()
        start = time.monotonic()
        while content is not None and time.monotonic() < start + self._timeout:
            time.sleep(self._heartbeat / 10)
            current = self._read()
            if current is not None and current != content:
                return False
            content = current
        return True

    def _keep_alive(self) -> None:
        while not self._ended.wait(self._heartbeat):
            with contextlib.suppress(Exception):  # the store may respond at the next heartbeat
                if not self.check():
                    return
                self._put(mode="overwrite")

    def _put(self, mode: str) -> bool:
        # Different each time, which shows that the owner is alive.
        content = self._id + os.urandom(8).hex().encode()
        try:
            self._files.pipe_file(self._path, content, mode=mode)
        except FileExistsError:
            return False
        return True

    def _read(self) -> bytes | None:
        with contextlib.suppress(FileNotFoundError):
            return bytes(self._files.cat_file(self._path))
        return None
