"""Fields that are declared as data: a model is extended and narrowed by what a manifest says.

A declaration stands under the pattern of its field, as letters name it in `requires`:
`claim_lines[].service`. Of a field that the model has already, it narrows what its value may be.
The result is a struct class as if somebody had written it, so that everything that asks a model
treats a declared field like any other.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import keyword
import re
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

import msgspec
from msgspec import Meta

from imrgen.case.controls import CONTROLS
from imrgen.case.declarations import Declaration
from imrgen.case.expressions import matches, problem
from imrgen.case.fields import (
    HIDDEN,
    MOST,
    CodeText,
    Field,
    Identifier,
    Kind,
    Model,
    Narrative,
    PersonName,
    Root,
    Table,
    Text,
    is_struct,
    plain,
)
from imrgen.case.model import Amount
from imrgen.case.source import DATES, Fault
from imrgen.diagnostics import codes, nearest

_NUMBER: Any = Annotated[int, Meta(ge=-MOST, le=MOST)] | Annotated[float, Meta(ge=-MOST, le=MOST)]
_LEAVES: Mapping[str, Any] = {
    "text": Text,
    "markdown": Narrative,
    "name": PersonName,
    "identifier": Identifier,
    "code": CodeText,
    "date": datetime.date,
    "integer": Annotated[int, Meta(ge=-MOST, le=MOST)],
    "number": _NUMBER,
    "money": Annotated[_NUMBER, Meta(extra={"kind": "money"})],
    "amount": Annotated[Text | Amount, Meta(extra={"kind": "amount"})],
    "boolean": bool,
}
"""The types of values by the names that manifests give them."""

_TYPES: Mapping[Kind, tuple[str, ...]] = {
    "narrative": ("markdown",),
    "text": ("text",),
    "term": ("text",),
    "number": ("integer", "number"),
    "choice": ("choice", "boolean"),
}
"""The names of types by the kind of a field, where they differ."""

_NAME = r"[a-z][a-z0-9_]*"
_PATTERN = rf"(?:{_NAME}(?:\[\])?\.)*{_NAME}(?:\[\])?\Z"


class _Extension(Table, frozen=True):
    """What is added to a table and left of it.

    Args:
        declared: The declarations by the patterns of their fields in the table.
        kept: The patterns of the table's own fields that are left; `None` for all.
        is_root: Whether it is the table of the outermost keys.
    """

    declared: dict[str, Declaration]
    kept: tuple[str, ...] | None = None
    is_root: bool = False

    def split(self) -> tuple[dict[str, Declaration], dict[str, dict[str, Declaration]]]:
        """Return the declarations of the table's fields by key, and those in each of them."""
        own: dict[str, Declaration] = {}
        inner: dict[str, dict[str, Declaration]] = {}
        for pattern, declaration in self.declared.items():
            first, _, rest = pattern.partition(".")
            if rest:
                inner.setdefault(first.removesuffix("[]"), {})[rest] = declaration
            else:
                own[first] = declaration
        return own, inner

    def kept_in(self, key: str) -> tuple[str, ...] | None:
        """Return what is left of the fields in one of the table's fields; `None` for all."""
        if self.kept is None or key in self.kept or f"{key}[]" in self.kept:
            return None
        starts = (f"{key}.", f"{key}[].")
        return tuple(each.partition(".")[2] for each in self.kept if each.startswith(starts))


def extend(
    model: Model[Root], declared: Mapping[str, Declaration], kept: Iterable[str] | None = None
) -> Model[Root]:
    """Return a model with more fields, or with less.

    Args:
        model: The model.
        declared: The declarations by the patterns of their fields, without a fault.
        kept: The patterns of the model's own fields that are left besides those that are declared;
            `None` for all.
    """
    if not declared and kept is None:
        return model
    left = None if kept is None else tuple(kept)
    extension = _Extension(declared=dict(declared), kept=left, is_root=True)
    return cast(Model[Root], _model(model.type, _encoded(extension)))


