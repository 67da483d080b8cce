"""What is done with one case of a batch: read it, make its letter, look for other cases in it, write it.

It runs in a worker, on this machine or another. A worker is told what the batch is about once and
keeps the `Renderer` that it makes of it.
"""

from __future__ import annotations

import functools
import hashlib
import io
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from imrgen.batch.cross_case import Index, identify, locate
from imrgen.batch.deadline import LateError, within
from imrgen.batch.inputs import Entry
from imrgen.batch.naming import Pattern, fill, fold
from imrgen.batch.outputs import Target, open_target
from imrgen.case import Fault, Source, load_case, read
from imrgen.diagnostics import (
    CaseError,
    Diagnostic,
    ImrgenError,
    LibraryError,
    OutputError,
    PackError,
    Span,
    WorkerError,
    codes,
)
from imrgen.document import all_text
from imrgen.pipeline import Letter, Renderer


class RendererSpec(msgspec.Struct, frozen=True, kw_only=True):
    """How a `Renderer` is made: what a worker process is told, since a renderer itself cannot travel.

    Args: those of `Renderer`.
    """

    pack: str | None = None
    letter: str = "determination"
    templates: tuple[str, ...] = ()
    width: int = 80
    embed_fonts: bool = False
    embed_case: bool = False
    check: bool = True
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def renderer(self) -> Renderer:
        """Make the renderer.

        Raises:
            PackError: No such pack or letter, or one of its files is at fault.
        """
        return Renderer(**msgspec.structs.asdict(self))


class Job(msgspec.Struct, frozen=True):
    """What all cases of a batch have in common.

    Args:
        id: Tells this job from every other one.
        spec: How the renderer is made; `None` for one that was handed over, which other processes
            cannot have.
        letter: The letter's name in the pack.
        formats: The formats of each letter.
        pattern: What their files are called.
        target: Where workers write: a folder or a URL; `None`: they give the letters back.
        pack_sha256: The digest of the pack; a worker whose pack is another one refuses to work.
        index: What identifies the cases of the batch; `None` where the job travels without it.
        index_file: Where workers of this machine read that, once all cases have been surveyed.
        timeout: Seconds that a letter may take; `None` where whoever started the worker sees to it.
    """

    id: str
    spec: RendererSpec | None
    formats: tuple[str, ...]
    pattern: Pattern
    target: str | None
    pack_sha256: str
    letter: str
    index: Index | None = Index()
    index_file: str | None = None
    timeout: float | None = None


class Survey(msgspec.Struct, frozen=True):
    """What must be known of all cases before the first letter is made.

    Args:
        digest: SHA-256 of the case's bytes.
        name: What its files are called, folded, so that names that clash are equal; empty where it
            has no name.
        identifiers: The hashes of what identifies it, each with that of its first word.
    """

    digest: bytes
    name: str
    identifiers: list[tuple[int, int]]


