"""Two folders of letters compared, whatever made them: files of the same names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from imrgen.batch.inputs import RawCase
from imrgen.batch.plan.changes import NO_LETTER, Change, ComparedCase, Detail, Group
from imrgen.batch.plan.examples import examples
from imrgen.batch.plan.letters import LetterComparer
from imrgen.batch.plan.versions import FiledVersion
from imrgen.case import case_files, printable
from imrgen.diagnostics import CaseError, LimitError, ReadError, codes
from imrgen.export import format_of
from imrgen.workers import Limits, limited

if TYPE_CHECKING:
    from imrgen.workers import Worker

_LETTER = "letter"
_MOST_BYTES = 64 * 2**20


class FolderPlan:
    """The comparison of two folders of letters, to be iterated over once.

    Nobody knows which of their words are a case's: changes hold them.

    Args:
        before: The folder of the letters as they were.
        after: The folder of the letters as they are.
        has_pages: Whether to compare pages.
        limits: What the comparison of a letter may take; `None` for those of a batch.

    Attributes:
        total: The number of letters.
        left_out: Always 0: what is not a letter is of no concern.
        workers: Always empty.
        stopped: Always false.

    Raises:
        CaseError: There is no letter in them.
    """

    stopped = False

    def __init__(
        self, before: str, after: str, *, has_pages: bool, limits: Limits | None = None
    ) -> None:
        self._olds, self._news = _letters(Path(before)), _letters(Path(after))
        self._names = sorted({*self._olds, *self._news})
        if not self._names:
            raise CaseError.of(codes.NO_INPUT, f"{before} and {after} hold no letters")
        self.total: int | None = len(self._names)
        self.left_out = 0
        self.workers: list[Worker] = []
        self._comparer = LetterComparer(has_pages=has_pages, shows_words=True)
        self._limits = limits or Limits()

    def __iter__(self) -> Iterator[ComparedCase]:
        for name in self._names:
            case = RawCase(name, name)
            try:
                with limited(self._limits):
                    old, new = self._versions(name)
                    found = tuple(dict.fromkeys(self._comparer.changes(_LETTER, old, new)))
            except (LimitError, ReadError) as error:
                yield ComparedCase(case, tuple(map(case.relocate, error.diagnostics)))
                continue
            yield ComparedCase(case, (), 1, bool(found), 0, found)

    def details(self, groups: Iterable[Group], *, has_pictures: bool) -> dict[Change, Detail]:
        """Show in full what changes do to the first letters that have them; see `PlanRun`."""

        def detailed(case: RawCase) -> Iterator[Detail]:
            versions = self._versions(case.name)
            return self._comparer.details(_LETTER, *versions, has_pictures=has_pictures)

        return examples(groups, detailed, self._limits)

    def _versions(self, name: str) -> tuple[FiledVersion, FiledVersion]:
        olds, news = self._olds.get(name, {}), self._news.get(name, {})
        common = olds.keys() & news.keys() or {*olds, *news}
        if olds and news and not olds.keys() & news.keys():
            raise ReadError.of(
                codes.NOTHING_TO_COMPARE, f"{name}: the two folders have no format in common"
            )
        return _version(olds, common), _version(news, common)


def is_folder_of_letters(location: str) -> bool:
    """Return whether a folder holds letters, and no case or pack.

    Args:
        location: The folder.
    """
    path = Path(location)
    return path.is_dir() and not case_files(path).cases and bool(_letters(path))


def _letters(folder: Path) -> dict[str, dict[str, Path]]:
    """Return the letters of a folder: by name, their files by format."""
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir()):
        letter_format = format_of(path)
        if letter_format is not None and path.is_file():
            found.setdefault(printable(path.stem), {})[letter_format.name] = path
    return found


def _version(files: dict[str, Path], formats: Iterable[str]) -> FiledVersion:
    chosen = {name: path for name, path in files.items() if name in formats}
    return FiledVersion(
        {name: _read(path) for name, path in chosen.items()}, () if chosen else [NO_LETTER]
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ReadError.of(
            codes.LETTER_CHANGED, f"{printable(str(path))} cannot be read: {error.strerror}"
        ) from None
    if len(content) > _MOST_BYTES:
        raise ReadError.of(codes.TOO_LARGE, f"{printable(str(path))} is too large for a letter")
    return content
