"""Pages break where CSS lets them: what is kept together stands together, by either engine."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

import imrgen
from imrgen.export.pdf import engines
from imrgen.export.pdf.typst.items import Item
from imrgen.export.pdf.typst.setting import Setting
from tests import invented_blocks, page_breaks
from tests.conftest import ROOT
from tests.features import Feature

STARTER = ROOT / "imrgen" / "starter.toml"


def made(html: str, engine: str, folder: Path, css: str = "") -> page_breaks.Letter:
    """Return a letter on small pages, as an engine sets it."""
    template = f'{{% extends "letter.html" %}}\n{{% block main %}}\n{html}\n{{% endblock %}}\n'
    feature = Feature("breaks", invented_blocks.STYLE + css, template, "")
    renderer = feature.renderer(folder)
    renderer = imrgen.Renderer(renderer.options, loaded_pack=renderer.pack, engine=engine)
    return page_breaks.read(renderer.render(STARTER), invented_blocks.ROOM)


@pytest.mark.slow
@pytest.mark.parametrize("engine", engines)
def test_what_is_kept_together_stands_together(engine: str, tmp_path: Path) -> None:
    html = invented_blocks.blocks(random.Random(20), 40)
    letter = made(html, engine, tmp_path)
    assert letter.pages > 20
    assert [*page_breaks.faults(letter)] == []


BROKEN = {
    "nothing stays with what is before it": ("tie", "is last on its page"),
    "nothing is whole": ("keep", "is parted"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_an_engine_that_keeps_nothing_is_found_out(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method, message = BROKEN[name]

    def nothing(_: Setting, items: Item | list[Item], room: float = 0.0) -> float:
        return room

    monkeypatch.setattr(Setting, method, nothing)
    html = invented_blocks.blocks(random.Random(20), 40)
    assert re.search(message, "\n".join(page_breaks.faults(made(html, "typst", tmp_path))))


@pytest.mark.slow
@pytest.mark.parametrize("lines", range(14, 22))
def test_more_than_two_lines_stand_together(lines: int, tmp_path: Path) -> None:
    """Typst itself keeps two: the first ones are given room, the last ones of a letter moved."""
    html = f"<p>Line.{'<br>Line.' * lines}</p><p>{'Words of a line. ' * 30}</p>"
    letter = made(html, "typst", tmp_path, "p + p { orphans: 4; widows: 4 }")
    assert letter.lines[-1].count >= 8
    assert letter.pages == 2
    assert [*page_breaks.faults(letter)] == []


@pytest.mark.slow
@pytest.mark.parametrize("engine", engines)
@pytest.mark.parametrize("lines", (16, 20, 22, 23))
def test_no_page_is_empty_before_what_is_as_high_as_a_page(
    lines: int, engine: str, tmp_path: Path
) -> None:
    html = f'<h1>A heading</h1><p class="kept">Line.{"<br>Line." * lines}</p>'
    letter = made(html, engine, tmp_path, "main > :first-child { margin-top: 2em }")
    assert [*page_breaks.faults(letter)] == []


WORDS = "Words of an invented sentence that says nothing. "
HELD = {
    "a caption without a row on its page": (
        f"<p>{WORDS * 27}</p><table><caption>{WORDS}</caption><tr><td>{WORDS * 4}</td></tr></table>"
    ),
    "kept items with different margins": (
        f'<ol><li class="kept">{WORDS}</li><li><p>{WORDS}</p><p>{WORDS}</p></li>'
        f'<li class="kept"><p>{WORDS}</p></li></ol>'
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("engine", engines)
@pytest.mark.parametrize("name", HELD)
def test_what_stopped_a_letter_is_set(name: str, engine: str, tmp_path: Path) -> None:
    assert made(HELD[name], engine, tmp_path).lines
