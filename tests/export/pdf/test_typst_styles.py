"""What Typst is told of a style sheet, and what of it is refused by name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from pypdfium2.raw import FPDF_PAGEOBJ_PATH

import imrgen
from imrgen.export import find_format
from imrgen.export.pdf.readback import Tag, open_pdf
from imrgen.export.pdf.typst.inline import Inline
from imrgen.export.pdf.typst.program import Program
from imrgen.export.pdf.typst.setting import Setting
from imrgen.pipeline import check_pack
from imrgen.signing import sign, signatures
from tests.command_line import invoke
from tests.conftest import ROOT
from tests.letters import styled_pack
from tests.signing.test_signing import SECRET, Authority

STARTER = ROOT / "imrgen" / "starter.toml"
SENTENCE = "The quick brown fox jumps over the lazy dog, and does not come back for a long time. "


def made(folder: Path, css: str, html: str) -> imrgen.Letter:
    """Make a letter with a style sheet of its own, and HTML in place of the summary."""
    styled_pack(folder, css, html)
    return imrgen.render(STARTER, templates=[folder], engine="typst", check=False)


def refused(folder: Path, css: str, html: str) -> list[tuple[str, str, int, int]]:
    """Return the code, file, line and column of each reason why a letter is refused."""
    with pytest.raises(imrgen.PackError) as error:
        _ = made(folder, css, html).pdf
    return [
        (each.code, Path(each.span.file).name, each.span.line, each.span.column)
        if each.span
        else (each.code, "", 0, 0)
        for each in error.value.diagnostics
    ]


SHEETS = {
    "a property": ("\n.x {\n  float: right;\n}", 3, 3),
    "a value": (".x { display: grid }", 1, 6),
    "a value of a shorthand": (".x { border: 3pt double red }", 1, 6),
    "a function": (".x { width: calc(1em + 1pt) }", 1, 6),
    "a custom property that varies": (".x { --a: red; color: var(--a) }", 1, 16),
    "one of two rules": (":root { --a: red } html { --a: red } .x { color: var(--a) }", 1, 43),
    "one without a value": (".x { color: var(--a) }", 1, 6),
    "one that asks for itself": (":root { --a: var(--a) } .x { color: var(--a) }", 1, 30),
    "one within a function": (":root { --a: 9 } .x { color: rgb(var(--a), 0, 0) }", 1, 23),
    "a pseudo-element": ("\n\n .x::first-letter { color: red }", 3, 2),
    "a nested rule": (".x { color: red; & p { color: blue } }", 1, 18),
    "an important one": (".x { position: absolute !important }", 1, 6),
    "another rule": ("@counter-style stars { symbols: '*' }\n.x { color: red }", 1, 1),
    "a page": ("@page :left { margin: 2in }", 1, 1),
    "a page's property": ("@page {\n marks: crop }", 2, 2),
    "a margin box": ("@page { @left-top { content: '-' } }", 1, 1),
    "a font that the pack lacks": (".x { font-family: Nope, serif }", 1, 6),
    "such a font of a margin": ("@page { @top-left { font: 9pt Nope } }", 1, 21),
    "a layer": ("@layer base { .x { color: red } }", 1, 1),
    "a rule for paper only": ("@media only print { .x { float: right } }", 1, 26),
    "a rule for any medium": ("@media { .x { float: right } }", 1, 15),
    "a margin box's margin": ("@page { @top-left { content: '-'; margin: 2pt } }", 1, 1),
    "a margin box's height": ("@page { @top-left { content: '-'; height: 20pt } }", 1, 1),
    "a corner's padding": ("@page { @top-left-corner { content: '-'; padding: 2pt } }", 1, 1),
    "a margin box's lines": ("@page { @top-left { content: '-'; white-space: pre } }", 1, 1),
    "a first page of another size": ("@page :first { margin: 2in }", 1, 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SHEETS)
def test_what_a_sheet_says_and_typst_cannot_set_is_refused_at_its_place(
    name: str, tmp_path: Path
) -> None:
    css, line, column = SHEETS[name]
    assert refused(tmp_path, css, '<p class="x">Words.</p>') == [
        ("IMR428", "styled.css", line, column)
    ]


@pytest.mark.slow
def test_a_marker_by_css_is_refused_where_the_list_has_its_own(tmp_path: Path) -> None:
    html = "<p>One.</p>\n<ul><li>Two.</li></ul>"
    found = refused(tmp_path, "ul { list-style: square }", html)
    assert found == [("IMR405", "clinical_summary.html", 2, 5)]


def test_a_rule_that_matches_nothing_refuses_nothing(tmp_path: Path) -> None:
    css = (
        ".y { float: right } @media screen { .x { float: right } } .y::first-line { color: red }"
        "@media print, (color) { .x { float: right } } @media not print { .x { float: right } }"
    )
    assert made(tmp_path, css, '<p class="x">Words.</p>').pdf.startswith(b"%PDF")


ELEMENTS = {
    "a style attribute": '<p>One.</p>\n<p style="float: right">Words.</p>',
    "another value of a property": '<p>One.</p>\n<p style="--accent: red">Words.</p>',
    "a value of one that has none else": '<p>One.</p>\n<p style="--other: red">Words.</p>',
    "a block among words": "<p>One.</p>\n<span><div>Words.</div></span>",
    "a page in a box": '<div class="box"><p>One.</p>\n<p class="new">Words.</p></div>',
    "a share as a height": '<p>One.</p>\n<div style="height: 50%">Words.</div>',
    "a greatest height": '<p>One.</p>\n<div style="max-height: 50pt">Words.</div>',
    "a least width": '<p>One.</p>\n<div style="min-width: 50pt">Words.</div>',
    "a height of a list": '<p>One.</p>\n<ul style="min-height: 50pt"><li>1</li></ul>',
    "a height of a caption": "<table>\n<caption style='height: 50pt'>1</caption></table>",
    "a negative margin": '<p>One.</p>\n<div style="margin-top: -9pt">Words.</div>',
    "a border of a table": "<p>One.</p>\n<table class='s box'><tr><td>1</td></tr></table>",
    "a border that two cells would part": (
        "<p>One.</p>\n<table><tr><td class='c' rowspan='2'>1</td><td>2</td></tr>"
        "<tr class='box'><td>3</td></tr></table>"
    ),
    "a height of a row": "<table>\n<tr style='height: 50pt'><td>1</td></tr></table>",
    "a height of a cell": "<table><tr>\n<td style='height: 50pt'>1</td></tr></table>",
    "a least width of a cell": "<table><tr>\n<td style='min-width: 50pt'>1</td></tr></table>",
    "a ground of a column": "<table>\n<col style='background: #ccc'><tr><td>1</td></tr></table>",
    "a ground between cells": "<p>One.</p>\n<table class='s'><tr><td>1</td></tr></table>",
    "two feet": "<table><tr><td>1</td></tr><tfoot></tfoot>\n<tfoot></tfoot></table>",
    "a margin of a caption": "<table>\n<caption style='margin: 9pt'>1</caption></table>",
    "a mark of a row": "<table>\n<tr class='mark'><td>1</td></tr></table>",
    "a list in a row": '<p>One.</p>\n<ul style="display: flex"><li>1</li></ul>',
    "an item in a line": '<ul>\n<li style="display: inline-block">1</li></ul>',
    "a page at an item": '<ul><li>1</li>\n<li style="break-before: page">2</li></ul>',
    "a page in an item": '<ul><li>1</li><li>\n<p style="break-before: page">2</p></li></ul>',
    "a page in a cell": '<table><tr><td>\n<p style="break-before: page">2</p></td></tr></table>',
    "a mark with a ground": '<p>One.</p>\n<p class="mark" style="--x: 1">2</p>',
    "a box in the middle": "<p>One.</p>\n<p><b class='middle'>2</b></p>",
    "a narrow box": "<p>One.</p>\n<p><b style='display: inline-block; max-width: 9pt'>2 3</b></p>",
    "words from the right": '<p>One.</p>\n<p dir="rtl">Words.</p>',
    "a target that shows nothing": '<p><a href="#x">1</a></p>\n<p>2<br id="x">3</p>',
    "an image of a least width": (
        "<p>One.</p>\n<p><svg aria-hidden='true' style='min-width: 9pt'></svg></p>"
    ),
    "a row as a target": '<p><a href="#x">1</a></p><table>\n<tr id="x"><td>2</td></tr></table>',
    "a string of nothing": '<p>One.</p>\n<p class="set"></p><p>2</p>',
    "a bookmark of nothing": '<p>One.</p>\n<p class="empty"></p>',
    "a marker with a ground": '<ul>\n<li><span class="marker box">•</span>1</li></ul>',
    "a hidden marker": '<ul>\n<li><span class="marker" style="display: none">•</span>1</li></ul>',
    "a bookmark of a mark": '<p>One.</p>\n<p class="own">Words.</p>',
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ELEMENTS)
def test_an_element_that_typst_cannot_set_is_refused_at_its_line(name: str, tmp_path: Path) -> None:
    css = (
        ".box { border: 1pt solid red } .new { break-before: page }"
        ".c { border-collapse: collapse }"
        ".s { border-collapse: separate; border-spacing: 2pt; background: #ccc }"
        ":root { --accent: blue } .set { string-set: running-header 'x' }"
        ".middle { display: inline-block; vertical-align: middle }"
        ".empty { bookmark-level: 2; bookmark-label: 'x' }"
        ".own::before { content: '→'; bookmark-level: 2; bookmark-label: 'x' }"
        ".mark::before { content: '→'; background: #ccc }"
    )
    found = refused(tmp_path, css, ELEMENTS[name])
    assert {(code, file, line) for code, file, line, _ in found} <= {
        ("IMR428", "clinical_summary.html", 2),
    }


UNDERLINED = {
    "a paragraph": "p { text-decoration: underline }",
    "words in it, which cannot take it away": (
        "p { text-decoration: underline } b { text-decoration: none }"
    ),
    "a box around it": "div.x { text-decoration: underline }",
    "a heading": "h2.x { text-decoration: underline }",
    "a list": "ul.x { text-decoration: underline }",
    "a cell": "td.x { text-decoration: underline }",
    "a mark": "p.x::before { content: '→'; text-decoration: underline }",
    "a margin": "@page { @bottom-right { content: '– –'; text-decoration: underline } }",
}
"""Where CSS draws a line under words, and not only under those of an inline element."""


def _shapes(pdf: bytes) -> int:
    """Return how many lines and areas are drawn in a PDF."""
    with pypdfium2.PdfDocument(pdf) as document:
        shapes = [FPDF_PAGEOBJ_PATH]
        return sum(len([*page.get_objects(filter=shapes)]) for page in document)


@pytest.mark.slow
@pytest.mark.parametrize("name", UNDERLINED)
def test_a_line_is_drawn_under_all_words_that_css_underlines(name: str, tmp_path: Path) -> None:
    html = (
        '<h2 class="x">Head</h2><div class="x"><p class="x">One <b>two</b>.</p></div>'
        '<ul class="x"><li>Item</li></ul><table><tr><td class="x">Cell</td></tr></table>'
    )
    drawn = []
    for number, css in enumerate(("", UNDERLINED[name])):
        (tmp_path / str(number)).mkdir()
        drawn.append(_shapes(made(tmp_path / str(number), css, html).pdf))
    assert drawn[1] > drawn[0]


@pytest.mark.slow
def test_cells_and_captions_are_targets_set_strings_and_end_with_their_group(
    tmp_path: Path,
) -> None:
    html = (
        '<p><a href="#x">1</a> <a href="#y">2</a></p><table><caption id="y" class="s">Cap</caption>'
        '<tr><td id="x" class="s" rowspan="9">A</td><td>B</td></tr><tr><td>C</td></tr></table>'
    )
    letter = made(tmp_path, ".s { string-set: running-header content() }", html)
    with pypdfium2.PdfDocument(letter.pdf) as document:
        assert document[0].get_textpage().get_text_bounded(top=792, bottom=720).endswith("A")


@pytest.mark.slow
def test_the_ground_of_a_table_and_its_groups_is_that_of_cells_without_one(tmp_path: Path) -> None:
    html = (
        '<table class="x"><thead><tr><th>Head</th></tr></thead>'
        "<tbody><tr><td>One</td></tr></tbody></table>"
    )
    drawn = []
    for number, css in enumerate(("", ".x tbody { background: #eee }", ".x { background: #eee }")):
        (tmp_path / str(number)).mkdir()
        drawn.append(_shapes(made(tmp_path / str(number), css, html).pdf))
    assert drawn[0] < drawn[1] < drawn[2]


UNREADABLE = {
    "a long line": ('<p style="white-space: nowrap">' + SENTENCE * 3 + "</p>", "IMR407"),
    "a low box": ('<div style="height: 20pt"><p>Words.</p><p>Words.</p></div>', "IMR407"),
    "a wide image": ('<p style="text-indent: 9in">Words.</p>', "IMR407"),
    "a head as high as a page": (
        f"<table><thead>{'<tr><th>1</th></tr>' * 60}</thead><tr><td>1</td></tr></table>",
        "IMR407",
    ),
    "many columns": (f"<table><tr>{'<td>mmmmmmmmmmmm</td>' * 20}</tr></table>", "IMR407"),
    "pale words": ('<p style="color: #eee">Words.</p>', "IMR405"),
    "pale words on a ground": ('<p style="background: #400; color: #300">Words.</p>', "IMR405"),
    "small words": ('<p style="font-size: 4pt">Words.</p>', "IMR405"),
    "words of a sheet": ('<p class="after">Words.</p>', "IMR405"),
    "a cell that is none": (
        '<table><tr><td style="display: block">Words.</td></tr></table>',
        "IMR406",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", UNREADABLE)
def test_words_that_could_not_be_read_are_refused(name: str, tmp_path: Path) -> None:
    html, code = UNREADABLE[name]
    assert {found[0] for found in refused(tmp_path, ".after::after { content: 'not' }", html)} == {
        code
    }


def test_words_of_a_margin_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    css = f"@page {{ @bottom-left {{ content: '{SENTENCE * 2}' }} }}"
    assert {found[0] for found in refused(tmp_path, css, "<p>Words.</p>")} == {"IMR407"}


def test_a_word_is_broken_where_no_other_had_to_be(tmp_path: Path) -> None:
    css = ".w { width: 70pt; overflow-wrap: anywhere }"
    letter = made(tmp_path, css, f"<p class=w>{'W' * 18}</p>")
    assert "W" * 18 in find_format("pdf").read(letter.pdf)


@pytest.mark.slow
def test_a_word_is_broken_or_refused_whether_or_not_others_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only words that may be wider than their place are measured."""
    words = [f"{a * n} x{b * (40 - n)} y" for n in range(1, 40, 3) for a, b in ("iW", "mi", "W-")]
    content = "".join(
        f"<p class=w>{word}</p><p class=w>a {word}<b>{word}</b>{word[::-1]} z</p>"
        f"<p class=w>a {word[:4]}<b>{word[-9:-4]}</b> z</p>"
        f'<p class="w n">{word[:9]}</p><p class="w s">{word}<br>{word[:5]}</p>'
        for word in words
    )
    css = (
        ".w { width: 70pt; overflow-wrap: anywhere } .n { white-space: nowrap }"
        ".s { letter-spacing: -1pt } .w b { letter-spacing: 1pt }"
    )
    programs, program = [], Setting.program

    def kept(self: Setting, attachment: str = "") -> Program:
        written = program(self, attachment)
        programs.append((written.source, {str(each) for each in self.faults}))
        return written

    monkeypatch.setattr(Setting, "program", kept)
    for folder in (tmp_path / "few", tmp_path / "all"):
        folder.mkdir()
        with pytest.raises(imrgen.ImrgenError):  # WWWWWWWWW, which may not break
            _ = made(folder, css, content).pdf
        monkeypatch.setattr(Inline, "_may_be_too_wide", lambda *_: True)
    few, measured = programs
    assert few == measured
    assert "\u200b" in few[0]
    assert few[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "html",
    [
        f"<table><tr><td>{SENTENCE * 200}</td></tr></table>",
        f'<p style="break-inside: avoid">{SENTENCE * 200}</p>',
        f'<div style="break-inside: avoid">{f"<p>{SENTENCE * 4}</p>" * 40}</div>',
    ],
    ids=["row", "paragraph", "box"],
)
def test_what_no_page_holds_is_broken_and_not_cut_off(html: str, tmp_path: Path) -> None:
    with open_pdf(made(tmp_path, "", html).pdf) as reader:
        pages = reader.pages()
    assert len(pages) > 3
    assert all(y >= 0 and y + h <= page.height for page in pages for (_, y, _, h), _ in page.lines)


