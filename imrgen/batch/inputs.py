"""The cases of a batch: files, folders, globs, JSON Lines, standard input, and values of a program.

A batch iterates over its cases more than once (to find those that are done, to compare their names,
to make their letters), and never holds all of them in memory: files are read when they are needed,
and what can be read only once is kept in a temporary file.
"""

from __future__ import annotations

import contextlib
import datetime
import glob
import hashlib
import io
import json
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from imrgen.case import (
    LINES_SUFFIX,
    MARK,
    MOST_BYTES,
    SUFFIXES,
    Case,
    Source,
    case_files,
    decode_text,
    no_cases,
    printable,
    read,
    readable_text,
    refuse_text,
    source_of,
    wide_encoding,
)
from imrgen.diagnostics import CaseError, Diagnostic, Span, codes
from imrgen.workers import temporary_files

STANDARD = "-"
_STANDARD_NAME = "<stdin>"


class RawCase(msgspec.Struct, frozen=True):
    """A case before it is parsed.

    Args:
        origin: What the user calls it: its file, and for JSON Lines the line.
        name: The file's name in diagnostics.
        content: Its bytes; empty if they could not be read.
        line: Its line in a file of JSON Lines, else 0.
        error: Why it could not be read.
    """

    origin: str
    name: str
    content: bytes = b""
    line: int = 0
    error: Diagnostic | None = None

    @property
    def text(self) -> str:
        """The text of its file, as far as it is this case's: other lines are empty."""
        return "\n" * (self.line - 1) + readable_text(self.content)

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def stem(self) -> str:
        """The part of a file name that stands for `{source}` in a pattern."""
        stem = "stdin" if self.name == _STANDARD_NAME else Path(self.name).stem
        return f"{stem}-{self.line}" if self.line else stem

    def parse(self) -> Source:
        """Parse it.

        Raises:
            CaseError: It could not be read, or is not a case file.
        """
        if self.error is not None:
            raise CaseError([self.error])
        text = decode_text(self.content, self.name, CaseError)
        if self.line and not text.lstrip().startswith("{"):
            raise CaseError.of(
                codes.INVALID_JSON, "expected one JSON object per line", span=Span(self.name, 1, 1)
            )
        stream = _NamedStream(self.content)
        stream.name = self.name
        return read(stream)

    def relocate(self, diagnostic: Diagnostic) -> Diagnostic:
        """Return a diagnostic of this case with its name, and its place in the whole file."""
        span = diagnostic.span
        if span is not None and span.file == self.name:
            if self.line and diagnostic is not self.error:
                span = msgspec.structs.replace(span, line=self.line)
            return msgspec.structs.replace(diagnostic, span=span)
        if self.origin in diagnostic.message:
            return diagnostic
        message = f"{self.origin}: {diagnostic.message}"
        return msgspec.structs.replace(diagnostic, message=message)


class _NamedStream(io.BytesIO):
    name: str


class Inputs:
    """The cases of a batch, over which one can iterate any number of times.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`, `-`), bytes, cases, sources, mappings,
            or any mix of them.
        folder: Returns the folder for what can be read only once.
        standard: Standard input.
        takes_any_name: Whether a file may have a name that is not UTF-8, which no manifest could
            hold; its escaped name stands for it.

    Attributes:
        arguments: The paths as they were given; empty if other values were given.
        left_out: The number of files in the given folders that are not cases.

    Raises:
        CaseError: An input does not exist, or contains no case.
    """

    def __init__(
        self,
        cases: Any,
        folder: Callable[[], Path],
        standard: IO[bytes] | None = None,
        takes_any_name: bool = False,
    ) -> None:
        self.arguments: list[str] = []
        self._takes_any_name = takes_any_name
        self.left_out = 0
        self._paths: list[str] = []
        self._spool: Path | None = None
        if isinstance(cases, str | bytes | bytearray | os.PathLike | Case | Source | Mapping):
            cases = [cases]
        if isinstance(cases, list | tuple) and all(
            isinstance(case, str | os.PathLike) for case in cases
        ):
            arguments = [os.fspath(case) for case in cases]
            self.arguments = [printable(path) for path in arguments]
            self._paths, self.left_out = _expand(arguments)
            if STANDARD in self._paths:
                self._keep(_read_lines(standard or io.BytesIO(), _STANDARD_NAME), folder())
        else:
            self._keep((_convert(case, number) for number, case in enumerate(cases, 1)), folder())

    def __iter__(self) -> Iterator[RawCase]:
        for path in self._paths:
            if path == STANDARD:
                yield from self._kept()
            elif path != printable(path) and not self._takes_any_name:
                yield _misnamed(path)
            elif _has_lines(path):
                try:
                    with Path(path).open("rb") as stream:
                        yield from _read_lines(stream, printable(path))
                except OSError:
                    yield _unreadable(path)
            else:
                yield _read_file(path)
        if not self._paths:
            yield from self._kept()

    @property
    def count(self) -> int | None:
        """The number of cases; `None` if they have to be read to be counted."""
        are_files = not any(map(_has_lines, self._paths))
        return len(self._paths) if self._paths and are_files else None

    def _keep(self, cases: Iterable[RawCase], folder: Path) -> None:
        self._spool = folder / "cases"
        with temporary_files():
            stream = self._spool.open("wb")
        try:
            for case in cases:
                with temporary_files():
                    pickle.dump(case, stream)
            with temporary_files():
                stream.flush()
        finally:
            with contextlib.suppress(OSError):  # it has been told
                stream.close()

    def _kept(self) -> Iterator[RawCase]:
        assert self._spool is not None
        with self._spool.open("rb") as stream, contextlib.suppress(EOFError):
            while True:
                yield pickle.load(stream)  # noqa: S301 - our own file, which only this user can write


