"""Text is the document's words, laid out for a fixed width."""

from __future__ import annotations

import hashlib

import pytest

from imrgen.document import parse_html
from imrgen.export import to_text, words_digest
from imrgen.export.text import columns


def lay(body: str, width: int = 30) -> str:
    markup = f"<!doctype html><html><head><title>t</title></head><body>{body}</body></html>"
    return to_text(parse_html(markup), width)


def test_paragraphs_are_wrapped_and_parted_by_blank_lines() -> None:
    text = lay("<h1>HEAD</h1><p>one two three four five six seven</p><p>eight</p>")
    assert text == "HEAD\n\none two three four five six\nseven\n\neight\n"


def test_width_0_wraps_nothing() -> None:
    assert lay("<p>" + "word " * 50 + "</p>", 0).count("\n") == 1


def test_a_long_word_stands_unbroken() -> None:
    assert lay(f"<p>a {'x' * 40} b</p>") == f"a\n{'x' * 40}\nb\n"


def test_wide_and_combining_characters_count_as_the_columns_they_take() -> None:
    assert columns("漢字") == 4
    assert columns("e\u0301") == 1
    assert (
        lay("<p>漢字漢字 漢字漢字 漢字漢字 漢字漢字</p>", 20)
        == "漢字漢字 漢字漢字\n漢字漢字 漢字漢字\n"
    )


def test_a_no_break_space_breaks_no_line() -> None:
    assert lay("<p>aaaa bbbb&nbsp;cccc</p>", 12) == "aaaa\nbbbb\u00a0cccc\n"


def test_line_breaks_and_addresses() -> None:
    assert lay("<address>A<br>B <b>c</b><br>D</address>") == "A\nB c\nD\n"


MARK = '<span class="marker">{}</span> '


def test_lists_hang_by_their_markers() -> None:
    items = "".join(f"<li>{MARK.format(m)}{'word ' * 7}</li>" for m in ("1.", "10."))
    assert lay(f"<ol>{items}</ol>", 20) == (
        "1. word word word\n   word word word\n   word\n"
        "10. word word word\n    word word word\n    word\n"
    )


def test_lists_nest() -> None:
    inner = f"<ul><li>{MARK.format('•')}in</li></ul>"
    assert (
        lay(f"<ul><li>{MARK.format('•')}out{inner}</li><li>{MARK.format('•')}x</li></ul>")
        == "• out\n  • in\n• x\n"
    )


def test_an_item_of_paragraphs_is_loose() -> None:
    item = f"<li><p>{MARK.format('1.')}a</p><p>b</p></li>"
    assert lay(f"<ol>{item}{item}</ol>") == "1. a\n\n   b\n\n1. a\n\n   b\n"


def test_a_list_without_markers_is_indented() -> None:
    assert lay("<ul><li>a</li><li>b</li></ul>") == "  a\n  b\n"


def test_quotes_are_indented() -> None:
    assert lay("<blockquote><p>a b</p><p>c</p></blockquote>") == "    a b\n\n    c\n"


def test_tables_are_aligned_columns() -> None:
    table = (
        '<table><tr><th>Drug</th><th style="text-align:right">mg</th></tr>'
        '<tr><td>Norco</td><td style="text-align:right">325</td></tr></table>'
    )
    assert lay(table) == "Drug    mg\nNorco  325\n"


def test_a_spanning_cell_takes_its_columns() -> None:
    table = (
        '<table><tr><td>a</td><td colspan="2">bb cc</td></tr>'
        "<tr><td>a</td><td>b</td><td>c</td></tr></table>"
    )
    assert lay(table) == "a  bb cc\na  b  c\n"


def test_a_header_row_stands_apart() -> None:
    table = (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    )
    assert lay(table) == "a  b\n\n1  2\n"


def test_a_tables_last_column_wraps() -> None:
    table = "<table><tr><th>Norco</th><td>one two three four five six</td></tr></table>"
    assert lay(table, 28) == "Norco  one two three four\n       five six\n"


def test_a_table_that_is_too_wide_stands_cell_by_cell() -> None:
    table = (
        "<table><tr><td>aaa bbb ccc ddd</td><td>eee fff ggg hhh</td></tr>"
        "<tr><td>i</td><td>j</td></tr></table>"
    )
    assert lay(table, 14) == "aaa bbb ccc\nddd\n  eee fff ggg\n  hhh\n\ni\n  j\n"


def test_images_are_said_by_their_text_and_hidden_things_are_not() -> None:
    assert (
        lay('<p><img src="x" alt="Seal"> a</p><p hidden>b</p><script>c</script><!-- d -->')
        == "Seal a\n"
    )


@pytest.mark.parametrize("width", [1, 2, 5, 9])
def test_narrow_widths_lose_no_word(width: int) -> None:
    items = f"<ul><li>{MARK.format('•')}alpha beta</li></ul>"
    body = f"{items}<blockquote>gamma</blockquote><table><tr><td>delta</td></tr></table>"
    assert lay(body, width).split() == ["•", "alpha", "beta", "gamma", "delta"]


def test_the_digest_of_words_is_that_of_the_text_at_any_width() -> None:
    body = (
        f"<h1>al<b>pha</b></h1><ol><li>{MARK.format('1.')}beta<p>gam<br>ma</p></li></ol>"
        '<p hidden>x</p><p><img src="x" alt="del ta"> eps\xa0ilon<!-- y --></p>'
        "<table><tr><th>zeta</th><td>eta</td></tr></table><script>z</script>"
    )
    for width in (0, 9, 80):
        words = " ".join(lay(body, width).split())
        assert hashlib.sha256(words.encode()).hexdigest() == words_digest(parse_html(body))