@pytest.mark.slow
def test_of_a_long_paragraph_only_the_last_lines_move_with_what_follows(tmp_path: Path) -> None:
    """Typst moves a block that stays with the next as a whole."""
    for words in range(70, 100, 3):
        folder = tmp_path / str(words)
        folder.mkdir()
        css = ".n { break-before: avoid }"
        html = f'<p>{SENTENCE * words}</p><p class="n">Not alone, by no means at all.</p>'
        with open_pdf(made(folder, css, html).pdf) as reader:
            pages = [[text for _, text in page.lines][1:-1] for page in reader.pages()]
        (page,) = (page for page in pages if any("Not alone" in line for line in page))
        at = next(number for number, line in enumerate(page) if "Not alone" in line)
        assert at >= 2, words
        # The page before is full: no more than a few lines moved.
        assert len(pages[0]) > 20
        assert len(pages[1]) > 38, words


SET = """
<div class="box"><p class="hang">Hanging words.</p></div>
<p class="sign">Words <b>and <i>more</i></b> with <a href="#t">a link</a>, m<sup>2</sup>.</p>
<p style="hyphens: auto; text-align: justify">Characteristically, responsibilities.</p>
<blockquote><p>Quoted.</p><ul><li>one<ol><li>inner</li></ol></li><li><p>two</p></li></ul></blockquote>
<div class="landscape"><table><tr><th>A</th><td>1</td></tr></table></div>
<p id="t">super\u00adcalifragi\u00adlistic</p>
<div class="field" data-signature="Medical Director"></div>
"""
CSS = """
.box { border: 1pt solid #900; border-radius: 6pt; background: #eef; padding: 6pt; margin: 1em 0 }
.hang { padding-left: 2em; text-indent: -2em }
.sign::before { content: "→ " }
.field { width: 200pt; height: 50pt; border-bottom: 1pt solid black }
@page { @bottom-right { content: "Confidential"; font: 8pt "Source Sans Pro" } }
@page :first { @bottom-right { content: none } }
"""


