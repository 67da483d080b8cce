"""One document in all formats: whatever its markup, the same characters in the same order."""

from __future__ import annotations

import pickle
from collections import Counter
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

import hypothesis
import hypothesis.strategies as st
import pytest

import imrgen
from imrgen.document import Document, VisibleText, parse_html, visible_characters
from imrgen.export import conformance_faults, to_html, to_text, to_words
from imrgen.export.pdf.readback import open_pdf
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
WORDS = [
    "word",
    " ",
    "\n",
    "a &amp; b",
    "5 &lt; 6",
    "&lt;p&gt;",
    "&quot;x&quot;",
    "'",
    "&nbsp;",
    "é\u00a0x",
    "L4&#8209;L5",
    "trans\u00adforaminal",
    "&notit;",
    "<br>",
    "<!-- <p>no</p> -->",
    "<?no?>",
    '<img src="data:," alt="a > b">',
    '<img src="data:," alt="">',
    '<svg width="9" height="9"><title>Title</title><path d="M0 0"/></svg>',
    '<i title="<p>no</p>">i</i>',
    "<style>p { content: '< p>' }</style>",
    "<template><p>no</p></template>",
    "<b hidden>no</b>",
]
BLOCKS = ["div", "p", "blockquote", "section", "address", "pre", "dl", "dd", "h1"]
PARTS = ["b", "em", "span", "a", "sub", "q"]


