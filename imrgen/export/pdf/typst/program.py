"""A document as Typst is given it."""

from __future__ import annotations

import msgspec

from imrgen.export.pdf.typst.bookmarks import Bookmark
from imrgen.export.pdf.typst.items import MOVED
from imrgen.export.pdf.typst.source import pt


class LastParagraph(msgspec.Struct, frozen=True):
    """The paragraph at the end of a letter.

    Args:
        widows: How many of its lines stand together at its end.
        leading: The height of each, in points.
        moved: How many of its lines are set on the next page where there is room on one before.
    """

    widows: int
    leading: float
    moved: int = 0


class Program(msgspec.Struct, frozen=True):
    """A document as Typst is given it.

    Args:
        source: The program.
        images: The files of its images, by name.
        scopes: Of each cell of a table, in reading order: `Row` or `Column` for one that heads
            others, empty for data.
        signers: Who signs in each signature block.
        numberings: Of each list, in reading order, how its items are counted.
        bookmarks: The entries of its outline; each is told by its number.
        has_date: Whether the document has a date.
        last_paragraph: That of which more than two lines stand together at its end, if it is long.
    """

    source: str
    images: dict[str, bytes]
    scopes: list[str]
    numberings: list[str]
    bookmarks: list[Bookmark]
    signers: list[str]
    has_date: bool
    last_paragraph: LastParagraph | None = None

    def moving(self, lines: int) -> Program:
        """Return the program that sets so many lines more on the last page."""
        last = self.last_paragraph
        assert last is not None, "no other has lines that may move"
        before, moved = (pt(each * last.leading) for each in (last.moved, last.moved + lines))
        # No word of the letter begins a line: line ends are escaped in strings.
        line = "\n#let {} = {}\n"
        source = self.source.replace(line.format(MOVED, before), line.format(MOVED, moved), 1)
        last = msgspec.structs.replace(last, moved=last.moved + lines)
        return msgspec.structs.replace(self, source=source, last_paragraph=last)
