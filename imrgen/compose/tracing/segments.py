"""What each stretch of a text comes from, also after filters have changed it."""

import difflib
import html
import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from imrgen.diagnostics import Path, Span
from imrgen.document.positions import tokens

_MOST_COMPARED = 10**6
_AHEAD = 200
"""How far ahead in a narrative the next word is looked for: beyond Markdown's own signs."""


class TemplatePart(NamedTuple):
    """A part of a template: its own words, or a tag.

    Attributes:
        file: The template's file.
        start: Where it begins in the file's text.
        end: Where it ends.
        is_words: Whether it is the template's own words, printed as they stand.
    """

    file: str
    start: int
    end: int
    is_words: bool


class Output(NamedTuple):
    """What a part of a template printed, once.

    Attributes:
        part: The part.
        trace: The places that led there, the nearest first.
        paths: The fields of the case that it shows.
        start: Where in the field's text it begins; `None` where it does not show it as written.
        is_escaped: Whether it shows one character of that text, as an entity.
    """

    part: TemplatePart
    trace: tuple[Span, ...]
    paths: tuple[Path, ...] = ()
    start: int | None = None
    is_escaped: bool = False


class Run(NamedTuple):
    """Characters of a text that are characters of an output, in the same order.

    Attributes:
        output: The output.
        at: Which of its characters comes first.
        length: How many they are.
    """

    output: Output
    at: int
    length: int


_Character = tuple[Output, int]


def _characters(runs: Iterable[Run]) -> list[_Character]:
    return [(run.output, run.at + number) for run in runs for number in range(run.length)]


def _grouped(characters: Iterable[_Character]) -> Iterator[Run]:
    def run_of(numbered: tuple[int, _Character]) -> tuple[int, int]:
        number, (output, at) = numbered
        return id(output), at - number

    for _, group in itertools.groupby(enumerate(characters), run_of):
        run = [character for _, character in group]
        yield Run(*run[0], len(run))


def cut(runs: Iterable[Run], start: int, end: int) -> tuple[Run, ...]:
    """Return the runs of a part of a text."""
    parts: list[Run] = []
    at = 0
    for run in runs:
        first, last = max(start, at), min(end, at + run.length)
        if first < last:
            parts.append(Run(run.output, run.at + first - at, last - first))
        at += run.length
    return tuple(parts)


def align(old: str, runs: tuple[Run, ...], new: str, own: Output) -> tuple[Run, ...]:
    """Find in a changed text what its characters come from.

    Args:
        old: The text before.
        runs: Its runs.
        new: The text after a filter.
        own: The output for what the filter added; where it shows fields of its own, all that
            differs is its.
    """
    if old == new:
        return runs
    known = _characters(runs)
    before = [number for number, character in enumerate(old) if not character.isspace()]
    after = [number for number, character in enumerate(new) if not character.isspace()]
    sources: list[int | None] = [None] * len(new)
    shown_before = "".join(old[number] for number in before)
    shown_after = "".join(new[number] for number in after)
    for number, other in _matches(shown_before, shown_after, not own.paths):
        sources[after[number]] = before[other]
    characters: list[_Character] = []
    last = -1
    for number, source in enumerate(sources):
        if source is None and new[number].isspace():
            # White space is the old text's where that has some here.
            source = last + 1 if last + 1 < len(old) and old[last + 1].isspace() else None
        if source is None:
            is_spacing = bool(characters) and new[number].isspace()
            characters.append(characters[-1] if is_spacing else (own, 0))
        else:
            characters.append(known[source])
            last = source
    return tuple(_grouped(characters))


def _matches(old: str, new: str, is_change: bool) -> Iterator[tuple[int, int]]:
    """Pair the characters of a changed text, by number, with those of the text before.

    Args:
        old: The text before.
        new: The text after.
        is_change: Whether what differs is the old text, changed: it may be other words altogether.
    """
    if old == new:
        yield from ((number, number) for number in range(len(new)))
        return
    shortest = min(len(old), len(new))
    head = next((n for n in range(shortest) if old[n] != new[n]), shortest)
    tail = next((n for n in range(shortest - head) if old[-1 - n] != new[-1 - n]), shortest - head)
    yield from ((number, number) for number in range(head))
    inner, other = new[head : len(new) - tail], old[head : len(old) - tail]
    if not is_change:
        pass
    elif len(inner) == len(other):
        yield from ((head + number, head + number) for number in range(len(inner)))
    elif len(inner) * len(other) <= _MOST_COMPARED:
        for _, low, high, start, stop in difflib.SequenceMatcher(
            None, other, inner, autojunk=False
        ).get_opcodes():
            if high > low:
                yield from (
                    (head + n, head + min(low + n - start, high - 1)) for n in range(start, stop)
                )
    elif other:
        yield from ((head + number, head) for number in range(len(inner)))
    yield from ((len(new) - tail + number, len(old) - tail + number) for number in range(tail))


def match_words(shown: str, text: str, prefix: str, output: Output) -> tuple[Run, ...]:
    """Find where in a field's text the words of the HTML stand that was made of it.

    Markdown changes no order, so the next occurrence of each word is the right one.

    Args:
        shown: The HTML.
        text: The field's text.
        prefix: HTML in front of the words, which is the template's.
        output: The output that shows it.
    """
    if shown == text:
        return (Run(output._replace(start=0), 0, len(shown)),)
    runs: list[Run] = []
    words = output._replace(paths=())
    first = shown.find(prefix) if prefix else -1
    at = cursor = 0
    written = {token.start: token for token in tokens(shown) if token.kind != "text"}
    while at < len(shown):
        token = written.get(at)
        if at == first:
            runs.append(Run(words, 0, len(prefix)))
            at += len(prefix)
            continue
        if token and token.kind != "reference":
            runs.append(Run(output, 0, token.end - at))
            at = token.end
            continue
        end = token.end if token else at + 1
        if token is None and not shown[at].isspace():
            while end < len(shown) and end not in written and not shown[end].isspace():
                end += 1
        read = html.unescape(shown[at:end]) if token else shown[at:end]
        place = -1 if read[0].isspace() else text.find(read, cursor, cursor + len(read) + _AHEAD)
        if place < 0:
            runs.append(Run(output, 0, end - at))
        elif token:
            runs.append(Run(output._replace(start=place, is_escaped=True), 0, end - at))
            cursor = place + len(read)
        else:
            while (
                end < len(shown)
                and end not in written
                and text[place + end - at : place + end - at + 1] == (shown[end])
            ):
                end += 1
            runs.append(Run(output._replace(start=place), 0, end - at))
            cursor = place + end - at
        at = end
    return tuple(runs)
