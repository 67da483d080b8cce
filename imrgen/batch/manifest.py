"""The manifest of a batch, `manifest.jsonl`: a line for each letter and failed case.

It is only ever appended to. Each line ends in `chain`, the SHA-256 of the line before it (its
chain) and of the line itself, so that no line can be changed, removed or put in between without
every later one telling; the last line says that the batch came to its end and counts, so that none
can be cut off. It holds digests, never a case's values; the files' names are those that the pattern
made. A later line about a file takes the place of an earlier one.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from imrgen.batch.naming import fill
from imrgen.batch.outputs import MANIFEST, Target, open_target
from imrgen.batch.task import Outcome
from imrgen.diagnostics import Diagnostic, ManifestError, OutputError, Span, codes

_SEAM = b',"chain":"'
_FIRST = "0" * 64


class Record(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A line of the manifest.

    Args:
        outcome: `made`: a letter; `failed`: a case without one; `begun`: what was asked for;
            `ended`: it was all done.
        case_sha256: The digest of the case's bytes.
        recipe_sha256: The digest of all that determines a letter but the case: pack, versions,
            options, pattern.
        pack_sha256: The digest of the pack with all that it extends and uses.
        letter: The letter's name in the pack.
        format: `text`, `html` or `pdf`.
        file: The letter's file.
        sha256: The digest of the file.
        size: Its size.
        versions: Of imrgen and what it is made with, in JSON: nothing here looks into it.
        warnings: The codes of what a person should look at.
        faults: The codes of what is at fault.
        origin: The case file of a case that failed, and its line in JSON Lines.
        asked: What `imrgen batch` was asked for.
        letters: How many letters there are, in all formats.
        failed: How many cases failed.
        seconds: How long it took.
        at: When, in UTC.
    """

    outcome: Literal["made", "failed", "begun", "ended"]
    case_sha256: str = ""
    recipe_sha256: str = ""
    pack_sha256: str = ""
    letter: str = ""
    format: str = ""
    file: str = ""
    sha256: str = ""
    size: int = 0
    versions: msgspec.Raw = msgspec.Raw()
    warnings: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    origin: str = ""
    asked: dict[str, Any] = {}
    letters: int = 0
    failed: int = 0
    seconds: float = 0.0
    at: str = ""


_decode = msgspec.json.Decoder(Record).decode


