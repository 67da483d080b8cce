"""What imrgen raises.

    ImrgenError
    ├── CaseError      the case file cannot be read, or the letter cannot be made of it
    ├── PackError      a pack or one of its templates is at fault
    ├── LibraryError   a library that is needed is missing
    ├── OutputError    a letter cannot be written
    └── SignatureError a letter cannot be signed, or its signatures cannot be read

Each takes one positional payload, its diagnostics: an exception with more arguments, or
keyword-only ones, does not unpickle and would break a pool of worker processes.
"""

from __future__ import annotations

from collections.abc import Iterable

from imrgen.diagnostics.diagnostic import Diagnostic


class ImrgenError(Exception):
    """Something is at fault, and the diagnostics say what, where, and the way out.

    Args:
        diagnostics: One or more, in the order of the file.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        from imrgen.diagnostics.reports import report

        return report(self.diagnostics).rstrip("\n")


class CaseError(ImrgenError):
    """The case file cannot be read, or the letter cannot be made of it."""


class PackError(ImrgenError):
    """A pack, one of its templates or one of its assets is at fault."""


class LibraryError(ImrgenError):
    """A library that is needed is missing: a native one for PDF, or one of an extra."""


class OutputError(ImrgenError):
    """A letter cannot be written where it was asked for."""


class SignatureError(ImrgenError):
    """A letter cannot be signed, or its signatures cannot be read."""
