"""HTML text parsed into a tree, by the algorithm that browsers use.

The tree is one of `xml.etree.ElementTree`, as WeasyPrint takes it: HTML elements have plain names,
those of SVG and MathML their namespace in front, and comments are comments.
"""

from typing import Any
from xml.etree.ElementTree import Comment, Element, SubElement

from selectolax.lexbor import LexborHTMLParser

SVG = "{http://www.w3.org/2000/svg}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
_XLINK, _XML, _XMLNS = (
    "{http://www.w3.org/1999/xlink}",
    "{http://www.w3.org/XML/1998/namespace}",
    "{http://www.w3.org/2000/xmlns/}",
)
FOREIGN_ATTRIBUTES = {
    **{
        f"xlink:{name}": f"{_XLINK}{name}"
        for name in ("actuate", "arcrole", "href", "role", "show", "title", "type")
    },
    "xml:lang": f"{_XML}lang",
    "xml:space": f"{_XML}space",
    "xmlns": f"{_XMLNS}xmlns",
    "xmlns:xlink": f"{_XMLNS}xlink",
}
"""Attributes that have a namespace where they stand on an element of SVG or MathML."""
_HTML_INSIDE = frozenset(
    [f"{SVG}{name}" for name in ("foreignObject", "desc", "title")]
    + [f"{MATHML}{name}" for name in ("mi", "mo", "mn", "ms", "mtext")]
)
"""Elements of SVG and MathML whose content is HTML again."""
_FOREIGN_ROOTS = {"svg": SVG, "math": MATHML}


def parse_html(markup: str) -> Element:
    """Return the root of the tree of an HTML document."""
    top: Any = LexborHTMLParser(markup).root
    assert top is not None, "every HTML document has a root"
    root = Element("html", _attributes(top))
    pairs = [(top, root)]
    for node, element in pairs:
        child = (node.template_fragments()[0] if element.tag == "template" else node).child
        in_html = element.tag[0] != "{"
        last: Element | None = None
        while child is not None:
            tag = child.tag
            if tag == "-text":
                if last is None:
                    element.text = (element.text or "") + child.text_content
                else:
                    last.tail = (last.tail or "") + child.text_content
            elif tag is None or tag == "-comment":
                # A processing instruction is a comment in HTML.
                written = child.html
                comment: Any = Comment(written[1:-1] if tag is None else written[4:-3])
                element.append(comment)
                last = comment
            else:
                space = "" if in_html and tag not in _FOREIGN_ROOTS else _namespace(element, tag)
                last = SubElement(element, space + tag, _attributes(child, space))
                pairs.append((child, last))
            child = child.next
    return root


def _attributes(node: Any, namespace: str = "") -> dict[str, str]:
    found = {name: value or "" for name, value in node.attributes.items()}
    if namespace:
        return {FOREIGN_ATTRIBUTES.get(name, name): value for name, value in found.items()}
    return found


def _namespace(parent: Element, tag: str) -> str:
    """Return the namespace of an element, which the parser knows and does not tell."""
    is_annotation = parent.tag == f"{MATHML}annotation-xml"
    if parent.tag[0] != "{" or parent.tag in _HTML_INSIDE or (is_annotation and tag == "svg"):
        return _FOREIGN_ROOTS.get(tag, "")
    if is_annotation and parent.get("encoding", "").lower() in (
        "text/html",
        "application/xhtml+xml",
    ):
        return _FOREIGN_ROOTS.get(tag, "")
    return parent.tag[: parent.tag.index("}") + 1]
