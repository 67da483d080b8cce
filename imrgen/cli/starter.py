"""The example case file that people start from, for any model.

`imrgen/starter.toml` is that of the core. For another model, the values of the core's fields come
from there, and those of declared fields from their examples.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from typing import Any

from imrgen.case import CORE, Case, Field, Model, parse, readable_text, toml_literal

_HEAD = """\
# A case file of {title}.
# Everyone in it is invented. `imrgen render` makes its letter as it stands.
#
# Text after a # is not read. To use a field that has a # right in front of it, remove that #. To
# leave a field out, delete it. `imrgen schema` writes a file by which editors complete the fields.
"""
_EXAMPLES: Mapping[str, Any] = {
    "identifier": "EX-2026-0042",
    "code": "A1",
    "date": "2026-01-31",
    "number": 1,
    "money": 100,
    "amount": {"quantity": 1, "unit": "unit"},
}
"""Values of fields that have no example; a text says what it is for."""


def starter(model: Model[Case], title: str, required: Collection[str]) -> str:
    """Return an example case file with comments, in TOML.

    Args:
        model: The fields of the case.
        title: Of what it is a case file, for the first line.
        required: The patterns of the fields that it must have.
    """
    text = readable_text((files("imrgen") / "starter.toml").read_bytes())
    if model is CORE:
        return text
    return "".join(_Writer(parse(text).data, required).file(model, title))


class _Writer:
    """Writes a case file.

    Args:
        known: The values of the core's example.
        required: The patterns of the fields that the file must have.
    """

    def __init__(self, known: Mapping[str, Any], required: Collection[str]) -> None:
        self._known = known
        self._required = required

    def file(self, model: Model[Case], title: str) -> Iterator[str]:
        """Yield the parts of the file."""
        yield _HEAD.format(title=title)
        fields = model.root.fields
        for key, field in fields.items():
            if not _table(field):
                yield "\n"
                yield from self._pair(key, key, field, self._known)
        for key, field in fields.items():
            table = _table(field)
            if table is None:
                continue
            known = self._known.get(key)
            pattern = f"{key}[]" if field.item else key
            values = (known[0] if field.item and known else known) or {}
            inner_fields = {f"{pattern}.{inner}": inner for inner in table.fields}
            is_live = self._is_live(key, known) or any(
                self._is_live(each, values.get(inner)) for each, inner in inner_fields.items()
            )
            sign = "" if is_live else "#"
            yield f"\n# {field.description}{' Repeat it for each.' if field.item else ''}\n"
            yield f"{sign}[[{key}]]\n" if field.item else f"{sign}[{key}]\n"
            for each, inner in inner_fields.items():
                yield from self._pair(each, inner, table.fields[inner], values, is_live)

    def _pair(
        self, pattern: str, key: str, field: Field, known: Mapping[str, Any], is_open: bool = True
    ) -> Iterator[str]:
        """Yield a field with its comment."""
        value = known.get(key)
        core = CORE.find(pattern)
        is_narrowed = core is not None and (core.examples, core.choices) != (
            field.examples,
            field.choices,
        )
        is_live = is_open and self._is_live(pattern, value)
        if value is None or is_narrowed:
            value = _example(field)
        written = f"{key} = {_toml(value, field)}\n"
        yield f"# {field.description}\n"
        yield written if is_live else "".join(f"#{line}\n" for line in written.splitlines())

    def _is_live(self, pattern: str, value: Any) -> bool:
        """Return whether a field stands in the file, and not only in a comment."""
        return value is not None or pattern in self._required or CORE.find(pattern) is None


def _table(field: Field) -> Field | None:
    """Return the table that a field is, or that each item of its list is."""
    table = field.item or field
    return table if table.kind == "table" else None


def _example(field: Field) -> Any:
    """Return a value that a field may have."""
    if field.examples:
        return field.examples[0]
    if field.item is not None:
        return [_example(field.item)]
    if field.choices:
        return field.choices[0]
    if field.kind == "table":
        return {key: _example(inner) for key, inner in field.fields.items()}
    return _EXAMPLES.get(field.kind, field.description)


def _toml(value: Any, field: Field) -> str:
    """Return a value as TOML writes it, a text of several lines on lines of its own."""
    return toml_literal(_dated(value, field), on_lines=True)


def written_as_toml(value: Any, field: Field) -> str:
    """Return a value as TOML writes it, on one line.

    Args:
        value: A value as JSON writes it, or as TOML's parser returns it.
        field: Its field.
    """
    return toml_literal(_dated(value, field))


def _dated(value: Any, field: Field) -> Any:
    """Return a value as TOML's parser returns it: with dates, which JSON writes as text."""
    if isinstance(value, list):
        return [_dated(item, field.item or field) for item in value]
    if isinstance(value, dict):
        return {key: _dated(inner, field.fields[key]) for key, inner in value.items()}
    if field.kind == "date" and isinstance(value, str):
        return datetime.date.fromisoformat(value)
    return value
