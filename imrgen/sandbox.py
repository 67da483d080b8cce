"""Jinja as templates meet it: sandboxed and strict.

A value that is not there is an error, never an empty place in a binding letter: what the case file does not give is
undefined (`{% if case.eams_number is defined %}`), and None cannot be printed.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from imrgen.case import Table
from imrgen.diagnostics import nearest
from imrgen.packs import TemplatePack

_SPACE = re.compile(r"[ \t\n\r\f]+")
_ENDED = re.compile(r"""\.(?:["'”’]|&#34;|&#39;)*$""")


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of a pack's templates.

    Args:
        pack: Where the templates are looked up.
    """

    def __init__(self, pack: TemplatePack) -> None:
        super().__init__(
            loader=_Loader(pack),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            finalize=_present,
        )
        self.filters.update(date=us_date, full_stop=full_stop, squeeze=squeeze)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read a field; a table's absent one is undefined, and its methods cannot be reached."""
        if not isinstance(obj, Table):
            return super().getattr(obj, attribute)
        names = _fields(type(obj))
        if attribute not in names:
            table = type(obj).__name__.lower()
            hint = "; ".join([f"{table} has no field `{attribute}`", *nearest(attribute, names)])
            return self.undefined(hint=hint, obj=obj, name=attribute)
        value = getattr(obj, names[attribute])
        if value is None:
            table = type(obj).__name__.lower()
            hint = f"the case file gives no `{attribute}` for this {table}, and the template does not ask first"
            return self.undefined(hint=hint, obj=obj, name=attribute)
        return value


@functools.cache
def _fields(table: type[Table]) -> dict[str, str]:
    """Map a table's keys in the case file to its attributes."""
    return dict(zip(table.__struct_encode_fields__, table.__struct_fields__, strict=True))


def _present(value: Any) -> Any:
    if value is None:
        raise jinja2.UndefinedError("this is None, which would be printed as a word")
    return value


class _Loader(jinja2.BaseLoader):
    def __init__(self, pack: TemplatePack) -> None:
        self._pack = pack

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        path = self._pack.find(template)
        if path is None:
            raise jinja2.TemplateNotFound(template)
        return path.read_text(encoding="utf-8"), str(path), lambda: True

    def list_templates(self) -> list[str]:
        return self._pack.files()


def us_date(value: datetime.date) -> str:
    """Write a date as the letters do, MM/DD/YYYY."""
    return f"{value.month:02}/{value.day:02}/{value.year:04}"


def squeeze(text: str) -> str:
    """Make one line of a text, as templates need that write a sentence over several; no-break spaces stay."""
    joined = _SPACE.sub(" ", text).strip(" ")
    return Markup(joined) if isinstance(text, Markup) else joined  # noqa: S704 - it was escaped before


def full_stop(text: str) -> str:
    """Make one line of a text that ends in a full stop: its own, which may stand inside closing quotes, or one more."""
    line = squeeze(text)
    return line if _ENDED.search(line) else line + "."
