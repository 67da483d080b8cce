"""A table that fits nowhere is written row by row, each value behind its column's label."""

from __future__ import annotations

import pytest

from imrgen.compose.markdown import to_html

LONG = "The pain is worse at night. " * 100


def test_a_row_is_a_paragraph_and_a_value_a_line() -> None:
    html = to_html(
        f"| Visit | Seen by: | **Note** |\n|---|---|---|\n| 1 | A | {LONG}|\n| 2 |  | *x* |"
    )
    assert html.split("\n") == [
        "<p><strong>Visit:</strong> 1<br>",
        "<strong>Seen by:</strong> A<br>",
        f"<strong><strong>Note</strong>:</strong> {LONG.strip()}</p>",
        "<p><strong>Visit:</strong> 2<br>",
        "<strong>Seen by:</strong><br>",
        "<strong><strong>Note</strong>:</strong> <em>x</em></p>",
    ]


def test_a_column_without_a_label_has_its_values_alone() -> None:
    html = to_html(f"|  | B |\n|---|---|\n| 1 | {LONG}|\n|  | 2 |\n|  |  |")
    assert html.replace("\n", "") == (
        f"<p>1<br><strong>B:</strong> {LONG.strip()}</p><p><strong>B:</strong> 2</p>"
        "<p><strong>B:</strong></p>"
    )


def test_labels_without_rows_are_kept() -> None:
    assert to_html(f"| A | {LONG}|\n|---|---|") == (
        f"<p><strong>A:</strong><br>\n<strong>{LONG.strip()}</strong></p>"
    )


def test_a_lead_stands_before_the_first_row() -> None:
    html = to_html(f"| A | B |\n|---|---|\n| 1 | {LONG}|", "Why:")
    assert html.startswith("<p>Why: </p>\n<p><strong>A:</strong> 1<br>")


@pytest.mark.parametrize(
    ("columns", "classes"),
    [(6, ""), (12, ' class="dense"'), (18, ' class="dense landscape"')],
)
def test_the_more_columns_a_table_has_the_smaller_it_is_set(columns: int, classes: str) -> None:
    text = "\n".join(f"|{cell * columns}" for cell in ("Visit|", "---|", "10.05|"))
    assert to_html(text).startswith(f"<table{classes}>")
    assert "landscape" not in to_html("> " + text.replace("\n", "\n> "))