@pytest.mark.slow
def test_what_packs_use_is_set(tmp_path: Path) -> None:
    pdf = made(tmp_path, CSS, SET).pdf
    with open_pdf(pdf) as reader:
        pages = reader.pages()
    sizes = {(round(page.width), round(page.height)) for page in pages}
    assert sizes == {(612, 792), (792, 612)}
    shown = [any("Confidential" in text for _, text in page.lines) for page in pages]
    assert shown == [False, *[True] * (len(pages) - 1)]
    signed = sign(pdf, Authority("Example Review Office").pkcs12(), SECRET)
    assert [one.sound for one in signatures(signed)] == [True]


MOVED = """
@media print { .mark { position: fixed; bottom: 0; left: 0; font-size: 9pt } }
.head { position: running(head); font-size: 9pt }
@page { background: url("copy.svg") center no-repeat; @top-center { content: element(head) } }
@page { @top-left { content: none } @top-right { content: none } }
"""
MARK = '<p class="mark">Copy (: ) for "#file"</p><div class="head"><p>Two</p><p>lines</p></div>'
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8"/></svg>'


@pytest.mark.slow
def test_a_mark_is_on_every_page_and_read_once_and_a_margin_shows_an_element(
    tmp_path: Path,
) -> None:
    (tmp_path / "copy.svg").write_text(DRAWING)
    made(tmp_path, MOVED, '<p>One.</p><p style="break-before: page">Two.</p>')
    (tmp_path / "blocks" / "every_page.html").write_text(MARK)
    letter = imrgen.render(STARTER, templates=[tmp_path], engine="typst", check=False)
    with open_pdf(letter.pdf) as reader:
        shown = [" ".join(text for _, text in page.lines) for page in reader.pages()]
        read = "".join(reader.page_characters())
    assert len(shown) > 1
    assert all('Copy (: ) for "#file"' in page and "Two" in page for page in shown)
    assert read.startswith('Copy(:)for"#file"')
    assert read.count("#file") == 1
    assert "Twolines" in "".join(letter.text.split())
    assert "Twolines" not in read


