"""What the tests share: the fixtures' cases, the packs' letters, and what a PDF says of itself."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

import imrgen
from imrgen.pack import pack_names
from tests.verapdf import Validator

# A slow machine is no fault: speed is measured under benchmarks/.
hypothesis.settings.register_profile("imrgen", deadline=None)
hypothesis.settings.load_profile("imrgen")

ROOT = Path(__file__).parent.parent
FIXTURES = sorted(
    p
    for p in (ROOT / "fixtures").iterdir()
    if p.suffix in (".toml", ".json") and not p.stem.startswith("conclusions")
)
LETTERS = [
    (pack, letter) for pack in pack_names() for letter in imrgen.load_pack(pack).merged("letters")
]
COMBINATIONS = [
    pytest.param(path, pack, letter, id=f"{path.stem}-{pack}-{letter}")
    for path in FIXTURES
    for pack, letter in LETTERS
]


def pdfinfo(pdf: bytes, folder: Path, *options: str) -> str:
    """Run poppler's pdfinfo on a PDF."""
    path = folder / "letter.pdf"
    path.write_bytes(pdf)
    run = subprocess.run(["pdfinfo", *options, path], check=True, capture_output=True, text=True)
    return run.stdout


def tagged_text(pdf: bytes, folder: Path) -> str:
    """Give a PDF's tag tree with its words, in reading order."""
    return pdfinfo(pdf, folder, "-struct-text")


def page_count(pdf: bytes, folder: Path) -> int:
    """Count a PDF's pages."""
    found = re.search(r"^Pages:\s+(\d+)$", pdfinfo(pdf, folder), re.MULTILINE)
    assert found
    return int(found[1])


def pages_text(pdf: bytes, folder: Path) -> list[str]:
    """Give the text of each page, running headers included."""
    path = folder / "letter.pdf"
    path.write_bytes(pdf)
    run = subprocess.run(
        ["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True
    )
    return run.stdout.split("\f")[:-1]


@pytest.fixture(scope="session")
def verapdf() -> Iterator[Validator]:
    """A running veraPDF; without Java a test that asks for it fails."""
    validator = Validator()
    yield validator
    validator.close()


@pytest.fixture
def case() -> dict[str, object]:
    """A mapping of a case that pack `imr` admits; a test changes what it is about."""
    import tomli

    text = (ROOT / "imrgen" / "starter.toml").read_text(encoding="utf-8")
    return tomli.loads(text)
