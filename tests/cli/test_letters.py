"""Several letters of a case: `--letter` repeated, and `--letter all`."""

from __future__ import annotations

from pathlib import Path

import click.testing
import pytest

from imrgen.cli import cli
from imrgen.diagnostics import PackError, UnknownNameError
from tests.conftest import ROOT
from tests.letters import write_pack

STARTER = (ROOT / "imrgen" / "starter.toml").read_text(encoding="utf-8")
RECIPIENTS = '\n[[recipients]]\nrole = "Employee"\nname = "Quillfeather Example"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pack of three letters, and the cases `full`, `bare` and `bad`."""
    write_pack(tmp_path / "acme")
    (tmp_path / "full.toml").write_text(STARTER + RECIPIENTS, encoding="utf-8")
    (tmp_path / "bare.toml").write_text(STARTER, encoding="utf-8")
    (tmp_path / "bad.toml").write_text("[cases]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str, *arguments: str) -> click.testing.Result:
    if "--templates" not in arguments:
        arguments = (*arguments, "--templates", "acme")
    return click.testing.CliRunner().invoke(cli, [command, *arguments])


ASKED: dict[str, tuple[list[str], list[str]]] = {
    "the default": ([], ["full.txt"]),
    "one": (["--letter", "notice"], ["full.txt"]),
    "two": (
        ["--letter", "notice", "--letter", "cover"],
        ["full-notice.txt", "full-cover.txt"],
    ),
    "one twice": (["--letter", "notice", "--letter", "notice"], ["full-notice.txt"]),
    "all": (
        ["--letter", "all"],
        ["full-determination.txt", "full-cover.txt", "full-notice.txt"],
    ),
    "all, and one": (
        ["--letter", "cover", "--letter", "all"],
        ["full-cover.txt", "full-determination.txt", "full-notice.txt"],
    ),
    "drafts": (
        ["--letter", "cover", "--letter", "notice", "--draft"],
        ["full-cover.draft.txt", "full-notice.draft.txt"],
    ),
}


@pytest.mark.parametrize("asked", ASKED)
def test_each_letter_that_is_asked_for_has_its_files(folder: Path, asked: str) -> None:
    arguments, files = ASKED[asked]
    assert run("render", "full.toml", *arguments, "-f", "text").stdout.split() == files
    assert sorted(path.name for path in folder.glob("*.txt")) == sorted(files)


@pytest.mark.slow
def test_the_letters_are_those_that_are_made_alone(folder: Path) -> None:
    together = run("render", "full.toml", "--letter", "all", "-f", "text", "-f", "html").stdout
    assert len(together.split()) == 6
    for path in together.split():
        letter = Path(path).stem.removeprefix("full-")
        run("render", "full.toml", "--letter", letter, "-o", f"alone{Path(path).suffix}")
        assert (folder / path).read_bytes() == (folder / f"alone{Path(path).suffix}").read_bytes()


WRONG: dict[str, tuple[list[str], str]] = {
    "one file": (["-o", "x.txt"], "x.txt is one file for 3 letters; name a folder"),
    "standard output": (["-o", "-"], "standard output is for one letter in one format"),
    "unknown": (["--letter", "covr"], "no letter `covr`; did you mean `cover`?"),
    "no letters": (
        ["--pack", "letter"],
        "pack `letter` has no letter `all`; its letters are: none",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_several_letters_cannot_be_is_refused(folder: Path, wrong: str) -> None:
    arguments, says = WRONG[wrong]
    before = sorted(folder.rglob("*"))
    result = run("render", "full.toml", "--letter", "all", *arguments)
    error = result.exception
    assert isinstance(error, UnknownNameError) or result.exit_code == 2
    assert says in (" ".join(result.stderr.split()) or str(error))
    assert sorted(folder.rglob("*")) == before


def test_what_one_letter_requires_stops_that_letter_alone(folder: Path) -> None:
    result = run("render", "bare.toml", "--letter", "all", "-f", "text")
    assert result.exit_code == 1
    assert result.stdout.split() == ["bare-determination.txt", "bare-notice.txt"]
    assert "the letter `cover` of pack `acme` requires this field" in result.stderr
    assert result.stderr.count("error[") == 1
    assert result.stderr.endswith("1 of 3 letters could not be rendered\n")


@pytest.mark.parametrize("command", ["render", "check"])
def test_what_is_wrong_with_the_case_is_said_once(folder: Path, command: str) -> None:
    """Whichever letters there are, it is the same fault in the same place."""
    (folder / "odd.toml").write_text(
        STARTER.replace("[employee]", "[employee]\nage = 300") + RECIPIENTS, encoding="utf-8"
    )
    for case in ("bad.toml", "odd.toml"):
        said = []
        for letters in (["determination"], ["all"]):
            asked = [part for letter in letters for part in ("--letter", letter)]
            more = ["-f", "text"] if command == "render" else ["--no-pages"]
            result = run(command, case, *asked, *more, "--output-format", "short")
            assert result.exit_code == 1
            said.append([line for line in result.output.splitlines() if line.startswith(case)])
        assert said[0]
        assert said[0] == said[1]


@pytest.mark.slow
def test_check_examines_each_letter(folder: Path) -> None:
    """A template's own fault stands in each case's diagnostics, as for one letter."""
    template = folder / "acme/notice.html"
    template.write_text(template.read_text().replace("h1", "h3"), encoding="utf-8")
    result = run("check", "full.toml", "bare.toml", "--letter", "all", "--no-pages", "-v")
    assert result.exit_code == 1
    assert result.stdout.count("notice.html:3:1: error[IMR406]") == 2
    assert "the letter `cover` of pack `acme` requires this field" in result.stdout
    assert "2 cases checked: 3 errors, 0 warnings" in result.stderr
    for letter in ("cover", "determination", "notice"):
        assert f"not printed by letter `{letter}` of pack `acme`" in result.stderr
    alone = run("check", "bare.toml", "--no-pages")
    assert alone.exit_code == 0


@pytest.mark.slow
def test_a_letter_must_not_take_the_name_that_stands_for_all(folder: Path) -> None:
    for name in ("all", '"a/b"', '"-x"', '""', '"a b"'):
        manifest = f'[letters.{name}]\ntitle = "X"\ntemplate = "notice.html"\n'
        pack = write_pack(folder / f"pack{len(list(folder.iterdir()))}", manifest=manifest)
        result = run("render", "full.toml", "--templates", str(pack))
        assert isinstance(result.exception, PackError), name
        (diagnostic,) = result.exception.diagnostics
        assert "the name of a letter must be letters, digits" in diagnostic.message
        assert diagnostic.span is not None
        assert diagnostic.span.line > 10
    for name in ("All", '"b.2"', '"résumé"', "cover_2"):
        manifest = f'[letters.{name}]\ntitle = "X"\ntemplate = "notice.html"\n'
        pack = write_pack(folder / f"pack{len(list(folder.iterdir()))}", manifest=manifest)
        result = run("render", "full.toml", "--templates", str(pack), "-f", "text", "-o", "out/")
        assert result.exit_code == 0, result.stderr
