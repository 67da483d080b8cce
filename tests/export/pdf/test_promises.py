"""What a pack promises of its pages: kept promises cost nothing, a broken one refuses the PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import imrgen
from imrgen.case import parse
from imrgen.export.conformance import Structure
from imrgen.export.pdf import engines
from imrgen.export.pdf.promises import PageContents
from imrgen.export.pdf.readback import open_pdf
from imrgen.pack import merge_promises
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

HEAD = """\
name = "acme"
title = "Acme"
version = "1"
extends = "letter"
styles = ["acme.css"]

[organization]
name = "Acme Review"

[letters.note]
title = "Note"
template = "note.html"
"""
SIGNATURE = '<div class="signature" data-signature="Signature of the director"></div>'
STYLE = """\
@page { size: 4in 3in; margin: 0.5in }
@page { @top-right { content: none } @bottom-center { content: none } }
p { margin: 0; orphans: 1; widows: 1 }
.signature { width: 150pt; height: 40pt; break-inside: avoid }
"""
"""A page of ten lines or so, on which nothing is kept together."""

Make = Callable[..., imrgen.Letter]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return what makes a letter of a body under promises."""

    def made(body: str, promises: str, style: str = "", **options: Any) -> imrgen.Letter:
        folder = tmp_path / "acme"
        folder.mkdir(exist_ok=True)
        (folder / "pack.toml").write_text(HEAD + promises, encoding="utf-8")
        (folder / "acme.css").write_text(STYLE + style, encoding="utf-8")
        template = '{% extends "letter.html" %}{% block main %}\n' + body + "\n{% endblock %}"
        (folder / "note.html").write_text(template, encoding="utf-8")
        return imrgen.render({}, templates=[folder], **options)

    return made


def lines(count: int) -> str:
    return "\n".join(f"<p>Line {number} of the letter.</p>" for number in range(1, count + 1))


WHOLE = '<p class="whole">' + "A paragraph of words " * 8 + "</p>"
BROKEN = {
    "more pages": (
        lines(40),
        "[pages]\nmost = 2\n",
        "",
        "has 4 pages, and its pack promises at most 2",
    ),
    "a last page with a line": (
        lines(11),
        "[pages]\nlast_lines = 3\n",
        "",
        "the last page would have one line of the letter only, and its pack promises 3",
    ),
    "a signature alone": (
        lines(8) + SIGNATURE,
        "[pages]\nsignature_lines = 2\n",
        "",
        "is a signature block with 0 lines of the letter above it on its page",
    ),
    "a parted paragraph": (
        lines(8) + WHOLE,
        '[pages]\nunbroken = [".whole"]\n',
        "",
        "<p> stands on 2 pages, and its pack promises that it stands on one",
    ),
    "a promise of the letter": (lines(40), "[letters.note.pages]\nmost = 2\n", "", "has 4 pages"),
}


@pytest.mark.parametrize("engine", engines)
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_refuses_the_pdf_and_no_other_format(
    name: str, engine: str, make: Make
) -> None:
    body, promises, style, message = BROKEN[name]
    letter = make(body, promises, style, engine=engine)
    assert letter.text
    assert letter.html
    with pytest.raises(imrgen.ImrgenError) as refused:
        letter.pdf  # noqa: B018
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.code == "IMR427"
    assert message in diagnostic.message
    assert diagnostic.hints
    assert diagnostic.span is not None and diagnostic.span.file.endswith("note.html")
    draft = make(body, promises, style, engine=engine, draft=True)
    assert draft.pdf, "a draft is shown as it is"
    assert make(body, "", style, engine=engine).pdf


