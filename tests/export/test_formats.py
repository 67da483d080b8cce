"""A format is one entry of a registry: everything that makes, names or reads files asks there."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import imrgen
from imrgen.document import VisibleText, visible_characters
from imrgen.export import FORMATS, Format, engines, find_format, format_of
from imrgen.pack import EngineName
from tests.conftest import FIXTURES, ROOT
from tests.sources import SOURCES, nodes

STARTER = ROOT / "imrgen" / "starter.toml"
# Run at the start of every process, workers included, as an entry in the registry would be.
ENTRY = """
from imrgen.export import FORMATS, Format, to_text

def write(document, exporter, details):
    return to_text(document.tree, 0).upper().encode()

FORMATS["shout"] = Format("shout", (".up",), "text/plain", write, bytes.decode, is_sealed=False)
"""


@pytest.mark.slow
def test_a_new_entry_is_a_format_for_every_command(tmp_path: Path) -> None:
    (tmp_path / "entry").mkdir()
    (tmp_path / "entry" / "sitecustomize.py").write_text(ENTRY)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path / 'entry'}{os.pathsep}{ROOT}"}

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "imrgen", *arguments]
        made = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert made.returncode == 0, made.stderr
        return made.stdout

    assert run("render", str(STARTER), "-f", "shout") == "starter.up\n"
    assert (tmp_path / "starter.up").read_text().startswith("CASE NUMBER:")
    assert run("render", str(STARTER), "-o", "by-suffix.up") == "by-suffix.up\n"
    (tmp_path / "case.toml").write_bytes(STARTER.read_bytes())
    run("batch", "case.toml", "-f", "shout", "-o", "out", "--jobs", "1")
    made = [path.name for path in (tmp_path / "out").iterdir() if path.suffix == ".up"]
    assert len(made) == 1
    assert "identical" in run("verify", "starter.up", "--case", "case.toml", "--pack", "imr")


def test_formats_are_found_by_name_and_by_suffix() -> None:
    assert {name: each.suffix for name, each in FORMATS.items()} == {
        "text": ".txt",
        "html": ".html",
        "pdf": ".pdf",
    }
    for name, each in FORMATS.items():
        assert find_format(name) is each
        assert isinstance(each, Format)
        for suffix in each.suffixes:
            assert format_of(Path(f"letter{suffix.upper()}")) is each
    assert format_of(Path("letter.docx")) is None
    with pytest.raises(imrgen.OptionError, match="formats are: text, html, pdf"):
        find_format("docx")


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("fixture", ["unicode", "markdown", "modified"])
def test_each_format_reads_the_visible_characters_that_it_wrote(fixture: str, name: str) -> None:
    (path,) = (path for path in FIXTURES if path.stem == fixture)
    letter = imrgen.render(path, pack="imr-2015", check=False)
    shown = VisibleText(letter.document.tree).characters()
    assert len(shown) > 1000
    texts = [visible_characters(text) for text in FORMATS[name].texts(letter.document)]
    assert FORMATS[name].read(letter.encoded(name)) in texts
    assert shown in texts
    assert (len(texts) > 1) is ((fixture, name) == ("markdown", "text"))


def test_no_other_module_lists_suffixes_or_media_types() -> None:
    """The registry is the only place in the way of a letter that spells them out."""
    words = {
        word
        for each in FORMATS.values()
        for word in (*each.suffixes, each.media_type)
        if word != "text/html"  # the preview's own page has this type, too
    }
    modules = [
        path
        for path in SOURCES
        if path.relative_to(ROOT).parts[1] in ("pipeline", "batch", "verification.py", "export")
        and path.name != "formats.py"
    ]
    assert modules
    for path in modules:
        spelled = {
            node.value
            for node in nodes(path)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not spelled & words, path


def test_each_engine_that_can_be_asked_for_is_registered() -> None:
    assert [*engines] == [*get_args(EngineName)]
