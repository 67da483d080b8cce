"""Which words of a letter differ, and what wrote them.

What wrote a word is known of letters that are made, by rendering them once more, which takes longer
than making them. Most changes are in many letters in the same words; those are located once.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Protocol

import msgspec

from imrgen.batch.plan.changes import Change, WordDetail
from imrgen.batch.plan.versions import FiledVersion, Kind, MadeVersion, Version
from imrgen.case import pattern_of
from imrgen.diagnostics import CaseError, PackError
from imrgen.document import visible_characters, word_changes
from imrgen.export import to_words
from imrgen.pack import TemplatePack

if TYPE_CHECKING:
    from imrgen.compose.tracing import Origin, Origins

_AROUND = 3
"""Words before and behind a change that tell it from the same words at another place."""
_SHOWN_AROUND = 8
"""Words before and behind a change that are shown."""
_MOST_WORDS = 40
"""So many words of a change are kept."""
_MOST_SHOWN = 200
"""So many words of a change are shown in full."""
_MOST_KNOWN = 20_000
"""So many changes are remembered with their places; beyond, those of the case's own words differ
from letter to letter, and none comes again."""
_ALIKE = 0.3
"""So much of a template's line must be as it was for it to be that line, changed."""
_UNKNOWN = "{…}"
"""What stands for words that may be the case's, where the field is not known."""

_Key = tuple[object, ...]


class WordComparer:
    """Finds the words that differ, and remembers what wrote them.

    Args:
        shows_words: Whether the words of files are shown; else nobody knows which of them are the
            case's.
    """

    def __init__(self, shows_words: bool = False) -> None:
        self._known: dict[_Key, tuple[Change, ...]] = {}
        self._packs: dict[str, _PackTexts] = {}
        self._shows_words = shows_words

    def changes(self, name: str, old: Version, new: Version, kind: Kind) -> list[Change]:
        """Return each change of words once.

        Args:
            name: The letter's name.
            old: The letter as it was.
            new: The letter as it is.
            kind: What both are compared by.
        """
        return [*dict.fromkeys(self._located(name, old, new, kind))]

    def details(
        self, name: str, old: Version, new: Version, kind: Kind
    ) -> Iterator[tuple[Change, WordDetail]]:
        """Yield each change with its words in full."""
        olds, news = old.words(kind), new.words(kind)
        if olds == news:
            return
        traced = self._traced(old, olds, kind), self._traced(new, news, kind)
        for place in word_changes(olds, news):
            for was, now in _pieces(*traced, *place):
                yield (
                    _change(name, *traced, was, now),
                    WordDetail(
                        " ".join(news[max(0, now.start - _SHOWN_AROUND) : now.start]),
                        " ".join(olds[was.start : min(was.stop, was.start + _MOST_SHOWN)]),
                        " ".join(news[now.start : min(now.stop, now.start + _MOST_SHOWN)]),
                        " ".join(news[now.stop : now.stop + _SHOWN_AROUND]),
                    ),
                )

    def _located(self, name: str, old: Version, new: Version, kind: Kind) -> Iterator[Change]:
        olds, news = old.words(kind), new.words(kind)
        if olds == news:
            return
        found = word_changes(olds, news)
        keys = [_key(name, olds, news, was, now) for was, now in found]
        # The same words with the same words around them may be at several places of a letter.
        totals = Counter(keys)
        met: Counter[_Key] = Counter()
        traced: tuple[_Words, _Words] | None = None
        for (was, now), plain in zip(found, keys, strict=True):
            met[plain] += 1
            key = (*plain, met[plain], totals[plain])
            if key not in self._known:
                traced = traced or (self._traced(old, olds, kind), self._traced(new, news, kind))
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                self._known[key] = tuple(
                    _change(name, *traced, *piece) for piece in _pieces(*traced, was, now)
                )
            yield from self._known[key]

    def _traced(self, version: Version, words: list[str], kind: Kind) -> _Words:
        if isinstance(version, FiledVersion):
            return _FiledWords(words, self._shows_words)
        pack = version.renderer.pack
        digest = pack.digest()
        if digest not in self._packs:
            self._packs[digest] = _PackTexts.of(pack)
        try:
            return _TracedWords(version, words, kind, self._packs[digest])
        except (CaseError, PackError):  # such as of a template that makes another letter each time
            return _FiledWords(words, shows=False)


def _key(name: str, olds: list[str], news: list[str], was: range, now: range) -> _Key:
    return (
        name,
        *(tuple(olds[was.start : was.stop]), tuple(news[now.start : now.stop])),
        tuple(news[max(0, now.start - _AROUND) : now.start]),
        tuple(news[now.stop : now.stop + _AROUND]),
    )


