"""The files that a document or a style sheet refers to: inlined, or refused.

Whatever a browser or WeasyPrint would fetch is either made a part of the document, so that all
formats show it, or is a fault. `_INLINED` and `_FETCHED` decide, and nothing is left to be fetched.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring

import msgspec

from imrgen.diagnostics import Diagnostic, Excerpt, PackError, Span, codes
from imrgen.document.active import is_link, is_refused
from imrgen.document.addresses import LINKED_SCHEMES, scheme_of
from imrgen.document.faults import ConformanceFault, element_fault
from imrgen.document.parsing import FOREIGN_ATTRIBUTES, SVG

_XLINK_HREF = FOREIGN_ATTRIBUTES["xlink:href"]
_INLINED = frozenset((("img", "src"), (f"{SVG}image", "href"), (f"{SVG}image", _XLINK_HREF)))
"""Elements and attributes that name an image of the pack."""
_FETCHED_NAMES = """
altimg background dynsrc imagesrcset lowsrc manifest poster src srcdoc srcset
"""
_FETCHED = frozenset(_FETCHED_NAMES.split())
"""Attributes by which some program would fetch something for any other element."""
_LINKED_NAMES = """
alternate attachment author bookmark canonical help license me prev privacy-policy search tag
terms-of-service
"""
_LINKED = frozenset(_LINKED_NAMES.split())
"""What a `<link>` may say of another document; browsers fetch nothing for it."""
_CSS_FUNCTIONS = frozenset(
    ("cross-fade", "-webkit-cross-fade", "image", "image-set", "-webkit-image-set", "src")
)
_CSS_WORDS = ("url", "import", "image", "cross-fade", "src", "\\")
"""Without one of these a style sheet refers to nothing; reading it takes longer than a letter."""

_REDACTED = "a file cannot be part of the letter"
"""The message where the file's name, which the full one may quote, may be a value of the case."""
_AS_IMAGE = 'show an image of the pack by <img src="…" alt="…">'
_IN_SVG = "write what it shows into the <svg> itself"


class _Reference(msgspec.Struct, frozen=True):
    """A file that is referred to.

    Args:
        name: The file, as written.
        hint: For a way of referring to files that is refused, what to do instead.
        line: The line of a style sheet where it stands, from 1.
        column: The column there, from 1.
    """

    name: str
    hint: str = ""
    line: int = 0
    column: int = 0


def find_files(
    root: Element, inline: Callable[[str], str]
) -> tuple[dict[str, str], list[ConformanceFault]]:
    """Read the files that a document refers to.

    Args:
        root: The root of its tree.
        inline: Returns a file of the pack as a `data:` URL, or raises a `PackError`.

    Returns:
        The files by the names that the document uses, and what of it cannot be used.
    """
    files: dict[str, str] = {}
    faults: list[ConformanceFault] = []
    for number, element in enumerate(root.iter()):
        for reference in _of_element(element):
            problem = _read(reference, files, inline)
            if problem is not None:
                faults.append(element_fault(number, element, *problem, _REDACTED))
    return files, faults


def self_contained(css: str, place: str, inline: Callable[[str], str]) -> str:
    """Return a style sheet with the files that it refers to.

    Args:
        css: The style sheet.
        place: Its file.
        inline: Returns a file of the pack as a `data:` URL, or raises a `PackError`.

    Raises:
        PackError: It refers to what cannot be used; with every such place.
    """
    files: dict[str, str] = {}
    faults: list[Diagnostic] = []
    for reference in _of_css(css):
        problem = _read(reference, files, inline)
        if problem is not None:
            code, message, hint = problem
            message = f"the style sheet {message}"
            span = Span(place, reference.line, reference.column)
            excerpt = Excerpt.of(css.split("\n")[span.line - 1], span)
            faults.append(Diagnostic(code, message, span=span, excerpt=excerpt, hints=(hint,)))
    if faults:
        raise PackError(faults)
    return inline_css(css, files)


def _read(
    reference: _Reference, files: dict[str, str], inline: Callable[[str], str]
) -> tuple[str, str, str] | None:
    """Add a file that is referred to; return code, message and hint where it cannot be used."""
    name = reference.name
    hint = reference.hint
    if _is_foreign(name):
        return (
            codes.FOREIGN_FILE,
            "asks for a file, and a letter may use only the pack's own files",
            hint or _AS_IMAGE,
        )
    if hint:
        return codes.FILE_NOT_SHARED, "refers to a file in a way that not every format shows", hint
    if name not in files:
        try:
            files[name] = inline(name)
        except PackError as error:
            (fault,) = error.diagnostics
            hint = "; ".join(fault.hints) or "add the file to the pack, or correct its name"
            span = fault.span
            place = f"{span.file}:{span.line}:{span.column}: " if span else ""
            return (
                fault.code,
                f"refers to a file that cannot be shown: {place}{fault.message}",
                hint,
            )
    return None


