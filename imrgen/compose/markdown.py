"""Markdown to safe HTML: narratives come out as typed, or are refused; nothing vanishes.

`imrgen.case` reads a narrative's blocks; here they become HTML. Most paragraphs hold no markup at
all; those that may go through `imrgen.compose.dialect`, which says what counts as markup within a
paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec
from markupsafe import Markup, escape

from imrgen.case import Block, List, Paragraph, Quote, read_blocks

_MARKED = re.compile(r"[*_\\|\[]")
"""A sign that could be markup within a paragraph."""
_INDENT = 2.0
"""What the pack `letter` indents lists by, and quotes on both sides, in ems."""


class Part(msgspec.Struct, frozen=True):
    """A part of a narrative as HTML.

    Attributes:
        is_paragraph: Whether it is a paragraph's content, not an element.
        html: The HTML.
    """

    is_paragraph: bool
    html: str


def to_html(text: str, lead: str = "") -> Markup:
    """Convert a narrative.

    Args:
        text: Markdown.
        lead: HTML that opens the first paragraph, such as a bold “Decision rationale:”.

    Raises:
        Fault: A part of the narrative would not be seen; it names the place in the text.
    """
    parts = _parts(read_blocks(text), f"{escape(lead)} " if lead else "")
    return Markup("\n".join(map(_element, parts)))  # noqa: S704 - everything is escaped


def plain_html(paragraph: Paragraph) -> str:
    """Convert a paragraph without markup: just what the parser makes, in a tenth of the time."""
    text = "".join(
        f"{line.text}\x0b" if line.ends_hard else f"{line.text}\n" for line in paragraph.lines
    )
    escaped = (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    )
    return escaped[:-1].replace("\x0b", "<br>\n")


def _element(part: Part) -> str:
    return f"<p>{part.html}</p>" if part.is_paragraph else part.html


def _parts(blocks: Iterable[Block], opening: str = "", indent: float = 0.0) -> list[Part]:
    """Convert blocks.

    Args:
        blocks: The blocks.
        opening: HTML that opens the first paragraph, or stands in one before another block.
        indent: What the lists and quotes around them are indented by, in ems.
    """
    parts = [part for block in blocks for part in _converted(block, indent)]
    if opening:
        if not parts or not parts[0].is_paragraph:
            parts.insert(0, Part(True, ""))
        parts[0] = Part(True, opening + parts[0].html)
    return parts


def _converted(block: Block, indent: float) -> Iterator[Part]:
    if isinstance(block, Paragraph):
        if any(_MARKED.search(line.text) for line in block.lines):
            from imrgen.compose.dialect import parsed  # markdown_it loads for 20 ms

            yield from parsed(block, indent)
        else:
            yield Part(True, plain_html(block))
    elif isinstance(block, Quote):
        inner = "\n".join(map(_element, _parts(block.blocks, indent=indent + 2 * _INDENT)))
        yield Part(False, f"<blockquote>\n{inner}\n</blockquote>")
    else:
        yield Part(False, _list_html(block, indent + _INDENT))


def _list_html(block: List, indent: float) -> str:
    """Convert a list; its markers are text, so that every format shows them as typed."""
    tag = "ol" if block.items[0].marker.places else "ul"
    items = []
    for item in block.items:
        opening = f'<span class="marker">{escape(item.marker.sign)}</span> '
        parts = _parts(item.blocks, opening, indent)
        if block.is_loose:
            inner = "".join(f"\n{_element(part)}" for part in parts) + "\n"
        else:
            inner = "\n".join(part.html for part in parts)
            inner += "" if parts[-1].is_paragraph else "\n"
        items.append(f"<li>{inner}</li>\n")
    return f'<{tag} role="list">\n{"".join(items)}</{tag}>'
