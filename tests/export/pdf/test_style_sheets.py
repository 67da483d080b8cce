"""What the style sheets of packs do in print: without a warning, and behind the words."""

from __future__ import annotations

import logging
from pathlib import Path

import pypdfium2
import pytest

import imrgen
from tests.conftest import ROOT
from tests.features import TEMPLATE, Feature

STARTER = ROOT / "imrgen" / "starter.toml"


@pytest.mark.slow
@pytest.mark.parametrize("pack", ["imr", "imr-2015"])
def test_weasyprint_knows_all_of_a_built_in_style_sheet(
    pack: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "weasyprint"):
        logging.getLogger("weasyprint").warning("heard")
        _ = imrgen.render(STARTER, pack=pack).pdf
    heard = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert heard == ["heard"]


def test_the_background_of_pages_is_drawn_to_their_edges_and_html_stays_white(
    tmp_path: Path,
) -> None:
    template = '{% extends "letter.html" %}{% block main %}<h1>Words</h1>{% endblock %}'
    feature = Feature("ground", "@page { background: #ff0000 }", template, "")
    letter = feature.renderer(tmp_path).render(STARTER)
    with pypdfium2.PdfDocument(letter.pdf) as document:
        image = document[0].render().to_pil().convert("RGB")
    assert image.getpixel((2, 2)) == (255, 0, 0)
    assert image.getpixel((image.width // 2, image.height // 2)) == (255, 0, 0)
    assert "background: #fff" in letter.html
    assert (tmp_path / TEMPLATE).exists()
