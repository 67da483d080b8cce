"""What an engine is: a program that sets documents as PDF."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from imrgen.diagnostics import LibraryError, codes
from imrgen.document import ConformanceFault, Document


class Attachment(msgspec.Struct, frozen=True):
    """A file that is attached to a letter.

    Args:
        date: Its date of creation; with the clock's, two PDFs of one letter would differ.
    """

    name: str
    content: bytes
    description: str
    date: datetime.date


class ConformanceError(Exception):
    """Raised for a document that cannot be issued; callers turn it into an `ImrgenError`."""

    def __init__(self, faults: Iterable[ConformanceFault]) -> None:
        self.faults = list(faults)
        super().__init__(self.faults)


class Engine(Protocol):
    """Sets documents as PDF. It is prepared once for a pack and may be used from any thread."""

    def pdf(
        self,
        document: Document,
        words: str,
        provenance: Mapping[str, str],
        attachment: Attachment | None = None,
    ) -> bytes:
        """Set a document; the PDF must hold its words, no more and no fewer.

        Args:
            document: The letter.
            words: Its words, as `to_words` reads them.
            provenance: What the letter was made of, to be written into the file.
            attachment: A file to attach, such as the case file.

        Raises:
            ConformanceError: The PDF would lose or hide something, or could not conform.
            PackError: The document asks for a file that the pack does not have, or cannot be set.
        """
        ...


def unknown_version(path: str, difference: str) -> LibraryError:
    """Return the error for a library whose private parts imrgen was not written for.

    Args:
        path: The dotted name of what differs; its first part is the library's name on PyPI.
        difference: How it differs.
    """
    import importlib.metadata  # its import takes longer than making a letter

    library = path.partition(".")[0]
    version = importlib.metadata.version(library)
    return LibraryError.of(
        codes.ENGINE_UNKNOWN,
        f"imrgen does not know this version of {library} ({version}): {difference}",
        f"install a version of {library} that imrgen asks for: `pip install --upgrade imrgen`",
    )
