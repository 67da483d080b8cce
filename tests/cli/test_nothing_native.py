"""Every command sets its PDFs by Typst where WeasyPrint is not there, and asks for it nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.signing.test_signing import SECRET, Authority

pytestmark = pytest.mark.slow  # each runs a row of commands

WITHOUT_WEASYPRINT = """
import importlib.metadata, os, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "weasyprint":
            with open(os.environ["ASKED_FOR"], "a") as file:
                file.write(f"{name} in {sys.argv}\\n")
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
version = importlib.metadata.version

def find(package):
    if package == "weasyprint":
        raise importlib.metadata.PackageNotFoundError(package)
    return version(package)

importlib.metadata.version = find
"""
COMMANDS = """
import json, os, sys
import imrgen.cli

def run(*arguments):
    sys.argv = ["imrgen", *arguments]
    try:
        imrgen.cli.main()
    except SystemExit as ended:
        return ended.code

if __name__ == "__main__":
    codes = [(command, run(*command)) for command in json.loads(sys.argv[1])]
    print(json.dumps([each for each in codes if each[1]]), file=sys.stderr)
"""
PREVIEW = """
import asyncio, sys
from pathlib import Path
from imrgen import Limits, Options
from imrgen.preview.tasks import LetterRequest, ShowLetter
from imrgen.preview.worker import TaskHandler
from imrgen.preview.workers import Workers

if __name__ == "__main__":
    request = LetterRequest(case=Path("case.toml"), options=Options(engine="typst"))
    workers = Workers(Limits(), "typst")
    try:
        for view in ("pdf", "inspect-pages", "html"):
            result = asyncio.run(workers.run(ShowLetter(request, view), "tab"))
            assert result.content and not result.diagnostics, result.diagnostics
    finally:
        workers.close()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(WITHOUT_WEASYPRINT)
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def run(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder, where WeasyPrint is not there."""
    path = os.pathsep.join((str(folder.parent / "site"), str(ROOT)))
    (folder.parent / "script.py").write_text(script)
    return subprocess.run(
        [sys.executable, str(folder.parent / "script.py"), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "ASKED_FOR": str(folder.parent / "asked-for")},
    )


def run_commands(folder: Path, *commands: str) -> subprocess.CompletedProcess[str]:
    """Run commands one after the other; the last line tells which fail."""
    return run(folder, COMMANDS, json.dumps([each.split() for each in commands]))


def test_every_command_works_by_typst(folder: Path) -> None:
    (folder / "imrgen.toml").write_text('[pdf]\nengine = "typst"\n')
    (folder / "cases").mkdir()
    (folder / "secret.txt").write_bytes(SECRET)
    (folder / "office.p12").write_bytes(Authority("Example Office").pkcs12())
    made = run_commands(
        folder,
        "new cases/1.toml",
        "check cases/1.toml",
        "check cases --jobs 2",
        "render cases/1.toml -f text -f html -f pdf -o out",
        "render cases/1.toml --draft -o out",
        "render cases/1.toml --letter all -o out",
        f"render {ROOT}/fixtures/expedited.json --per-recipient -o out",
        "render cases/1.toml --embed-case -o out/whole.pdf",
        "extract out/whole.pdf -o back.toml",
        "verify out/whole.pdf",
        "verify out/1.pdf --case cases/1.toml",
        "sign out/1.pdf --pkcs12 office.p12 --passphrase-file secret.txt -o out/signed.pdf",
        "verify out/signed.pdf",
        "batch cases -o made --jobs 2",
        "batch cases -o made --jobs 2",
        "verify made",
        "packs check imr",
        "packs new acme --organization Acme --tests",
        "packs check acme --templates .",
        "plan cases --against made",
        "plan cases --against pack:imr --resume kept.jsonl --jobs 2",
        "review cases --against pack:imr --list",
        "coverage cases",
        "explain IMR402",
    )
    assert made.stderr.splitlines()[-1] == "[]", made.stderr
    assert (folder / "back.toml").read_bytes() == (folder / "cases" / "1.toml").read_bytes()
    assert '\nengine = "typst"\n' in (folder / "acme" / "pack.toml").read_text()
    shown = run(folder, PREVIEW.replace("case.toml", "cases/1.toml"))
    assert shown.returncode == 0, shown.stderr
    assert not (folder.parent / "asked-for").exists()


def test_the_command_line_and_a_pack_choose_it_alike(folder: Path) -> None:
    made = run_commands(
        folder,
        "new case.toml",
        "render case.toml --engine typst -o 1.pdf",
        "packs new acme --organization Acme --engine typst",
        "render case.toml --templates acme -o 2.pdf",
    )
    assert made.stderr.splitlines()[-1] == "[]", made.stderr
    assert not (folder.parent / "asked-for").exists()


def test_no_other_engine_takes_its_place_and_the_message_says_what_to_do(folder: Path) -> None:
    commands = (
        "render case.toml",
        "check case.toml",
        "batch case.toml -o made",
        "packs check imr",
        "packs new acme --organization Acme --tests",
    )
    made = run_commands(folder, "new case.toml", *commands)
    failed = json.loads(made.stderr.splitlines()[-1])
    assert failed == [[command.split(), 1] for command in commands]
    told = made.stdout + made.stderr
    assert told.count("error[IMR412]") == len(commands)
    assert told.count("pip install 'imrgen[typst]'") == len(commands)
    assert [*folder.glob("*.pdf"), *folder.glob("made/*.pdf"), *folder.glob("acme*")] == []
