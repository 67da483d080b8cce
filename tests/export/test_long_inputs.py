"""Nothing is refused, lost or pushed off the page for being long, whatever pack a letter is of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser

import imrgen
from imrgen.cli import cli
from imrgen.document import visible_characters
from imrgen.export import find_format
from tests.browsers import chromium
from tests.conftest import pages_text
from tests.export.pdf.test_conformance import CONFORMS
from tests.verapdf import Validator

pytestmark = pytest.mark.slow

__all__ = ["chromium"]

SENTENCE = "the injured worker reports that the pain of the low back is worse at night"
GLUED = "\u00a0".join([SENTENCE.replace(" ", "\u00a0")] * 3)
PATH = "C:\\records\\2016\\" + "progress_notes\\" * 4 + "note_2016_08_03.pdf"
LONG = {
    "an address with a query": "https://example.org/?term=" + "+".join(["chronic+pain"] * 16),
    "an address with a long name": "https://example.org/files/" + "chronicpain" * 18 + ".pdf",
    "an address without a sign": "https://example.org/" + "a1" * 100,
    "a line to write on": "Signed: " + "_" * 100,
    "codes without spaces": ",".join(f"M54.{number}" for number in range(10, 50)),
    "a path": f"The file stands at {PATH} there.",
    "a path on a server": r"\\server01\records" + r"\2016" * 30,
    "no-break spaces": GLUED,
    "no-break spaces behind plain ones": f"She says: {GLUED} (note).",
    "equals signs": "=" * 95,
    "dashes": "-" * 100,
    "capitals": "W" * 70,
    "digits": "0123456789" * 15,
    "a list": "- " + "x" * 150 + "\n- " + "_" * 150,
    "lists in lists": "".join("  " * level + "- " + "x" * 100 + "\n" for level in range(7)),
    "a quote": "> " + "y" * 150,
    "bold": "**" + "Z" * 120 + "**",
    "a link": "[" + "z" * 150 + "](https://example.org/" + "z" * 150 + ")",
}
PACKS = ["imr", "imr-2015", "acme"]


@pytest.fixture(scope="module")
def renderers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, imrgen.Renderer]:
    """Renderers of the built-in packs, and of one that `imrgen packs new` makes."""
    folder = tmp_path_factory.mktemp("packs") / "acme"
    arguments = ["packs", "new", str(folder), "--organization", "Example Review"]
    made = CliRunner().invoke(cli, arguments)
    assert made.exit_code == 0
    return {name: imrgen.Renderer(pack=name, templates=[folder], check=False) for name in PACKS}


def characters(letter: imrgen.Letter) -> set[str]:
    """Return the visible characters of text, HTML and PDF; they are to be one."""
    return {
        find_format(name).read(letter.encoded(name)).replace("\u2011", "-")
        for name in ("text", "html", "pdf")
    }


def test_there_are_packs_and_long_inputs() -> None:
    assert len(PACKS) >= 3
    assert all(len(text) >= 70 for text in LONG.values())


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("pack", PACKS)
def test_long_words_are_set_in_narratives_and_fields(
    pack: str, name: str, renderers: Mapping[str, imrgen.Renderer], case: dict[str, Any]
) -> None:
    text = LONG[name]
    case["clinical_summary"] = text
    case["issues"][0]["rationale"] = f"See below.\n\n{text}"
    case["issues"][0]["item"] = " ".join(text.split())
    case["issues"][0]["reviewer_basis"] = {"other": [" ".join(text.split())]}
    (found,) = characters(renderers[pack].render(case))
    typed = Counter(visible_characters(re.sub(r"[-*>\\[\]()\\]", "", text)))
    assert typed + typed <= Counter(found)


@pytest.mark.poppler
def test_lines_break_where_a_reader_expects_it(
    renderers: Mapping[str, imrgen.Renderer], case: dict[str, Any], tmp_path: Path
) -> None:
    case["clinical_summary"] = f"{SENTENCE} {LONG['no-break spaces']} {PATH} end."
    text = "\n".join(pages_text(renderers["imr"].render(case).pdf, tmp_path))
    assert "C:\\records" in text
    lines = [line.split() for line in text.splitlines()]
    assert sum(len(line) > 8 and set(line) <= set(SENTENCE.split()) for line in lines) >= 2


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("width", [320, 390, 600, 1280])
def test_a_page_does_not_scroll_sideways(
    pack: str,
    width: int,
    renderers: Mapping[str, imrgen.Renderer],
    case: dict[str, Any],
    chromium: Browser,
) -> None:
    row = "|".join(["10.05"] * 20)
    lines = "\n\n".join(LONG.values())
    case["clinical_summary"] = f"{lines}\n\n|{row}|\n|{'---|' * 20}\n|{row}|"
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.set_content(renderers[pack].render(case).html)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


# Tables


def table(*rows: list[str]) -> str:
    head, *others = rows
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *others))


NOTE = f"{SENTENCE.capitalize()}. "
VISITS = [f"Visit {number}" for number in range(20)]
TABLES = {
    "twelve columns": (table(VISITS[:12], ["10.05"] * 12), "dense"),
    "twenty columns": (table(VISITS, ["10.05"] * 20, ["-0.75"] * 20), "dense landscape"),
    "twenty columns on two pages": (table(VISITS, *[["10.05"] * 20] * 60), "dense landscape"),
    "twenty columns of dates": (table(VISITS, ["10/12/2016"] * 20), None),
    "forty columns": (table(VISITS * 2, ["10.05"] * 40), None),
    "twenty columns in a list": (
        "- a\n\n  " + table(VISITS, ["9.5"] * 20).replace("\n", "\n  ") + "\n- b",
        None,
    ),
    "a first row higher than a page": (
        table(["Visit", "Note"], ["1", NOTE * 60], ["2", "x"]),
        None,
    ),
    "a last row higher than a page": (table(["Visit", "Note"], ["1", "x"], ["2", NOTE * 60]), None),
    "two long cells in a row": (table(["A", "B"], [NOTE * 40, f"**{NOTE * 40}**"]), None),
    "a heading higher than a page": (table(["A", NOTE * 60], ["1", "x"]), None),
    "a heading alone, higher than a page": (table(["A", NOTE * 60]), None),
    "no heading": (table(["", ""], ["1", NOTE * 60], ["", ""]), None),
    "rows of half a page": (table(["A", "B"], *[["1", NOTE * 20]] * 5), ""),
    "rows of a few lines": (
        table(["Drug", "Note"], *[["hydrocodone-acetaminophen", NOTE]] * 40),
        "",
    ),
    "long words": (
        table(["A", "B"], *[[text, "1"] for text in LONG.values() if "\n" not in text]),
        "",
    ),
    "a wide column and narrow ones": (table(["A", *"BCDEFGH"], [NOTE * 12, *["9.5"] * 7]), ""),
}
"""Tables, and the classes of each; `None` for one that is written row by row."""


# Each table in one pack, and in one of the others in turn.
@pytest.mark.parametrize(
    ("pack", "name"),
    [
        (pack, name)
        for number, name in enumerate(TABLES)
        for pack in (PACKS[0], PACKS[1 + number % (len(PACKS) - 1)])
    ],
)
def test_tables_are_set_whatever_they_hold(
    pack: str, name: str, renderers: Mapping[str, imrgen.Renderer], case: dict[str, Any]
) -> None:
    text, classes = TABLES[name]
    case["clinical_summary"] = f"Before.\n\n{text}\n\nAfter."
    case["issues"][0]["rationale"] = text
    letter = renderers[pack].render(case)
    # The text repeats a column's label where a table is set row by row.
    found, shown = (find_format(name).read(letter.encoded(name)) for name in ("html", "pdf"))
    assert found.replace("\u2011", "-") == shown.replace("\u2011", "-")
    assert Counter(found) <= Counter(find_format("text").read(letter.encoded("text")))
    tables = [each for each in re.findall(r"<table[^>]*>", letter.html) if "case-table" not in each]
    if classes is not None:
        assert tables == [f'<table class="{classes}">' if classes else "<table>"] * 2
    else:
        assert tables == []
    typed = Counter(
        visible_characters(re.sub(r"^\|[-| ]*\|$|[-*>|\\[\]()\\]", "", text, flags=re.M))
    )
    assert typed + typed <= Counter(found)


@pytest.mark.poppler
def test_cells_keep_their_numbers_and_pages_turn_back(
    renderers: Mapping[str, imrgen.Renderer], case: dict[str, Any], tmp_path: Path
) -> None:
    case["clinical_summary"] = TABLES["twenty columns"][0]
    pdf = renderers["imr"].render(case).pdf
    assert " ".join(pages_text(pdf, tmp_path)).split().count("10.05") == 20
    with pikepdf.open(tmp_path / "letter.pdf") as opened:
        assert [page.mediabox[2] > page.mediabox[3] for page in opened.pages] == [
            False,
            True,
            False,
        ]


@pytest.mark.parametrize(
    "name", ["twenty columns on two pages", "two long cells in a row", "long words"]
)
def test_long_tables_conform(
    name: str,
    renderers: Mapping[str, imrgen.Renderer],
    case: dict[str, Any],
    tmp_path: Path,
    verapdf: Validator,
) -> None:
    case["clinical_summary"] = TABLES[name][0]
    assert verapdf.faults(renderers["imr"].render(case).save(tmp_path / "letter.pdf")) == CONFORMS


@pytest.mark.poppler
def test_no_last_page_has_but_a_line_or_two(
    renderers: Mapping[str, imrgen.Renderer], case: dict[str, Any], tmp_path: Path
) -> None:
    last = []
    for count in range(3, 15):
        case["issues"][0]["rationale"] = NOTE * count
        *before, page = pages_text(renderers["imr"].render(case).pdf, tmp_path)
        if before:
            last.append(sum(map(bool, page.split("\n"))) - len(["running head", "page number"]))
    assert len(last) > 5
    assert min(last) >= 4
