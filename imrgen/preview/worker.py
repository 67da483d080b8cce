"""What a worker process does: it makes letters, one job after the other, within limits of time and memory."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

import jinja2
import msgspec

from imrgen.case import load_case, parse, read
from imrgen.checks import settings
from imrgen.compose import Sandbox
from imrgen.compose.template_errors import Blame
from imrgen.diagnostics import Diagnostic, ImrgenError, codes
from imrgen.export import to_text
from imrgen.pack import Sources, Stamp, load_pack, stamp
from imrgen.pipeline import Letter, Renderer

Kind = Literal[
    "html",
    "text",
    "pdf",
    "source",
    "mark",
    "provenance",
    "image",
    "compare",
    "inspect",
    "inspect-pages",
    "branches",
]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is asked for.

    Args:
        kind: What is wanted of the letter.
        case: The case file.
        pack: The pack's name; `None` for the one that comes first.
        letter: The letter's name in the pack.
        templates: Folders in front of the built-in packs.
        draft: The case file's text in place of what is on the disk.
        content: For an image: the PDF.
        page: For an image: the page's number, from 0.
        scale: For an image: pixels for each point.
        other: For a comparison: the letter to compare with.
        mode: For a comparison: `words` or `pages`.
    """

    kind: Kind
    case: Path = Path()
    pack: str | None = None
    letter: str = "determination"
    templates: tuple[Path, ...] = ()
    draft: str | None = None
    content: bytes = b""
    page: int = 0
    scale: float = 1.0
    other: Job | None = None
    mode: str = "words"


class Answer(msgspec.Struct, kw_only=True):
    """What a worker gives.

    Args:
        content: What was asked for, by name; empty where no letter could be made.
        diagnostics: What is wrong, or should be looked at.
        stamps: Every file that was looked for, as it stood before it was read.
        timings: Milliseconds by step.
    """

    content: dict[str, Any] = {}
    diagnostics: tuple[Diagnostic, ...] = ()
    stamps: dict[Path, Stamp | None] = {}
    timings: dict[str, float] = {}


def work(pipe: Connection, seconds: float, memory: int, temporary: str) -> None:
    """Answer jobs until the other end closes; the body of a worker process.

    Args:
        pipe: Where jobs come from and answers go.
        seconds: How long a job may take.
        memory: How many bytes the process may take.
        temporary: A folder for what libraries leave behind.
    """
    import tempfile

    tempfile.tempdir = temporary
    os.environ["TMPDIR"] = temporary
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, _interrupt)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    desk = Desk()
    with contextlib.suppress(EOFError, OSError):
        while True:
            job = pipe.recv()
            signal.setitimer(signal.ITIMER_REAL, seconds)
            try:
                answer = desk.answer(job)
            except Exception as fault:
                said = type(fault).__name__
                answer = Answer(
                    diagnostics=(
                        Diagnostic(codes.LIMIT_REACHED, f"the letter could not be made ({said})"),
                    )
                )
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            pipe.send(answer)


def _interrupt(signal_: int, frame: object) -> None:
    raise jinja2.TemplateRuntimeError(
        "this takes longer than a letter may; is it a loop without an end?"
    )


class Desk:
    """Makes letters, and keeps what was prepared until one of its files changes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], Renderer] = {}

    def answer(self, job: Job) -> Answer:
        """Do a job."""
        if job.kind == "image":
            from imrgen.preview.pdf_pages import picture

            return Answer(content={"image": picture(job.content, job.page, job.scale)})
        if job.kind == "compare" and job.other is not None:
            from imrgen.preview.compare import compare

            return compare(self._make(job.other), self._make(job))
        return self._make(job)

    def _make(self, job: Job) -> Answer:
        answer, clock = Answer(stamps={job.case: stamp(job.case)}), _Clock()
        renderer: Renderer | None = None
        try:
            renderer = self._renderer(job, answer)
            clock.lap("prepare")
            source = read(job.case) if job.draft is None else parse(job.draft, str(job.case))
            case = load_case(source, renderer.pack.model)
            clock.lap("read")
            examination = renderer.examine(case)
            if job.kind != "branches":
                answer.diagnostics = examination.diagnostics
            letter = examination.letter
            clock.lap("compose")
            if letter is not None:
                answer.content = _content(job, letter, renderer)
            clock.lap(job.kind)
        except ImrgenError as error:
            # What stops the document stops its PDF once more.
            found = [*answer.diagnostics, *error.diagnostics]
            answer.diagnostics = tuple(dict.fromkeys(found))
        except RecursionError:
            answer.diagnostics += (Diagnostic(codes.LIMIT_REACHED, "this is nested too deep"),)
        except MemoryError as fault:
            answer.diagnostics += (_too_much(fault, renderer),)
        except jinja2.TemplateRuntimeError as fault:
            answer.diagnostics += (
                Diagnostic(codes.LIMIT_REACHED, fault.message or "this takes too long"),
            )
        answer.timings = clock.laps
        return answer

    def _renderer(self, job: Job, answer: Answer) -> Renderer:
        """Return what makes the job's letters, made anew if anything in its pack's folders has changed."""
        key = (job.pack, job.letter, job.templates)
        renderer = self._kept.pop(key, None)
        if renderer is None or any(
            stamp(path) != before for path, before in renderer.pack.sources.items()
        ):
            sources: Sources = {}
            try:
                pack = load_pack(job.pack, job.templates, sources=sources)
            finally:
                answer.stamps |= sources
            project = settings(Path.cwd())
            renderer = Renderer(
                loaded_pack=pack,
                letter=job.letter,
                select=project.select,
                ignore=project.ignore,
            )
        answer.stamps |= renderer.pack.sources
        self._kept[key] = renderer
        return renderer


class _Clock:
    """Takes the time of each step, in milliseconds."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self._last) * 1000, 2)
        self._last = now


def _too_much(fault: MemoryError, renderer: Renderer | None) -> Diagnostic:
    """Tell at which line of a template the memory ran out."""
    said = Diagnostic(codes.LIMIT_REACHED, "this takes more memory than a letter may")
    if renderer is None:
        return said
    (found,) = Blame(renderer.pack, Sandbox(renderer.pack)).error(fault).diagnostics
    return msgspec.structs.replace(found, code=said.code, message=said.message)


def _content(job: Job, letter: Letter, renderer: Renderer) -> dict[str, Any]:
    if job.kind in ("inspect", "inspect-pages", "branches"):
        from imrgen.preview.inspect import branches, inspect, inspect_pages

        origins = renderer.trace(letter.case)
        if job.kind == "inspect":
            return inspect(origins)
        if job.kind == "inspect-pages":
            return inspect_pages(origins, letter.pdf)
        return {"branches": branches(origins)}
    if job.kind in ("html", "source"):
        return {"html": letter.html}
    if job.kind == "compare":
        paper = _paper(letter) if job.mode == "pages" else {}
        return {"text": to_text(letter.document.tree, 0), "html": letter.html, **paper}
    if job.kind == "text":
        return {"text": letter.text}
    if job.kind == "pdf":
        return _paper(letter)
    if job.kind == "provenance":
        return {"provenance": dict(letter.provenance)}
    return {}


def _paper(letter: Letter) -> dict[str, Any]:
    from imrgen.preview.pdf_pages import pages

    return {"pdf": letter.pdf, "pages": pages(letter.pdf)}
