"""What elements say without words stands in the document as words, and so in every format."""

from __future__ import annotations

from xml.etree.ElementTree import tostring

import pytest

from imrgen.document import Document, VisibleText, parse_html, visible_characters, write_out
from imrgen.document.positions import Positions
from imrgen.export import to_html, to_text

LISTS = {
    "numbers": ("<ol><li>One<li>Two</ol>", "1. One\n2. Two"),
    "bullets": ("<ul><li>One<li>Two</ul>", "• One\n• Two"),
    "a start": ("<ol start=9><li>Nine<li>Ten</ol>", "9. Nine\n10. Ten"),
    "a start below one": ("<ol start=-1><li>a<li>b<li>c</ol>", "-1. a\n0. b\n1. c"),
    "a start that is none": ("<ol start=x><li>One</ol>", "1. One"),
    "a value": ("<ol><li>a<li value=7>b<li>c</ol>", "1. a\n7. b\n8. c"),
    "reversed": ("<ol reversed><li>a<li>b</ol>", "2. a\n1. b"),
    "reversed, with a start": ("<ol reversed start=5><li>a<li>b</ol>", "5. a\n4. b"),
    "letters": ("<ol type=a start=26><li>a<li>b</ol>", "z. a\naa. b"),
    "capitals": ("<ol type=A start=52><li>a<li>b</ol>", "AZ. a\nBA. b"),
    "Roman numerals": ("<ol type=i start=8><li>a<li>b</ol>", "viii. a\nix. b"),
    "Roman capitals": ("<ol type=I start=1949><li>a</ol>", "MCMXLIX. a"),
    "letters below one": ("<ol type=a start=0><li>a<li>b</ol>", "0. a\na. b"),
    "an item of another type": ("<ol><li>a<li type=i>b</ol>", "1. a\nii. b"),
    "hidden items, which are not counted": ("<ol><li>a<li hidden>b<li>c</ol>", "1. a\n2. c"),
    "an inner list": (
        "<ol><li>a<ul><li>b</ul><li>c<ol type=a><li>d</ol></ol>",
        "1. a\n   • b\n2. c\n   a. d",
    ),
    "nothing but an inner list": ("<ul><li><ol><li>a</ol></ul>", "• 1. a"),
    "paragraphs": ("<ol><li><p>a</p><p>b</p></li></ol>", "1. a\n\n   b"),
    "a heading": ("<ol><li><h3>a</h3></li></ol>", "1. a"),
    "an empty item": ("<ol><li></li><li>b</ol>", "1.\n2. b"),
    "markers of its own": ('<ol><li><span class="marker">(1)</span> a</ol>', "(1) a"),
    "a list that has none": ('<ul class="x unmarked"><li>a</ul>', "  a"),
    "a list whose style says none": ('<ul style="list-style: none"><li>a</ul>', "  a"),
}
WORDS = {
    "10<sup>6</sup>": "10⁶",
    "10<sup> -6 </sup>/L": "10 ⁻⁶ /L",
    "x<sup>2(n+1)</sup>": "x²⁽ⁿ⁺¹⁾",
    "H<sub>2</sub>O": "H₂O",
    "1<sup>st</sup> Acme<sup>®</sup> note<sup>*</sup>": "1st Acme® note*",
    "x<sup>a<sub>2</sub></sup>": "x^(a₂)",
    "T<sub>max</sub>": "T_(max)",
    "x<sup>12 b</sup>": "x^(12 b)",
    'x<sup><a href="#n">1</a></sup><sup></sup>': "x¹",
    "<q>no <q>pain</q> at</q> <q>all</q>": "“no ‘pain’ at” “all”",
    '<a href="https://example.org/a">here</a>': "here (https://example.org/a)",
    '<a href="https://example.org/"><b>He</b>re</a>': "Here (https://example.org/)",
    '<a href="https://example.org/">https://example.org</a>': "https://example.org",
    '<a href="https://example.org/">Example.org</a>': "Example.org",
    '<a href="https://example.org/a">example.org</a>': "example.org (https://example.org/a)",
    '<a href="mailto:a@example.org">us</a>': "us (a@example.org)",
    '<a href="mailto:a@example.org">a@example.org</a>': "a@example.org",
    '<a href="tel:+19165550100">(916) 555-0100</a>': "(916) 555-0100",
    '<a href="tel:+19165550100">Call us</a>': "Call us (+19165550100)",
    '<a href="#x">below</a> <a id="x">here</a>': "below here",
    '<a href="https://xn--bcher-kva.example/">a (https://bücher.example/)</a>': (
        "a (https://bücher.example/)"
    ),
}
BODIES = [*(body for body, _ in LISTS.values()), *(f"<p>{words}</p>" for words in WORDS)]


def document(body: str) -> Document:
    return Document(f'<!doctype html><html lang="en"><title>x</title><body>{body}', "")


@pytest.mark.parametrize(("body", "text"), LISTS.values(), ids=LISTS)
def test_lists_have_their_markers(body: str, text: str) -> None:
    assert to_text(document(body).tree) == text + "\n"


@pytest.mark.parametrize(("body", "text"), WORDS.items())
def test_shifted_words_quotes_and_links_keep_their_meaning(body: str, text: str) -> None:
    assert to_text(document(f"<p>{body}</p>").tree) == text + "\n"


@pytest.mark.parametrize("body", BODIES)
def test_all_formats_hold_the_words_and_nothing_is_written_twice(body: str) -> None:
    made = document(body)
    file = parse_html(to_html(made, {}))
    words = visible_characters(to_text(made.tree))
    assert VisibleText(made.tree).characters() == words == VisibleText(file).characters()
    before = tostring(file)
    assert tostring(write_out(file)) == before


@pytest.mark.parametrize("body", BODIES)
def test_what_the_author_wrote_is_found_where_it_stands(body: str) -> None:
    """Words that are written out have no place; their elements have that of whom they are for."""
    made = document(body)
    positions = Positions(made.markup, made.tree)
    assert len(positions.tags) == len([*made.tree.iter()])
    for piece, places in positions.pieces:
        found = "".join(made.markup[place] for place in places if place is not None)
        written = visible_characters(found)
        assert written == "" or len(written) == len(piece.characters)
    written = VisibleText(parse_html(made.markup)).characters()
    assert sum(place is not None for place in positions.characters) == len(written)
    names = {"span": ("<span", "<sup", "<sub", "<q", "<a", "<li", "<p", "<h3")}
    for element, tag in zip(made.tree.iter(), positions.tags, strict=True):
        if tag is not None:
            assert made.markup[tag[0] :].startswith(names.get(element.tag, f"<{element.tag}"))
