"""The project itself: its layers, its README, its wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.conftest import ROOT


def test_each_room_imports_only_what_stands_below_it() -> None:
    tool = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert "0 broken" in run.stdout


def blocks(language: str) -> list[str]:
    """Give the README's code blocks of a language."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_what_the_readme_shows_is_what_happens(tmp_path: Path) -> None:
    """Run every command of the README in one folder, in order, and compare what it prints to the letter."""
    environment = {**os.environ, "PATH": f"{_bin(tmp_path)}{os.pathsep}{os.environ['PATH']}"}
    commands = 0
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            run = subprocess.run(
                command,
                shell=True,
                cwd=tmp_path,
                env=environment,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            assert run.stdout == expected, command
            commands += 1
    assert commands >= 6
    (program,) = blocks("python")
    (printed,) = blocks("text")
    script = [sys.executable, "-c", program]
    run = subprocess.run(script, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.stdout == printed, run.stderr


def _bin(folder: Path) -> Path:
    """Give a folder with the command `imrgen`, of this very Python."""
    (folder / "bin").mkdir()
    command = folder / "bin" / "imrgen"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m imrgen "$@"\n')
    command.chmod(0o755)
    return folder / "bin"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)]
    subprocess.run(pip, check=True, capture_output=True)
    (made,) = folder.glob("imrgen-*.whl")
    return made


def test_the_wheel_brings_its_packs_and_finds_them(wheel: Path, tmp_path: Path) -> None:
    """Install the wheel alone into a new environment, which borrows the libraries of this one."""
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    (site,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    target = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run(target, check=True, capture_output=True)
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    script = (
        f"import sys; sys.path.append({libraries!r}); import imrgen; from imrgen.pack import built_in; "
        f"print(imrgen.__file__, built_in()); print(imrgen.render({str(ROOT / 'imrgen/starter.toml')!r}).text[:12])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run(
        [python, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert run.stdout.splitlines() == [
        f"{site}/imrgen/__init__.py {site}/imrgen/templates",
        "Case Number:",
    ], run.stderr
    assert (site / "imrgen" / "py.typed").exists()
