"""What the fields of a model are, and the one walk over a case.

A `Model` is a value that is built from a struct class. The types of the class and their metadata
say what each field is, and everything that needs to know asks the model: checks, templates, the
search for other cases' data, the preview's form. A field that is declared as `Narrative` is
read as Markdown and protected like every other narrative, with no second list to keep.
"""

from __future__ import annotations

import datetime
import functools
import re
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from imrgen.case.controls import CONTROLS
from imrgen.diagnostics import Path
from imrgen.diagnostics import field as path_text

Kind = Literal[
    "table",
    "narrative",
    "text",
    "name",
    "identifier",
    "code",
    "term",
    "amount",
    "money",
    "number",
    "date",
    "choice",
]
"""What a value is:

    narrative    Markdown
    text         plain text, shown as it is written
    name         the name of the person whom the case is about
    identifier   a number of this case alone, such as a claim number
    code         a code of a coding system, the same in many cases
    money        an amount of money
    term         a word that names something else: a notice, another issue, a coding system
    choice       one of a few values; true or false
"""

# Some text, and no control character.
_TEXT = f"^(?=[\\s\\S]*\\S)[^\\x0b{CONTROLS}]*$"
_NARRATIVE = f"^(?=[\\s\\S]*\\S)[^{CONTROLS}]*$"
Text = Annotated[str, Meta(pattern=_TEXT, extra={"says": "must not be blank"})]
Narrative = Annotated[
    str, Meta(pattern=_NARRATIVE, extra={"says": "must not be blank", "kind": "narrative"})
]
PersonName = Annotated[Text, Meta(extra={"kind": "name"})]
Identifier = Annotated[Text, Meta(extra={"kind": "identifier"})]
CodeText = Annotated[Text, Meta(extra={"kind": "code"})]
Term = Annotated[Text, Meta(extra={"kind": "term"})]

# NaN and the infinities lie between no limits; no amount of anything in a case is larger.
MOST = 10**15

HIDDEN: Any = Annotated[int, Meta(gt=0, lt=1, extra_json_schema={"hidden": True})]
"""The type of a field that a model does not have, and of which its class has the default only."""

# A union of types would be made anew for each value.
_LISTS = (list, tuple)
_TABLES = (msgspec.Struct, Mapping)

Root = TypeVar("Root", bound=msgspec.Struct)


class Unreadable:
    """The type of `UNREADABLE`."""


