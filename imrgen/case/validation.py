"""From a source to a model, with all faults of a file at once.

The model's types are the only schema there is. `msgspec` converts by them, ten times as fast as
anything that reports more than the first fault; where it refuses, `imrgen.case.faults` walks the same
types and says everything that is wrong.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from imrgen.case.source import DATES, Fault, Source
from imrgen.diagnostics import CaseError, ImrgenError, codes

Model = TypeVar("Model", bound=msgspec.Struct)
_ONE_AT_A_TIME = threading.Lock()
_prepared: set[type[msgspec.Struct]] = set()


def decode(source: Source, model: type[Model], error: type[ImrgenError] = CaseError) -> Model:
    """Convert a source's data.

    Args:
        source: What was read.
        model: The model's root.
        error: What to raise.

    Raises:
        ImrgenError: `error`, with every fault of the data in the order of the file.
    """
    # A TOML date is a date; JSON and plain mappings may also write it as ISO 8601 text.
    builtin = DATES if source.kind == "toml" else ()
    _prepare(model)
    try:
        return msgspec.convert(source.data, model, builtin_types=builtin)
    except msgspec.ValidationError as refusal:
        from imrgen.case.faults import faults

        found = list(faults(source.data, model, bool(builtin)))
        if found:
            raise report(source, found, error) from None
        try:
            # Only nulls were in the way: a null is the same as an absent key.
            return msgspec.convert(_without_nulls(source.data), model, builtin_types=builtin)
        except msgspec.ValidationError:
            path = re.search(r"at `\$\.?([^`]*)`", str(refusal))
            where = f" at {path[1]}" if path else ""
            raise report(
                source, [Fault(codes.WRONG_TYPE, f"the data does not fit{where}")], error
            ) from None


def _prepare(model: type[msgspec.Struct]) -> None:
    """Let msgspec read a model's types once, in one thread: two that do so at the same time crash the process."""
    if model not in _prepared:
        with _ONE_AT_A_TIME:
            with contextlib.suppress(msgspec.ValidationError):
                msgspec.convert({}, model)
            _prepared.add(model)


def report(
    source: Source, faults: Sequence[Fault], error: type[ImrgenError] = CaseError
) -> ImrgenError:
    """Give the error that holds a source's faults, in the order of the file."""
    diagnostics = [source.diagnose(fault) for fault in faults]
    diagnostics.sort(key=lambda d: (d.span.line, d.span.column) if d.span else (0, 0))
    return error(diagnostics)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_nulls(item) for item in value]
    return value