class Manifest:
    """A manifest that is held open for appending; `read_manifest` only reads.

    Args:
        path: The file.
        past: Notes each line that is there already.

    Raises:
        OutputError: It cannot be read or written, or a line is not what was written.
    """

    def __init__(self, path: Path, past: Past) -> None:
        self.path = path
        self._chain, self._length = _FIRST, 0
        self._begun: Record | None = None
        self._tail: Record | None = None
        with path.open("rb") as lines:
            for record, chain, length in read_manifest(lines, str(path)):
                past.note(record, self._length)
                self._turn(record, chain, length)
        self._stream = path.open("r+b", buffering=0)
        # What a kill left half written was never promised.
        self._stream.truncate(self._length)
        self._stream.seek(self._length)

    def append_new(self, record: Record) -> None:
        """Write a line that a batch was begun or ended, unless the last such line says the same."""
        last = self._tail if record.outcome == "ended" else self._begun
        if last is None or msgspec.structs.replace(last, at=record.at) != record:
            self.append(record)

    def append(self, record: Record) -> None:
        """Write a line.

        Raises:
            OutputError: It cannot be written; no part of it stays.
        """
        body = msgspec.json.encode(record)[:-1]
        chain = _link(self._chain, body)
        line = body + _SEAM + chain.encode() + b'"}\n'
        try:
            written = self._stream.write(line)
            if written != len(line):
                raise OSError(28, os.strerror(28))
        except OSError as fault:
            self._stream.truncate(self._length)
            self._stream.seek(self._length)
            message = f"{self.path} cannot be written: {fault.strerror}"
            raise OutputError([Diagnostic(codes.FILE_NOT_WRITTEN, message)]) from None
        self._turn(record, chain, len(line))

    def repeats(self, record: Record, past: Past) -> bool:
        """Return whether the last line about a letter or a failed case says the same already."""
        place = past.place(record)
        if place is None:
            return False
        with self.path.open("rb") as lines:
            lines.seek(place)
            last = _decode(lines.readline())
        return msgspec.structs.replace(last, at=record.at, seconds=record.seconds) == record

    def sync(self) -> None:
        """Make what was written outlast a power failure."""
        os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Flush and close it."""
        self.sync()
        self._stream.close()

    def _turn(self, record: Record, chain: str, length: int) -> None:
        self._chain, self._length, self._tail = chain, self._length + length, record
        if record.outcome == "begun":
            self._begun = record


class Kept(msgspec.Struct, frozen=True, gc=False):
    """What a manifest's last line about a letter says, and where that line begins.

    Args:
        case_sha256: The digest of the case's bytes.
        format: `text`, `html` or `pdf`.
        file: The letter's file.
        sha256: The digest of the file.
        size: Its size.
        place: How many bytes of the manifest stand before the line.
    """

    case_sha256: str
    format: str
    file: str
    sha256: str
    size: int
    place: int


class Past:
    """What earlier batches made that is still good, and what failed: some 600 bytes of memory a line.

    Args:
        recipe: The digest of all that determines a letter but the case; what was made by another
            one is made anew.
        formats: The formats that are wanted.
    """

    def __init__(self, recipe: str, formats: Iterable[str]) -> None:
        self._recipe, self._formats = recipe, tuple(formats)
        self._files: dict[str, Kept] = {}
        self._failures: dict[str, int] = {}
        self._here = self._folder = str(Path.cwd())
        self._case = ""

    def note(self, record: Record, place: int) -> None:
        """Note the next line of the manifest.

        Args:
            record: The line.
            place: How many bytes stand before it.
        """
        if record.outcome == "made":
            if record.recipe_sha256 != self._recipe:
                self._files.pop(record.file, None)
                return
            # The formats of a letter, which stand one behind the other, share the text of the
            # digest.
            if record.case_sha256 != self._case:
                self._case = record.case_sha256
            kept = Kept(self._case, record.format, record.file, record.sha256, record.size, place)
            self._files[record.file] = kept
        elif record.outcome == "begun":
            self._folder = record.asked["folder"]
        elif record.outcome == "failed":
            self._failures[_place(self._folder, record.origin)] = place

    @functools.cached_property
    def _cases(self) -> dict[str, list[Kept]]:
        cases: dict[str, list[Kept]] = {}
        for kept in self._files.values():
            cases.setdefault(kept.case_sha256, []).append(kept)
        return cases

    def of(self, case_sha256: str, stem: str | None) -> list[Kept] | None:
        """Return what is kept of a case's letter in each format, once; `None` if one is missing.

        Args:
            case_sha256: The digest of the case.
            stem: The name that the files must have, where it depends on more than the case.
        """
        if stem is not None:
            files = [self._files.get(fill(stem, format_)) for format_ in self._formats]
            kept = [each for each in files if each and each.case_sha256 == case_sha256]
        else:
            kept = self._cases.pop(case_sha256, [])
        found = {each.format: each for each in kept}
        return (
            [found[each] for each in self._formats] if found.keys() >= set(self._formats) else None
        )

    def failed(self, origin: str) -> bool:
        """Return whether a case failed."""
        return _place(self._here, origin) in self._failures

    def place(self, record: Record) -> int | None:
        """Return where the last line about a letter or a failed case begins."""
        if record.origin:
            return self._failures.get(_place(self._here, record.origin))
        kept = self._files.get(record.file)
        return kept.place if kept else None


def _place(folder: str, origin: str) -> str:
    return os.path.normpath(f"{folder}/{origin}") if not origin.startswith("/") else origin


def records_of(outcome: Outcome, recipe: str, versions: Mapping[str, str]) -> list[Record]:
    """Return the lines of a case.

    Args:
        outcome: What became of it.
        recipe: The digest of all that determines its letter but the case itself.
        versions: The renderer's provenance.
    """
    codes = {weight: _codes(outcome, weight) for weight in ("error", "warning")}
    common: dict[str, Any] = {
        "case_sha256": outcome.case_sha256,
        "recipe_sha256": recipe,
        "pack_sha256": versions["pack_sha256"],
        "letter": versions["letter"],
        "versions": msgspec.Raw(
            msgspec.json.encode(
                {name: versions[name] for name in versions if name not in ("pack_sha256", "letter")}
            )
        ),
        "warnings": codes["warning"],
        "seconds": round(outcome.seconds, 4),
        "at": now(),
    }
    if outcome.failed:
        return [Record(outcome="failed", origin=outcome.origin, faults=codes["error"], **common)]
    return [
        Record(
            outcome="made",
            format=made.format,
            file=made.file,
            sha256=made.sha256,
            size=made.size,
            **common,
        )
        for made in outcome.letters
    ]


def now() -> str:
    """Return the time, in UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def read_manifest(lines: Iterable[bytes], name: str) -> Iterator[tuple[Record, str, int]]:
    """Read a manifest's lines; one that a kill left half written ends them.

    Args:
        lines: The lines, each with its end.
        name: The file's name for diagnostics.

    Yields:
        Each line's record, its chain, and how many bytes it has.

    Raises:
        ManifestError: At the first line that is not what was written.
    """
    chain = _FIRST
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n"):
            return
        body, _, rest = line.rpartition(_SEAM)
        chain = _link(chain, body)
        try:
            if rest != chain.encode() + b'"}\n':
                raise ValueError
            record = _decode(line)
        except (ValueError, msgspec.MsgspecError):
            hint = "the manifest was changed; take it from a backup, or make the batch anew in another folder"
            message = "this line, or one before it, is not what was written"
            raise ManifestError(
                [
                    Diagnostic(
                        codes.MANIFEST_CHANGED, message, span=Span(name, number, 1), hints=(hint,)
                    )
                ]
            ) from None
        yield record, chain, len(line)


