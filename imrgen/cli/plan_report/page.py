"""The report's page.

It holds words and pages of cases, so it refers to nothing: its policy allows no address, and only
the style sheet and the script that it was written with.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from imrgen.batch import Change, Detail, Group
from imrgen.case import readable_text
from imrgen.cli.options import count_of

_HERE = Path(__file__).parent
_CONFIDENTIAL = (
    "This page shows words and pages of cases. It is as confidential as they are: do not publish "
    "it anywhere."
)
_KINDS = {
    "words": "words",
    "refused": "refused now",
    "made": "refused no longer",
    "findings": "findings",
    "style": "style, not set",
    "pages": "pages",
}


def report_page(summary: str, groups: Sequence[Group], details: Mapping[Change, Detail]) -> str:
    """Return the page.

    Args:
        summary: The counts in a sentence.
        groups: The changes, the most frequent first.
        details: An example of each, as far as there is one.
    """
    return "\n".join(_page(summary, groups, details)) + "\n"


def _page(summary: str, groups: Sequence[Group], details: Mapping[Change, Detail]) -> Iterator[str]:
    style, script = (
        readable_text((_HERE / f"report.{suffix}").read_bytes()) for suffix in ("css", "js")
    )
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_text(policy)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">'
    yield "<title>What changes in the letters</title>"
    yield f"<style>{style}</style>\n</head>\n<body>\n<header>\n<h1>What changes in the letters</h1>"
    yield f'<p id="summary">{_text(summary)}</p>\n<p id="confidential">{_CONFIDENTIAL}</p>'
    yield from _filter(groups)
    yield "</header>\n<main>"
    for number, group in enumerate(groups):
        yield from _group(number, group, details.get(group.change))
    yield '<p id="none" hidden>No change fits this filter.</p>'
    if not groups:
        yield "<p>No letter changes.</p>"
    yield f"</main>\n<script>{script}</script>\n</body>\n</html>"


def _digest(text: str) -> str:
    """Return how the policy names a style sheet or a script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


def _filter(groups: Sequence[Group]) -> Iterator[str]:
    kinds: dict[str, str] = {group.change.kind: _KINDS[group.change.kind] for group in groups}
    files = {name: name for name in sorted({_template(group) for group in groups} - {""})}
    letters = {name: name for name in sorted({group.change.letter for group in groups})}
    yield '<form id="filter" role="search" hidden>'
    yield (
        '<label>Words <input type="search" id="words" autocomplete="off" '
        'placeholder="in changes and examples"></label>'
    )
    yield from _choice("kind", "Kind", kinds)
    yield from _choice("template", "Template", files)
    yield from _choice("letter", "Letter", letters)
    yield '<output id="count" for="words kind template letter"></output>'
    yield (
        '<p id="keys"><kbd>j</kbd> <kbd>k</kbd> next and previous change, <kbd>Enter</kbd> open '
        "and close, <kbd>/</kbd> words, <kbd>b</kbd> <kbd>a</kbd> <kbd>o</kbd> pages before, after "
        "and overlaid, <kbd>Esc</kbd> no filter</p>"
    )
    yield "</form>"


def _choice(name: str, label: str, options: Mapping[str, str]) -> Iterator[str]:
    yield f'<label>{label} <select id="{name}"><option value="">all</option>'
    for value, shown in options.items():
        yield f'<option value="{_text(value)}">{_text(shown)}</option>'
    yield "</select></label>"


def _template(group: Group) -> str:
    """Return the template that has made a change; empty if it is not known."""
    return group.change.place[0]


def _group(number: int, group: Group, detail: Detail | None) -> Iterator[str]:
    change = group.change
    is_open = " open" if number == 0 else ""
    yield (
        f'<details class="change" data-kind="{change.kind}" data-letter="{_text(change.letter)}" '
        f'data-template="{_text(_template(group))}"{is_open}>'
    )
    yield (
        f'<summary><span class="kind">{_KINDS[change.kind]}</span> '
        f'<span class="title">{_text(_title(group))}</span> '
        f'<span class="cases">{count_of(group.cases, "case")}</span></summary>'
    )
    yield '<div class="body">'
    if change.removed:
        yield f'<p class="line"><del>{_text(change.removed)}</del></p>'
    if change.added:
        yield f'<p class="line"><ins>{_text(change.added)}</ins></p>'
    if group.pages:
        yield f"<p>Pages: {_text(group.pages)}.</p>"
    yield (
        f'<p class="quiet">Letter <code>{_text(change.letter)}</code>, id '
        f"<code>{change.id}</code>; such as {_text(', '.join(group.examples))}</p>"
    )
    if detail is None:
        yield '<p class="quiet">There are too many changes to show an example of this one.</p>'
    else:
        yield from _example(number, group, detail)
    yield "</div>\n</details>"


def _title(group: Group) -> str:
    change = group.change
    if change.was or change.now:
        places = " → ".join(dict.fromkeys(filter(None, (change.was, change.now))))
        return places or change.letter
    return group.title


def _example(number: int, group: Group, detail: Detail) -> Iterator[str]:
    if detail.words:
        yield f"<h2>In {_text(group.examples[0])}</h2>"
    for words in detail.words:
        lost = f"<del>{_text(words.removed)}</del> " if words.removed else ""
        gained = f"<ins>{_text(words.added)}</ins> " if words.added else ""
        yield (f'<p class="words">… {_text(words.before)} {lost}{gained}{_text(words.after)} …</p>')
    for place, page in enumerate(detail.pages):
        name = f"p{number}-{place}"
        pictures = {"before": page.before, "after": page.after, "overlay": page.overlay}
        there = {view: content for view, content in pictures.items() if content}
        first = "overlay" if page.overlay else next(iter(there))
        yield f'<fieldset class="page"><legend>Page {page.number}</legend>'
        for view in there:
            checked = " checked" if view == first else ""
            radio = f'<input type="radio" name="{name}" value="{view}"{checked}>'
            yield f"<label>{radio} {_LABELS[view]}</label>"
        for view, content in there.items():
            encoded = base64.b64encode(content).decode("ascii")
            yield (
                f'<img class="{view}" alt="Page {page.number} {_VIEWS[view]}" '
                f'src="data:image/png;base64,{encoded}">'
            )
        yield "</fieldset>"
    if detail.left_out:
        yield f'<p class="quiet">{count_of(detail.left_out, "more page")} differ.</p>'


_LABELS = {"before": "before", "after": "after", "overlay": "overlay: was red, is blue"}
_VIEWS = {
    "before": "as it was",
    "after": "as it is",
    "overlay": "as it was, in red, over the page as it is, in blue",
}


def _text(text: str) -> str:
    return html.escape(text)
