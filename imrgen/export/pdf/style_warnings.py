"""What WeasyPrint passes over in a style sheet, with its place."""

import re
from collections.abc import Iterator

import weasyprint

from imrgen.diagnostics import Diagnostic, Span, nearest
from imrgen.document import style_fault
from imrgen.export.pdf import weasyprint_internals as internals
from imrgen.export.pdf.fetcher import BASE, PackFetcher
from imrgen.export.pdf.weasyprint_engine import exclusive
from imrgen.pack import TemplatePack

_PLACE = re.compile(r",? at (\d+):(\d+)")
_DECLARATION = re.compile(r"Ignored `(([\w-]+): ?(.*?))\s*`, (.*?)\.?", re.DOTALL)
_SELECTOR = re.compile(r"Invalid or unsupported selector, '(.*)'", re.DOTALL)
_RULE = re.compile(r"<AtRule (@[\w-]+) .*?>")
_ELSEWHERE = re.compile(r"Expected a media type|Invalid media type '\s*(only )?screen\b|@import")
"""What browsers understand, or is refused where files are referred to."""
_LENGTH = re.compile(r"-?[\d.]*[1-9][\d.]*")


def style_warnings(css: str, place: str, pack: TemplatePack) -> Iterator[Diagnostic]:
    """Find what WeasyPrint passes over.

    Args:
        css: The style sheet.
        place: Its file.
        pack: Its pack.
    """
    css = css.replace("\r\n", "\n").replace("\r", "\n")
    with exclusive(), internals.reported_warnings() as messages:
        weasyprint.CSS(string=css, base_url=BASE, url_fetcher=PackFetcher(pack))
    for message in messages:
        if not _ELSEWHERE.match(message):
            yield _warning(_RULE.sub(r"\1", message), css, place)


def _warning(message: str, css: str, place: str) -> Diagnostic:
    at = _PLACE.search(message)
    line, column = (int(at[1]), int(at[2])) if at else (1, 1)
    message = _PLACE.sub("", message, count=1)
    selector = _SELECTOR.fullmatch(message)
    if selector:
        written = selector[1].encode().decode("unicode_escape").strip()
        # What stands in another rule begins with the selector of that.
        written = written if written in css else written.rpartition("\n")[2]
        start = max(0, css.find(written))
        line = css.count("\n", 0, start) + 1
        column = start - css.rfind("\n", 0, start)
        name = " ".join(written.split())
        said = f"the selector `{name}` is unknown or wrong, and its rule has no effect"
        return style_fault(css, Span(place, line, column, len(written.split("\n")[0])), said)
    declaration = _DECLARATION.fullmatch(message)
    if declaration is None:
        said = f"this has no effect: {message[:1].lower()}{message[1:].rstrip('.')}"
        return style_fault(css, Span(place, line, column), said)
    text, name, value, reason = declaration.groups()
    hints: tuple[str, ...] = ()
    if reason == "unknown property":
        hints = nearest(name, internals.PROPERTIES)
    elif _LENGTH.fullmatch(value):
        hints = (f"write a unit, such as `{value}pt`",)
    span = Span(place, line, column, len(text.split("\n")[0]))
    return style_fault(css, span, f"`{text}` has no effect: {reason}", *hints)
