"""The example case file that people start from, for any model.

`imrgen/starter.toml` is that of the core. A model that adds fields takes the values of the core's
from there. One that leaves some of the core's out is another programme's, of which that case knows
nothing: all of its values are examples of its fields.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from typing import Any

from imrgen.case import CORE, Case, Field, Model, parse, readable_text, toml_literal
from imrgen.pack import TemplatePack

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

_COMMENTED_OUT = re.compile(r"^#(?=[^\s#:])", re.MULTILINE)
_ENDS = re.compile(r"(?:\[\])?(?:\.|\Z)")
"""Where the names of tables in a pattern end, and the pattern itself does."""


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
    adds_only = all(model.find(pattern) for pattern, _ in CORE.patterns())
    return "".join(_Writer(parse(text).data if adds_only else {}, required).file(model, title))


def starter_of(pack: TemplatePack, *, whole: bool = False) -> str:
    """Return an example case file of a pack, of which all of its letters can be made.

    Args:
        pack: The pack.
        whole: Whether it has every field, also those that are commented out otherwise.
    """
    letters = pack.merged("letters")
    required = {each for name in letters for each in pack.requires(name)}
    required |= {"recipients" for name in letters if pack.is_per_recipient(name)}
    text = starter(pack.model, f"pack `{pack.name}`: {pack.title}", required)
    return _COMMENTED_OUT.sub("", text) if whole else text


class _Writer:
    """Writes a case file.

    Args:
        known: The values of an example case.
        required: The patterns of the fields that the file must have.
    """

    def __init__(self, known: Mapping[str, Any], required: Collection[str]) -> None:
        self._known = known
        # Where a field of a table is required, the table is, too.
        self._required = {
            pattern[: end.start()] for pattern in required for end in _ENDS.finditer(pattern)
        }

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
            is_live = self._is_live(key, field, known)
            sign = "" if is_live else "#"
            yield "\n" + _comment(field, " Repeat it for each." if field.item else "")
            yield f"{sign}[[{key}]]\n" if field.item else f"{sign}[{key}]\n"
            for inner, each in table.fields.items():
                yield from self._pair(f"{pattern}.{inner}", inner, each, values, is_live)

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
        is_live = is_open and self._is_live(pattern, field, value)
        if value is None or is_narrowed:
            value = _example(field)
        written = f"{key} = {_toml(value, field)}\n"
        yield _comment(field)
        yield written if is_live else "".join(f"#{line}\n" for line in written.splitlines())

    def _is_live(self, pattern: str, field: Field, value: Any) -> bool:
        """Return whether a field stands in the file, and not only in a comment."""
        return value is not None or field.required or pattern in self._required


def _comment(field: Field, more: str = "") -> str:
    return f"# {' '.join(field.description.split())}{more}\n"


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
