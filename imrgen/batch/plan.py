"""Two states of a pack compared over many cases: what becomes of each letter.

The same change in many letters is one `Change`: where it was made, and its words, with the fields
of the case in place of what they hold.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Literal

import msgspec

from imrgen.batch.case_run import CaseRun, CaseTask
from imrgen.batch.inputs import RawCase
from imrgen.case import Source, pattern_of
from imrgen.diagnostics import CaseError, Diagnostic, LibraryError, LimitError, PackError
from imrgen.document import visible_characters, word_changes
from imrgen.export import to_words
from imrgen.pack import TemplatePack
from imrgen.pipeline import Examination, Letter, Options, Renderer, renderers
from imrgen.workers import Limits

if TYPE_CHECKING:
    from imrgen.compose.tracing import Origin

_PRELOAD = ("imrgen.batch.plan", "imrgen.checks", "imrgen.compose.tracing")
_AROUND = 3
"""Words before and behind a change that tell it from the same words at another place."""
_MOST_WORDS = 40
"""So many words of a change are kept."""

ChangeKind = Literal["words", "refused", "made", "findings", "style", "pages"]


class Change(msgspec.Struct, frozen=True, order=True):
    """A change that letters share.

    Args:
        letter: The letter's name.
        kind: `words`: words were lost or gained. `refused`: the letter cannot be made any more, or
            for other reasons. `made`: it can be made again. `findings`: warnings were lost or
            gained. `style`: its HTML or style sheets differ, and its words do not; its pages were
            not set. `pages`: its pages look different, though its words are the same, or it has
            more or fewer of them.
        was: The template and line that wrote the words which were lost.
        now: The template and line that write the words which were gained.
        removed: The words that were lost, each field of the case as `{field}`; or codes.
        added: The words that were gained, or codes.
        state: For pages and style, the digests of both packs: another style sheet is another
            change.
    """

    letter: str
    kind: ChangeKind
    was: str = ""
    now: str = ""
    removed: str = ""
    added: str = ""
    state: str = ""

    @property
    def id(self) -> str:
        """What tells it from others, the same on every machine."""
        return hashlib.sha256("\0".join(msgspec.structs.astuple(self)).encode()).hexdigest()[:12]


class ComparedCase(msgspec.Struct, frozen=True):
    """What becomes of the letters of a case.

    Args:
        case: The case.
        diagnostics: Why it cannot be compared.
        letters: How many letters it has.
        changed: How many of them differ.
        changes: What differs, each change with how: for pages, `more`, `fewer`, `moved` or
            `looks`.
        missing: What is missing for every case's pages, such as a library.
    """

    case: RawCase
    diagnostics: tuple[Diagnostic, ...] = ()
    letters: int = 0
    changed: int = 0
    changes: tuple[tuple[Change, str], ...] = ()
    missing: tuple[Diagnostic, ...] = ()
    skipped = False

    @property
    def failed(self) -> bool:
        """Whether it cannot be compared."""
        return bool(self.diagnostics)


class PlanSettings(msgspec.Struct, frozen=True):
    """What all tasks have in common.

    Args:
        before: The options of the letters as they were.
        after: The options of the letters as they are to be.
        letters: The names of the letters, or `all`.
        has_pages: Whether to set the pages of letters whose HTML or style sheets differ.
    """

    before: Options
    after: Options
    letters: tuple[str, ...]
    has_pages: bool = True


class Comparer:
    """Compares the letters of cases, and keeps what they have in common.

    Args:
        settings: What they have in common.

    Raises:
        PackError: No such pack, letter or check, or one of the pack's files is at fault.
    """

    def __init__(self, settings: PlanSettings) -> None:
        self._before, self._after = (
            {each.options.letter: each for each in renderers(options, settings.letters)}
            for options in (settings.before, settings.after)
        )
        self._has_pages = settings.has_pages
        self._known: dict[tuple[object, ...], tuple[Change, ...]] = {}
        self._names = [
            _template_names(next(iter(each.values())).pack) for each in (self._before, self._after)
        ]

    def __call__(self, task: CaseTask) -> ComparedCase:
        """Compare the letters of a case; nothing is raised that concerns one case alone."""
        case = task.case
        changes: dict[tuple[Change, str], None] = {}
        counts = [0, 0]
        missing: tuple[Diagnostic, ...] = ()
        try:
            source = case.parse()
            for before, after in self._pairs(source):
                try:
                    found = list(self._changes(before, after, source))
                except LibraryError as error:
                    # What else differs needs no pages.
                    missing = error.diagnostics
                    self._has_pages = False
                    found = list(self._changes(before, after, source))
                counts[0] += 1
                counts[1] += bool(found)
                changes |= dict.fromkeys(found)
        except CaseError as error:
            return ComparedCase(case, tuple(map(case.relocate, error.diagnostics)))
        return ComparedCase(case, (), counts[0], counts[1], tuple(changes), missing)

    def _pairs(self, source: Source) -> Iterator[tuple[Renderer | None, Renderer | None]]:
        """Yield for each letter what makes it before and after; `None` where no pack has it."""
        for name in dict.fromkeys([*self._before, *self._after]):
            olds, news = (
                states[name].each(source) if name in states else ()
                for states in (self._before, self._after)
            )
            for number in range(max(len(olds), len(news))):
                yield (
                    olds[number] if number < len(olds) else None,
                    news[number] if number < len(news) else None,
                )

    def _changes(
        self, before: Renderer | None, after: Renderer | None, source: Source
    ) -> Iterator[tuple[Change, str]]:
        """Yield what differs in a letter, each change with how."""
        known = after or before
        assert known is not None
        name = known.options.letter
        old, new = _examined(before, source), _examined(after, source)
        lost, gained = _codes(old) - _codes(new), _codes(new) - _codes(old)
        was, now = _sendable(old), _sendable(new)
        if now is None or was is None:
            kind: ChangeKind = "made" if now else "refused"
            if now or was or lost or gained:
                yield Change(name, kind, removed=_joined(lost), added=_joined(gained)), ""
            return
        if lost or gained:
            yield Change(name, "findings", removed=_joined(lost), added=_joined(gained)), ""
        assert before is not None
        assert after is not None
        words = list(self._word_changes(name, (before, was), (after, now)))
        yield from ((change, "") for change in words)
        if was.document.markup == now.document.markup and _styles(before) == _styles(after):
            return
        state = f"{before.pack.digest()[:12]} {after.pack.digest()[:12]}"
        if self._has_pages:
            yield from _page_changes(state, was, now, has_words=bool(words))
        elif not words:
            yield Change(name, "style", state=state), ""

    def _word_changes(
        self, name: str, before: tuple[Renderer, Letter], after: tuple[Renderer, Letter]
    ) -> Iterator[Change]:
        """Yield each change of words once."""
        old, new = (to_words(letter.document.tree).split() for _, letter in (before, after))
        if old == new:
            return
        traced: tuple[_Traced, _Traced] | None = None
        found: dict[Change, None] = {}
        for was, now in word_changes(old, new):
            key = (
                name,
                *(tuple(old[was.start : was.stop]), tuple(new[now.start : now.stop])),
                tuple(new[max(0, now.start - _AROUND) : now.start]),
                tuple(new[now.stop : now.stop + _AROUND]),
            )
            if key not in self._known:
                traced = traced or (
                    _Traced(*before, old, self._names[0]),
                    _Traced(*after, new, self._names[1]),
                )
                self._known[key] = tuple(_located(name, *traced, was, now))
            found |= dict.fromkeys(self._known[key])
        yield from found


class _Traced:
    """A letter whose words know where they come from.

    Args:
        renderer: What makes it.
        letter: The letter.
        words: Its words.
        names: The names of the pack's files, by their places.
    """

    def __init__(
        self, renderer: Renderer, letter: Letter, words: list[str], names: Mapping[str, str]
    ) -> None:
        self.words = words
        self._origins = renderer.trace(letter.case)
        self._names = names
        self._pack_texts = _texts(renderer.pack)
        self._visible = ""
        self._starts = [0]
        for word in words:
            self._visible += visible_characters(word)
            self._starts.append(len(self._visible))

    def place(self, words: range) -> str:
        """Return the template and line that wrote the first of some words; empty for none."""
        if not words:
            return ""
        start = self._starts[words.start]
        origin = self._origins.at_character(start)
        if origin is None:
            return ""
        return f"{self._names.get(origin.span.file, origin.span.file)}:{origin.span.line}"

    def masked(self, words: range) -> str:
        """Return words, with `{field}` in place of those that the case has given."""
        shown: list[str] = []
        for number in words[:_MOST_WORDS]:
            for piece in self._pieces(number):
                if not shown or piece != shown[-1] or piece[0] != "{":
                    shown.append(piece)
        return " ".join([*shown, *(["…"] if len(words) > _MOST_WORDS else [])])

    def _pieces(self, number: int) -> tuple[str, ...]:
        """Return a word, or the fields in place of it if any of it may be the case's."""
        fields: dict[str, None] = {}
        for at in range(self._starts[number], self._starts[number + 1]):
            origin = self._origins.at_character(at)
            if origin is not None and origin.paths:
                fields |= dict.fromkeys(f"{{{pattern_of(path)}}}" for path in origin.paths)
            elif origin is None or (origin.is_printed and not self._is_packs(at, origin)):
                fields["{…}"] = None
        return tuple(fields) or (self.words[number],)

    def _is_packs(self, at: int, origin: Origin) -> bool:
        """Return whether an expression has printed a text of the pack's manifests as it is."""
        start, end = at, at + 1
        while start and self._origins.at_character(start - 1) == origin:
            start -= 1
        while end < len(self._visible) and self._origins.at_character(end) == origin:
            end += 1
        return self._visible[start:end] in self._pack_texts


