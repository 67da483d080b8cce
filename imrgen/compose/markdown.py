"""Markdown to safe HTML: narratives come out as typed, or are refused; nothing vanishes.

Most narratives hold no markup at all, only paragraphs: those are converted here. The others go
through `imrgen.compose.dialect`, which says what counts as markup.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# A sign that could be markup, white space that is not plain, a line that could begin a block, a
# hard line break.
_MARKED = re.compile(r"[*_\\|\[]|[^\S \n]|^ *(?:[->+]|\d+[.)])| {2}$", re.MULTILINE)
_BLANK = re.compile(r"\n(?: *\n)+")


def to_html(text: str, lead: str = "") -> Markup:
    """Convert a narrative.

    Args:
        text: Markdown.
        lead: HTML that opens the first paragraph, such as a bold “Decision rationale:”.

    Raises:
        Fault: A part of the narrative would not be seen.
    """
    if _MARKED.search(text):
        from imrgen.compose.dialect import parsed_html  # markdown_it loads for 20 ms

        return parsed_html(text, lead)
    # Just what the parser makes, in a tenth of the time.
    escaped = (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )
    parts = [
        "\n".join(line.strip(" ") for line in part.strip(" \n").split("\n"))
        for part in _BLANK.split(escaped)
    ]
    html = "\n".join(f"<p>{part}</p>" for part in parts if part)
    if lead:
        html = f"<p>{escape(lead)} {html.removeprefix('<p>') or '</p>'}"
    return Markup(html)  # noqa: S704 - escaped above
