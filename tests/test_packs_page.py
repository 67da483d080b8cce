"""docs/packs.md is right: its pack is made step by step, and its commands and letters are compared.

A block of code with a file's name above it is that file, or is added to it. A block `console` is a
session, `text` is what the letters say in every format, `text pdf` what the pages of the PDF say.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pypdfium2
import pytest

import imrgen
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`(acme[\w-]*/[\w./-]+|case\.toml)`")
FONT = "SourceSansPro-Regular.ttf"


class Block(msgspec.Struct, frozen=True):
    """A block of code of the page.

    Args:
        language: Its language.
        format: What follows the language: `pdf`, or nothing.
        file: The file whose name is above it, if any.
        place: `end` or `above the tables` of the file, or nothing for the whole file.
        code: What it holds.
    """

    language: str
    format: str
    file: str
    place: str
    code: str


def blocks(section: str) -> Iterator[Block]:
    """Yield the blocks of code of a section."""
    for found in BLOCK.finditer(section):
        above = section[: found.start()].rstrip("\n").rpartition("\n\n")[2]
        names = FILE.findall(above) if above.endswith(":") else []
        place = ""
        if above.endswith("above the first `[table]`:"):
            place = "above the tables"
        elif above.endswith("add:"):
            place = "end"
        yield Block(found[1], found[2] or "", names[-1] if names else "", place, found[3])


SECTIONS = [
    (title, list(blocks(text)))
    for title, text in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
]
STEPS = [number for number, (_, found) in enumerate(SECTIONS) if found]


def write(folder: Path, block: Block) -> None:
    path = folder / block.file
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8") if block.place else ""
    if block.place == "above the tables":
        top, bracket, rest = text.partition("\n[")
        text = f"{top}\n{block.code}{bracket}{rest}"
    else:
        text = f"{text}\n{block.code}"
    path.write_text(text.lstrip("\n"), encoding="utf-8")


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which `imrgen` runs, with the packages installed in a folder."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "imrgen").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m imrgen "$@"\n')
    (programs / "imrgen").chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{folder / 'acme-letters'}{os.pathsep}{ROOT}",
    }


def run(folder: Path, block: Block) -> None:
    """Run the commands of a session and compare what they print."""
    commands = re.split(r"^\$ ", block.code, flags=re.MULTILINE)[1:]
    assert commands
    for command, _, expected in (each.partition("\n") for each in commands):
        done = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env=environment(folder),
            text=True,
            capture_output=True,
        )
        assert done.stdout + done.stderr == expected, command


def install(folder: Path) -> None:
    """Move the pack into the package, and install that as pip does."""
    package = folder / "acme-letters"
    shutil.move(folder / "acme", package / "acme_letters" / "acme")
    (package / "acme_letters" / "__init__.py").touch()
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    metadata = package / "acme_letters-1.0.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    with (metadata / "entry_points.txt").open("w") as file:
        for group, points in project["entry-points"].items():
            file.write(f"[{group}]\n")
            file.writelines(f"{name} = {module}\n" for name, module in points.items())


def words(text: str) -> str:
    return " ".join(text.split())


def said(folder: Path) -> dict[str, str]:
    """Return the words of all letters of the pack, by format."""
    found = {"text": "", "html": "", "pdf": ""}
    for letter in imrgen.load_pack(templates=[folder / "acme"]).merged("letters"):
        case = imrgen.load_case(folder / "case.toml")
        for renderer in imrgen.Renderer(templates=[folder / "acme"], letter=letter).each(case):
            made = renderer.render(case)
            found["text"] += made.text
            found["html"] += re.sub(r"<[^>]*>", " ", made.html.partition("<body")[2])
            pdf = pypdfium2.PdfDocument(made.pdf)
            found["pdf"] += "\n".join(page.get_textpage().get_text_bounded() for page in pdf)
    return found


def squeezed(text: str) -> str:
    """Leave out white space: where a line or a cell ends is each format's own affair."""
    return re.sub(r"\s+", "", text.replace("&#39;", "'").replace("\ufffe", "-"))


def test_the_page_is_read() -> None:
    found = [block for _, each in SECTIONS for block in each]
    assert len(STEPS) > 12
    assert len([block for block in found if block.file]) > 20
    assert [b for b in found if not b.file and b.language not in ("console", "text")] == []
    assert len([block for block in found if block.language == "text"]) > 6
    assert PAGE.count("```") == 2 * len(found)


@pytest.mark.slow
@pytest.mark.parametrize("last", STEPS, ids=[SECTIONS[step][0] for step in STEPS])
def test_what_the_page_says_comes_out(last: int, tmp_path: Path) -> None:
    for number in range(last + 1):
        title, found = SECTIONS[number]
        for block in found:
            if block.file:
                write(tmp_path, block)
            elif block.language == "console" and (number == last or number == STEPS[0]):
                run(tmp_path, block)
        if title == "Images":
            font = Path(__import__("font_source_sans_pro").__file__).parent / "files" / FONT
            (tmp_path / "acme" / "fonts").mkdir()
            shutil.copy(font, tmp_path / "acme" / "fonts" / "AcmeSans.ttf")
        if title == "Install a pack":
            install(tmp_path)
    texts = [block for block in SECTIONS[last][1] if block.language == "text"]
    if not texts:
        return
    letters = {name: squeezed(text) for name, text in said(tmp_path).items()}
    for block in texts:
        for name in (block.format,) if block.format else ("text", "html", "pdf"):
            if block.format:
                missing = [
                    line for line in block.code.splitlines() if squeezed(line) not in letters[name]
                ]
                assert missing == [], name
            else:
                assert squeezed(block.code) in letters[name], name