class _PackTexts(msgspec.Struct, frozen=True):
    """What a pack has to do with the words of its letters.

    Args:
        names: The names of the pack's files, by their places.
        texts: The visible characters of each text of its manifests, and of its overrides.
        files: The texts of its templates, by name.
    """

    names: Mapping[str, str]
    texts: frozenset[str]
    files: Mapping[str, str]

    def line_in(self, other: _PackTexts, name: str, line: int) -> int:
        """Return the number of a template's line in another state of it; 0 if it is not there.

        A line that was changed stands where the lines around it stand.
        """
        old, new = self.files.get(name, ""), other.files.get(name, "")
        return line if old == new else _lines_in(old, new).get(line, 0)

    @classmethod
    def of(cls, pack: TemplatePack) -> _PackTexts:
        waiting: list[object] = [msgspec.to_builtins(pack.lineage), dict(pack.overrides)]
        texts = set()
        while waiting:
            value = waiting.pop()
            if isinstance(value, Mapping):
                waiting += value.values()
            elif isinstance(value, list | tuple):
                waiting += value
            elif isinstance(value, str):
                texts.add(visible_characters(value))
        names = {
            file.place: name
            for layer in reversed(pack.layers)
            for name, file in layer.files.items()
        }
        files = {name: pack.require(name).text for name in pack.template_files()}
        return cls(names, frozenset(texts), files)


def _likeness(old: str, new: str) -> float:
    return SequenceMatcher(None, old.split(), new.split(), autojunk=False).ratio()


@functools.lru_cache(maxsize=200)
def _lines_in(old: str, new: str) -> Mapping[int, int]:
    """Map the lines of a text to those of another state of it, from 1."""
    found: dict[int, int] = {}
    olds, news = old.splitlines(), new.splitlines()
    for _, start, stop, new_start, new_stop in SequenceMatcher(
        None, olds, news, autojunk=False
    ).get_opcodes():
        if stop - start == new_stop - new_start:
            found |= {was + 1: was - start + new_start + 1 for was in range(start, stop)}
            continue
        # Lines were added or taken away beside others that were changed.
        first = new_start
        for was in range(start, stop):
            likest = max(
                range(first, new_stop),
                key=lambda now: _likeness(olds[was], news[now]),
                default=None,
            )
            if likest is not None and _likeness(olds[was], news[likest]) > _ALIKE:
                found[was + 1] = likest + 1
                first = likest + 1
    return found


class _Words(Protocol):
    """The words of a letter, and what is known of them."""

    words: list[str]
    is_traced: bool

    def place(self, words: range) -> str:
        """Return the template and line that wrote the first of some words; empty for none."""

    def masked(self, words: range) -> str:
        """Return words, with `{field}` in place of those that the case has given."""

    def lines(self, words: range) -> list[range]:
        """Part words by the template lines that wrote them."""

    def line_in(self, other: _Words, words: range) -> str:
        """Return the place of words as it is in another state of the same templates."""


class _FiledWords:
    """Words of which nobody knows what wrote them.

    Args:
        words: The words.
        shows: Whether they are shown.
    """

    is_traced = False

    def __init__(self, words: list[str], shows: bool) -> None:
        self.words = words
        self._shows = shows

    def place(self, words: range) -> str:
        """Return nothing."""
        return ""

    def masked(self, words: range) -> str:
        """Return the words, or what stands for them."""
        if not self._shows:
            return _UNKNOWN if words else ""
        more = ["…"] if len(words) > _MOST_WORDS else []
        return " ".join([*self.words[words.start : words.stop][:_MOST_WORDS], *more])

    def lines(self, words: range) -> list[range]:
        """Return the words, whose lines nobody knows."""
        return [words] if words else []

    def line_in(self, other: _Words, words: range) -> str:
        """Return nothing."""
        return ""