def test_what_is_positioned_behind_the_beginning_is_refused(tmp_path: Path) -> None:
    html = '<p>Words.</p>\n<p class="mark">Copy</p>'
    found = refused(tmp_path, ".mark { position: fixed; bottom: 0 }", html)
    assert [each[:3] for each in found] == [("IMR428", "clinical_summary.html", 2)]


def test_packs_check_tells_what_typst_cannot_set(tmp_path: Path) -> None:
    made(tmp_path, ".y { float: right }", "<p>Words.</p>")
    found = check_pack(imrgen.load_pack(templates=[tmp_path]), engine="typst")
    told = [each.severity for each in found if each.code == "IMR428"]
    assert told == ["warning"]
    run = invoke(
        "packs",
        "check",
        "--templates",
        ".",
        "--engine",
        "typst",
        "--output-format",
        "short",
        cwd=tmp_path,
    )
    assert run.returncode == 0
    assert "styled.css:1:6: warning[IMR428]" in run.stdout


@pytest.mark.slow
def test_one_font_is_shown_by_any_name_and_several_only_by_their_own(tmp_path: Path) -> None:
    """Which of several is shown in place of an unknown one is up to Fontconfig."""
    html = (
        "<!doctype html><html lang=en><head><title>x</title></head><body>\n"
        '<h1 class="x">Words</h1></body></html>'
    )
    manifest = 'name = "one"\ntitle = "One"\nversion = "1"\nstyles = ["x.css"]\n'
    manifest += '[letters.determination]\ntitle = "One"\ntemplate = "x.html"\n'
    face = (
        '[[fonts]]\nfamily = "{0}"\nfile = "font_source_{1}_pro:files/Source{2}Pro-Regular.ttf"\n'
    )
    one, other = face.format("One", "serif", "Serif"), face.format("Other", "sans", "Sans")
    (tmp_path / "x.css").write_text(".x { font-weight: bold } .y { font-family: Nope }")
    (tmp_path / "x.html").write_text(html)
    (tmp_path / "pack.toml").write_text(manifest + one)
    assert imrgen.render(STARTER, templates=[tmp_path], engine="typst").pdf.startswith(b"%PDF")
    (tmp_path / "pack.toml").write_text(manifest + one + other)
    with pytest.raises(imrgen.PackError, match="has no `font-family`"):
        _ = imrgen.render(STARTER, templates=[tmp_path], engine="typst").pdf


