"""Counts what was tried, what was stopped, and what got through, which must be nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import imrgen
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
BLOCK = "blocks/clinical_summary.html"


class Count:
    """The tricks of a test; used as a context, it prints the numbers and fails for any trick.

    Args:
        name: What is tried.
        least: How many tricks there are at least.
    """

    def __init__(self, name: str, least: int) -> None:
        self.name = name
        self.least = least
        self.tried = 0
        self.through: list[str] = []

    def add(self, trick: object, is_stopped: bool) -> None:
        """Count a trick."""
        self.tried += 1
        if not is_stopped:
            self.through.append(str(trick)[:300])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        stopped = self.tried - len(self.through)
        print(f"\n{self.name}: tried {self.tried}, stopped {stopped}, through {len(self.through)}")
        print(*self.through, sep="\n")
        if kind is None:
            assert not self.through
            assert self.tried >= self.least


def pack(folder: Path, block: str) -> imrgen.Renderer:
    """Return a renderer of the built-in pack with another block.

    Raises:
        ImrgenError: The block is refused at once.
    """
    (folder / "blocks").mkdir(exist_ok=True)
    (folder / BLOCK).write_text(block, encoding="utf-8")
    return imrgen.Renderer(templates=[folder], check=False)