def within(names: list[str], inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    content = st.lists(inner, max_size=4).map("".join)
    return st.tuples(st.sampled_from(names), content).map(lambda e: f"<{e[0]}>{e[1]}</{e[0]}>")


def nested(names: list[str], leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(leaves, lambda inner: within(names, inner), max_leaves=8)


INLINE = nested(PARTS, st.sampled_from(WORDS))
CELLS = within(["tr"], within(["td", "th"], INLINE))
TABLE = st.tuples(
    within(["caption"], INLINE) | st.just(""), within(["thead", "tbody"], CELLS), CELLS
).map(lambda parts: f"<table>{''.join(parts)}</table>")
MARKER = '<span class="marker">1.</span> '
BEFORE = [
    "",
    MARKER,
    f"<p>{MARKER}",
    f"a {MARKER}",
    f"<ul><li>a</li></ul>{MARKER}",
    "<b></b>" + MARKER,
]
ITEM = st.tuples(st.sampled_from(BEFORE), INLINE).map("".join)
LIST = st.lists(ITEM | TABLE, max_size=3).map(
    lambda items: f"<ol>{''.join(f'<li>{item}</li>' for item in items)}</ol>"
)
WELL_NESTED = nested(BLOCKS, INLINE | TABLE | LIST)
MISNESTED = st.lists(
    st.sampled_from([f"<{name}>" for name in (*BLOCKS, *PARTS, "li", "ul", "table", "tr", "td")])
    | st.sampled_from([f"</{name}>" for name in (*BLOCKS, *PARTS, "ul", "table")])
    | st.sampled_from(WORDS),
    max_size=12,
).map("".join)


@pytest.mark.slow
@hypothesis.given(WELL_NESTED | MISNESTED)
def test_text_and_html_file_show_the_characters_of_the_tree(body: str) -> None:
    document = Document(
        f'<!doctype html><html lang="en"><title>x</title>{body}', "p { color: red }"
    )
    shown = VisibleText(document.tree).characters()
    conforms = not [f for f in conformance_faults(document) if "rows" in f.message]
    hypothesis.assume(conforms)
    assert visible_characters(to_words(document.tree)) == shown
    assert VisibleText(parse_html(to_html(document, {}))).characters() == shown
    heads = [*document.tree.iter("thead"), *document.tree.iter("th")]
    for width in (0, 20):
        # What the text says beyond the tree are labels; they stand before each value in their rows.
        text = visible_characters(to_text(document.tree, width))
        assert not Counter(shown) - Counter(text)
        rest = iter(text)
        assert all(c in rest for c in VisibleText(document.tree).characters(heads))
        assert heads or text == shown


@pytest.mark.slow
@hypothesis.given(WELL_NESTED)
def test_the_html_file_is_read_as_the_tree_that_it_was_written_from(body: str) -> None:
    document = Document(f'<!doctype html><html lang="en"><title>x</title>{body}', "")
    tree = parse_html(to_html(document, {}))
    head, body_ = tree.find("head"), tree.find("body")
    assert head is not None
    assert body_ is not None
    assert [element.tag for element in head] == ["meta", "meta", "title", "meta", "style"]
    assert without_space_at_the_end(body_) == without_space_at_the_end(document.tree.find("body"))


ITEMS = [
    '<{}><li><span class="marker">1.</span> a</li></{}>',
    '<{}><li class="marker">a</li></{}>',
    '<{}><li data-marker="2.">a</li></{}>',
    '<{}><li><p><span class="marker">1.</span> a</p><ul><li class="marker">b</li></ul></li></{}>',
]


@pytest.mark.parametrize("item", ITEMS)
@pytest.mark.parametrize("name", ["ol", "ul", "menu", "dir", "div", "td", "dd", "b"])
def test_a_marker_is_in_the_text_whatever_holds_its_item(name: str, item: str) -> None:
    body = item.format(name, name)
    document = Document(f"<table><tr>{body}</table>" if name == "td" else body, "")
    shown = VisibleText(document.tree).characters()
    assert "a" in shown
    for width in (0, 20):
        assert visible_characters(to_text(document.tree, width)) == shown


@pytest.mark.parametrize("markup", ["<body hidden><p>a", "<html hidden><p>a", "<p hidden>a"])
def test_what_is_hidden_is_in_no_format(markup: str) -> None:
    document = Document(markup, "")
    assert VisibleText(document.tree).characters() == ""
    assert VisibleText(parse_html(to_html(document, {}))).characters() == ""
    assert to_text(document.tree).strip() == ""


def without_space_at_the_end(body: Element | None) -> bytes:
    assert body is not None
    # An empty element may have a text of no characters.
    return tostring(body, short_empty_elements=False).replace(b"</body>", b"").rstrip()


PDF = {
    "nested lists": "<ol><li>One<ul><li>Two <b>three</b></li></ul>four</li><li>Five</li></ol>",
    "a table": (
        "<table><caption>A</caption><tr><td>1<br>2</td><td><p>3</p><p>4</p></td></tr></table>"
    ),
    "no-break hyphens": "<p>L4\u2011L5 L4&#8209;L5 L4-L5</p>",
    "signs of tags": '<p title="<p>">5 &lt; 6 &gt; 4 &amp; "x"</p><style>"<p>no</p>"</style>',
    "an SVG and comments": "<p>a<!-- <p> -->b<svg width=9 height=9><title>c</title></svg>d</p>",
    "ends that HTML implies": "<p>One <b>two</b><p>three<ul><li>four<li>five</ul>",
}


@pytest.mark.slow
@pytest.mark.parametrize("body", PDF.values(), ids=PDF.keys())
def test_the_pdf_shows_the_characters_of_the_tree(body: str, tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text(body, encoding="utf-8")
    letter = imrgen.Renderer(templates=[tmp_path], check=False).render(STARTER)
    shown = VisibleText(letter.document.tree).characters()
    with open_pdf(letter.pdf) as reading:
        assert "".join(reading.page_characters()) == shown
    assert VisibleText(parse_html(letter.html)).characters() == shown
    assert visible_characters(letter.text) == shown


HEADS = {
    "no end of the head": '<!doctype html><html lang="en"><title>é</title><body><h1>Ä</h1>',
    "no head": '<!doctype html><html lang="en"><body><h1>Ä</h1>',
    "nothing but words": "Ä",
    "the end of the head in a comment": "<head><!-- </head> --><title>é</title></head><h1>Ä</h1>",
    "the end of the head in a script": "<head><script>'</head>'</script></head><h1>Ä</h1>",
    "another encoding": '<head><meta charset="latin1"></head><h1>Ä</h1>',
    "another encoding, the old way": (
        '<meta http-equiv="Content-Type" content="text/html; charset=latin1"><h1>Ä</h1>'
    ),
}


@pytest.mark.parametrize("markup", HEADS.values(), ids=HEADS.keys())
def test_a_head_is_written_whatever_a_template_has(markup: str) -> None:
    html = to_html(Document(markup, "h1 { color: red }"), {"pack": "x"})
    tree = parse_html(html)
    assert VisibleText(tree).characters() == "Ä"
    head = tree.find("head")
    assert head is not None
    metas = [meta.attrib for meta in head.iter("meta")]
    assert {"charset": "utf-8"} in metas
    assert "latin1" not in html
    assert [meta["name"] for meta in metas if "name" in meta] == ["imrgen-provenance"]
    assert head[-1].tag == "style"
    assert "h1 { color: red }" in (head[-1].text or "")


def test_a_template_without_a_head_makes_every_format(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(
        'name = "nohead"\ntitle = "x"\nversion = "1"\nextends = "imr"\n'
        "organization.inherit = true\n"
        '[letters.determination]\ntitle = "x"\ntemplate = "own.html"\n'
    )
    (tmp_path / "own.html").write_text(
        '<!doctype html><html lang="en"><title>x</title><h1>One</h1><p>Two</p>'
    )
    letter = imrgen.Renderer(templates=[tmp_path], check=False).render(STARTER)
    assert VisibleText(parse_html(letter.html)).characters() == "OneTwo"
    assert letter.text == "One\n\nTwo\n"
    assert letter.pdf.startswith(b"%PDF")


def test_a_style_sheet_does_not_end_its_element() -> None:
    document = Document("<p>x", "p::before { content: '</style><p>y' }")
    assert VisibleText(parse_html(to_html(document, {}))).characters() == "x"


def test_a_document_goes_to_another_process_and_is_parsed_there() -> None:
    document = Document("<p>" + "<div>" * 500 + '<img src="a.png">', "", {"a.png": "data:x"})
    assert document.tree is document.tree
    copy = pickle.loads(pickle.dumps(document))
    assert copy == document
    assert tostring(copy.tree) == tostring(document.tree)
    assert b'src="data:x"' in tostring(copy.tree)
