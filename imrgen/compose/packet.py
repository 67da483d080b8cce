"""Several letters as one document: the letters are cut out of their frames, and set in another."""

from __future__ import annotations

import msgspec
from markupsafe import Markup

from imrgen.compose.environment import Sandbox
from imrgen.diagnostics import PackError, codes
from imrgen.document import parse_html
from imrgen.document.positions import tokens
from imrgen.pack import LetterSpec, TemplatePack

_KEPT = frozenset({"title", "meta"})
"""What a letter's `<head>` may hold: the packet has its own."""
_ATTRIBUTES = frozenset(
    {"class", "dir", "lang", "xmlns", "data-running-header", "data-running-title"}
)
"""The attributes of `<html>` and `<body>` that a part keeps."""


class Part(msgspec.Struct, frozen=True):
    """A letter of a packet, as the template of the packet's frame sees it.

    Args:
        name: The letter's name in the pack.
        title: Its title.
        language: Its language, as a BCP 47 tag.
        direction: In which direction it is read, as `dir` says it; empty for left to right.
        classes: The classes of its `<body>`, by spaces.
        running_header: What stands at the top of its pages; empty for nothing.
        running_title: What stands there at the left; empty for nothing.
        body: What its `<body>` contains.
    """

    name: str
    title: str
    language: str
    direction: str
    classes: str
    running_header: str
    running_title: str
    body: Markup


def part_of(
    name: str, spec: LetterSpec, markup: str, environment: Sandbox, pack: TemplatePack
) -> Part:
    """Cut a letter out of its frame.

    Args:
        name: The letter's name.
        spec: Its entry in the manifest.
        markup: The document that its template wrote.
        environment: The environment that rendered it.
        pack: The pack.

    Raises:
        PackError: Something of the letter would be lost.
    """
    start = end = None
    for token in tokens(markup):
        if token.tag == "body" and start is None:
            start = token.end
        elif token.kind == "other" and markup[token.start : token.end].lower().startswith("</body"):
            end = token.start
    root = parse_html(markup)
    body = root.find("body")
    assert body is not None, "every HTML document has a body"
    lost = [
        f"<{each.tag}> in its <head>" for each in root.iterfind("head/*") if each.tag not in _KEPT
    ]
    lost += [
        f"the attribute `{attribute}` on its <{element.tag}>"
        for element in (root, body)
        for attribute in element.attrib
        if attribute not in _ATTRIBUTES
    ]
    if start is None or end is None or lost:
        reason = f"has {lost[0]}" if lost else "has no <body> and </body>"
        raise PackError.of(
            codes.PART_UNUSABLE,
            f"pack `{pack.name}`: the template `{spec.file}` of the letter `{name}`, which is a "
            f"part of a packet, {reason}",
            "extend `letter.html`, and name style sheets in `styles` of the manifest",
        )
    return Part(
        name,
        spec.title,
        body.get("lang") or root.get("lang") or pack.language,
        body.get("dir") or root.get("dir") or "",
        " ".join(filter(None, (root.get("class"), body.get("class")))),
        body.get("data-running-header") or "",
        body.get("data-running-title") or "",
        environment.cut(markup, start, end),
    )
