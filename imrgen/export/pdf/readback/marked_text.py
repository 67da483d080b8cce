"""The text of a page's marked contents, and their order in the tag tree."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import pypdfium2

from imrgen.export.pdf.readback import native
from imrgen.export.pdf.readback.native import Handle

LINE_END_HYPHEN = "\x02"
"""What PDFium returns for a hyphen that ends a line, if it is asked for an object or character."""
_LINE_END_HYPHEN_OF_PAGE = "\ufffe"
"""What it returns if it is asked for the text of a page."""

_FIGURE = "Figure"
_FIGURE_SIZE = 2 * len(_FIGURE) + 2
_LINE = re.compile(r"[^\r\n]+")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


@contextlib.contextmanager
def loaded_page(document: Handle, number: int) -> Iterator[Handle]:
    """Load a page, the first being 0.

    Raises:
        PdfiumError: PDFium cannot load it.
    """
    page = native.load_page(document, number)
    if not page:
        raise pypdfium2.PdfiumError("Failed to load page.")
    try:
        yield page
    finally:
        native.close_page(page)


@contextlib.contextmanager
def loaded_words(page: Handle) -> Iterator[Handle]:
    """Load the characters of a page.

    Raises:
        PdfiumError: PDFium cannot load them.
    """
    words = native.load_words(page)
    if not words:
        raise pypdfium2.PdfiumError("Failed to load text page.")
    try:
        yield words
    finally:
        native.close_words(words)


def text_parts(words: Handle) -> dict[Handle, str]:
    """Map text objects to their parts of a page's text; some or all may be missing.

    To ask for the text of an object, PDFium goes through the characters of the whole page. So it is
    asked for the whole text, and which objects its characters belong to. The characters of an
    object stand together. They may not where a line runs from right to left, and where a character
    is not one of the text; nothing is returned then.
    """
    whole = native.whole_text(words).replace(_LINE_END_HYPHEN_OF_PAGE, LINE_END_HYPHEN)
    if len(whole) != native.count_characters(words) or _RIGHT_TO_LEFT.search(whole):
        return {}
    found: dict[Handle, str] = {}
    for line in _LINE.finditer(whole):
        first, last = line.start(), line.end() - 1
        owners = native.text_object(words, first), native.text_object(words, last)
        for owner, start, end in _runs(words, first, last, *owners):
            if owner:
                found[owner] = found.get(owner, "") + whole[start:end]
    return found


def _runs(
    words: Handle,
    first: int,
    last: int,
    first_owner: Handle | None,
    last_owner: Handle | None,
) -> Iterator[tuple[Handle | None, int, int]]:
    """Part characters by the object they belong to: each with its start and end.

    Args:
        words: The text page.
        first: The first of the characters.
        last: The last of them.
        first_owner: The object of the first; `None` for a space that PDFium added.
        last_owner: The object of the last.
    """
    if first_owner == last_owner and (first_owner or first == last):
        yield first_owner, first, last + 1
    elif last - first == 1:
        yield first_owner, first, last
        yield last_owner, last, last + 1
    else:
        middle = (first + last) // 2
        owners = native.text_object(words, middle), native.text_object(words, middle + 1)
        yield from _runs(words, first, middle, first_owner, owners[0])
        yield from _runs(words, middle + 1, last, owners[1], last_owner)


def reading_order(page: Handle) -> Iterator[int | str]:
    """List the marked contents of a page by their numbers, and images by their alternate text."""
    tree = native.load_tree(page)
    try:
        # The last first, so that the first is taken first; a strange file may be nested deep.
        waiting: list[tuple[Handle | None, int]] = [
            (native.root(tree, number), -1) for number in reversed(range(native.count_roots(tree)))
        ]
        while waiting:
            element, content = waiting.pop()
            if element is None:
                yield content
            elif _is_figure(element):
                yield native.string(native.alternate_text, element)
            else:
                for number in reversed(range(native.count_kids(element))):
                    kid = native.kid_element(element, number)
                    waiting.append((kid, -1 if kid else native.kid_content(element, number)))
    finally:
        native.close_tree(tree)


def _is_figure(element: Handle) -> bool:
    # Its size is known without reading it; few types are as long.
    return (
        native.element_type(element, None, 0) == _FIGURE_SIZE
        and native.string(native.element_type, element) == _FIGURE
    )
