"""The features under `fixtures/features`: what a template may use, each as a letter of its own.

A file there holds snippets of HTML, each under a comment that gives its title: `<!-- feature: a
loose list -->`. A `<style>` that opens a snippet is the style sheet of its pack. A second comment,
`<!-- refused: … -->`, marks what cannot be set as an accessible and archival PDF: it says what the
author should be told, and the element of class `fault` where; there is none where WeasyPrint does
not say what it cannot set.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from imrgen import Renderer
from tests.conftest import ROOT

FOLDER = ROOT / "fixtures" / "features"
TEMPLATE = "feature.html"

_TITLE = re.compile(r"^<!-- feature: (.*) -->\n", re.MULTILINE)
_REFUSED = re.compile(r"<!-- refused: (.*) -->\n")
_STYLE = re.compile(r"<style>\n?(.*?)</style>\n", re.DOTALL)
_MANIFEST = """\
name = "feature"
title = "One feature"
version = "1.0.0"
extends = "features"
styles = ["feature.css"]
[letters.determination]
title = "Feature"
template = "feature.html"
"""


class Feature(NamedTuple):
    """A snippet.

    Args:
        title: What it shows.
        css: Its style sheet.
        template: Its template, which extends the frame of every letter.
        refused: What the author is told; empty for a feature that can be set.
    """

    title: str
    css: str
    template: str
    refused: str

    def renderer(self, folder: Path) -> Renderer:
        """Give a renderer of a pack that makes this letter alone.

        By way of `features` the pack extends `letter`.

        Args:
            folder: Where the pack is written.
        """
        (folder / "pack.toml").write_text(_MANIFEST, encoding="utf-8")
        (folder / "feature.css").write_text(self.css, encoding="utf-8")
        (folder / TEMPLATE).write_text(self.template, encoding="utf-8")
        return Renderer(templates=[folder, FOLDER])

    @property
    def fault(self) -> tuple[int, str]:
        """The line of the element that is refused, and its name."""
        for number, line in enumerate(self.template.splitlines(), 1):
            if found := re.search(r'<(\w+) class="fault"', line):
                return number, found[1]
        raise LookupError(f"no element of “{self.title}” has the class `fault`")


def features() -> Iterator[Feature]:
    """Read all features."""
    for path in sorted(FOLDER.glob("*.html")):
        _, *parts = _TITLE.split(path.read_text(encoding="utf-8"))
        for title, text in zip(parts[::2], parts[1::2], strict=True):
            refused, text = _taken(_REFUSED, text)
            css, text = _taken(_STYLE, text)
            template = (
                f'{{% extends "letter.html" %}}\n{{% block main %}}\n{text}{{% endblock %}}\n'
            )
            yield Feature(title, css, template, refused)


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    found = pattern.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)
