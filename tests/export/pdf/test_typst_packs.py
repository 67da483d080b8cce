"""Packs that people write: each of their letters is set by Typst on the pages of WeasyPrint's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import imrgen
from imrgen.export.pdf.readback import open_pdf
from tests.command_line import invoke, run_session
from tests.test_packs_page import FONT, SECTIONS, write

MADE = ("imrgen new case.toml", "imrgen packs new acme", "imrgen new appeal.toml")
"""The commands of docs/packs.md that write files of its packs and cases."""
PARENTS = ("imr", "imr-2015", "external-review", "letter")


def differences(templates: Sequence[Path], case_file: Path) -> Iterator[str]:
    """Yield each letter that the engines set otherwise."""
    case = imrgen.load_case(case_file, templates=templates)
    for letter in imrgen.load_pack(templates=templates).merged("letters"):
        found = []
        for engine in ("weasyprint", "typst"):
            made = imrgen.Renderer(templates=templates, letter=letter, engine=engine)
            (first, *_) = made.each(case)
            with open_pdf(first.render(case).pdf) as reader:
                found.append((reader.page_characters(), reader.bookmarks()))
        if found[0] != found[1]:
            yield letter


@pytest.mark.slow
def test_every_letter_of_the_page_about_packs_is_as_by_weasyprint(tmp_path: Path) -> None:
    for title, blocks in SECTIONS:
        for block in blocks if title != "Install a pack" else ():
            if block.file and not block.file.startswith("acme-letters"):
                write(tmp_path, block)
            elif block.language == "console" and any(each in block.code for each in MADE):
                run_session(block.code, tmp_path, tmp_path)
        if title == "Images":
            (tmp_path / "acme" / "fonts").mkdir()
            shutil.copy(FONT, tmp_path / "acme" / "fonts" / "AcmeSans.ttf")
    acme, spanish, parking = (tmp_path / name for name in ("acme", "acme-es", "parking"))
    assert [*differences([acme], tmp_path / "case.toml")] == []
    assert [*differences([spanish, acme], tmp_path / "case.toml")] == []
    assert [*differences([parking], tmp_path / "appeal.toml")] == []
    assert {*imrgen.load_pack(templates=[acme]).merged("letters")} >= {"cover", "packet"}


@pytest.mark.slow
@pytest.mark.parametrize("parent", PARENTS)
def test_every_letter_of_a_new_pack_is_as_by_weasyprint(parent: str, tmp_path: Path) -> None:
    for arguments in (
        ("packs", "new", "acme", "--extends", parent, "--organization", "Acme Review"),
        ("new", "case.toml", "--templates", "acme"),
    ):
        run = invoke(*arguments, cwd=tmp_path)
        assert run.returncode == 0, run.stderr
    assert [*differences([tmp_path / "acme"], tmp_path / "case.toml")] == []
