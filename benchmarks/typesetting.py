"""A letter's HTML as Typst's markup: the same words, sizes, margins, header and footer."""

from __future__ import annotations

import json

from selectolax.lexbor import LexborHTMLParser, LexborNode

_SETTINGS = """\
#set document(title: {title}, date: datetime(year: 2016, month: 11, day: 29))
#set page(
  "us-letter", margin: 1in,
  header: align(right, text(font: "Source Sans Pro", size: 9pt, {running})),
  footer: context align(center, text(font: "Source Sans Pro", size: 9pt,
    "Page " + counter(page).display() + " of " + str(counter(page).final().first()))),
)
#set text(font: "Source Serif Pro", size: 11.5pt, lang: "en", region: "US", hyphenate: false)
#set par(leading: 0.65em, spacing: 1.2em)
#show heading: set text(size: 11.5pt)
#show heading: set block(above: 1.6em, below: 1.2em)
#show heading.where(level: 1): set align(center)
#show heading.where(level: 2): set text(weight: "regular")
"""


def to_typst(page: str) -> str:
    """Write the paragraphs, headings and tables of a letter as Typst's markup.

    Args:
        page: The letter's HTML.
    """
    tree = LexborHTMLParser(page)
    body = tree.body
    assert body is not None, "every HTML document has a body"
    title = tree.css_first("title")
    assert title is not None, "every letter has a title"
    running = body.attributes.get("data-running-header") or ""
    blocks = [_SETTINGS.format(title=_quoted(title.text()), running=_quoted(running))]
    for node in body.css("h1, h2, p, table"):
        if node.tag == "table":
            blocks.append(_table(node))
        elif node.tag == "p":
            blocks.append(_inline(node))
        else:
            blocks.append(f"#heading(level: {node.tag[1]})[{_inline(node)}]")
    return "\n\n".join(blocks)


def _inline(node: LexborNode) -> str:
    written = []
    for child in node.iter(include_text=True):
        if child.tag == "-text":
            written.append(f"#{_quoted(child.text())}")
        elif child.tag == "br":
            written.append("#linebreak()")
        else:
            inner = _inline(child)
            written.append(f"#strong[{inner}]" if child.tag in ("b", "strong") else inner)
    return ";".join(written) + (";" if written else "")


def _table(node: LexborNode) -> str:
    cells = []
    for cell in node.css("th, td"):
        span = f"colspan: {cell.attributes.get('colspan') or 1}"
        grey = ", fill: luma(85%)" if cell.tag == "th" else ""
        inner = f"*{_inline(cell)}*" if cell.tag == "th" else _inline(cell)
        cells.append(f"  table.cell({span}{grey})[{inner}],")
    return (
        '#[#set text(font: "Source Sans Pro", size: 10pt)\n#table(columns: (24%, 26%, 24%, 26%),\n'
        + "\n".join(cells)
        + "\n)]"
    )


def _quoted(text: str) -> str:
    return json.dumps(
        " ".join(text.split()) if not text.strip() else _squeezed(text), ensure_ascii=False
    )


def _squeezed(text: str) -> str:
    """Give white space as HTML shows it: one space for a run of it, also at the ends."""
    words = " ".join(text.split())
    return f"{' ' * text[0].isspace()}{words}{' ' * text[-1].isspace()}"