def _located(
    name: str, before: _Traced, after: _Traced, was: range, now: range
) -> Iterator[Change]:
    """Yield changes that are near each other, as one where the same lines have made them."""
    inner = word_changes(
        before.words[was.start : was.stop], after.words[now.start : now.stop], between=0
    )
    pieces: list[tuple[range, range]] = []
    last = ("", "")
    for lost, gained in inner:
        old = range(was.start + lost.start, was.start + lost.stop)
        new = range(now.start + gained.start, now.start + gained.stop)
        places = before.place(old), after.place(new)
        # What was lost or gained alone has a place on one side only.
        if pieces and all(here in (there, "") for here, there in zip(places, last, strict=True)):
            first = pieces.pop()
            old, new = range(first[0].start, old.stop), range(first[1].start, new.stop)
            places = last
        pieces.append((old, new))
        last = places
    for old, new in pieces:
        yield Change(
            name,
            "words",
            was=before.place(old),
            now=after.place(new),
            removed=before.masked(old),
            added=after.masked(new),
        )


def _examined(renderer: Renderer | None, source: Source) -> Examination | None:
    """Return a letter with its faults; without a letter where the case does not fit the pack."""
    if renderer is None:
        return None
    try:
        return renderer.examine(source)
    except (CaseError, PackError) as error:
        return Examination(None, (), (error,))


