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
import json, sys
from tests.export.test_reproducible import made
print(json.dumps(made(sys.argv[1:])))
"""
MANIFEST = """
name = "renamed"
title = "A pack that calls a font otherwise than its file"
version = "1"
extends = "imr"
styles = ["renamed.css"]
organization.name = "Example Review"
[[fonts]]
family = "Example Serif"
file = "font_source_serif_pro:files/SourceSerifPro-Regular.ttf"
"""
RENAMED = {
    "pack.toml": MANIFEST,
    "renamed.css": 'p { font-family: "Example Serif", "Letter Signs", "Letter Symbols"; }',
}
MADE: dict[str, tuple[str, imrgen.OptionFields]] = {
    "text": ("text", {}),
    "html": ("html", {}),
    "pdf": ("pdf", {}),
    "typst": ("pdf", {"engine": "typst"}),
    "typst, renamed": ("pdf", {"engine": "typst", "templates": RENAMED}),
}
"""What is made of each case: a format, and with which options."""
SURROUNDINGS = [
    pytest.param(
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "86400"},
        False,
        id="seed 1, UTC",
    ),
    pytest.param(
        {"PYTHONHASHSEED": "2", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"},
        True,
        id="seed 2, Kiritimati",
    ),
    pytest.param(
        {
            "PYTHONHASHSEED": "3",
            "TZ": "Pacific/Midway",
            "LANG": "de_DE.UTF-8",
            "TYPST_FONT_PATHS": str(ROOT / "templates"),
            "TYPST_FEATURES": "html",
            "TYPST_ROOT": "/",
            "RAYON_NUM_THREADS": "1",
        },
        True,
        id="seed 3, Midway",
    ),
]
NAMES = ("panel.toml", "expedited.json")


def renderers() -> dict[str, tuple[str, imrgen.Renderer]]:
    """Return for each that is made its format, and what makes it."""
    return {
        name: (format_, imrgen.Renderer(embed_case=True, **options))
        for name, (format_, options) in MADE.items()
    }


def made(cases: list[str]) -> list[list[str]]:
    """Make letters of cases, and return their digests in the order of their names."""
    return sorted(
        [Path(case).name, name, digest(renderer.render(case).encoded(format_))]
        for name, (format_, renderer) in renderers().items()
        for case in cases
    )


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


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
    printed: list[list[str]] = json.loads(run.stdout)
    return printed


@pytest.fixture(scope="module")
def wanted() -> list[list[str]]:
    first = made([str(ROOT / "fixtures" / name) for name in NAMES])
    assert len({digest for *_, digest in first}) == len(NAMES) * len(MADE)
    return first


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
    one, other = renderers(), renderers()
    with ThreadPoolExecutor(8) as pool:
        tasks = [
            (each, name, stem)
            for stem in NAMES
            for name in ("pdf", "typst", "typst, renamed")
            for each in (one, other, one)
        ]
        again = list(pool.map(lambda task: digest_of(*task), tasks))
    assert again == [
        digest
        for _, name, stem in tasks
        for case, kind, digest in wanted
        if (case, kind) == (stem, name)
    ]


def digest_of(made_by: dict[str, tuple[str, imrgen.Renderer]], name: str, case: str) -> str:
    format_, renderer = made_by[name]
    return digest(renderer.render(ROOT / "fixtures" / case).encoded(format_))


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
