"""Where elements and characters stand in the markup: known, or unknown, and never wrong."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pytest

from imrgen.document import VisibleText, parse_html, write_out
from imrgen.document.positions import Positions, tokens
from tests.document.test_document import BLOCKS, MISNESTED, WELL_NESTED

WRITTEN_OUT = ("span", "sup", "sub", "q", "a", "li", *BLOCKS)
"""What may have written the words of a span."""
TRICKY = {
    "a tag in an attribute": '<i title="<p>no</p>">x</i><p>y</p>',
    "a tag in a script": "<script>'<p>no</p>'</script><p>y</p>",
    "a tag in a comment": "<!-- <p> --><p>y</p>",
    "a tag in a style sheet": "<style>/* <p> */</style><p>y</p>",
    "the end of a tag in an attribute": '<img alt="a > b"><p>y</p>',
    "no quotes": "<img alt=a><p class=b>y</p>",
    "capitals": '<B TITLE="<p>">x</B><P CLASS=x>y</P>',
    "an attribute of its own name": '<p data-imrgen-position="7">y</p>',
    "private-use characters": "<b>\U000f0000\U00100001</b><p>y</p>",
}


@pytest.mark.parametrize("markup", TRICKY.values(), ids=TRICKY.keys())
def test_an_element_is_found_where_it_is_written(markup: str) -> None:
    root = write_out(parse_html(markup))
    positions = Positions(markup, root)
    (place,) = (
        tag for element, tag in zip(root.iter(), positions.tags, strict=True) if element.tag == "p"
    )
    assert place is not None
    assert place[0] == markup.lower().rindex("<p")
    assert markup[place[0] : place[1]].endswith(">")
    assert positions.characters[-1] == markup.rindex("y")


@pytest.mark.slow
@hypothesis.example("<xmp>a&amp;b</xmp>")
@hypothesis.example("<textarea>a<b>c</b></textarea>")
@hypothesis.given(WELL_NESTED | MISNESTED)
def test_a_position_that_is_known_is_right(markup: str) -> None:
    root = write_out(parse_html(markup))
    positions = Positions(markup, root)
    assert len(positions.tags) == len([*root.iter()])
    for element, place in zip(root.iter(), positions.tags, strict=True):
        if place is not None:
            names = WRITTEN_OUT if element.tag == "span" else (element.tag.rpartition("}")[2],)
            assert markup[place[0] :].lower().startswith(tuple(f"<{name}" for name in names))
    for piece, offsets in positions.pieces:
        assert len(offsets) == len(piece.characters)
        for character, offset in zip(piece.characters, offsets, strict=True):
            if offset is not None and markup[offset] != "&":
                assert markup[offset].replace("\u2011", "-") == character


@pytest.mark.slow
@hypothesis.given(WELL_NESTED)
def test_every_position_of_a_well_nested_document_is_known(markup: str) -> None:
    plain = parse_html(f"<body>{markup}</body>")
    written = VisibleText(plain).characters()
    positions = Positions(f"<body>{markup}</body>", write_out(plain))
    # What is written out for an element stands nowhere.
    assert sum(place is not None for place in positions.characters) == len(written)


@pytest.mark.slow
@hypothesis.given(WELL_NESTED | MISNESTED | st.text("<>/&;!-?ab \n\"'=", max_size=20))
@hypothesis.example("&b")
@hypothesis.example("a&b")
@hypothesis.example("<p>&b")
def test_tokens_leave_no_gap(markup: str) -> None:
    found = tokens(markup)
    ends = [0, *(token.end for token in found)]
    assert [token.start for token in found] == ends[:-1]
    assert ends[-1] == len(markup)