def verify_folder(folder: str | os.PathLike[str]) -> list[Diagnostic]:
    """Find what is not as a batch left it.

    Args:
        folder: The folder of a batch, or its URL.

    Returns:
        What is at fault: a line that was changed, removed, put in or cut off; a file that was
        changed, is missing, or stands in no line; a batch that did not come to its end. Empty
        where all is as it was.

    Raises:
        ManifestError: The folder holds no manifest.
    """
    target = open_target(os.fspath(folder))
    lines = target.manifest()
    name = f"{os.fspath(folder).rstrip('/')}/{MANIFEST}"
    if not lines:
        hint = "a folder that `imrgen batch` wrote holds one"
        raise ManifestError(
            [Diagnostic(codes.NO_BATCH, f"{name} does not exist, or is empty", hints=(hint,))]
        )
    made: dict[str, tuple[int, str, int]] = {}
    last, length, number = None, 0, 0
    try:
        for number, (record, _, size) in enumerate(read_manifest(io.BytesIO(lines), name), 1):
            last, length = record, length + size
            if record.outcome == "made":
                made[record.file] = number, record.sha256, record.size
    except ManifestError as error:
        return list(error.diagnostics)
    found = []
    if length != len(lines) or last is None or last.outcome != "ended":
        hint = "run `imrgen batch` again; it goes on where it was"
        message = "the batch did not come to its end, or the last lines are missing"
        found.append(
            Diagnostic(
                codes.BATCH_UNFINISHED, message, span=Span(name, number + 1, 1), hints=(hint,)
            )
        )
    return [*found, *_files(target, made, name)]


def _link(chain: str, body: bytes) -> str:
    return hashlib.sha256(chain.encode() + body).hexdigest()


def _codes(outcome: Outcome, weight: str) -> tuple[str, ...]:
    return tuple(sorted({d.code for d in outcome.diagnostics if d.severity == weight}))


def _files(target: Target, made: dict[str, tuple[int, str, int]], name: str) -> list[Diagnostic]:
    found = []
    for file, (line, *wanted) in made.items():
        digest = target.digest(file)
        if digest is None or list(digest) != wanted:
            what = "is missing" if digest is None else "is not what was written"
            hint = "run `imrgen batch` again; it makes the letter anew"
            found.append(
                Diagnostic(
                    codes.LETTER_CHANGED, f"{file} {what}", span=Span(name, line, 1), hints=(hint,)
                )
            )
    strange = sorted(set(target.files()) - set(made))
    hint = "take it away; a letter that a batch was stopped at is made anew by the next"
    found += [
        Diagnostic(
            codes.STRAY_FILE,
            f"{Path(name).parent / file}: no line tells of this file",
            hints=(hint,),
        )
        for file in strange
    ]
    return found
