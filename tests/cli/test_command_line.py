"""The command line, as its user meets it: what it prints, where, and with which exit code."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path

import pytest

from imrgen.case import Case
from imrgen.cli import COMMANDS
from imrgen.compose import Composer
from tests.command_line import Imrgen, invoke, start
from tests.conftest import ROOT

SEED = str(ROOT / "fixtures" / "seed.toml")
STARTER = str(ROOT / "imrgen" / "starter.toml")


@pytest.fixture
def imrgen(tmp_path: Path) -> Imrgen:
    """Run imrgen in a folder of its own."""
    return functools.partial(invoke, cwd=tmp_path)


@pytest.fixture
def process(tmp_path: Path) -> Imrgen:
    """Run imrgen as a process, in a folder of its own."""
    return functools.partial(start, cwd=tmp_path)


def files(folder: Path) -> list[str]:
    """List what is in a folder, hidden files too."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.slow
def test_the_default_is_a_pdf_in_the_current_folder(process: Imrgen, tmp_path: Path) -> None:
    run = process("render", STARTER)
    assert (run.returncode, run.stdout, run.stderr) == (0, "starter.pdf\n", "")
    assert (tmp_path / "starter.pdf").read_bytes().startswith(b"%PDF")


def test_formats_may_be_repeated_and_a_folder_is_made(imrgen: Imrgen, tmp_path: Path) -> None:
    run = imrgen("render", STARTER, "-f", "html", "-f", "text", "-f", "text", "-o", "a/b")
    assert run.stdout == "a/b/starter.html\na/b/starter.txt\n"
    assert files(tmp_path) == ["a/b/starter.html", "a/b/starter.txt"]


@pytest.mark.parametrize(
    ("name", "start"), [("x.txt", "Case"), ("x.html", "<!doctype html>"), ("x.PDF", "%PDF")]
)
def test_the_suffix_says_the_format(name: str, start: str, imrgen: Imrgen, tmp_path: Path) -> None:
    assert imrgen("render", STARTER, "-o", name).returncode == 0
    assert (tmp_path / name).read_bytes().startswith(start.encode())


def test_standard_output_holds_the_letter_and_nothing_else(imrgen: Imrgen) -> None:
    run = imrgen("render", SEED, "--pack", "imr-2015", "-f", "text", "-o", "-")
    assert run.stdout.startswith("HOW THE IMR FINAL DETERMINATION WAS MADE\n")
    assert run.stdout.endswith("medically necessary.\n")
    assert run.stderr == ""


@pytest.mark.parametrize("path", [STARTER, str(ROOT / "fixtures" / "unicode.json")])
def test_standard_input_may_be_toml_or_json(path: str, imrgen: Imrgen) -> None:
    text = Path(path).read_text(encoding="utf-8")
    run = imrgen("render", "-", stdin=text)
    assert run.returncode == 0
    assert run.stdout.startswith("Case Number:")


def test_the_width(imrgen: Imrgen) -> None:
    narrow = imrgen("render", STARTER, "-f", "text", "-o", "-", "--width", "40").stdout
    unwrapped = imrgen("render", STARTER, "-f", "text", "-o", "-", "--width", "0").stdout
    assert max(map(len, narrow.splitlines())) <= 40
    assert max(map(len, unwrapped.splitlines())) > 400
    assert narrow.split() == unwrapped.split()