UNREADABLE = Unreadable()
"""Stands in raw data for a value that could not be read, and as a key for a key that could not.

Validation passes over it: the fault of syntax has been reported.
"""


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the case file."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """What the model knows of a field.

    Args:
        key: Its name in the file.
        attribute: Its name in Python.
        description: What it is for, as the JSON Schema says it; empty for an item of a list.
        examples: Values it may have, as JSON writes them.
        kind: What its value is; for a list, what its items are.
        required: Whether its table must have it.
        confidential: Whether it is left out when a determination is published.
        is_part: Whether it is only a part of what is written as one value: an item of a list of
            texts, an amount's unit.
        choices: The values it may have; empty where these are not a few.
        expression: The regular expression that a pack declares for a text, if it does.
        refusal: What to say of a text that does not match it, or the pattern of its type.
        alternatives: The Python types of its value, without `None`.
        fields: The fields by key, where the value may be a table.
        item: The items, where the value may be a list.
        entry: The values, where the value may be a table of any keys.
    """

    key: str
    attribute: str
    description: str
    examples: tuple[Any, ...]
    kind: Kind
    required: bool
    confidential: bool
    is_part: bool
    choices: tuple[Any, ...]
    expression: str | None
    refusal: str | None
    alternatives: tuple[Any, ...]
    fields: Mapping[str, Field]
    item: Field | None
    entry: Field | None

    @property
    def types(self) -> tuple[type, ...]:
        """The Python types of its value, tables left out."""
        types: list[type] = []
        for each in map(plain, self.alternatives):
            if get_origin(each) is Literal:
                types += map(type, get_args(each))
            elif not is_struct(each):
                types.append(get_origin(each) or each)
        return tuple(dict.fromkeys(types))

    def patterns(self, pattern: str) -> Iterator[tuple[str, Field]]:
        """Yield a field and all fields in it, each with its pattern, the outer ones first.

        Args:
            pattern: The field's own; empty for the file itself.
        """
        if pattern:
            yield pattern, self
        table = self if self.item is None else self.item
        prefix = pattern and f"{pattern}." if self.item is None else f"{pattern}[]."
        for key, inner in table.fields.items():
            yield from inner.patterns(prefix + key)

    def walk(self, value: Any, path: Path) -> Iterator[tuple[Path, Any, Field]]:
        """Yield a value and all values in it, each with its path and field, the outer ones first.

        Args:
            value: A value of this field, or raw data as a parser returns it, valid or not.
            path: The value's path.
        """
        yield path, value, self
        if self.item is not None:
            if isinstance(value, _LISTS):
                for number, item in enumerate(value):
                    if item is not None:
                        yield from self.item.walk(item, (*path, number))
        elif self.fields and isinstance(value, _TABLES):
            data = value if isinstance(value, Mapping) else None
            for key, field in self.fields.items():
                inner = getattr(value, field.attribute) if data is None else data.get(key)
                if inner is None:
                    continue
                if field.item is None and not field.fields:
                    yield (*path, key), inner, field  # as its own walk would, in half the time
                else:
                    yield from field.walk(inner, (*path, key))

    def copy(self, value: Any, path: Path, change: Callable[[Path, Any], Any]) -> Any:
        """Copy a value; a function returns what replaces each part of it, the inner ones first."""
        if isinstance(value, msgspec.Struct):
            value = type(value)(
                **{
                    field.attribute: field.copy(
                        getattr(value, field.attribute), (*path, key), change
                    )
                    for key, field in self.fields.items()
                }
            )
        elif isinstance(value, tuple) and self.item is not None:
            value = tuple(
                self.item.copy(item, (*path, number), change) for number, item in enumerate(value)
            )
        return change(path, value)

    def missing(self, value: Any, keys: list[str], path: Path) -> Iterator[Path]:
        """Yield where a value is missing; an empty list counts as missing, an empty table not."""
        key, *rest = keys
        name = key.removesuffix("[]")
        here, field = (*path, name), self.fields.get(name)
        inner = getattr(value, field.attribute, None) if field else None
        if field is None or inner is None or inner == ():
            yield here
        elif rest and key.endswith("[]") and field.item is not None:
            for number, item in enumerate(inner):
                yield from field.item.missing(item, rest, (*here, number))
        elif rest:
            yield from field.missing(inner, rest, here)


class Model(Generic[Root]):
    """The fields of a case, or of another file such as a manifest.

    Args:
        type_: The struct class of the whole file.
    """

    def __init__(self, type_: type[Root]) -> None:
        self.type = type_

    @functools.cached_property
    def root(self) -> Field:
        """The file itself, as the table of its outermost keys."""
        return _field("", "", self.type, True, False, False)

    def walk(self, value: Any) -> Iterator[tuple[Path, Any, Field]]:
        """Yield every value of a case with its path and field, tables and lists before their parts.

        Values that are absent (`None`), and keys that the model does not have, are left out.

        Args:
            value: A case, or raw data as a parser returns it, valid or not.
        """
        return self.root.walk(value, ())

    def patterns(self) -> Iterator[tuple[str, Field]]:
        """Yield every field with its pattern, such as `issues[].rationale`, in the model's order.

        Tables and lists of tables come before their parts.
        """
        return self.root.patterns("")

    def given(self, value: Any) -> Iterator[Path]:
        """Yield the path of each field that a case has; a list of texts is one, as is an amount.

        Args:
            value: The case.
        """
        for path, inner, field in self.walk(value):
            if field.kind != "table" and not field.is_part and inner != ():
                yield path

    def find(self, pattern: str) -> Field | None:
        """Return the field that a pattern such as `issues[].rationale` names, `None` for none."""
        field: Field | None = self.root
        for name in pattern.split("."):
            field = field.fields.get(name.removesuffix("[]")) if field else None
            if name.endswith("[]"):
                field = field.item if field else None
        return field

    def name_of(self, table: type) -> str:
        """Return what an author calls a table: the key or keys under which it stands.

        Args:
            table: The table's class.
        """
        return self._names.get(table, "the table")

    @functools.cached_property
    def _names(self) -> Mapping[Any, str]:
        """What each type's values are called: a template asks for each field that it tests."""
        names: dict[Any, dict[str, None]] = {}
        waiting = [self.root]
        while waiting:
            field = waiting.pop(0)
            listed = {plain(each) for each in field.item.alternatives} if field.item else set()
            for each in listed:
                names.setdefault(each, {})[f"an item of `{field.key}`"] = None
            for each in {plain(each) for each in field.alternatives} - listed:
                names.setdefault(each, {})[f"`{field.key}`"] = None
            waiting += (field if field.item is None else field.item).fields.values()
        return {each: " or ".join(called) for each, called in names.items()}

    def missing(self, case: Root, pattern: str) -> Iterator[Path]:
        """Yield where a case lacks a field, named by a pattern; an empty list counts as missing."""
        return self.root.missing(case, pattern.split("."), ())

    def value(self, case: Root, pattern: str) -> Any:
        """Return the value of a field that stands in no list, `None` for none.

        Args:
            case: The case.
            pattern: The field, such as `case.number`.
        """
        value: Any = case
        field = self.root
        for key in pattern.split("."):
            field = field.fields[key]
            value = getattr(value, field.attribute, None)
        return value

    def tables(self, case: Root) -> dict[str, Any]:
        """Return the outermost values that a case has, by key; what the model hides is empty."""
        values = {key: getattr(case, name) for key, name in attributes(self.type).items()}
        return {key: value for key, value in values.items() if value is not None}

    def copy(self, case: Root, change: Callable[[Path, Any], Any]) -> Root:
        """Copy a case.

        Args:
            case: The case.
            change: Returns what replaces the value at a path; values within have been replaced.
        """
        copied: Root = self.root.copy(case, (), change)
        return copied

    def json_schema(
        self, title: str, properties: Mapping[str, Any], ref_template: str = "#/$defs/{name}"
    ) -> dict[str, Any]:
        """Return the JSON Schema (2020-12).

        Args:
            title: The schema's title.
            properties: Properties of the root besides the model's own.
            ref_template: Where references lead to the schema of a part, `{name}` for its name.
        """
        from imrgen.diagnostics import DIALECT  # no letter needs it

        (root,), parts = msgspec.json.schema_components([self.type], ref_template=ref_template)
        body = parts.pop(next(n for n in parts if ref_template.format(name=n) == root["$ref"]))
        for part in (body, *parts.values()):
            part.pop("title", None)
            # The rest of a docstring is for developers.
            if "description" in part:
                part["description"] = " ".join(part["description"].split("\n\n")[0].split())
            properties_ = part.get("properties", {})
            for name in [name for name, one in properties_.items() if "hidden" in one]:
                del properties_[name]
            required = part.get("required", [])
            if not required:
                part.pop("required", None)
            for name, property_ in properties_.items():
                property_.pop("default", None)
                if name not in required and "anyOf" not in property_:
                    # A null is the same as an absent key.
                    about = {
                        key: property_.pop(key)
                        for key in ("description", "examples")
                        if key in property_
                    }
                    part["properties"][name] = {**about, "anyOf": [property_, {"type": "null"}]}
        body["properties"] = {**properties, **body["properties"]}
        return {"$schema": DIALECT, "title": title, **body, "$defs": parts}


