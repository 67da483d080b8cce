"""The PDF: its page, its fonts, what stands together, and what it refuses."""

from __future__ import annotations

import ctypes
import io
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

import imrgen
from imrgen.export.pdf.readback import native
from tests.conftest import FIXTURES, ROOT, page_count, pages_text, pdfinfo, tagged_text

STARTER = ROOT / "imrgen" / "starter.toml"
MANY = ROOT / "fixtures" / "many-issues.toml"


@pytest.fixture(scope="module")
def many() -> bytes:
    return imrgen.render(MANY).pdf


@pytest.mark.poppler
def test_the_page_is_us_letter_with_header_and_numbers(many: bytes, tmp_path: Path) -> None:
    info = pdfinfo(many, tmp_path)
    assert "612 x 792 pts (letter)" in info
    assert "Tagged:          yes" in info
    pages = pages_text(many, tmp_path)
    assert len(pages) == page_count(many, tmp_path) > 5
    number = imrgen.load_case(MANY).case.number
    title = "MAXIMUS Federal Services · Independent Medical Review Final Determination"
    for index, page in enumerate(pages, 1):
        lines = [line.strip() for line in page.splitlines() if line.strip()]
        # The case table of the first page has the number.
        assert lines[0].split() == f"{title}{f' Case Number {number}' * (index > 1)}".split()
        assert lines[-1] == f"Page {index} of {len(pages)}"


@pytest.mark.poppler
def test_no_page_ends_in_a_heading_or_parts_an_item_from_its_first_guideline(
    many: bytes, tmp_path: Path
) -> None:
    starts = 0
    for page in pages_text(many, tmp_path):
        body = [line.strip() for line in page.splitlines() if line.strip()][1:-1]
        for index, line in enumerate(body):
            if line.endswith((": Upheld", ": Overturned")):
                starts += 1
                assert any(
                    "Claims Administrator guideline" in after
                    for after in body[index + 1 : index + 3]
                )
        assert body[-1] not in ("CLINICAL CASE SUMMARY", "IMR ISSUES, DECISIONS AND RATIONALES")
    assert starts == len(imrgen.load_case(MANY).issues) == 20


@pytest.mark.slow
def test_every_heading_is_a_bookmark(tmp_path: Path) -> None:
    import pikepdf

    (tmp_path / "x.pdf").write_bytes(imrgen.render(STARTER).pdf)
    with pikepdf.open(tmp_path / "x.pdf") as pdf, pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
        inner = [child.title for item in outline.root for child in item.children]
    assert titles[0] == "HOW THE IMR FINAL DETERMINATION WAS MADE"
    assert inner == ["Physical therapy, 12 additional visits for the lumbar spine: Upheld"]


