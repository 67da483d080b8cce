"""Every fixture in every letter of every pack, as a reader can review it.

A letter that a pack refuses to make of a case has the reasons as its snapshot.
"""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

import imrgen
from imrgen.testing import letters
from imrgen.testing.snapshot import LetterSnapshot
from tests.conftest import LETTERS, ROOT, fixtures_of


class _CSS(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "css"


@pytest.mark.slow
@letters(fixtures_of("imr"), pack="imr")
def test_imr(letter: imrgen.Letter | imrgen.CaseError, letter_snapshot: LetterSnapshot) -> None:
    assert letter == letter_snapshot


@pytest.mark.slow
@letters(fixtures_of("imr-2015"), pack="imr-2015")
def test_imr_2015(
    letter: imrgen.Letter | imrgen.CaseError, letter_snapshot: LetterSnapshot
) -> None:
    assert letter == letter_snapshot


@pytest.mark.slow
@letters(fixtures_of("external-review"), pack="external-review")
def test_external_review(
    letter: imrgen.Letter | imrgen.CaseError, letter_snapshot: LetterSnapshot
) -> None:
    assert letter == letter_snapshot


def test_no_pack_is_left_out() -> None:
    assert {pack for pack, _ in LETTERS} == {"imr", "imr-2015", "external-review"}


@pytest.mark.parametrize("pack", ["imr", "imr-2015"])
def test_style(pack: str, snapshot: SnapshotAssertion) -> None:
    made = imrgen.render(ROOT / "imrgen" / "starter.toml", pack=pack)
    css = made.html.partition("<style>")[2].partition("</style>")[0]
    assert css == snapshot(extension_class=_CSS)
