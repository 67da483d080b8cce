"""The case file's text: one value put in another's place, and the text saved where nobody else has changed it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from imrgen.case import CORE, MOST_BYTES, Case, Model, Source, parse
from imrgen.diagnostics import (
    CaseError,
    ConflictError,
    Diagnostic,
    NotFoundError,
    OutputError,
    codes,
    field,
)
from imrgen.diagnostics import Path as DataPath
from imrgen.export import write


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes, by which a later change is noticed."""
    return hashlib.sha256(content).hexdigest()


def save(path: Path, text: str, before: str) -> str:
    """Write a case file, unless it is no longer what the page read.

    Args:
        path: The file.
        text: All of it.
        before: The digest of what the page read.

    Returns:
        The digest of what was written.

    Raises:
        ConflictError: The file has changed meanwhile, or is gone; it stays as it is.
        OutputError: It cannot be written; it stays as it is.
    """
    content = text.encode()
    if len(content) > MOST_BYTES:
        raise OutputError(
            [Diagnostic(codes.TOO_LARGE, f"the text is larger than {MOST_BYTES // 2**20} MiB")]
        )
    try:
        there = path.read_bytes()
    except OSError:
        raise ConflictError(
            [Diagnostic(codes.SAVE_CONFLICT, f"{path} is gone; nothing was written")]
        ) from None
    if digest(there) != before:
        hint = "copy what you typed, and load the file again"
        message = f"{path} was changed by another program since it was loaded; nothing was written"
        raise ConflictError([Diagnostic(codes.SAVE_CONFLICT, message, hints=(hint,))])
    write(path.resolve(), content)
    return digest(content)


def switches(source: Source, model: Model[Case] = CORE) -> list[dict[str, Any]]:
    """List the values of a case file that are one of a few, with the others that each could be.

    Args:
        source: The case file, valid or not.
        model: The fields that it may have.
    """
    return [
        {"field": field(path), "path": list(path), "value": value, "values": list(known.choices)}
        for path, value, known in model.walk(source.data)
        if value in known.choices and path in source.places
    ]


def switch(source: Source, path: DataPath, value: str | bool) -> str:
    """Return the text of a case file with another value at a path.

    Args:
        source: The case file.
        path: Where; one that `switches` listed.
        value: One of those that it listed.

    Raises:
        NotFoundError: There is no such switch.
    """
    known = next((s for s in switches(source) if tuple(s["path"]) == path), None)
    if known is None or value not in known["values"]:
        raise NotFoundError(
            [Diagnostic(codes.NOT_IN_PREVIEW, "the case has no such value to switch", path=path)]
        )
    span = source.places[path].value
    lines = source.text.split("\n")
    line = lines[span.line - 1]
    written = str(value).lower() if isinstance(value, bool) else f'"{value}"'
    lines[span.line - 1] = line[: span.column - 1] + written + line[span.column - 1 + span.length :]
    return "\n".join(lines)


def listing(text: str, name: str) -> list[dict[str, Any]]:
    """List the switches of a text; none where it cannot be read."""
    try:
        return switches(parse(text, name))
    except CaseError:
        return []
