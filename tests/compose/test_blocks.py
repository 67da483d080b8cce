"""The blocks of the built-in templates: fine enough to reword a sentence, and documented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

import imrgen
from imrgen.pack import built_in, load_pack
from tests.conftest import ROOT

PARSER = Environment()
CASES = [ROOT / "fixtures" / f"{name}.toml" for name in ("modified", "panel", "bases")]
PACKET = """\

[letters.packet]
title = "Packet"
letters = ["determination"]
"""
MANIFEST = """\
name = "acme"
title = "Acme"
version = "1"
extends = "imr"

[organization]
name = "Acme Review"
address = "1 Any Street"
phone = "1"
fax = "2"
email = "a@b.example"
website = "b.example"
medical_director = "Dr. Example"
letterhead = ["name", "address", "phone", "fax", "email", "website", "medical_director"]
"""


def templates() -> Iterator[tuple[str, str, nodes.Template]]:
    """Yield each template of the packs `imr` and `letter`: its pack, its name, its nodes."""
    for pack in ("imr", "letter"):
        folder = built_in() / pack
        for path in sorted(folder.rglob("*.html")):
            yield pack, path.relative_to(folder).as_posix(), PARSER.parse(path.read_text())


BLOCKS = [
    (pack, file, block.name)
    for pack, file, template in templates()
    for block in template.find_all(nodes.Block)
]


def innermost(node: nodes.Node, block: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text of a template with the block that it is in."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            yield block, child.data
        yield from innermost(child, child.name if isinstance(child, nodes.Block) else block)


def test_every_sentence_stands_in_a_block_of_its_own() -> None:
    found = 0
    for pack, file, template in templates():
        texts: dict[str, str] = {}
        for block, data in innermost(template):
            texts[block] = texts.get(block, "") + data
        for block, text in texts.items():
            words = re.sub(r"<[^>]*>|<[^>]*$|^[^<]*\">", "", text)
            if not re.search(r"[A-Za-z]{2}", words):
                continue
            found += 1
            place = f"{pack}:{file}, block `{block}`"
            assert block, f"{place}: {words!r} is in no block"
            assert "<" not in text, f"{place}: words and elements: {text!r}"
            assert len(re.findall(r"[.:](?=\s+[A-Z{])", words)) <= 1, f"{place}: two sentences"
    assert found > 15


def test_every_word_of_a_built_in_pack_is_shown() -> None:
    shown = "".join(path.read_text() for path in built_in().rglob("*.html"))
    words = {name for pack in built_in().iterdir() for name in load_pack(pack.name).words}
    assert len(words) > 15
    assert set(re.findall(r"words\.(\w+)", shown)) == words


def test_the_blocks_are_documented() -> None:
    text = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
    section = text.partition("\n## Blocks\n")[2].partition("\n## ")[0]
    file = ""
    documented = []
    for row in re.findall(r"^\|(.*?)\|(.*?)\|", section, re.MULTILINE):
        file = row[0].strip("` ") or file
        documented += [(*file.split(":"), name) for name in re.findall(r"`(\w+)`", row[1])]
    assert len(BLOCKS) > 30
    assert sorted(documented) == sorted(BLOCKS)


FILLED = [("letter", "letter.html", name) for name in ("main", "running_title")]
"""What the templates of `imr` fill themselves."""
SHOWN = [each for each in BLOCKS if each not in FILLED]


@pytest.mark.parametrize(("pack", "file", "block"), SHOWN, ids=map("-".join, SHOWN))
def test_every_block_can_be_overridden(pack: str, file: str, block: str, tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(MANIFEST + PACKET)
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f'{{% extends "{pack}:{file}" %}}\n{{% block {block} %}}de-replaced{{% endblock %}}\n'
    )
    letter = "packet" if file == "packet.html" else "determination"
    renderer = imrgen.Renderer(templates=[tmp_path], letter=letter, check=False)
    assert any("de-replaced" in renderer.render(case).html for case in CASES)
