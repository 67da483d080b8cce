"""From a source to a model, with all faults of a file at once.

The model's types are the only schema there is. `msgspec` converts by them, ten times as fast as
anything that reports more than the first fault; where it refuses, `comparison` finds all of them.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading

import msgspec

from imrgen.case.fields import Model, Root
from imrgen.case.source import DATES, Fault, Source
from imrgen.diagnostics import CaseError, ImrgenError, codes

# Two threads that make msgspec read one model's types at the same time crash the process.
_PREPARATION_LOCK = threading.RLock()
if hasattr(os, "register_at_fork"):  # else it might be held in a child by a thread of its parent
    os.register_at_fork(
        before=_PREPARATION_LOCK.acquire,
        after_in_parent=_PREPARATION_LOCK.release,
        after_in_child=_PREPARATION_LOCK.release,
    )
_prepared: set[type[msgspec.Struct]] = set()


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
    if source.is_refused:
        from imrgen.case.comparison import refusal_of  # for a fault only

        raise refusal_of(source, Model(type_).root, error)
    _prepare(type_)
    try:
        converted = msgspec.convert(source.data, type_, builtin_types=builtin)
    except msgspec.ValidationError as refusal:
        place = re.search(r"at `\$\.?([^`]*)`", str(refusal))
    else:
        if getattr(type_, "__has_expressions__", False):
            from imrgen.case.comparison import unlike  # few packs declare any

            if faults := list(unlike(type_, converted)):
                raise source.error(faults, error)
        return converted
    # The refusal quotes values, so no error is raised while it is handled: it would be its context.
    from imrgen.case.comparison import Comparison, normalized  # for a fault only

    root = Model(type_).root
    faults = list(Comparison(root, bool(builtin)).faults(source.data, root))
    if not faults:
        with contextlib.suppress(msgspec.ValidationError):
            data = normalized(source.data, root)
            return msgspec.convert(data, type_, builtin_types=builtin)
        where = f" at {place[1]}" if place else ""
        faults = [Fault(codes.WRONG_TYPE, f"the data does not fit{where}")]
    raise source.error(faults, error)


def decode_draft(source: Source, type_: type[Root]) -> tuple[Root, CaseError | None]:
    """Convert what fits of a source's data; what is missing or does not fit is `None`, or empty.

    Args:
        source: What was read.
        type_: The struct class of the whole file.

    Returns:
        The value, and the error that `decode` would raise, `None` for none.

    Raises:
        CaseError: The text is not TOML or JSON.
    """
    try:
        return decode(source, type_), None
    except CaseError as error:
        if source.is_refused:
            raise
        from imrgen.case.comparison import Comparison, converted_part  # for a fault only

        root = Model(type_).root
        part: Root = converted_part(source.data, root, Comparison(root, source.kind == "toml"))
        return part, error


def _prepare(type_: type[msgspec.Struct]) -> None:
    """Make msgspec read a model's types, if it has not done so yet."""
    if type_ not in _prepared:
        with _PREPARATION_LOCK:
            with contextlib.suppress(msgspec.ValidationError):
                msgspec.convert({}, type_)
            _prepared.add(type_)
