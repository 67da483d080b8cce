"""What imrgen raises: a class says what is at fault, its diagnostics what exactly.

    ImrgenError
    ├── CaseError               the case, or its file
    ├── PackError               a pack, one of its templates or one of its files
    ├── OptionError             what was asked for: an option, a setting, a name
    │   ├── UnknownNameError    no pack, letter or check of this name (a `PackError`, too)
    │   ├── SettingsError       `imrgen.toml` or `[tool.imrgen]`
    │   └── FileNameError       a pattern or a suffix of file names (an `OutputError`, too)
    ├── ReadError               a letter, a key or another file that was named cannot be read
    ├── LibraryError            something to install is missing
    │   └── WorkerError         worker processes, an executor or a scheduler
    ├── OutputError             a file cannot be written
    │   └── ManifestError       a batch's manifest is missing or cannot be used
    ├── SignatureError          a letter cannot be signed, or its signatures cannot be read
    └── PreviewError            the preview cannot do what its page asks for
        ├── NotFoundError       it has no such case, file or value
        └── ConflictError       the file was changed by another program (an `OutputError`, too)

Each takes one positional payload, its diagnostics: an exception with more arguments, or
keyword-only ones, does not unpickle and would break a pool of worker processes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from imrgen.diagnostics.diagnostic import Diagnostic, Path, Span


class ImrgenError(Exception):
    """Something is at fault, and the diagnostics say what, where, and how to mend it.

    Args:
        diagnostics: One or more, in the order of the file.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__(self.diagnostics)

    @classmethod
    def of(
        cls, code: str, message: str, *hints: str, path: Path = (), span: Span | None = None
    ) -> Self:
        """Return an error with one diagnostic."""
        return cls([Diagnostic(code, message, path=path, span=span, hints=hints)])

    def __str__(self) -> str:
        from imrgen.diagnostics.reports import report

        return report(self.diagnostics).rstrip("\n")


class CaseError(ImrgenError):
    """The case file cannot be read, or the letter cannot be made of it."""


class PackError(ImrgenError):
    """A pack, one of its templates or one of its files is at fault."""


class OptionError(ImrgenError):
    """What was asked for is at fault: an option, a setting or a name; the case and the pack are not."""


class ReadError(ImrgenError):
    """A file that was named, case files apart, cannot be read or does not hold what is wanted of it."""


class LibraryError(ImrgenError):
    """Something to install is missing: a native library for PDF, or a package of an extra."""


class OutputError(ImrgenError):
    """A file cannot be written where it was asked for."""


class SignatureError(ImrgenError):
    """A letter cannot be signed, or its signatures cannot be read."""


class PreviewError(ImrgenError):
    """The preview cannot do what its page asks for."""


class UnknownNameError(OptionError, PackError):
    """There is no pack, letter, check or folder of templates of the name that was asked for."""


class SettingsError(OptionError):
    """The project's settings, `imrgen.toml` or `[tool.imrgen]`, cannot be read or are not valid."""


class FileNameError(OptionError, OutputError):
    """The pattern of file names cannot be used, or a file's suffix names no format."""


class WorkerError(LibraryError):
    """The worker processes, the executor or the scheduler that should do the work cannot do it."""


class ManifestError(OutputError):
    """A batch's folder holds no manifest, or one that was changed or cannot be used for this."""


class NotFoundError(PreviewError):
    """The preview has no such case, file or value."""


class ConflictError(PreviewError, OutputError):
    """The file that the preview should save was changed by another program since it was read."""
