"""A case as a form: each field of its model with its value, and changes of these values.

The form is made of the model, as the schema and the page about the fields are. A change is made in
the case's text, which stays the one draft of it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from imrgen.case import (
    Amount,
    Case,
    EditError,
    Field,
    Model,
    Source,
    abbreviations,
    label_of,
    remove_value,
    set_value,
    type_of,
)
from imrgen.diagnostics import NotFoundError, Path, codes

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?\Z")
_AMOUNT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) (\S[\s\S]*)\Z")


class Change(msgspec.Struct, frozen=True):
    """A change that the form makes.

    Args:
        path: Where.
        action: `set` a value; `add` an item or a table; `remove` it; `rewrite` an amount as a text,
            or a text as an amount.
        text: What was typed, or the value that was chosen; an empty one removes the field.
    """

    path: tuple[str | int, ...]
    action: Literal["set", "add", "remove", "rewrite"] = "set"
    text: str = ""


def describe_form(source: Source, model: Model[Case]) -> list[dict[str, Any]]:
    """Return the fields of a case in the model's order, each with what the page shows of it.

    Args:
        source: The case file, whose text is valid TOML or JSON; its data may have any faults.
        model: The fields that a case may have.
    """
    known = abbreviations(model)
    return list(_parts(source.data, model.root, (), known))


def _parts(value: Any, table: Field, path: Path, known: frozenset[str]) -> Iterator[dict[str, Any]]:
    values = value if isinstance(value, Mapping) else {}
    for key, field in table.fields.items():
        yield _described(values.get(key), field, (*path, key), label_of(key, known), known)


def _described(
    value: Any, field: Field, path: Path, label: str, known: frozenset[str]
) -> dict[str, Any]:
    """Return a field with its value, and with the fields in it."""
    described: dict[str, Any] = {
        "path": list(path),
        "label": label,
        "help": field.description,
        "type": "" if field.is_part and isinstance(path[-1], int) else type_of(field),
        "required": field.required,
        "given": value is not None,
        "control": _control(value, field),
        "value": _shown(value),
    }
    if described["control"] == "list":
        items = value or []
        described["parts"] = [
            _described(item, field.item or field, (*path, number), f"{label} {number + 1}", known)
            for number, item in enumerate(items)
        ]
    elif described["control"] == "table":
        # The outermost tables are there without being given.
        described["optional"] = len(path) > 1
        is_open = value is not None or len(path) == 1
        described["parts"] = list(_parts(value, field, path, known)) if is_open else []
    elif described["control"] == "choice":
        described["choices"] = [_shown(choice) for choice in field.choices]
    if field.kind == "amount" and not field.is_part:
        described["rewrite"] = "text" if isinstance(value, Mapping) else "quantity and unit"
    return described


def _control(value: Any, field: Field) -> str:
    """Return by what a value is edited, `other` for one that is not of the field's type."""
    if field.item is not None:
        return "list" if value is None or isinstance(value, list) else "other"
    if isinstance(value, Mapping) or (field.kind == "table" and value is None):
        return "table" if field.fields else "other"
    if isinstance(value, list) or field.kind == "table":
        return "other"
    if field.choices:
        is_known = any(type(value) is type(each) and value == each for each in field.choices)
        return "choice" if value is None or is_known else "text"
    if field.kind == "date":
        return "date" if value is None or _is_date(value) else "text"
    is_long = field.kind == "narrative" or "\n" in str(value or "")
    examples = (example for example in field.examples if isinstance(example, str))
    return "lines" if is_long or any("\n" in example for example in examples) else "text"


def _is_date(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}", value) is not None
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def _shown(value: Any) -> str:
    """Return a value as the page shows it, and as `Change.text` has it."""
    if value is None or isinstance(value, list | Mapping):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def apply_change(source: Source, change: Change, model: Model[Case]) -> str:
    """Return the text of a case file with a change.

    Args:
        source: The case file.
        change: The change.
        model: The fields that a case may have.

    Raises:
        NotFoundError: The model has no such field, or the text has it in a way that cannot be
            changed without changing something else.
    """
    path = change.path
    field = _find(path, model)
    if field is None:
        raise NotFoundError.of(codes.NOT_IN_PREVIEW, "the case has no such field", path=path)
    try:
        if change.action == "remove":
            return remove_value(source, path)
        value = _value(source, change, field)
        if value is None:
            return remove_value(source, path) if _at(source.data, path) is not None else source.text
        return set_value(source, path, value)
    except EditError:
        raise NotFoundError.of(
            codes.NOT_IN_PREVIEW,
            "this is written in a way that the form cannot change",
            "change it in the text",
            path=path,
        ) from None


def _value(source: Source, change: Change, field: Field) -> Any:
    """Return the new value of a field, `None` for a field that is left out."""
    is_item = isinstance(change.path[-1], int)
    if change.action == "add":
        return _blank(field)
    if change.action == "rewrite":
        before = _at(source.data, change.path)
        if isinstance(before, Mapping):
            return str(Amount(**before)) if _is_amount(before) else ""
        found = _AMOUNT.match(str(before or ""))
        quantity, unit = (_number(found[1]), found[2]) if found else (0, before or "")
        return {"quantity": quantity, "unit": unit}
    if change.text == "" and not (is_item or field.required):
        return None
    return _typed(change.text, field, source.kind == "toml")


def _is_amount(value: Mapping[str, Any]) -> bool:
    is_number = isinstance(value.get("quantity"), int | float)
    return is_number and isinstance(value.get("unit"), str) and len(value) == 2


def _typed(text: str, field: Field, has_dates: bool) -> Any:
    """Return what was typed as a value of the field's type, or as text, which is then a fault."""
    for choice in field.choices:
        if text == _shown(choice):
            return choice
    if field.kind == "date" and has_dates and _is_date(text):
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            return text
    if {int, float} & {*field.types} and _NUMBER.match(text):
        return _number(text)
    return text


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _blank(field: Field) -> Any:
    """Return the value of a new item or table: what it must have is there, and empty."""
    if field.item is not None:
        return []
    if field.fields:
        return {key: _blank(each) for key, each in field.fields.items() if each.required}
    return 0 if str not in field.types and {int, float} & {*field.types} else ""


def _find(path: Path, model: Model[Case]) -> Field | None:
    field: Field | None = model.root
    for part in path:
        if field is None:
            return None
        field = field.item if isinstance(part, int) else field.fields.get(part)
    return field if path else None


def _at(data: Any, path: Path) -> Any:
    for part in path:
        if isinstance(part, int) and isinstance(data, list):
            data = data[part] if 0 <= part < len(data) else None
        else:
            data = data.get(part) if isinstance(data, Mapping) else None
    return data
