"""What is wrong with a pack, whatever the case: every fault of its templates, and what is idle."""

import re
from collections.abc import Iterable, Iterator

import jinja2
import msgspec

from imrgen.case import Fault
from imrgen.compose.composer import Composer, prepare
from imrgen.compose.environment import Sandbox
from imrgen.compose.template_errors import template_error
from imrgen.compose.template_fields import LetterFields, impossible_anywhere, letter_fields
from imrgen.compose.template_text import TemplateText
from imrgen.diagnostics import Diagnostic, Excerpt, PackError, Span, codes, nearest
from imrgen.document import style_sheet_faults
from imrgen.pack import MANIFEST, Layer, LetterSpec, TemplatePack, read_manifest

_IMAGE = re.compile(r"""<img\b[^<>{}]*?\bsrc\s*=\s*(["']?)([^"'<>{}\s]+)\1""")
_DOTTED = re.compile(r"(?:[A-Za-z_]\w*\.)+\Z")
_USABLE = (".css", ".gif", ".html", ".jpeg", ".jpg", ".otf", ".png", ".svg", ".ttf", ".webp")
"""What a letter can be made of; a pack may have other files, such as a licence."""


def pack_faults(pack: TemplatePack) -> tuple[Diagnostic, ...]:
    """Find what is wrong with a pack, also in what no letter reaches.

    Args:
        pack: The pack.

    Returns:
        The errors, which stop a letter, and the warnings.
    """
    letters: dict[str, LetterSpec] = pack.merged("letters")
    any_letter = LetterSpec(title="Letter", template="")
    environment = prepare(pack, next(iter(letters.values()), any_letter))
    faults = [*_compile_all(pack, environment)]
    found, reached = impossible_anywhere(pack, environment)
    faults += [*found, *_missing_images(pack)]
    for sheet in map(pack.require, pack.styles):
        families = [font.family for font in pack.fonts]
        faults += style_sheet_faults(sheet.text, sheet.place, families)
    for letter in letters:
        try:
            Composer(pack, letter)
        except PackError as error:
            faults += error.diagnostics
        else:
            fields = letter_fields(pack.model, environment, pack.templates(letter))
            faults += _requirements(pack, letter, fields)
    if letters and reached is not None:
        faults += _unused(pack, reached)
    # A fault of a template is found by each letter that reaches it.
    unique = {(each.code, each.span, each.message): each for each in reversed(faults)}
    return tuple(reversed(unique.values()))


def _compile_all(pack: TemplatePack, environment: Sandbox) -> Iterator[Diagnostic]:
    for name in pack.template_files():
        try:
            environment.get_template(name)
        except jinja2.TemplateError as fault:
            yield from template_error(fault, pack, environment).diagnostics


def _missing_images(pack: TemplatePack) -> Iterator[Diagnostic]:
    """Find the images that templates name and the pack does not have."""
    for file in map(pack.require, pack.template_files()):
        text = file.text
        for image in _IMAGE.finditer(text):
            if ":" not in image[2] and pack.file(image[2]) is None:
                span = TemplateText(file.place, text).span(*image.span(2))
                yield Diagnostic(
                    codes.PACK_FILE_MISSING,
                    f"pack `{pack.name}` has no file `{image[2]}`",
                    span=span,
                    excerpt=_excerpt(span, text),
                    hints=pack.hints(image[2]),
                )


