"""What does not fit a model: data is compared with its fields, and every fault reported.

`validation` asks this only where `msgspec` has refused the data.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal, Union, get_origin

import msgspec

from imrgen.case.controls import LINE_BREAK, control_faults
from imrgen.case.expressions import matches
from imrgen.case.fields import UNREADABLE, Field, Model, Root, is_struct, key_names, plain
from imrgen.case.source import DATES, Fault, Source
from imrgen.diagnostics import (
    Diagnostic,
    Excerpt,
    ImrgenError,
    Path,
    codes,
    in_file_order,
    nearest,
    similar_names,
)

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
    Any: "anything",
}


_UNKNOWN_KEY = "unknown key"
_UNLIKE = "is not written as this field asks"
_ABOVE_TABLES = "it belongs above the first [table]"
_WITHOUT_QUOTES = {
    "a whole number": "write the number without quotes",
    "a number": "write the number without quotes",
    "true or false": "write true or false, without quotes",
    "a list": 'put it in a list: ["…"]',
}


def unlike(type_: type[Root], value: Root) -> Iterator[Fault]:
    """Find the texts that do not match the expressions which a pack declares for them."""
    for path, text, field in Model(type_).walk(value):
        if not _is_like(text, field):
            yield Fault(codes.WRONG_VALUE, field.refusal or _UNLIKE, path)


def _is_like(value: Any, field: Field) -> bool:
    is_asked = field.expression is not None and isinstance(value, str)
    return not is_asked or matches(str(field.expression), value)


def refusal_of(source: Source, root: Field, error: type[ImrgenError]) -> ImrgenError:
    """Return the error of a text that is not TOML or JSON, with the faults of what can be read."""
    readable, diagnostics = source.recover(root)
    if readable is not None:
        is_toml = source.kind == "toml"
        names = () if is_toml else key_names(root)
        faults = Comparison(root, is_toml, names).faults(readable.data, root)
        diagnostics += tuple(_guarded(readable.diagnose(fault)) for fault in faults)
    return error(in_file_order(diagnostics))


def _guarded(diagnostic: Diagnostic) -> Diagnostic:
    """Hide an unknown key, which may be a part of a text, unless it is a known one misspelt."""
    is_unknown = diagnostic.message == _UNKNOWN_KEY
    if not is_unknown or diagnostic.hints[0].startswith(("did you mean", "it belongs")):
        return diagnostic
    path, hidden = diagnostic.path[:-1], Excerpt("…", 0, 1)
    return msgspec.structs.replace(diagnostic, path=path, excerpt=hidden)


def converted_part(value: Any, field: Field, comparison: Comparison) -> Any:
    """Convert what fits of a field's value; `None` stands for a value that is not there."""
    table = next(filter(is_struct, map(plain, field.alternatives)), None)
    if table is not None and isinstance(value, Mapping | None):
        given = value or {}
        parts = {
            each.attribute: converted_part(given.get(key), each, comparison)
            for key, each in field.fields.items()
            if each.required or given.get(key) is not None
        }
        is_whole = all(part is not None for part in parts.values())
        # A value of several parts, such as an amount, is there or is not.
        return table(**parts) if is_whole or table.__str__ is object.__str__ else None
    if field.item is not None:
        items = value if isinstance(value, list | tuple) else ()
        converted = (converted_part(item, field.item, comparison) for item in items)
        return tuple(part for part in converted if part is not None)
    if value is None or any(comparison.faults(value, field)):
        return None
    return comparison.converted(value, field)


def normalized(value: Any, field: Field | None) -> Any:
    """Leave out nulls, which are absent keys, and write whole numbers as such."""
    if isinstance(value, Mapping):
        return {
            key: normalized(item, field and (field.fields.get(key) or field.entry))
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list | tuple):
        return [normalized(item, field and field.item) for item in value]
    return _whole(value, field)


def _whole(value: Any, field: Field | None) -> Any:
    """Return 45 for 45.0 where a field takes whole numbers, as JSON Schema does."""
    kinds = [plain(each) for each in field.alternatives] if field else []
    is_whole = isinstance(value, float) and value.is_integer()
    return int(value) if is_whole and int in kinds and float not in kinds else value


