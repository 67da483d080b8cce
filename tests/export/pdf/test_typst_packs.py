"""Packs that people write: each of their letters is set by Typst on the pages of WeasyPrint's."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import imrgen
from imrgen.export.pdf.readback import open_pdf
from tests.command_line import invoke, run_session
from tests.conftest import ROOT
from tests.letters import styled_pack
from tests.test_packs_page import FONT, PAGE, SECTIONS, write

MADE = ("imrgen new case.toml", "imrgen packs new acme", "imrgen new appeal.toml")
"""The commands of docs/packs.md that write files of its packs and cases."""
PARENTS = ("imr", "imr-2015", "external-review", "letter")


OF_SHEETS = {
    "`float`": [".x { float: right }"],
    "other `position`": [".x { position: absolute }"],
    "`grid`": [".x { display: grid }"],
    "columns": [".x { columns: 2 }"],
    "transforms": [".x { transform: rotate(9deg) }"],
    "other flex boxes": [".x { flex-direction: column }", ".x { justify-content: center }"],
    "other borders": [".x { border: 3pt double }", ".x { border-style: groove }"],
    "shadows": [".x { box-shadow: 1pt 1pt red }", ".x { text-shadow: 1pt 1pt red }"],
    "gradients and images as grounds": [
        ".x { background: linear-gradient(red, blue) }",
        ".x { background-image: url('copy.svg') }",
    ],
    "`opacity`": [".x { opacity: .5 }"],
    "`calc()`": [".x { width: calc(1pt + 1em) }"],
    "`var()` of what varies or has no value": [".x { color: var(--none) }"],
    "a `font-family` of which the pack has none, if it has several others": [
        ".x { font-family: Nope }"
    ],
    "`text-transform`": [".x { text-transform: uppercase }"],
    "small capitals": [".x { font-variant: small-caps }", ".x { font-variant-caps: small-caps }"],
    "font features": [".x { font-feature-settings: 'tnum' }", ".x { font-variant: tabular-nums }"],
    "other lines": [".x { text-decoration: overline }", ".x { text-decoration-style: wavy }"],
    "`::first-letter`": [".x::first-letter { color: red }"],
    "counters, images and quotation marks by `content`": [
        ".x::before { content: counter(item) }",
        ".x::before { content: url('copy.svg') }",
        ".x::before { content: open-quote }",
    ],
    "captions below": [".x { caption-side: bottom }"],
    "`:nth()`": ["@page :nth(2) { margin: 1in }"],
    "other sizes, margins or colours of the first page, or of even and odd ones": [
        "@page :first { margin: 2in }",
        "@page :left { background: #eee }",
    ],
    "those at the sides": ["@page { @left-top { content: '-' } }"],
    "their margins and other sizes": ["@page { @top-left { content: '-'; margin: 1pt } }"],
    "those in corners with more than text": [
        "@page { @top-left-corner { content: '-'; padding: 1pt } }"
    ],
    "images": ["@page { @bottom-left { content: url('copy.svg') } }"],
    "footnotes": [".x { float: footnote }"],
    "`@layer`": ["@layer one { .x { color: red } }"],
}
OF_ELEMENTS = {
    "negative margins": ["<p style='margin-left: -1pt'>1</p>"],
    "heights that are shares": ["<div style='height: 50%'>1</div>"],
    "those of lists and headings": [
        "<ul style='min-height: 50pt'><li>1</li></ul>",
        "<h2 style='height: 50pt'>1</h2>",
    ],
    "`max-height` and `min-width` of other boxes": [
        "<div style='max-height: 50pt'>1</div>",
        "<div style='min-width: 50pt'>1</div>",
    ],
    "a size, a ground or a border of theirs": [
        f"<p class='{name}'>1</p>" for name in ("size", "ground", "border")
    ],
    "a second `<thead>` or `<tfoot>`": [
        f"<table><tr><td>1</td></tr>{'<tfoot></tfoot>' * 2}</table>",
    ],
    "or with a margin": ["<table><caption style='margin: 1pt'>1</caption></table>"],
    "where borders are separate, border and padding of the `<table>` itself": [
        f"<table style='border-collapse: separate; {looks}'><tr><td>1</td></tr></table>"
        for looks in ("border: 1pt solid", "padding: 1pt")
    ],
    "heights, `min-width`": [
        f"<table><tr><td style='{looks}: 50pt'>1</td></tr></table>"
        for looks in ("height", "min-width")
    ],
    "SVG with `<text>`, `<use>` or images": [
        "<svg width='9' height='9' role='img'><title>1</title><path id='p' d='M0 0'/>"
        "<use href='#p'/></svg>"
    ],
    "page breaks inside a box that has a border or a ground, a list's item or a cell": [
        "<div style='border: 1pt solid'><p>1</p><p style='break-before: page'>2</p></div>",
        "<ul><li><p>1</p><p style='break-before: page'>2</p></li></ul>",
        "<table><tr><td><p>1</p><p style='break-before: page'>2</p></td></tr></table>",
    ],
    "pages with a name before what has none, and begins no page: WeasyPrint goes on with the same "
    "page there (`body { page: rest }` names it)": ["<p style='page: other'>1</p>"],
    '`dir="rtl"`': ["<p dir='rtl'>1</p>"],
    "a `lang` that is no code of two or three letters": ["<p lang='english'>1</p>"],
    "a bookmark, a string and a link's target of what shows nothing": [
        "<p class='mark'></p>",
        "<p class='string'></p>",
        "<p><a href='#x'>1</a><br id='x'>2</p>",
    ],
    "what is positioned behind the first words, or has a box": [
        "<p style='position: fixed; top: 0'>1</p>"
    ],
    "borders, sizes and `vertical-align` among words, but `sub` and `super`": [
        f"<p><b style='{looks}'>1</b></p>"
        for looks in (
            "border: 1pt solid",
            "display: inline-block; width: 9pt",
            "vertical-align: top",
        )
    ],
    "items with a box or another `display`": [
        f"<ul><li style='{looks}'>1</li></ul>"
        for looks in ("border: 1pt solid", "display: inline-block")
    ],
    "collapsed ones that change along two cells": [
        "<table><tr><td rowspan='2'>1</td><td>2</td></tr>"
        "<tr style='border: 3pt solid'><td>3</td></tr></table>"
    ],
    "grounds of columns, and of tables with room between cells": [
        "<table><col style='background: #ccc'><tr><td>1</td></tr></table>",
        "<table style='background: #ccc; border-collapse: separate; border-spacing: 1pt'><tr>"
        "<td>1</td></tr></table>",
    ],
    "`::before` and `::after` of rows": ["<table><tr class='size'><td>1</td></tr></table>"],
    "borders, padding and least sizes of images": [
        f"<p><img src='copy.svg' alt='' style='{looks}'></p>"
        for looks in ("border: 1pt solid", "padding: 1pt", "min-width: 9pt")
    ],
    "an empty block at which a page begins": ["<div style='break-before: page'></div>"],
}
CSS = (
    ".size::before { content: '→'; display: inline-block; width: 9pt }"
    ".ground::before { content: '→'; background: #ccc }"
    ".border::before { content: '→'; border: 1pt solid }"
    ".string { string-set: running-header 'x' }"
    ".mark { bookmark-level: 1; bookmark-label: 'x' }"
)
ELSEWHERE = "`list-style` other than `none`"
"""What WeasyPrint's letters are refused for, too."""