def test_many_cases_and_the_faulty_one_is_named(imrgen: Imrgen, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("[cases]\n")
    run = imrgen(
        "render",
        STARTER,
        "bad.toml",
        str(ROOT / "fixtures" / "unicode.json"),
        "-f",
        "text",
        "-o",
        "out/",
    )
    assert run.returncode == 1
    assert run.stdout == "out/starter.txt\nout/unicode.txt\n"
    assert "bad.toml:1:2: error[IMR101]: cases: unknown key" in run.stderr
    assert "1 of 3 letters could not be rendered" in run.stderr


WRONG: dict[str, tuple[list[str], int, str]] = {
    "missing file": (["render", "missing.toml"], 1, "missing.toml does not exist"),
    "folder": (["render", "."], 1, ". is a folder"),
    "bad TOML": (["render", "bad.toml"], 1, "bad.toml:2:10: error[IMR002]: case.number: "),
    "bad JSON": (["render", "bad.json"], 1, "bad.json:2:3: error[IMR003]: case: "),
    "unknown key": (
        ["render", "key.toml"],
        1,
        "error[IMR101]: case.nubmer: unknown key; did you mean `number`?",
    ),
    "wrong type": (
        ["render", "type.toml"],
        1,
        "type.toml:2:7: error[IMR102]: employee.age: must be a whole",
    ),
    "no date": (
        ["render", "date.json"],
        1,
        "date.json:1:28: error[IMR102]: case.decision_date: must be a",
    ),
    "no TOML date": (["render", "date.toml"], 1, "date.toml:2:"),
    "no issues": (
        ["render", "none.toml", "--pack", "imr-2015"],
        1,
        "issues: the letter `determination` of pack",
    ),
    "unknown pack": (
        ["render", STARTER, "--pack", "imrr"],
        2,
        "there is no pack `imrr`; did you mean `imr`?",
    ),
    "unknown letter": (["render", STARTER, "--letter", "cover"], 2, "has no letter `cover`"),
    "unknown format": (["render", STARTER, "-f", "docx"], 2, "'docx' is not one of"),
    "unknown option": (["render", STARTER, "--formt", "x"], 2, "No such option"),
    "unknown command": (["rendr", STARTER], 2, "did you mean `render`?"),
    "no case": (["render"], 2, "Missing argument"),
    "unwritable output": (
        ["render", STARTER, "-f", "text", "-o", "/proc/x.txt"],
        1,
        "/proc/x.txt cannot be written",
    ),
    "output below a file": (
        ["render", STARTER, "-f", "text", "-o", "bad.toml/x/"],
        1,
        "cannot be created",
    ),
    "unknown suffix": (["render", STARTER, "-o", "x.doc"], 2, "the suffix is none of"),
    "suffix of no letter": (
        ["render", STARTER, "-o", "x.docx", "-f", "pdf"],
        2,
        "name a file x.pdf, or a folder x.docx/",
    ),
    "suffix of no letter, on a file with something in it": (
        ["render", STARTER, "-o", "bad.toml", "-f", "text"],
        2,
        "name a file bad.txt, or a folder bad.toml/",
    ),
    "folder with a dot": (
        ["render", STARTER, "-o", "letters.2016", "-f", "text"],
        2,
        "name a file letters.2016.txt, or a folder letters.2016/",
    ),
    "list of packs": (["packs", "list"], 2, "`imrgen packs` alone lists the packs"),
    "unknown command of packs": (["packs", "shw"], 2, "did you mean `show`?"),
    "help for no command": (["help", "rendr"], 2, "did you mean `render`?"),
    "unknown check among several": (
        ["check", STARTER, "--ignore", "IMR3,IMX"],
        2,
        "there is no check `IMX`",
    ),
    "suffix of names against format": (
        ["batch", STARTER, "-o", "out", "-f", "text", "--name", "{source}.pdf"],
        2,
        "ends like pdf, but -f is text; end it in .{format}",
    ),
    "suffix of names against one of the formats": (
        ["batch", STARTER, "-o", "out", "-f", "pdf", "-f", "html", "--name", "{format}-a.pdf"],
        2,
        "ends like pdf, but -f is html",
    ),
    "suffix against format": (
        ["render", STARTER, "-f", "html", "-o", "x.pdf"],
        2,
        "-f is html",
    ),
    "two formats, one file": (
        ["render", STARTER, "-f", "html", "-f", "pdf", "-o", "x.pdf"],
        2,
        "one file",
    ),
    "two cases on standard output": (
        ["render", STARTER, SEED, "-o", "-"],
        2,
        "one letter in one format",
    ),
    "two cases of one name": (
        ["render", STARTER, "sub/STARTER.toml", "-o", "out/"],
        2,
        "two letters would be",
    ),
    "output over the case": (
        ["render", "key.txt", "-f", "text", "-o", "key.txt"],
        2,
        "the letter would overwrite",
    ),
    "no such templates": (["render", STARTER, "--templates", "nope"], 2, "nope is not a folder"),
    "negative width": (["render", STARTER, "--width", "-1"], 2, "-1"),
}


LONG = "x" * 300


@pytest.mark.parametrize(
    "command",
    [
        ["check", LONG],
        ["check", f"{LONG}.toml", STARTER],
        ["render", f"{LONG}.toml"],
        ["render", STARTER, "-o", f"{LONG}.txt"],
        ["render", STARTER, "-o", f"{LONG}/"],
        ["batch", LONG, "-o", "out"],
        ["batch", STARTER, "-o", LONG],
        ["batch", "--retry-failed", LONG],
        ["verify", f"{LONG}.pdf"],
        ["extract", f"{LONG}.pdf"],
        ["new", f"{LONG}.toml"],
        ["schema", "-o", f"{LONG}.json"],
        ["check", STARTER, "--templates", LONG],
        ["packs", "new", LONG],
    ],
    ids=lambda command: " ".join(command)[:20],
)
def test_a_name_that_is_too_long_is_reported(command: list[str], imrgen: Imrgen) -> None:
    run = imrgen(*command)
    assert run.returncode in (1, 2)
    assert LONG in run.stderr
    assert "internal error" not in run.stderr


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    contents = {
        "bad.toml": "[case]\nnumber = Quillfeather\n",
        "bad.json": '{"case":\n  Quillfeather}',
        "key.txt": '[case]\nnubmer = "Quillfeather"\n',
        "key.toml": '[case]\nnubmer = "Quillfeather"\n',
        "type.toml": '[employee]\nage = "Quillfeather"\n',
        "date.json": '{"case": {"decision_date": "2016-02-30"}}',
        "date.toml": "[case]\ndecision_date = 2016-02-30\n",
        "none.toml": (
            'clinical_summary = "Quillfeather"\nissues = []\n[[reviewers]]\nlicensure = ["Ohio"]\n'
        ),
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    return tmp_path


@pytest.mark.parametrize("name", WRONG)
def test_a_problem_is_reported_in_a_line_and_nothing_is_written(
    name: str, imrgen: Imrgen, wrong: Path
) -> None:
    arguments, code, says = WRONG[name]
    before = files(wrong)
    run = imrgen(*arguments)
    assert run.returncode == code
    assert any(says in line for line in run.stderr.splitlines())
    assert "Traceback" not in run.stderr
    assert "Quillfeather" not in run.stderr + run.stdout
    assert files(wrong) == before


def test_an_existing_file_stays_whole_when_the_new_letter_cannot_be_made(
    imrgen: Imrgen, wrong: Path
) -> None:
    (wrong / "key.txt").write_text("the letter of before")
    assert imrgen("render", "key.toml", "-o", "key.txt").returncode == 1
    assert (wrong / "key.txt").read_text() == "the letter of before"
    assert imrgen("render", STARTER, "-o", "key.txt").returncode == 0
    assert (wrong / "key.txt").read_text().startswith("Case Number:")


@pytest.fixture
def without_pango(tmp_path: Path) -> str:
    """Return a PYTHONPATH that stands for a machine without Pango: no library of it is loaded."""
    (tmp_path / "sitecustomize.py").write_text(
        "import ctypes.util, cffi\n"
        "real = cffi.FFI.dlopen\n"
        "def dlopen(self, name, *rest):\n"
        "    if any(part in str(name) for part in ('pango', 'gobject', 'harfbuzz')):\n"
        "        raise OSError(f'cannot load library {name!r}')\n"
        "    return real(self, name, *rest)\n"
        "cffi.FFI.dlopen = dlopen\n"
    )
    return f"{tmp_path}{os.pathsep}{ROOT}"


@pytest.mark.slow
def test_without_pango_check_reports_that_once_and_all_else_that_it_finds(
    process: Imrgen, without_pango: str, tmp_path: Path
) -> None:
    starter = Path(STARTER).read_text(encoding="utf-8")
    (tmp_path / "bad.toml").write_text(starter.replace("[employee]", "[employee]\nnick = 1"))
    (tmp_path / "odd.toml").write_text(starter.replace("[employee]", "[employee]\nage = 300"))
    cases = (STARTER, STARTER, "bad.toml", "odd.toml")
    run = process("check", *cases, "--output-format", "json", PYTHONPATH=without_pango)
    assert run.returncode == 1
    codes = [each["code"] for each in json.loads(run.stdout)]
    assert codes.count("IMR402") == 1
    alone = process("check", *cases, "--no-pages", "--output-format", "json")
    assert sorted(codes) == sorted(["IMR402", *(each["code"] for each in json.loads(alone.stdout))])
    assert len(codes) > 2
    run = process("check", STARTER, PYTHONPATH=without_pango)
    assert "1 case checked: 1 error, 0 warnings; pages were not laid out" in run.stderr


@pytest.mark.slow
def test_without_pango_a_batch_prints_events_alone(process: Imrgen, without_pango: str) -> None:
    run = process("batch", STARTER, "-o", "out", "--json", PYTHONPATH=without_pango)
    assert run.returncode == 1
    assert "IMR402" in run.stdout + run.stderr
    assert all(line.startswith("{") for line in run.stdout.splitlines())


@pytest.mark.slow
def test_without_pango_text_and_html_work_and_pdf_says_what_to_install(
    process: Imrgen, without_pango: str, tmp_path: Path
) -> None:
    formats = ("-f", "text", "-f", "html")
    run = process("render", STARTER, *formats, "-o", "out/", PYTHONPATH=without_pango)
    assert run.returncode == 0
    run = process("render", STARTER, "-o", "x.pdf", PYTHONPATH=without_pango)
    assert run.returncode == 1
    assert "IMR402" in run.stderr
    assert "apt-get install libpango-1.0-0" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "x.pdf").exists()


def test_a_fault_of_its_own_quotes_nothing(imrgen: Imrgen, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Composer, case: Case) -> None:
        raise ValueError(case.employee.name)

    monkeypatch.setattr(Composer, "compose", fail)
    run = imrgen("render", STARTER)
    assert run.returncode == 1
    assert (
        run.stderr
        == "imrgen: internal error (ValueError); IMRGEN_TRACEBACK=1 shows the traceback\n"
    )


@pytest.mark.parametrize("name", ["case.toml", "case.json"])
def test_a_new_case_renders_as_it_stands_and_replaces_nothing(
    name: str, imrgen: Imrgen, tmp_path: Path
) -> None:
    assert imrgen("new", name).stdout == f"{name}\n"
    assert imrgen("render", name, "-f", "text", "-o", "-").returncode == 0
    run = imrgen("new", name)
    assert run.returncode == 2
    assert "exists" in run.stderr
    assert imrgen("new", "case.yaml").returncode == 2


def test_the_schema_is_json(imrgen: Imrgen, tmp_path: Path) -> None:
    assert (
        json.loads(imrgen("schema").stdout)["$schema"]
        == "https://json-schema.org/draft/2020-12/schema"
    )
    assert imrgen("schema", "-o", "s.json").stdout == "s.json\n"
    assert json.loads((tmp_path / "s.json").read_text())


@pytest.mark.slow
def test_packs_are_listed_shown_and_made(imrgen: Imrgen, tmp_path: Path) -> None:
    assert [line.split()[0] for line in imrgen("packs").stdout.splitlines()] == [
        "external-review",
        "imr",
        "imr-2015",
        "letter",
    ]
    assert [pack["name"] for pack in json.loads(imrgen("packs", "--json").stdout)] == [
        "external-review",
        "imr",
        "imr-2015",
        "letter",
    ]
    shown = imrgen("packs", "show", "imr-2015").stdout
    assert "imr-2015 → imr → letter" in shown
    assert "issues[].rationale" in shown
    assert json.loads(imrgen("packs", "show", "imr", "--json").stdout)["extends"] == ["letter"]
    made = imrgen("packs", "new", "My Pack", "--extends", "imr-2015", "--organization", "Acme")
    assert made.returncode == 0
    assert imrgen("render", SEED, "--templates", "My Pack", "-f", "text", "-o", "-").returncode == 0
    assert [
        line.split()[0] for line in imrgen("packs", "--templates", "My Pack").stdout.splitlines()
    ][-1] == "my-pack"
    assert imrgen("packs", "new", "My Pack").returncode == 2
    assert imrgen("packs", "new", "imr").returncode == 2
    assert imrgen("packs", "new", "x", "--extends", "imrr").returncode == 2
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str, imrgen: Imrgen) -> None:
    assert "_IMRGEN_COMPLETE" in imrgen("completion", shell).stdout


