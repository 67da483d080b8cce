"""What was compared before a plan was interrupted: a file of a line for each case.

It holds changes and digests, and no value of a case.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import msgspec

from imrgen.batch.inputs import RawCase
from imrgen.batch.plan.changes import Change, ComparedCase
from imrgen.diagnostics import OutputError, codes

_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""Follow no link; on Windows, which knows no such flag, write the line ends as they are."""
_NOBODY = RawCase("", "")
_START = b'{"recipe":"'
"""How a journal begins."""


class _Line(msgspec.Struct, frozen=True):
    """What became of the letters of a case.

    Args:
        recipe: The digest of what they were compared with.
        case_sha256: The digest of the case.
        letters: How many letters it has.
        changed: How many of them differ.
        refused: How many of them are refused in both states.
        changes: What differs.
    """

    recipe: str
    case_sha256: str
    letters: int
    changed: int
    refused: int
    changes: tuple[tuple[Change, str], ...]


_decode = msgspec.json.Decoder(_Line).decode


def read_journal(file: Path, recipe: str) -> Mapping[str, ComparedCase]:
    """Return what was compared before, by the digest of the case.

    Lines of other packs or versions are left out, and what is not a whole line.

    Args:
        file: The journal; it need not be there.
        recipe: What determines the comparison, except the case.
    """
    known: dict[str, ComparedCase] = {}
    digest = _digest(recipe)
    for text in file.read_bytes().splitlines() if file.is_file() else ():
        try:
            line = _decode(text)
        except msgspec.MsgspecError:
            continue
        if line.recipe == digest:
            known[line.case_sha256] = ComparedCase(
                _NOBODY, (), line.letters, line.changed, line.refused, line.changes
            )
    return known


class Journal:
    """A journal that is open for appending.

    Args:
        file: The file; it is made if it is not there.
        recipe: What determines the comparison, except the case.

    Raises:
        OutputError: It cannot be written.
    """

    def __init__(self, file: Path, recipe: str) -> None:
        self._file = file
        self._recipe = _digest(recipe)
        with _reported(file):
            _refuse_other(file)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _PLAIN
            descriptor = os.open(file, flags, 0o600)
            self._stream: IO[bytes] = os.fdopen(descriptor, "ab", buffering=0)
            # A plan that was killed may have left part of a line.
            self._stream.write(b"\n" if file.stat().st_size else b"")

    def append(self, compared: ComparedCase) -> None:
        """Write what became of a case, unless it could not be compared or was read from here."""
        if compared.skipped or compared.failed or compared.missing:
            return
        line = _Line(
            self._recipe,
            compared.case.digest,
            compared.letters,
            compared.changed,
            compared.refused,
            compared.changes,
        )
        with _reported(self._file):
            self._stream.write(msgspec.json.encode(line) + b"\n")

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def _refuse_other(file: Path) -> None:
    """Refuse a file that is no journal, such as one of cases, to which lines would be added.

    Raises:
        OutputError: It is none.
    """
    with file.open("rb") if file.is_file() else io.BytesIO() as stream:
        first = next((line for line in stream if line.strip()), _START)
    # A plan that was killed may have left a part of its first line alone.
    start = _START if first.endswith(b"\n") else _START[: len(first)]
    if not first.startswith(start):
        raise OutputError.of(
            codes.FILE_NOT_WRITTEN,
            f"{file} is not what a plan goes on from: another program has written it",
            "name another file, or one that is not there yet",
        )


def _digest(recipe: str) -> str:
    return hashlib.sha256(recipe.encode()).hexdigest()


@contextlib.contextmanager
def _reported(file: Path) -> Iterator[None]:
    """Turn what the system says into an error that names the file."""
    try:
        yield
    except OSError as error:
        raise OutputError.of(
            codes.FILE_NOT_WRITTEN, f"{file} cannot be written: {error.strerror}"
        ) from None
