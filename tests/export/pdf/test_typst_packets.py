"""Packets and bookmarks set by Typst, beside those that WeasyPrint sets."""

from __future__ import annotations

import io
import random
import re
from pathlib import Path
from typing import Any

import pikepdf
import pytest

import imrgen
from imrgen.export.pdf.readback import open_pdf
from imrgen.signing import sign, signatures
from tests.batches import make_case
from tests.conftest import ROOT
from tests.letters import INVITATION, NOTICE, RECIPIENTS, write_pack
from tests.pdf_lines import plain_lines
from tests.signing.test_signing import SECRET, Authority

STARTER = ROOT / "imrgen" / "starter.toml"
Bookmarks = list[tuple[str, int, int]]


def read(pdf: bytes) -> tuple[Bookmarks, list[str], list[list[str]]]:
    """Return a PDF's bookmarks, and the words and the lines of each page, signs left out."""
    with open_pdf(pdf) as reader:
        bookmarks, words = reader.bookmarks(), reader.page_characters()
    return bookmarks, [re.sub(r"\W", "", page) for page in words], plain_lines(pdf)


def styled(pack: Path, css: str) -> Path:
    """Give a pack a style sheet."""
    manifest = (pack / "pack.toml").read_text()
    styles = 'extends = "imr"\nstyles = ["acme.css"]'
    (pack / "pack.toml").write_text(manifest.replace('extends = "imr"', styles))
    (pack / "acme.css").write_text(css)
    return pack


MANIFEST = """
[pages]
signature_lines = 1
unbroken = [".kept"]
[letters.invitation]
title = "Invitation"
template = "invitation.html"
per = "recipients"
[letters.packet]
title = "All letters"
letters = ["invitation", "notice", "determination", "cover"]
"""
SPANISH = NOTICE.replace(
    "{% block main %}",
    "{% block language %}es-US{% endblock %}"
    "{% block running_header %}Notice of {{ case.number }}{% endblock %}"
    "{% block main %}",
)
LONG = "Responsabilidades administrativas extraordinariamente complicadas. "
PARTS = {
    "notice": SPANISH.replace(
        "</h1>",
        f'</h1><p class="kept">{LONG * 8}</p>{f"<p>{LONG * 6}</p>" * 12}'
        "<h2>Firma (1)</h2><p>El director:</p>"
        '<div class="field" data-signature="Director"></div>',
    ),
    "invitation": INVITATION.replace(
        "</h1>",
        '</h1><div class="landscape"><table><tr><th scope="col">Wide</th></tr><tr><td>1</td></tr>'
        "</table></div>",
    ),
}
CSS = (
    ".field { width: 200pt; height: 50pt; border-bottom: 1pt solid } .kept { break-inside: avoid }"
    ".part { hyphens: auto } p { text-align: justify }"
)


@pytest.mark.slow
def test_a_packet_is_the_same_on_each_page_for_each_recipient(tmp_path: Path) -> None:
    pack = styled(write_pack(tmp_path / "acme", manifest=MANIFEST, **PARTS), CSS)
    case = make_case(1) | {"recipients": list(RECIPIENTS)}
    read_of: dict[str, Any] = {}
    for engine in ("weasyprint", "typst"):
        made = imrgen.Renderer(templates=[pack], letter="packet", engine=engine)
        pdfs = [one.render(case).pdf for one in made.each(imrgen.load_case(case))]
        read_of[engine] = [read(pdf) for pdf in pdfs]
    assert len(read_of["typst"]) == 2
    assert read_of["typst"] == read_of["weasyprint"]
    bookmarks, pages, _ = read_of["typst"][0]
    assert ("Firma (1)", 2, 4) in bookmarks
    assert len(pages) >= 6
    signed = sign(pdfs[0], Authority("Example Review Office").pkcs12(), SECRET)
    assert [one.sound for one in signatures(signed)] == [True]


OWN = """
.a { bookmark-level: 1; bookmark-label: 'X  y' attr(data-x) }
.b { bookmark-level: 3; bookmark-label: content() '!' } .c { bookmark-level: none }
.d { bookmark-level: 2; bookmark-label: content(text); bookmark-state: closed }
.none { bookmark-level: 2 }
body { bookmark-level: 1; bookmark-label: 'All of it' } h1 { bookmark-level: 2 }
"""
HTML = r"""
<div class="a" data-x=" (ü) \"><p>One</p><h2>Head <b>two</b><br>line  three
 four &amp; (x) ) \ y</h2></div><p class="b">Words <i>and</i>
 more</p><h2 class="c">Not</h2><p class="none">Nor this</p>
<p class="d">An <span class="d">inline</span> <span class="b">deep</span> one</p>
<table><tr><td rowspan="2" class="b">A</td><td class="b">B</td></tr>
<tr><td class="b">C</td></tr></table>
<ul><li class="a">Item</li><li><p class="d">Item 2</p></li></ul>
<blockquote class="d">Quote <p>by</p></blockquote><h2>Space&nbsp;and (more)</h2>
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["own", "levels"])
def test_bookmarks_have_titles_levels_and_pages_as_by_weasyprint(kind: str, tmp_path: Path) -> None:
    chosen = random.Random(20)
    levels = "".join(
        f'<p style="bookmark-level: {chosen.randint(1, 6)}; bookmark-label: content()'
        f'; bookmark-state: {chosen.choice(["open", "closed"])}">Number {number}</p>'
        for number in range(60)
    )
    pack = styled(write_pack(tmp_path / "acme"), OWN if kind == "own" else "")
    (pack / "blocks").mkdir()
    page = HTML if kind == "own" else levels
    (pack / "blocks" / "clinical_summary.html").write_text(page)
    one, two = (
        read(imrgen.render(STARTER, templates=[pack], engine=engine).pdf)
        for engine in ("weasyprint", "typst")
    )
    assert two == one
    assert len(one[0]) > 15


FOREIGN = """
<p lang="es">A</p><h2 lang="fr">B</h2><ul><li lang="de">C</li></ul><ul lang="it"><li>D</li></ul>
<table lang="pt"><caption lang="nl">E</caption><thead lang="sv"><tr><th scope="col">F</th></tr>
</thead><tbody lang="da"><tr><td>G</td></tr><tr lang="fi"><td>H</td></tr><tr lang="cs">
<td lang="pl">I</td></tr></tbody></table><table><tr><th scope="col" lang="ro">J</th></tr>
<tr><td>K</td></tr></table><blockquote lang="hu"><p>L</p></blockquote><div lang="lt"><p>M</p></div>
<p>N <span lang="lv">O</span> <a lang="et" href="https://example.org">P</a> <b lang="sl">Q</b></p>
"""


def test_words_in_another_language_are_tagged_with_it(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "acme")
    (pack / "blocks").mkdir()
    (pack / "blocks" / "clinical_summary.html").write_text(FOREIGN)
    pdf = imrgen.render(STARTER, templates=[pack], engine="typst").pdf
    with pikepdf.open(io.BytesIO(pdf)) as file:
        objects = list(file.objects)
        told = {
            str(each.Lang)
            for each in objects
            if isinstance(each, pikepdf.Dictionary) and "/Lang" in each
        }
        pages = [page.Contents.read_bytes().decode("latin-1") for page in file.pages]
    told |= {name for page in pages for name in re.findall(r"/Lang ?\((\w+)\)", page)}
    expected = set(re.findall(r'lang="(\w+)"', FOREIGN)) - {"pt", "cs"}  # each cell has another
    assert len(expected) == 15
    assert expected <= told
