"""The same case, pack and version make the same bytes, whatever the process and its clock."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import imrgen
from tests.conftest import ROOT

pytestmark = pytest.mark.slow  # each starts processes that render PDFs

SCRIPT = """
import hashlib, json, sys
import imrgen
renderer = imrgen.Renderer(embed_case=True)
letters = {path: renderer.render(path) for path in sys.argv[1:]}
print(json.dumps(sorted(
    [path.rpartition("/")[2], kind, hashlib.sha256(letter.encoded(kind)).hexdigest()]
    for path, letter in letters.items() for kind in ("text", "html", "pdf")
)))
"""
SURROUNDINGS = [
    pytest.param({"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"}, False, id="seed 1, UTC"),
    pytest.param(
        {"PYTHONHASHSEED": "2", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"},
        True,
        id="seed 2, Kiritimati",
    ),
    pytest.param(
        {"PYTHONHASHSEED": "3", "TZ": "Pacific/Midway", "LANG": "de_DE.UTF-8"},
        True,
        id="seed 3, Midway",
    ),
]
NAMES = ("panel.toml", "expedited.json")


def digests(
    folder: Path, cases: list[Path], environment: dict[str, str] | None = None
) -> list[list[str]]:
    """Make letters in a process of its own, in a folder of its own."""
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, cases)],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
    )
    made: list[list[str]] = json.loads(run.stdout)
    return made


@pytest.fixture(scope="module")
def wanted() -> list[list[str]]:
    renderer = imrgen.Renderer(embed_case=True)
    letters = {name: renderer.render(ROOT / "fixtures" / name) for name in NAMES}
    made = [
        [name, kind, hashlib.sha256(letter.encoded(kind)).hexdigest()]
        for name, letter in letters.items()
        for kind in ("text", "html", "pdf")
    ]
    assert len({digest for *_, digest in made}) == 6
    return sorted(made)


@pytest.mark.parametrize(("environment", "elsewhere"), SURROUNDINGS)
def test_surroundings_change_no_byte(
    environment: dict[str, str], elsewhere: bool, wanted: list[list[str]], tmp_path: Path
) -> None:
    """Hash seed, time zone, locale, the folder of the case and the order of the letters."""
    cases = [ROOT / "fixtures" / name for name in NAMES]
    if elsewhere:
        cases = [Path(shutil.copy(case, tmp_path / case.name)) for case in reversed(cases)]
        os.utime(cases[0], (0, 0))
    assert digests(tmp_path, cases, environment) == wanted


def test_the_clock_changes_no_byte(wanted: list[list[str]], tmp_path: Path) -> None:
    later = (
        "import time; time.time = lambda: 4102444800.0; time.time_ns = lambda: 4102444800 * 10**9\n"
    )
    (tmp_path / "sitecustomize.py").write_text(later, encoding="utf-8")
    cases = [ROOT / "fixtures" / name for name in NAMES]
    environment = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    probe = [sys.executable, "-c", "import time; print(time.time())"]
    clock = subprocess.run(
        probe, env={**os.environ, **environment}, check=True, capture_output=True, text=True
    ).stdout
    assert clock.strip() == "4102444800.0"
    assert digests(tmp_path, cases, environment) == wanted


def test_processes_and_threads_at_the_same_time_change_no_byte(
    wanted: list[list[str]], tmp_path: Path
) -> None:
    cases = [ROOT / "fixtures" / name for name in NAMES]
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: digests(tmp_path, cases), range(2)))
    assert both == [wanted, wanted]
    renderer = imrgen.Renderer(embed_case=True)
    with ThreadPoolExecutor(3) as pool:
        letters = list(
            pool.map(lambda name: renderer.render(ROOT / "fixtures" / name).pdf, NAMES * 3)
        )
    made = {hashlib.sha256(pdf).hexdigest() for pdf in letters}
    assert made == {digest for _, kind, digest in wanted if kind == "pdf"}


def test_a_font_of_the_host_changes_no_byte(wanted: list[list[str]], tmp_path: Path) -> None:
    """Put a font named Source Serif Pro, of other widths, where fontconfig looks by default."""
    from fontTools.ttLib import TTFont

    font = TTFont(ROOT / "templates" / "letter" / "signs.ttf")
    for record in font["name"].names:
        record.string = {6: "SourceSerifPro-Regular"}.get(record.nameID, "Source Serif Pro")
    (tmp_path / "home" / ".fonts").mkdir(parents=True)
    font.save(tmp_path / "home" / ".fonts" / "SourceSerifPro-Regular.ttf")
    home = {"HOME": str(tmp_path / "home"), "XDG_DATA_HOME": str(tmp_path / "home")}
    assert digests(tmp_path, [ROOT / "fixtures" / name for name in NAMES], home) == wanted
