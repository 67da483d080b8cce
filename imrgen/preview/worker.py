"""What a worker process of the preview does: it shows letters, compares them, and draws pages."""

import itertools
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from imrgen.case import highlight, load_case, parse, read
from imrgen.diagnostics import Diagnostic, ImrgenError, LibraryError
from imrgen.export import to_words
from imrgen.pack import EngineName, Sources, load_pack, stamp
from imrgen.pipeline import Letter, Options, Renderer, check_pack
from imrgen.preview.compare import compare
from imrgen.preview.form import apply_change, describe_form
from imrgen.preview.inspect import branches, inspect, inspect_pages
from imrgen.preview.pdf_pages import describe_pages, draw_page
from imrgen.preview.tasks import (
    CompareLetters,
    DrawPage,
    HighlightText,
    LetterRequest,
    PreviewResult,
    ShowForm,
    Task,
)
from imrgen.workers import TimedOut, diagnose

ShowView = Callable[[Letter, Renderer], dict[str, Any]]


class TaskHandler:
    """Performs tasks, and keeps each renderer until a file of its pack changes."""

    def __init__(self) -> None:
        self._renderers: dict[Options, Renderer] = {}
        self._found: dict[tuple[str, EngineName], tuple[Diagnostic, ...]] = {}

    def __call__(self, task: Task) -> PreviewResult:
        """Perform a task.

        Nothing is raised for a letter that cannot be made, so that the result lists every file that
        may be the cause.
        """
        if isinstance(task, DrawPage):
            return PreviewResult(content={"image": draw_page(task.pdf, task.page, task.scale)})
        if isinstance(task, HighlightText):
            return PreviewResult(content={"lines": highlight(task.text, task.kind)})
        if isinstance(task, ShowForm):
            return _show_form(task)
        if isinstance(task, CompareLetters):
            view = "compare-pages" if task.with_pages else "compare"
            return compare(self._show(task.before, view), self._show(task.after, view))
        return self._show(task.request, task.view)

    def _show(self, request: LetterRequest, view: str) -> PreviewResult:
        result = PreviewResult(stamps={request.case: stamp(request.case)})
        times = [("begin", time.perf_counter())]
        try:
            renderer = self._renderer(request.options, result)
            times.append(("prepare", time.perf_counter()))
            source = (
                read(request.case)
                if request.draft is None
                else parse(request.draft, str(request.case))
            )
            case = load_case(source, renderer.pack.model)
            # Of a letter that is made once for each recipient, the first is shown.
            renderer = renderer.each(case)[0]
            times.append(("read", time.perf_counter()))
            examination = renderer.examine(case)
            result.diagnostics = examination.diagnostics
            if view in _SHOWN:
                result.diagnostics += self._pack_faults(renderer)
            times.append(("compose", time.perf_counter()))
            letter = examination.letter
            if letter is not None and (request.draft is not None or examination.errors):
                letter = self._as_draft(letter, result)
            if letter is not None:
                result.content = _VIEWS[view](letter, renderer)
            times.append((view, time.perf_counter()))
        except ImrgenError as error:
            # What is wrong with the document is found once more when its PDF is made.
            result.diagnostics = tuple(dict.fromkeys(result.diagnostics + error.diagnostics))
        except (Exception, TimedOut) as exception:
            result.diagnostics += (diagnose(exception),)
        result.timings = {
            step: round((end - start) * 1000, 2)
            for (_, start), (step, end) in itertools.pairwise(times)
        }
        return result

    def _pack_faults(self, renderer: Renderer) -> tuple[Diagnostic, ...]:
        """Return what is wrong with a pack whatever the case, found once for each state of it."""
        pack, engine = renderer.pack, renderer.exporter.engine
        state = pack.digest(), engine
        if state not in self._found:
            try:
                self._found = {state: check_pack(pack, engine=engine)}
            except LibraryError:  # told where a PDF is made
                self._found = {state: check_pack(pack, pages=False)}
        return self._found[state]

    def _as_draft(self, letter: Letter, result: PreviewResult) -> Letter:
        """Mark a letter as a draft that `imrgen render` would refuse, or not make yet."""
        options = msgspec.structs.replace(letter.options, draft=True)
        exporter = self._renderer(options, result).exporter
        return Letter(letter.document, letter.case, options, exporter, letter.warnings)

    def _renderer(self, options: Options, result: PreviewResult) -> Renderer:
        """Return a renderer with these options; a new one if a file of its pack has changed."""
        renderer = self._renderers.pop(options, None)
        if renderer is None or any(
            stamp(path) != before for path, before in renderer.pack.sources.items()
        ):
            sources: Sources = {}
            try:
                pack = load_pack(options.pack, options.templates, sources=sources)
            finally:
                result.stamps |= sources
            renderer = Renderer(options, loaded_pack=pack)
        result.stamps |= renderer.pack.sources
        self._renderers[options] = renderer
        return renderer


def _show_form(task: ShowForm) -> PreviewResult:
    request = task.request
    text, name = request.draft or "", str(request.case)
    try:
        model = load_pack(request.options.pack, request.options.templates).model
        if task.change is not None:
            text = apply_change(parse(text, name), task.change, model)
        form = describe_form(parse(text, name), model)
    except ImrgenError as error:
        return PreviewResult(diagnostics=error.diagnostics)
    return PreviewResult(content={"text": text, "form": form})


def _text_and_html(letter: Letter) -> dict[str, Any]:
    return {"text": to_words(letter.document.tree), "html": letter.html}


def _pdf(letter: Letter) -> dict[str, Any]:
    source = letter.case.source
    name = letter.options.file_name(Path(source.name).stem if source else "letter", ".pdf")
    return {"pdf": letter.pdf, "pages": describe_pages(letter.pdf), "name": name}


_SHOWN = ("html", "inspect", "inspect-pages", "pdf", "text")
"""The views of one letter, whose problems the page lists with those of its pack."""
# What each view of `imrgen.preview.tasks.View`, and each comparison, returns.
_VIEWS: Mapping[str, ShowView] = {
    "html": lambda letter, renderer: {"html": letter.html},
    "text": lambda letter, renderer: {"text": letter.text},
    "pdf": lambda letter, renderer: _pdf(letter),
    "mark": lambda letter, renderer: {},
    "provenance": lambda letter, renderer: {"provenance": dict(letter.provenance)},
    "inspect": lambda letter, renderer: inspect(renderer.trace(letter.case)),
    "inspect-pages": lambda letter, renderer: inspect_pages(
        renderer.trace(letter.case), letter.pdf
    ),
    "branches": lambda letter, renderer: {"branches": branches(renderer.trace(letter.case))},
    "compare": lambda letter, renderer: _text_and_html(letter),
    "compare-pages": lambda letter, renderer: {**_text_and_html(letter), **_pdf(letter)},
}
