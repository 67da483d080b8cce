"""The input of a check, and its findings."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import msgspec

from imrgen.case import CORE, Case, Field
from imrgen.diagnostics import Path, Severity
from imrgen.pack import TemplatePack

Value = TypeVar("Value")


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
        pack: The pack whose letter will be made; its model says what the case's fields are. `None`
            where none is chosen.
        today: The day that counts as today.
    """

    def __init__(
        self, case: Case, pack: TemplatePack | None = None, today: datetime.date | None = None
    ) -> None:
        self.case, self.pack, self.today = case, pack, today or datetime.date.today()
        self.model = CORE if pack is None else pack.model
        self._cache: dict[Hashable, Any] = {}

    def cached(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return a value that several checks share; it is computed once.

        Args:
            key: The value's key.
            make: Computes the value.
        """
        if key not in self._cache:
            self._cache[key] = make()
        value: Value = self._cache[key]
        return value

    @functools.cached_property
    def narratives(self) -> tuple[tuple[Path, str], ...]:
        """The Markdown texts of the case with their paths, in the order of the model."""
        return tuple(
            (path, text) for path, text, field in self.fields if field.kind == "narrative" and text
        )

    @functools.cached_property
    def texts(self) -> tuple[tuple[Path, str], ...]:
        """Every text of the case with its path."""
        return tuple((path, text) for path, text, _ in self.fields)

    @functools.cached_property
    def fields(self) -> tuple[tuple[Path, str, Field], ...]:
        """Every text of the case with its path and its field."""
        return tuple(each for each in self.model.walk(self.case) if isinstance(each[1], str))

    @functools.cached_property
    def beyond_ascii(self) -> tuple[tuple[Path, str], ...]:
        """Those texts that hold more than ASCII; the others hold no control character, which the model refuses."""
        return tuple((path, text) for path, text in self.texts if not text.isascii())
