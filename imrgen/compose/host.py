"""What a program gives to templates besides the case: values, filters and functions.

Values are plain data, kept as JSON, so that they travel and have a digest. A filter or a function
is known by the module and the name by which any process can import it.
"""

from __future__ import annotations

import datetime
import json
import pkgutil
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from imrgen.case import Fault, control_faults, source_of
from imrgen.compose.environment import CONTEXT, HostTable
from imrgen.diagnostics import OptionError, Path, codes

_DATE = "$date"
"""The key of a date in the JSON of a context; no other key begins with its sign."""

UNVERSIONED = "in no installed package"
"""What is said of a function that is in none, such as one of a script."""


def context_table(context: str) -> HostTable:
    """Return a program's values as templates see them.

    Args:
        context: What `encode_context` has written.
    """
    values = json.loads(context, object_hook=_decoded) if context else {}
    table: HostTable = _table(CONTEXT, values)
    return table


def encode_context(context: Mapping[str, Any]) -> str:
    """Return a program's values as JSON with sorted keys; what is `None` is left out.

    Args:
        context: Texts, numbers, dates, true or false, and lists and tables of these.

    Raises:
        OptionError: A text holds control characters; there are too many values, or they are nested
            too deep.
        TypeError: A value is something else, or a key is not a name.
    """
    source = source_of(context, OptionError)
    faults: list[Fault] = []
    plain = _encoded(source.data, (CONTEXT,), faults)
    if faults:
        raise source.error(faults, OptionError)
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False) if plain else ""


def path_of(function: Callable[..., Any] | str) -> str:
    """Return the module and the name of a function, by which any process can import it.

    Args:
        function: The function, or `MODULE:NAME`.

    Raises:
        OptionError: It cannot be imported, as one that is made in another function.
    """
    if isinstance(function, str):
        import_function(function)
        return function
    if not callable(function):
        raise TypeError(f"a filter is a function, not {type(function).__name__}")
    path = f"{getattr(function, '__module__', '')}:{getattr(function, '__qualname__', '')}"
    try:
        is_found = pkgutil.resolve_name(path) is function
    except (ImportError, AttributeError, ValueError):
        is_found = False
    if not is_found:
        raise _not_found(path)
    return path


def import_function(path: str) -> Callable[..., Any]:
    """Return the function of a module and a name.

    Raises:
        OptionError: There is none.
    """
    try:
        function = pkgutil.resolve_name(path)
    except (ImportError, AttributeError, ValueError):
        raise _not_found(path) from None
    if ":" not in path or not callable(function):
        raise _not_found(path)
    found: Callable[..., Any] = function
    return found


def import_functions(
    given: Iterable[tuple[str, str]], kind: str, taken: Collection[str]
) -> dict[str, Callable[..., Any]]:
    """Return the functions that a program gives to templates, by name.

    Args:
        given: Their names, each with `MODULE:NAME`.
        kind: What messages call them: `filter` or `function`.
        taken: The names that templates know already.

    Raises:
        OptionError: A name is taken, or a function cannot be imported.
    """
    found = {}
    for name, path in given:
        if name in taken or not name.isidentifier():
            message = (
                f"templates know something else as `{name}`"
                if name in taken
                else f"`{name}` is not a name that a template can write"
            )
            raise OptionError.of(codes.FUNCTION_UNUSABLE, message, f"give the {kind} another name")
        found[name] = import_function(path)
    return found


def versioned(path: str) -> str:
    """Return the module and name of a function, with the version of the package it comes from.

    Without one, the letter cannot be made again for certain: no version says which code it was.
    """
    import importlib.metadata

    top = path.partition(":")[0].partition(".")[0]
    packages = importlib.metadata.packages_distributions().get(top, ())
    said = (f"{name} {importlib.metadata.version(name)}" for name in sorted({*packages}))
    return f"{path} ({', '.join(said) or UNVERSIONED})"


def _not_found(path: str) -> OptionError:
    return OptionError.of(
        codes.FUNCTION_UNUSABLE,
        f"there is no function `{path}` that can be imported",
        "name a function at the top level of a module, so that the letter can say what it was made "
        "with and a worker process finds it; a program passes the function itself, the command "
        "line MODULE:NAME",
    )


def _encoded(value: Any, path: Path, faults: list[Fault]) -> Any:
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str) or not key.isidentifier():
                where = ".".join(map(str, path))
                raise TypeError(f"each key in `{where}` is a name, of letters, digits and `_`")
        given = {key: each for key, each in value.items() if each is not None}
        return {key: _encoded(each, (*path, key), faults) for key, each in given.items()}
    if isinstance(value, list):
        return [_encoded(each, (*path, number), faults) for number, each in enumerate(value)]
    if isinstance(value, str):
        text = str.__str__(value)
        faults += control_faults(text, path)
        if not _is_writable(text):
            faults.append(Fault(codes.WRONG_VALUE, "half of a surrogate pair", path))
        return text
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return {_DATE: value.isoformat()}
    if isinstance(value, bool | int) or (isinstance(value, float) and value - value == 0):
        return value
    where = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path)
    raise TypeError(
        f"`{where.lstrip('.')}` is a text, a finite number, a date, true or false, a list or a "
        f"table, not {type(value).__name__}"
    )


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _decoded(table: dict[str, Any]) -> Any:
    return datetime.date.fromisoformat(table[_DATE]) if _DATE in table else table


def _table(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return HostTable(name, {key: _table(f"{name}.{key}", each) for key, each in value.items()})
    if isinstance(value, list):
        return tuple(_table(f"{name}[]", each) for each in value)
    return value
