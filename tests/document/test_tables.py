"""A table that has no room is set row by row, each value behind its column's label."""

from __future__ import annotations

from collections import Counter

import hypothesis
import pytest
from hypothesis import strategies as st

from imrgen.compose.markdown import to_html
from imrgen.document import Document, VisibleText, parse_html, visible_characters, write_out
from imrgen.document.positions import Positions
from imrgen.export import to_page, to_text, to_words

LONG = "The pain is worse at night. " * 100
HIGH = "The pain is worse at night. " * 250
HEAD = '<tr><th scope="col">Visit</th><th scope="col">Note</th></tr>'


def narrative(text: str, lead: str = "") -> str:
    """Return the letter's HTML of a narrative, without white space at line ends."""
    page = to_page(Document(to_html(text, lead), "").tree, "")
    body = page.partition("<body>")[2].partition("</body>")[0]
    return "\n".join(line.rstrip() for line in body.splitlines()).replace(" <br>", "<br>")


def test_a_row_is_a_paragraph_and_a_value_a_line() -> None:
    html = narrative(
        f"| Visit | Seen by: | **Note** |\n|---|---|---|\n| 1 | A | {LONG}|\n| 2 |  | *x* |"
    )
    bold = "<strong><span><strong>Note</strong></span>:</strong>"
    assert html == (
        '<div class="row-by-row"><p><strong><span>Visit</span>:</strong> 1<br>\n'
        "<strong><span>Seen by:</span></strong> A<br>\n"
        f"{bold} {LONG.strip()}</p>"
        "<p><strong><span>Visit</span>:</strong> 2<br>\n"
        "<strong><span>Seen by:</span></strong><br>\n"
        f"{bold} <em>x</em></p></div>"
    )


def row_by_row(body: str, width: int = 0) -> str:
    return to_text(Document(body, "").tree, width)


def test_a_column_without_a_label_has_its_values_alone() -> None:
    html = to_html(f"|  | B |\n|---|---|\n| 1 | {LONG}|\n|  | 2 |\n|  |  |")
    assert row_by_row(html) == f"1\nB: {LONG.strip()}\n\nB: 2\n\nB:\n"


def test_labels_without_rows_are_kept() -> None:
    assert row_by_row(to_html(f"| A | {LONG}|\n|---|---|")) == f"A:\n{LONG.strip()}\n"


def test_a_lead_stands_before_the_first_row() -> None:
    html = to_html(f"| A | B |\n|---|---|\n| 1 | {LONG}|", "Why:")
    assert row_by_row(html).startswith("Why:\n\nA: 1\nB: The pain")


@pytest.mark.parametrize(
    ("columns", "classes"),
    [(6, ""), (12, ' class="dense"'), (18, ' class="dense landscape"')],
)
def test_the_more_columns_a_table_has_the_smaller_it_is_set(columns: int, classes: str) -> None:
    text = "\n".join(f"|{cell * columns}" for cell in ("Visit|", "---|", "10.05|"))
    assert to_html(text).startswith(f"<table{classes}>")
    assert "landscape" not in to_html("> " + text.replace("\n", "\n> "))


TABLES = {
    "as its class says": (
        f'<table class="row-by-row">{HEAD}<tr><td>1</td><td>a</td></tr></table>',
        "Visit: 1\nNote: a\n",
    ),
    "a first row that is higher than a page": (
        f"<table>{HEAD}<tr><td>1</td><td>{HIGH}</td></tr></table>",
        f"Visit: 1\nNote: {HIGH.strip()}\n",
    ),
    "a row of which two cells are higher than a page": (
        f"<table>{HEAD}<tr><td>1</td><td>a</td></tr><tr><td>{HIGH}</td><td>{HIGH}</td></tr></table>",
        f"Visit: 1\nNote: a\n\nVisit: {HIGH.strip()}\nNote: {HIGH.strip()}\n",
    ),
    "a row of many lines": (
        f"<table>{HEAD}<tr><td>1</td><td>{'a<br>' * 60}</td></tr></table>",
        "Visit: 1\nNote: a" + "\na" * 59 + "\n",
    ),
    "a header that is higher than a page": (
        f'<table><tr><th scope="col">A</th><th scope="col">{HIGH}</th></tr>'
        "<tr><td>1</td><td>2</td></tr></table>",
        f"A: 1\n{HIGH.strip()} 2\n",
    ),
    "labels of rows": (
        f'<table><tr><th scope="row">A</th><td>{HIGH}</td><td>{HIGH}</td></tr></table>',
        f"A: {HIGH.strip()}\n{HIGH.strip()}\n",
    ),
    "paragraphs and lists in cells": (
        f'<table class="row-by-row">{HEAD}<tr><td><p>1</p><p>2</p></td><td>a<ul><li>b</ul>c</td>'
        "</tr></table>",
        "Visit:\n\n1\n\n2\n\nNote: a\n\n• b\n\nc\n",
    ),
    "a caption, labels over labels, spans": (
        '<table class="row-by-row"><caption>Tests</caption><thead>'
        '<tr><th rowspan="2">Date</th><th colspan="2">Range</th></tr><tr><th>low</th><th>high</th>'
        '</tr></thead><tr><td rowspan="2">1/2</td><td>3</td><td>4</td></tr>'
        '<tr><td colspan="2">none</td></tr><tr><th colspan="3">Later</th></tr></table>',
        "Tests\n\nDate: 1/2\nRange, low: 3\nRange, high: 4\n\nRange, low, high: none\n\nLater:\n",
    ),
}


