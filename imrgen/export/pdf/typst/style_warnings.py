"""What of a style sheet Typst cannot set, with its place, whether or not a letter asks for it."""

import contextlib
from collections.abc import Iterator
from typing import Any

import msgspec
import tinycss2

from imrgen.diagnostics import Diagnostic, Span, codes
from imrgen.document import style_fault
from imrgen.export.pdf.typst.properties import expand
from imrgen.export.pdf.typst.sheets import Sheet
from imrgen.export.pdf.typst.values import UnknownValueError, meaningful
from imrgen.pack import TemplatePack

_OF_FONTS = ("font", "font-family", "font-style")


def style_warnings(css: str, place: str, pack: TemplatePack) -> Iterator[Diagnostic]:
    """Find what Typst cannot set.

    Args:
        css: The style sheet.
        place: Its file.
        pack: Its pack.
    """
    css = css.replace("\r\n", "\n").replace("\r", "\n")
    families = [font.family for font in pack.fonts]
    sheets = [pack.require(name).text for name in pack.styles]
    for lacking in dict.fromkeys(Sheet([css], families, sheets).all_unsupported()):
        span = Span(place, lacking.line, lacking.column, len(lacking.text.rstrip("…")))
        message = f"Typst cannot set `{lacking.text}`, and refuses a letter for which it counts"
        yield _warning(css, span, message)
    slanted = {font.family.lower() for font in pack.fonts if font.style == "italic"}
    upright = {font.family.lower(): font.family for font in pack.fonts}
    for node, named in _italic(tinycss2.parse_stylesheet(css, True, True)):
        family = next((each.lower() for each in named if each.lower() in upright), None)
        if family is not None and family not in slanted:
            span = Span(place, node.source_line, node.source_column, len(node.name))
            message = f"the pack has no italic font `{upright[family]}`, and Typst slants none"
            yield _warning(css, span, message)


def _warning(css: str, span: Span, message: str) -> Diagnostic:
    return msgspec.structs.replace(style_fault(css, span, message), code=codes.NOT_OF_ENGINE)


def _italic(nodes: list[Any]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield each declaration that asks for italic letters, with the fonts that its rule names."""
    for node in nodes:
        if node.type == "at-rule" and node.lower_at_keyword == "media" and node.content:
            yield from _italic(tinycss2.parse_rule_list(node.content, True, True))
        if node.type != "qualified-rule":
            continue
        values: dict[str, Any] = {}
        asked = None
        for part in tinycss2.parse_blocks_contents(node.content, True, True):
            if part.type != "declaration" or part.lower_name not in _OF_FONTS:
                continue
            with contextlib.suppress(UnknownValueError):
                own = dict(expand(part.lower_name, meaningful(part.value)))
                asked = part if own.get("font-style") in ("italic", "oblique") else asked
                values.update(own)
        if asked is not None and values["font-style"] in ("italic", "oblique"):
            yield asked, values.get("font-family") or ()
