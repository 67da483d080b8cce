"""What keeps a second batch out of a folder of an object store."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import warnings
from typing import Any


class Lease:
    """An object that says whose a folder is; a context that takes it and gives it back.

    A store does not tell whether who made an object is still alive, and the clocks of two machines
    differ. So its holder changes the object every so often, and who finds one waits and looks: if
    it stays the same for long enough, its batch is dead and the object is taken over. Should two
    take it over at once, or should a holder have been asleep for that long, the one whose mark is
    not in the object finds that out at its next beat, and holds it no more.

    Args:
        files: The store, as fsspec gives it.
        place: The object.
        beat: After how many seconds the holder changes it.
        patience: For how many seconds it must have stayed the same to be taken over.

    Raises:
        FileExistsError: Another batch, which is alive, holds it.
    """

    def __init__(self, files: Any, place: str, beat: float, patience: float) -> None:
        self._files, self._place, self._beat, self._patience = files, place, beat, patience
        self._mark, self._beats = os.urandom(8).hex().encode(), 0
        self._ended = threading.Event()
        self._heart: threading.Thread | None = None
        self.held = False
        """Whether it was still this batch's at the last look."""

    def __enter__(self) -> Lease:
        taken = False
        while not self._put(mode="create"):
            if not self._is_dead():
                raise FileExistsError(self._place)
            with contextlib.suppress(FileNotFoundError):
                self._files.rm_file(self._place)
            taken = True
        if taken:
            time.sleep(self._beat / 10)  # who takes it over at the same moment has done so by then
            if not self.look():
                raise FileExistsError(self._place)
            warnings.warn(
                f"{self._place}: the batch that held it is gone; it was taken over", stacklevel=2
            )
        self.held = True
        self._heart = threading.Thread(target=self._live, daemon=True)
        self._heart.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._heart:
            self._heart.join()
        with contextlib.suppress(Exception):
            if self.look():
                self._files.rm_file(self._place)

    def look(self) -> bool:
        """Look whether it is still this batch's."""
        self.held = (self._read() or b"").startswith(self._mark)
        return self.held

    def _is_dead(self) -> bool:
        message = f"{self._place} is there; it is looked at for up to {self._patience:g} s whether its batch is alive"
        warnings.warn(message, stacklevel=3)
        found, since = self._read(), time.monotonic()
        while found is not None and time.monotonic() < since + self._patience:
            time.sleep(self._beat / 10)
            now = self._read()
            if now is not None and now != found:
                return False
            found = now
        return True

    def _live(self) -> None:
        while not self._ended.wait(self._beat):
            with contextlib.suppress(Exception):  # the store may answer again at the next beat
                if not self.look():
                    return
                self._put(mode="overwrite")

    def _put(self, mode: str) -> bool:
        self._beats += 1
        try:
            self._files.pipe_file(self._place, b"%s %d" % (self._mark, self._beats), mode=mode)
        except FileExistsError:
            return False
        return True

    def _read(self) -> bytes | None:
        try:
            content: bytes = self._files.cat_file(self._place)
        except FileNotFoundError:
            return None
        return content
