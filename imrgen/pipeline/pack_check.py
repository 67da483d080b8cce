"""What is wrong with a pack, whatever the case."""

import msgspec

from imrgen.case import printable
from imrgen.compose import pack_faults
from imrgen.diagnostics import Diagnostic, Excerpt
from imrgen.document import style_attributes
from imrgen.export import find_style_warnings
from imrgen.pack import EngineName, TemplatePack
from imrgen.pipeline.renderer import unknown_checks


def check_pack(
    pack: TemplatePack, *, pages: bool = True, engine: EngineName | None = None
) -> tuple[Diagnostic, ...]:
    """Find what is wrong with a pack: errors stop a letter, warnings are for a person to look at.

    Args:
        pack: The pack.
        pages: Whether what sets PDFs reads the style sheets, which takes WeasyPrint half a second
            the first time.
        engine: What sets PDFs; `None` for what the pack says.

    Raises:
        LibraryError: A library is missing.
    """
    found = list(pack_faults(pack))
    unknown = unknown_checks(pack)
    found += unknown.diagnostics if unknown else ()
    for sheet in map(pack.require, pack.styles) if pages else ():
        found += find_style_warnings(sheet.text, sheet.place, pack, engine)
    for file in map(pack.require, pack.template_files()) if pages else ():
        css = style_attributes(file.text)
        warned = find_style_warnings(css, file.place, pack, engine) if css.strip() else ()
        for each in warned:
            found.append(_of_template(each, file.text))
    return tuple(sorted(map(_printable, found), key=_place))


def _of_template(diagnostic: Diagnostic, text: str) -> Diagnostic:
    """Return a diagnostic about a style attribute with the line of its template."""
    span = diagnostic.span
    lines = text.splitlines()
    excerpt = Excerpt.of(lines[span.line - 1], span) if span else None
    return msgspec.structs.replace(diagnostic, excerpt=excerpt)


def _printable(diagnostic: Diagnostic) -> Diagnostic:
    """Return a diagnostic whose file has a name that can be printed; any may be in a folder."""
    span = diagnostic.span
    if span is None:
        return diagnostic
    file = printable(span.file)
    hints = tuple(map(printable, diagnostic.hints))
    return msgspec.structs.replace(
        diagnostic, span=msgspec.structs.replace(span, file=file), hints=hints
    )


def _place(diagnostic: Diagnostic) -> tuple[str, int, int]:
    span = diagnostic.span
    return (span.file, span.line, span.column) if span else ("", 0, 0)