def test_packs_check_tells_of_fonts_that_typst_lacks(tmp_path: Path) -> None:
    css = (
        ".a { font-style: italic; font-family: 'Source Sans Pro', sans-serif }\n"
        "@media print { .b { font: italic 9pt 'Source Sans Pro' } }\n"
        ".c { font-style: italic; font-family: 'Source Serif Pro' } .d { font-style: italic }\n"
        ".e { font-style: italic; font: 9pt 'Source Sans Pro' } .f { font-family: Nope }"
    )
    styled_pack(tmp_path, css, "<p>Words.</p>")
    found = check_pack(imrgen.load_pack(templates=[tmp_path]), engine="typst")
    told = [
        (each.code, each.span.line, each.span.column)
        for each in found
        if each.span and each.code in ("IMR219", "IMR428")
    ]
    assert told == [("IMR428", 1, 6), ("IMR428", 2, 21), ("IMR428", 4, 61), ("IMR219", 4, 74)]


def test_packs_check_knows_the_custom_properties_of_all_sheets(tmp_path: Path) -> None:
    html = '<p style="color: var(--accent)">1</p><p style="color: var(--none)">2</p>'
    folder = styled_pack(tmp_path, ".x { border-color: var(--accent) }", html)
    manifest = (folder / "pack.toml").read_text(encoding="utf-8")
    sheets = 'styles = ["styled.css", "colours.css"]'
    manifest = manifest.replace('styles = ["styled.css"]', sheets)
    (folder / "pack.toml").write_text(manifest, encoding="utf-8")
    (folder / "colours.css").write_text(":root { --accent: #036 }", encoding="utf-8")
    found = check_pack(imrgen.load_pack(templates=[folder]), engine="typst")
    told = [each for each in found if each.code == "IMR428"]
    assert [each.span.line for each in told if each.span] == [1]
    assert "--none" in told[0].message


