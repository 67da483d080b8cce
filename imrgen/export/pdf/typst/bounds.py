"""Where pages have room for words, so that what is set beyond it is found in the finished file.

Typst says nothing of the places of words, and sets what is too large for its place beyond it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from imrgen.diagnostics import codes
from imrgen.document import ConformanceFault
from imrgen.export.pdf.typst.page_values import PageValues

Area = tuple[float, float, float, float]
"""Left, bottom, right and top, in points from the lower left corner of a page."""
_SAME = 0.5


def areas(
    sizes: Sequence[tuple[float, float]], kinds: Callable[[int], Sequence[PageValues]]
) -> list[list[Area]]:
    """Return where each page has room for words: between the margins.

    Args:
        sizes: The width and height of each page.
        kinds: Returns what a page may be, by its number from 1.
    """
    return [
        [
            (left, bottom, kind.width - right, kind.height - top)
            for kind in kinds(number)
            for top, right, bottom, left in [kind.margins]
            if abs(kind.width - width) < _SAME and abs(kind.height - height) < _SAME
        ]
        for number, (width, height) in enumerate(sizes, start=1)
    ]


def margins_too_small(margins: Iterable[str]) -> Iterator[ConformanceFault]:
    """Yield a fault for each margin whose texts are too large for it."""
    for margin in dict.fromkeys(margins):
        yield ConformanceFault(
            codes.NO_ROOM,
            f"the texts in the margin `{margin}` are too large for it",
            "make them shorter or smaller; string-set and content say what stands there",
        )
