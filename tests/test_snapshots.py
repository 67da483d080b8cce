"""Every fixture in every letter of every pack, as a reader can review it.

A snapshot holds text, HTML, tag tree and page count. A letter that a pack refuses to make of a case
has its diagnostics as its snapshot.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

import imrgen
from tests.conftest import COMBINATIONS, ROOT, tagged_text
from tests.tag_tree import page_count, tag_tree


class TextFile(SingleFileSnapshotExtension):
    """A snapshot is a text file of its own."""

    _write_mode = WriteMode.TEXT


def extension(suffix: str) -> type[TextFile]:
    return type(f"TextFile_{suffix}", (TextFile,), {"file_extension": suffix})


@pytest.mark.slow
@pytest.mark.parametrize(("path", "pack", "letter"), COMBINATIONS)
def test_letter(
    path: Path,
    pack: str,
    letter: str,
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    path = path.relative_to(ROOT)
    try:
        made = imrgen.render(path, pack=pack, letter=letter)
    except imrgen.CaseError as refusal:
        told = f"{refusal}\n"
        assert told == snapshot(name="refused", extension_class=extension("refused"))
        return
    before, style, after = made.html.partition("<style>")
    assert style
    # Digests and versions; tests of their own are about them.
    before, provenance = re.subn(r"<meta name=.imrgen-provenance[^>]*>\n", "", before)
    assert provenance == 1
    assert made.text == snapshot(name="txt", extension_class=extension("txt"))
    assert before + after.partition("</style>")[2] == snapshot(
        name="html", extension_class=extension("html")
    )
    pdf = f"{page_count(made.pdf)} pages\n{tag_tree(made.pdf)}"
    assert pdf == snapshot(name="tags", extension_class=extension("tags"))


@pytest.mark.parametrize("pack", ["imr", "imr-2015"])
def test_style(pack: str, snapshot: SnapshotAssertion) -> None:
    made = imrgen.render(ROOT / "imrgen" / "starter.toml", pack=pack)
    css = made.html.partition("<style>")[2].partition("</style>")[0]
    assert css == snapshot(name="css", extension_class=extension("css"))


@pytest.mark.poppler
def test_poppler_reads_the_same_tag_tree(tmp_path: Path) -> None:
    pdf = imrgen.render(ROOT / "imrgen" / "starter.toml").pdf
    # Poppler has a line for marked contents without words.
    lines = (line for line in tagged_text(pdf, tmp_path).splitlines() if line.strip() != '""')
    assert tag_tree(pdf).splitlines() == list(lines)
