"""Nothing in a letter runs, asks or loads: every such thing is refused, in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

import imrgen
from imrgen.document import active_faults, parse_html
from imrgen.export import POLICY
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
CONTROLS = [chr(code) for code in range(1, 33)]
ACTIVE = [
    "<script>1</script>",
    "<script src=x></script>",
    "<svg><script>1</script></svg>",
    "<math><mtext><script>1</script></mtext></math>",
    "<template><script>1</script></template>",
    "<template shadowrootmode=open><p>x</p></template>",
    "<p onclick=1>x</p>",
    "<p ONMOUSEOVER='1'>x</p>",
    "<img src=x alt=x onerror=1>",
    "<svg onload=1></svg>",
    "<svg><g oNlOaD=1></g></svg>",
    "<body onload=1>",
    "<details open ontoggle=1>x</details>",
    "<iframe></iframe>",
    "<iframe srcdoc='<script>1</script>'></iframe>",
    "<object></object>",
    "<embed>",
    "<applet></applet>",
    "<portal></portal>",
    "<form><p>x</p></form>",
    "<input>",
    "<button>x</button>",
    "<select></select>",
    "<textarea></textarea>",
    "<audio></audio>",
    "<video></video>",
    "<canvas></canvas>",
    "<noscript>x</noscript>",
    "<noembed>x</noembed>",
    "<xmp>x</xmp>",
    "<plaintext>x",
    "<meta http-equiv=refresh content=0>",
    "<meta http-equiv='Refresh ' content='0;url=https://example.org'>",
    "<meta http-equiv=set-cookie content=x>",
    "<svg><set attributeName=href to=x /></svg>",
    "<svg><animate attributeName=href values=x /></svg>",
    "<svg><animateTransform /></svg>",
    "<p contenteditable>x</p>",
    "<a href='#' ping='https://example.org'>x</a>",
    *(
        f"<a href='{scheme}x'>x</a>"
        for scheme in (
            "javascript:",
            "JavaScript:",
            "vbscript:",
            "data:text/html,",
            "file:///",
            "blob:",
            "view-source:",
            "java&#10;script:",
            "&#9;j a v a script:",
            "&#1;javascript:",
            "javascript&colon;",
            "feed:javascript:",
            "intent:",
        )
    ),
    "<svg><a href='javascript:1'><text>x</text></a></svg>",
    "<svg><a xlink:href='javascript:1'><text>x</text></a></svg>",
    "<map><area href='javascript:1'></map>",
    "<math href='javascript:1'></math>",
    "<math><mtext xlink:href='javascript:1'>x</mtext></math>",
]
READ = [
    "<a href='https://example.org/a?b:c#d'>x</a>",
    "<a href='HTTP://example.org'>x</a>",
    "<a href='mailto:office@example.org'>x</a>",
    "<a href='tel:+1-916-555-0100'>x</a>",
    "<a href='#id'>x</a>",
    "<a href=''>x</a>",
    "<meta http-equiv=content-type content='text/html; charset=utf-8'>",
    "<p data-onclick=1 title='javascript:1' class=on>x</p>",
    "<template><p>x</p></template>",
    "<svg><a href='#id'><path/></a></svg>",
]


@pytest.mark.parametrize("body", ACTIVE)
def test_what_a_browser_would_run_is_found(body: str) -> None:
    assert {fault.code for fault in active_faults(parse_html(body))} == {"IMR426"}


@pytest.mark.parametrize("body", READ)
def test_what_is_only_read_is_not(body: str) -> None:
    assert not [*active_faults(parse_html(body))]


@pytest.mark.parametrize("control", CONTROLS)
def test_no_character_hides_an_address_that_runs(control: str) -> None:
    for address in (f"{control}javascript:1", f"java{control}script:1", f"javascript{control}:1"):
        root = parse_html("<a>x</a>")
        root[1][0].set("href", address)
        assert [*active_faults(root)]


@pytest.mark.slow
@pytest.mark.parametrize("draft", [False, True])
def test_all_that_would_run_is_refused_at_its_line(draft: bool, tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    block = tmp_path / "blocks" / "clinical_summary.html"
    block.write_text("<p>x</p>\n<p onclick='1'>x</p>\n<a href='javascript:1'>x</a>\n")
    with pytest.raises(imrgen.PackError) as error:
        imrgen.render(STARTER, templates=[tmp_path], check=False, draft=draft)
    spans = [each.span for each in error.value.diagnostics]
    assert [(span.file, span.line) for span in spans if span] == [(str(block), 2), (str(block), 3)]


_HOST = "https://collector.invalid"
TRICKS = {
    "<svg><title>x</title><a xlink:href='java&#9;script:1'><text>x</text></a></svg>": "IMR426",
    "<svg><title>x</title><a href='javascript:1'><text>x</text></a></svg>": "IMR426",
    "<math href='javascript:1'><mi>x</mi></math>": "IMR426",
    "<math><maction xlink:href='javascript:1'><mi>x</mi></maction></math>": "IMR426",
    "<p href='javascript:1'>x</p>": "IMR426",
    "<a href='java\tscript:1'>x</a>": "IMR426",
    "<a href='\x01javascript:1'>x</a>": "IMR426",
    "<a href='javascript\u2028:1'>x</a>": "IMR419",  # no scheme, and no address either
    "<a href='\u00a0javascript:1'>x</a>": "IMR419",
    "<a href='jav\u200bascript:1'>x</a>": "IMR419",
    "<a href='//collector.invalid/x'>x</a>": "IMR414",
    "<a href='\\\\collector.invalid\\x'>x</a>": "IMR414",
    "<p><button formaction='javascript:1'>x</button></p>": "IMR426",
    "<a href='#' ping='x'>x</a>": "IMR426",
    "<a href='#' attributionsrc>x</a>": "IMR426",
    "<p ping=x>x</p>": "IMR426",
    "<p/onclick=1>x</p>": "IMR426",
    f"<img srcset='{_HOST}/1 1x' alt=x>": "IMR414",
    f"<img src='red.svg' srcset='{_HOST}/1 1x' alt=x>": "IMR414",
    f"<img src='red.svg' lowsrc='{_HOST}/1' alt=x>": "IMR414",
    "<script src='x' onload='1'></script>": "IMR426",
    "<svg><title>x</title><use href='other.svg#a'/></svg>": "IMR419",
    f"<svg><title>x</title><use href='{_HOST}/a.svg#a'/></svg>": "IMR414",
    "<svg><title>x</title><use xlink:href='javascript:1'/></svg>": "IMR414",
    "<svg><title>x</title><use href='data:image/svg+xml;base64,PHN2Zy8+#x'/></svg>": "IMR419",
    f"<svg><title>x</title><linearGradient href='{_HOST}/a.svg#a'/></svg>": "IMR414",
    f"<svg><title>x</title><filter><feImage href='{_HOST}/a'/></filter></svg>": "IMR414",
    f"<svg><title>x</title><path cursor='url({_HOST}/a),auto'/></svg>": "IMR414",
    "<svg><title>x</title><image href='javascript:1'/></svg>": "IMR414",
    "<svg><title>x</title><set attributeName=href to='javascript:1'/></svg>": "IMR426",
    "<set>x</set>": "IMR426",
    f"<link rel=preload href='{_HOST}/1' as=image>": "IMR414",
    f"<link rel='preload license' href='{_HOST}/1' as=image>": "IMR414",
    f"<link rel=license imagesrcset='{_HOST}/1 1x'>": "IMR414",
    "<link rel=alternate href='javascript:1'>": "IMR414",
    f"<base href='{_HOST}/'>": "IMR426",
    "<base target=_blank>": "IMR426",
    f"<style>@import url({_HOST}/1);</style>": "IMR419",
    f"<style>@\\69mport '{_HOST}/1';</style>": "IMR419",
    f"<style>p {{ background: IMAGE-SET('{_HOST}/1' 1x) }}</style>": "IMR419",
    f"<style>p {{ background: im\\61ge-set(url({_HOST}/1) 1x) }}</style>": "IMR419",
    f"<p style=\"background: -webkit-image-set(url('{_HOST}/1') 1x)\">x</p>": "IMR419",
    f"<style>p {{ cursor: url({_HOST}/1), auto }}</style>": "IMR414",
    f"<p style='--x: url({_HOST}/1)'>x</p>": "IMR414",
    f"<table background='{_HOST}/1'><tr><td>x</td></tr></table>": "IMR414",
    f"<table><tr><td BACKGROUND='{_HOST}/1'>x</td></tr></table>": "IMR414",
    f"<p background='{_HOST}/1'>x</p>": "IMR414",
    f"<math altimg='{_HOST}/1'><mi>x</mi></math>": "IMR414",
    f"<template><img src='{_HOST}/1' alt=x></template>": "IMR414",
}
"""What a browser would run or fetch, each with the one code of its one fault."""
HARMLESS = [
    "<p formaction='javascript:1' action='javascript:1'>x</p>",  # it is no form
    "<a href='http:javascript:1'>x</a>",
    "<blockquote cite='javascript:1'><p>x</p></blockquote>",
    f"<style>@namespace '{_HOST}/1';</style>",
    f"<style>p {{ background: url( {_HOST}/1 }}</style>",  # not an address in CSS
    f"<p itemscope itemtype='{_HOST}/1'>x</p>",
    f"<?xml-stylesheet href='{_HOST}'?>",
    "<!--[if IE]><script>1</script><![endif]-->",
    f"<link rel=license href='{_HOST}/1'>",
    f"<svg xml:base='{_HOST}/'><title>x</title><path id=a /><use href='#a'/></svg>",
    "<p title=x/onclick=1>x</p>",
]
"""What looks like it, and is neither run nor fetched by any program."""


@pytest.mark.slow
@pytest.mark.parametrize("draft", [False, True])
def test_each_trick_is_told_once_at_its_line_and_all_at_once(draft: bool, tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    block = tmp_path / "blocks" / "clinical_summary.html"
    block.write_text("\n".join([*TRICKS, *HARMLESS]), encoding="utf-8")
    (tmp_path / "red.svg").write_text(
        "<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0h1v1z'/></svg>"
    )
    with pytest.raises(imrgen.PackError) as error:
        imrgen.render(STARTER, templates=[tmp_path], check=False, draft=draft)
    told = {
        each.span.line: each.code
        for each in error.value.diagnostics
        if each.span and each.span.file == str(block)
    }
    assert told == dict(enumerate(TRICKS.values(), start=1))
    assert len(error.value.diagnostics) == len(TRICKS)


@pytest.mark.slow
def test_what_is_neither_run_nor_fetched_passes_in_every_format(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    block = tmp_path / "blocks" / "clinical_summary.html"
    block.write_text("\n".join(HARMLESS), encoding="utf-8")
    letter = imrgen.render(STARTER, templates=[tmp_path], check=False)
    root = parse_html(letter.html)
    (policy,) = active_faults(root)
    assert policy.message.startswith("<meta>")
    assert {element.get("src", "data:")[:5] for element in root.iter()} == {"data:"}
    assert letter.pdf.startswith(b"%PDF")
    assert letter.text


def test_an_element_that_breaks_several_rules_is_told_of_each(tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    block = tmp_path / "blocks" / "clinical_summary.html"
    block.write_text("<b><img src='missing.png' onerror='1' srcset='x' alt=x>")
    with pytest.raises(imrgen.PackError) as error:
        imrgen.render(STARTER, templates=[tmp_path], check=False)
    codes = sorted(each.code for each in error.value.diagnostics)
    assert codes == ["IMR204", "IMR223", "IMR419", "IMR426"]


def test_the_html_file_forbids_what_the_letter_does_not_have() -> None:
    first = parse_html(imrgen.render(STARTER).html)[0][0]
    assert first.attrib == {"http-equiv": "Content-Security-Policy", "content": POLICY}


def test_no_style_sheet_ends_before_it_ends(tmp_path: Path) -> None:
    text = "p::before { content: '</style><script>1</script><!--' } /* </STYLE> */"
    (tmp_path / "letter.css").write_text(text)
    html = imrgen.render(STARTER, templates=[tmp_path], check=False).html
    assert html.count("</style>") == 1
    assert [*parse_html(html).iter("script")] == []
