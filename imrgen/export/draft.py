"""How a draft is marked in each format, so that nobody takes it for a letter that was issued.

The marks are not words of the document. In a PDF they are on every page, as artifacts, which are
not read aloud.
"""

from __future__ import annotations

import base64
import copy
from xml.etree.ElementTree import Element

_NOTE = "DRAFT - this letter has not been issued"

_WATERMARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 236 64">'
    '<g fill="none" stroke="#dcdcdc" stroke-width="9">'
    '<path d="M10 7V57H22A25 25 0 0 0 22 7ZM62 57V7H76A13 13 0 0 1 76 33H62M78 33L93 57'
    'M105 57L124 7L143 57M112 41H136M160 57V7H187M160 31H182M192 7H226M209 7V57"/>'
    "</g></svg>"
)
"""The word as lines, not as text, so that it is no word of the PDF."""
_ADDRESS = "data:image/svg+xml;base64," + base64.b64encode(_WATERMARK.encode()).decode()

PAGE_CSS = f"""
@page {{
  background: url("{_ADDRESS}") center / 70% no-repeat !important;
  @top-left-corner {{
    content: "DRAFT" !important;
    font: bold 11pt "Source Sans Pro", Arial, sans-serif;
    color: #a00;
    white-space: nowrap;
  }}
}}
html {{ background: none !important; }}
"""
"""What is added to a pack's style sheet for the PDF of a draft."""

_HTML_STYLE = (
    "position: sticky; top: 0; z-index: 2147483647; margin: 0; padding: 0.4em; "
    "font: bold 1rem sans-serif; text-align: center; color: #fff; background: #a00"
)


def marked_text(text: str) -> str:
    """Return the text of a draft."""
    return f"*** {_NOTE} ***\n\n{text}"


def marked_tree(root: Element) -> Element:
    """Return a copy of a document's tree that is marked as a draft at its head.

    Args:
        root: The root of the tree.
    """
    root = copy.deepcopy(root)
    title = root.find("head/title")
    if title is not None:
        title.text = f"DRAFT: {title.text or ''}"
    body = root.find("body")
    if body is not None:
        note = Element("p", {"role": "note", "style": _HTML_STYLE})
        note.text = _NOTE
        note.tail = body.text
        body.text = "\n"
        body.insert(0, note)
    return root
