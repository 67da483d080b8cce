"""Where a batch's letters go, as the rest of a batch sees it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

MANIFEST = "manifest.jsonl"


class Target(Protocol):
    """Where letters go. What is written is at its name whole or not at all."""

    location: str

    def write(self, file: str, content: bytes) -> None:
        """Put a file; raises `OutputError` where that cannot be."""

    def digest(self, file: str) -> tuple[str, int] | None:
        """Give the SHA-256 and the size of a file; `None` where there is none."""

    def files(self) -> Iterator[str]:
        """Give the names of all files, the manifest apart."""

    def settle(self, manifest: Path, last: bool) -> None:
        """Make what was written so far outlast this machine's failure; the last time, all of it."""

    def manifest(self) -> bytes:
        """Give the manifest; empty where there is none."""

    def hold(self) -> contextlib.AbstractContextManager[Path]:
        """Keep other batches away, and give the manifest as a file of this machine."""
