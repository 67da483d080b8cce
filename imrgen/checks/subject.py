"""The input of a check, and its findings."""

import datetime
import functools
from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

import msgspec

from imrgen.case import CORE, Case, Field
from imrgen.diagnostics import Path, Severity
from imrgen.pack import Outcome, TemplatePack

Value = TypeVar("Value")


class Finding(msgspec.Struct, frozen=True):
    """A finding of a check.

    Args:
        path: The path of the value in question: `("issues", 0, "rationale")`.
        message: One sentence without a full stop; never a value of the case.
        hints: How to correct it, a sentence each.
        start: Where the words in question begin in the value's text, from 0; `None` for the whole
            value.
        length: In characters.
        severity: `None` for the check's own.
    """

    path: Path
    message: str
    hints: tuple[str, ...] = ()
    start: int | None = None
    length: int = 1
    severity: Severity | None = None


class Subject:
    """The input of checks.

    Args:
        case: The case.
        pack: The pack of the letter, whose model describes the case's fields; `None` for the core
            model.
        today: `None` for the current date.
    """

    def __init__(
        self, case: Case, pack: TemplatePack | None = None, today: datetime.date | None = None
    ) -> None:
        self.case = case
        self.pack = pack
        self.today = today or datetime.date.today()
        self.model = CORE if pack is None else pack.model
        self._cache: dict[Hashable, Any] = {}

    def cached(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return a value that several checks share; it is computed once."""
        if key not in self._cache:
            self._cache[key] = compute()
        value: Value = self._cache[key]
        return value

    @property
    def outcomes(self) -> Mapping[str, Outcome]:
        """What can be decided on an item, by name; none without a pack."""
        return {} if self.pack is None else self.pack.outcomes

    def meaning(self, outcome: str | None) -> str | None:
        """Return what an outcome means; `None` for neither necessary, nor not, nor partly."""
        found = self.outcomes.get(outcome or "")
        return found.means if found else None

    def date(self, pattern: str) -> datetime.date | None:
        """Return the date of a field that stands in no list, `None` for none."""
        value: datetime.date | None = self.model.value(self.case, pattern)
        return value

    @property
    def decided_on(self) -> str | None:
        """The field of the decision's date, the last of the pack's order of events; or `None`."""
        order = self.pack.checks.order if self.pack else ()
        pattern = order[-1] if order else "case.decision_date"
        return pattern if self.model.find(pattern) else None

    @functools.cached_property
    def narratives(self) -> tuple[tuple[Path, str], ...]:
        """The case's texts in Markdown with their paths, in the order of the model."""
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
