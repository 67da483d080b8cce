"""The pages for users and developers name only what exists: paths, tests, links, options, names."""

from __future__ import annotations

import csv
import importlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import imrgen
from imrgen.batch.naming import PATTERN_FIELDS
from imrgen.cli import COMMANDS, cli
from tests.batches import write_cases
from tests.command_line import run_session
from tests.conftest import ROOT

WRITTEN = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
] + sorted(path for path in (ROOT / "docs").glob("*.md") if path.name != "codes.md")
PAGES = [pytest.param(path, id=path.name) for path in WRITTEN]
TOP = "imrgen|tests|docs|fixtures|templates|benchmarks|tools"
ADDED = re.compile(r"fixtures/checks/.+|imrgen/export/markdown\.py|templates/imr/transmittal\.html")
"""What the recipes of CONTRIBUTING.md add."""
OTHER_PROGRAMS = {
    *("--nworkers", "--nthreads", "--memory-limit"),
    *("--enable-optimizations", "--data-urlencode", "--snapshot-update"),
    *("--letter-coverage", "--letter-coverage-fail-under"),
    *("--body-file", "--edit-last", "--create-if-none"),
}


def prose(path: Path) -> str:
    """Return a page without its fenced blocks of code."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)


def code(path: Path) -> Iterator[str]:
    """Yield what stands between backticks in a page's prose."""
    yield from re.findall(r"`([^`\n]+)`", prose(path))


def paths(page: Path) -> set[str]:
    """Find the files and folders of the repository that a page names."""
    return {each for each in code(page) if re.fullmatch(rf"(?:{TOP})/[\w./-]*", each)}


def rooms() -> set[str]:
    """List the packages and modules of imrgen that are rooms."""
    found = (path.stem for path in (ROOT / "imrgen").iterdir() if path.suffix in ("", ".py"))
    return {name for name in found if not name.startswith("_")}


def test_there_are_pages() -> None:
    assert len(WRITTEN) >= 10
    assert len(rooms()) >= 14


def test_the_architecture_names_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    described = re.findall(r"^- \*\*`imrgen\.(\w+)`\*\*: ", text, re.MULTILINE)
    assert sorted(described) == sorted(rooms())
    (floors,) = re.findall(r"from top to\s+bottom:\n\n((?:    .+\n)+)", text)
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (layers,) = re.findall(r"^layers = \[\n(.*?)^\]", settings, re.MULTILINE | re.DOTALL)
    wanted = [floor for floor in re.findall(r'"(.*)"', layers) if not floor.startswith("_")]
    assert [floor.strip() for floor in floors.splitlines()] == wanted


@pytest.mark.parametrize("document", PAGES)
def test_every_path_that_a_page_names_is_there(document: Path) -> None:
    missing = {each for each in paths(document) if not (ROOT / each).exists()}
    assert {each for each in missing if not ADDED.fullmatch(each)} == set()


def test_the_pages_for_developers_name_paths() -> None:
    assert len(paths(ROOT / "docs" / "architecture.md")) > 50
    assert len(paths(ROOT / "CONTRIBUTING.md")) > 30


def test_what_a_recipe_adds_is_not_there_yet() -> None:
    added = {each for each in paths(ROOT / "CONTRIBUTING.md") if ADDED.fullmatch(each)}
    assert len(added) >= 4
    assert {each for each in added if (ROOT / each).exists()} == set()


def test_every_test_that_holds_a_promise_is_there() -> None:
    named = [
        each
        for page in WRITTEN
        for each in code(page)
        if each.startswith("tests/") and "::" in each
    ]
    assert len(named) > 15
    missing = []
    for each in named:
        file, _, name = each.partition("::")
        if f"\ndef {name}(" not in (ROOT / file).read_text(encoding="utf-8"):
            missing.append(each)
    assert missing == []


def test_every_name_in_a_recipe_stands_in_its_file() -> None:
    """Check phrases such as: `_relations` in `imrgen/case/loading.py`."""
    text = prose(ROOT / "CONTRIBUTING.md")
    pairs = re.findall(r"`(\w[\w.]*)(?:\[.*?\])?`\s+(?:in|\()\s*`([\w/]+\.py)`", text)
    assert len(pairs) >= 8
    missing = [
        (name, file)
        for name, file in pairs
        if not re.search(rf"\b{name.split('.')[-1]}\b", (ROOT / file).read_text(encoding="utf-8"))
    ]
    assert missing == []


def test_every_make_target_that_is_named_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {each for page in WRITTEN for each in re.findall(r"`make ([a-z]+)`", prose(page))}
    assert len(named) >= 8
    assert named - targets == set()


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each).lower().replace(" ", "-") for each in headings}


@pytest.mark.parametrize("document", PAGES)
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        file, _, anchor = link.partition("#")
        if file.startswith(("http:", "https:")):
            continue
        target = (document.parent / file) if file else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def options() -> set[str]:
    """List the options of all commands."""
    commands: list[click.Command] = [cli]
    for name in COMMANDS:
        command: click.Command = importlib.import_module(f"imrgen.cli.{name}").command
        commands += [command, *getattr(command, "commands", {}).values()]
    return {option for command in commands for each in command.params for option in each.opts}


@pytest.mark.parametrize("document", PAGES)
def test_every_option_that_a_page_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    if document.name == "CHANGELOG.md":  # what an option was called before is told, too
        text = re.sub(r"`[^`]+` is now", "", text)
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", text))
    assert named - options() - OTHER_PROGRAMS - {"--profile", "--help"} == set()


