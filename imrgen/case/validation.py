"""From a source to a model, with all faults of a file at once.

The model's types are the only schema there is. `msgspec` converts by them, ten times as fast as
anything that reports more than the first fault; where it refuses, the data is compared with the
model's fields and everything that does not fit is reported.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Union, get_origin

import msgspec

from imrgen.case.controls import LINE_BREAK, control_faults
from imrgen.case.fields import Field, Model, Root, is_struct, plain
from imrgen.case.source import DATES, Fault, Source
from imrgen.diagnostics import CaseError, ImrgenError, Path, codes, nearest

# Two threads that make msgspec read one model's types at the same time crash the process.
_PREPARATION_LOCK = threading.Lock()
_prepared: set[type[msgspec.Struct]] = set()

_NAMES = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
    datetime.date: "a date",
    datetime.datetime: "a date with a time",
    datetime.time: "a time",
    type(None): "null",
}


def decode(source: Source, type_: type[Root], error: type[ImrgenError] = CaseError) -> Root:
    """Convert a source's data.

    Args:
        source: What was read.
        type_: The struct class of the whole file.
        error: What to raise.

    Raises:
        ImrgenError: `error`, with every fault of the data in the order of the file.
    """
    # A TOML date is a date; JSON and plain mappings may also write it as ISO 8601 text.
    builtin = DATES if source.kind == "toml" else ()
    _prepare(type_)
    try:
        return msgspec.convert(source.data, type_, builtin_types=builtin)
    except msgspec.ValidationError as refusal:
        faults = list(_faults(source.data, Model(type_).root, (), bool(builtin)))
        if faults:
            raise source.error(faults, error) from None
        try:
            data = _normalized(source.data, Model(type_).root)
            return msgspec.convert(data, type_, builtin_types=builtin)
        except msgspec.ValidationError:
            path = re.search(r"at `\$\.?([^`]*)`", str(refusal))
            where = f" at {path[1]}" if path else ""
            fault = Fault(codes.WRONG_TYPE, f"the data does not fit{where}")
            raise source.error([fault], error) from None


def _prepare(type_: type[msgspec.Struct]) -> None:
    """Make msgspec read a model's types, if it has not done so yet."""
    if type_ not in _prepared:
        with _PREPARATION_LOCK:
            with contextlib.suppress(msgspec.ValidationError):
                msgspec.convert({}, type_)
            _prepared.add(type_)


def _normalized(value: Any, field: Field | None) -> Any:
    """Leave out nulls, which are absent keys, and write whole numbers as such."""
    if isinstance(value, Mapping):
        return {
            key: _normalized(item, field and (field.fields.get(key) or field.entry))
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list | tuple):
        return [_normalized(item, field and field.item) for item in value]
    return _whole(value, field)


def _whole(value: Any, field: Field | None) -> Any:
    """Return 45 for 45.0 where a field takes whole numbers, as JSON Schema does."""
    kinds = [plain(each) for each in field.alternatives] if field else []
    is_whole = isinstance(value, float) and value.is_integer()
    return int(value) if is_whole and int in kinds and float not in kinds else value


def _faults(value: Any, field: Field, path: Path, real_dates: bool) -> Iterator[Fault]:
    """Find everything in some data that does not fit a field.

    Args:
        value: The data, as a parser returned it.
        field: The field.
        path: The data's path.
        real_dates: Whether dates have a type of their own, as in TOML, or may be ISO 8601 text.
    """
    if isinstance(value, Mapping) and any(is_struct(plain(each)) for each in field.alternatives):
        yield from _table_faults(value, field, path, real_dates)
    elif isinstance(value, Mapping) and field.entry:
        for key, item in value.items():
            yield from _faults(item, field.entry, (*path, key), real_dates)
    elif isinstance(value, list | tuple) and field.item:
        for number, item in enumerate(value):
            yield from _faults(item, field.item, (*path, number), real_dates)
    else:
        # No list or dict may join a text with a pattern here: msgspec 0.22 frees such a union's
        # pattern twice.
        leaves = [each for each in field.alternatives if _kind(each) not in ("a list", "a table")]
        try:
            if not leaves:
                raise msgspec.ValidationError
            union: Any = Union[tuple(leaves)]  # noqa: UP007 - it is made of a list
            msgspec.convert(_whole(value, field), union, builtin_types=DATES if real_dates else ())
        except msgspec.ValidationError:
            is_text = isinstance(value, str) and str in map(plain, leaves)
            allowed = LINE_BREAK if field.kind == "narrative" else ""
            controls = list(control_faults(value, path, allowed)) if is_text else []
            yield from controls or [_leaf_fault(value, field, path, real_dates)]


def _table_faults(
    value: Mapping[str, Any], table: Field, path: Path, real_dates: bool
) -> Iterator[Fault]:
    fields = table.fields
    for key, item in value.items():
        if key not in fields:
            missing = [name for name in fields if name not in value]
            hints = nearest(str(key), missing) or (f"the keys here are {', '.join(fields)}",)
            yield Fault(codes.UNKNOWN_KEY, "unknown key", (*path, key), hints, on="key")
        elif item is not None or fields[key].required:
            yield from _faults(item, fields[key], (*path, key), real_dates)
    for name, field in fields.items():
        if field.required and name not in value:
            yield Fault(
                codes.MISSING_KEY, f"`{name}` is missing", (*path, name), (f"add `{name}`",)
            )


def _leaf_fault(value: Any, field: Field, path: Path, real_dates: bool) -> Fault:
    kinds = dict.fromkeys(map(_kind, field.alternatives))
    if "a choice" in kinds:
        choices = sorted(map(str, field.choices))
        hints = nearest(value.lower(), choices) if isinstance(value, str) else ()
        options = ", ".join(f"`{choice}`" for choice in choices)
        return Fault(codes.WRONG_VALUE, f"must be one of {options}", path, hints)
    if "text" in kinds and isinstance(value, str):
        message = field.refusal or "is not written as this field asks"
        return Fault(codes.WRONG_VALUE, message, path)
    limits = _limits(_whole(value, field), field)
    if limits:
        return Fault(codes.WRONG_VALUE, f"must be a number between {limits}", path)
    hints = ()
    if "a date" in kinds:
        form = "1999-06-16, without quotes" if real_dates else '"1999-06-16"'
        hints = (f"write a day that exists, as {form}",)
    if "a number" in kinds:
        kinds.pop("a whole number", None)
    kind = _NAMES.get(type(value), "something else")
    return Fault(codes.WRONG_TYPE, f"must be {' or '.join(kinds)}, is {kind}", path, hints)


def _limits(value: Any, field: Field) -> str | None:
    """Return the limits that a number is not within, `None` for a value of a wrong type."""
    for each in field.alternatives:
        if plain(each) is type(value) and type(value) in (int, float):
            limits = msgspec.inspect.type_info(each)
            assert isinstance(limits, msgspec.inspect.IntType | msgspec.inspect.FloatType)
            return f"{limits.ge:.0f} and {limits.le:.0f}"
    return None


def _kind(type_: Any) -> str:
    """Return what a message calls the values of a type."""
    bare = plain(type_)
    if is_struct(bare):
        return "a table"
    origins = {tuple: "a list", dict: "a table", Literal: "a choice"}
    return origins.get(get_origin(bare)) or _NAMES[bare]