def _requirements(pack: TemplatePack, letter: str, fields: LetterFields) -> Iterator[Diagnostic]:
    """Compare what a letter requires with what it reads."""
    requires = pack.letter(letter).requires
    is_open = any(read.status == "unknown" for read in fields.reads)
    layer = next(
        layer for layer in pack.layers if layer.manifest and letter in layer.manifest.letters
    )
    for number, pattern in enumerate(requires):
        parts = (f"{pattern}.", f"{pattern}[]")
        is_read = fields.of(pattern) or any(read.pattern.startswith(parts) for read in fields.reads)
        if not is_open and not is_read:
            _, source = read_manifest(layer.files[MANIFEST])
            fault = Fault(
                codes.REQUIREMENT_UNCLEAR,
                f"the letter `{letter}` requires `{pattern}`, and none of its templates reads it",
                ("letters", letter, "requires", number),
                ("remove it",),
            )
            yield msgspec.structs.replace(source.diagnose(fault), severity="warning")
    if pack.letter(letter).letters:
        return  # what its parts print is checked with each of them
    for pattern, field in pack.model.patterns():
        printed = [read for read in fields.of(pattern) if read.is_printed and not read.is_whole]
        # What requires a field of a table requires the table.
        given = {each for each in _optional(pack, pattern) if _starts(requires, each)}
        needed = _optional(pack, pattern) - given - fields.asked
        if not printed or not needed or field.is_part:
            continue
        missing = min(needed, key=len)
        span = printed[0].span
        file = pack.at(span.file)
        asked = _asked(pattern, missing, span, file.text if file else "")
        yield Diagnostic(
            codes.REQUIREMENT_UNCLEAR,
            f"the letter `{letter}` prints `{pattern}`, and neither requires `{missing}` nor asks "
            "for it first",
            "warning",
            span=span,
            excerpt=_excerpt(span, file.text) if file else None,
            hints=(f"add it to `requires`, or ask: `{{% if {asked} is defined %}}`",),
        )


def _starts(patterns: Iterable[str], pattern: str) -> bool:
    """Return whether a field is one of several, or a table in which one of them stands."""
    return any(f"{each}.".startswith((f"{pattern}.", f"{pattern}[].")) for each in patterns)


def _optional(pack: TemplatePack, pattern: str) -> set[str]:
    """Return the fields on the way to a field, itself included, that a case may lack."""
    parts = pattern.split(".")
    prefixes = [".".join(parts[:number]) for number in range(1, len(parts) + 1)]
    fields = {prefix: pack.model.find(prefix) for prefix in prefixes}
    return {
        prefix
        for prefix, field in fields.items()
        # The outermost tables are always there, and so are lists.
        if field
        and not field.required
        and field.item is None
        and not (field.fields and "." not in prefix)
        and not prefix.endswith("[]")
    }


def _asked(pattern: str, missing: str, span: Span, text: str) -> str:
    """Return how a template asks for a field, by the names that it has for what is around it.

    Args:
        pattern: The field that the template prints.
        missing: The field to ask for: this one, or a table that it stands in.
        span: Where the template prints it.
        text: The template.
    """
    key = pattern.rpartition(".")[2]
    line = text.split("\n")[span.line - 1]
    written = _DOTTED.search(line[: span.column - 1])
    if written and line.startswith(key, span.column - 1):
        names = f"{written[0]}{key}".split(".")
        kept = len(names) - pattern.count(".") + missing.count(".")
        if kept > 0:
            return ".".join(names[:kept])
    owner, list_, field = missing.rpartition("[].")
    return f"{owner.rpartition('.')[2].removesuffix('s')}.{field}" if list_ else missing


def _unused(pack: TemplatePack, reached: frozenset[str]) -> Iterator[Diagnostic]:
    """Find the files of a pack, and of overlays, that no letter is made of."""
    sheets = {pack.require(name).place for name in pack.styles}
    named = [font.file for font in pack.fonts]
    if pack.organization is not None and pack.organization.logo is not None:
        named.append(pack.organization.logo)
    used = {*reached, *sheets, *(file.place for file in map(pack.file, named) if file)}
    texts = [
        file.text
        for layer in pack.layers
        for name, file in layer.files.items()
        if name.endswith((".css", ".html"))
    ]
    for layer in _own(pack):
        for name, file in sorted(layer.files.items()):
            is_text = name.endswith((".css", ".html"))
            is_named = not is_text and any(name.rpartition("/")[2] in text for text in texts)
            if name.endswith(_USABLE) and file.place not in used and not is_named:
                hints = nearest(name, {*pack.files()} - {name})
                message = f"no letter of pack `{pack.name}` uses this file"
                yield Diagnostic(
                    codes.PACK_FILE_UNUSED,
                    message,
                    "warning",
                    span=Span(file.place, 1, 1),
                    hints=hints or ("delete it, or use it in a template",),
                )


def _own(pack: TemplatePack) -> Iterator[Layer]:
    """Yield the overlays and the layer of the pack itself."""
    for layer in pack.layers:
        yield layer
        if layer.manifest:
            return


def _excerpt(span: Span, text: str) -> Excerpt:
    return Excerpt.of(text.split("\n")[span.line - 1], span)
