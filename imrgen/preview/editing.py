"""Edits of a case file's text: switching one value, and saving without losing others' changes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from imrgen.case import MOST_BYTES, Case, Model, Source, encode_text
from imrgen.diagnostics import (
    ConflictError,
    NotFoundError,
    OutputError,
    codes,
    field,
)
from imrgen.diagnostics import Path as DataPath
from imrgen.export import write_to


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes, by which a later change is noticed."""
    return hashlib.sha256(content).hexdigest()


def save(path: Path, text: str, before: str) -> str:
    """Write a case file, unless it has changed since the page read it.

    The file keeps its byte order mark and its line ends; a link is followed.

    Args:
        path: The file.
        text: The whole new text.
        before: The digest of what the page read.

    Returns:
        The digest of the new content.

    Raises:
        ConflictError: The file has changed meanwhile, or no longer exists; nothing is written.
        OutputError: The file cannot be written; it stays as it is.
    """
    try:
        current = path.read_bytes()
    except OSError:
        raise ConflictError.of(
            codes.SAVE_CONFLICT, f"{path} no longer exists; nothing was written"
        ) from None
    if digest(current) != before:
        raise ConflictError.of(
            codes.SAVE_CONFLICT,
            f"{path} was changed by another program since it was loaded; nothing was written",
            "copy what you typed, and load the file again",
        )
    content = encode_text(text, current)
    if len(content) > MOST_BYTES:
        raise OutputError.of(codes.TOO_LARGE, f"the text is larger than {MOST_BYTES // 2**20} MiB")
    write_to(path, content)
    return digest(content)


def list_switches(source: Source, model: Model[Case]) -> list[dict[str, Any]]:
    """Return the values of a case file whose field allows only a few, each with those values.

    Args:
        source: The case file, valid or not.
        model: The fields that a case may have.
    """
    return [
        {"field": field(path), "path": list(path), "value": value, "values": list(known.choices)}
        for path, value, known in model.walk(source.data)
        if value in known.choices and path in source.places
    ]


def apply_switch(source: Source, path: DataPath, value: str | bool, model: Model[Case]) -> str:
    """Return the text of a case file with another value at a path.

    Args:
        source: The case file.
        path: The path of a switch.
        value: One of its values.
        model: The fields that a case may have.

    Raises:
        NotFoundError: There is no such switch, or it has no such value.
    """
    switch = next((s for s in list_switches(source, model) if tuple(s["path"]) == path), None)
    if switch is None or value not in switch["values"]:
        raise NotFoundError.of(
            codes.NOT_IN_PREVIEW, "the case has no such value to switch", path=path
        )
    span = source.places[path].value
    lines = source.text.split("\n")
    line = lines[span.line - 1]
    literal = str(value).lower() if isinstance(value, bool) else f'"{value}"'
    lines[span.line - 1] = line[: span.column - 1] + literal + line[span.column - 1 + span.length :]
    return "\n".join(lines)
