"""What a worker process of the preview does: make the letters that a page asks for."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Literal

import msgspec

from imrgen.case import load_case, parse, read
from imrgen.checks import settings
from imrgen.diagnostics import Diagnostic, ImrgenError
from imrgen.export import to_text
from imrgen.pack import Sources, Stamp, load_pack, stamp
from imrgen.pipeline import Letter, Renderer
from imrgen.workers import TimedOut, diagnose

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
    """What a worker returns.

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


class Desk:
    """Makes letters, and keeps what was prepared until one of its files changes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], Renderer] = {}

    def __call__(self, job: Job) -> Answer:
        """Do a job; nothing is raised, so that the answer names every file that may be at fault."""
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
        except (Exception, TimedOut) as fault:
            answer.diagnostics += (diagnose(fault),)
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
