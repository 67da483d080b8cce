"""Words that stand where they cannot be read stop the letter, by what the finished PDF shows."""

from __future__ import annotations

from pathlib import Path

import pytest

import imrgen
from imrgen.export.pdf.layout import Layout
from tests.conftest import ROOT
from tests.features import Feature

STARTER = ROOT / "imrgen" / "starter.toml"
OFF = "IMR407", "stand off the page"
SIDE = "IMR407", "stand beyond the margins at the sides"
LOW = "IMR407", "stand in the margin above or below"
CELL = "IMR407", "go beyond their cell"
CUT = "IMR405", "are cut off"
TIGHT = "IMR438", "have letters over each other"
OVER = "IMR438", "stand over others"

WORDS = '<p class="x">Words</p>'
LONG = f'<div class="x"><p>{"word" * 14}</p></div>'
UNBROKEN = "p { white-space: nowrap; overflow-wrap: normal; }"
TABLE = """\
<table>
<tr><th scope="col">One</th><th scope="col">Two</th></tr>
<tr><td>wordwordwordwordwordwordwordwordwordword</td><td>{}</td></tr>
</table>
"""
CELLS = """\
table { border-collapse: collapse; table-layout: fixed; width: 4in; }
th, td { border: 1px solid black; white-space: nowrap; overflow-wrap: normal; }
"""
MISPLACED: dict[str, tuple[tuple[str, str], str, str]] = {
    "off the page at the left": (OFF, WORDS, ".x { margin-left: -3in; }"),
    "off the page at the foot": (OFF, WORDS, ".x { position: relative; top: 11in; }"),
    "off the page by a transform": (OFF, WORDS, ".x { transform: translateX(-4in); }"),
    "beyond the left margin": (SIDE, WORDS, ".x { margin-left: -0.5in; }"),
    "beyond the right margin": (SIDE, LONG, UNBROKEN + ".x { margin-left: 2.5in; }"),
    "beside a landscape page's margin": (
        SIDE,
        WORDS,
        "@page { size: letter landscape; } .x { position: relative; left: 8.7in; }",
    ),
    "below the bottom margin": (LOW, WORDS, ".x { position: relative; top: 9.05in; }"),
    "above the top margin": (LOW, WORDS, ".x { margin-top: -0.3in; }"),
    "over the running foot": (
        OVER,
        f'<p class="x">{"Words " * 12}</p>',
        ".x { position: relative; top: 9.42in; text-align: center; }",
    ),
    "over other words": (OVER, f"<p>Some words</p>{WORDS}", ".x { margin-top: -2em; }"),
    "over a word of its line": (
        OVER,
        '<p>Some <span class="x">others</span></p>',
        ".x { margin-left: -1.5em; }",
    ),
    "letters over each other": (
        TIGHT,
        '<p class="x">Several words</p>',
        ".x { letter-spacing: -0.3em; }",
    ),
    "over the words of the next cell": (OVER, TABLE.format("Three words here"), CELLS),
    "through the border of an empty cell": (CELL, TABLE.format(""), CELLS),
    "cut off at the side": (CUT, LONG, UNBROKEN + ".x { overflow: hidden; width: 2in; }"),
    "cut off at the foot": (
        CUT,
        '<div class="x"><p>Some words</p><p>and others</p></div>',
        ".x { overflow: hidden; height: 1.5em; }",
    ),
    "cut off by clip": (
        CUT,
        WORDS,
        ".x { position: absolute; clip: rect(0, 1em, 1em, 0); }",
    ),
}

READABLE: dict[str, tuple[str, str]] = {
    "lines set solid": (
        '<p>{% for _ in "_" * 60 %}ÅÜÉ{{ loop.index }}gjpqy {% endfor %}</p>',
        "p { line-height: 1; }",
    ),
    "signs above and below": (
        '<p>{% for _ in "_" * 60 %}H<sub>2</sub>O x<sup>{{ loop.index }}</sup> {% endfor %}</p>',
        "p { line-height: 1; }",
    ),
    "a tight headline": ("<h1>Illinois fifty</h1>", "h1 { letter-spacing: -0.03em; }"),
    "accents out of another font": ("<p>b a\u034f\u0361b a\u1dcdb a\u0211r\u0311</p>", ""),
    "ligatures": ("<p>fi fl ffi office fluff left</p>", ""),
    "italics at the end of a line": (
        f"<p>{'word ' * 40}</p>",
        "p { font-style: italic; text-align: right; }",
    ),
    "a letterhead in the margin": (
        '<address class="x">1 Main Street</address><p>Words</p>',
        ".x { position: absolute; left: -0.5in; top: -0.2in; }",
    ),
    "words that are turned": (
        f'<p class="x">{"word " * 30}</p>',
        ".x { transform: rotate(5deg) scale(0.9); }",
    ),
    "a large mark under words": (
        f"<p>{'word ' * 300}</p>",
        'body::before { content: "DRAFT"; position: fixed; top: 1in; left: 0; color: #eee; '
        "font-size: 144pt; z-index: -1; }",
    ),
    "a box that cuts nothing off": (
        WORDS,
        ".x { overflow: hidden; border-radius: 6pt; border: 1pt solid black; padding: 2pt; }",
    ),
    "a clip that cuts nothing off": (
        WORDS,
        ".x { position: absolute; top: 1in; clip: rect(-1em, 10em, 5em, -1em); }",
    ),
    "a table over pages": (
        '<table><thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead>'
        '{% for _ in "_" * 60 %}<tr><td>{{ "One " * 20 }}</td><td>Two</td></tr>{% endfor %}'
        "</table>",
        "th, td { border: 1px solid black; padding: 0; }",
    ),
    "landscape pages": (
        f'<div class="x"><p>{"word " * 300}</p></div>',
        "@page wide { size: letter landscape; } .x { page: wide; }",
    ),
}


def renderer(html: str, css: str, folder: Path) -> imrgen.Renderer:
    template = f'{{% extends "letter.html" %}}\n{{% block main %}}\n{html}\n{{% endblock %}}\n'
    return Feature("placement", css, template, "").renderer(folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", MISPLACED)
def test_words_that_cannot_be_read_are_found_in_the_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What WeasyPrint's boxes show is left out, as by an engine that has none."""
    monkeypatch.setattr(Layout, "_no_room", lambda *_: None)
    (code, message), html, css = MISPLACED[name]
    with pytest.raises(imrgen.PackError) as error:
        _ = renderer(html, css, tmp_path).render(STARTER).pdf
    found = [each for each in error.value.diagnostics if message in each.message]
    assert [each.code for each in found] == [code], error.value
    assert found[0].span is not None
    assert found[0].span.line > 2


@pytest.mark.slow
@pytest.mark.parametrize("name", READABLE)
def test_what_can_be_read_is_no_fault(name: str, tmp_path: Path) -> None:
    assert renderer(*READABLE[name], tmp_path).render(STARTER).pdf.startswith(b"%PDF")
