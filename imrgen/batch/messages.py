"""The tasks that a batch sends to its workers, and their results.

`imrgen.batch.task.TaskRunner` performs them.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, TypeAlias, TypeVar

import msgspec

from imrgen.batch.inputs import RawCase
from imrgen.diagnostics import Diagnostic


class IdentifyCases(msgspec.Struct, frozen=True):
    """A task: read cases, and return the `CaseKeys` of each.

    Args:
        position: The position in the batch of the first case.
        cases: The cases.
    """

    position: int
    cases: list[RawCase]


class MakeLetters(msgspec.Struct, frozen=True):
    """A task: make the letters of a case, and return its `Outcome`.

    Args:
        position: The case's position in the batch.
        case: The case.
        letters: The names of the letters.
    """

    position: int
    case: RawCase
    letters: tuple[str, ...]


class CaseKeys(msgspec.Struct, frozen=True):
    """What must be known of a case before the first letter of its batch is made.

    Args:
        digest: SHA-256 of the case's bytes.
        names: The canonical names of its files; empty if it cannot have any.
        identifiers: Its identifiers as hashes, each with the hash of its first word.
    """

    digest: bytes
    names: list[str]
    identifiers: list[tuple[int, int]]


class LetterFile(msgspec.Struct, frozen=True, gc=False):
    """A letter in one format.

    Args:
        format: The format.
        file: The file's name.
        sha256: The digest of its bytes.
        size: The number of its bytes.
        letter: The letter's name in the pack.
        recipient: The number of the recipient that it is for; 0 if it is for none in particular.
        content: Its bytes, unless the worker has written them.
    """

    format: str
    file: str
    sha256: str
    size: int
    letter: str
    recipient: int = 0
    content: bytes | None = None


class MissingLetter(msgspec.Struct, frozen=True, gc=False):
    """A letter that could not be made.

    Args:
        letter: Its name in the pack.
        faults: The codes of the errors.
    """

    letter: str
    faults: tuple[str, ...]


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of a case.

    Args:
        position: The case's position in the batch, from 0.
        origin: What the user calls the case: its file, and for JSON Lines the line.
        case_sha256: The digest of the case's bytes.
        letters: The letters that were made, or existed already, each in each format.
        missing: The letters that could not be made.
        diagnostics: The errors, or what a person should look at.
        seconds: How long it took.
        skipped: Whether the letters existed already.
        fatal: Whether no other case can be made either: nothing can be written, a library is
            missing.
        others: The positions of cases whose data were found in this one's letters, in the order
            of the diagnostics about them, which are the last ones.
    """

    position: int
    origin: str
    case_sha256: str
    letters: tuple[LetterFile, ...] = ()
    missing: tuple[MissingLetter, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0
    skipped: bool = False
    fatal: bool = False
    others: tuple[int, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether a letter could not be made."""
        return bool(self.missing)


def missing_letters(
    letters: Iterable[str], diagnostics: Iterable[Diagnostic]
) -> tuple[MissingLetter, ...]:
    """Return letters that could not be made, all for the same reasons.

    Args:
        letters: Their names.
        diagnostics: The reasons; warnings among them are none.
    """
    faults = tuple(sorted({each.code for each in diagnostics if each.severity == "error"}))
    return tuple(MissingLetter(letter, faults) for letter in letters)


Task = TypeVar("Task", IdentifyCases, MakeLetters)
Result = TypeVar("Result")

Waiting: TypeAlias = OrderedDict[int, Result | None]
"""Results that wait for those of earlier cases; `None` for each that is not known yet."""

WINDOW = 1000
"""How many results may wait for a slower one."""


def in_order(waiting: Waiting[Result]) -> Iterator[Result]:
    """Remove and yield the results up to the first that is not known yet."""
    while waiting and (result := next(iter(waiting.values()))) is not None:
        waiting.popitem(last=False)
        yield result


class RunTasks(Protocol):
    """A function that runs a batch's tasks."""

    def __call__(self, tasks: Iterable[Task | None]) -> Iterator[tuple[Task, Any]]:
        """Yield each task with its result or its `Failure`; see `imrgen.workers.Pool.run`."""
