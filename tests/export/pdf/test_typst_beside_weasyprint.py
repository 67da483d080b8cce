"""Letters that Typst sets as WeasyPrint does: the same words and lines on the same pages."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops

import imrgen
from imrgen.export.pdf.readback import open_pdf
from tests.conftest import ROOT
from tests.letters import styled_pack
from tests.pdf_lines import plain_lines

STARTER = ROOT / "imrgen" / "starter.toml"
SHORT = (
    "<p>The quick brown fox jumps over the lazy dog, and does not come back for a long time.</p>"
)
NAMED = "@page wide { size: letter landscape } .wide { page: wide } "
PLAIN = "@page { @top-left { content: none } @top-right { content: none } } "
ROWS = "".join(
    f"<tr><td>Row {number}</td><td>The quick brown fox</td></tr>" for number in range(60)
)
FOOT = '<tfoot><tr><th scope="row">Sum</th><td>3</td></tr><tr><td colspan="2">All</td></tr></tfoot>'
SET = {
    "even and odd pages": (
        "@page :left { @bottom-left { content: 'Even' } }"
        "@page :right { @bottom-right { content: 'Odd ' counter(page) } }"
        "@page :blank { margin: 4in }",
        SHORT * 70,
    ),
    "mirrored margins": (
        PLAIN + "@page :left { margin-left: 2in; @top-right-corner { content: 'x' } }"
        "@page :right { margin-right: 2in; @top-right-corner { content: 'y' } }",
        SHORT * 70,
    ),
    "a first page with more room above": ("@page :first { margin-top: 3in }", SHORT * 70),
    "a first page with more room below": (
        "@page :first { margin: 2in 1in 3in; @bottom-left { content: 'Foot' } }",
        SHORT * 70,
    ),
    "several selectors": (
        "@page :left, :first { @bottom-left { content: 'Here' } }"
        "@page :first:left { margin: 4in } @page :first:right { @bottom-right { content: 'One' } }",
        SHORT * 70,
    ),
    "named pages": (
        NAMED + "body { page: rest } @page rest:left { @bottom-left { content: 'Rest' } }"
        "@page wide { @bottom-left { content: 'Wide' } }",
        f'{SHORT}<div class="wide">{SHORT * 3}</div>{SHORT * 60}'
        f'<div class="wide">{SHORT * 40}</div>',
    ),
    "borders of rows, groups and tables": (
        "th, td { border: 0 } tr { border-bottom: 1pt solid #c00 } table { border: 3pt solid }"
        "thead { border-bottom: 3pt solid #00c }",
        f"<table><thead><tr><th>A</th><th>B</th></tr></thead>{ROWS}</table>",
    ),
    "the foot of a table": ("", f"<table><tbody>{ROWS}</tbody>{FOOT}</table>"),
    "its head and foot": (
        "tfoot { background: #eee }",
        f"<table><caption>Table</caption><thead><tr><th>A</th><th>B</th></tr></thead>{ROWS}{FOOT}"
        f"</table>{SHORT * 20}",
    ),
    "pages without a name behind a break": (
        NAMED + ".new { break-before: page } .last { break-after: page }",
        f'{SHORT}<div class="wide">{SHORT}</div><p class="new">New.</p>'
        f'<div class="wide">{SHORT}<p class="last">Last.</p></div>{SHORT}',
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SET)
def test_words_and_lines_stand_on_the_pages_where_weasyprint_sets_them(
    name: str, tmp_path: Path
) -> None:
    css, html = SET[name]
    pack = styled_pack(tmp_path, css, html)
    found = []
    for engine in ("weasyprint", "typst"):
        pdf = imrgen.render(STARTER, templates=[pack], engine=engine, check=False).pdf
        with open_pdf(pdf) as reader:
            sizes = [(round(page.width), round(page.height)) for page in reader.pages()]
            found.append((sizes, reader.page_characters(), plain_lines(pdf)))
    assert found[1] == found[0]
    assert len(found[0][0]) > 1


NONE = ".t th, .t td { border: 0 } "
CELLS = (
    '<table class="t"><col><col><col><thead><tr><th>A</th><th>B</th><th>C</th></tr></thead>'
    '<tr class="r"><td rowspan="2">1</td><td class="s">2</td><td>3</td></tr>'
    '<tr><td colspan="2" class="u">4</td></tr><tr class="r"><td>5</td><td>6</td><td>7</td></tr>'
    "</table>"
)
MEETING = {
    "rows": NONE + ".t tr { border-bottom: 2pt solid #f00 }",
    "a wider group": NONE + ".t tr { border: 2pt solid #f00 } .t thead { border: 4pt solid #00f }",
    "a wider table": ".t th, .t td { border: 2pt solid #f00 } .t { border: 5pt solid #00f }",
    "a cell before its row": ".t td { border: 2pt solid #f00 } .t .r { border: 2pt solid #00f }",
    "a hidden one": ".t td { border: 3pt solid #f00 } .t .r { border-bottom: hidden }",
    "columns": NONE + ".t col { border-left: 2pt solid #00f } .t .s { border: 4pt solid #f00 }",
    "part of a side": NONE + ".t .s { border: 3pt solid #f00 }",
    "a solid one": ".t td { border: 2pt dashed #f00 } .t .u { border: 2pt solid #00f }",
}


MARGINS = {
    "a line above a foot": "@bottom-center { border-top: 2pt solid #f00; padding-top: 9pt }",
    "lines around texts": (
        "@bottom-left { content: 'A'; border: 3pt solid #f00; padding: 4pt }"
        "@bottom-right { content: 'Longer'; background: #00f; border-radius: 5pt }"
    ),
    "a line across": (
        "@bottom-center { width: 100%; border-top: 2pt solid #f00; text-align: right }"
    ),
    "a box of a third of the width": "@bottom-right { content: 'x'; width: 30%; background: #f00 }",
    "texts at the edge": (
        "@top-left { content: 'HH'; font-size: 40pt; vertical-align: bottom; color: #f00 }"
        "@bottom-center { content: 'HH'; font-size: 40pt; vertical-align: top; color: #00f;"
        "text-align: left }"
    ),
}
LEAST = '<div class="x"><p>Maria Example<br>400 Sample Avenue</p></div><p class="y">After.</p>'
HEIGHTS = {
    "a height": ".x { height: 90pt; width: 200pt; border: 5pt solid #f00; padding: 5pt }",
    "with its border": ".x { height: 90pt; box-sizing: border-box; border: 5pt solid #f00 }",
    "a least height": ".x { min-height: 90pt; background: #f00; margin: 9pt 0 }",
    "custom properties": (
        ":root { --line: 2pt var(--kind, solid) #f00; --room: 9pt }"
        "@media screen { :root { --room: 0 } }"
        ".x { border: var(--line); padding: var(--room) var(--none, 20pt) }"
    ),
    "of which nothing is seen": ".x { min-height: 60pt }",
    "one that is passed": ".x { min-height: 9pt; background: #f00 } .x p { margin: 20pt 0 }",
}
SEEN = (
    {name: (css, CELLS) for name, css in MEETING.items()}
    | {name: (f"@page {{ {css} }}", SHORT) for name, css in MARGINS.items()}
    | {name: (css + ".y { background: #00f }", LEAST) for name, css in HEIGHTS.items()}
)


def coloured(pdf: bytes) -> tuple[list[float], list[int]]:
    """Return how much of a PDF's first page is red, and blue, and the bounds of each."""
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=2).to_pil().convert("RGB")
    amounts, bounds = [], []
    for colour in ("#f00", "#00f"):
        rest = ImageChops.difference(image, Image.new("RGB", image.size, colour)).convert("L")
        mask = rest.point(lambda value: 255 if value < 3 else 0)
        amounts.append(mask.histogram()[255])
        bounds += mask.getbbox() or (0, 0, 0, 0)
    return amounts, bounds