@pytest.mark.parametrize(("body", "text"), TABLES.values(), ids=TABLES.keys())
def test_a_template_s_table_without_room_on_a_page_is_set_row_by_row(body: str, text: str) -> None:
    document = Document(body, "")
    assert "<table" not in to_page(document.tree, "")
    assert to_text(document.tree, 0) == text
    shown = VisibleText(document.tree).characters()
    assert visible_characters(to_words(document.tree)) == shown
    assert VisibleText(parse_html(to_page(document.tree, ""))).characters() == shown
    positions = Positions(body, document.tree)
    assert len(positions.tags) == len([*document.tree.iter()])
    for character, at in zip(shown, positions.characters, strict=True):
        assert character in ":,•" if at is None else body[at] == character


STAYING = {
    "one high cell behind another row": (
        f"<tr><td>1</td><td>a</td></tr><tr><td>2</td><td>{HIGH}</td></tr>"
    ),
    "rows that are not high": f"<tr><td>1</td><td>{HIGH[:1200]}</td></tr>" * 9,
    "a high cell behind its label": f'<tr><th scope="row">1</th><td>{HIGH}</td></tr>',
}


@pytest.mark.parametrize("rows", STAYING.values(), ids=STAYING.keys())
def test_a_table_that_pages_can_hold_stays_one(rows: str) -> None:
    head = "" if "row" in rows else HEAD
    tree = parse_html(f"<table>{head}{rows}</table>")
    assert write_out(tree).find("body/table") is not None


CELL = st.text("ab ", min_size=1, max_size=30).map(lambda words: f"<td>{words}</td>")
LABELS = st.lists(st.text("ABC", min_size=0, max_size=3), min_size=1, max_size=4)


@pytest.mark.slow
@hypothesis.given(LABELS, st.data(), st.integers(1, 60))
def test_a_narrow_text_has_each_value_behind_its_label(
    labels: list[str], data: st.DataObject, width: int
) -> None:
    rows = data.draw(
        st.lists(st.lists(CELL, min_size=len(labels), max_size=len(labels)), max_size=3)
    )
    head = "".join(f"<th>{label}</th>" for label in labels)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    tree = parse_html(f"<table><thead><tr>{head}</tr></thead>{body}</table>")
    text = to_text(tree, width)
    values = [cell[4:-5] for row in rows for cell in row]
    in_columns = [*labels, *values]
    one_by_one = [
        part
        for row in rows or [[""] * len(labels)]
        for label, cell in zip(labels, row, strict=True)
        for part in (label and f"{label}:", cell[4:-5])
    ]
    assert to_words(tree).split() == " ".join(in_columns).split()
    assert text.split() in (" ".join(in_columns).split(), " ".join(one_by_one).split())
    longest = max(map(len, text.splitlines()))
    assert longest <= width or text.split() == " ".join(one_by_one).split()


def test_rows_within_an_item_stand_apart() -> None:
    table = f'<table class="row-by-row">{HEAD}<tr><td>1</td><td>a</td></tr></table>'
    assert row_by_row(f"<ul><li>x{table}</ul>") == "• x\n\n  Visit: 1\n  Note: a\n"
    assert Counter(row_by_row(table * 2).split())["Visit:"] == 2
