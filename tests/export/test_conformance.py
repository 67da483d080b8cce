"""What of a document keeps it from every format, without a page being set."""

from __future__ import annotations

import pytest

from imrgen.document import Document
from imrgen.export import conformance_faults

# Words that browsers do not show, or not at once, and text and PDF would.
NOT_SHOWN_ALIKE = {
    "a list of suggestions": "<datalist><option>Words</option></datalist>",
    "a parenthesis of ruby": "<ruby>a<rp>(</rp><rt>b</rt><rp>)</rp></ruby>",
    "a second title": "<p>a</p><title>Words</title>",
    "a popover": "<div popover>Words</div>",
    "a popover that is inline": "<p><span popover=manual>Words</span></p>",
    "a closed dialog": "<dialog>Words</dialog>",
    "closed details": "<details><summary>a</summary>Words</details>",
    "HTML in an SVG": (
        "<svg><title>a</title><g><foreignObject><p>Words</p></foreignObject></g></svg>"
    ),
}
SHOWN_ALIKE = {
    "open details": "<details open><summary>a</summary>Words</details>",
    "ruby": "<ruby>a<rt>b</rt></ruby>",
    "an SVG with a title": "<svg><title>a</title><text>b</text></svg>",
}


def faults(body: str) -> list[str]:
    document = Document(f'<!doctype html><html lang="en"><title>x</title><body>{body}', "")
    return [fault.code for fault in conformance_faults(document)]


@pytest.mark.parametrize("body", NOT_SHOWN_ALIKE.values(), ids=NOT_SHOWN_ALIKE.keys())
def test_words_that_only_some_formats_show_are_refused(body: str) -> None:
    assert set(faults(body)) == {"IMR406"}


@pytest.mark.parametrize("body", SHOWN_ALIKE.values(), ids=SHOWN_ALIKE.keys())
def test_words_that_all_formats_show_are_not(body: str) -> None:
    assert faults(body) == []
