"""Narratives come out as typed, or are refused; nothing vanishes."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imrgen.case import Fault, Paragraph, read_blocks
from imrgen.compose.dialect import parsed
from imrgen.compose.markdown import plain_html, to_html
from tests.compose.narratives import NARRATIVES, assert_nothing_vanished


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
        "10.2 (*), WBC 11.4 (*)",
        "10.2 *(H), 11.4 *(L)",
        "10.2 *(H)* and 11.4 *[L]*",
        "*[1](see)* \\[1](see)",
        "*p < 0.05, **p < 0.01",
        "(___) ___-____",
        "Name: ____John Smith____ Date: ___/___/___",
        "/_docs_/ C:\\_docs_\\x \\\\server\\_a_\\b _config/a_ _john_@example.org __init__.py",
        "https://example.org/_a_/*b*?c=*d* file_*_name **/*.pdf C:\\* C:\\docs\\*",
        "5*a, b* and *a,*b",
        "* * *",
        "*** ***",
        "* drawn 12/01/2016",
        "- 4 mm",
        "- > six months",
        "> six months of therapy",
        ">moderate stenosis",
        "> (mild) stenosis",
        "- a\n* b\n+ c",
        "Reflexes:\n\n+ Hoffman\n- Babinski\n- clonus",
        "\\. \\# \\\\ \\- \\[1\\] snake\\_case",
        "2004\\. The patient",
        "| a | b \\| c",
        "!Important [text] (see)",
        "> " * 500 + "x",
        "- " * 60 + "x",
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Assessment:** pain", "<strong>Assessment:</strong> pain"),
        ("(*less*), “**R&D**”", "(<em>less</em>), “<strong>R&amp;D</strong>”"),
        ("***both*** — *one*—", "<em><strong>both</strong></em> — <em>one</em>—"),
        ("**see (p. 5)** *“so”*", "<strong>see (p. 5)</strong> <em>“so”</em>"),
        ("**10/325** _Norco_.", "<strong>10/325</strong> <em>Norco</em>."),
        ("**one\ntwo**", "<strong>one\ntwo</strong>"),
        ("*C:*", "<em>C:</em>"),
    ],
)
def test_emphasis_stands_around_words(text: str, expected: str) -> None:
    assert to_html(text) == f"<p>{expected}</p>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\*not emphasized\*", "*not emphasized*"),
        (r"\**bold** \_a\_", "**bold** _a_"),
        (r"\[DIR](https://example.org)", "[DIR](https://example.org)"),
        (r"\[a](https://example.org/(b))", "[a](https://example.org/(b))"),
        (r"\- Babinski", "- Babinski"),
        (r"1\. May", "1. May"),
        (r"3\) May", "3) May"),
        (r"\(1) May", "(1) May"),
        (r"\> Quoted", "> Quoted"),
        ("- a\n- b\n\\- c", "- a - b - c"),
        (r"\> 5 mm", r"\> 5 mm"),
        (r"12\.5 mg", r"12\.5 mg"),
        ("|*a|b|\n|-|-|\n|*c|5\\*|", r"*a b *c 5\*"),
        ("/_a_\u2003_b_ C:\\_c_", "/_a_ b C:\\_c_"),
    ],
)
def test_a_backslash_is_taken_off_only_before_a_mark(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_a_link_may_be_emphasized() -> None:
    assert to_html("**[DIR](https://example.org/)**") == (
        '<p><strong><a href="https://example.org/">DIR (https://example.org/)</a></strong></p>'
    )


@pytest.mark.slow
def test_a_long_paragraph_of_signs_is_read_at_once() -> None:
    apart = (" _a/b", " a\\*", " \\_a", " a_b_", "(*", " **a", " *a*", "[a](", "|a", "a(")
    joined = ("a_", "\\_a", "/_", "[", "\\[", "*[", "[a", "![", "**a", "|", "\\", "(", ">", "-")
    for sign in (*apart, *joined):
        assert len(to_html(sign * 20_000)) > 20_000


def test_a_lists_markers_are_text_and_stay_as_typed() -> None:
    assert to_html("- a\n- b") == (
        '<ul role="list">\n<li><span class="marker">-</span> a</li>\n'
        '<li><span class="marker">-</span> b</li>\n</ul>'
    )
    assert to_html("1) a\n\n2) b") == (
        '<ol role="list">\n<li>\n<p><span class="marker">1)</span> a</p>\n</li>\n'
        '<li>\n<p><span class="marker">2)</span> b</p>\n</li>\n</ol>'
    )
    assert shown("- > “Quoted”\n-\n- - nested") == "- “Quoted” - - - nested"


def test_words_line_breaks_are_kept_and_spaces_at_a_lines_end_break_nothing() -> None:
    assert to_html("one\x0btwo\u2028*three*  \nfour") == (
        "<p>one<br>\ntwo<br>\n<em>three</em>\nfour</p>"
    )
    assert to_html("one\x0btwo  \nthree\\\nfour") == "<p>one<br>\ntwo\nthree\\\nfour</p>"


def test_quotes_and_tables() -> None:
    assert shown("a | b\n--|--\n1 | \\| 2\n | 3 |\n|| |") == "a b 1 | 2 3"
    assert "<blockquote>" in to_html("> Quoted")
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
    ("text", "lost"),
    [
        ("Visits:\n\n| a |\n|---|\n| 1 | lost |", "lost"),
        ('see [a](https://example.org "lost")', '"lost"'),
        (r"[a](https://example.org/a\_b)", r"\_b"),
        ("| a | b |\n|---|---|\n| 1 || |", "|"),
        ("- x\n- [a](https://example.org 'lost')", "'lost'"),
    ],
)
def test_what_would_vanish_is_refused_at_its_place(text: str, lost: str) -> None:
    with pytest.raises(Fault) as caught:
        to_html(text)
    assert caught.value.start == text.rindex(lost)


def test_a_lead_opens_the_first_paragraph_or_stands_before_another_block() -> None:
    assert to_html("a\n\nb", "Lead:") == "<p>Lead: a</p>\n<p>b</p>"
    assert to_html("- a\n- b", "Lead:").startswith("<p>Lead: </p>")
    assert to_html("a", "<b>") == "<p>&lt;b&gt; a</p>"


@given(st.text(alphabet="ab1 \n\n.,;:()<>&\"'#=~`!?-+\x0b\u00e9\u00a0\u201c", max_size=60))
def test_text_without_markup_is_converted_just_as_the_parser_would(text: str) -> None:
    for block in read_blocks(text):
        if isinstance(block, Paragraph):
            assert [part.html for part in parsed(block)] == [plain_html(block)]


@pytest.mark.slow
@settings(max_examples=2000, suppress_health_check=list(HealthCheck))
@given(NARRATIVES)
def test_no_sign_vanishes(text: str) -> None:
    assert_nothing_vanished(text)


SIGNS = st.text(alphabet="ab1 \n*_>-+#.|`[]()<>&\\!:\"'~=", max_size=60)


@given(SIGNS)
def test_no_letter_or_digit_ever_vanishes(text: str) -> None:
    try:
        seen = shown(text)
    except Fault:
        return
    typed = [character for character in text if character.isalnum()]
    assert [character for character in seen if character.isalnum()] == typed


@pytest.mark.slow
@given(st.text(max_size=60))
def test_no_narrative_makes_a_tag_of_its_own(text: str) -> None:
    try:
        made = to_html(text)
    except Fault:
        return
    tags = set(re.findall(r"</?([a-z0-9]+)", made))
    known = {"p", "em", "strong", "ul", "ol", "li", "blockquote", "a", "br", "span"}
    assert tags <= known | {"table", "thead", "tbody", "tr", "th", "td"}
