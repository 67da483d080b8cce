"""The comparison of a case's letters in two states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from imrgen.batch.case_run import CaseTask
from imrgen.batch.inputs import RawCase
from imrgen.batch.manifest import recipe_of
from imrgen.batch.plan.changes import (
    NO_LETTER,
    Change,
    ComparedCase,
    Detail,
)
from imrgen.batch.plan.journal import read_journal
from imrgen.batch.plan.letters import LetterComparer, joined
from imrgen.batch.plan.versions import (
    BatchLetters,
    FiledCase,
    FiledVersion,
    MadeVersion,
    Version,
)
from imrgen.case import Source
from imrgen.diagnostics import CaseError, Diagnostic, LibraryError, ReadError
from imrgen.export import FORMATS
from imrgen.pipeline import Options, Renderer, renderers

_Found = tuple[Change, str]


class PlanSettings(msgspec.Struct, frozen=True):
    """What all tasks have in common.

    Args:
        before: The options of the letters as they were, or the folder of a batch that made them.
        after: The options of the letters as they are to be.
        letters: The names of the letters, or `all`.
        has_pages: Whether to set the pages of letters whose HTML or style sheets differ.
        journal: A file of what was compared before; `None` for none.
    """

    before: Options | str
    after: Options
    letters: tuple[str, ...]
    has_pages: bool = True
    journal: str | None = None


class Comparer:
    """Compares the letters of cases, and keeps what they have in common.

    Args:
        settings: What they have in common.

    Attributes:
        recipe: The digest of everything that determines what becomes of a case, except the case.

    Raises:
        ManifestError: The folder of the letters as they were is not as its batch left it.
        PackError: No such pack, letter or check, or one of the pack's files is at fault.
    """

    def __init__(self, settings: PlanSettings) -> None:
        self._after = {
            each.options.letter: each for each in renderers(settings.after, settings.letters)
        }
        named: tuple[str, Iterable[str]]
        self._filed: BatchLetters | None = None
        self._before: dict[str, Renderer] = {}
        if isinstance(settings.before, str):
            self._filed = BatchLetters(settings.before)
            named = self._filed.name_pattern, self._filed.formats
        else:
            made = renderers(settings.before, settings.letters)
            self._before = {each.options.letter: each for each in made}
            named = "", FORMATS
        self._letters = LetterComparer(has_pages=settings.has_pages)
        recipes = {name: recipe_of(each, *named) for name, each in self._after.items()}
        self._recipes = {name: each.sha256 for name, each in recipes.items()}
        self._provenance = {name: each.provenance for name, each in recipes.items()}
        olds = {name: recipe_of(each, *named).sha256 for name, each in self._before.items()}
        self._same = {name for name, recipe in self._recipes.items() if olds.get(name) == recipe}
        old = sorted(olds.items()) if self._filed is None else [self._filed.digest]
        self.recipe = "|".join(
            (repr(old), repr(sorted(self._recipes.items())), f"pages={settings.has_pages}")
        )
        self._compared = (
            read_journal(Path(settings.journal), self.recipe) if settings.journal else {}
        )

    def __call__(self, task: CaseTask) -> ComparedCase:
        """Compare the letters of a case; nothing is raised that concerns one case alone."""
        case = task.case
        earlier = self._compared.get(case.digest)
        if earlier is not None:
            return msgspec.structs.replace(earlier, case=case, skipped=True)
        try:
            return self._compared_case(case)
        except (CaseError, ReadError) as error:
            return ComparedCase(case, tuple(map(case.relocate, error.diagnostics)))

    def details(self, case: RawCase, *, has_pictures: bool) -> list[Detail]:
        """Show in full what becomes of the letters of a case; all of it is the case's.

        Args:
            case: The case, which can be compared.
            has_pictures: Whether to draw pages that differ.
        """
        source = case.parse()
        filed = self._filed.case(case) if self._filed else None
        return [
            detail
            for name, old, new in self._pairs(source, filed)
            for detail in self._letters.details(name, old, new, has_pictures=has_pictures)
        ]

    def _compared_case(self, case: RawCase) -> ComparedCase:
        changes: dict[_Found, None] = {}
        letters = changed = refused = 0
        missing: tuple[Diagnostic, ...] = ()
        source = case.parse()
        filed = self._filed.case(case) if self._filed else None
        letters += sum(
            len(each.each(source))
            for name, each in self._after.items()
            if self._is_same(name, each, source, filed)
        )
        new_warnings: set[str] = set()
        is_whole = True
        for name, old, new in self._pairs(source, filed):
            try:
                found = list(self._letters.changes(name, old, new))
            except LibraryError as error:
                # What else differs needs no pages.
                missing = error.diagnostics
                self._letters.has_pages = False
                found = list(self._letters.changes(name, old, new))
            letters += 1
            changed += bool(found)
            refused += not (old.is_made or new.is_made)
            changes |= dict.fromkeys(found)
            new_warnings |= new.warnings
            is_whole &= old.is_made and new.is_made
        if filed is not None and is_whole and letters and not self._is_any_same(source, filed):
            found = list(_warning_changes(next(iter(self._after)), filed.warnings, new_warnings))
            changed = max(changed, bool(found))
            changes |= dict.fromkeys(found)
        return ComparedCase(case, (), letters, changed, refused, tuple(changes), missing)

    def _is_any_same(self, source: Source, filed: FiledCase) -> bool:
        return any(self._is_same(name, each, source, filed) for name, each in self._after.items())

    def _is_same(
        self, name: str, renderer: Renderer, source: Source, filed: FiledCase | None
    ) -> bool:
        """Return whether a letter is made of the same things in both states."""
        if self._filed is None:
            return name in self._same
        recipients = [each.options.recipient for each in renderer.each(source)]
        return filed is not None and filed.is_made_by(self._recipes[name], name, recipients)

    def _pairs(
        self, source: Source, filed: FiledCase | None
    ) -> Iterator[tuple[str, Version, Version]]:
        """Yield the letters that may differ, before and after."""
        nobody = FiledVersion({}, [NO_LETTER])
        for name in dict.fromkeys([*self._before, *self._after]):
            after = self._after.get(name)
            if after is not None and self._is_same(name, after, source, filed):
                continue
            news = after.each(source) if after else ()
            if self._filed is not None:
                numbers = {each.options.recipient: each for each in news}
                for number in dict.fromkeys([*numbers, *self._filed.recipients(filed, name)]):
                    old = self._filed.version(filed, name, number, self._provenance[name])
                    new = numbers.get(number)
                    yield name, old, MadeVersion(new, source) if new else nobody
                continue
            olds = self._before[name].each(source) if name in self._before else ()
            for place in range(max(len(olds), len(news))):
                was, now = (each[place : place + 1] for each in (olds, news))
                yield (
                    name,
                    MadeVersion(was[0], source) if was else nobody,
                    MadeVersion(now[0], source) if now else nobody,
                )


def _warning_changes(name: str, was: Iterable[str], now: Iterable[str]) -> Iterator[_Found]:
    """Yield what differs in the warnings of a case, of which a manifest has the codes alone."""
    lost, gained = {*was} - {*now}, {*now} - {*was}
    if lost or gained:
        yield Change(name, "findings", removed=joined(lost), added=joined(gained)), ""
