"""The exceptions of imrgen: a class states what is at fault, its diagnostics the details.

    ImrgenError
    ├── CaseError               the case, or its file
    ├── PackError               a pack, one of its templates or one of its files
    ├── OptionError             an option, a setting or a name
    │   ├── UnknownNameError    a pack, letter, check or word does not exist (also a `PackError`)
    │   ├── SettingsError       `imrgen.toml` or `[tool.imrgen]`
    │   └── FileNameError       a pattern or a suffix of file names (also an `OutputError`)
    ├── ReadError               a letter, a key or another given file cannot be read
    ├── LibraryError            a library that must be installed is missing
    │   └── WorkerError         worker processes, an executor or a scheduler
    ├── LimitError              a limit of time, memory or nesting was reached
    │   └── PackLimitError      by a template or a page of the letter (also a `PackError`)
    ├── OutputError             a file cannot be written
    │   ├── PlaceError          under this name; others can
    │   └── ManifestError       a batch's manifest is missing or cannot be used
    ├── SignatureError          a letter cannot be signed, or its signatures cannot be read
    └── PreviewError            the preview cannot carry out a request of its page
        ├── NotFoundError       it has no such case, file or value
        └── ConflictError       the file was changed by another program (also an `OutputError`)

Each takes one positional argument, its diagnostics: an exception with more arguments, or with
keyword-only ones, cannot be unpickled and would break a pool of worker processes.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from imrgen.diagnostics.diagnostic import Diagnostic, Path, Span


class ImrgenError(Exception):
    """The base class; the diagnostics state what is wrong, where, and how to correct it.

    Args:
        diagnostics: One or more, in the order of the file. A task queue that keeps exceptions as
            JSON makes them again of dictionaries, or of a text, which then stands in `args` only.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic | Mapping[str, Any]] | str) -> None:
        given = () if isinstance(diagnostics, str) else diagnostics
        self.diagnostics: tuple[Diagnostic, ...] = tuple(
            Diagnostic.from_dict(each) if isinstance(each, Mapping) else each for each in given
        )
        # As plain data, a task queue that writes them as JSON loses nothing.
        plain = [each.to_dict() for each in self.diagnostics]
        super().__init__(diagnostics if isinstance(diagnostics, str) else plain)

    @classmethod
    def of(
        cls, code: str, message: str, *hints: str, path: Path = (), span: Span | None = None
    ) -> Self:
        """Return an error with one diagnostic."""
        return cls([Diagnostic(code, message, path=path, span=span, hints=hints)])

    def to_dict(self) -> dict[str, Any]:
        """Return the error as plain data, ready for JSON; the keys are stable.

        Returns:
            `error`, the name of its class; `message`, the diagnostics as text; and `diagnostics`,
            each as `Diagnostic.to_dict` writes it. No value of a case.
        """
        return {
            "error": type(self).__name__,
            "message": str(self),
            "diagnostics": [each.to_dict() for each in self.diagnostics],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "ImrgenError":
        """Return the error that `to_dict` has written, also when it went through JSON.

        Args:
            data: What it has written; a name that is not one of a class, as a later version may
                have, makes an error of this class.

        Raises:
            ValueError: It is none.
        """
        try:
            name, message, given = data["error"], data["message"], data["diagnostics"]
        except (KeyError, TypeError):
            raise ValueError("expected what `ImrgenError.to_dict` returns") from None
        error = next((each for each in _with_subclasses(cls) if each.__name__ == name), cls)
        return error(list(given) or str(message))

    def __str__(self) -> str:
        from imrgen.diagnostics.reports import report  # no letter that is made needs it

        return report(self.diagnostics).rstrip("\n") or "".join(self.args)


def _with_subclasses(error: type[ImrgenError]) -> Iterator[type[ImrgenError]]:
    yield error
    for each in error.__subclasses__():
        yield from _with_subclasses(each)


class CaseError(ImrgenError):
    """The case file cannot be read, or its letter cannot be rendered."""


class PackError(ImrgenError):
    """A pack, one of its templates or one of its files is at fault."""


class OptionError(ImrgenError):
    """An option, a setting or a name is wrong; the case and the pack are not at fault."""


class ReadError(ImrgenError):
    """A given file other than a case cannot be read, or does not contain what is needed."""


class LibraryError(ImrgenError):
    """A library that must be installed is missing: Pango, or a package of an extra."""


class LimitError(ImrgenError):
    """A limit of time, of memory or of nesting was reached, or a worker process was lost."""


class OutputError(ImrgenError):
    """A file cannot be written."""


class SignatureError(ImrgenError):
    """A letter cannot be signed, or its signatures cannot be read."""


class PreviewError(ImrgenError):
    """The preview cannot carry out a request of its page."""


class PackLimitError(LimitError, PackError):
    """A template, or a page that it makes, reached a limit of time, of memory or of nesting."""


class UnknownNameError(OptionError, PackError):
    """A pack, a letter, a check, a folder of templates or a text to override does not exist."""


class SettingsError(OptionError):
    """The project's settings, `imrgen.toml` or `[tool.imrgen]`, cannot be read or are not valid."""


class FileNameError(OptionError, OutputError):
    """The pattern of file names is not usable, or a file's suffix names no format."""


class WorkerError(LibraryError):
    """The worker processes, the executor or the scheduler fail."""


class PlaceError(OutputError):
    """A file cannot be written under its name: something else has it, or it is too long."""


class ManifestError(OutputError):
    """A batch's folder has no manifest, or one that was changed or is not usable."""


class NotFoundError(PreviewError):
    """The preview has no such case, file or value."""


class ConflictError(PreviewError, OutputError):
    """Another program has changed a file since the preview read it."""