@pytest.mark.slow
@pytest.mark.parametrize("name", SEEN)
def test_lines_and_grounds_are_seen_where_weasyprint_draws_them(name: str, tmp_path: Path) -> None:
    pack = styled_pack(tmp_path, *SEEN[name])
    one, two = (
        coloured(imrgen.render(STARTER, templates=[pack], engine=engine, check=False).pdf)
        for engine in ("weasyprint", "typst")
    )
    assert sum(one[0]) > 10
    assert two[0] == pytest.approx(one[0], rel=0.25, abs=160)
    assert two[1] == pytest.approx(one[1], abs=8)


@pytest.mark.slow
@pytest.mark.parametrize("css", ["", "@page wide { size: letter; margin: 1in }"])
def test_what_weasyprint_leaves_on_a_page_with_a_name_is_refused(css: str, tmp_path: Path) -> None:
    """Typst would begin a page there, and cannot change the size of pages where none is begun."""
    html = f'{SHORT}<div class="wide">{SHORT}</div>\n{SHORT}'
    pack = styled_pack(tmp_path, NAMED + css, html)
    with pytest.raises(imrgen.PackError) as error:
        _ = imrgen.render(STARTER, templates=[pack], engine="typst", check=False).pdf
    (found,) = error.value.diagnostics
    assert found.code == "IMR428"
    assert found.span is not None
    assert (Path(found.span.file).name, found.span.line) == ("clinical_summary.html", 1)
    assert "body { page: rest }" in found.hints[0]
