"""Whether words stand where a page has room for them, as another program finds them there.

Typst says nothing of the places of words, and sets what is too large for its place beyond it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from imrgen.diagnostics import codes
from imrgen.document import ConformanceFault
from imrgen.export.pdf import readback
from imrgen.export.pdf.typst.pages import PageValues

_SLACK = 8.0
"""Points by which a line may reach beyond its place: the space that it ends in shows nothing."""
_SAME = 0.5


def misplaced_words(pdf: bytes, kinds: Sequence[PageValues]) -> Iterator[ConformanceFault]:
    """Find the first words of each page that stand off it, or beyond its margins at the sides.

    Args:
        pdf: The PDF.
        kinds: The pages that there are.
    """
    with readback.open_pdf(pdf) as reader:
        pages = reader.pages()
    for number, page in enumerate(pages, start=1):
        own = [
            kind
            for kind in kinds
            if abs(kind.width - page.width) < _SAME and abs(kind.height - page.height) < _SAME
        ]
        top, right, bottom, left = (
            min(margins) for margins in zip(*(k.margins for k in own), strict=True)
        )
        for (x, y, width, height), _ in page.lines:
            end, foot = x + width, y + height
            is_off = x < 0 or y < 0 or end > page.width or foot > page.height
            is_of_margins = foot <= top + _SLACK or y >= page.height - bottom - _SLACK
            beyond = x < left - _SLACK or end > page.width - right + _SLACK
            if is_off or (beyond and not is_of_margins):
                yield ConformanceFault(
                    codes.NO_ROOM,
                    f"page {number} has words off the page, or beyond its margins",
                    "make what stands there smaller, or let it break",
                )
                break


def margins_too_small(margins: Iterable[str]) -> Iterator[ConformanceFault]:
    """Yield a fault for each margin whose texts are too large for it."""
    for margin in dict.fromkeys(margins):
        yield ConformanceFault(
            codes.NO_ROOM,
            f"the texts in the margin `{margin}` are too large for it",
            "make them shorter or smaller; string-set and content say what stands there",
        )
