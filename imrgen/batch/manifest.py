"""The manifest of a batch, `manifest.jsonl`: a line for each letter, made or missing.

Lines are only ever appended. Each line ends in `chain`, the SHA-256 of the chain of the line before
it and of the line itself, so that no line can be changed, removed or inserted without a mismatch in
all later ones. The last line records the end of the batch, with counts, so that none can be cut
off. The manifest contains digests, never a case's values; file names are made by the pattern. A
later line about a file replaces an earlier one.
"""

from __future__ import annotations

import datetime
import errno
import functools
import hashlib
import io
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from imrgen.batch.messages import LetterFile, Outcome
from imrgen.batch.outputs import MANIFEST, Target, open_target
from imrgen.diagnostics import Diagnostic, ManifestError, OutputError, Span, codes
from imrgen.pipeline import Renderer

_CHAIN_KEY = b',"chain":"'
_FIRST_CHAIN = "0" * 64
_START = b'{"outcome":"begun"'
"""How a manifest begins; another file of its name is not ours to complete."""


class Asked(msgspec.Struct, frozen=True):
    """The arguments of a batch.

    Args:
        folder: The folder in which it was called.
        inputs: The cases.
        spec: The options, as `Options` reads them; `None` where a program brought a renderer.
        letters: The letters' names.
        formats: Their formats.
        name: The pattern of the files' names.
    """

    folder: str
    inputs: list[str] | None = None
    spec: dict[str, Any] | None = None
    letters: list[str] = []
    formats: list[str] = []
    name: str = ""


class Record(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True, gc=False):
    """A line of the manifest.

    Args:
        outcome: `made`: a letter; `failed`: a letter that could not be made; `begun`: the start of
            a batch, and how it was called; `ended`: its end.
        case_sha256: The digest of the case's bytes.
        recipe_sha256: The digest of everything that determines a letter except the case: pack,
            versions, options, pattern. On a line `begun` it stands for all letters.
        pack_sha256: The digest of the pack with everything that it extends and uses.
        letter: The letter's name in the pack.
        recipient: The number of the recipient that the letter is for.
        format: `text`, `html` or `pdf`.
        file: The letter's file.
        sha256: The digest of the file.
        size: The size of the file in bytes.
        versions: The versions of imrgen and of its libraries as JSON, which is not parsed here.
        warnings: The codes of the warnings.
        faults: The codes of the errors.
        origin: The case file of a letter that could not be made, and its line in JSON Lines.
        asked: The arguments of the batch.
        letters: The number of letters, in all formats.
        failed: The number of cases that failed.
        seconds: How long it took.
        at: When, in UTC.
    """

    outcome: Literal["made", "failed", "begun", "ended"]
    case_sha256: str = ""
    recipe_sha256: str = ""
    pack_sha256: str = ""
    letter: str = ""
    recipient: int = 0
    format: str = ""
    file: str = ""
    sha256: str = ""
    size: int = 0
    versions: msgspec.Raw = msgspec.Raw()
    warnings: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    origin: str = ""
    asked: Asked | None = None
    letters: int = 0
    failed: int = 0
    seconds: float = 0.0
    at: str = ""


_decode = msgspec.json.Decoder(Record).decode


