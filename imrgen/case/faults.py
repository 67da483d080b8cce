"""A model's shape, read off its types: what does not fit it, whether a field exists, its JSON Schema.

Nothing here is needed for a case without a fault, and nothing here is loaded for one.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import inspect

from imrgen.case.source import DATES, Fault
from imrgen.diagnostics import Path, codes, nearest

_FOUND = {
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


def faults(data: Any, model: type[msgspec.Struct], real_dates: bool) -> Iterator[Fault]:
    """Find everything in some data that does not fit a model.

    Args:
        data: What a parser gave.
        model: The model's root.
        real_dates: Whether dates have a type of their own, as in TOML, or may be ISO 8601 text.
    """
    yield from _faults(data, _type_info(model), (), real_dates)


def json_schema(
    model: type[msgspec.Struct], title: str, patterns: Mapping[str, Any]
) -> dict[str, Any]:
    """Give a model as JSON Schema 2020-12.

    Args:
        model: The model's root.
        title: The schema's title.
        patterns: Further properties of the root, which the model itself does not hold.
    """
    (root,), parts = msgspec.json.schema_components([model], ref_template="#/$defs/{name}")
    body = parts.pop(root["$ref"].rsplit("/", 1)[1])
    for part in (body, *parts.values()):
        part.pop("title", None)
        required = part.get("required", [])
        if not required:
            part.pop("required", None)
        for name, property_ in part.get("properties", {}).items():
            property_.pop("default", None)
            if name not in required and "anyOf" not in property_:
                # A null is the same as an absent key.
                described = {
                    key: property_.pop(key) for key in ("description",) if key in property_
                }
                part["properties"][name] = {**described, "anyOf": [{**property_}, {"type": "null"}]}
    body["properties"] = {**patterns, **body["properties"]}
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "title": title, **body, "$defs": parts}


def resolve(model: type[msgspec.Struct], pattern: str) -> bool:
    """Tell whether a pattern such as `issues[].rationale` names a field of the model."""
    type_: Any = _type_info(model)
    for name in pattern.split("."):
        struct = next((t for t in _alternatives(type_) if isinstance(t, inspect.StructType)), None)
        field = (
            next((f for f in struct.fields if f.encode_name == name.removesuffix("[]")), None)
            if struct
            else None
        )
        if field is None:
            return False
        type_ = field.type
        if name.endswith("[]"):
            item = next(
                (t for t in _alternatives(type_) if isinstance(t, inspect.VarTupleType)), None
            )
            if item is None:
                return False
            type_ = item.item_type
    return True


@functools.cache
def _type_info(model: type[msgspec.Struct]) -> Any:
    return inspect.type_info(model)


def _alternatives(type_: Any) -> list[Any]:
    while isinstance(type_, inspect.Metadata):
        type_ = type_.type
    if isinstance(type_, inspect.UnionType):
        return [part for union in type_.types for part in _alternatives(union)]
    return [type_]


def _faults(value: Any, type_: Any, path: Path, real_dates: bool) -> Iterator[Fault]:
    kinds = [kind for kind in _alternatives(type_) if not isinstance(kind, inspect.NoneType)]
    struct = next((kind for kind in kinds if isinstance(kind, inspect.StructType)), None)
    sequence = next((kind for kind in kinds if isinstance(kind, inspect.VarTupleType)), None)
    table = next((kind for kind in kinds if isinstance(kind, inspect.DictType)), None)
    if isinstance(value, Mapping) and struct:
        yield from _struct_faults(value, struct, path, real_dates)
    elif isinstance(value, Mapping) and table:
        for key, item in value.items():
            yield from _faults(item, table.value_type, (*path, key), real_dates)
    elif isinstance(value, list | tuple) and sequence:
        for number, item in enumerate(value):
            yield from _faults(item, sequence.item_type, (*path, number), real_dates)
    else:
        leaves = [kind for kind in kinds if kind not in (struct, sequence, table)]
        try:
            if not leaves:
                raise msgspec.ValidationError
            msgspec.convert(value, _python(leaves), builtin_types=DATES if real_dates else ())
        except msgspec.ValidationError:
            yield _leaf_fault(value, type_, kinds, path, real_dates)


def _says(type_: Any) -> str | None:
    """Give what the model says of a text that does not match its pattern: `Meta(extra={"says": …})`."""
    if isinstance(type_, inspect.Metadata):
        return (type_.extra or {}).get("says") or _says(type_.type)
    if isinstance(type_, inspect.UnionType):
        return next((said for said in map(_says, type_.types) if said), None)
    return None


def _python(kinds: list[Any]) -> Any:
    """Give the Python type of leaf alternatives, for msgspec to judge by the same rules as in the whole.

    No list or dict may join a text with a pattern here: msgspec 0.22 frees such a union's pattern
    twice.
    """
    union: Any = None
    for kind in kinds:
        plain: dict[Any, Any] = {
            inspect.FloatType: float,
            inspect.BoolType: bool,
            inspect.DateType: datetime.date,
        }
        python: Any
        if isinstance(kind, inspect.StrType):
            python = str
            if kind.pattern or kind.min_length:
                python = Annotated[
                    str, msgspec.Meta(pattern=kind.pattern, min_length=kind.min_length)
                ]
        elif isinstance(kind, inspect.IntType):
            python = Annotated[int, msgspec.Meta(ge=kind.ge, le=kind.le)]
        elif isinstance(kind, inspect.LiteralType):
            python = Literal[kind.values]
        else:
            python = plain[type(kind)]
        union = python if union is None else union | python
    return union


def _struct_faults(
    value: Mapping[str, Any], struct: Any, path: Path, real_dates: bool
) -> Iterator[Fault]:
    fields = {field.encode_name: field for field in struct.fields}
    for key, item in value.items():
        if key not in fields:
            missing = [name for name in fields if name not in value]
            hints = nearest(str(key), missing) or (f"the keys here are {', '.join(fields)}",)
            yield Fault(codes.UNKNOWN_KEY, "unknown key", (*path, key), hints, on="key")
        elif item is not None or fields[key].required:
            yield from _faults(item, fields[key].type, (*path, key), real_dates)
    for name, field in fields.items():
        if field.required and name not in value:
            yield Fault(
                codes.MISSING_KEY, f"`{name}` is missing", (*path, name), (f"add `{name}`",)
            )


def _leaf_fault(value: Any, type_: Any, kinds: list[Any], path: Path, real_dates: bool) -> Fault:
    text = next((kind for kind in kinds if isinstance(kind, inspect.StrType)), None)
    choice = next((kind for kind in kinds if isinstance(kind, inspect.LiteralType)), None)
    number = next((kind for kind in kinds if isinstance(kind, inspect.IntType)), None)
    if choice:
        options = ", ".join(f"`{option}`" for option in choice.values)
        hints = nearest(value.lower(), map(str, choice.values)) if isinstance(value, str) else ()
        return Fault(codes.WRONG_VALUE, f"must be one of {options}", path, hints)
    if text and isinstance(value, str):
        return Fault(codes.WRONG_VALUE, _says(type_) or "is not written as this field asks", path)
    if number and type(value) is int:
        return Fault(codes.WRONG_VALUE, f"must lie between {number.ge} and {number.le}", path)
    names: dict[Any, str] = {
        inspect.StrType: "text",
        inspect.IntType: "a whole number",
        inspect.FloatType: "a number",
        inspect.BoolType: "true or false",
        inspect.DateType: "a date",
        inspect.StructType: "a table",
        inspect.VarTupleType: "a list",
        inspect.DictType: "a table",
    }
    wanted = " or ".join(dict.fromkeys(names[type(kind)] for kind in kinds))
    hints = ()
    if any(isinstance(kind, inspect.DateType) for kind in kinds):
        form = "1999-06-16, without quotes" if real_dates else '"1999-06-16"'
        hints = (f"write a day that exists, as {form}",)
    return Fault(
        codes.WRONG_TYPE,
        f"must be {wanted}, is {_FOUND.get(type(value), 'something else')}",
        path,
        hints,
    )