def declaration_faults(
    model: Model[Any],
    declared: Mapping[str, Declaration],
    own: Iterable[str],
    reserved: Collection[str],
) -> Iterator[Fault]:
    """Find what is wrong with declarations; the paths begin with their patterns.

    Args:
        model: The model that they extend.
        declared: All declarations by pattern, inherited ones included.
        own: The patterns of those that are asked about.
        reserved: The keys that no field outside of all tables may have.
    """
    for pattern in own:
        yield from _faults(model, declared, pattern, reserved)


def _faults(
    model: Model[Any], declared: Mapping[str, Declaration], pattern: str, reserved: Collection[str]
) -> Iterator[Fault]:
    declaration = declared[pattern]
    above, _, last = pattern.rpartition(".")
    key = last.removesuffix("[]")
    other = pattern.removesuffix("[]") if pattern.endswith("[]") else f"{pattern}[]"
    if not re.match(_PATTERN, pattern):
        message = "a field is named in small letters, digits and `_`, as in `claim_lines[].service`"
        yield Fault(codes.FIELD_UNUSABLE, message, (pattern,), ("`[]` follows a list",), on="key")
        return
    if above and not _is_table(model.find(above)) and not _declares_table(declared.get(above)):
        tables = [each for each, field in model.patterns() if _is_table(field)]
        tables += [f"{each}[]" for each, field in model.patterns() if _is_table(field.item)]
        tables += [each for each, one in declared.items() if _declares_table(one)]
        hints = nearest(above, tables) or (f'declare it: [fields."{above}"] with type = "table"',)
        message = f"there is no table `{above}`"
        yield Fault(codes.FIELD_UNUSABLE, message, (pattern,), hints, on="key")
        return
    if other in declared or (not above and key in reserved):
        message = (
            f"`{other}` is declared, too"
            if other in declared
            else f"templates know something else as `{key}`"
        )
        yield Fault(codes.FIELD_UNUSABLE, message, (pattern,), ("choose another name",), on="key")
        return
    known = model.find(pattern)
    if known is None and model.find(key if not above else f"{above}.{key}") is not None:
        message = f"the case file has a field `{key}` here, which is not a list"
        yield Fault(codes.FIELD_UNUSABLE, message, (pattern,), ("leave out the `[]`",), on="key")
    elif known is None:
        yield from _new_faults(declaration, pattern)
    else:
        yield from _narrowing_faults(declaration, known, pattern)


def _new_faults(declaration: Declaration, pattern: str) -> Iterator[Fault]:
    """Find what is wrong with the declaration of a field that the model does not have."""
    for name in ("type", "description"):
        if getattr(declaration, name) is None:
            yield Fault(
                codes.MISSING_KEY, f"`{name}` is missing", (pattern, name), (f"add `{name}`",)
            )
    type_ = declaration.type
    if (type_ == "choice") != bool(declaration.choices):
        is_missing = type_ == "choice"
        code = codes.MISSING_KEY if is_missing else codes.FIELD_UNUSABLE
        message = "`choices` is missing" if is_missing else "only a choice has choices"
        hints = ("write the values that it may have",) if is_missing else ()
        yield Fault(code, message, (pattern, "choices"), hints)
    elif type_ is not None and type_ != "table":
        yield from _value_faults(declaration, pattern, _base(declaration))


def _narrowing_faults(declaration: Declaration, known: Field, pattern: str) -> Iterator[Fault]:
    """Find what is wrong with the declaration of a field that the model has."""
    names = _TYPES.get(known.kind, (known.kind,))
    if declaration.type is not None and declaration.type not in names:
        message = f"every case file may have a field of this name, whose type is {names[0]}"
        hints = ("leave out `type`, or choose another name",)
        yield Fault(codes.FIELD_UNUSABLE, message, (pattern, "type"), hints)
        return
    if declaration.choices and (not known.choices or bool in known.types):
        message = "the values of this field are not a few"
        yield Fault(codes.FIELD_UNUSABLE, message, (pattern, "choices"))
    is_narrowed = bool(declaration.choices or declaration.pattern)
    if is_narrowed and declaration.description is None:
        hints = ("add it: that of every case file describes other values",)
        yield Fault(codes.MISSING_KEY, "`description` is missing", (pattern, "description"), hints)
    leaf = known.item or known
    if not leaf.fields:
        alternatives: Any = Union[tuple(leaf.alternatives)]  # noqa: UP007 - it is made of a list
        yield from _value_faults(declaration, pattern, alternatives)