class Manifest:
    """A manifest that is open for appending; `read_manifest` only reads.

    Args:
        path: The file.
        earlier: Every line that exists already is added to it.

    Raises:
        OutputError: The file cannot be read or written, or a line is not what was written.
    """

    def __init__(self, path: Path, earlier: EarlierRuns) -> None:
        self.path = path
        self._chain = _FIRST_CHAIN
        self._length = 0
        self._begun: Record | None = None
        self._last: Record | None = None
        with path.open("rb") as lines:
            for record, chain, length in read_manifest(lines, str(path)):
                earlier.add(record, self._length)
                self._advance(record, chain, length)
        self._stream = path.open("r+b", buffering=0)
        # A batch that was killed may have left part of a line.
        self._stream.truncate(self._length)
        self._stream.seek(self._length)

    def append_new(self, record: Record) -> None:
        """Append a line about the start or the end of a batch, unless it repeats the last one."""
        last = self._last if record.outcome == "ended" else self._begun
        if last is None or msgspec.structs.replace(last, at=record.at) != record:
            self.append(record)

    def append(self, record: Record) -> None:
        """Append a line.

        Raises:
            OutputError: It cannot be written; no part of it stays.
        """
        body = msgspec.json.encode(record)[:-1]
        chain = _link(self._chain, body)
        line = body + _CHAIN_KEY + chain.encode() + b'"}\n'
        try:
            if self._stream.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            self._stream.truncate(self._length)
            self._stream.seek(self._length)
            raise OutputError.of(
                codes.FILE_NOT_WRITTEN, f"{self.path} cannot be written: {error.strerror}"
            ) from None
        self._advance(record, chain, len(line))

    def has(self, record: Record, earlier: EarlierRuns) -> bool:
        """Return whether the last line about a letter is the same as a record."""
        offset = earlier.offset(record)
        if offset is None:
            return False
        with self.path.open("rb") as lines:
            lines.seek(offset)
            last = _decode(lines.readline())
        return msgspec.structs.replace(last, at=record.at, seconds=record.seconds) == record

    def sync(self) -> None:
        """Flush the file to the disk, so that it survives a power failure."""
        os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Flush and close the file."""
        self.sync()
        self._stream.close()

    def _advance(self, record: Record, chain: str, length: int) -> None:
        self._chain = chain
        self._length += length
        self._last = record
        if record.outcome == "begun":
            self._begun = record


class EarlierRuns:
    """The letters of earlier runs that are up to date, and those that could not be made.

    It takes some 600 bytes of memory per line of the manifest.

    Args:
        recipes: For each letter, the digest of everything that determines it except the case;
            letters with another recipe are out of date.
        formats: The formats of each letter.
    """

    def __init__(self, recipes: Iterable[str], formats: Iterable[str]) -> None:
        self._recipes = frozenset(recipes)
        self._formats = tuple(formats)
        # By file: the digest of the case, the letter, and the offset of the line.
        self._files: dict[str, tuple[str, LetterFile, int]] = {}
        # By case and letter: the offset of the line.
        self._failures: dict[tuple[str, str], int] = {}
        self._current_folder = str(Path.cwd())
        self._folder = self._current_folder

    def add(self, record: Record, offset: int) -> None:
        """Add the next line of the manifest.

        Args:
            record: The line.
            offset: Its offset in bytes.
        """
        if record.outcome == "made":
            if record.recipe_sha256 not in self._recipes:
                self._files.pop(record.file, None)
                return
            name = sys.intern(record.letter)
            letter = LetterFile(
                record.format, record.file, record.sha256, record.size, name, record.recipient
            )
            # The formats of a letter share the string of the digest.
            self._files[record.file] = sys.intern(record.case_sha256), letter, offset
        elif record.asked is not None:
            self._folder = record.asked.folder
        elif record.outcome == "failed":
            self._failures[_resolve(self._folder, record.origin), record.letter] = offset

    @functools.cached_property
    def _cases(self) -> dict[tuple[str, str], list[LetterFile]]:
        cases: dict[tuple[str, str], list[LetterFile]] = {}
        for case, letter, _ in self._files.values():
            cases.setdefault((case, letter.letter), []).append(letter)
        return cases

    def take_letters(
        self, case_sha256: str, letter: str, names: Collection[str] | None
    ) -> tuple[LetterFile, ...] | None:
        """Return the files of a letter of a case; `None` if one is missing.

        Args:
            case_sha256: The digest of the case.
            letter: The letter's name.
            names: The files' names, if they depend on more than the case. Otherwise the letters of
                the case are returned once: a second case with the same content gets none.
        """
        if names is not None:
            lines = (self._files.get(name, ("", None, 0)) for name in names)
            files = tuple(file for case, file, _ in lines if file and case == case_sha256)
            return files if names and len(files) == len(names) else None
        by_format = {file.format: file for file in self._cases.pop((case_sha256, letter), [])}
        if not by_format.keys() >= set(self._formats):
            return None
        return tuple(by_format[format_] for format_ in self._formats)

    def has_failed(self, origin: str, letter: str) -> bool:
        """Return whether a letter of a case could not be made."""
        return (_resolve(self._current_folder, origin), letter) in self._failures

    def offset(self, record: Record) -> int | None:
        """Return the offset of the last line about a letter."""
        if record.origin:
            case = _resolve(self._current_folder, record.origin)
            return self._failures.get((case, record.letter))
        line = self._files.get(record.file)
        return line[2] if line else None


class Recipe(msgspec.Struct, frozen=True):
    """What a letter of the batch is made of, except the case.

    Args:
        sha256: The digest of everything that determines it.
        provenance: The provenance of its renderer.
    """

    sha256: str
    provenance: Mapping[str, str]


def recipe_of(renderer: Renderer, pattern: str, formats: Iterable[str]) -> Recipe:
    """Return what a letter is made of, except the case.

    Args:
        renderer: What makes it.
        pattern: The pattern of its files' names.
        formats: Their formats.
    """
    # The pack's name and content are in its digest.
    options = msgspec.structs.replace(renderer.options, pack=None, templates=())
    checks = [check.id for check in renderer.checks]
    provenance = renderer.provenance_of(formats)
    parts = [dict(provenance), options, checks, pattern]
    return Recipe(hashlib.sha256(msgspec.json.encode(parts)).hexdigest(), provenance)


def make_records(outcome: Outcome, recipes: Mapping[str, Recipe]) -> list[Record]:
    """Return the lines of a case: one for each letter in each format, made or missing.

    Args:
        outcome: What became of the case.
        recipes: The recipe of each letter.
    """
    warnings = {each.code for each in outcome.diagnostics if each.severity == "warning"}
    common: dict[str, Any] = {
        "case_sha256": outcome.case_sha256,
        "warnings": tuple(sorted(warnings)),
        "seconds": round(outcome.seconds, 4),
        "at": timestamp(),
    }
    made = [
        Record(
            outcome="made",
            format=letter.format,
            file=letter.file,
            sha256=letter.sha256,
            size=letter.size,
            recipient=letter.recipient,
            **_recipe_fields(letter.letter, recipes),
            **common,
        )
        for letter in outcome.letters
    ]
    failed = [
        Record(
            outcome="failed",
            origin=outcome.origin,
            faults=missing.faults,
            **_recipe_fields(missing.letter, recipes),
            **common,
        )
        for missing in outcome.missing
    ]
    return made + failed


def _recipe_fields(letter: str, recipes: Mapping[str, Recipe]) -> dict[str, Any]:
    versions = dict(recipes[letter].provenance)
    return {
        "recipe_sha256": recipes[letter].sha256,
        "pack_sha256": versions.pop("pack_sha256"),
        "letter": versions.pop("letter"),
        "versions": msgspec.Raw(msgspec.json.encode(versions)),
    }


def timestamp() -> str:
    """Return the current time in UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def read_manifest(lines: Iterable[bytes], name: str) -> Iterator[tuple[Record, str, int]]:
    """Read the lines of a manifest, up to a last one that was not written completely.

    Args:
        lines: The lines, with their line ends.
        name: The file's name in diagnostics.

    Yields:
        Each line's record, its chain, and its length in bytes.

    Raises:
        ManifestError: A line is not what was written.
    """
    chain = _FIRST_CHAIN
    for number, line in enumerate(lines, 1):
        if not line.endswith(b"\n") and (number > 1 or line.startswith(_START[: len(line)])):
            return
        body, _, rest = line.rpartition(_CHAIN_KEY)
        chain = _link(chain, body)
        try:
            if rest != chain.encode() + b'"}\n':
                raise ValueError
            record = _decode(line)
        except (ValueError, msgspec.MsgspecError):
            raise ManifestError.of(
                codes.MANIFEST_CHANGED,
                "this line, or one before it, is not what was written",
                "the manifest was changed; restore it from a backup, or run the batch again into "
                "another folder",
                span=Span(name, number, 1),
            ) from None
        yield record, chain, len(line)


