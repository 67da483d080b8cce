"""What cases take of a pack's templates: branches, lines, blocks, and fields that none reads."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from imrgen.case import Case, Readable, Source, load_case, read
from imrgen.compose import TakeableBranches, TemplateBranches, Way
from imrgen.diagnostics import Diagnostic
from imrgen.pack import TemplatePack
from imrgen.pipeline.letter import Letter
from imrgen.pipeline.renderer import Renderer

_MISSES = {
    "template": "no letter shows this template",
    "if": "`if` is never true",
    "elif": "`elif` is never true",
    "else": "`else` is never reached",
    "if false": "`if` is always true",
    "for": "`for` never has an item",
    "block": "the block is never shown",
    "macro": "the macro is never called",
    "call": "the body of the call is never shown",
    "expression true": "`if` in the expression is never true",
    "expression false": "`if` in the expression is always true",
}


class CaseWays(NamedTuple):
    """What the letters of a case take.

    Attributes:
        ways: The ways through templates.
        letters: How many letters can be made of it.
        diagnostics: Why the others are refused.
    """

    ways: frozenset[Way]
    letters: int
    diagnostics: tuple[Diagnostic, ...]


class MissedBranch(msgspec.Struct, frozen=True):
    """A branch that no case took.

    Args:
        line: Its line in the template, from 1.
        column: Its column, from 1.
        kind: Its kind: `if`, `elif`, `else`, `for`, `block`, `macro`, `call`, `template`; `if
            false`; `expression true`, `expression false`.
        message: What never happens.
    """

    line: int
    column: int
    kind: str
    message: str


class CoveredTemplate(msgspec.Struct, frozen=True):
    """What was taken of a template.

    Args:
        name: Its name, behind that of its pack: `acme/blocks/issue.html`.
        branches: How many branches it has that a case can take.
        missed: Those that no case took.
        fixed: Those that the manifest decides on, so that no case can take them.
        lines: The lines of which something can be shown.
        missed_lines: Those of which no case showed anything.
        partial_lines: Those on which a branch stands that no case took.
        text: Its text.
    """

    name: str
    branches: int
    missed: tuple[MissedBranch, ...]
    fixed: tuple[MissedBranch, ...]
    lines: tuple[int, ...]
    missed_lines: tuple[int, ...]
    partial_lines: tuple[int, ...]
    text: str

    @property
    def percent(self) -> float:
        """How much of its branches was taken."""
        return percentage(self.branches - len(self.missed), self.branches)


class CoverageReport(msgspec.Struct, frozen=True):
    """What cases took of a pack's templates.

    Args:
        pack: The pack's name.
        letters: The names of the letters.
        cases: How many cases there were.
        failed: How many of them are refused.
        templates: The templates that the letters reach.
        unread: The patterns of the fields that no template reads, whatever the case.
        minimal: Cases that take all that the cases take, few of them.
        alike: The cases that take the same branches as each other, a list each.
    """

    pack: str
    letters: tuple[str, ...]
    cases: int
    failed: int
    templates: tuple[CoveredTemplate, ...]
    unread: tuple[str, ...]
    minimal: tuple[str, ...]
    alike: tuple[tuple[str, ...], ...]

    @property
    def branches(self) -> int:
        """How many branches a case can take."""
        return sum(template.branches for template in self.templates)

    @property
    def missed(self) -> int:
        """How many of them no case took."""
        return sum(len(template.missed) for template in self.templates)

    @property
    def fixed(self) -> int:
        """How many branches the manifest decides on, so that no case can take them."""
        return sum(len(template.fixed) for template in self.templates)

    @property
    def percent(self) -> float:
        """How much of the branches was taken, in percent, rounded down to a tenth."""
        return percentage(self.branches - self.missed, self.branches)


def percentage(part: int, whole: int) -> float:
    """Return a part in percent, rounded down to a tenth: only all is 100."""
    return math.floor(1000 * part / whole) / 10 if whole else 100.0


class Coverage:
    """Collects which branches cases take; it belongs to one thread.

    Args:
        renderers: The renderers of the letters, all of one pack.
    """

    def __init__(self, renderers: Sequence[Renderer]) -> None:
        self._renderers = renderers
        self._letters = {each.options.letter: each.coverage() for each in renderers}
        self._numbers: dict[Way, int] = {}
        self._cases: dict[frozenset[int], list[str]] = {}
        self._failed = 0

    @property
    def pack(self) -> TemplatePack:
        """The pack."""
        return self._renderers[0].pack

    def examine(self, case: Case | Source | Readable) -> CaseWays:
        """Make the letters of a case, and return what they take; it is not added.

        Args:
            case: A case, or what `load_case` reads one from.

        Raises:
            CaseError: The case cannot be read, or is not valid.
        """
        is_draft = self._renderers[0].options.draft
        case = case if isinstance(case, Case | Source) else read(case)
        if not is_draft:  # a draft may be of a case that is not valid
            case = load_case(case, self.pack.model)
        ways: set[Way] = set()
        refused: dict[Diagnostic, None] = {}
        letters = 0
        for renderer in self._renderers:
            for each in renderer.each(case):
                examination = each.examine(case)
                letter = examination.letter
                if letter is None or (examination.errors and not is_draft):
                    refused |= dict.fromkeys(examination.error().diagnostics)
                    continue
                ways |= each.cover(letter.case, self._letters[renderer.options.letter])
                letters += 1
        return CaseWays(frozenset(ways), letters, tuple(refused))

    def ways_of(self, letter: Letter) -> frozenset[Way]:
        """Return the ways that a letter takes that was made; it is not added."""
        return letter.cover(self._letters[letter.options.letter])

    def add(self, name: str, ways: Iterable[tuple[str, int, str]]) -> None:
        """Add the ways that the letters of a case take.

        Args:
            name: What the report calls the case.
            ways: The ways, as `examine` returns them, also in another process; none if no letter
                can be made.
        """
        if not ways:
            self._failed += 1
            return
        numbers = frozenset(self._numbers.setdefault(Way(*way), len(self._numbers)) for way in ways)
        self._cases.setdefault(numbers, []).append(name)

    def report(self, *, is_own: bool = False) -> CoverageReport:
        """Return what all cases took.

        Args:
            is_own: Whether to leave out the templates of packs that the pack extends.
        """
        taken = self._numbers.keys()
        found = [letter.reachable(taken) for letter in self._letters.values()]
        reached = {file: each for letter in found for file, each in letter.templates.items()}
        names = _names_of(self.pack)
        left_out = self.pack.inherited_places if is_own else frozenset()
        templates = [
            _covered(names.get(file, file), template, found, taken)
            for file, template in reached.items()
            if file not in left_out
        ]
        return CoverageReport(
            self.pack.name,
            tuple(self._letters),
            sum(map(len, self._cases.values())) + self._failed,
            self._failed,
            tuple(sorted(templates, key=lambda template: template.name)),
            tuple(self._unread()),
            tuple(self._minimal()),
            tuple(tuple(cases) for cases in self._cases.values() if len(cases) > 1),
        )

    def _unread(self) -> Iterator[str]:
        """Yield the fields that no template of the letters reads, whatever the case."""
        fields = [renderer.fields for renderer in self._renderers]
        for pattern, field in self.pack.model.patterns():
            is_leaf = field.kind != "table" and not field.is_part
            if is_leaf and not any(each.is_read(pattern) for each in fields):
                yield pattern

    def _minimal(self) -> Iterator[str]:
        """Yield cases that take all that the cases take: each time that which adds the most."""
        remaining = set(range(len(self._numbers)))
        while remaining:
            best = max(self._cases, key=lambda ways: len(ways & remaining))
            yield self._cases[best][0]
            remaining -= best


def _names_of(pack: TemplatePack) -> dict[str, str]:
    """Return what reports call the pack's templates, by their places."""
    names: dict[str, str] = {}
    for layer in pack.layers:
        owner = layer.manifest.name if layer.manifest else "overlay"
        for name, file in layer.files.items():
            names[file.place] = f"{owner}/{name}"
    return names