def _value_faults(declaration: Declaration, pattern: str, type_: Any) -> Iterator[Fault]:
    """Find what is wrong with the pattern and the example of values of a type."""
    written, example = declaration.pattern, declaration.example
    if written is None and declaration.refusal is not None:
        message = "says why a text is refused, and there is no `pattern`"
        yield Fault(codes.FIELD_UNUSABLE, message, (pattern, "refusal"))
    if written is not None and plain(type_) is not str:
        yield Fault(codes.FIELD_UNUSABLE, "only a text has a pattern", (pattern, "pattern"))
    elif written is not None and (wrong := problem(written)):
        yield Fault(codes.FIELD_UNUSABLE, wrong, (pattern, "pattern"))
    elif written is not None and example is None:
        hints = ("add an example, which shows people what is meant",)
        yield Fault(codes.MISSING_KEY, "`example` is missing", (pattern, "example"), hints)
    elif example is not None and not (
        _fits(example, _narrowed(type_, declaration))
        and (written is None or matches(written, str(example)))
    ):
        message = "is not a value that this field may have"
        yield Fault(codes.FIELD_UNUSABLE, message, (pattern, "example"))


def _is_table(field: Field | None) -> bool:
    return field is not None and field.kind == "table" and field.item is None


def _declares_table(declaration: Declaration | None) -> bool:
    return declaration is not None and declaration.type == "table"


def _fits(example: Any, type_: Any) -> bool:
    """Return whether an example is a value of a type."""
    try:
        msgspec.convert(example, type_, builtin_types=DATES)
    except msgspec.ValidationError:
        return False
    return True


def _base(declaration: Declaration) -> Any:
    """Return the type of a new field's values, tables left out, before it is narrowed."""
    is_choice = declaration.type == "choice"
    return Literal[declaration.choices] if is_choice else _LEAVES[str(declaration.type)]


def _whole(pattern: str) -> str:
    """Return a pattern that the whole of a text matches, with none of what no text may hold."""
    return f"^(?=[\\s\\S]*\\S)(?=[^\\x0b{CONTROLS}]*$)(?:{pattern})$(?!\\n)"


def _narrowed(type_: Any, declaration: Declaration) -> Any:
    """Return a type that has the choices or the pattern of a declaration."""

    def narrowed(each: Any) -> Any:
        if get_origin(each) is Literal and declaration.choices:
            return Literal[declaration.choices]
        if plain(each) is not str or declaration.pattern is None:
            return each
        extra: dict[str, Any] = {}
        for meta in getattr(each, "__metadata__", ()):
            extra |= meta.extra or {}
        refusal = f"is not written as in the example `{declaration.example}`"
        extra |= {"pattern": declaration.pattern, "says": declaration.refusal or refusal}
        schema = {"pattern": _whole(declaration.pattern)}
        # It replaces the pattern of a type of the core, such as a case number's.
        return Annotated[Text, Meta(extra=extra, extra_json_schema=schema)]

    return _mapped(type_, narrowed)


def _described(type_: Any, declaration: Declaration) -> Any:
    """Return a type with the description and the example of a declaration."""
    metas = [meta for meta in getattr(type_, "__metadata__", ()) if meta.description]
    examples = (metas[-1].examples if metas else None) or []
    example = declaration.example
    if example is not None:
        is_list = get_origin(plain(type_)) is tuple
        examples = [[example] if is_list else example]
    confidential = declaration.confidential
    if confidential is None and declaration.type in ("name", "identifier"):
        confidential = True
    meta = Meta(
        description=declaration.description or (metas[-1].description if metas else None),
        examples=examples or None,
        extra=None if confidential is None else {"confidential": confidential},
    )
    return Annotated[type_, meta]


def _mapped(type_: Any, change: Callable[[Any], Any]) -> Any:
    """Return a type in which a function has replaced each part that consists of no others.

    A text is a part with its pattern.
    """
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is Annotated and plain(type_) is not str:
        return Annotated[(_mapped(arguments[0], change), *arguments[1:])]
    if origin in (Union, types.UnionType):
        return Union[tuple(_mapped(each, change) for each in arguments)]  # noqa: UP007
    if origin is tuple:
        return types.GenericAlias(tuple, (_mapped(arguments[0], change), ...))
    return change(type_)


