"""Invented blocks of letters, so many and so different that pages break at all of them.

Each is drawn by a generator of numbers with a seed, and so the same in each run.
"""

from __future__ import annotations

import random
from collections.abc import Callable

_WORDS = """
records show that the invented worker had some sessions of therapy and walked without a device at
the visit of that day while pain was rated six out of ten after activity
""".split()  # noqa: SIM905 - it is read more easily


def sentence(numbers: random.Random, most: int = 26) -> str:
    """Return a sentence of at most so many words."""
    text = " ".join(numbers.choice(_WORDS) for _ in range(numbers.randint(5, most)))
    return f"{text[0].upper()}{text[1:]}."


def _sentences(numbers: random.Random, *counts: int) -> str:
    return " ".join(sentence(numbers) for _ in range(numbers.choice(counts)))


# In Markdown


def narrative(numbers: random.Random) -> str:
    """Return paragraphs, lists, tables and quotes, most of them behind a sentence that leads in."""
    parts = []
    for _ in range(numbers.choice((1, 2, 3, 5, 9))):
        kind = numbers.choice((None, None, None, _list, _list, _table, _quote))
        lead = _sentences(numbers, 1, 2, 5) if kind else _sentences(numbers, 1, 1, 2, 4, 8, 14)
        parts.append(lead[:-1] + ":" if kind and numbers.random() < 0.7 else lead)
        if kind:
            parts.append(kind(numbers))
    return "\n\n".join([*parts, _sentences(numbers, 1, 3, 6)])


def _list(numbers: random.Random, is_outer: bool = True) -> str:
    is_ordered = numbers.random() < 0.5
    found = []
    for number in range(numbers.choice((2, 3, 4, 5, 8, 12))):
        marker = f"{number + 1}. " if is_ordered else "- "
        found.append(marker + _sentences(numbers, 1, 1, 1, 2, 4))
        room = " " * len(marker)
        if is_outer and numbers.random() < 0.2:
            found += [room + line for line in _list(numbers, False).split("\n")]
        elif numbers.random() < 0.15:
            found.append(f"\n{room}{_sentences(numbers, 1, 3)}\n")
    return "\n".join(found)


