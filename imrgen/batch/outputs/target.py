"""The interface of the places that a batch's letters are written to."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

MANIFEST = "manifest.jsonl"


class Target(Protocol):
    """A place for letters. A file exists completely or not at all."""

    location: str

    def write(self, file: str, content: bytes) -> None:
        """Write a file; raises `OutputError` if that fails."""

    def digest(self, file: str) -> tuple[str, int] | None:
        """Return the SHA-256 and the size of a file; `None` if it does not exist."""

    def files(self) -> Iterator[str]:
        """Yield the names of all files but the manifest."""

    def flush(self, manifest: Path, is_last: bool) -> None:
        """Store durably what was written so far; the last time, all of it."""

    def manifest(self) -> bytes:
        """Return the manifest; empty if there is none."""

    def lock(self) -> contextlib.AbstractContextManager[Path]:
        """Keep other batches out, and return the manifest as a file of this machine."""