def said(tag: Tag, name: str) -> str:
    """Return the words of an element's own kids of a name."""
    kids = [kid for kid in tag.kids if isinstance(kid, Tag)]
    return "".join(words(kid) for kid in kids if kid.name == name)


def words(tag: Tag) -> str:
    return "".join(kid if isinstance(kid, str) else words(kid) for kid in tag.kids).strip()


def entries(tags: Iterable[Tag | str]) -> Iterator[Tag]:
    for tag in tags:
        if isinstance(tag, Tag):
            yield from [tag] if tag.name == "LI" else []
            yield from entries(tag.kids)


@pytest.mark.slow
@pytest.mark.parametrize("css", ["", "li { break-inside: avoid }"], ids=["broken", "whole"])
def test_no_marker_stands_on_another_page_than_its_item_begins(css: str, tmp_path: Path) -> None:
    """Typst would leave the marker behind where it fits and the item's first lines do not."""
    for before in range(0, 9, 2):
        folder = tmp_path / str(before)
        folder.mkdir()
        items = "".join(f"<li>{SENTENCE * (2 + number % 3)}</li>" for number in range(30))
        pdf = made(folder, css, f"{'<p>One.</p>' * before}<ul>{items}</ul>").pdf
        with open_pdf(pdf) as reader:
            found = [entry for page in reader.tags() for entry in entries(page)]
        assert len(found) >= 30
        assert all(said(entry, "LBody") for entry in found if said(entry, "Lbl"))
        if css:
            assert all(said(entry, "Lbl") for entry in found)