class Comparison:
    """Compares data with a model's fields.

    Args:
        root: The field of the whole file.
        real_dates: Whether dates have a type of their own, as in TOML, or may be ISO 8601 text.
        names: The keys that may be in the wrong table because a bracket could not be read.
    """

    def __init__(self, root: Field, real_dates: bool, names: Collection[str] = ()) -> None:
        self.root = root
        self.real_dates = real_dates
        self.names = names

    def faults(self, value: Any, field: Field, path: Path = ()) -> Iterator[Fault]:
        """Find everything in some data that does not fit a field.

        Args:
            value: The data, as a parser returned it.
            field: The field.
            path: The data's path.
        """
        is_table = isinstance(value, Mapping)
        if value is UNREADABLE:
            return
        if is_table and any(is_struct(plain(each)) for each in field.alternatives):
            yield from self._table_faults(value, field, path)
        elif is_table and field.entry:
            for key, item in value.items():
                yield from self.faults(item, field.entry, (*path, key))
        elif isinstance(value, list | tuple) and field.item:
            for number, item in enumerate(value):
                yield from self.faults(item, field.item, (*path, number))
        else:
            yield from self._leaf_faults(value, field, path)
            # A table in place of a list of tables, and the reverse: what is in it counts, too.
            if is_table and field.item and field.item.fields:
                yield from self._table_faults(value, field.item, path)
            elif isinstance(value, list | tuple) and field.fields:
                for number, item in enumerate(value):
                    if isinstance(item, Mapping):
                        yield from self._table_faults(item, field, (*path, number))

    def _table_faults(self, value: Mapping[Any, Any], table: Field, path: Path) -> Iterator[Fault]:
        fields = table.fields
        for key, item in value.items():
            if key in fields:
                if item is not None or fields[key].required:
                    yield from self.faults(item, fields[key], (*path, key))
            elif key is not UNREADABLE:
                missing = [name for name in fields if name not in value]
                meant = [fields[name] for name in similar_names(str(key), missing)]
                hints = nearest(str(key), missing)
                if path and key in self.root.fields:
                    meant = [self.root.fields[key]]
                    hints = self._misplaced(key, item)
                if not hints and (UNREADABLE in value or key in self.names):
                    # It may be a part of a text, or in another table, for all that can be read.
                    continue
                hints = hints or (f"the keys here are {', '.join(fields)}",)
                yield Fault(codes.UNKNOWN_KEY, _UNKNOWN_KEY, (*path, key), hints, on="key")
                for field in meant:
                    yield from self.faults(item, field, (*path, key))
        for name, field in fields.items():
            if field.required and name not in value and UNREADABLE not in value:
                yield Fault(
                    codes.MISSING_KEY, f"`{name}` is missing", (*path, name), (f"add `{name}`",)
                )

    def _misplaced(self, key: str, value: Any) -> tuple[str, ...]:
        """Say where a key of the file's outermost belongs."""
        if not self.real_dates:
            return ("it belongs in the outermost object",)
        is_table = isinstance(value, Mapping | list)
        return (f"it belongs outside this table, as [{key}]" if is_table else _ABOVE_TABLES,)

    def converted(self, value: Any, field: Field) -> Any:
        """Convert a value that is neither a table nor a list.

        Raises:
            msgspec.ValidationError: It does not fit the field.
        """
        # No list or dict may join a text with a pattern here: msgspec 0.22 frees such a union's
        # pattern twice.
        leaves = [each for each in field.alternatives if _kind(each) not in ("a list", "a table")]
        if not leaves:
            raise msgspec.ValidationError
        union: Any = Union[tuple(leaves)]  # noqa: UP007 - it is made of a list
        builtin = DATES if self.real_dates else ()
        return msgspec.convert(_whole(value, field), union, builtin_types=builtin)

    def _leaf_faults(self, value: Any, field: Field, path: Path) -> Iterator[Fault]:
        try:
            self.converted(value, field)
            if not _is_like(value, field):
                raise msgspec.ValidationError
        except msgspec.ValidationError:
            is_text = isinstance(value, str) and str in map(plain, field.alternatives)
            allowed = LINE_BREAK if field.kind == "narrative" else ""
            controls = list(control_faults(value, path, allowed)) if is_text else []
            yield from controls or [self._leaf_fault(value, field, path)]

    def _leaf_fault(self, value: Any, field: Field, path: Path) -> Fault:
        kinds = dict.fromkeys(map(_kind, field.alternatives))
        if "a choice" in kinds:
            choices = sorted(map(str, field.choices))
            hints = nearest(value.lower(), choices) if isinstance(value, str) else ()
            options = ", ".join(f"`{choice}`" for choice in choices)
            return Fault(codes.WRONG_VALUE, f"must be one of {options}", path, hints)
        if "text" in kinds and isinstance(value, str):
            message = field.refusal or _UNLIKE
            return Fault(codes.WRONG_VALUE, message, path)
        limits = _limits(_whole(value, field), field)
        if limits:
            return Fault(codes.WRONG_VALUE, f"must be a number between {limits}", path)
        if "a number" in kinds:
            kinds.pop("a whole number", None)
        kind = _NAMES.get(type(value), "something else")
        message = f"must be {' or '.join(kinds)}, is {kind}"
        return Fault(codes.WRONG_TYPE, message, path, self._type_hints(value, field, kinds))

    def _type_hints(self, value: Any, field: Field, kinds: Mapping[str, Any]) -> tuple[str, ...]:
        """Say how to write a value of a wrong type."""
        if "a date" in kinds:
            form = "1999-06-16, without quotes" if self.real_dates else '"1999-06-16"'
            return (f"write a day that exists, as {form}",)
        if isinstance(value, str):
            return tuple(hint for kind, hint in _WITHOUT_QUOTES.items() if kind in kinds)
        is_toml = self.real_dates
        if "a list" in kinds and isinstance(value, Mapping):
            return (f"write [[{field.key}]]" if is_toml else "put it in a list: [{ … }]",)
        if "a table" in kinds and isinstance(value, list):
            return (f"write [{field.key}]" if is_toml else "take the [ and ] around it out",)
        return ()


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