class _TracedWords:
    """The words of a letter that know where they come from.

    Args:
        version: The letter.
        words: Its words.
        kind: Which format's they are.
        pack: What its pack has to do with them.
    """

    is_traced = True

    def __init__(
        self, version: MadeVersion, words: list[str], kind: Kind, pack: _PackTexts
    ) -> None:
        self.words = words
        letter = version.made
        self._origins: Origins = version.renderer.trace(letter.case, letter)
        self._pack = pack
        self._visible = ""
        self._starts = [0]
        for word in words:
            self._visible += visible_characters(word)
            self._starts.append(len(self._visible))
        # A text repeats labels of its tables, and pages their headers.
        own = to_words(letter.document.tree) if kind in ("text", "pdf") else ""
        self._own = visible_characters(own) if own else self._visible

    def place(self, words: range) -> str:
        """Return the template and line that wrote the first of some words; empty for none."""
        if not words:
            return ""
        origin = self._origin(self._starts[words.start])
        if origin is None:
            return ""
        return f"{self._pack.names.get(origin.span.file, origin.span.file)}:{origin.span.line}"

    def masked(self, words: range) -> str:
        """Return words, with `{field}` in place of those that the case has given."""
        shown: list[str] = []
        for number in words[:_MOST_WORDS]:
            for piece in self._pieces(number):
                if not shown or piece != shown[-1] or piece[0] != "{":
                    shown.append(piece)
        return " ".join([*shown, *(["…"] if len(words) > _MOST_WORDS else [])])

    def lines(self, words: range) -> list[range]:
        """Part words by the template lines that wrote them."""
        found: list[range] = []
        last = ""
        for number in words:
            place = self.place(range(number, number + 1))
            if found and place == last:
                found[-1] = range(found[-1].start, number + 1)
            else:
                found.append(range(number, number + 1))
            last = place
        return found

    def line_in(self, other: _Words, words: range) -> str:
        """Return the place of words as it is in another state of the same templates."""
        place = self.place(words)
        name, _, line = place.rpartition(":")
        if not name or not isinstance(other, _TracedWords):
            return place
        now = self._pack.line_in(other._pack, name, int(line))
        return f"{name}:{now}" if now else ""

    def _pieces(self, number: int) -> tuple[str, ...]:
        """Return a word, or the fields in place of it if any of it may be the case's."""
        fields: dict[str, None] = {}
        for at in range(self._starts[number], self._starts[number + 1]):
            origin = self._origin(at)
            if origin is not None and origin.paths:
                fields |= dict.fromkeys(f"{{{pattern_of(path)}}}" for path in origin.paths)
            elif origin is None or (origin.is_printed and not self._is_packs(at, origin)):
                fields[_UNKNOWN] = None
        return tuple(fields) or (self.words[number],)

    def _is_packs(self, at: int, origin: Origin) -> bool:
        """Return whether an expression has printed a text of the pack's manifests as it is."""
        start, end = at, at + 1
        while start and self._origin(start - 1) == origin:
            start -= 1
        while end < len(self._visible) and self._origin(end) == origin:
            end += 1
        return self._visible[start:end] in self._pack.texts

    def _origin(self, number: int) -> Origin | None:
        """Return the origin of a character of the words; `None` where it is not known."""
        if self._own == self._visible:
            return self._origins.at_character(number)
        around = 40
        start = max(0, number - around)
        piece = self._visible[start : number + around]
        at = self._own.find(piece)
        if at < 0 or self._own.find(piece, at + 1) >= 0:
            return None
        return self._origins.at_character(at + number - start)


def _pieces(before: _Words, after: _Words, was: range, now: range) -> list[tuple[range, range]]:
    """Part words that differ into changes: those that the same lines have made are one."""
    # Without any place, what is near each other is one.
    is_located = before.is_traced or after.is_traced
    inner = word_changes(
        before.words[was.start : was.stop],
        after.words[now.start : now.stop],
        between=0 if is_located else len(now),
    )
    pieces: list[tuple[range, range]] = []
    last = ("", "")
    for lost, gained in inner:
        for old, new in _by_line(
            before,
            after,
            range(was.start + lost.start, was.start + lost.stop),
            range(now.start + gained.start, now.start + gained.stop),
        ):
            places = before.place(old), after.place(new)
            # What was lost or gained alone has a place on one side only.
            is_near = any(places) and all(
                here in (there, "") for here, there in zip(places, last, strict=True)
            )
            if pieces and is_near:
                first = pieces.pop()
                joined = range(first[0].start, old.stop), range(first[1].start, new.stop)
                pieces.append(joined)
            else:
                pieces.append((old, new))
                last = places
    return pieces


def _change(name: str, before: _Words, after: _Words, was: range, now: range) -> Change:
    return Change(
        name,
        "words",
        was=before.place(was),
        now=_place(before, after, now),
        removed=before.masked(was),
        added=after.masked(now),
    )


def _by_line(
    before: _Words, after: _Words, was: range, now: range
) -> Iterator[tuple[range, range]]:
    """Yield what became of the words of each template line: several of them may have changed.

    Args:
        before: The words as they were.
        after: The words as they are.
        was: Those that were lost, in one place.
        now: Those that were gained there.
    """
    olds, news = before.lines(was), after.lines(now)
    keys = [before.line_in(after, words) for words in olds], [after.place(each) for each in news]
    if not was or not now or not {*keys[0]} & {*keys[1]} - {""}:
        yield was, now
        return
    at_old, at_new = was.start, now.start
    for _, old_start, old_stop, new_start, new_stop in SequenceMatcher(
        None, *keys, autojunk=False
    ).get_opcodes():
        # The lines of one stretch that are the same in both go one with one.
        count = max(old_stop - old_start, new_stop - new_start)
        is_same = keys[0][old_start:old_stop] == keys[1][new_start:new_stop]
        for step in range(count) if is_same else (slice(None),):
            chosen_old = _slice(olds[old_start:old_stop], step, at_old)
            chosen_new = _slice(news[new_start:new_stop], step, at_new)
            at_old, at_new = chosen_old.stop, chosen_new.stop
            yield chosen_old, chosen_new


def _slice(parts: Sequence[range], step: int | slice, at: int) -> range:
    """Return one of some parts, or all of them as one; an empty range at a place for none."""
    chosen = [parts[step]] if isinstance(step, int) else parts[step]
    return range(chosen[0].start, chosen[-1].stop) if chosen else range(at, at)


def _place(before: _Words, after: _Words, words: range) -> str:
    """Return what wrote words that were gained.

    Where words were lost of which nobody knows what wrote them, the words in front say where.
    """
    if words or before.is_traced or not words.start:
        return after.place(words)
    return after.place(range(words.start - 1, words.start))