def _replaced(old: type, new: type, type_: Any) -> Any:
    return new if type_ is old else type_


def _struct_in(type_: Any) -> type[Any] | None:
    """Return the class of the tables that a type consists of, `None` for another type."""
    found: list[type] = []
    _mapped(type_, lambda each: found.append(each) if is_struct(each) else None)
    return found[0] if found else None


def _encoded(extension: _Extension) -> bytes:
    return msgspec.msgpack.encode(extension)


@functools.lru_cache(maxsize=64)
def _model(root: Any, extension: bytes) -> Model[Any]:
    return Model(_extended(root, extension, root.__name__, root.__doc__))


@functools.lru_cache(maxsize=1024)
def _extended(table: Any, extension: bytes, name: str, about: str | None) -> type[Any]:
    """Derive a table's class.

    Args:
        table: The class.
        extension: What is added and left, encoded.
        name: The name of the new class.
        about: Its docstring.
    """
    # An example is then as JSON writes it.
    read = msgspec.msgpack.decode(extension, type=_Extension)
    own, inner = read.split()
    fields: list[tuple[str, Any, Any]] = []
    for field in msgspec.structs.fields(table) if table is not Table else ():
        key = field.encode_name
        declaration = own.pop(key, None) or own.pop(f"{key}[]", None)
        more, kept = inner.pop(key, {}), read.kept_in(key)
        type_, default = field.type, field.default
        struct = _struct_in(type_)
        if kept == () and not more and declaration is None and not field.required:
            type_ = HIDDEN
        elif struct is not None and (more or kept is not None):
            part = _encoded(_Extension(declared=more, kept=kept))
            made = _extended(cast(Any, struct), part, struct.__name__, struct.__doc__)
            type_ = _mapped(type_, functools.partial(_replaced, struct, made))
            default = made() if isinstance(default, struct) else default
        if declaration is not None:
            type_ = _described(_narrowed(type_, declaration), declaration)
        fields.append((field.name, type_, msgspec.field(default=default, name=key)))
    for pattern, declaration in own.items():
        key = pattern.removesuffix("[]")
        is_list = key != pattern
        if declaration.type == "table":
            part = _encoded(_Extension(declared=inner.pop(key, {})))
            value: Any = _extended(Table, part, key, declaration.description)
            # As in the core, only the outermost tables are there without being given.
            default = value() if read.is_root else None
        else:
            value = _narrowed(_base(declaration), declaration)
            default = None
        default = () if is_list else default
        type_ = types.GenericAlias(tuple, (value, ...)) if is_list else value
        type_ = type_ if default is not None else type_ | None
        # What Python or the class itself knows under the name has another one in the class.
        is_taken = keyword.iskeyword(key) or hasattr(table, key)
        attribute = f"{key}_" if is_taken else key
        type_ = _described(type_, declaration)
        fields.append((attribute, type_, msgspec.field(default=default, name=key)))
    if inner:
        raise ValueError(f"no table of the model is named {', '.join(inner)}")
    namespace = {
        "__module__": table.__module__,
        # The schema tells two classes of one name apart by their qualified names.
        "__qualname__": f"{name}_{hashlib.sha256(extension).hexdigest()[:8]}",
        "__doc__": about,
        "__made_of__": (table, extension, name, about),
        "__has_expressions__": getattr(table, "__has_expressions__", False)
        or any(each.pattern for each in read.declared.values()),
        "__reduce__": _reduce,
    }
    return msgspec.defstruct(
        name, fields, bases=(table,), namespace=namespace, frozen=True, kw_only=True
    )


def _reduce(table: Any) -> tuple[Any, ...]:
    """Return how to make a table of an extended model in another process."""
    values = {name: getattr(table, name) for name in table.__struct_fields__}
    return _restored, (type(table).__made_of__, values), getattr(table, "__dict__", None)


def _restored(made_of: tuple[Any, bytes, str, str | None], values: dict[str, Any]) -> Any:
    return _extended(*made_of)(**values)
