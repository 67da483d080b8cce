"""Markdown to safe HTML: narratives come out as typed, or are refused; nothing vanishes.

Most narratives hold no markup at all, only paragraphs: those are converted here. The others go
through `imrgen.compose.dialect`, which says what counts as markup; it is loaded when it is first needed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from imrgen.compose.dialect import Dialect

# A sign that could be markup, white space that is not plain, a line that could begin a block, a
# hard line break.
_MARKED = re.compile(r"[*_\\|\[]|[^\S \n]|^ *(?:[->+]|\d+[.)])| {2}$", re.MULTILINE)
_BLANK = re.compile(r"\n(?: *\n)+")


class Markdown:
    """Converts narratives; made once, it may be used from any thread."""

    def __init__(self) -> None:
        self._dialect: Dialect | None = None

    def html(self, text: str, lead: str = "") -> Markup:
        """Convert a narrative.

        Args:
            text: Markdown.
            lead: HTML that opens the first paragraph, such as a bold “Decision rationale:”.

        Raises:
            Fault: A part of the narrative would not be seen.
        """
        if not _MARKED.search(text):
            return _paragraphs(text, lead)
        return self._parsed(text, lead)

    def _parsed(self, text: str, lead: str) -> Markup:
        if self._dialect is None:
            from imrgen.compose.dialect import Dialect

            # Two threads may each make one; either does.
            self._dialect = Dialect()
        return self._dialect.html(text, lead)


def _paragraphs(text: str, lead: str) -> Markup:
    """Convert a text without markup, as most narratives are: just what the parser makes, in a tenth of the time."""
    escaped = (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )
    parts = [
        "\n".join(line.strip(" ") for line in part.strip(" \n").split("\n"))
        for part in _BLANK.split(escaped)
    ]
    made = "\n".join(f"<p>{part}</p>" for part in parts if part)
    if lead:
        made = (
            f"<p>{escape(lead)} {made.removeprefix('<p>')}" if made else f"<p>{escape(lead)} </p>"
        )
    return Markup(made)  # noqa: S704 - escaped above
