"""A letter's tree as WeasyPrint takes it, and the style sheet that every document has.

WeasyPrint's own way in parses HTML anew, in Python, and gives each element and each page the boxes
of a style sheet made for any document: six for notes that an element may have, sixteen for a page's
margins. That is an eighth of a letter's time. Here it takes the letter's own tree, and what neither
the pack nor the letter can ask for is left out of the style sheet. The PDF is the same, byte for
byte.
"""

from __future__ import annotations

import functools
import re
from typing import Any
from xml.etree.ElementTree import Element

from imrgen.export.pdf.fetcher import BASE

_STYLED = ("style", "link")
_NOTES = re.compile("note", re.IGNORECASE)
_MARGIN = re.compile(r"@((?:top|bottom|left|right)-[a-z-]+)\s*\{[^{}]*\}")
_NOTE = re.compile(r"^::(?:foot)?note-[a-z]+\s*\{[^{}]*\}", re.MULTILINE)


def browser_sheet(css: str) -> Any:
    """Return the style sheet that stands below a pack's own.

    Args:
        css: The pack's style sheet.

    Returns:
        WeasyPrint's, less the boxes of pages and elements that this one gives no content.
    """
    import weasyprint
    from weasyprint.html import UA

    if "@import" in css.lower():
        return weasyprint.html.UA_STYLESHEET
    filled = set(re.findall(r"@([a-z-]+)", css.lower()))
    kept = _MARGIN.sub(lambda found: found[0] if found[1] in filled else "", UA)
    if not _NOTES.search(css):
        kept = _NOTE.sub("", kept)
    return weasyprint.CSS(string=kept)


def document(root: Element, sheet: Any, fetcher: Any) -> Any:
    """Return a document that WeasyPrint can lay out.

    Args:
        root: The root of its tree.
        sheet: The style sheet below the pack's own; a document that brings styles along has the
            whole of WeasyPrint's.
        fetcher: What gives it the pack's files.
    """
    is_styled = any(element.tag in _STYLED or "style" in element.attrib for element in root.iter())
    return _parsed()(root, None if is_styled else sheet, fetcher)


@functools.cache
def _parsed() -> Any:
    import cssselect2
    import weasyprint

    class Parsed(weasyprint.HTML):  # type: ignore[misc]
        def __init__(self, root: Element, sheet: Any, fetcher: Any) -> None:
            self.base_url, self.url_fetcher, self.media_type = (
                weasyprint._find_base_url(root, BASE),
                fetcher,
                "print",
            )
            self.wrapper_element = cssselect2.ElementWrapper.from_html_root(
                root, content_language=None
            )
            self.etree_element = self.wrapper_element.etree_element
            self._sheet = sheet

        def _ua_stylesheets(self, forms: bool = False) -> list[Any]:
            whole: list[Any] = super()._ua_stylesheets(forms)
            return whole if forms or self._sheet is None else [self._sheet]

    return Parsed
