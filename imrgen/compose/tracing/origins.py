"""Where each word of a letter comes from: template, including files, fields of the case.

A letter is traced by rendering it once more, in an environment of its own
(`imrgen.compose.tracing.tracer`); a plain render pays nothing for it.

    origins = composer.trace(case)
    origin = origins.at_character(17)        # or origins.at(offset in origins.markup)
    origin.span, origin.trace                # Span("…/issue.html", 10, 1, 16), (Span("…"), …)
    origin.paths                             # (("issues", 0, "item"),)
    origins.places(origin)                   # (Span("case.toml", 41, 8, 12),)
    origins.unused                           # (("employer", "address"), …)
    [branch for branch in origins.branches if not branch.taken]
"""

import bisect
import functools
import itertools
import re
from collections.abc import Callable, Iterable, Iterator

import msgspec

from imrgen.case import Case, Fault, span_in_value
from imrgen.compose import Sandbox
from imrgen.compose.tracing.segments import Run
from imrgen.compose.tracing.tracer import Tracer
from imrgen.compose.tracing.values import Traced
from imrgen.diagnostics import Diagnostic, Excerpt, Path, Span, field
from imrgen.document import ConformanceFault, Document
from imrgen.document.positions import Positions
from imrgen.pack import TemplatePack


class Origin(msgspec.Struct, frozen=True):
    """What wrote a stretch of a letter.

    Args:
        span: The place in the template: the words themselves, or the tag that printed them.
        trace: The places that included it, the nearest first.
        paths: The fields of the case that the words were made of; empty for the template's own
            words.
        start: Where in the field's text the words begin, from 0; `None` where they are not the
            field's own.
        is_printed: Whether an expression has printed the words; else they stand in the template.
            Without paths, it may still have made them of the case: of a part of a date, or of what
            a method has returned.
    """

    span: Span
    trace: tuple[Span, ...] = ()
    paths: tuple[Path, ...] = ()
    start: int | None = None
    is_printed: bool = False


_TAG_NAME = re.compile(r"</?[^\s/>]*")
_STYLE_SHEET = re.compile(r"<style\b.*?(?=</style|\Z)", re.IGNORECASE | re.DOTALL)