SIZES = ["larger", "smaller", "large", "1.3em", "80%", "9pt"]


@pytest.mark.slow
@pytest.mark.parametrize("around", ["11pt", "8pt", "12pt", "30pt"])
def test_letters_are_as_large_as_weasyprint_sets_them(around: str, tmp_path: Path) -> None:
    css = "".join(f".s{number} {{ font-size: {size} }}\n" for number, size in enumerate(SIZES))
    words = "".join(f'<span class="s{number}">Words </span>' for number in range(len(SIZES)))
    words = f"<p>{words}<small>Small <small>smaller </small></small><sup>up</sup></p>"
    letter = made(tmp_path, css, f'<div style="font-size: {around}">{words}</div>')
    sizes: list[Counter[float]] = []
    for engine in ("weasyprint", "typst"):
        renderer = imrgen.Renderer(letter.options, loaded_pack=letter.pack, engine=engine)
        with open_pdf(renderer.render(STARTER).pdf) as reader:
            texts = [text for page in reader.drawn_pages() for text in page.texts]
        sizes.append(Counter())
        for text in texts:
            sizes[-1][round(text.size, 1)] += len("".join(text.characters.split()))
    assert sizes[0] == sizes[1]
    assert len(sizes[0]) >= 5


MARGINS_WITHIN = """
<table><tr><th>A<th>B<tr><td><p>One.</p><p>Two.</p><td>Three.
<tr><td><ul><li>Four.</ul><td><h2>Five</h2><tr><td class="far">Six.<td>Seven.</table>
<table><caption><p>Eight.</p></caption><tr><th>Nine.</table>
<div class="row"><div class="box"><p class="far">Ten.</p></div><p class="box far">Eleven.</p></div>
<fieldset><p>Twelve.</p></fieldset>
<table><tr><td><table><tr><td>Thirteen.</table></table><p>Fourteen.</p>
<table class="middle"><tr><td>Fifteen.</table><table class="apart"><tr><td>Sixteen.</table>
<ul class="moved"><li>Seventeen.<li>Eighteen.</ul>
"""