def is_self_contained(svg: bytes) -> bool:
    """Return whether an SVG file is one that browsers show, and needs no other file.

    Browsers fetch nothing for an image; WeasyPrint would.
    """
    try:
        root = fromstring(svg)  # noqa: S314 - a file of the pack, and Expat bounds its entities
    except ParseError:
        return False
    references = (found for element in root.iter() for found in _of_element(element))
    return root.tag == f"{SVG}svg" and not any(
        found.hint or not found.name.startswith("data:") for found in references
    )


def inline_files(root: Element, files: Mapping[str, str]) -> None:
    """Replace in a tree the names of files by the files themselves.

    Args:
        root: The root.
        files: The files by name.
    """
    for element in root.iter() if files else ():
        for name, value in element.attrib.items():
            if (element.tag, name) in _INLINED:
                element.set(name, files.get(value, value))
            elif name == "style":
                element.set(name, inline_css(value, files))
        if element.tag == "style" and element.text:
            element.text = inline_css(element.text, files)


def _of_element(element: Element) -> Iterator[_Reference]:
    tag = str(element.tag)
    if is_refused(tag):
        return
    # Browsers and WeasyPrint differ in which files they paint, fill and mask the parts of an SVG
    # with.
    hint = _IN_SVG if tag.startswith(SVG) else ""
    for name, value in element.attrib.items():
        if (tag, name) in _INLINED:
            yield _Reference(value)
        elif name in _FETCHED:
            yield _Reference(value, _AS_IMAGE)
        elif name in ("href", _XLINK_HREF):
            yield from _of_link(element, tag, value)
        elif name == "style" or (tag.startswith(SVG) and "(" in value):
            yield from _of_css(value, hint)
    if tag in ("style", f"{SVG}style") and element.text:
        yield from _of_css(element.text, hint)


def _of_link(element: Element, tag: str, address: str) -> Iterator[_Reference]:
    if is_link(tag):
        if address and not address.startswith("#") and not scheme_of(address):
            yield _Reference(address, "write the whole address of a website, or #id")
    elif tag == "link":
        kinds = set((element.get("rel") or "").lower().split())
        if not kinds <= _LINKED or scheme_of(address) not in LINKED_SCHEMES:
            yield _Reference(address, "list a style sheet under `styles` in pack.toml")
    elif tag.startswith(SVG) and not address.startswith("#"):
        yield _Reference(address, _IN_SVG)


def inline_css(css: str, files: Mapping[str, str]) -> str:
    """Replace in a style sheet the names of files by the files themselves.

    Args:
        css: The style sheet, or the value of a `style` attribute.
        files: The files by name.
    """
    if not files or not any(word in css.lower() for word in _CSS_WORDS):
        return css
    import tinycss2

    nodes = tinycss2.parse_component_value_list(css)
    for node in _nodes(nodes):
        address = _address(node)
        if address is not None and address.value in files:
            data = f'"{files[address.value]}"'
            if address is node:
                node.representation = f"url({data})"
            else:
                # WeasyPrint passes over a url() with white space in it.
                address.representation, node.arguments = data, [address]
    written: str = tinycss2.serialize(nodes)
    return written


def _of_css(css: str, hint: str = "") -> Iterator[_Reference]:
    lower = css.lower()
    if not any(word in lower for word in _CSS_WORDS):
        return
    import tinycss2  # its import takes longer than the letters that need it

    for node in _nodes(tinycss2.parse_component_value_list(css)):
        place = node.source_line, node.source_column
        address = _address(node)
        if address is not None and not address.value.startswith("#"):
            # Programs that draw embed fonts in an SVG so.
            is_data = address.value.startswith("data:")
            yield _Reference(address.value, "" if is_data else hint, *place)
        if _is_set_of_images(node):
            yield _Reference("", "name the image by url() alone", *place)
        elif _is_import(node):
            yield _Reference("", "list a style sheet under `styles` in pack.toml", *place)


def _nodes(nodes: Iterable[Any]) -> Iterator[Any]:
    """Yield each node, but not the addresses of what is refused as a whole."""
    is_imported = False
    for node in nodes:
        if is_imported and node.type in ("string", "url", "function"):
            is_imported = False
            continue
        if node.type not in ("whitespace", "comment"):
            is_imported = _is_import(node)
        yield node
        if not _is_set_of_images(node):
            inner = getattr(node, "arguments", None) or getattr(node, "content", None)
            yield from _nodes(inner or ())


def _is_import(node: Any) -> bool:
    return bool(node.type == "at-keyword" and node.lower_value == "import")


def _is_set_of_images(node: Any) -> bool:
    return bool(node.type == "function" and node.lower_name in _CSS_FUNCTIONS)


def _address(node: Any) -> Any:
    """Return the token that holds the address where a node is a `url()`; else `None`."""
    if node.type == "function" and node.lower_name == "url":
        return next((each for each in node.arguments if each.type == "string"), None)
    return node if node.type == "url" else None


def _is_foreign(address: str) -> bool:
    if address.startswith("data:") and ";base64," in address:
        return False
    return bool(scheme_of(address)) or address.startswith(("/", "\\"))
