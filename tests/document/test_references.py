"""Each way in which a letter can refer to a file: inlined in HTML and shown in PDF, or refused."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

import imrgen
from imrgen.document import parse_html
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
BLOCK = "blocks/clinical_summary.html"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
    '<path fill="#f00" d="M0 0h40v40H0z"/></svg>'
)
BOMB = io.BytesIO()
Image.new("1", (10_000, 10_000)).save(BOMB, "png")
DATA = f"data:image/svg+xml;base64,{base64.b64encode(SVG.encode()).decode()}"
SHOWN = {
    "double quotes": '<img src="red.svg" alt="Red">',
    "single quotes": "<img src='red.svg' alt='Red'>",
    "no quotes": "<img alt=Red src=red.svg>",
    "capitals": '<IMG SRC="red.svg" ALT="Red">',
    "a character reference": '<img src="re&#100;.svg" alt="Red">',
    "a sign of a tag in another attribute": '<img alt="a > b" src="red.svg">',
    "a line break in the tag": '<img\nalt="Red"\nsrc = "red.svg">',
    "twice": '<img src="red.svg" alt="Red"><img src="red.svg" alt="Red">',
    "inside a picture": '<picture><img src="red.svg" alt="Red"></picture>',
    "an image of an SVG": (
        '<svg width="40" height="40"><title>Red</title>'
        '<image href="red.svg" width="40" height="40"/></svg>'
    ),
    "an image of an SVG by xlink": (
        '<svg width="40" height="40"><title>Red</title>'
        '<image xlink:href="red.svg" width="40" height="40"/></svg>'
    ),
    "a style attribute": '<p style="background: url(red.svg)">Words</p>',
    "a style attribute, quoted": "<p style='background: #fff url( \"red.svg\" ) 0 0'>Words</p>",
    "a style attribute, escaped": r'<p style="background: \75rl(red.svg)">Words</p>',
    "a style element": "<style>p.x { background: url('red.svg') }</style><p class=x>Words</p>",
    "a data URL": f'<img src="{DATA}" alt="Red">',
}
REFUSED = {
    "a set of images": '<img src="red.svg" srcset="red.svg 2x" alt="Red">',
    "another source": '<picture><source srcset="red.svg"><img src="red.svg" alt=""></picture>',
    "an input": '<input type="image" src="red.svg" alt="Red">',
    "an object": '<object data="red.svg"></object>',
    "an embedded file": '<embed src="red.svg">',
    "a frame": '<iframe src="red.svg"></iframe>',
    "a document in a frame": "<iframe srcdoc='<p>x'></iframe>",
    "a video": '<video poster="red.svg"></video>',
    "a sound": '<audio src="red.svg"></audio>',
    "a script": '<script src="red.svg"></script>',
    "a background": '<table background="red.svg"><tr><td>x</td></tr></table>',
    "a style sheet": '<link rel="stylesheet" href="x.css">',
    "an icon": '<link rel="icon" href="red.svg">',
    "a base": '<base href="https://example.org/">',
    "part of another file": '<svg><title>x</title><use href="red.svg#a"/></svg>',
    "a paint of another file": '<svg><title>x</title><path fill="url(red.svg#a)"/></svg>',
    "a paint": '<svg><title>x</title><path fill="url(red.svg)"/></svg>',
    "a mask": '<svg><title>x</title><path mask="url(red.svg)"/></svg>',
    "a paint in a style attribute of an SVG": (
        '<svg><title>x</title><path style="fill: url(red.svg)"/></svg>'
    ),
    "a paint in a style sheet of an SVG": (
        "<svg><title>x</title><style>path { fill: url(red.svg) }</style><path/></svg>"
    ),
    "an imported style sheet": "<style>@import 'x.css';</style>",
    "a set of images in CSS": """<p style="background: image-set('red.svg' 1x)">x</p>""",
    "a page that is not there": '<a href="page.html">x</a>',
    "another website": '<img src="https://example.org/x.png" alt="x">',
    "another website in CSS": '<p style="background: url(https://example.org/x.png)">x</p>',
    "a path of the machine": '<img src="/etc/hostname" alt="x">',
    "the network's own form": '<img src="//example.org/x.png" alt="x">',
    "no name": '<img src="" alt="x">',
    "a name that the pack lacks": '<img src="blue.svg" alt="x">',
    "a damaged image": '<img src="damaged.png" alt="x">',
    "a data URL that ends too early": '<img src="data:image/png;base64,A" alt="x">',
    "too many pixels in a data URL": (
        f'<img src="data:image/png;base64,{base64.b64encode(BOMB.getvalue()).decode()}" alt="x">'
    ),
    "a damaged data URL": '<img src="data:image/png;base64,AAAA" alt="x">',
}


def renderer(folder: Path, block: str) -> imrgen.Renderer:
    (folder / "blocks").mkdir()
    (folder / BLOCK).write_text(f"<p>First.</p>\n{block}\n", encoding="utf-8")
    (folder / "red.svg").write_text(SVG)
    (folder / "x.css").write_text("p { color: red }")
    (folder / "damaged.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return imrgen.Renderer(templates=[folder], check=False)


def red_pixels(pdf: bytes) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [
            document[number].render().to_pil().convert("RGB") for number in range(len(document))
        ]
    counted = [page.getcolors(1 << 24) or [] for page in pages]
    return sum(count for page in counted for count, colour in page if colour == (255, 0, 0))


@pytest.mark.slow
@pytest.mark.parametrize("block", SHOWN.values(), ids=SHOWN.keys())
def test_a_file_is_part_of_the_html_and_shown_in_the_pdf(block: str, tmp_path: Path) -> None:
    letter = renderer(tmp_path, block).render(STARTER)
    assert ".svg" not in letter.html
    held = "".join(
        text or ""
        for element in parse_html(letter.html).iter()
        for text in (element.text if element.tag == "style" else "", *element.attrib.values())
    )
    assert held.count(DATA) == block.lower().count("<img") or held.count(DATA) == 1
    assert red_pixels(letter.pdf) >= 100


@pytest.mark.parametrize("block", REFUSED.values(), ids=REFUSED.keys())
def test_what_not_every_format_shows_is_refused_at_its_line(block: str, tmp_path: Path) -> None:
    with pytest.raises(imrgen.PackError) as error:
        renderer(tmp_path, block).render(STARTER)
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.span is not None
    assert (diagnostic.span.file, diagnostic.span.line) == (str(tmp_path / BLOCK), 2)
    assert diagnostic.hints
    assert diagnostic.code in ("IMR204", "IMR207", "IMR414", "IMR419", "IMR426")


BAD_SVGS = {
    "another file": '<svg xmlns="http://www.w3.org/2000/svg"><image href="red.svg"/></svg>',
    "another website": (
        '<svg xmlns="http://www.w3.org/2000/svg"><style>@import "https://example.org/x"</style></svg>'
    ),
    "no namespace": "<svg><path/></svg>",
    "not XML": '<svg xmlns="http://www.w3.org/2000/svg"><path></svg>',
}


@pytest.mark.slow
@pytest.mark.parametrize("svg", BAD_SVGS.values(), ids=BAD_SVGS.keys())
def test_an_svg_that_no_browser_shows_as_an_image_is_refused(svg: str, tmp_path: Path) -> None:
    (tmp_path / "own.svg").write_text(svg)
    with pytest.raises(imrgen.PackError, match=r"own\.svg") as error:
        renderer(tmp_path, '<img src="own.svg" alt="x">').render(STARTER)
    assert [diagnostic.code for diagnostic in error.value.diagnostics] == ["IMR207"]


def test_an_svg_may_hold_its_own_fonts(tmp_path: Path) -> None:
    font = "@font-face { font-family: F; src: url(data:font/woff2;base64,AAAA) }"
    (tmp_path / "own.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg"><style>{font}</style><path d="M0 0h9v9z"/></svg>'
    )
    letter = renderer(tmp_path, '<img src="own.svg" alt="x">').render(STARTER)
    assert "own.svg" not in letter.html


@pytest.mark.slow
def test_all_that_cannot_be_used_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(imrgen.PackError) as error:
        renderer(tmp_path, "\n".join(REFUSED.values())).render(STARTER)
    assert len(error.value.diagnostics) >= len(REFUSED) - 1


@pytest.mark.parametrize(
    ("css", "code"),
    [
        ("@import 'x.css';", "IMR419"),
        ("p { background: image-set('red.svg' 1x) }", "IMR419"),
        ("p { background: url(https://example.org/x.png) }", "IMR414"),
        ("p { background: url(blue.svg) }", "IMR204"),
    ],
)
def test_a_style_sheet_is_held_to_the_same(css: str, code: str, tmp_path: Path) -> None:
    (tmp_path / "letter.css").write_text(css)
    with pytest.raises(imrgen.PackError) as error:
        renderer(tmp_path, "")
    assert [diagnostic.code for diagnostic in error.value.diagnostics] == [code]
    assert "letter.css" in str(error.value)


def test_a_style_sheets_images_are_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "letter.css").write_text(
        '/* url(no.svg) */ p { content: "url(no.svg)"; background: url(red.svg), url("red.svg") }'
    )
    html = renderer(tmp_path, "").render(STARTER).html
    assert html.count(f'url("{DATA}")') == 2
    assert 'content: "url(no.svg)"' in html


def test_a_name_that_the_case_gives_is_not_repeated(
    tmp_path: Path, case: dict[str, dict[str, str]]
) -> None:
    case["employee"]["name"] = "Secret Name"
    with pytest.raises(imrgen.PackError) as error:
        renderer(tmp_path, '<img src="{{ employee.name }}" alt="x">').render(case)
    assert "Secret" not in str(error.value)
    assert "`employee.name`" in str(error.value)