def _has_lines(path: str) -> bool:
    return path == STANDARD or path.lower().endswith(LINES_SUFFIX)


def _expand(arguments: list[str]) -> tuple[list[str], int]:
    """Return the files that paths refer to, and the number of files that are not cases."""
    paths: dict[str, None] = {}
    left_out = 0
    suffixes = (*SUFFIXES, LINES_SUFFIX)
    errors = []
    for path in arguments:
        refuse_text(path, CaseError)
        if path == STANDARD:
            matches = [path]
        elif Path(path).is_dir():
            files = case_files(Path(path), suffixes)
            matches = [str(file) for file in files.cases]
            left_out += files.left_out
        elif Path(path).exists():
            matches = [path]
        else:
            matches = sorted(filter(os.path.isfile, glob.glob(path, recursive=True)))  # noqa: PTH207
        if not matches:
            hint = "a glob must match a file"
            errors.append(
                no_cases(path, suffixes)
                if Path(path).exists()
                else Diagnostic(codes.NO_INPUT, f"{path} does not exist", hints=(hint,))
            )
        paths.update(dict.fromkeys(matches))
    if errors:
        raise CaseError(errors)
    return list(paths), left_out


def _misnamed(path: str) -> RawCase:
    name = printable(path)
    message = f"{name}: the file's name is not UTF-8"
    error = Diagnostic(codes.CASE_UNREADABLE, message, hints=("rename the file",))
    return RawCase(name, name, error=error)


def _read_file(path: str) -> RawCase:
    name = printable(path)
    try:
        with Path(path).open("rb") as stream:
            # One byte more than allowed, so that a file that is too large is noticed.
            return RawCase(name, name, stream.read(MOST_BYTES + 1))
    except (OSError, ValueError):
        return _unreadable(path)


def _unreadable(path: str) -> RawCase:
    message = f"{printable(path)} could not be read a moment ago"
    error = Diagnostic(codes.CASE_UNREADABLE, message)
    try:
        read(path)
    except CaseError as reason:
        error = reason.diagnostics[0]
    return RawCase(printable(path), printable(path), error=error)


def _read_lines(stream: IO[bytes], file: str) -> Iterator[RawCase]:
    number = 0
    blank = b""
    is_first = True
    while line := stream.readline(MOST_BYTES + 1):
        number += 1
        origin = f"{file}:{number}"
        if len(line) > MOST_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(MOST_BYTES)
            message = f"this line is larger than {MOST_BYTES // 2**20} MiB"
            error = Diagnostic(codes.TOO_LARGE, message, span=Span(file, number, 1))
            yield RawCase(origin, file, line=number, error=error)
        elif number == 1 and wide_encoding(line):
            # Its lines do not end where those of UTF-8 do, so there is one message for all.
            yield RawCase(file, file, line)
            return
        elif not (text := line.lstrip(MARK).strip()):
            blank += line
        elif file == _STANDARD_NAME and is_first and not _is_whole(text):
            yield RawCase(file, file, blank + line + stream.read(MOST_BYTES + 1))
            return
        else:
            is_first = False
            yield RawCase(origin, file, line.rstrip(), number)


def _is_whole(line: bytes) -> bool:
    """Return whether a line looks like a case of JSON Lines, not like the start of a case file."""
    return line.startswith(b"{") and not line.endswith((b"{", b"[", b","))


def _convert(case: Any, number: int) -> RawCase:
    """Return a program's value as a raw case."""
    if isinstance(case, str | os.PathLike):
        path = os.fspath(case)
        refuse_text(path, CaseError)
        return _read_file(path) if path == printable(path) else _misnamed(path)
    name = f"case {number}"
    if isinstance(case, bytes | bytearray):
        return RawCase(name, name, bytes(case[: MOST_BYTES + 1]))
    if not isinstance(case, Case | Source | Mapping):
        raise TypeError(
            f"{name} of the batch is not a path, mapping, case or source, nor bytes, but "
            f"{type(case).__name__}"
        )
    try:
        source = _source(case)
        if source.text:
            return RawCase(source.name, source.name, source.content)
        # A source without a text was made from data, which JSON can express, too.
        json.dumps(source.data, default=_written)
        return RawCase(name, name, source.canonical.encode())
    except CaseError as error:
        return RawCase(name, name, error=error.diagnostics[0])
    except (TypeError, ValueError) as error:
        message = f"{name} of the batch cannot be written as JSON ({type(error).__name__})"
        return RawCase(name, name, error=Diagnostic(codes.WRONG_TYPE, message))


def _source(case: Case | Source | Mapping[str, Any]) -> Source:
    if isinstance(case, Case):
        return case.source or source_of(case, CaseError)
    return case if isinstance(case, Source) else source_of(case, CaseError)


def _written(value: Any) -> str:
    """Return how JSON writes a date; refuse what is neither that nor JSON's own."""
    if not isinstance(value, datetime.date | datetime.time):
        raise TypeError(type(value).__name__)
    return str(value)
