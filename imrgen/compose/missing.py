"""What stands for a value that a template asks for and the case does not have.

In a letter it is an error once it is used. In a draft it is a marked gap.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator
from typing import Any

import jinja2
from jinja2.utils import missing
from markupsafe import Markup, escape


class Missing(jinja2.UndefinedError):
    """Raised for a value that is missing.

    Args:
        message: Jinja's message, or the sandbox's.
        owner: What the value was asked of; `jinja2.utils.missing` for a name of the template.
        name: What was asked for: a name, or an index.
    """

    def __init__(
        self, message: str | None = None, owner: Any = missing, name: object = None
    ) -> None:
        super().__init__(message)
        self.owner, self.name = owner, "" if name is None else str(name)

    @property
    def is_name(self) -> bool:
        """Whether it is a name of the template, and not a part of something."""
        return self.owner is missing


class StrictUndefined(jinja2.StrictUndefined):
    """A missing value, which raises `Missing` when it is used."""

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: Any = jinja2.UndefinedError,
    ) -> None:
        super().__init__(hint, obj, name, functools.partial(Missing, owner=obj, name=name))  # type: ignore[arg-type]


class Gap(jinja2.Undefined):
    """A missing value in a draft: printed as a marked gap, and otherwise empty."""

    def __str__(self) -> str:
        name = self._undefined_name
        if isinstance(name, Gap):
            # A table of the pack was asked for the word of a value that the case lacks.
            return str(name)
        is_key = isinstance(name, str) and name.isidentifier()
        return f"[missing: {name}]" if is_key else "[missing]"

    def __html__(self) -> Markup:
        return Markup('<mark class="gap">{}</mark>').format(escape(str(self)))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Gap(obj=self, name=name)

    def _same(self, *_: Any) -> Any:
        return self

    __getitem__ = __call__ = _same
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _same
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _same
    __pos__ = __neg__ = __pow__ = __rpow__ = _same
    __lt__ = __le__ = __gt__ = __ge__ = jinja2.Undefined.__eq__  # type: ignore[assignment]


class GapList(Gap):
    """A missing list in a draft, in which a template finds one entry, all of it missing.

    Args:
        pattern: The list's field, such as `issues[].evidence`.
        lists: The patterns of all lists that are gaps, too, where they stand in the entry.
    """

    def __init__(self, pattern: str, lists: Collection[str]) -> None:
        super().__init__(name=pattern.rpartition(".")[2])
        self._pattern, self._lists = pattern, lists

    def __iter__(self) -> Iterator[Gap]:
        yield _GapEntry(self._undefined_name, self._pattern, self._lists)

    def __len__(self) -> int:
        return 1


class _GapEntry(Gap):
    def __init__(self, name: str | None, pattern: str, lists: Collection[str]) -> None:
        super().__init__(name=name)
        self._pattern, self._lists = pattern, lists

    def __getattr__(self, name: str) -> Any:
        pattern = f"{self._pattern}[].{name}"
        return (
            GapList(pattern, self._lists) if pattern in self._lists else super().__getattr__(name)
        )


def with_gaps(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that leaves a gap as it is."""
    position = 1 if hasattr(function, "jinja_pass_arg") else 0

    @functools.wraps(function)
    def filtered(*arguments: Any, **options: Any) -> Any:
        gap = arguments[position]
        return gap if isinstance(gap, Gap) else function(*arguments, **options)

    return filtered
