"""The pytest plugin, in a project of its own: what it accepts, and how it tells what differs."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image, ImageChops

from imrgen.testing import letters
from imrgen.testing.pictures import look_alike
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

TEST = """\
from pathlib import Path
from imrgen.testing import letters

HERE = Path(__file__).parent


@letters(HERE / "cases", templates=[HERE / "acme"])
def test_letters(letter, letter_snapshot):
    assert letter == letter_snapshot
"""


def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run pytest in a folder."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-vv",
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        *arguments,
    ]
    made = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**os.environ, **environment}
    )
    return made.returncode, made.stdout


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose snapshots are made."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "test_letters.py").write_text(TEST, encoding="utf-8")
    (folder / "cases").mkdir()
    starter = (ROOT / "imrgen" / "starter.toml").read_text(encoding="utf-8")
    (folder / "cases" / "case.toml").write_text(starter, encoding="utf-8")
    pack = folder / "acme"
    (pack / "blocks").mkdir(parents=True)
    (pack / "pack.toml").write_text(
        'name = "acme"\ntitle = "Acme"\nversion = "1"\nextends = "imr"\nstyles = ["acme.css"]\n'
        'organization.name = "Acme Review"\n',
        encoding="utf-8",
    )
    (pack / "acme.css").write_text("h1 { color: #000 }\n", encoding="utf-8")
    (pack / "blocks" / "clinical_summary.html").write_text(
        "<h1>Summary</h1>\n<p>Seen within 30 days.</p>\n"
        "{{ clinical_summary | markdown }}\n<div class='after'></div>\n",
        encoding="utf-8",
    )
    status, told = run(folder)
    assert status == 1
    assert "there is no snapshot of this letter" in told
    status, told = run(folder, "--snapshot-update")
    assert status == 0, told
    return folder


@pytest.fixture
def project(kept: Path, tmp_path: Path) -> Path:
    """A copy of that project, to be changed."""
    return Path(shutil.copytree(kept, tmp_path / "project"))


CHANGES = {
    "a word of a template": (
        "acme/blocks/clinical_summary.html",
        "30 days",
        "45 days",
        [
            "words changed at clinical_summary.html:2, behind “SUMMARY Summary Seen within”:",
            "- 30",
            "+ 45",
        ],
    ),
    "a word of the case": (
        "cases/case.toml",
        "lifting boxes",
        "lifting crates",
        ["words changed at clinical_summary.html:3 (field `clinical_summary`)", "+ crates."],
    ),
    "a colour": ("acme/acme.css", "#000", "#0a0", ["page 1 looks different", "difference.png"]),
    "a page break": (
        "acme/acme.css",
        "#000 }",
        "#000 } .after { break-after: page }",
        ["page 2 now begins with “IMR ISSUES", "page 2 looks different"],
    ),
    "another page": (
        "acme/acme.css",
        "#000 }",
        "#000; break-before: page }",
        ["it had 2 pages, and has ", "page 3 has no picture yet"],
    ),
    "a tag": (
        "acme/blocks/clinical_summary.html",
        "<p>Seen within 30 days.</p>",
        "<ul><li>Seen within 30 days.</li></ul>",
        ["tags lost or gained:", "+ LI", "words changed"],
    ),
    "an attribute": (
        "acme/blocks/clinical_summary.html",
        "class='after'",
        "class='last'",
        ["its HTML differs, though no word does:", '+ <div class="last">'],
    ),
    "a warning": (
        "cases/case.toml",
        "while lifting boxes",
        "while lifting &amp; boxes",
        ["+ warning IMR395 clinical_summary: "],
    ),
    "a second letter of a test": (
        "test_letters.py",
        "    assert letter == letter_snapshot\n",
        "    assert letter == letter_snapshot\n    assert letter == letter_snapshot\n",
        ["there is no snapshot of this letter"],
    ),
    "a refusal": (
        "cases/case.toml",
        "decision_date = 2016-11-02",
        "decision_date = 2015-11-02",
        [
            "the case is refused, which is no snapshot of this test",
            "error IMR330 case.decision_date",
        ],
    ),
}


class Projects(NamedTuple):
    """A copy of the project for each change, in one folder.

    Attributes:
        folder: The folder.
        told: What pytest says of each, by the change.
    """

    folder: Path
    told: dict[str, str]


@pytest.fixture(scope="module")
def changed(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Projects:
    """The projects with their changes, which are tested in one run."""
    folder = tmp_path_factory.mktemp("changed")
    for change, (file, old, new, _) in CHANGES.items():
        project = shutil.copytree(kept, folder / change.replace(" ", "_"))
        edit(project / file, old, new)
    status, told = run(folder)
    assert status == 1
    sections = {
        change: section
        for change in CHANGES
        for section in told.partition("= FAILURES =")[2].split("\n____")
        if f"\n{change.replace(' ', '_')}/test_letters.py" in section
    }
    return Projects(folder, sections)


@pytest.mark.parametrize("change", CHANGES)
def test_each_kind_of_change_is_told(changed: Projects, change: str) -> None:
    words = CHANGES[change][3]
    told = changed.told[change]
    assert words
    assert [word for word in words if word not in told] == [], told


def test_each_kind_of_change_can_be_accepted(changed: Projects) -> None:
    assert set(changed.told) == set(CHANGES)
    status, told = run(changed.folder, "--snapshot-update")
    assert status == 0, told
    status, told = run(changed.folder)
    assert status == 0, told


def test_the_same_letter_passes_in_other_surroundings(project: Path, tmp_path: Path) -> None:
    surroundings = {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
    status, told = run(tmp_path, "--rootdir", str(project), str(project), **surroundings)
    assert status == 0, told


def test_a_new_version_s_smoothing_passes_and_a_moved_rule_does_not(kept: Path) -> None:
    (picture, *_) = sorted((kept / "__snapshots__" / "test_letters").glob("*page-1*.png"))
    page = Image.open(picture).convert("RGB")
    shaded = page.point(lambda value: max(0, value - 32))
    moved = ImageChops.offset(page, 0, 1)
    encoded = [encode(each) for each in (page, shaded, moved)]
    assert look_alike(encoded[0], encoded[1])
    assert not look_alike(encoded[0], encoded[2])


def encode(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def test_pictures_can_be_left_out(project: Path) -> None:
    shutil.rmtree(project / "__snapshots__")
    (project / "pytest.ini").write_text("[pytest]\nletter_snapshot_pictures = false\n")
    assert run(project, "--snapshot-update")[0] == 0
    names = {path.suffix for path in (project / "__snapshots__").rglob("*.*")}
    assert names == {".html", ".pages", ".txt", ".warnings"}


def test_a_letter_for_each_recipient_is_a_test(project: Path) -> None:
    with (project / "cases" / "case.toml").open("a") as file:
        for name in ("One", "Two"):
            file.write(f'\n[[recipients]]\nrole = "Employee"\nname = "{name} Example"\n')
    edit(project / "test_letters.py", "templates=", "per_recipient=True, templates=")
    _, told = run(project, "--collect-only")
    assert "test_letters[case-determination-1]" in told
    assert "test_letters[case-determination-2]" in told


def test_a_folder_without_cases_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        letters(tmp_path, pack="imr")
    with pytest.raises(FileNotFoundError):
        letters(tmp_path / "nowhere", pack="imr")


def test_the_plugin_imports_nothing_until_it_is_used() -> None:
    program = "import imrgen.testing.plugin, sys; print(*sys.modules)"
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    loaded = {name for name in made.stdout.split() if name.startswith("imrgen.")}
    assert loaded == {"imrgen._lazy", "imrgen._version", "imrgen.testing", "imrgen.testing.plugin"}
    assert "syrupy" not in made.stdout.split()


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two processes"])
def test_coverage_tells_what_the_letters_of_the_tests_do_not_take(
    project: Path, workers: tuple[str, ...]
) -> None:
    summary = project / "acme" / "blocks" / "clinical_summary.html"
    text = summary.read_text(encoding="utf-8")
    summary.write_text(
        text + '{% if case.number == "none" %}<p>Never.</p>{% endif %}\n', encoding="utf-8"
    )
    status, told = run(project, "--letter-coverage-fail-under", "99", *workers)
    assert "1 passed" in told
    assert status == 1
    assert "pack acme, letters determination" in told
    assert "acme/blocks/clinical_summary.html" in told
    assert "5:1: `if` is never true" in told
    assert "is less than 99 %" in told


def test_coverage_of_tests_without_letters_says_so(tmp_path: Path) -> None:
    (tmp_path / "test_none.py").write_text("def test_none():\n    pass\n", encoding="utf-8")
    status, told = run(tmp_path, "--letter-coverage", "--letter-coverage-fail-under", "20")
    assert status == 0
    assert "no test has made a letter" in told
    assert "letter coverage" not in run(tmp_path)[1]
