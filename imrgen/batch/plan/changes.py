"""What a change of letters is, and the letters that share it."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any, Literal

import msgspec

from imrgen.batch.inputs import RawCase
from imrgen.diagnostics import Diagnostic

_EXAMPLES = 3

ChangeKind = Literal["words", "refused", "made", "findings", "style", "pages"]
NO_LETTER = "no such letter"
"""What stands in place of codes where a state does not have the letter at all."""

WAYS = {
    "more": "with more pages",
    "fewer": "with fewer pages",
    "moved": "with pages that begin elsewhere",
    "looks": "that look different",
}
"""How pages differ."""

KINDS: dict[ChangeKind, str] = {
    "words": "words changed",
    "refused": "refused now",
    "made": "refused no longer",
    "findings": "other findings",
    "style": "HTML or style sheets changed; pages were not set",
    "pages": "pages changed",
}
"""What each kind of change is called."""


class Change(msgspec.Struct, frozen=True, order=True):
    """A change that letters share.

    Args:
        letter: The letter's name.
        kind: `words`: words were lost or gained. `refused`: the letter cannot be made any more, or
            for other reasons. `made`: it can be made again. `findings`: warnings were lost or
            gained. `style`: its HTML or style sheets differ, and its words do not; its pages were
            not set. `pages`: its pages look different, or it has more or fewer of them, for other
            reasons than its words.
        was: The template and line that wrote the words which were lost; for pages, the style sheets
            that made the difference.
        now: The template and line that write the words which were gained; for pages, the style
            sheets.
        removed: The words that were lost, each field of the case as `{field}`; or codes.
        added: The words that were gained, or codes.
        state: For pages and style, a digest of what made the difference: another style sheet is
            another change.
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

    @property
    def place(self) -> tuple[str, int]:
        """The file of the pack that has made it, and the line; an empty name if it is not known."""
        name, _, line = (self.now or self.was).rpartition(":")
        return (name, int(line)) if name and line.isdecimal() else (self.now or self.was, 0)


class ComparedCase(msgspec.Struct, frozen=True):
    """What becomes of the letters of a case.

    Args:
        case: The case.
        diagnostics: Why it cannot be compared.
        letters: How many letters it has.
        changed: How many of them differ.
        refused: How many of them are refused in both states.
        changes: What differs, each change with what it does to pages: a word of `WAYS`, or nothing.
        missing: What is missing for every case's pages, such as a library.
        skipped: Whether it was compared before the plan was interrupted.
    """

    case: RawCase
    diagnostics: tuple[Diagnostic, ...] = ()
    letters: int = 0
    changed: int = 0
    refused: int = 0
    changes: tuple[tuple[Change, str], ...] = ()
    missing: tuple[Diagnostic, ...] = ()
    skipped: bool = False

    @property
    def failed(self) -> bool:
        """Whether it cannot be compared."""
        return bool(self.diagnostics)


class WordDetail(msgspec.Struct, frozen=True):
    """A change of words in one letter, with what stands around it; all of it the case's.

    Args:
        before: The words in front.
        removed: The words that were lost.
        added: The words that were gained.
        after: The words behind.
    """

    before: str
    removed: str
    added: str
    after: str


class PageDetail(msgspec.Struct, frozen=True):
    """A page of one letter, before and after.

    Args:
        number: The page, from 1.
        before: Its picture as it was, a PNG; empty if there was none.
        after: Its picture as it is.
        overlay: What differs, in red; empty where only one of them is there.
    """

    number: int
    before: bytes
    after: bytes
    overlay: bytes


class Detail(msgspec.Struct, frozen=True):
    """What a change does to one letter, shown in full.

    Args:
        change: The change.
        words: Where its words stand.
        pages: The pages that differ.
        left_out: How many more pages differ.
    """

    change: Change
    words: tuple[WordDetail, ...] = ()
    pages: tuple[PageDetail, ...] = ()
    left_out: int = 0


class Group(msgspec.Struct):
    """The letters that share a change.

    Args:
        change: The change.
        cases: How many cases have such a letter.
        ways: How many of these cases have pages that differ in which way.
        examples: The first cases.
        example: The first of them.
    """

    change: Change
    cases: int = 0
    ways: Counter[str] = msgspec.field(default_factory=Counter)
    examples: list[str] = []
    example: RawCase | None = None

    def count(self, case: RawCase, ways: set[str]) -> None:
        """Count a case.

        Args:
            case: The case.
            ways: What the change does to the pages of its letters.
        """
        self.cases += 1
        self.ways.update(ways)
        self.example = self.example or case
        if len(self.examples) < _EXAMPLES:
            self.examples.append(case.origin)

    @property
    def title(self) -> str:
        """What has changed, and where."""
        change = self.change
        if change.kind == "made" and change.removed == NO_LETTER:
            return "letters that there were not"
        if change.kind == "refused" and change.added == NO_LETTER:
            return "letters that there are no more"
        places = " → ".join(dict.fromkeys(filter(None, (change.was, change.now))))
        return f"{KINDS[change.kind]}{f': {places}' if places else ''}"

    @property
    def pages(self) -> str:
        """How many cases have pages that differ, and how; empty for none."""
        return ", ".join(f"{self.ways[way]} {WAYS[way]}" for way in WAYS if self.ways[way])

    def to_dict(self) -> dict[str, Any]:
        """Return it for a program."""
        return {
            "id": self.change.id,
            **msgspec.structs.asdict(self.change),
            "cases": self.cases,
            "ways": dict(self.ways),
            "examples": self.examples,
        }


class Plan(msgspec.Struct):
    """What becomes of all letters.

    Args:
        letters: How many letters were compared.
        changed: How many of them differ.
        refused: How many of them are refused in both states.
        cases: How many cases were compared.
        failed: How many cases could not be compared.
        groups: The changes, each with its letters.
    """

    letters: int = 0
    changed: int = 0
    refused: int = 0
    cases: int = 0
    failed: int = 0
    groups: dict[Change, Group] = {}

    def count(self, compared: ComparedCase) -> None:
        """Count a case."""
        self.cases += 1
        self.failed += compared.failed
        self.letters += compared.letters
        self.changed += compared.changed
        self.refused += compared.refused
        # A change may do one thing to the letter of a recipient, and another to the next.
        ways: dict[Change, set[str]] = {}
        for change, way in compared.changes:
            ways.setdefault(change, set()).update(filter(None, [way]))
        for change, found in ways.items():
            self.groups.setdefault(change, Group(change)).count(compared.case, found)

    def remaining(self, accepted: frozenset[str] = frozenset()) -> list[Group]:
        """Return the changes that were not accepted before, the most frequent first."""
        found = (group for group in self.groups.values() if group.change.id not in accepted)
        return sorted(found, key=lambda group: (-group.cases, group.change))
