"""What every PDF passes, whichever engine sets it.

A document is set only if it can conform and holds the words of the text. What the engine made is
sealed, and read back by another program, which must find the same words.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from imrgen.diagnostics import codes
from imrgen.document import (
    IGNORABLE,
    ConformanceFault,
    Document,
    as_read_back,
    first_difference,
    visible_characters,
)
from imrgen.export.conformance import Structure
from imrgen.export.pdf import readback
from imrgen.export.pdf.drawn import as_drawn
from imrgen.export.pdf.engine import Attachment, Engine, Shown, Typeset, stop
from imrgen.export.pdf.placement import FEWEST_LETTERS, misplaced_words
from imrgen.export.pdf.readback import DrawnPage, PDFReader
from imrgen.export.seal import seal
from imrgen.pack import PagePromises, TemplatePack

_NONE = PagePromises()
_SHORTEN = "write it in fewer or shorter words, or part it by spaces"


class PDFWriter:
    """Writes documents as PDF; it may be used from any thread.

    Args:
        engine: What sets them.
        pack: The pack of the documents.
    """

    def __init__(self, engine: Engine, pack: TemplatePack) -> None:
        self._engine = engine
        self._pack = pack

    def pdf(
        self,
        document: Document,
        words: str,
        provenance: Mapping[str, str],
        attachment: Attachment | None = None,
        promises: PagePromises = _NONE,
    ) -> bytes:
        """Write a document; the PDF holds its words, no more and no fewer.

        Args:
            document: The letter.
            words: Its words, as `to_words` reads them.
            provenance: What the letter was made of, to be written into the file.
            attachment: A file to attach, such as the case file.
            promises: What the pack promises of its pages.

        Raises:
            ConformanceError: The PDF would lose or hide something, could not conform, or breaks a
                promise.
            PackError: The document asks for a file that the pack does not have, or cannot be set.
        """
        structure = Structure(as_drawn(document.tree, self._pack))
        stop(structure.faults())
        stop(_compare_text(structure.characters(), visible_characters(words)))
        made = self._engine.set(structure, provenance, attachment)
        stop(made.faults)
        while True:
            pdf = seal(made.content)
            with readback.open_pdf(pdf) as reader:
                drawn = reader.drawn_pages()
                lacking = _lacking_lines(drawn, made, reader)
                if made.last_lines is None or not lacking:
                    _check(reader, drawn, made, structure, promises)
                    return pdf
            made = made.last_lines.again(lacking)


def _check(
    reader: PDFReader,
    drawn: Sequence[DrawnPage],
    made: Typeset,
    structure: Structure,
    promises: PagePromises,
) -> None:
    """Stop at what is wrong in a finished PDF."""
    read = [page.characters for page in drawn]
    stop(_read_back(read, made, structure))
    stop(_misplaced(reader, drawn, made, structure))
    if promises != _NONE:
        from imrgen.export.pdf.promises import broken_promises  # few packs promise any

        stop(broken_promises(promises, structure, made.pages, read, reader))


def _lacking_lines(drawn: Sequence[DrawnPage], made: Typeset, reader: PDFReader) -> int:
    """Return how many lines more have to stand on the last page."""
    last = made.last_lines
    if last is None or len(drawn) < 2:
        return 0
    places = [text.bounds for text in drawn[-1].texts if text.content >= 0]
    if not places:
        return 0
    height = max(top for _, _, _, top in places) - min(bottom for _, bottom, _, _ in places)
    if height > last.least * last.leading:
        return 0
    return max(0, last.least - len(reader.line_tops(len(drawn) - 1)))


def _compare_text(characters: str, expected: str) -> Iterator[ConformanceFault]:
    """Compare the document's visible characters with the text's."""
    characters, expected = as_read_back(characters), as_read_back(expected)
    if characters != expected:
        yield ConformanceFault(
            codes.WORDS_LOST,
            "text and PDF would differ in their words from here on",
            "correct the HTML here",
            at=first_difference(characters, expected),
        )


def _read_back(
    read_pages: Sequence[str], made: Typeset, structure: Structure
) -> Iterator[ConformanceFault]:
    """Compare what another program reads in the PDF with what was laid out.

    Args:
        read_pages: The visible characters of each page, as they were read.
        made: What the engine made; where it does not know what each page shows, only the whole can
            be compared, with the document.
        structure: The document.
    """
    if made.pages is None:
        yield from _compare_whole("".join(read_pages), made, structure)
        return
    for number, (read, shown) in enumerate(zip(read_pages, made.pages, strict=True), start=1):
        pieces = [piece for piece in shown if piece.tagged]
        expected = as_read_back("".join(piece.characters for piece in pieces))
        read = as_read_back(read)
        if read != expected:
            at = first_difference(read, expected)
            yield ConformanceFault(
                codes.WORDS_LOST,
                f"page {number} of the PDF does not hold what it shows, from character {at + 1} on",
                "write what stands there differently, or with fewer boxes in boxes",
                at=_place(pieces, at, structure),
            )


def _misplaced(
    reader: PDFReader, drawn: Sequence[DrawnPage], made: Typeset, structure: Structure
) -> Iterator[ConformanceFault]:
    """Find the words that stand where they cannot be read.

    Args:
        reader: The PDF.
        drawn: Its pages, as they were read.
        made: What the engine made.
        structure: The document.
    """
    before = 0
    for number, page in enumerate(drawn):
        areas = made.areas[number] if made.areas else ()
        with reader.drawing(number) as drawing:
            misplaced = [*misplaced_words(page, areas, drawing)]
        for found in misplaced:
            at = found.at
            if at is not None and made.pages is not None:
                at = _place([piece for piece in made.pages[number] if piece.tagged], at, structure)
            elif at is not None:
                at = structure.place(before + at, made.untagged)
            if found.letters and not _are_of_one_word(found.letters, at, structure):
                continue
            if at is None:
                message = f"page {number + 1} has words that {found.message}"
                yield ConformanceFault(found.code, message, found.hint)
            else:
                message = f"has words on page {number + 1} that {found.message}"
                owner = structure.owner(at)
                yield structure.fault(found.code, owner, message, found.hint, _SHORTEN)
        before += len(page.characters)


def _are_of_one_word(letters: str, at: int | None, structure: Structure) -> bool:
    """Return whether enough letters follow one another in a word of the document."""
    if at is None:
        return False
    start = 0
    for piece in structure.pieces:
        end = start + len(piece.characters)
        if start < at + len(letters) and at < end:
            text = re.sub(IGNORABLE, "", getattr(piece.holder, piece.slot, None) or "")
            for word in text.split():
                parts = (word[n : n + FEWEST_LETTERS] for n in range(len(word)))
                if any(len(part) == FEWEST_LETTERS and part in letters for part in parts):
                    return True
        start = end
    return False


def _compare_whole(read: str, made: Typeset, structure: Structure) -> Iterator[ConformanceFault]:
    """Compare what is read with the document, hyphens aside that breaking words has added."""
    read = as_read_back(read)
    at, before = 0, 0
    document = structure.characters(made.untagged)
    is_same = as_read_back(document) == as_read_back(visible_characters("".join(made.parts)))
    for number, part in enumerate(made.parts):
        expected = as_read_back(visible_characters(part))
        if number and read.startswith("-", at) and not expected.startswith("-"):
            at += 1
        if not read.startswith(expected, at):
            before += first_difference(read[at:], expected)
            is_same = False
            break
        at += len(expected)
        before += len(expected)
    if not is_same or at < len(read):
        yield ConformanceFault(
            codes.WORDS_LOST,
            "the PDF does not hold the words of the text from here on",
            "write what stands there differently, or with fewer boxes in boxes",
            at=structure.place(before, made.untagged),
        )


def _place(pieces: Iterable[Shown], at: int, structure: Structure) -> int | None:
    """Translate an offset into what a page shows into one into the document's characters."""
    for piece in pieces:
        if at < len(piece.characters):
            start = structure.starts.get(piece.element)
            before = structure.characters_of(piece.element).find(piece.characters)
            if start is None or before < 0 or piece.generated:
                return None
            return start + before + at
        at -= len(piece.characters)
    return None
