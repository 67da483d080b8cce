"""Values of a case that know their field, and texts that know where each character is from.

They are subclasses of the plain types, equal to them, and any operation that does not know of them
gives plain values: then an origin is lost, and never a word changed.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from imrgen.case import Case, Model, Table
from imrgen.compose.tracing.segments import Run
from imrgen.diagnostics import Path


class Traced:
    """What is known of a value.

    Attributes:
        paths: The fields of the case that it was made of.
        text: The text of the one field that it shows, where it shows one as written.
        prefix: What it shows in front of that text.
        runs: For a text that templates made, what each character comes from.
    """

    paths: tuple[Path, ...] = ()
    text: str | None = None
    prefix: str = ""
    runs: tuple[Run, ...] = ()


class _Str(Traced, str):
    def __getitem__(self, key: Any) -> Any:
        return traced(super().__getitem__(key), self.paths)


class _Markup(Traced, Markup):
    pass


class _Int(Traced, int):
    pass


class _Float(Traced, float):
    pass


class _Date(Traced, datetime.date):
    pass


class _Tuple(Traced, tuple[Any, ...]):
    def __getitem__(self, key: Any) -> Any:
        item = super().__getitem__(key)
        return traced(item, self.paths) if isinstance(key, slice) else item


_TRACED_TYPES: dict[type, type] = {
    str: _Str,
    Markup: _Markup,
    int: _Int,
    float: _Float,
    datetime.date: _Date,
    tuple: _Tuple,
}
_TRACED_TYPES |= {kind: kind for kind in _TRACED_TYPES.values()}


def traced(value: Any, paths: Iterable[Path] = (), **known: Any) -> Any:
    """Return an equal value that knows its origin, or the value itself where its type cannot.

    Args:
        value: The value.
        paths: The fields of the case that it was made of.
        **known: The other attributes of `Traced`.
    """
    type_ = _TRACED_TYPES.get(type(value))
    if type_ is None:
        return value
    is_date = isinstance(value, datetime.date)
    copy = type_(value.year, value.month, value.day) if is_date else type_(value)
    vars(copy).update(known, paths=tuple(dict.fromkeys(paths)))
    return copy


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
        if isinstance(value, Traced) and (value.paths or value.runs):
            return value.paths or tuple(
                dict.fromkeys(path for run in value.runs for path in run.output.paths)
            )
        if isinstance(value, list | tuple):
            return tuple(dict.fromkeys(path for item in value for path in self.paths(item)))
        return ()

    def _note(self, path: Path, value: Any) -> Any:
        if isinstance(value, Table):
            self._paths[id(value)] = path
            return value
        return traced(value, [path], text=value if isinstance(value, str) else None)
