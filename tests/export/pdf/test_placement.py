"""Words that stand where they cannot be read stop the letter, by what the finished PDF shows."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

import imrgen
from imrgen.export.pdf.layout import Layout
from imrgen.export.pdf.typst.program import Program
from imrgen.export.pdf.typst.setting import Setting
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
STRUCK = "IMR438", "have a line through them"
COVERED = "IMR405", "are covered"
LETTERS = "IMR407", "stand one letter a line"
ON_IMAGE = "IMR438", "stand over an image"

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
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mNI"
    "aFgAAALEAYF2r9doAAAAAElFTkSuQmCC"
)
"""A pixel that nothing is seen through."""
DARK = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYG"
    "AAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
)
"""A black one."""
CLEAR = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNIaF"
    "jAAAAERQGBWHyXLAAAAABJRU5ErkJggg=="
)
"""One that all is seen through."""
HALF = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNIaF"
    "jQAAAExQIBGALAgQAAAABJRU5ErkJggg=="
)
"""One that shows half of what is below."""
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
    "through the border of their box": (
        CELL,
        f'<div class="x"><p>{"word" * 12}</p></div>',
        UNBROKEN + ".x { width: 1in; border: 1pt solid black; padding: 2pt; }",
    ),
    "through the border below their box": (
        STRUCK,
        '<div class="x"><p>Some words</p><p>and others</p></div>',
        ".x { height: 2.75em; border: 1pt solid black; }",
    ),
    "over a rule": (
        STRUCK,
        "<p>Words</p><hr><p class='x'>More</p>",
        ".x { margin-top: -1.15em; }",
    ),
    "below a ground": (
        COVERED,
        '<p class="x">Words</p><div class="g"></div>',
        ".g { position: absolute; top: 0; width: 1in; height: 2in; background: #eee; z-index: 1; }",
    ),
    "below an image": (
        COVERED,
        f'<p>Words</p><img class="x" alt="A picture" src="{PICTURE}">',
        "img { position: absolute; top: 0; left: 0; width: 1in; height: 1in; z-index: 1; }",
    ),
    "over a dark image": (
        ON_IMAGE,
        f'<p><img alt="A picture" src="{DARK}"></p><p class="x">Words</p>',
        "img { width: 1in; height: 1in; } .x { position: relative; top: -0.5in; }",
    ),
    "partly over a dark image": (
        ON_IMAGE,
        f'<p><img alt="A picture" src="{DARK}"></p><p class="x">{"Words " * 9}</p>',
        "img { width: 1in; height: 1in; } .x { position: relative; top: -0.5in; }",
    ),
    "below two grounds": (
        COVERED,
        '<p class="x">Words</p><div class="g"></div><div class="g"></div>',
        ".g { position: absolute; top: 0; width: 1in; height: 2in; background: #fff; z-index: 1; }",
    ),
    "below a ground in part": (
        COVERED,
        f'<p class="x">{"Words " * 9}</p><div class="g"></div>',
        ".g { position: absolute; top: 0; width: 9pt; height: 2in; background: #fff; z-index: 1; }",
    ),
    "below a turned ground": (
        COVERED,
        '<p class="x">Words</p><div class="g"></div>',
        ".g { position: absolute; top: 0; width: 1in; height: 2in; background: #eee; z-index: 1; "
        "transform: rotate(20deg); }",
    ),
    "below a ground that hardly anything is seen through": (
        COVERED,
        '<p class="x">Words</p><div class="g"></div>',
        ".g { position: absolute; top: 0; width: 1in; height: 2in; z-index: 1; "
        "background: rgba(255, 255, 255, 0.96); }",
    ),
    "below a thick border": (
        COVERED,
        '<p class="x">Words</p><div class="g"></div>',
        ".g { position: absolute; top: 0; width: 1in; border-top: 1in solid #ddd; z-index: 1; }",
    ),
    "below a circle in a drawing": (
        COVERED,
        '<p class="x">Words</p><svg viewBox="0 0 9 9" role="img"><title>A seal</title>'
        '<circle cx="4" cy="4" r="4"/></svg>',
        "svg { position: absolute; top: 0; left: 0; width: 1in; height: 1in; z-index: 1; }",
    ),
    "white words on a dark ground, below another": (
        COVERED,
        '<p class="x">Words</p><div class="g"></div>',
        ".x { background: black; color: white; } "
        ".g { position: absolute; top: 0; width: 1in; height: 2in; background: #000; z-index: 1; }",
    ),
    "through a border that is drawn twice": (
        CELL,
        f'<div class="b"><div class="x"><p>{"word" * 12}</p></div></div>',
        UNBROKEN + "div { width: 1in; border: 1pt solid black; } .x { margin: -1pt; }",
    ),
    "through a thick border": (
        STRUCK,
        '<div class="x"><p>Some words</p><p>and others</p></div>',
        ".x { height: 2.2em; border: 6pt solid #c00; }",
    ),
    "upwards over others": (
        OVER,
        f'<p class="x">{"Words " * 4}</p><p>{"Words " * 40}</p>',
        ".x { transform: rotate(90deg); width: 1in; }",
    ),
    "one letter a line": (
        LETTERS,
        '<table><tr><th scope="col">A</th></tr><tr><td class="x">10.05 words</td></tr></table>',
        "table { table-layout: fixed; width: 8pt } td { padding: 0; overflow-wrap: anywhere }",
    ),
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
    "lines under words, and under signs below them": (
        "<p><u>Typography, gjpqy - … . , ; H<sub>2</sub>O x<sup>2</sup></u></p>",
        "",
    ),
    "words between rules, set solid": (
        "<hr>".join(["<p>ÅÜÉ gjpqy</p>"] * 4),
        "p, hr { margin: 0; line-height: 1; }",
    ),
    "words on grounds, one in another": (
        '<div class="x"><p>Words <mark>that are marked</mark></p><table><tr>'
        '<td class="x">One</td></tr></table></div>',
        ".x { background: #eee; line-height: 1; } p { background: #ffd; }",
    ),
    "words on a picture that only decorates": (
        f'<div class="x"><p>Words</p></div><img alt="" src="{PICTURE}">',
        "img { position: absolute; top: 0; left: 0; width: 1in; height: 1in; z-index: -1; }",
    ),
    "a box with a border below it": (
        '<div class="x"><p>Words gjpqy</p></div><p>Words</p>',
        ".x { border-bottom: 1.5pt solid black; line-height: 1; } p { margin: 0; }",
    ),
    "single letters, each a line": (
        "<p>A<br>B<br>C<br>D<br>E</p><ol><li>A</li><li>B</li><li>C</li><li>D</li></ol>"
        '<p class="x">A b c d e</p>',
        ".x { width: 0.7em }",
    ),
    "words on a letterhead's image": (
        f'<div class="h"><img alt="Letterhead" src="{PICTURE}"><p>Words</p></div>',
        ".h { position: relative; } p { position: relative; padding: 0.3in; } "
        "img { position: absolute; top: 0; left: 0; width: 6in; height: 1in; }",
    ),
    "light words on a dark image": (
        f'<div class="h"><img alt="Letterhead" src="{DARK}"><p>Words</p></div>',
        ".h { position: relative; background: black; color: white; } "
        "p { position: relative; padding: 0.3in; } "
        "img { position: absolute; top: 0; left: 0; width: 6in; height: 1in; }",
    ),
    "an image that all is seen through": (
        f'<p>Words</p><img alt="A seal" src="{CLEAR}">',
        "img { position: absolute; top: 0; left: 0; width: 1in; height: 1in; z-index: 1; }",
    ),
    "a stamp that words are seen through": (
        f'<p>{"Words " * 60}</p><img alt="A stamp" src="{HALF}">',
        "img { position: absolute; top: 0; left: 1in; width: 1in; height: 1in; z-index: 1; }",
    ),
    "a ground that words are seen through": (
        '<p>Words</p><div class="g"></div>',
        ".g { position: absolute; top: 0; width: 1in; height: 2in; z-index: 1; "
        "background: rgba(255, 255, 0, 0.3); }",
    ),
    "a turned image beside words": (
        f'<p>Words</p><img alt="A stamp" src="{PICTURE}">',
        "img { position: absolute; top: 0.9in; left: 0; width: 4in; height: 0.2in; "
        "transform: rotate(-30deg); }",
    ),
    "a turned ribbon beside words": (
        f'<div class="x"></div><p>{"word " * 60}</p>',
        ".x { position: fixed; top: 0.4in; right: 0; width: 2in; height: 9pt; "
        "margin: -0.9in; background: #c00; transform: rotate(45deg); }",
    ),
    "borders of all widths in tables without padding": (
        "{% for width in range(1, 9) %}"
        '<table class="w{{ width }}"><tr><th scope="col">No.</th>'
        '<th scope="col">Words</th></tr><tr><td>1</td><td>Words</td></tr></table>'
        "{% endfor %}",
        "table { border-collapse: collapse; } td, th { padding: 0; line-height: 1; }"
        + "".join(f".w{n} * {{ border: {n}pt solid #c00; }}" for n in range(1, 9)),
    ),
    "words on a white ground over a rule": (
        '<h1><span class="x">Decision</span></h1><hr><p><span class="x">or</span></p>'
        '<div class="b"><p class="l"><span class="x">Legend</span></p></div>',
        "h1 { position: relative; } h1::before { content: ''; position: absolute; left: 0; "
        "right: 0; top: 50%; border-top: 1pt solid black; z-index: -1; } "
        "hr { border: 0; border-top: 4pt solid #aaa; } p { position: relative; top: -1.4em; } "
        ".x { background: white; padding: 0 4pt; } .b { border: 1pt solid black; margin: 2em 0; } "
        ".l { margin: 0; top: -0.75em; }",
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


SET = 'par({ "Words"; })'
"""How Typst is told to set the words that are displaced."""
DISPLACED: dict[str, tuple[tuple[str, str], str]] = {
    "off the page": (OFF, f"move(dx: -3in, {SET})"),
    "beyond the left margin": (SIDE, f"move(dx: -0.5in, {SET})"),
    "beyond the right margin": (SIDE, f"move(dx: 6.3in, {SET})"),
    "below the bottom margin": (LOW, f"move(dy: 8.8in, {SET})"),
    "above the top margin": (LOW, f"move(dy: -0.6in, {SET})"),
    "over other words": (OVER, f"move(dy: -22pt, {SET})"),
    "over the running foot": (OVER, f"move(dx: 3in, dy: 653pt, {SET})"),
    "upwards over other words": (OVER, f"move(dy: -20pt, rotate(90deg, block({SET})))"),
    "letters over each other": (TIGHT, f"text(tracking: -0.3em, {SET})"),
    "cut off": (CUT, f"block(clip: true, height: 4pt, {SET})"),
    "through the border of a box": (
        CELL,
        f"block(width: 12pt, stroke: 1pt, box(width: 60pt, {SET}))",
    ),
    "through the border below a box": (STRUCK, f"block(height: 6pt, stroke: 1pt, {SET})"),
    "through a rule": (STRUCK, f"{SET}; place(dy: -7pt, line(length: 40pt))"),
    "below a ground": (COVERED, f"{SET}; place(dy: -14pt, rect(fill: white, height: 14pt))"),
    "below an image": (COVERED, f"{SET}; place(dy: -14pt, pdf.artifact(image({{}}, width: 60pt)))"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DISPLACED)
def test_words_that_typst_displaces_are_found_in_the_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Setting.program

    def displaced(self: Setting, attachment: str = "") -> Program:
        written = program(self, attachment)
        assert SET in written.source
        pixels = "bytes((96, 128, 160))"
        pixels += ', format: (encoding: "rgb8", width: 1, height: 1)'
        code = DISPLACED[name][1].replace("{}", pixels)
        return msgspec.structs.replace(written, source=written.source.replace(SET, code))

    monkeypatch.setattr(Setting, "program", displaced)
    (code, message), _ = DISPLACED[name]
    letter = renderer("<p>Some words</p><p>Words</p><p>and more</p>", "", tmp_path)
    letter = imrgen.Renderer(letter.options, loaded_pack=letter.pack, engine="typst")
    with pytest.raises(imrgen.PackError) as error:
        _ = letter.render(STARTER).pdf
    found = [each for each in error.value.diagnostics if message in each.message]
    assert [each.code for each in found] == [code], error.value
