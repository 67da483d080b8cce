"""The comparison of a letter with itself in another state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from imrgen.batch.plan.changes import (
    NO_LETTER,
    Change,
    ChangeKind,
    Detail,
    PageDetail,
    WordDetail,
)
from imrgen.batch.plan.versions import FiledVersion, Kind, Look, Version
from imrgen.batch.plan.words import WordComparer

Found: TypeAlias = tuple[Change, str]
"""A change, and what it does to the pages of the letter: a word of `WAYS`, or nothing."""


class LetterComparer:
    """Compares letters, and remembers what many of them share.

    Args:
        has_pages: Whether to set the pages of letters that may look different.
        shows_words: Whether the words of files are shown; see `WordComparer`.
    """

    def __init__(self, *, has_pages: bool, shows_words: bool = False) -> None:
        self.has_pages = has_pages
        self._words = WordComparer(shows_words)

    def changes(self, name: str, old: Version, new: Version) -> Iterator[Found]:
        """Yield what differs in a letter, each change with what it does to pages.

        Args:
            name: The letter's name.
            old: The letter as it was.
            new: The letter as it is.

        Raises:
            LibraryError: A native library is missing that pages need.
        """
        lost, gained = _codes(old, new)
        if not (old.is_made and new.is_made):
            kind: ChangeKind = "made" if new.is_made else "refused"
            if new.is_made or old.is_made or lost or gained:
                yield Change(name, kind, removed=joined(lost), added=joined(gained)), ""
            return
        if lost or gained:
            yield Change(name, "findings", removed=joined(lost), added=joined(gained)), ""
        kind_of_words, looks = _compared_by(old, new)
        words = self._words.changes(name, old, new, kind_of_words)
        way = ""
        if _may_look_different(looks, old):
            if self.has_pages and _has_pages(old):
                from imrgen.batch.plan.pages import page_changes  # it loads PDFium

                differing = page_changes(name, old, new, looks, bool(words))
                way = differing.by_words
                yield from differing.changes
            elif _differs_in_style(looks, has_words=bool(words)):
                from imrgen.batch.plan.pages import style_change

                yield style_change(name, looks), ""
        yield from ((change, way) for change in words)

    def details(
        self, name: str, old: Version, new: Version, *, has_pictures: bool
    ) -> Iterator[Detail]:
        """Yield in full what differs in a letter; all of it is the case's.

        Args:
            name: The letter's name.
            old: The letter as it was.
            new: The letter as it is.
            has_pictures: Whether to draw pages that differ.
        """
        if not (old.is_made and new.is_made):
            return
        kind, _ = _compared_by(old, new)
        found: dict[Change, list[WordDetail]] = {}
        for change, words in self._words.details(name, old, new, kind):
            found.setdefault(change, []).append(words)
        pages: dict[Change, tuple[tuple[PageDetail, ...], int]] = {}
        for change, way in self.changes(name, old, new):
            found.setdefault(change, [])
            if way and has_pictures:
                from imrgen.batch.plan.pages import page_details  # it loads PDFium

                pages[change] = page_details(old, new)
        for change, each in found.items():
            yield Detail(change, tuple(each), *pages.get(change, ((), 0)))


def _may_look_different(looks: tuple[Look | None, Look | None], old: Version) -> bool:
    """Return whether pages may differ: always where the format does not show what they are of."""
    was, now = looks
    if isinstance(old, FiledVersion) and old.has_pages and old.has_other_versions:
        return True
    return not was.is_like(now) if was and now else _has_pages(old)


def _differs_in_style(looks: tuple[Look | None, Look | None], *, has_words: bool) -> bool:
    """Return whether a letter has other style sheets, or other elements around the same words.

    Args:
        looks: What determines the pages of both.
        has_words: Whether its words differ, so that its elements do anyway.
    """
    was, now = looks
    if was is None or now is None:
        return False
    return was.style != now.style or (not has_words and was.elements != now.elements)


def _has_pages(version: Version) -> bool:
    return not isinstance(version, FiledVersion) or version.has_pages


def _compared_by(old: Version, new: Version) -> tuple[Kind, tuple[Look | None, Look | None]]:
    """Return what two letters are compared by, and what determines the pages of both."""
    kind = next(kind for kind in old.kinds if kind in new.kinds)
    return kind, (old.look(kind), new.look(kind))


def _codes(old: Version, new: Version) -> tuple[frozenset[str], frozenset[str]]:
    """Return what is not found any more, and what is found now."""
    if not isinstance(old, FiledVersion):
        return old.codes - new.codes, new.codes - old.codes
    if old.is_made and new.is_made:
        return frozenset(), frozenset()  # a manifest has warnings of a case, not of a letter
    # A manifest has codes alone.
    now = frozenset(code.partition(" ")[0] for code in new.codes - {NO_LETTER})
    now |= new.codes & {NO_LETTER}
    if new.is_made:
        now = frozenset()
    return old.codes - now, now - old.codes


def joined(codes: Iterable[str]) -> str:
    """Return codes as the text of a change."""
    return ", ".join(sorted(codes))