COMPLETIONS = {
    "imrgen re": "render",
    "imrgen render --pack imr-": "imr-2015",
    "imrgen render -f ht": "html",
    "imrgen packs sh": "show",
    f"imrgen check {ROOT}/fixtures/see": f"{ROOT}/fixtures/seed.toml",
    f"imrgen batch {ROOT}/fixt": f"{ROOT}/fixtures/",
    f"imrgen plan {ROOT}/fixtures/see": f"{ROOT}/fixtures/seed.toml",
    "imrgen render --letter det": "determination",
    "imrgen check --ignore IMR32": "IMR320",
}


@pytest.mark.parametrize(("words", "found"), COMPLETIONS.items())
def test_completion_knows_commands_packs_and_formats(
    words: str, found: str, imrgen: Imrgen
) -> None:
    environment = {
        "_IMRGEN_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    assert found in imrgen(**environment).stdout


@pytest.mark.parametrize(
    "command",
    [[], *([name] for name in COMMANDS), ["packs", "show"], ["packs", "new"]],
    ids=" ".join,
)
def test_every_command_has_help(command: list[str], imrgen: Imrgen) -> None:
    run = imrgen(*command, "--help")
    assert run.returncode == 0
    assert run.stdout.startswith("Usage: imrgen")
    # Click's mark for lines to be kept as they are, which is no text.
    assert "\\b" not in run.stdout
    if command in ([], ["render"]):
        assert "Exit codes:" in run.stdout


def test_the_version(imrgen: Imrgen) -> None:
    import imrgen as package

    for option in ("--version", "-V"):
        assert imrgen(option).stdout == f"imrgen {package.__version__}\n"


@pytest.mark.parametrize("command", [[], ["render"], ["packs", "show"]])
def test_help_is_a_command_too(command: list[str], imrgen: Imrgen) -> None:
    run = imrgen("help", *command)
    assert run.stdout == imrgen(*command, "--help").stdout
    assert run.stdout.startswith(f"Usage: {' '.join(['imrgen', *command])}")


@pytest.mark.parametrize(("option", "first"), [("--select", "IMR312"), ("--ignore", "IMR311")])
def test_codes_may_be_joined_by_commas(option: str, first: str, imrgen: Imrgen) -> None:
    """As ruff takes them."""
    case = str(ROOT / "fixtures" / "checks" / "IMR311-fails.toml")
    joined = imrgen("check", case, option, f"{first}, IMR313,", "--output-format", "json")
    apart = imrgen("check", case, option, first, option, "IMR313", "--output-format", "json")
    everything = imrgen("check", case, "--output-format", "json")
    assert joined.stdout == apart.stdout
    assert joined.stdout != everything.stdout


def test_a_file_that_was_made_for_the_letter_may_have_any_name(
    imrgen: Imrgen, tmp_path: Path
) -> None:
    """As `mktemp` makes one."""
    (tmp_path / "tmp.aB3x").touch()
    assert imrgen("render", STARTER, "-f", "text", "-o", "tmp.aB3x").returncode == 0
    assert (tmp_path / "tmp.aB3x").read_text().startswith("Case")
