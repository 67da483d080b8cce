"""Narratives come out as typed, or are refused; nothing vanishes."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imrgen.case import Fault
from imrgen.compose.dialect import MOST_NESTING, parsed_html
from imrgen.compose.markdown import to_html


def shown(text: str) -> str:
    """Return what a reader sees, white space squeezed."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", to_html(text))).split())


@pytest.mark.parametrize(
    "text",
    [
        "Norco 10/325 #60",
        "# 60 tablets",
        "pain > 5 and < 8",
        "pain\n> 5 at rest",
        "> 5 mm of stenosis",
        "L4-5 *",
        "aspirin* and naproxen*",
        "5*3*2 and snake_case_name",
        "The injury was in\n2004. The patient returned.",
        "2004. The patient returned.",
        "grade\n1. The next step",
        "A & B, R&D, &amp; &reg; &#169;",
        "<b>bold</b> <script>x</script> <!-- c -->",
        "[1]: Smith 2014",
        "[1] and [Smith][2]",
        "---",
        "***",
        "Findings\n===\nnext",
        "Findings\n---\nnext",
        "+ SLR on the left",
        "```\ncode\n```",
        "`quoted`",
        "~~not struck~~",
        "<https://example.org>",
        "[bad](javascript:alert(1)) [data](data:text/html,x) [file](file:///etc/passwd)",
        "| not | a table",
        "He said \"no\" -- 'twice' ...",
        "T1/2 ½ é ≥ Lidoderm® “quoted” – dash",
        "a\\b C:\\temp",
    ],
)
def test_everyday_text_comes_out_as_typed(text: str) -> None:
    assert shown(text) == " ".join(text.split())


def test_indented_lines_are_no_code() -> None:
    assert to_html("    indented") == "<p>indented</p>"


def test_single_newlines_are_spaces_and_blank_lines_part_paragraphs() -> None:
    assert to_html("one\ntwo\n\nthree") == "<p>one\ntwo</p>\n<p>three</p>"


def test_emphasis() -> None:
    assert to_html("*a* **b** _c_") == "<p><em>a</em> <strong>b</strong> <em>c</em></p>"


def test_a_lists_markers_are_text_and_numbers_stay_as_typed() -> None:
    assert shown("- a\n- b") == "• a • b"
    assert shown("1. a\n3. b\n3) c") == "1. a 3. b 3) c"
    assert shown("Ask for:\n- a\n- b") == "Ask for: • a • b"
    assert shown("- > quoted\n-\n- - nested") == "• quoted • • • nested"


def test_quotes_and_tables() -> None:
    assert "<blockquote>" in to_html("> quoted")
    table = to_html("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert '<th scope="col">a</th>' in table
    assert shown("| a | b |\n|---|--:|\n| 1 | 2 |") == "a b 1 2"


def test_links_show_their_address_and_lead_only_to_the_web_and_mail() -> None:
    link = to_html("[DIR](https://www.dir.ca.gov/) [mail](mailto:a@example.org)")
    assert '<a href="https://www.dir.ca.gov/">DIR (https://www.dir.ca.gov/)</a>' in link
    assert '<a href="mailto:a@example.org">mail (a@example.org)</a>' in link


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ("https://müller.example/x?y=1", "https://xn--mller-kva.example/x?y=1"),
        ("https://MÜLLER.example:80", "https://xn--mller-kva.example:80"),
        ("https://straße.example/é%20#ü", "https://xn--strae-oqa.example/%C3%A9%20#%C3%BC"),
        ("http://jörg@例え.テスト/", "http://j%C3%B6rg@xn--r8jz45g.xn--zckzah/"),
        ("mailto:jörg@müller.example", "mailto:j%C3%B6rg@xn--mller-kva.example"),
    ],
)
def test_links_lead_to_international_hosts_and_show_them_as_typed(typed: str, href: str) -> None:
    shown = typed.removeprefix("mailto:")
    assert to_html(f"[there]({typed})") == f'<p><a href="{href}">there ({shown})</a></p>'
    assert "<a" not in to_html("[x](ftp://example.org) [y](//example.org) [z](x.html)")


def test_images_are_not_fetched() -> None:
    assert "<img" not in to_html("![x](https://example.org/x.png)")


@pytest.mark.parametrize(
    "text",
    [
        "- " * (MOST_NESTING + 1) + "x",
        "- " * 60 + "x",
        "> " * (MOST_NESTING + 1) + "x",
        "> " * 500 + "x",
        "| a |\n|---|\n| 1 | lost |",
        '[a](https://example.org "lost")',
    ],
)
def test_what_would_vanish_is_refused(text: str) -> None:
    with pytest.raises(Fault):
        to_html(text)


def test_the_deepest_nesting_allowed_is_shown() -> None:
    assert shown("- " * MOST_NESTING + "x") == "• " * MOST_NESTING + "x"


def test_a_lead_opens_the_first_paragraph_or_stands_before_another_block() -> None:
    assert to_html("a\n\nb", "Lead:") == "<p>Lead: a</p>\n<p>b</p>"
    assert to_html("- a", "Lead:").startswith("<p>Lead: </p>")
    assert to_html("a", "<b>") == "<p>&lt;b&gt; a</p>"


@given(
    st.text(alphabet="ab1 \n\n.,;:()<>&\"'#=~`!?-+\u00e9\u00a0\u201c", max_size=60),
    st.sampled_from(["", "Lead:"]),
)
def test_text_without_markup_is_converted_just_as_the_parser_would(text: str, lead: str) -> None:
    assert to_html(text, lead) == parsed_html(text, lead)


SIGNS = st.text(alphabet="ab1 \n*_>-+#.|`[]()<>&\\!:\"'~=", max_size=60)


@given(SIGNS)
def test_no_letter_or_digit_ever_vanishes(text: str) -> None:
    try:
        seen = shown(text)
    except Fault:
        return
    typed = [character for character in text if character.isalnum()]
    assert [character for character in seen if character.isalnum()] == typed


@given(st.text(max_size=60))
def test_no_narrative_makes_a_tag_of_its_own(text: str) -> None:
    try:
        made = to_html(text)
    except Fault:
        return
    tags = set(re.findall(r"</?([a-z0-9]+)", made))
    known = {"p", "em", "strong", "ul", "ol", "li", "blockquote", "a", "br", "span"}
    assert tags <= known | {"table", "thead", "tbody", "tr", "th", "td"}
