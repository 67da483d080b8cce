"""The cases of a batch: files, folders, globs, JSON Lines, standard input, and what a program hands over.

A batch goes through its cases more than once (which are done, which would share a name, then the
letters), and never holds them all: files are read when their turn comes, and what can be read only
once is kept in a temporary file.
"""

from __future__ import annotations

import glob
import io
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from imrgen.case import MOST_BYTES, SUFFIXES, Case, Source, case_files, no_cases, read
from imrgen.diagnostics import CaseError, Diagnostic, Span, codes

STANDARD = "-"
LINES = ".jsonl"
"""The suffix of a file with a case a line."""


class Entry(msgspec.Struct, frozen=True):
    """A case as it was found, not read yet.

    Args:
        origin: What the user calls it: the file, and for JSON Lines the line.
        content: Its bytes; empty where there is a fault.
        file: The file's name for diagnostics.
        line: Its line in a file of JSON Lines, else 0.
        fault: Why it cannot be read.
    """

    origin: str
    content: bytes
    file: str
    line: int = 0
    fault: Diagnostic | None = None

    @property
    def stem(self) -> str:
        """The part of a file name that stands for `{source}` in a pattern."""
        stem = "stdin" if self.file == "<stdin>" else Path(self.file).stem
        return f"{stem}-{self.line}" if self.line else stem


class Inputs:
    """The cases of a batch, which may be gone through any number of times.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`, `-`), cases, sources, mappings, or any
            mix of them.
        folder: Gives the folder where what can be read only once is kept.
        standard: Standard input.

    Raises:
        CaseError: An input does not exist, or holds no case.
    """

    def __init__(
        self, cases: Any, folder: Callable[[], Path], standard: IO[bytes] | None = None
    ) -> None:
        self._spool: Path | None = None
        if isinstance(cases, str | os.PathLike | Case | Source | Mapping):
            cases = [cases]
        if isinstance(cases, list | tuple) and all(
            isinstance(case, str | os.PathLike) for case in cases
        ):
            given = [os.fspath(case) for case in cases]
            self.given = [_shown(path) for path in given]
            self.paths, self.left_out = _expand(given)
            if STANDARD in self.paths:
                self._keep(
                    (pickle.dumps(entry) for entry in _lines(standard or io.BytesIO(), "<stdin>")),
                    folder(),
                )
        else:
            self.given, self.paths, self.left_out = [], [], 0
            self._keep(
                (pickle.dumps(_entry(case, number)) for number, case in enumerate(cases, 1)),
                folder(),
            )

    def __iter__(self) -> Iterator[Entry]:
        for path in self.paths:
            if path == STANDARD:
                yield from self._kept()
            elif path.lower().endswith(LINES) and path == _shown(path):
                try:
                    with Path(path).open("rb") as stream:
                        yield from _lines(stream, path)
                except OSError:
                    yield _unreadable(path)
            else:
                yield _file(path)
        if not self.paths:
            yield from self._kept()

    def _keep(self, pickled: Iterable[bytes], folder: Path) -> None:
        self._spool = folder / "cases"
        with self._spool.open("wb") as stream:
            for each in pickled:
                stream.write(len(each).to_bytes(8, "big") + each)

    def _kept(self) -> Iterator[Entry]:
        assert self._spool is not None
        with self._spool.open("rb") as stream:
            while size := stream.read(8):
                # Our own file in a folder that only we may enter.
                entry: Entry = pickle.loads(stream.read(int.from_bytes(size, "big")))  # noqa: S301
                yield entry


def _expand(given: list[str]) -> tuple[list[str], int]:
    """Find the files that paths name, and count those of their folders that are not cases."""
    found: dict[str, None] = {}
    left_out = 0
    suffixes = (*SUFFIXES, LINES)
    faults = []
    for path in given:
        if path == STANDARD:
            inner = [path]
        elif Path(path).is_dir():
            files = case_files(Path(path), suffixes)
            inner = [str(file) for file in files.cases]
            left_out += files.left_out
        elif Path(path).exists():
            inner = [path]
        else:
            inner = sorted(filter(os.path.isfile, glob.glob(path, recursive=True)))  # noqa: PTH207
        if not inner:
            hint = "a glob must match a file"
            faults.append(
                no_cases(path, suffixes)
                if Path(path).exists()
                else Diagnostic(codes.NO_INPUT, f"{path} does not exist", hints=(hint,))
            )
        found.update(dict.fromkeys(inner))
    if faults:
        raise CaseError(faults)
    return list(found), left_out


def _file(path: str) -> Entry:
    name = _shown(path)
    if name != path:
        message, hint = f"{name}: the file's name is not UTF-8", "rename the file"
        return Entry(name, b"", name, 0, Diagnostic(codes.CASE_UNREADABLE, message, hints=(hint,)))
    try:
        handle = os.open(path, os.O_RDONLY)
        try:
            content = os.read(handle, MOST_BYTES + 1)
            while len(content) <= MOST_BYTES and (more := os.read(handle, MOST_BYTES + 1)):
                content += more
        finally:
            os.close(handle)
    except (OSError, ValueError):
        return _unreadable(path)
    return Entry(path, content, path)


def _shown(path: str) -> str:
    """Return a path as a message and the manifest can hold it, which are UTF-8."""
    return path.encode(errors="replace").decode()


def _unreadable(path: str) -> Entry:
    try:
        read(path)
    except CaseError as error:
        return Entry(path, b"", path, 0, error.diagnostics[0])
    return Entry(
        path,
        b"",
        path,
        0,
        Diagnostic(codes.CASE_UNREADABLE, f"{path} could not be read a moment ago"),
    )


def _lines(stream: IO[bytes], file: str) -> Iterator[Entry]:
    number = 0
    while line := stream.readline(MOST_BYTES + 1):
        number += 1
        origin = f"{file}:{number}"
        if len(line) > MOST_BYTES:
            while line and not line.endswith(b"\n"):
                line = stream.readline(MOST_BYTES)
            message = f"this line is larger than {MOST_BYTES // 2**20} MiB"
            yield Entry(
                origin,
                b"",
                file,
                number,
                Diagnostic(codes.TOO_LARGE, message, span=Span(file, number, 1)),
            )
        elif content := line.strip():
            yield Entry(origin, content, file, number)


def _entry(case: Any, number: int) -> Entry:
    """Make the entry of what a program handed over."""
    if isinstance(case, str | os.PathLike):
        return _file(os.fspath(case))
    source = case.source if isinstance(case, Case) else case if isinstance(case, Source) else None
    if source is not None and source.text:
        return Entry(source.name, source.text.encode(), source.name)
    # `Source` and `Case` without a text came from data; JSON says the same.
    data = source.data if source is not None else case
    try:
        return Entry(f"case {number}", msgspec.json.encode(data), f"case {number}")
    except (TypeError, msgspec.MsgspecError) as fault:
        message = (
            f"case {number} of the batch is not made of what JSON can say ({type(fault).__name__})"
        )
        return Entry(
            f"case {number}", b"", f"case {number}", 0, Diagnostic(codes.WRONG_TYPE, message)
        )
