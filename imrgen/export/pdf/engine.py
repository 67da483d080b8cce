"""What an engine is: a program that sets documents as PDF."""

import datetime
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol
from xml.etree.ElementTree import Element

import msgspec

from imrgen.diagnostics import LibraryError, codes
from imrgen.document import ConformanceFault, visible_characters
from imrgen.export.conformance import ConformanceError, Structure
from imrgen.export.installed import installed_version


class Attachment(msgspec.Struct, frozen=True):
    """A file that is attached to a letter.

    Args:
        date: Its date of creation; with the clock's, two PDFs of one letter would differ.
    """

    name: str
    content: bytes
    description: str
    date: datetime.date


def stop(faults: Iterable[ConformanceFault]) -> None:
    """Raise a `ConformanceError` if there is a fault."""
    found = list(faults)
    if found:
        raise ConformanceError(found)


class Shown(msgspec.Struct):
    """What a piece of a page shows.

    Args:
        characters: Its visible characters.
        element: The element it belongs to.
        moved: The element around it that CSS took out of the flow, or shows on every page.
        generated: Whether CSS generated it, so that it is not of the document.
        tagged: Whether it is in the tags; what is repeated on every page is tagged once.
        hyphenated: Whether its last character may be a hyphen that breaking a word added.
    """

    characters: str
    element: Element
    moved: Element | None
    generated: bool
    tagged: bool = True
    hyphenated: bool = False


class LastLines(msgspec.Struct, frozen=True):
    """The lines that have to stand on a document's last page if it has several.

    Args:
        least: How many there are at least.
        leading: About the height of each, in points.
        again: Sets the document anew, with so many lines more on that page.
    """

    least: int
    leading: float
    again: Callable[[int], "Typeset"]


class Typeset(msgspec.Struct, frozen=True):
    """A document that was set.

    Args:
        content: The PDF, not yet sealed.
        faults: What would not be seen, or cannot be made accessible.
        pages: What each page shows, in reading order; `None` where the engine does not know.
        parts: Where it does not, the document's texts in their order, parted where a hyphen may
            have been added at the end of a line.
        untagged: Likewise, the elements that stand in margins only, and so in no tag.
        areas: Where the style sheet has room for words on each page: between the margins, and where
            it takes something out of the flow. Left, bottom, right and top, in points from the
            lower left corner; empty where the engine does not know.
        last_lines: The lines that have to stand on its last page, where the engine leaves that to
            be looked for in the file.
    """

    content: bytes
    faults: tuple[ConformanceFault, ...] = ()
    pages: Sequence[Sequence[Shown]] | None = None
    parts: Sequence[str] = ()
    untagged: Sequence[Element] = ()
    areas: Sequence[Sequence[tuple[float, float, float, float]]] = ()
    last_lines: LastLines | None = None


class Engine(Protocol):
    """Sets documents as PDF. It is prepared once for a pack and may be used from any thread."""

    def set(
        self,
        structure: Structure,
        provenance: Mapping[str, str],
        attachment: Attachment | None = None,
    ) -> Typeset:
        """Set a document that holds nothing that could not conform.

        Args:
            structure: The letter, its texts as the pack's fonts can draw them.
            provenance: What the letter was made of, to be written into the file.
            attachment: A file to attach, such as the case file.

        Raises:
            ConformanceError: The PDF would lose or hide something, or could not conform.
            PackError: The document asks for a file that the pack does not have, or cannot be set.
        """
        ...


def missing_glyph(character: str, characters: str) -> ConformanceFault:
    """Return the fault of a character that no font of the pack has.

    Args:
        character: The character.
        characters: The document's visible characters.
    """
    names = ", ".join(f"U+{ord(c):04X} {unicodedata.name(c, 'unnamed')}" for c in character)
    visible = visible_characters(character)
    at = characters.find(visible) if visible else -1
    return ConformanceFault(
        codes.GLYPH_MISSING,
        f"no font of the pack has {names}",
        "use another character, or a pack whose fonts have it",
        at=at if at >= 0 else None,
        advice="write it otherwise, in letters of the Latin, Greek or Cyrillic alphabet",
    )


def unknown_version(path: str, difference: str) -> LibraryError:
    """Return the error for a library whose private parts imrgen was not written for.

    Args:
        path: The dotted name of what differs; its first part is the library's name on PyPI.
        difference: How it differs.
    """
    library = path.partition(".")[0]
    version = installed_version(library)
    return LibraryError.of(
        codes.ENGINE_UNKNOWN,
        f"imrgen does not know this version of {library} ({version}): {difference}",
        f"install a version of {library} that imrgen asks for: `pip install --upgrade imrgen`",
    )