class Origins:
    """The origins of a letter's words.

    Args:
        document: The letter.
        runs: What the characters of its markup come from.
        tracer: What traced them.
        case: The case.
    """

    def __init__(
        self, document: Document, runs: tuple[Run, ...], tracer: Tracer, case: Case
    ) -> None:
        self.document = document
        self.markup = document.markup
        message = "each character comes from somewhere"
        assert sum(run.length for run in runs) == len(self.markup), message
        self._runs = runs
        self._case = case
        self._texts = tracer.texts
        self._ends = list(itertools.accumulate(run.length for run in runs))
        self.branches = tracer.branches
        self.unused = tuple(path for path in tracer.model.given(case) if path not in tracer.used)

    def at(self, offset: int) -> Origin:
        """Return the origin of a character.

        Args:
            offset: In the markup, from 0.

        Raises:
            IndexError: The markup has no such character.
        """
        if not 0 <= offset < len(self.markup):
            raise IndexError(offset)
        number = bisect.bisect_right(self._ends, offset)
        run = self._runs[number]
        return self._origin(run, offset - (self._ends[number] - run.length))

    def at_character(self, number: int) -> Origin | None:
        """Return the origin of a visible character; `None` where its place is not known.

        Args:
            number: Which one of the `visible_characters` of the letter's text, from 0; behind the
                last, none is known.
        """
        offset = self.offsets[number] if number < len(self.offsets) else None
        return None if offset is None else self.at(offset)

    def of_fault(self, fault: ConformanceFault) -> Origin | None:
        """Return the origin of what is at fault; `None` where its place is not known.

        It is the element's start tag; for a fault of its attributes, what the first of them that
        shows a field of the case has of it; for one of its words, the first that are a field's.
        """
        if fault.offset is not None:
            return self._first_of_case(fault.offset, self._name_of_tag(fault.offset))
        if fault.element is None:
            return None if fault.at is None else self.at_character(fault.at)
        tag = self.positions.tags[fault.element]
        if tag is None:
            return None
        offsets: Iterable[int] = self._inside(fault) if fault.advice else ()
        if fault.redacted:
            offsets = range(tag[0], self._end_of_style(*tag))
        return self._first_of_case(tag[0], offsets)

    def _first_of_case(self, start: int, offsets: Iterable[int]) -> Origin:
        """Return the first origin that shows a field of the case; else that of the start."""
        origins = (self.at(offset) for offset in (start, *offsets))
        return next((origin for origin in origins if origin.paths), self.at(start))

    def _name_of_tag(self, start: int) -> range:
        name = _TAG_NAME.match(self.markup, start)
        return range(start, name.end() if name else start)

    def _end_of_style(self, start: int, end: int) -> int:
        """Return where a start tag ends, or the style sheet behind it."""
        style = _STYLE_SHEET.match(self.markup, start)
        return style.end() if style else end

    def _inside(self, fault: ConformanceFault) -> Iterator[int]:
        """Return where the visible characters of an element at fault stand."""
        elements = itertools.islice(self.document.tree.iter(), fault.element, None)
        inside = set(next(elements).iter())
        for piece, positions in self.positions.pieces:
            if piece.owner in inside:
                yield from (position for position in positions if position is not None)

    @functools.cached_property
    def positions(self) -> Positions:
        """The positions in the markup of the document's elements and visible characters."""
        return Positions(self.markup, self.document.tree)

    @functools.cached_property
    def offsets(self) -> tuple[int | None, ...]:
        """The offset in the markup of each visible character of the letter."""
        return self.positions.characters

    def spans(self) -> Iterator[tuple[int, int, Origin]]:
        """Return the markup in stretches of one origin and one line each: start, end, origin."""
        at = 0
        for run in self._runs:
            lines = self.markup[at : at + run.length].split("\n") if self._is_linear(run) else [""]
            inner = 0
            for number, line in enumerate(lines):
                end = inner + len(line) + 1 if number < len(lines) - 1 else run.length
                if end > inner:
                    yield at + inner, at + end, self._origin(run, inner, end)
                inner = end
            at += run.length

    def places(self, origin: Origin) -> tuple[Span, ...]:
        """Return the places in the case file of an origin's fields; none for data of no file.

        Args:
            origin: One of these origins.
        """
        source = self._case.source
        if source is None:
            return ()
        place = source.places.get(origin.paths[0]) if len(origin.paths) == 1 else None
        if place and origin.start is not None:
            return (span_in_value(source.text, place.value, origin.start, 1),)
        found = (source.nearest(path) for path in origin.paths)
        return tuple(dict.fromkeys(span for span in found if span))

    def place(self, path: Path) -> Span | None:
        """Return the place of a field in the case file; `None` for data of no file.

        Args:
            path: The field.
        """
        return self._case.source.nearest(path) if self._case.source else None

    def diagnose(
        self,
        code: str,
        message: str,
        origin: Origin,
        hints: tuple[str, ...] = (),
        shows_template: bool = True,
    ) -> Diagnostic:
        """Report a fault of some words: at the case's field that gives them, else at the template.

        Args:
            code: The diagnostic's code.
            message: Its message; without the words, which may be the case's.
            origin: Where the words come from.
            hints: The way out.
            shows_template: Whether the template, too, is of interest where a field gives the words.
        """
        span = origin.span
        template = f"the template shows it at {span.file}:{span.line}:{span.column}"
        if self.places(origin) and self._case.source is not None:
            shown = (template,) if shows_template else ()
            start = origin.start if len(origin.paths) == 1 else None
            fault = Fault(code, message, origin.paths[0], (*hints, *shown), start=start)
            found = self._case.source.diagnose(fault)
            return msgspec.structs.replace(found, trace=origin.trace) if shows_template else found
        if origin.paths:
            names = ", ".join(f"`{field(path)}`" for path in origin.paths)
            hints = (*hints, f"the case gives it as {names}")
        path = origin.paths[0] if len(origin.paths) == 1 else ()
        excerpt = Excerpt.of(self._texts[span.file].line(span.line), span)
        return Diagnostic(code, message, "error", path, span, excerpt, hints, origin.trace)

    def _is_linear(self, run: Run) -> bool:
        return run.output.part.is_words or (
            run.output.start is not None and not run.output.is_escaped
        )

    def _origin(self, run: Run, inner: int, end: int | None = None) -> Origin:
        """Return the origin of a run's characters up to `end`, or to the end of a word."""
        output = run.output
        part = output.part
        at = run.at + inner
        text = self._texts[part.file]
        start = None if output.start is None else output.start + (0 if output.is_escaped else at)
        if not part.is_words:
            span = text.span(part.start, part.end)
            return Origin(span, output.trace, output.paths, start, is_printed=True)
        first = part.start + at
        rest = text.text[first : first + run.length - inner if end is None else first + end - inner]
        is_word = end is None and bool(rest.strip()) and not rest[0].isspace()
        length = len(rest.split(None, 1)[0]) if is_word else len(rest)
        return Origin(text.span(first, first + max(1, length)), output.trace, output.paths, start)


def trace(
    pack: TemplatePack,
    sandbox: Sandbox,
    render: Callable[[Sandbox, Case], str],
    case: Case,
    document: Document,
) -> Origins | None:
    """Render a letter once more and record where each word comes from.

    Args:
        pack: The pack.
        sandbox: The environment that renders it plainly.
        render: Renders the letter's templates in an environment.
        case: The case; its plain render was made without a fault.
        document: The plain render.

    Returns:
        `None` where the template writes another document this time.
    """
    tracer = Tracer(pack, sandbox, case)
    text = render(tracer, tracer.case)
    runs = text.runs if isinstance(text, Traced) else ()
    return Origins(document, runs, tracer, case) if text == document.markup else None
