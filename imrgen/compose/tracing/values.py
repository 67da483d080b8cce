"""Values of a case that know their field, and texts that know where each character is from.

They are subclasses of the plain types, equal to them, and any operation that does not know of them
gives plain values: then an origin is lost, and never a word changed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from imrgen.case import Case, Model, Table
from imrgen.compose.tracing.segments import Run
from imrgen.diagnostics import Path


class Told:
    """What a value tells of itself.

    Attributes:
        paths: The fields of the case that it was made of.
        text: The text of the one field that it shows, where it shows one as written.
        lead: What it shows in front of that text.
        runs: For a text that templates made, what each character comes from.
    """

    paths: tuple[Path, ...] = ()
    text: str | None = None
    lead: str = ""
    runs: tuple[Run, ...] = ()


class _Text(Told, str):
    def __getitem__(self, key: Any) -> Any:
        return told(super().__getitem__(key), self.paths)


class _Safe(Told, Markup):
    pass


class _Whole(Told, int):
    pass


class _Real(Told, float):
    pass


class _Day(Told, datetime.date):
    pass


class _Row(Told, tuple[Any, ...]):
    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        return told(found, self.paths) if isinstance(key, slice) else found


_KINDS: dict[type, type] = {
    str: _Text,
    Markup: _Safe,
    int: _Whole,
    float: _Real,
    datetime.date: _Day,
    tuple: _Row,
}
_KINDS |= {kind: kind for kind in _KINDS.values()}


def told(
    value: Any,
    paths: Iterable[Path] = (),
    text: str | None = None,
    lead: str = "",
    runs: tuple[Run, ...] = (),
) -> Any:
    """Return an equal value that knows its origin, or the value itself where its type cannot.

    Args:
        value: The value.
        paths: See `Told`, as all the others.
        text: The field's own text.
        lead: What stands in front of it.
        runs: What each character comes from.
    """
    kind = _KINDS.get(type(value))
    if kind is None:
        return value
    made = (
        kind(value.year, value.month, value.day)
        if isinstance(value, datetime.date)
        else kind(value)
    )
    made.paths, made.text, made.lead, made.runs = tuple(dict.fromkeys(paths)), text, lead, runs
    return made


class Fields:
    """A case whose values know which field they are.

    Args:
        case: The case.
        model: Its fields.
    """

    def __init__(self, case: Case, model: Model[Case]) -> None:
        self._paths: dict[int, Path] = {}
        self.case = model.copy(case, self._note)

    def path(self, table: object) -> Path | None:
        """Return the path of one of the case's tables; `None` for anything else."""
        return self._paths.get(id(table)) if isinstance(table, Table) else None

    def paths(self, value: Any) -> tuple[Path, ...]:
        """Return the paths of the fields that a value was made of."""
        if isinstance(value, Table):
            path = self.path(value)
            return () if path is None else (path,)
        if isinstance(value, Told) and (value.paths or value.runs):
            return value.paths or tuple(
                dict.fromkeys(path for run in value.runs for path in run.piece.paths)
            )
        if isinstance(value, list | tuple):
            return tuple(dict.fromkeys(path for item in value for path in self.paths(item)))
        return ()

    def _note(self, path: Path, value: Any) -> Any:
        if isinstance(value, Table):
            self._paths[id(value)] = path
            return value
        return told(value, [path], text=value if isinstance(value, str) else None)


def given(case: Case, model: Model[Case]) -> Iterable[Path]:
    """List the paths of all fields that a case gives: a list of texts is one, and so is an amount.

    Args:
        case: The case.
        model: Its fields.
    """
    for path, value, field in model.walk(case):
        if field.kind != "table" and not field.is_part and value != ():
            yield path
