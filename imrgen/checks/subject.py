"""What checks look at, and what they say."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Hashable, Iterator
from typing import Any, TypeVar

import msgspec

from imrgen.case import Case
from imrgen.diagnostics import Path, Severity
from imrgen.pack import TemplatePack

Kept = TypeVar("Kept")


class Finding(msgspec.Struct, frozen=True):
    """What a check found.

    Args:
        path: The value it is about: `("issues", 0, "rationale")`.
        message: One sentence without a full stop; never a value of the case.
        hints: How to mend it, a sentence each.
        start: Where in the value's text the words in question begin, from 0; `None` for the value
            as a whole.
        length: How many characters they are.
        severity: The check's own, unless this finding weighs otherwise.
    """

    path: Path
    message: str
    hints: tuple[str, ...] = ()
    start: int | None = None
    length: int = 1
    severity: Severity | None = None


class Subject:
    """What checks look at.

    Args:
        case: The case.
        pack: The pack whose letter will be made; `None` where none is chosen.
        today: The day that counts as today.
    """

    def __init__(
        self, case: Case, pack: TemplatePack | None = None, today: datetime.date | None = None
    ) -> None:
        self.case, self.pack, self.today = case, pack, today or datetime.date.today()
        self._kept: dict[Hashable, Any] = {}

    def kept(self, key: Hashable, make: Callable[[], Kept]) -> Kept:
        """Give what several checks need and is worth making once.

        Args:
            key: What it is.
            make: Makes it.
        """
        if key not in self._kept:
            self._kept[key] = make()
        kept: Kept = self._kept[key]
        return kept

    @functools.cached_property
    def narratives(self) -> tuple[tuple[Path, str], ...]:
        """The Markdown fields with their paths: the clinical summary first, then each issue's rationale."""
        found: list[tuple[Path, str]] = []
        if self.case.clinical_summary:
            found.append((("clinical_summary",), self.case.clinical_summary))
        for number, issue in enumerate(self.case.issues):
            if issue.rationale:
                found.append((("issues", number, "rationale"), issue.rationale))
        return tuple(found)

    @functools.cached_property
    def texts(self) -> tuple[tuple[Path, str], ...]:
        """Every text of the case with its path."""
        return tuple(_texts(self.case, ()))

    @functools.cached_property
    def beyond_ascii(self) -> tuple[tuple[Path, str], ...]:
        """Those texts that hold more than ASCII; the others hold no control character, which the model refuses."""
        return tuple((path, text) for path, text in self.texts if not text.isascii())


def _texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, msgspec.Struct):
        for name, field in zip(
            value.__struct_encode_fields__, value.__struct_fields__, strict=True
        ):
            yield from _texts(getattr(value, field), (*path, name))
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _texts(item, (*path, number))
