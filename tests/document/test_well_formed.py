"""Slips in HTML are told with their place, and what HTML allows passes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis
import pytest
from tinyhtml5.parser import HTMLParser

import imrgen
from imrgen.diagnostics import codes
from imrgen.document import is_bottomless, markup_faults
from tests.conftest import ROOT
from tests.document.test_document import MISNESTED, WELL_NESTED
from tests.features import TEMPLATE, Feature

FRAME = '<!doctype html><html lang="en"><head><title>x</title></head><body>\n{}\n</body></html>'
MALFORMED = {
    "<p>an <b>unclosed word</p>": ("<b>",),
    "<sectoin>x</sectoin>": ("<sectoin>",),
    "<p><div>a</div></p>": ("</p>",),
    "<p>a</div>": ("</div>",),
    "<b><i>x</b></i>": ("<i>",),
    "<div>x": ("<div>",),
    "<div/>x": ("<div/>",),
    '<a href="#">y<a href="#">z</a>': ('<a href="#">z', '<a href="#">y'),
    "<h1>a<h2>b</h2></h1>": ("<h2>",),
    "<h2>a<p>b</p>": ("<h2>",),
    "<table><p>x</p><tr><td>y</td></tr></table>": ("<p>",),
    "<table><tr><b>x</b><td>y</td></tr></table>": ("<b>",),
    "<td>x</td>": ("<td>",),
    "<tr>x</tr>": ("<tr>",),
    "<div><tbody></tbody></div>": ("<tbody>",),
    "x</br>": ("</br>",),
    "<p><span><div>x</div></span></p>": ("<span>", "</p>"),
    "<ul><li><b>x<li>y</b></ul>": ("<b>",),
    "<ul><li>x</li></ol>": ("</ol>", "<ul>"),
    "<table><tr><td><ul><li>b</td></tr></table>": ("<ul>",),
    "<table><tr><td>a</td></tr>": ("<table>",),
    "<STRONG>x</p>": ("</p>", "<STRONG>"),
    '<p class="x>text</p><p class="y">z</p>': ("</p>", "<p class"),
    "<p>a<b": ("<b",),
    f"{'<div>' * 1200}x": ("<div>",),
    "<!--> <b>x</b> -->": ("<!-->",),
    "<!---><i>x</i>": ("<!--->",),
    "<!-- a --!><i>x</i>": ("<!-- a --!>",),
    "<p\x0btitle=a>x</p>": ("<p\x0b", "</p>", "<p\x0b"),
    "<p\u2028title=a>x</p>": ("<p\u2028", "</p>", "<p\u2028"),
    "<div><style>p { color: red }": ("<style>",),
}
WELL_FORMED = (
    "<ul><li>a<li>b</ul><table><tr><td>a<td>b<tr><td>c</table>",
    "<dl><dt>a<dd>b<dt>c</dl><p>a<p>b<div>c</div>",
    "<table><caption>x<thead><tr><th>a<tbody><tr><td>b<tfoot><tr><td>c</table>",
    "<table><colgroup><col><col><tr><td><p>b<td>c</table>",
    "<ul><li><p>x<ul><li>y</ul></ul>",
    "<svg><g><path/><svg><g></g></svg></g></svg><script>'<p>'</script><!-- <b> --><P>x</P>",
    "<p alt=\"a > b\" title='<i>'>x</p> a < b & <3",
    "<ruby>a<rp>(<rt>b<rp>)</ruby><x-word>a</x-word><br><br/><img alt=''>",
    "<b><div>x</div></b><a href='#'><p>x</p></a><table><tr><td><table><tr><td>x</table></table>",
    "<blockquote><p>a</p><footer>b</footer></blockquote>",
)


@pytest.mark.parametrize(("body", "places"), MALFORMED.items())
def test_a_slip_is_told_where_it_is(body: str, places: tuple[str, ...]) -> None:
    markup = FRAME.format(body)
    found = [*markup_faults(markup)]
    assert {fault.code for fault in found} == {codes.MALFORMED_HTML}
    starts = [markup[fault.offset :] for fault in found]
    assert [s.startswith(p) for s, p in zip(starts, places, strict=True)] == [True] * len(places)


@pytest.mark.parametrize("body", WELL_FORMED)
def test_what_html_allows_passes(body: str) -> None:
    assert [fault.message for fault in markup_faults(FRAME.format(body))] == []
    assert [fault.message for fault in markup_faults(body)] == []


def test_the_template_line_is_told(tmp_path: Path) -> None:
    block = (
        '{% extends "letter.html" %}\n{% block main %}\n<p>x\n<sectoin>y</sectoin>\n{% endblock %}'
    )
    renderer = Feature("slip", "", block, "").renderer(tmp_path)
    with pytest.raises(imrgen.PackError) as error:
        renderer.render(ROOT / "imrgen" / "starter.toml")
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == codes.MALFORMED_HTML
    assert diagnostic.span is not None
    assert diagnostic.span.file.endswith(TEMPLATE)
    assert diagnostic.span.line == 4
    assert diagnostic.hints == ("did you mean <section>?",)


@pytest.mark.slow
@hypothesis.given(WELL_NESTED | MISNESTED)
def test_html_without_an_error_passes(body: str) -> None:
    markup = FRAME.format(body)
    parser: Any = HTMLParser(namespace_html_elements=False)
    parser._parse(markup)
    hypothesis.assume(not parser.errors)
    assert [fault.message for fault in markup_faults(markup)] == []


@pytest.mark.parametrize("element", ["div", "b", "span", "DIV", "svg"])
def test_what_opens_elements_without_an_end_is_not_parsed(element: str) -> None:
    assert is_bottomless(f"<{element}>" * 20_000)
    assert not is_bottomless(f"<{element}>x</{element}>" * 20_000)


def test_what_may_be_left_open_is_not_counted() -> None:
    assert not is_bottomless("<p>x<br><ul><li>y</ul>" * 20_000)
    assert not is_bottomless("</div>" * 20_000 + "<div>" * 20)


def test_a_template_that_opens_elements_without_an_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    block = tmp_path / "blocks" / "clinical_summary.html"
    block.write_text("{{ ('<div>' * 100000) | safe }}")
    with pytest.raises(imrgen.PackError, match="thousands of elements") as error:
        imrgen.render(ROOT / "imrgen" / "starter.toml", templates=[tmp_path], check=False)
    assert [each.code for each in error.value.diagnostics] == ["IMR413"]