def _why_not(
    template: TemplateBranches, number: int, letters: Iterable[TakeableBranches]
) -> str | None:
    """Return why no case can take a branch in any letter; `None` if one can."""
    whys = [letter.why_not(template, number) for letter in letters]
    return None if None in whys else whys[0]


def _covered(
    name: str,
    template: TemplateBranches,
    letters: Iterable[TakeableBranches],
    taken: Collection[Way],
) -> CoveredTemplate:
    file = template.text.file
    letters = [letter for letter in letters if file in letter.templates]
    count = 0
    missed: list[MissedBranch] = []
    fixed: list[MissedBranch] = []
    lines: set[int] = set()
    shown: set[int] = set()
    for number, branch in enumerate(template.branches):
        why_not = _why_not(template, number, letters)
        span = branch.span
        told = MissedBranch(span.line, span.column, branch.way.kind, _MISSES[branch.way.kind])
        inside = branch.inside
        is_outermost = inside is None or _why_not(template, inside, letters) is None
        if why_not == "manifest" and is_outermost:
            fixed.append(told)
        if why_not is not None:
            continue
        lines |= branch.lines
        is_taken = branch.way in taken
        shown |= branch.lines if is_taken else set()
        # Of what the manifest decides, only what stands in it is for cases to take.
        if is_taken and branch.is_fixed:
            continue
        count += 1
        if not is_taken:
            missed.append(told)
    partial = {branch.line for branch in missed} & shown
    return CoveredTemplate(
        name,
        count,
        tuple(sorted(missed, key=lambda each: (each.line, each.column))),
        tuple(sorted(fixed, key=lambda each: (each.line, each.column))),
        tuple(sorted(lines)),
        tuple(sorted(lines - shown)),
        tuple(sorted(partial)),
        template.text.text,
    )


def describe_coverage(report: CoverageReport) -> Iterator[str]:
    """Yield the lines that tell people what cases took.

    Args:
        report: What they took.
    """
    width = max((len(template.name) for template in report.templates), default=0)
    for template in report.templates:
        branches = f"{template.branches - len(template.missed)} of {_branches(template.branches)}"
        lines = _ranges(template.missed_lines)
        never = f"; no case shows {lines}" if lines else ""
        yield f"{template.name:{width}}  {template.percent:5} %  {branches}{never}"
        for branch in template.missed:
            yield f"  {branch.line}:{branch.column}: {branch.message}"
    taken = f"{report.branches - report.missed} of {_branches(report.branches)}"
    yield f"{'all':{width}}  {report.percent:5} %  {taken}"
    if report.fixed:
        yield f"not counted: {_branches(report.fixed)} that no case decides on"
    if report.unread:
        yield f"no template reads: {', '.join(report.unread)}"
    count = sum(map(len, report.alike)) - len(report.alike)
    if count:
        cases = "1 case takes" if count == 1 else f"{count} cases take"
        yield f"{cases} the same branches as another"
    if len(report.minimal) < report.cases - report.failed:
        yield f"enough for the same: {', '.join(report.minimal)}"


def _branches(count: int) -> str:
    return f"{count} branch" if count == 1 else f"{count} branches"


def _ranges(lines: Sequence[int]) -> str:
    """Return numbers of lines in words, those in a row as a range: `lines 3, 7–9`."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    told = (str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
    return f"line{'' if len(lines) == 1 else 's'} {', '.join(told)}" if lines else ""