def verify_folder(folder: str | os.PathLike[str]) -> list[Diagnostic]:
    """Find everything in a folder that is not as a batch left it.

    Args:
        folder: The folder of a batch, or its URL.

    Returns:
        A fault for each line that was changed, removed, inserted or cut off, for each file that was
        changed, is missing, or is in no line, and for a batch that did not end.

    Raises:
        ManifestError: The folder has no manifest.
    """
    target = open_target(os.fspath(folder))
    content = target.manifest()
    name = f"{os.fspath(folder).rstrip('/')}/{MANIFEST}"
    if not content:
        raise ManifestError.of(
            codes.NO_BATCH,
            f"{name} does not exist, or is empty",
            "a folder that `imrgen batch` wrote has one",
        )
    letters: dict[str, tuple[int, str, int]] = {}
    last = None
    length = 0
    number = 0
    try:
        for number, (record, _, size) in enumerate(read_manifest(io.BytesIO(content), name), 1):
            last = record
            length += size
            if record.outcome == "made":
                letters[record.file] = number, record.sha256, record.size
    except ManifestError as error:
        return list(error.diagnostics)
    diagnostics = []
    if length != len(content) or last is None or last.outcome != "ended":
        hint = "run `imrgen batch` again; it continues where it stopped"
        message = "the batch did not come to its end, or the last lines are missing"
        span = Span(name, number + 1, 1)
        diagnostics.append(Diagnostic(codes.BATCH_UNFINISHED, message, span=span, hints=(hint,)))
    return [*diagnostics, *_verify_files(target, letters, name)]


def _verify_files(
    target: Target, letters: Mapping[str, tuple[int, str, int]], name: str
) -> Iterator[Diagnostic]:
    for file, (line, sha256, size) in letters.items():
        digest = target.digest(file)
        if digest != (sha256, size):
            problem = "is missing" if digest is None else "is not what was written"
            hint = "run `imrgen batch` again; it makes the letter again"
            span = Span(name, line, 1)
            yield Diagnostic(codes.LETTER_CHANGED, f"{file} {problem}", span=span, hints=(hint,))
    hint = "remove it; if a batch was stopped while it wrote it, the next run makes it again"
    for file in sorted(set(target.files()) - set(letters)):
        yield Diagnostic(
            codes.STRAY_FILE,
            f"{Path(name).parent / file}: no line of the manifest is about this file",
            hints=(hint,),
        )


def _link(chain: str, body: bytes) -> str:
    return hashlib.sha256(chain.encode() + body).hexdigest()


def _resolve(folder: str, origin: str) -> str:
    return origin if os.path.isabs(origin) else os.path.normpath(f"{folder}/{origin}")  # noqa: PTH117
