"""What of a style sheet Typst cannot set, with its place, whether or not a letter asks for it."""

from collections.abc import Iterator

import msgspec

from imrgen.diagnostics import Diagnostic, Span, codes
from imrgen.document import style_fault
from imrgen.export.pdf.typst.sheets import Sheet


def style_warnings(css: str, place: str) -> Iterator[Diagnostic]:
    """Find what Typst cannot set.

    Args:
        css: The style sheet.
        place: Its file.
    """
    css = css.replace("\r\n", "\n").replace("\r", "\n")
    for lacking in dict.fromkeys(Sheet([css]).all_unsupported()):
        span = Span(place, lacking.line, lacking.column, len(lacking.text.rstrip("…")))
        message = f"Typst cannot set `{lacking.text}`, and refuses a letter for which it counts"
        found = style_fault(css, span, message)
        yield msgspec.structs.replace(found, code=codes.NOT_OF_ENGINE)
