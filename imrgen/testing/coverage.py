"""What of a pack's templates the letters of tests take (`pytest --letter-coverage`)."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

from imrgen.compose import Way
from imrgen.pack import ALL_LETTERS, TemplatePack
from imrgen.pipeline import (
    Coverage,
    CoverageReport,
    Letter,
    Options,
    describe_coverage,
    renderers,
)

_Key = tuple[TemplatePack, Options]
"""A pack, and what a program gives to its templates."""


class TestedLetters:
    """Collects what the letters of a run of tests take; it belongs to one process."""

    __test__ = False  # for pytest, which looks for classes with this name

    def __init__(self) -> None:
        self._coverages: dict[_Key, Coverage] = {}
        self._ways: dict[_Key, dict[str, frozenset[Way]]] = {}

    def add(self, letter: Letter) -> None:
        """Add a letter; it may have been added before."""
        given = letter.options
        options = Options(filters=given.filters, globals=given.globals, draft=given.draft)
        key = letter.pack, options
        if key not in self._coverages:
            self._coverages[key] = _coverage(key)
        source = letter.case.source
        name = source.name if source else "<a case of a test>"
        self._add(key, name, self._coverages[key].ways_of(letter))

    def dumps(self) -> bytes:
        """Return what was collected, for the process that reports."""
        return pickle.dumps(self._ways)

    def merge(self, collected: bytes) -> None:
        """Add what another process of the same run has collected."""
        ways: dict[_Key, dict[str, frozenset[Way]]] = pickle.loads(collected)  # noqa: S301 - pytest's own
        for key, cases in ways.items():
            for name, found in cases.items():
                self._add(key, name, found)

    def reports(self) -> Iterator[CoverageReport]:
        """Yield what was taken of each pack, of all of its letters."""
        for key, cases in self._ways.items():
            coverage = _coverage(key)
            for name, ways in cases.items():
                coverage.add(name, ways)
            yield coverage.report()

    def _add(self, key: _Key, name: str, ways: frozenset[Way]) -> None:
        cases = self._ways.setdefault(key, {})
        cases[name] = cases.get(name, frozenset()) | ways


def _coverage(key: _Key) -> Coverage:
    pack, options = key
    return Coverage(renderers(options, [ALL_LETTERS], loaded_pack=pack))


def lines(report: CoverageReport) -> Iterator[str]:
    """Yield what a run of tests prints of a pack."""
    yield f"pack {report.pack}, letters {', '.join(report.letters)}"
    yield from describe_coverage(report)
