"""The tree of a document: what a browser reads of the markup, and what WeasyPrint would read."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import tostring

import pytest
import tinyhtml5
from hypothesis import given
from hypothesis import strategies as st

from imrgen.document import parse_html

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


@pytest.mark.slow
@given(BODY)
def test_what_is_nested_as_it_should_be_makes_the_tree_that_weasyprint_makes(body: str) -> None:
    markup = (
        '<!doctype html>\n<html lang="en">\n<head>\n<title>Letter</title>\n</head>\n'
        f"{body}\n</html>\n"
    )
    assert tostring(parse_html(markup)) == tostring(
        tinyhtml5.parse(markup, namespace_html_elements=False)
    )


def test_what_is_not_nested_as_it_should_be_is_read_as_browsers_read_it() -> None:
    found = parse_html("<!doctype html><p>One <b>two<p>three</b> four<td>five")
    assert tostring(found) == (
        b"<html><head /><body><p>One <b>two</b></p><p><b>three</b> fourfive</p></body></html>"
    )
