"""What the tests share: the fixtures' cases, the packs' letters, what a PDF says, and the markers.

A test that uses a fixture of `FIXTURE_MARKERS` gets its marker from there. The other markers stand
at the tests.
"""

from __future__ import annotations

import inspect
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from _pytest.mark.structures import ParameterSet

import imrgen
from imrgen.pack import pack_names
from tests.verapdf import Validator
from tools import native

# A slow machine is no fault: speed is measured under benchmarks/. The examples are the same in each
# run, so that a test fails for a change and not by chance; `make soak` looks further.
hypothesis.settings.register_profile(
    "imrgen",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("imrgen")

ROOT = Path(__file__).parent.parent
PROGRAMMES = {
    "imr": ROOT / "fixtures",
    "external-review": ROOT / "fixtures" / "external-review",
}
"""Where the cases of a pack are, and of those that extend it."""


def fixtures_of(pack: str) -> list[Path]:
    """List the cases of a pack; none for one that is only there to be extended."""
    lineage = [manifest.name for manifest in imrgen.load_pack(pack).lineage]
    folder = next((PROGRAMMES[name] for name in lineage if name in PROGRAMMES), None)
    return sorted(
        path
        for path in (folder.iterdir() if folder else ())
        if path.suffix in (".toml", ".json") and not path.stem.startswith("conclusions")
    )


FIXTURES = fixtures_of("imr")
"""The cases of the first programme, for tests of what does not depend on the pack."""
LETTERS = [
    (pack, letter) for pack in pack_names() for letter in imrgen.load_pack(pack).merged("letters")
]


def combinations(*stems: str) -> list[ParameterSet]:
    """List each letter of each pack with each case of it.

    Args:
        stems: Only these cases of the later programmes, whose letters are made like the first's.
    """
    return [
        pytest.param(path, pack, letter, id=f"{path.stem}-{pack}-{letter}")
        for pack, letter in LETTERS
        for path in fixtures_of(pack)
        if not stems or path in FIXTURES or path.stem in stems
    ]


COMBINATIONS = combinations()
TYPICAL = combinations("several")
"""For sweeps that take long: of the later programmes, the case that shows most."""
FIXTURE_MARKERS = {"chromium": "browser", "verapdf": "java"}
NEEDS = {"browser": "chromium", "java": "java", "poppler": "poppler"}
"""What the tests of a marker need, as `tools/native.py` calls it."""
POPPLER = ("pdfinfo", "pdftotext", "pdftoppm", "pdffonts")


def pytest_sessionstart() -> None:
    """Stop where WeasyPrint can make no PDF, unless no test of its is asked for."""
    if os.environ.get("ENGINE") != "typst" and not native.is_there("pango"):
        hint = native.NEEDS["pango"].hint
        others = "`make test ENGINE=typst` runs those of PDF by Typst"
        pytest.exit(f"install {hint}: almost every test needs it; {others}", 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests by their fixtures."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in FIXTURE_MARKERS:
                item.add_marker(FIXTURE_MARKERS[fixture])


def _names_weasyprint(item: pytest.Item) -> bool:
    """Return whether a test, or what it calls in its module, names the other engine."""
    test: Any = item
    called = (vars(test.module).get(name) for name in test.function.__code__.co_names)
    functions = filter(inspect.isfunction, (test.function, *called))
    return any('"weasyprint"' in inspect.getsource(each) for each in functions)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test that needs what the system lacks; skip it if `SYSTEM=no` forbids the install."""
    if os.environ.get("ENGINE") == "typst" and _names_weasyprint(item):
        pytest.skip("ENGINE=typst: it compares with WeasyPrint")
    for marker, need in NEEDS.items():
        if item.get_closest_marker(marker) and not native.is_there(need):
            if not native.may_install():
                pytest.skip(f"SYSTEM=no, and {need} is not installed")
            pytest.fail(f"{need} is not installed: `python tools/native.py {need}`", pytrace=False)


@pytest.fixture(scope="session")
def without_poppler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with programs of poppler's names that fail."""
    folder = tmp_path_factory.mktemp("without-poppler")
    for name in POPPLER:
        program = folder / name
        program.write_text("#!/bin/sh\necho 'mark this test: @pytest.mark.poppler' >&2\nexit 1\n")
        program.chmod(0o755)
    return folder


@pytest.fixture(autouse=True)
def only_marked_tests_run_poppler(
    request: pytest.FixtureRequest, without_poppler: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keep a test from poppler if it lacks the marker: without poppler, `make quick` would fail."""
    if request.node.get_closest_marker("poppler") is None:
        monkeypatch.setenv("PATH", str(without_poppler), prepend=os.pathsep)


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