def _table(numbers: random.Random) -> str:
    columns = numbers.choice((2, 3, 4))
    rows = [[f"Head {number}" for number in range(columns)], ["---"] * columns]
    for _ in range(numbers.choice((2, 4, 8, 20))):
        rows.append([_cell(numbers, (1, 2, 6, 18)) for _ in range(columns)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(numbers: random.Random, counts: tuple[int, ...]) -> str:
    return " ".join(numbers.choice(_WORDS) for _ in range(numbers.choice(counts)))


def _quote(numbers: random.Random) -> str:
    paragraphs = [_sentences(numbers, 1, 3, 6) for _ in range(numbers.choice((1, 1, 2)))]
    return "\n>\n".join(f"> {each}" for each in paragraphs)


# In HTML

STYLE = """\
@page { size: 4in 5in; margin: 0.5in }
@page { @top-left { content: none } @top-right { content: none } @bottom-center { content: none } }
html { font-size: 9pt }
p { margin: 0 0 0.6em }
.kept, li.kept { break-inside: avoid }
.boxed { border: 1pt solid black; padding: 3pt; margin: 0 0 0.6em }
.lead { break-after: avoid }
.end { break-before: avoid }
.signature { width: 150pt; height: 40pt; break-inside: avoid; break-before: avoid }
caption { break-after: avoid }
.loose tr { break-inside: auto }
"""
"""The style sheet of these blocks: pages so small that there are many of them."""
ROOM = (36.0, 324.0)
"""Where its pages have room for words, from the head to the foot, in points from above."""


def blocks(numbers: random.Random, count: int, kinds: tuple[str, ...] = ()) -> str:
    """Return blocks of a letter.

    Args:
        numbers: Draws what they are.
        count: How many.
        kinds: The names of their kinds; none for all.
    """
    found = []
    for number in range(count):
        kind = numbers.choice(kinds or tuple(_KINDS))
        found.append(_KINDS[kind](numbers).replace("{number}", str(number)))
    return "\n".join(found)


def _p(numbers: random.Random, kind: str = "") -> str:
    text = " ".join(sentence(numbers, 10) for _ in range(numbers.randint(1, 9)))
    return f'<p class="{kind}">{text}</p>' if kind else f"<p>{text}</p>"


def _items(numbers: random.Random, is_outer: bool = True) -> str:
    found = []
    for _ in range(numbers.randint(2, 7)):
        text = " ".join(sentence(numbers, 10) for _ in range(numbers.choice((1, 1, 2, 4))))
        text += _items(numbers, False) if is_outer and numbers.random() < 0.2 else ""
        text = f"<p>{text}</p>{_p(numbers)}" if numbers.random() < 0.2 and "<" not in text else text
        found.append(f"<li{numbers.choice(('', '', ' class=kept'))}>{text}</li>")
    name = numbers.choice(("ul", "ol"))
    return f"<{name}>{''.join(found)}</{name}>".replace("=kept", '="kept"')


def _rows(numbers: random.Random, has_caption: bool = False) -> str:
    columns = numbers.choice((2, 3))
    is_loose = numbers.random() < 0.3
    caption = f"<caption>{sentence(numbers, 7)}</caption>" if has_caption else ""
    head = "".join(f'<th scope="col">Head {number}</th>' for number in range(columns))
    head = f"<thead><tr>{head}</tr></thead>" if numbers.random() < 0.7 else ""
    rows = ""
    for _ in range(numbers.choice((2, 4, 9, 16))):
        # Of a row that breaks, only the last cell may: it is read page by page.
        counts = [(1,) if is_loose else (1, 3, 12)] * (columns - 1)
        cells = [_cell(numbers, each) for each in [*counts, (1, 3, 12)]]
        rows += f"<tr>{''.join(f'<td>{each}</td>' for each in cells)}</tr>"
    kind = ' class="loose"' if is_loose else ""
    return f"<table{kind}>{caption}{head}<tbody>{rows}</tbody></table>"


def _any(numbers: random.Random) -> str:
    return numbers.choice((_p, _items, _rows))(numbers)


def _in(name: str, kind: str, numbers: random.Random) -> str:
    kind = f' class="{kind}"' if kind else ""
    return f"<{name}{kind}>{_p(numbers)}{_p(numbers)}</{name}>"


_HEADINGS = "<h1>A section</h1><h2>Below it, a heading that is so long that it takes two lines</h2>"
_SIGNATURE = '<div class="signature" data-signature="Signature of the reviewer {number}"></div>'
_KINDS: dict[str, Callable[[random.Random], str]] = {
    "paragraph": _p,
    "heading": lambda numbers: f"<h1>A heading</h1>{_any(numbers)}",
    "headings": lambda numbers: _HEADINGS + _any(numbers),
    "lead": lambda numbers: _p(numbers, "lead") + _any(numbers),
    "list": _items,
    "table": _rows,
    "table with a caption": lambda numbers: _p(numbers) + _rows(numbers, has_caption=True),
    "kept blocks": lambda numbers: _in("div", "kept", numbers),
    "box": lambda numbers: _in("div", "boxed", numbers),
    "kept box": lambda numbers: _in("div", "boxed kept", numbers),
    "quote": lambda numbers: _in("blockquote", "", numbers),
    "kept paragraph": lambda numbers: _p(numbers, "kept"),
    "paragraph and its end": lambda numbers: _p(numbers) + _p(numbers, "end"),
    "paragraph and its box": lambda numbers: _p(numbers) + _in("div", "boxed end", numbers),
    "paragraph and its notice": lambda numbers: _p(numbers) + _in("div", "end kept", numbers),
    "list and its end": lambda numbers: _items(numbers) + _p(numbers, "end"),
    "signature": lambda numbers: _p(numbers) + _SIGNATURE,
}