KEPT = {
    "pages": (lines(40), "[pages]\nmost = 5\n", ""),
    "a last page with three lines": (lines(13), "[pages]\nlast_lines = 3\n", ""),
    "one page alone": (lines(1), "[pages]\nlast_lines = 3\n", ""),
    "a signature with its text": (
        lines(6) + f'<div class="end">{lines(3)}{SIGNATURE}</div>',
        "[pages]\nsignature_lines = 2\n",
        ".end { break-inside: avoid }",
    ),
    "a paragraph that is kept together": (
        lines(8) + WHOLE,
        '[pages]\nunbroken = [".whole"]\n',
        ".whole { break-inside: avoid }",
    ),
    "a paragraph that is longer than a page": (
        lines(8) + WHOLE.replace("words", "words " * 40),
        '[pages]\nunbroken = [".whole"]\n',
        ".whole { break-before: page }",
    ),
    "what is longer than a page, with the heading that is kept with it": (
        "<h1>Heading</h1>" + WHOLE.replace("words", "words " * 40),
        '[pages]\nunbroken = [".whole"]\n',
        "h1 { break-after: avoid } .whole { break-inside: avoid }",
    ),
    "what is just longer than a page, with the heading that is kept with it": (
        f"{lines(3)}<h1>Heading</h1><p class='whole'>Line{'<br>Line' * 10}</p>",
        '[pages]\nunbroken = [".whole"]\n',
        "h1 { break-after: avoid } .whole { break-inside: avoid }",
    ),
    "an element without words, and one that is not there": (
        lines(9) + "<div class='none'></div>",
        '[pages]\nunbroken = [".none", ".absent"]\n',
        "",
    ),
    "the letter's own number": (
        lines(40),
        "[letters.note.pages]\nmost = 9\n[pages]\nmost = 2\n",
        "",
    ),
}


@pytest.mark.parametrize("engine", engines)
@pytest.mark.parametrize("name", KEPT)
def test_a_kept_promise_is_no_difference(name: str, engine: str, make: Make) -> None:
    body, promises, style = KEPT[name]
    assert make(body, promises, style, engine=engine).pdf.startswith(b"%PDF")


@pytest.mark.parametrize("selector", ["h1 >> ", "p::before", "h1, p:hover"])
def test_a_selector_of_no_element_is_told(selector: str, make: Make) -> None:
    letter = make(lines(1), f'[pages]\nunbroken = ["{selector}"]\n')
    with pytest.raises(imrgen.PackError) as refused:
        letter.pdf  # noqa: B018
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.code == "IMR227"


@pytest.mark.parametrize("body", [lines(30), lines(8) + WHOLE + lines(9)])
def test_what_is_read_back_says_the_same_as_the_engine(body: str, make: Make) -> None:
    """An engine need not know what each page shows: the PDF does."""
    letter = make(body, "")
    with open_pdf(letter.pdf) as reader:
        read = reader.page_characters()
    structure = Structure(letter.document.tree)
    engine = letter._exporter.pdf_writer()._engine
    shown = engine.set(structure, {}).pages
    assert shown is not None
    found = PageContents.of_read(structure, read)
    told = PageContents.of_shown(shown)
    assert found.count == told.count > 1
    assert found.first == told.first
    for element in structure.elements:
        assert found.pages_of(element) == told.pages_of(element)


HEADINGS = {"imr": ".issue > h2", "imr-2015": ".issue > h2", "external-review": ".issue > h3"}


@pytest.mark.parametrize("pack", HEADINGS)
def test_built_in_packs_promise_that_an_item_stands_with_its_decision(pack: str) -> None:
    """They keep it at any place of a page, which some of these letters need."""
    loaded = imrgen.load_pack(pack)
    for name in loaded.merged("letters"):
        promised = merge_promises(loaded.lineage, loaded.letter(name))
        assert HEADINGS[pack] in promised.unbroken
    source = (ROOT / "fixtures" / "many-issues.toml").read_text(encoding="utf-8")
    if pack == "external-review":
        path = ROOT / "fixtures" / "external-review" / "several.toml"
        source = path.read_text(encoding="utf-8")
    assert imrgen.render(parse(source, "case.toml"), pack=loaded).pdf
