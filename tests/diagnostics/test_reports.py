"""Diagnostics in every format, none of which shows a value of the case unless asked to."""

from __future__ import annotations

import functools
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from imrgen.diagnostics import REPORT_FORMATS, Diagnostic, Excerpt, Span, report
from imrgen.export import unseal
from tests.command_line import Imrgen, invoke
from tests.conftest import ROOT

CASE = """\
clinical_summary = "The worker Quillfeather was seen."
[case]
nubmer = "Quillfeather"
priority = "Quillfeather"
[employee]
name = "Quillfeather"
age = "Quillfeather"
"""


@pytest.fixture
def imrgen(tmp_path: Path) -> Imrgen:
    """Run imrgen in a folder that holds a faulty case and one that a check has an error for."""
    (tmp_path / "case.toml").write_text(CASE)
    starter = (ROOT / "imrgen" / "starter.toml").read_text(encoding="utf-8")
    contradiction = starter.replace('decision = "upheld"', 'decision = "overturned"')
    (tmp_path / "contradiction.toml").write_text(contradiction)
    (tmp_path / "good.toml").write_text(starter)

    return functools.partial(invoke, cwd=tmp_path)


def test_there_are_five_formats() -> None:
    assert REPORT_FORMATS == ("text", "short", "json", "github", "sarif")


@pytest.mark.parametrize("command", ["check", "render"])
@pytest.mark.parametrize("format_", REPORT_FORMATS)
def test_no_format_shows_a_value_unless_asked(format_: str, command: str, imrgen: Imrgen) -> None:
    run = imrgen(command, "case.toml", "--output-format", format_)
    output = run.stdout + run.stderr
    assert run.returncode == 1
    assert "IMR101" in output
    assert "IMR103" in output
    assert "Quillfeather" not in output


@pytest.mark.parametrize("command", ["check", "render"])
def test_show_values_shows_the_cases_own_lines(command: str, imrgen: Imrgen) -> None:
    run = imrgen(command, "case.toml", "--show-values")
    assert (
        '4 | priority = "Quillfeather"\n    |            ^^^^^^^^^^^^^^' in run.stdout + run.stderr
    )