def refused_lines(folder: Path, css: str, html: str) -> tuple[set[str], set[int]]:
    """Return the codes and the lines of the reasons why a letter is refused."""
    styled_pack(folder, css, html)
    (folder / "copy.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    )
    starter = ROOT / "imrgen" / "starter.toml"
    with pytest.raises(imrgen.PackError) as error:
        _ = imrgen.render(starter, templates=[folder], engine="typst", check=False).pdf
    found = error.value.diagnostics
    return {each.code for each in found}, {each.span.line for each in found if each.span}


def test_the_page_about_packs_lists_what_typst_refuses() -> None:
    section = PAGE.partition("## PDF by Typst\n")[2].partition("\n## ")[0]
    rows = [line.split(" |")[1] for line in section.splitlines() if line.startswith("| ")]
    rest = "\n".join(rows[1:])
    for phrase in sorted([*OF_SHEETS, *OF_ELEMENTS, ELSEWHERE], key=len, reverse=True):
        assert phrase in rest, phrase
        rest = rest.replace(phrase, "", 1)
    assert re.sub(r"[\s,;]", "", rest) == ""


@pytest.mark.slow
def test_all_is_refused_that_the_page_about_packs_says(tmp_path: Path) -> None:
    for name, told in (("sheets", OF_SHEETS), ("elements", OF_ELEMENTS)):
        lines = [line for each in told.values() for line in each]
        css, html = ("\n".join(lines), "<p class='x'>1</p>"), (CSS, "\n".join(lines))
        (tmp_path / name).mkdir()
        found = refused_lines(tmp_path / name, *(css if name == "sheets" else html))
        assert found == ({"IMR428"}, {*range(1, len(lines) + 1)})


def differences(templates: Sequence[Path], case_file: Path) -> Iterator[str]:
    """Yield each letter that the engines set otherwise."""
    case = imrgen.load_case(case_file, templates=templates)
    for letter in imrgen.load_pack(templates=templates).merged("letters"):
        found = []
        for engine in ("weasyprint", "typst"):
            made = imrgen.Renderer(templates=templates, letter=letter, engine=engine)
            (first, *_) = made.each(case)
            with open_pdf(first.render(case).pdf) as reader:
                found.append((reader.page_characters(), reader.bookmarks()))
        if found[0] != found[1]:
            yield letter


@pytest.mark.slow
def test_every_letter_of_the_page_about_packs_is_as_by_weasyprint(tmp_path: Path) -> None:
    for title, blocks in SECTIONS:
        for block in blocks if title != "Install a pack" else ():
            if block.file and not block.file.startswith("acme-letters"):
                write(tmp_path, block)
            elif block.language == "console" and any(each in block.code for each in MADE):
                run_session(block.code, tmp_path, tmp_path)
        if title == "Images":
            (tmp_path / "acme" / "fonts").mkdir()
            shutil.copy(FONT, tmp_path / "acme" / "fonts" / "AcmeSans.ttf")
    acme, spanish, parking = (tmp_path / name for name in ("acme", "acme-es", "parking"))
    assert [*differences([acme], tmp_path / "case.toml")] == []
    assert [*differences([spanish, acme], tmp_path / "case.toml")] == []
    assert [*differences([parking], tmp_path / "appeal.toml")] == []
    assert {*imrgen.load_pack(templates=[acme]).merged("letters")} >= {"cover", "packet"}


@pytest.mark.slow
@pytest.mark.parametrize("parent", PARENTS)
def test_every_letter_of_a_new_pack_is_as_by_weasyprint(parent: str, tmp_path: Path) -> None:
    for arguments in (
        ("packs", "new", "acme", "--extends", parent, "--organization", "Acme Review"),
        ("new", "case.toml", "--templates", "acme"),
    ):
        run = invoke(*arguments, cwd=tmp_path)
        assert run.returncode == 0, run.stderr
    assert [*differences([tmp_path / "acme"], tmp_path / "case.toml")] == []
