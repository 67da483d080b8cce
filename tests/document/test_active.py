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


@pytest.mark.parametrize("draft", [False, True])
def test_all_that_would_run_is_refused_at_its_line(draft: bool, tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    block = tmp_path / "blocks" / "clinical_summary.html"
    block.write_text("<p>x</p>\n<p onclick='1'>x</p>\n<a href='javascript:1'>x</a>\n")
    with pytest.raises(imrgen.PackError) as error:
        imrgen.render(STARTER, templates=[tmp_path], check=False, draft=draft)
    spans = [each.span for each in error.value.diagnostics]
    assert [(span.file, span.line) for span in spans if span] == [(str(block), 2), (str(block), 3)]


def test_the_html_file_forbids_what_the_letter_does_not_have() -> None:
    first = parse_html(imrgen.render(STARTER).html)[0][0]
    assert first.attrib == {"http-equiv": "Content-Security-Policy", "content": POLICY}


def test_no_style_sheet_ends_before_it_ends(tmp_path: Path) -> None:
    text = "p::before { content: '</style><script>1</script><!--' } /* </STYLE> */"
    (tmp_path / "letter.css").write_text(text)
    html = imrgen.render(STARTER, templates=[tmp_path], check=False).html
    assert html.count("</style>") == 1
    assert [*parse_html(html).iter("script")] == []
