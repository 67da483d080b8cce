"""Slips in a style sheet that CSS itself forgives: what is not closed, and unknown fonts."""

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from imrgen.diagnostics import Diagnostic, Excerpt, Span, codes, nearest

_CLOSERS = {"{} block": "}", "() block": ")", "[] block": "]", "function": ")"}
_SIZES = frozenset(
    ("xx-small", "x-small", "small", "medium", "large", "x-large", "xx-large", "smaller", "larger")
)
_STYLE = re.compile(r"""<[a-zA-Z][^<>{}]*?\sstyle\s*=\s*(["'])([^"'<>{}]*)\1""")
_WORDS = """
serif sans-serif monospace cursive fantasy system-ui math emoji inherit initial unset revert
"""
_GENERIC = frozenset(_WORDS.split())


def style_sheet_faults(css: str, place: str, families: Iterable[str]) -> Iterator[Diagnostic]:
    """Find what is not closed, and fonts that a pack does not have.

    A family that follows another is for browsers, and none is looked for in `@media screen`.

    Args:
        css: The style sheet.
        place: Its file.
        families: The families of the pack's fonts.
    """
    import tinycss2  # no letter needs it

    css = css.replace("\r\n", "\n").replace("\r", "\n")
    nodes = tinycss2.parse_component_value_list(css)
    for node in _unclosed(nodes, css):
        what = node.type.partition(" ")[0].replace("{}", "{").replace("()", "(").replace("[]", "[")
        what = {"function": "(", "comment": "/*"}.get(what, what)
        yield style_fault(
            css,
            Span(place, node.source_line, node.source_column, len(what)),
            f"`{what}` is not closed, and what follows is a part of it",
        )
    known = {family.lower(): family for family in families}
    for node, family in _families(nodes):
        if family.lower() not in known and family.lower() not in _GENERIC:
            yield style_fault(
                css,
                Span(place, node.source_line, node.source_column, len(family)),
                f"the pack has no font `{family}`, so the page is set in another",
                *nearest(family, known.values()),
            )


def style_attributes(template: str) -> str:
    """Return the style attributes of a template as a style sheet, each at its own place.

    Those that a template computes are left out.
    """
    sheet = [each if each == "\n" else " " for each in template]
    for found in _STYLE.finditer(template):
        start, end = found.span(2)
        sheet[start - 2 : end + 1] = f"*{{{found[2]}}}"
    return "".join(sheet)


def style_fault(css: str, span: Span, message: str, *hints: str) -> Diagnostic:
    """Return what is told of a place in a style sheet."""
    excerpt = Excerpt.of(css.split("\n")[span.line - 1], span)
    code = codes.STYLE_IGNORED
    return Diagnostic(code, message, "warning", span=span, excerpt=excerpt, hints=hints)


def _unclosed(nodes: list[Any], css: str) -> list[Any]:
    """Return the blocks, functions and comments that are open at the end, the outermost first."""
    opened: list[Any] = []
    while nodes:
        last = nodes[-1]
        if last.type == "comment" and not css.endswith("*/"):
            return [*opened, last]
        if last.type not in _CLOSERS:
            break
        opened.append(last)
        nodes = getattr(last, "content", None) or getattr(last, "arguments", None) or []
    end = css
    while opened and end.endswith(_CLOSERS[opened[-1].type]):
        end = end[:-1]
        opened.pop()
    return opened


def _families(nodes: list[Any]) -> Iterator[tuple[Any, str]]:
    """Yield the first family of each declaration of a font, with its node."""
    is_skipped = False
    for number, node in enumerate(nodes):
        if node.type == "at-keyword":
            words = itertools.takewhile(lambda each: each.type != "{} block", nodes[number:])
            names = {each.lower_value for each in words if each.type in ("ident", "at-keyword")}
            is_skipped = bool(names & {"screen", "font-face"})
        elif node.type == "{} block":
            if not is_skipped:
                yield from _families(node.content)
            is_skipped = False
        elif node.type == "ident" and node.lower_value in ("font", "font-family"):
            following = [each for each in nodes[number + 1 :] if each.type != "whitespace"]
            if following and following[0] == ":":
                value = list(itertools.takewhile(lambda each: each != ";", following[1:]))
                yield from _first_family(value, node.lower_value == "font")


def _first_family(value: list[Any], is_short: bool) -> Iterator[tuple[Any, str]]:
    first = list(itertools.takewhile(lambda each: each != ",", value))
    if is_short:
        sizes = [
            number
            for number, each in enumerate(first)
            if each.type in ("dimension", "percentage", "number")
            or (each.type == "ident" and each.lower_value in _SIZES)
        ]
        first = first[sizes[-1] + 1 :] if sizes else []
    first = [each for each in first if each.type in ("string", "ident")]
    if first:
        yield first[0], " ".join(each.value for each in first)