@pytest.mark.poppler
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_every_font_is_the_packs_own_and_embedded(path: Path, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(imrgen.render(path, pack="imr-2015").pdf)
    listing = subprocess.run(
        ["pdffonts", tmp_path / "x.pdf"], check=True, capture_output=True, text=True
    ).stdout
    fonts = listing.splitlines()[2:]
    assert fonts
    for font in fonts:
        assert "Source-Serif-Pro" in font or "Source-Sans-" in font or "Letter-Signs" in font
        assert font.split()[-5:-2] == ["yes", "yes", "yes"]


@pytest.mark.parametrize(
    ("text", "name"), [("張偉", "U+5F35"), ("pain \U0001f600", "U+1F600 GRINNING FACE")]
)
@pytest.mark.slow
def test_a_character_that_no_font_has_stops_the_letter(
    text: str, name: str, case: dict[str, object]
) -> None:
    case["clinical_summary"] = f"The worker {text} was seen."
    with pytest.raises(imrgen.CaseError) as error:
        _ = imrgen.render(case, check=False).pdf
    assert error.value.diagnostics[0].code == "IMR404"
    assert name in str(error.value)
    assert "was seen" not in str(error.value)


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://example.org/x.png" alt="x">',
        '<img src="file:///etc/hostname" alt="x">',
        '<p style="background: url(https://example.org/x.png)">x</p>',
        '<link rel="stylesheet" href="https://example.org/x.css"><p>x</p>',
    ],
)
def test_a_letter_fetches_nothing_but_its_packs_files(html: str, tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text(html)
    with pytest.raises(imrgen.PackError, match="only the pack's own files"):
        _ = imrgen.render(STARTER, templates=[tmp_path]).pdf


@pytest.mark.slow
def test_two_renders_give_the_same_bytes() -> None:
    first, second = (imrgen.Renderer().render(STARTER) for _ in range(2))
    assert first.pdf == second.pdf
    assert first.html == second.html
    assert first.text == second.text


@pytest.mark.poppler
def test_signs_that_clinical_notes_use_are_in_the_fonts(
    case: dict[str, object], tmp_path: Path
) -> None:
    signs = "● ○ □ ☐ ☑ ✓ ℞ ≥ ≤ ± ° µ ½ ⅓ ® ™ → ↔ ² ³ α β Δ é ñ ł ễ “ ” – —"
    case["clinical_summary"] = f"Seen: {signs}."
    assert f'"Seen: {signs}."' in tagged_text(imrgen.render(case).pdf, tmp_path)


@pytest.mark.poppler
def test_a_no_break_hyphen_leaves_other_hyphens_what_they_are(
    case: dict[str, object], tmp_path: Path
) -> None:
    case["clinical_summary"] = "L4\u2011L5 and 10-325."
    assert '"L4-L5 and 10-325."' in tagged_text(imrgen.render(case).pdf, tmp_path)


@pytest.mark.slow
def test_the_file_says_that_it_is_accessible_and_archival(tmp_path: Path) -> None:
    import pikepdf

    (tmp_path / "x.pdf").write_bytes(imrgen.render(STARTER).pdf)
    with pikepdf.open(tmp_path / "x.pdf") as pdf, pdf.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "A"
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en-US"


@pytest.mark.poppler
def test_headings_and_the_tables_labels_are_tagged(tmp_path: Path) -> None:
    tree = tagged_text(imrgen.render(STARTER).pdf, tmp_path)
    for tag in ("H1 (block)", "H2 (block)", "Table (block)", "TH", "TD:", "P (block)"):
        assert tag in tree


@pytest.mark.slow
def test_an_items_marker_is_its_label() -> None:
    import pikepdf

    case = tomllib.loads(STARTER.read_text(encoding="utf-8"))
    signs = ["-", "+", "•", "o", "–", "1.", "1)", "(1)", "a.", "(ii)"]
    seconds = ["-", "-", "•", "o", "–", "2.", "2)", "(2)", "b.", "(iii)"]
    lists = [f"{a}\tone\n{b}\ttwo\n" for a, b in zip(signs, seconds, strict=True)]
    loose = "* one\n\n  more\n\n* two\n\n"
    nested = "Text:\n\n- **bold**\n  1. inner\n  2. inner\n- > “quoted”\n"
    case["clinical_summary"] = "\n\nNext:\n\n".join([*lists, loose + nested])
    items = []
    with pikepdf.open(io.BytesIO(imrgen.render(case).pdf)) as pdf:
        pending = [pdf.Root.StructTreeRoot]
        while pending:
            node = pending.pop()
            kids = node.get("/K", [])
            inner = [kid for kid in kids if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]
            if node.get("/S") == "/LI":
                items.append([str(kid.S) for kid in inner])
            pending += inner
    assert len(items) == 2 * len(signs) + 2 + 4
    assert all(kinds == ["/Lbl", "/LBody"] for kinds in items)


def _letter_with(block: str, folder: Path) -> Path:
    (folder / "blocks").mkdir()
    (folder / "blocks" / "clinical_summary.html").write_text(block, encoding="utf-8")
    return folder


def _corrupt(path: Path) -> None:
    import io

    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(stream, "PNG")
    content = bytearray(stream.getvalue())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def _huge(path: Path) -> None:
    from PIL import Image

    Image.new("1", (12000, 12000)).save(path, "PNG")


UNFIT = {
    "a corrupt image": ('<p><img src="x.png" alt="Seal"></p>', "`x.png` is damaged"),
    "an image of 12000 by 12000 pixels": (
        '<p><img src="y.png" alt="Seal"></p>',
        "`y.png` has more than 40 million",
    ),
    "an image outside the pack": (
        '<p><img src="../secret.png" alt="Seal"></p>',
        "has no file `../secret.png`",
    ),
    "opacity": ('<p style="opacity: 0.5">Faint.</p>', "<p> has an opacity"),
    "text too wide for its cell": (
        '<table style="table-layout: fixed; width: 2in"><tr><td style="overflow-wrap: normal">'
        "{{ 'Hydrocodone' * 9 }}</td><td>A</td></tr></table>",
        "has text that is too wide for its cell",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("block", "message"), UNFIT.values(), ids=UNFIT.keys())
def test_what_could_not_be_seen_stops_the_letter_and_writes_no_file(
    block: str, message: str, tmp_path: Path
) -> None:
    from click.testing import CliRunner

    from imrgen.cli import cli

    pack = tmp_path / "pack"
    pack.mkdir()
    _letter_with(block, pack)
    _corrupt(pack / "x.png")
    _huge(pack / "y.png")
    (tmp_path / "secret.png").write_bytes(b"secret")
    out = tmp_path / "out"
    command = ["render", str(STARTER), "--templates", str(pack), "-f", "pdf", "-o", f"{out}/"]
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 1
    assert message in result.output
    assert not list(out.glob("*")) if out.exists() else True


@pytest.mark.slow
def test_what_cannot_be_seen_shifts_no_place(case: dict[str, object]) -> None:
    """A soft hyphen and a zero-width space are passed over in counting where a character stands."""
    import re

    case["clinical_summary"] = "A long-\u00ad\u00ad\u00ad\u200b\u200btime patient.\n\nSeen: \u5f35."
    with pytest.raises(imrgen.CaseError) as error:
        _ = imrgen.render(case, check=False).pdf
    letter = imrgen.render(case, check=False)
    at = re.sub(r"[\s\u00ad\u200b]", "", letter.text).index("\u5f35")
    origin = letter.origin(at)
    assert origin is not None
    assert origin.start == case["clinical_summary"].index("\u5f35")  # type: ignore[attr-defined]
    assert [d.path for d in error.value.diagnostics] == [("clinical_summary",)]


@pytest.mark.parametrize("words", [0, 3, 3000])
def test_a_text_is_read_back_however_long_it_is(words: int) -> None:
    text = "word " * words

    def tell(buffer: Any, room: int) -> int:
        said = f"{text}\0".encode("utf-16-le")
        if len(said) <= room:
            ctypes.memmove(buffer, said, len(said))
        return len(said)

    assert native.string(tell) == text
