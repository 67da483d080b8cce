"""The tree of a document: what a browser reads of the markup, and what WeasyPrint would read."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import tostring

import pytest
import tinyhtml5
from hypothesis import given
from hypothesis import strategies as st

import imrgen
from imrgen.document import parse
from imrgen.export.pdf import tree
from imrgen.export.pdf.fetcher import BASE
from tests.conftest import COMBINATIONS

ATTRIBUTES = [
    "",
    ' class="a b"',
    " id=x",
    ' lang="de"',
    ' alt=""',
    " hidden",
    " class=a class=b",
    ' CLASS="Up"',
    ' title="&amp;&lt;&eacute;&nbsp;"',
    " title='\"'",
    ' data-signature="Signature of the reviewer"',
]
WORDS = [
    "word",
    " ",
    "\n",
    "\t",
    "\r\n",
    "é",
    "&amp;",
    "&lt;p&gt;",
    "&nbsp;",
    "&",
    "a < b",
    "&#8209;",
    "\xad",
    "&notit;",
    "&copy",
    "&#x1F600;",
    "x\x0cy",
    "<!-- note -->",
    '<svg viewBox="0 0 1 1"><title>t</title></svg>',
]


@pytest.fixture
def weasyprint() -> Any:
    """WeasyPrint as imrgen loads it, with no font of the host."""
    imrgen.Renderer().press()
    return importlib.import_module("weasyprint")


def within(*names: str) -> Callable[[st.SearchStrategy[str]], st.SearchStrategy[str]]:
    """Make elements of some content."""

    def wrap(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        content = st.lists(inner, max_size=4).map("".join)
        made = st.tuples(st.sampled_from(names), st.sampled_from(ATTRIBUTES), content)
        return made.map(lambda each: f"<{each[0]}{each[1]}>{each[2]}</{each[0]}>")

    return wrap


WORD = st.sampled_from([*WORDS, "<br>", '<img src="logo.svg" alt="logo">'])
INLINE = st.recursive(WORD, within("span", "em", "strong", "sub", "b", "code"), max_leaves=8)
PARAGRAPH = within("p", "h1", "h2", "address")(st.one_of(INLINE, within("a")(WORD)))
CELLS = within("tr")(within("td", "th")(st.one_of(INLINE, PARAGRAPH)))
TABLE = within("table")(within("thead", "tbody")(CELLS))
LIST = within("ul", "ol")(within("li")(st.one_of(INLINE, PARAGRAPH)))
BLOCK = st.one_of(INLINE, PARAGRAPH, TABLE, LIST, st.just("<hr>"))
BODY = within("body")(
    st.recursive(BLOCK, within("div", "section", "blockquote", "main"), max_leaves=8)
)


@given(BODY)
def test_what_is_nested_as_it_should_be_makes_the_tree_that_weasyprint_makes(body: str) -> None:
    markup = f'<!doctype html>\n<html lang="en">\n<head>\n<title>Letter</title>\n</head>\n{body}\n</html>\n'
    assert tostring(parse(markup)) == tostring(
        tinyhtml5.parse(markup, namespace_html_elements=False)
    )


def test_what_is_not_nested_as_it_should_be_is_read_as_browsers_read_it() -> None:
    found = parse("<!doctype html><p>One <b>two<p>three</b> four<td>five")
    assert tostring(found) == (
        b"<html><head /><body><p>One <b>two</b></p><p><b>three</b> fourfive</p></body></html>"
    )


@pytest.mark.parametrize(("path", "pack", "letter"), COMBINATIONS)
def test_a_letter_is_the_same_as_by_weasyprint_s_own_way_in(
    path: Path, pack: str, letter: str, weasyprint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def own(root: object, sheet: object, fetcher: object) -> Any:
        markup = made.document.markup.replace("\u2011", "-")
        return weasyprint.HTML(string=markup, base_url=BASE, url_fetcher=fetcher)

    renderer = imrgen.Renderer(pack, letter, check=False)
    try:
        made = renderer.render(path)
        usual = made.pdf
    except imrgen.CaseError:
        pytest.skip("this case lacks what this letter requires")
    monkeypatch.setattr(tree, "document", own)
    assert renderer.render(path).pdf == usual


WHOLE = {
    "@page { @top-left { content: 'Draft' } }": ["@top-left ", "::marker"],
    "@PAGE { @Bottom-Right-Corner { content: 'Draft' } }": ["@bottom-right-corner ", "::marker"],
    "aside { float: footnote }": ["::footnote-call", "::note-marker", "::marker"],
    "@import url(other.css);": [
        "@top-left ",
        "@bottom-right-corner ",
        "::footnote-call",
        "::note-marker",
        "::marker",
    ],
    "p { color: red }": ["::marker"],
}


@pytest.mark.parametrize(("css", "kept"), WHOLE.items())
def test_the_sheet_keeps_what_a_pack_can_ask_for(
    css: str, kept: list[str], weasyprint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str] = []
    monkeypatch.setattr(weasyprint, "CSS", lambda string: given.append(string))
    whole = tree.browser_sheet(css) is weasyprint.html.UA_STYLESHEET
    text = weasyprint.html.UA if whole else given[0]
    asked = ["@top-left ", "@bottom-right-corner ", "::footnote-call", "::note-marker", "::marker"]
    assert [each for each in asked if each in text] == kept
    assert text.count("{") == text.count("}")


def test_nothing_is_said_against_the_sheet(
    weasyprint: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "weasyprint")
    tree.browser_sheet("p { color: red }")
    assert caplog.messages == []
    weasyprint.CSS(string="p { colour: red }")
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    "style", ["<style>p { float: footnote }</style>", '<p style="float: footnote">x</p>']
)
def test_a_letter_with_styles_of_its_own_has_the_whole_sheet(style: str, weasyprint: Any) -> None:
    markup = "<!doctype html><title>x</title><p>x</p>"
    sheet = object()
    assert tree.document(parse(markup), sheet, None)._ua_stylesheets() == [sheet]
    assert tree.document(parse(markup + style), sheet, None)._ua_stylesheets() == [
        weasyprint.html.UA_STYLESHEET
    ]