def test_text_shows_the_place_and_short_a_line_each(imrgen: Imrgen) -> None:
    assert imrgen("check", "case.toml").stdout.splitlines()[:3] == [
        "case.toml:3:1: error[IMR101]: case.nubmer: unknown key; did you mean `number`?",
        "  3 | nubmer = …",
        "    | ^^^^^^",
    ]
    lines = imrgen("check", "case.toml", "--output-format", "short").stdout.splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "case.toml:3:1",
        "case.toml:3:10",
        "case.toml:4:12",
        "case.toml:7:7",
    ]


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a/case.toml", "a/case.toml"),
        ("a\\b.toml", "a/b.toml"),
        ("C:\\a\\b.toml", "file:///C:/a/b.toml"),
    ],
)
def test_sarif_has_the_file_as_an_address(file: str, uri: str) -> None:
    found = Diagnostic("IMR101", "unknown key", span=Span(file, 1, 1, 1))
    (result,) = json.loads(report([found], "sarif"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


@pytest.mark.slow
def test_json_has_every_field(imrgen: Imrgen) -> None:
    run = imrgen("check", "case.toml", "contradiction.toml", "--output-format", "json")
    found = json.loads(run.stdout)
    assert [
        (d["code"], d["severity"], d["field"], d["span"]["file"], d["span"]["line"]) for d in found
    ][:3] == [
        ("IMR101", "error", "case.nubmer", "case.toml", 3),
        ("IMR103", "error", "case.nubmer", "case.toml", 3),
        ("IMR103", "error", "case.priority", "case.toml", 4),
    ]
    assert found[-1]["code"] == "IMR320"
    assert run.stderr == ""
    assert list(found[0]) == [
        "code",
        "message",
        "severity",
        "path",
        "span",
        "excerpt",
        "hints",
        "trace",
        "field",
    ]


def test_github_annotations_escape_what_would_end_them(imrgen: Imrgen) -> None:
    first = imrgen("check", "case.toml", "--output-format", "github").stdout.splitlines()[0]
    assert first.startswith(
        "::error file=case.toml,line=3,col=1,title=IMR101::case.nubmer: unknown key"
    )


def test_sarif_is_what_scanners_read(imrgen: Imrgen) -> None:
    log = json.loads(imrgen("check", "case.toml", "--output-format", "sarif").stdout)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(rules) == {"IMR101", "IMR102", "IMR103"}
    unknown = rules["IMR101"]
    assert unknown["name"] == "UnknownKey"
    assert unknown["shortDescription"] == {"text": "Unknown key"}
    assert unknown["defaultConfiguration"] == {"level": "error"}
    assert unknown["help"]["text"].startswith("What: A case file")
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 3, "startColumn": 1, "endColumn": 7}


@pytest.mark.slow
def test_colours_are_for_terminals_only(imrgen: Imrgen, tmp_path: Path) -> None:
    assert "\033[" not in imrgen("check", "case.toml").stdout

    def on_a_terminal(**environment: str) -> bytes:
        ours, theirs = pty.openpty()
        subprocess.run(
            [sys.executable, "-m", "imrgen", "check", "case.toml"],
            cwd=tmp_path,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", **environment},
        )
        os.close(theirs)
        output = os.read(ours, 10_000)
        os.close(ours)
        return output

    assert b"\033[31m" in on_a_terminal()
    assert b"\033[" not in on_a_terminal(NO_COLOR="1")


def test_render_refuses_an_error_unless_told_not_to_check(imrgen: Imrgen, tmp_path: Path) -> None:
    run = imrgen("render", "contradiction.toml", "-f", "text")
    assert run.returncode == 1
    assert "error[IMR320]: issues[0].rationale" in run.stderr
    assert not (tmp_path / "contradiction.txt").exists()
    assert imrgen("render", "contradiction.toml", "-f", "text", "--no-check").returncode == 0
    assert (
        imrgen("render", "contradiction.toml", "-f", "text", "--ignore", "IMR320").returncode == 0
    )
    assert imrgen("render", "contradiction.toml", "-f", "text", "--select", "IMR33").returncode == 0


def test_check_reports_findings_and_what_cannot_be_composed(imrgen: Imrgen, tmp_path: Path) -> None:
    text = (tmp_path / "contradiction.toml").read_text()
    lost = '\nclinical_summary = """\n| a |\n|---|\n| 1 | 2 |"""\n[case]'
    (tmp_path / "both.toml").write_text(lost + text.partition("[case]")[2])
    output = imrgen("check", "both.toml", "--output-format", "short").stdout
    assert "error[IMR110]: clinical_summary" in output
    assert "error[IMR320]: issues[0].rationale" in output


@pytest.mark.slow
def test_check_counts_and_exits_by_errors(imrgen: Imrgen) -> None:
    good = imrgen("check", "good.toml")
    assert (good.returncode, good.stdout, good.stderr) == (
        0,
        "",
        "1 case checked: 0 errors, 0 warnings\n",
    )
    bad = imrgen("check", "good.toml", "contradiction.toml")
    assert (bad.returncode, bad.stderr) == (1, "2 cases checked: 1 error, 0 warnings\n")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("imrgen.toml", 'ignore = ["IMR320"]\n'),
        ("pyproject.toml", '[project]\nname = "x"\n[tool.imrgen]\nignore = ["IMR32"]\n'),
        ("pyproject.toml", '[tool.imrgen]\nselect = ["IMR33"]\n'),
    ],
)
@pytest.mark.slow
def test_the_projects_settings_choose_checks(
    name: str, text: str, imrgen: Imrgen, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    assert imrgen("check", "contradiction.toml").returncode == 0
    assert imrgen("check", "contradiction.toml", "--select", "IMR320").returncode == (
        0 if "ignore" in text else 1
    )


CHOICES: dict[str, tuple[str, list[str], str, dict[str, str]]] = {
    "none": ("", ["--no-check"], "none (--no-check)", {"checks": "none"}),
    "ignored": (
        "",
        ["--ignore", "IMR320,IMR33"],
        "not IMR320, IMR33 (--ignore)",
        {"checks_ignored": "IMR320 IMR33"},
    ),
    "selected": ("", ["--select", "IMR33"], "only IMR33 (--select)", {"checks_selected": "IMR33"}),
    "by a file": ('ignore = ["IMR3"]', [], "not IMR3 ({file})", {"checks_ignored": "IMR3"}),
    "by both": (
        'select = ["IMR3"]\nignore = ["IMR320"]',
        ["--ignore", "IMR33"],
        "only IMR3 ({file}); not IMR320 ({file}); not IMR33 (--ignore)",
        {"checks_selected": "IMR3", "checks_ignored": "IMR320 IMR33"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("choice", CHOICES)
def test_what_switches_checks_off_is_told_and_stands_in_provenance_and_manifest(
    choice: str, imrgen: Imrgen, tmp_path: Path
) -> None:
    text, arguments, told, stated = CHOICES[choice]
    file = tmp_path / "imrgen.toml"
    file.write_text(text)
    line = f"checks: {told.format(file=file)}"
    for command in (["render", "-o", "letter.html"], ["batch", "-f", "html", "-o", "out"]):
        run = imrgen(*command, "contradiction.toml", *arguments)
        assert run.returncode == 0
        assert run.stderr.splitlines().count(line) == 1
    sealed = unseal((tmp_path / "letter.html").read_bytes())
    assert sealed is not None
    names = ("checks", "checks_selected", "checks_ignored")
    assert {name: sealed.provenance[name] for name in names if name in sealed.provenance} == stated
    _, made, _ = map(json.loads, (tmp_path / "out/manifest.jsonl").read_text().splitlines())
    assert made["versions"].items() >= stated.items()
    verified = imrgen("verify", "letter.html", "--case", "contradiction.toml")
    assert "identical" in verified.stdout
    again = imrgen("batch", "--retry-failed", "out")
    assert again.stderr.startswith("checks: ")


@pytest.mark.parametrize("command", ["render", "check", "batch"])
def test_nothing_is_told_where_all_checks_run(command: str, imrgen: Imrgen) -> None:
    more = {"render": ["-f", "text"], "check": ["--no-pages"], "batch": ["-o", "out", "-f", "text"]}
    assert "checks:" not in imrgen(command, "good.toml", *more[command]).stderr


@pytest.mark.parametrize(
    "text",
    ['ignroe = ["IMR320"]\n', "ignore = 1\n", "ignore =\n", 'ignore = ["IMR32O"]\n'],
)
def test_settings_at_fault_are_reported_as_the_callers(
    text: str, imrgen: Imrgen, tmp_path: Path
) -> None:
    (tmp_path / "imrgen.toml").write_text(text)
    run = imrgen("check", "good.toml")
    assert run.returncode == 2
    assert "IMR" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.slow
def test_a_packs_manifest_chooses_checks(imrgen: Imrgen, tmp_path: Path) -> None:
    imrgen("packs", "new", "acme", "--organization", "Acme")
    manifest = tmp_path / "acme" / "pack.toml"
    manifest.write_text(manifest.read_text() + '\n[checks]\nignore = ["IMR320"]\n')
    assert imrgen("check", "contradiction.toml", "--templates", "acme").returncode == 0


def install_checks(folder: Path, source: str) -> None:
    """Install a package whose checks stand in the module `acme_checks`."""
    (folder / "acme_checks.py").write_text(source)
    written = folder / "acme-1.dist-info"
    written.mkdir()
    (written / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
    (written / "entry_points.txt").write_text("[imrgen.checks]\nacme = acme_checks\n")


OWN_CHECK = (
    "from imrgen.checks import Finding, check\n"
    "@check('ACM001', 'No cases on paper', 'error', 'House rule of Acme')\n"
    "def never(subject):\n"
    "    '''What: x\\n\\nWhy: x'''\n"
    "    yield Finding(('case',), 'found', ('mend it',))\n"
)


COMMANDS_WITH_PACKAGE = """
import json, pathlib, sys
from tests.command_line import invoke
runs = [invoke(*command, cwd=pathlib.Path(folder)) for folder, command in json.load(sys.stdin)]
print(json.dumps([(run.returncode, run.stdout) for run in runs]))
"""


def with_package(
    source: str, folder: Path, *commands: tuple[Path, list[str]]
) -> list[tuple[int, str]]:
    """Run commands, each in a folder, in one process in which a package of checks is installed.

    Returns:
        What each exits with and prints.
    """
    install_checks(folder, source)
    run = subprocess.run(
        [sys.executable, "-c", COMMANDS_WITH_PACKAGE],
        input=json.dumps(commands, default=str),
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        check=True,
        capture_output=True,
        text=True,
    )
    return [(code, output) for code, output in json.loads(run.stdout)]


# Each row: the pack that `acme` extends, its choice of checks, the project's, the command line's.
CHOSEN: list[tuple[str, str, str, list[str], set[str]]] = [
    ("imr", "", "", [], {"IMR320"}),
    ("imr", "", "", ["--ignore", "ACM"], {"IMR320"}),
    ("imr", "", "", ["--select", "IMR"], {"IMR320"}),
    ("imr", "", "", ["--select", "ACM"], {"ACM001"}),
    ("imr", "", "", ["--select", "IMR32", "--select", "ACM001"], {"ACM001", "IMR320"}),
    ("imr", "", 'select = ["ACM"]', [], {"ACM001"}),
    ("imr", 'select = ["IMR", "ACM"]', "", [], {"ACM001", "IMR320"}),
    ("imr", 'select = ["ACM"]', "", [], {"ACM001"}),
    ("imr", 'select = ["IMR", "ACM"]', "", ["--ignore", "ACM001"], {"IMR320"}),
    ("imr", 'select = ["IMR", "ACM"]', "", ["--select", "IMR32"], {"IMR320"}),
    ("imr", 'families = ["medical", "acme"]', "", [], {"ACM001", "IMR320"}),
    ("imr", 'families = ["general", "acme"]', "", [], {"ACM001"}),
    ("imr", 'families = ["acme"]', "", ["--select", "IMR320"], {"IMR320"}),
    ("house", "", "", [], {"ACM001", "IMR320"}),
    ("house", 'ignore = ["IMR3"]', "", [], {"ACM001"}),
]


@pytest.mark.slow
def test_checks_of_a_package_run_where_they_are_selected(imrgen: Imrgen, tmp_path: Path) -> None:
    case = str(tmp_path / "contradiction.toml")
    check = ["check", case, "--no-pages", "--templates", "packs", "--pack", "acme"]
    commands = []
    for number, (extends, manifest, settings, options, _) in enumerate(CHOSEN):
        folder = tmp_path / str(number)
        for name, base, checks in (
            ("house", "imr", 'select = ["IMR", "ACM"]'),
            ("acme", extends, manifest),
        ):
            (folder / "packs" / name).mkdir(parents=True)
            (folder / "packs" / name / "pack.toml").write_text(
                f'name = "{name}"\ntitle = "x"\nversion = "1"\nextends = "{base}"\n'
                f"[checks]\n{checks}\n"
            )
        (folder / "imrgen.toml").write_text(settings)
        commands.append((folder, [*check, *options]))
    runs = with_package(OWN_CHECK, tmp_path, *commands)
    found = [set(re.findall(r"error\[(\w+)\]", output)) for _, output in runs]
    assert dict(enumerate(found)) == {number: row[-1] for number, row in enumerate(CHOSEN)}


@pytest.mark.slow
def test_checks_that_cannot_be_loaded_stop_only_who_selects_them(
    imrgen: Imrgen, tmp_path: Path
) -> None:
    check = ["check", "good.toml", "--no-pages"]
    without, with_them = with_package(
        "1 / 0\n", tmp_path, (tmp_path, check), (tmp_path, [*check, "--select", "ACM"])
    )
    assert without == (0, "")
    assert with_them[0] != 0


@pytest.mark.slow
def test_a_third_partys_checks_enter_by_an_entry_point(imrgen: Imrgen, tmp_path: Path) -> None:
    check = ["check", "good.toml", "--no-pages", "--select", "ACM"]
    commands = (check, ["explain"], ["explain", "acm001"], [*check, "--output-format", "sarif"])
    runs = with_package(OWN_CHECK, tmp_path, *((tmp_path, command) for command in commands))
    found, codes, manual, sarif = (output for _, output in runs)
    assert "error[ACM001]: case: found; mend it" in found
    assert "Checks of family `acme`, of an installed package\n  ACM001  error" in codes
    assert manual == (
        "ACM001 (error): No cases on paper\nFamily: acme\nSource: House rule of Acme\n\n"
        "What: x\n\nWhy: x\n"
    )
    (rule,) = (
        rule
        for rule in json.loads(sarif)["runs"][0]["tool"]["driver"]["rules"]
        if rule["id"] == "ACM001"
    )
    assert rule["help"]["text"] == "What: x\n\nWhy: x\n\nHouse rule of Acme"


@pytest.mark.parametrize("column", [1, 2, 81, 82, 5_000, 9_999, 10_000])
def test_an_excerpt_of_a_long_line_is_what_is_around_its_place(column: int) -> None:
    line = "".join(chr(ord("a") + number % 26) for number in range(10_000))
    for length in (1, 3, 10_000):
        excerpt = Excerpt.of(line, Span("x", 1, column, length))
        assert len(excerpt.text) < 250
        assert excerpt.text[excerpt.start] == line[column - 1]
        assert 1 <= excerpt.length <= len(excerpt.text) - excerpt.start
        assert excerpt.text.startswith("…") == (column > 81)


def test_an_excerpt_of_a_short_line_is_the_line() -> None:
    assert Excerpt.of("a" * 240, Span("x", 1, 9, 2)) == Excerpt("a" * 240, 8, 2)