@pytest.mark.slow
def test_what_stands_in_cells_boxes_and_lists_has_its_place(tmp_path: Path) -> None:
    css = """
        .row { display: flex } .box { flex: 1 } .far { margin: 9pt 0; text-indent: 3em }
        .middle { width: 60%; margin: 0 auto } .moved li { margin-left: 2em; padding-left: 1em }
        .apart { border-collapse: separate; border-spacing: 6pt }
    """
    letter = made(tmp_path, css, MARGINS_WITHIN)
    places = []
    for engine in ("weasyprint", "typst"):
        renderer = imrgen.Renderer(letter.options, loaded_pack=letter.pack, engine=engine)
        with open_pdf(renderer.render(STARTER).pdf) as reader:
            pages = reader.drawn_pages()
        places.append(
            [
                (number, *text.bounds[:2])
                for number, page in enumerate(pages)
                for text in page.texts
                if text.characters.strip(" .") in _WITHIN
            ]
        )
    assert len(places[0]) >= 18
    for one, other in zip(*places, strict=True):
        assert other == pytest.approx(one, abs=3)


_WITHIN = re.findall(r"[A-Z][a-z]*", MARGINS_WITHIN)


@pytest.mark.slow
def test_a_running_head_and_a_bookmark_show_nothing_that_is_hidden(tmp_path: Path) -> None:
    css = """
        h2 { string-set: head content(); bookmark-label: content() }
        @page { @bottom-left { content: string(head) } }
    """
    drawing = '<svg width="9" height="9"><title>Drawing</title><rect width="9" height="9"/></svg>'
    html = f"<h2>Seen <span hidden>Secret</span> here {drawing}</h2>"
    letter = made(tmp_path, css, html)
    with open_pdf(letter.pdf) as reader:
        shown = [text for page in reader.pages() for _, text in page.lines]
    assert shown.count("Seen here") == 1 + 1
    assert "Secret" not in "".join(shown)
    assert "Drawing" not in "".join(shown)
    with pypdfium2.PdfDocument(letter.pdf) as document:
        titles = [each.get_title() for each in document.get_toc()]
    assert "Seen here" in titles
    assert not any("Secret" in title for title in titles)


GENERATED = {
    "a margin": "@page { @bottom-left { content: '\u5f35' } }",
    "a string": "h2 { string-set: x '\u5f35' } @page { @bottom-left { content: string(x) } }",
    "a sign before a paragraph": "p.x::before { content: '\u26d4' }",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", GENERATED)
def test_a_sign_of_a_sheet_that_no_font_has_is_named(name: str, tmp_path: Path) -> None:
    letter = made(tmp_path, GENERATED[name], '<h2>Title</h2><p class="x">Words.</p>')
    with pytest.raises(imrgen.ImrgenError) as error:
        _ = letter.pdf
    assert [found.code for found in error.value.diagnostics] == ["IMR404"]