def pattern_of(path: Path) -> str:
    """Return the pattern of a path: `issues[].item` for each `issues[0].item`."""
    return re.sub(r"\[\d+\]", "[]", path_text(path))


@functools.cache
def attributes(table: type[msgspec.Struct]) -> Mapping[str, str]:
    """Map the keys of a table's class to its attributes."""
    return dict(zip(table.__struct_encode_fields__, table.__struct_fields__, strict=True))


def plain(type_: Any) -> Any:
    """Return a type without its metadata."""
    return type_.__origin__ if get_origin(type_) is Annotated else type_


def key_names(field: Field | None) -> set[str]:
    """Return every key that a file may have."""
    if field is None:
        return set()
    names = set(field.fields)
    for inner in (*field.fields.values(), field.item, field.entry):
        names |= key_names(inner)
    return names


def is_struct(type_: Any) -> bool:
    """Return whether a type is a struct class."""
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


# Several fields have the same table, and msgspec evaluates its types each time.
_struct_fields = functools.cache(msgspec.structs.fields)


def _field(
    key: str, attribute: str, type_: Any, required: bool, confidential: bool, is_part: bool
) -> Field:
    alternatives, extra = _alternatives(type_)
    own = [meta for meta in getattr(type_, "__metadata__", ()) if meta.description]
    kind: Kind | None = extra.get("kind")
    fields: dict[str, Field] = {}
    item = entry = None
    choices: tuple[Any, ...] = ()
    confidential = extra.get("confidential", confidential and kind != "narrative")
    for each in map(plain, alternatives):
        origin, arguments = get_origin(each), get_args(each)
        if is_struct(each):
            kind = kind or "table"
            fields = {
                f.encode_name: _field(
                    f.encode_name, f.name, f.type, f.required, confidential, kind == "amount"
                )
                for f in _struct_fields(each)
                if f.type is not HIDDEN
            }
        elif origin is tuple:
            item = _field(key, attribute, arguments[0], False, confidential, True)
            kind = kind or item.kind
        elif origin is dict:
            entry = _field(key, attribute, arguments[1], False, confidential, False)
            kind = kind or "table"
        elif origin is Literal or each is bool:
            choices = arguments or (True, False)
            kind = kind or "choice"
        else:
            kind = kind or _KINDS[each]
    assert kind is not None
    return Field(
        key=key,
        attribute=attribute,
        description=own[-1].description if own else "",
        examples=tuple(own[-1].examples or ()) if own else (),
        kind=kind,
        required=required,
        confidential=confidential,
        is_part=is_part and kind != "table",
        choices=choices,
        expression=extra.get("pattern"),
        refusal=extra.get("says"),
        alternatives=tuple(alternatives),
        fields=fields,
        item=item,
        entry=entry,
    )


_KINDS: Mapping[Any, Kind] = {
    str: "text",
    Any: "text",
    datetime.date: "date",
    int: "number",
    float: "number",
}


def _alternatives(type_: Any) -> tuple[list[Any], dict[str, Any]]:
    """Split a type into its alternatives, with their own metadata, and collect its `extra`."""
    origin = get_origin(type_)
    if origin is Annotated:
        alternatives, extra = _alternatives(type_.__origin__)
        for meta in type_.__metadata__:
            extra |= meta.extra or {}
        return ([type_] if alternatives == [type_.__origin__] else alternatives), extra
    if origin in (Union, types.UnionType):
        parts = [_alternatives(each) for each in get_args(type_)]
        return (
            [each for alternatives, _ in parts for each in alternatives],
            {key: value for _, extra in parts for key, value in extra.items()},
        )
    return ([], {}) if type_ is type(None) else ([type_], {})
