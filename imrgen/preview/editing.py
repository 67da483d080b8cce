"""Saving a case file without losing others' changes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from imrgen.case import MOST_BYTES, encode_text
from imrgen.diagnostics import ConflictError, OutputError, codes
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