class Made(msgspec.Struct, frozen=True, gc=False):
    """A letter in one format.

    Args:
        format: The format.
        file: Its file's name.
        sha256: The digest of its bytes.
        size: How many they are.
        content: The bytes, where the worker did not write them.
    """

    format: str
    file: str
    sha256: str
    size: int
    content: bytes | None = None


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of a case.

    Args:
        position: The case's place in the batch, from 0.
        origin: What the user calls the case: its file, and for JSON Lines the line.
        case_sha256: The digest of the case's bytes.
        letters: Its letter in each format; empty where it could not be made.
        diagnostics: What is at fault, or what a person should look at.
        seconds: How long it took.
        skipped: Whether the letters were there already.
        fatal: Whether no other case can be made either: nothing can be written, a library is
            missing.
        other: The place of the case that was found in this one's letter.
        worker: The worker's process.
    """

    position: int
    origin: str
    case_sha256: str
    letters: tuple[Made, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0
    skipped: bool = False
    fatal: bool = False
    other: int | None = None
    worker: int = 0

    @property
    def failed(self) -> bool:
        """Whether there is no letter."""
        return not self.letters


class Workshop:
    """What a worker keeps from case to case.

    Args:
        job: What it works on.
        renderer: The renderer; made of the job where there is none yet.

    Raises:
        PackError: The pack is not the one that the batch was begun with.
    """

    def __init__(self, job: Job, renderer: Renderer | None = None) -> None:
        self.job = job
        if renderer is None and job.spec is None:
            hint = "give a RendererSpec, of which each process makes its own"
            raise WorkerError(
                [
                    Diagnostic(
                        codes.NOT_TRANSFERABLE,
                        "a Renderer cannot go to another process",
                        hints=(hint,),
                    )
                ]
            )
        self.renderer = renderer or job.spec.renderer()  # type: ignore[union-attr]
        self.target: Target | None = open_target(job.target) if job.target else None
        if self.renderer.provenance["pack_sha256"] != job.pack_sha256:
            hint = "give every machine the same version of imrgen and of the packs, and change none while a batch runs"
            message = f"pack `{self.renderer.pack.name}` is not the same here as where the batch was begun"
            raise PackError([Diagnostic(codes.PACK_DIFFERS, message, hints=(hint,))])

    @functools.cached_property
    def index(self) -> Index:
        """What identifies the cases of the batch."""
        if self.job.index_file is None:
            assert self.job.index is not None
            return self.job.index
        return msgspec.msgpack.decode(Path(self.job.index_file).read_bytes(), type=Index)

    def survey(self, entries: Iterable[Entry]) -> list[Survey]:
        """Tell of cases what must be known of all before the first letter is made; a case at fault is told later."""
        return [self._survey(entry) for entry in entries]

    def make(self, position: int, entry: Entry) -> Outcome:
        """Make a case's letters; nothing is raised that is about this case alone."""
        started = time.perf_counter()
        digest = hashlib.sha256(entry.content).hexdigest()
        letters: tuple[Made, ...] = ()
        fatal, other = False, None
        try:
            letter, source, contents = within(self.job.timeout, lambda: self._contents(entry))
            other, told = self._foreign(letter, source)
            diagnostics = (*letter.warnings, *told)
            if other is None:
                stem = self.job.pattern.stem(source.data, self.job.letter, entry.stem)
                letters = tuple(
                    self._put(fill(stem, format_), format_, content)
                    for format_, content in contents
                )
        except (OutputError, LibraryError) as error:
            diagnostics, fatal = error.diagnostics, True
        except ImrgenError as error:
            diagnostics = error.diagnostics
        except LateError as fault:
            diagnostics, fatal = (
                (_too_long(entry, self.job.timeout or 0.0, fault.ended),),
                not fault.ended,
            )
            if self.job.spec is not None:
                self.renderer = (
                    self.job.spec.renderer()
                )  # the other was left in the midst of something
        except MemoryError:
            hint = "look at the case; --memory raises the limit"
            diagnostics = (
                Diagnostic(
                    codes.OUT_OF_MEMORY,
                    f"{entry.origin}: took more memory than a worker may",
                    hints=(hint,),
                ),
            )
        except Exception as fault:
            # Its message might quote the case.
            message = f"{entry.origin}: a fault of imrgen's own, or of a check or a pack ({type(fault).__name__})"
            diagnostics = (Diagnostic(codes.INTERNAL_FAULT, message),)
        diagnostics = tuple(_placed(diagnostic, entry) for diagnostic in diagnostics)
        return Outcome(
            position,
            entry.origin,
            digest,
            letters,
            diagnostics,
            time.perf_counter() - started,
            fatal=fatal,
            other=other,
        )

    def _survey(self, entry: Entry) -> Survey:
        digest = hashlib.sha256(entry.content).digest()
        name = ""
        try:
            tables = read_entry(entry).data
        except CaseError:
            return Survey(digest, name, [])
        try:
            name = fold(self.job.pattern.stem(tables, self.job.letter, entry.stem))
        except CaseError:
            name = ""
        return Survey(digest, name, identify(tables, self.renderer.pack.model))

    def _contents(self, entry: Entry) -> tuple[Letter, Source, list[tuple[str, bytes]]]:
        letter, source = self._letter(entry)
        return letter, source, [(format_, letter.encoded(format_)) for format_ in self.job.formats]

    def _letter(self, entry: Entry) -> tuple[Letter, Source]:
        source = read_entry(entry)
        case = load_case(source, self.renderer.pack.model)
        # Before the letter is made, which is the longer part.
        try:
            self.job.pattern.stem(source.data, self.job.letter, entry.stem)
        except CaseError as error:
            faults = [(Fault(d.code, d.message, d.path, d.hints), d) for d in error.diagnostics]
            raise CaseError(
                source.diagnose(fault) if d.path else d for fault, d in faults
            ) from None
        return self.renderer.render(case), source

    def _foreign(self, letter: Letter, source: Source) -> tuple[int | None, tuple[Diagnostic, ...]]:
        model = self.renderer.pack.model
        found = self.index.foreign(all_text(letter.document.tree), source.data, model)
        if found is None:
            return None, ()
        other, identifier = found
        kind = "a number" if any(map(str.isdigit, identifier)) else "the name of the employee"
        hint = "if it belongs there, make this letter alone, with `imrgen render`"
        message = f"the letter holds {kind} of another case of this batch"
        path = locate(identifier, source.data, model)
        return other, (source.diagnose(Fault(codes.OTHER_CASE, message, path, (hint,))),)

    def _put(self, file: str, format_: str, content: bytes) -> Made:
        digest, size = hashlib.sha256(content).hexdigest(), len(content)
        if self.target is None:
            return Made(format_, file, digest, size, content)
        self.target.write(file, content)
        return Made(format_, file, digest, size)