def _sendable(examination: Examination | None) -> Letter | None:
    if examination is None or (examination.errors and examination.letter is None):
        return None
    is_refused = examination.errors and not _is_draft(examination)
    return None if is_refused else examination.letter


def _is_draft(examination: Examination) -> bool:
    return examination.letter is not None and examination.letter.options.draft


def _codes(examination: Examination | None) -> set[str]:
    """Return what was found, without places, which an edit of a template moves."""
    if examination is None:
        return {"no such letter"}
    return {f"{each.code} {pattern_of(each.path)}".rstrip() for each in examination.diagnostics}


def _joined(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))


def _styles(renderer: Renderer) -> tuple[object, ...]:
    return renderer.exporter.css, renderer.pack.fonts


def _template_names(pack: TemplatePack) -> Mapping[str, str]:
    """Map the places of a pack's files to their names."""
    return {
        file.place: name for layer in reversed(pack.layers) for name, file in layer.files.items()
    }


def _texts(pack: TemplatePack) -> frozenset[str]:
    """Return the visible characters of each text of a pack's manifests, and of its overrides."""
    waiting: list[object] = [msgspec.to_builtins(pack.lineage), dict(pack.overrides)]
    found = set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
        elif isinstance(value, str):
            found.add(visible_characters(value))
    return frozenset(found)


def _page_changes(
    state: str, was: Letter, now: Letter, *, has_words: bool
) -> Iterator[tuple[Change, str]]:
    """Yield how the pages of two letters differ.

    Where the words differ, only the pages' number and beginnings count.
    """
    name = now.options.letter
    lost, gained = _pdf_faults(was), _pdf_faults(now)
    if lost or gained:
        if lost != gained:
            kind: ChangeKind = "refused" if gained else "made"
            lost, gained = lost - gained, gained - lost
            yield Change(name, kind, removed=_joined(lost), added=_joined(gained)), ""
        return
    old, new = (_Pages.of(letter, has_pictures=not has_words) for letter in (was, now))
    more = len(new.starts) - len(old.starts)
    if more:
        yield Change(name, "pages", state=state), "more" if more > 0 else "fewer"
    elif old.starts != new.starts:
        yield Change(name, "pages", state=state), "moved"
    elif old.pictures != new.pictures:
        yield Change(name, "pages", state=state), "looks"


def _pdf_faults(letter: Letter) -> set[str]:
    """Return why the pages of a letter cannot be set."""
    try:
        letter.encoded("pdf")
    except (CaseError, LimitError, PackError) as error:
        return {each.code for each in error.diagnostics}
    return set()


class _Pages(msgspec.Struct, frozen=True):
    """The pages of a letter.

    Args:
        starts: The first line of each.
        pictures: Each as it is drawn.
    """

    starts: list[str]
    pictures: list[bytes]

    @classmethod
    def of(cls, letter: Letter, *, has_pictures: bool) -> _Pages:
        from imrgen.export.pdf.readback import open_pdf  # it loads PDFium

        with open_pdf(letter.pdf) as reader:
            starts = [page.lines[0][1] if page.lines else "" for page in reader.pages()]
            drawn = range(len(starts) if has_pictures else 0)
            return cls(starts, [reader.picture(number, 1.0).tobytes() for number in drawn])


class PlanRun(CaseRun[ComparedCase]):
    """The comparison of many cases: `for compared in PlanRun(cases, settings): …`.

    Args:
        cases: Paths (case files, folders, globs, `.jsonl`, `-`).
        settings: What to compare.
        jobs: See `CaseRun`.
        limits: See `CaseRun`.
        standard: The stream that `-` stands for.

    Raises:
        CaseError: An input does not exist.
        PackError: No such pack, letter or check, or one of the packs' files is at fault.
    """

    def __init__(
        self,
        cases: list[str],
        settings: PlanSettings,
        *,
        jobs: int | None = None,
        limits: Limits | None = None,
        standard: IO[bytes] | None = None,
    ) -> None:
        super().__init__(
            cases,
            functools.partial(Comparer, settings),
            ComparedCase,
            preload=_PRELOAD,
            jobs=jobs,
            limits=limits,
            standard=standard,
        )
