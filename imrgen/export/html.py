"""The document written as one self-contained HTML file.

The file is written from the tree, as the HTML standard serializes one; the parser reads the same
tree from it again.
"""

import copy
import re
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from imrgen.document import FOREIGN_ATTRIBUTES, Document
from imrgen.export.draft import marked_tree
from imrgen.export.seal import DRAFT, META_NAME, provenance_json

_VOID_NAMES = """
area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr
"""
_VOID = frozenset(_VOID_NAMES.split())
_LINE_BREAK_LOST = frozenset(("listing", "pre", "textarea"))
"""Elements at whose start the parser drops a line break."""
_SPACES = " \t\n\r\f"
_ATTRIBUTES = {name: written for written, name in FOREIGN_ATTRIBUTES.items()}
_ATTRIBUTES[FOREIGN_ATTRIBUTES["xmlns"]] = "xmlns"


POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
"""The Content Security Policy of a letter: it runs nothing, and fetches nothing."""
_TAG_IN_CSS = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)


def to_html(document: Document, provenance: Mapping[str, Any], faces: str = "") -> str:
    """Write a letter as an HTML file, its seal not yet filled in; mark a draft.

    Args:
        document: The letter.
        provenance: What it was made of.
        faces: `@font-face` rules that bring the pack's fonts along; without them a reader's own
            serif is used.
    """
    meta = Element("meta", {"name": META_NAME, "content": provenance_json(provenance)})
    tree = marked_tree(document.tree) if DRAFT in provenance else document.tree
    return to_page(tree, faces + document.css, meta)


def to_page(root: Element, css: str, *more: Element) -> str:
    """Write a tree as an HTML file.

    Args:
        root: Its root.
        css: Its style sheet.
        more: Elements for the head.
    """
    root = copy.deepcopy(root)
    head = root.find("head")
    assert head is not None, "every HTML document has a head"
    _declare_encoding(head)
    # In front of all that it is for.
    head.insert(0, Element("meta", {"http-equiv": "Content-Security-Policy", "content": POLICY}))
    for element in more:
        head.append(element)
        element.tail = "\n"
    style = SubElement(head, "style")
    style.text, style.tail = f"\n{css}", "\n"
    _break_lines(root)
    parts = ["<!doctype html>\n"]
    _write(root, parts)
    return "".join(parts)


def _declare_encoding(head: Element) -> None:
    """Declare in the head that the file is in UTF-8, whatever a template declares."""
    found = [
        meta
        for meta in head.iter("meta")
        if "charset" in meta.attrib or meta.get("http-equiv", "").lower() == "content-type"
    ]
    if not found:
        found = [Element("meta")]
        head[:0] = found
    for meta in found:
        meta.attrib.clear()
        meta.set("charset", "utf-8")


def _break_lines(root: Element) -> None:
    """Put line breaks where the parser drops white space, or moves it into the body."""
    root.text = "\n"
    body = root.find("body")
    if body is None:
        return
    body.tail = "\n"
    if len(body):
        body[-1].tail = (body[-1].tail or "").rstrip(_SPACES) + "\n"
    else:
        body.text = (body.text or "").rstrip(_SPACES) + "\n"


def _write(root: Element, parts: list[str]) -> None:
    waiting: list[Element | str] = [root]
    while waiting:
        element = waiting.pop()
        if isinstance(element, str):
            parts.append(element)
            continue
        if not isinstance(element.tag, str):
            parts.append(f"<!--{element.text or ''}-->")
            continue
        name = element.tag.rpartition("}")[2]
        attributes = "".join(
            f' {_ATTRIBUTES.get(key, key)}="{_quoted(value)}"'
            for key, value in element.attrib.items()
        )
        parts.append(f"<{name}{attributes}>")
        if element.tag in _VOID:
            continue
        text = element.text or ""
        if text.startswith("\n") and element.tag in _LINE_BREAK_LOST:
            parts.append("\n")
        # In a string of CSS the two are the same, and no program finds a tag there.
        parts.append(_TAG_IN_CSS.sub(r"\\3c ", text) if element.tag == "style" else _escaped(text))
        waiting.append(f"</{name}>")
        children = [*element]
        if element.tag == "table" and _is_body_implied(children):
            (body,) = children[-1:]
            waiting.append(_escaped(body.tail or ""))
            children[-1:] = body
        for child in reversed(children):
            waiting += [_escaped(child.tail), child] if child.tail else [child]


def _is_body_implied(parts: list[Element]) -> bool:
    """Return whether the parser would put the body around a table's rows by itself."""
    *before, body = parts or [Element("table")]
    return (
        body.tag == "tbody"
        and not (body.attrib or body.text)
        and len(body) > 0
        and body[0].tag == "tr"
        and all(part.tag in ("caption", "colgroup") for part in before)
    )


def _quoted(value: str) -> str:
    return _escaped(value).replace("'", "&#x27;")


def _escaped(text: str) -> str:
    # As `html.escape` does, whose call costs as much as the work on the short texts of a letter.
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;")