@pytest.mark.parametrize("document", PAGES)
def test_every_command_that_a_page_names_is_there(document: Path) -> None:
    named = {each[1] for text in code(document) if (each := re.match(r"imrgen ([a-z]+)\b", text))}
    assert named - set(COMMANDS) == set()


def is_there(dotted: str) -> bool:
    """Return whether a name such as `imrgen.signing.signatures` can be had."""
    value: object = imrgen
    module = "imrgen"
    for part in dotted.split(".")[1:]:
        module = f"{module}.{part}"
        try:
            value = getattr(value, part)
        except AttributeError:
            try:
                value = importlib.import_module(module)
            except ModuleNotFoundError:
                return False
    return True


@pytest.mark.parametrize(
    "document",
    [each for each in PAGES if each.id != "CHANGELOG.md"],  # which also names what was before
)
def test_every_name_of_imrgen_in_a_page_is_there(document: Path) -> None:
    named = {
        each
        for text in code(document)
        for each in re.findall(r"(?<![\w/])imrgen(?:\.[A-Za-z_]\w*)+", text)
        if not each.endswith((".toml", ".json"))
    }
    groups = {"imrgen.packs"}  # a group of entry points
    assert {each for each in named - groups if not is_there(each)} == set()


def test_the_pattern_of_file_names_is_explained_in_full() -> None:
    text = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    assert [field for field in PATTERN_FIELDS if f"`{{{field}}}`" not in text] == []


@pytest.mark.slow
def test_the_program_for_batches_runs(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    write_cases(tmp_path / "cases", 2, c0002={"priority": "urgent"})
    (tmp_path / "program.py").write_text(program)
    run = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == "cases/c0002.json ['IMR103']\n"
    assert len(list((tmp_path / "letters").glob("*.pdf"))) == 1


def blocks(page: str, language: str) -> list[str]:
    """Return a page's code blocks of a language."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A folder with the table and the program of docs/spreadsheets.md."""
    (program,) = blocks("spreadsheets.md", "python")
    (table,) = blocks("spreadsheets.md", "csv")
    (tmp_path / "cases.py").write_text(program, encoding="utf-8")
    # As Excel writes "CSV UTF-8".
    (tmp_path / "cases.csv").write_bytes(b"\xef\xbb\xbf" + table.replace("\n", "\r\n").encode())
    return tmp_path


def convert(folder: Path) -> subprocess.CompletedProcess[str]:
    script = [sys.executable, "cases.py"]
    return subprocess.run(script, cwd=folder, capture_output=True, text=True)


@pytest.mark.slow
def test_a_spreadsheet_becomes_letters(sheet: Path) -> None:
    assert convert(sheet).stderr == ""
    (session,) = blocks("spreadsheets.md", "console")
    assert run_session(session, sheet) >= 3
    letter = (sheet / "letters" / "CM16-0000011-determination.txt").read_text(encoding="utf-8")
    words = " ".join(letter.split())
    for sentence in (
        "Physical therapy, 12 visits: Upheld",
        "MRI of the lumbar spine: Overturned",
        "Decision Date: 11/02/2016",
        "Pain Management, Physical Medicine & Rehabilitation",
        "The Claims Administrator did not cite any medical evidence for its decision.",
        "Decision based on Non-MTUS Citation Official Disability Guidelines, MRIs.",
    ):
        assert sentence in words
    assert "arthroscopy" not in words


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("CM16-0000011,,,", "CM16-0000011,expedited,,", "line 3: case.priority differs"),
        ("CM16-0000011,,,", ",,,", "line 3: no case.number"),
        ("CM16-0000011,,,", "CM16-0000011,,", "line 3: more or fewer cells"),
        ("11/01/2016", "2016-11-01", "line 4: case.decision_date cannot be read"),
        ("CM16-0000011,,,", "CM16-0000011,,,,", "line 3: more or fewer cells"),
    ],
)
def test_a_spreadsheet_that_contradicts_itself_is_refused(
    sheet: Path, old: str, new: str, message: str
) -> None:
    table = (sheet / "cases.csv").read_bytes()
    assert table.count(old.encode()) == 1
    (sheet / "cases.csv").write_bytes(table.replace(old.encode(), new.encode()))
    run = convert(sheet)
    assert (run.returncode, run.stderr.startswith(message)) == (1, True), run.stderr
    assert not (sheet / "cases.jsonl").exists()


def test_an_empty_cell_is_a_field_that_the_case_lacks(sheet: Path) -> None:
    table = (sheet / "cases.csv").read_text(encoding="utf-8-sig")
    (sheet / "cases.csv").write_text(table.replace(",none,", ",,"), encoding="utf-8")
    assert convert(sheet).returncode == 0
    first, second = (sheet / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    diagnostics = imrgen.check(io.BytesIO(first.encode()), formats=())
    assert [d.path for d in diagnostics] == [("issues", 1, "claims_administrator_basis")]
    assert imrgen.check(io.BytesIO(second.encode()), formats=()) == ()


def test_what_is_repeated_in_the_rows_of_a_case_counts_once(sheet: Path) -> None:
    convert(sheet)
    expected = (sheet / "cases.jsonl").read_text(encoding="utf-8")
    with (sheet / "cases.csv").open(encoding="utf-8-sig", newline="") as file:
        heading, first, second, other = csv.reader(file)
    is_of_item = [column.startswith("issues.") for column in heading]
    filled = [b if own else a for a, b, own in zip(first, second, is_of_item, strict=True)]
    assert filled != second
    with (sheet / "cases.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heading, first, filled, other])
    assert convert(sheet).returncode == 0
    assert (sheet / "cases.jsonl").read_text(encoding="utf-8") == expected