def read_entry(entry: Entry) -> Source:
    """Read what was found.

    Args:
        entry: The case as it was found.

    Raises:
        CaseError: It is no case file.
    """
    if entry.fault is not None:
        raise CaseError([entry.fault])
    if entry.line and not entry.content.startswith(b"{"):
        raise CaseError(
            [
                Diagnostic(
                    codes.INVALID_JSON,
                    "a line must hold one JSON object",
                    span=Span(entry.file, 1, 1),
                )
            ]
        )
    return read(_Named(entry.content, entry.file))


def _too_long(entry: Entry, seconds: float, ended: bool) -> Diagnostic:
    if ended:
        rest, hint = "", "look at the case and the pack; --timeout gives more time"
    else:
        rest, hint = (
            ", and could not be ended",
            "start the worker anew, and the batch without this case",
        )
    return Diagnostic(
        codes.TIMED_OUT,
        f"{entry.origin}: took longer than {seconds:g} seconds{rest}",
        hints=(hint,),
    )


class _Named(io.BytesIO):
    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def _placed(diagnostic: Diagnostic, entry: Entry) -> Diagnostic:
    """Give a diagnostic of a JSON line its place in the whole file."""
    span = diagnostic.span
    if not entry.line or span is None or span.file != entry.file or diagnostic is entry.fault:
        return diagnostic
    return msgspec.structs.replace(
        diagnostic, span=Span(span.file, entry.line, span.column, span.length)
    )


_kept: dict[str, Workshop] = {}


def keep(workshop: Workshop) -> None:
    """Let what an executor does in this process find a workshop; the last few are kept."""
    while len(_kept) > 3:
        del _kept[next(iter(_kept))]
    _kept[workshop.job.id] = workshop


def _workshop(job: Job) -> Workshop:
    if job.id not in _kept:
        keep(Workshop(job))
    return _kept[job.id]


def make_chunk(job: Job, cases: Sequence[tuple[int, Entry]]) -> list[Outcome] | None:
    """Make some cases' letters in a worker of an executor; `None` where it has to be given the index first."""
    if job.id not in _kept and job.index is None:
        return None
    workshop, outcomes = _workshop(job), list[Outcome]()
    for position, entry in cases:
        before = outcomes[-1] if outcomes else None
        if before is not None and before.fatal:
            outcomes.append(msgspec.structs.replace(before, position=position, origin=entry.origin))
        else:
            outcomes.append(workshop.make(position, entry))
    return outcomes


def survey_chunk(job: Job, entries: Sequence[Entry]) -> list[Survey]:
    """Survey some cases in a worker of an executor."""
    return _workshop(job).survey(entries)
