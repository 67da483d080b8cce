"""The lines of a PDF as people see them, whichever engine set it."""

from __future__ import annotations

import re

from imrgen.export.pdf.readback import open_pdf

_SAME_LINE = 3
"""Points by which the feet of one line's words may differ."""


def lines_of_pages(pdf: bytes) -> list[list[str]]:
    """Return the lines of each page of a PDF, from top to bottom; margins are among them."""
    with open_pdf(pdf) as reader:
        pages = reader.pages()
    found = []
    for page in pages:
        rows: dict[int, list[tuple[float, str]]] = {}
        for (left, top, _, height), text in page.lines:
            foot = round(top + height)
            row = next((row for row in rows if abs(row - foot) <= _SAME_LINE), foot)
            rows.setdefault(row, []).append((left, text))
        found.append([" ".join(text for _, text in sorted(rows[row])) for row in sorted(rows)])
    return found


def plain_lines(pdf: bytes) -> list[list[str]]:
    """Return the lines of each page in letters and digits: engines write hyphens differently."""
    return [
        [*filter(None, (re.sub(r"\W", "", line) for line in page))] for page in lines_of_pages(pdf)
    ]
