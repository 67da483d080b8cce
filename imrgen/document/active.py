"""What a browser would run, ask of a reader, or load on its own: no letter may have any of it.

A letter that runs something is not the same for two readers, and can send the case elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from imrgen.diagnostics import codes
from imrgen.document.addresses import LINKED_SCHEMES, scheme_of
from imrgen.document.faults import ConformanceFault, element_fault
from imrgen.document.parsing import FOREIGN_ATTRIBUTES, MATHML, SVG

_PROGRAMS = "applet bgsound embed frame frameset iframe object portal fencedframe script"
_CONDITIONAL = "noembed noframes noscript plaintext xmp"
_FIELDS = "button form input keygen output select textarea"
_PLAYED = "audio canvas video"
_ANIMATED = "animate animateColor animateMotion animateTransform discard handler listener set"
_REFUSED: dict[str, tuple[str, str]] = {
    name: (message, hint)
    for names, message, hint in (
        (_PROGRAMS, "is run or loaded by browsers, and a letter is only read", "leave it out"),
        (_CONDITIONAL, "is shown by some browsers only, or as other elements", "write its words"),
        (_FIELDS, "is a field to fill in, and a letter is not a form", "write words"),
        (_PLAYED, "is not shown alike by text, HTML and PDF", "write its words without it"),
        ("base", "changes where each link leads", "write whole addresses"),
        (f"{_ANIMATED} {_ANIMATED.lower()}", "changes what is read", "draw what it ends in"),
    )
    for local in names.split()
    # The parser of another program may put an element into another namespace than ours.
    for name in (local, f"{SVG}{local}", f"{MATHML}{local}")
}
"""Elements that a letter may not have, each with what is wrong with it and what to do."""
REFUSED_NAMES = frozenset(name for name in _REFUSED if name[0] != "{")
"""The names of these elements in HTML."""
_ATTRIBUTES = frozenset(("attributionsrc", "contenteditable", "ping", "shadowrootmode"))
_ADDRESSES = ("href", FOREIGN_ATTRIBUTES["xlink:href"], "xlink:href")
_DECLARATIONS = frozenset(("content-language", "content-type", "x-ua-compatible"))
"""What a `<meta http-equiv>` may say; anything else makes a browser do something."""


def active_faults(root: Element) -> Iterator[ConformanceFault]:
    """Find what a browser would run, load or send.

    Args:
        root: The root of a document's tree.
    """
    for number, element in enumerate(root.iter()):
        for message, hint in _of_element(element):
            yield element_fault(number, element, codes.ACTIVE_CONTENT, message, hint)


def is_refused(tag: object) -> bool:
    """Return whether a letter may not have an element at all, whatever its attributes."""
    return tag in _REFUSED


def is_link(tag: object) -> bool:
    """Return whether the address of an element is one that a reader may follow.

    That of `<link>` and of what an SVG is drawn of is fetched, and `references` knows it.
    """
    return tag != "link" and (tag == f"{SVG}a" or not str(tag).startswith(SVG))


def _of_element(element: Element) -> Iterator[tuple[str, str]]:
    tag = element.tag
    if tag in _REFUSED:
        yield _REFUSED[tag]
        return
    for name, value in element.attrib.items():
        if name[:2] == "on" or name in _ATTRIBUTES:
            yield "has an attribute that makes browsers do something", "leave the attribute out"
        elif name in _ADDRESSES and is_link(tag) and scheme_of(value) not in LINKED_SCHEMES:
            hint = "link to an address that begins with https:, http:, mailto: or tel:, or to #id"
            yield "links to something that is run or read from this machine", hint
        elif name == "http-equiv" and value.strip().lower() not in _DECLARATIONS:
            yield "makes browsers do something", "leave it out"
