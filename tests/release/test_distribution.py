"""What is in the distributions under `dist/`, and whether the wheel works alone: `make release`."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from tests.conftest import ROOT, tagged_text
from tests.export.pdf.test_words import EXPECTED, letters_of_tags, words_of_html
from tests.test_embedding import configure, letters, run_shell

__all__ = ["letters"]  # a fixture

DIST = ROOT / "dist"
SEED, PACK = ROOT / "fixtures" / "seed.toml", "imr-2015"


def the_one(pattern: str) -> Path:
    (path,) = DIST.glob(pattern)
    return path


@pytest.fixture(scope="module")
def version() -> str:
    """The version that both distributions are named by."""
    name, version = the_one("*.tar.gz").name.removesuffix(".tar.gz").split("-")
    assert the_one("*.whl").name == f"{name}-{version}-py3-none-any.whl"
    return version


@pytest.fixture(scope="module")
def wheel() -> Mapping[str, bytes]:
    with zipfile.ZipFile(the_one("*.whl")) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def sdist(version: str) -> Mapping[str, bytes]:
    found = {}
    with tarfile.open(the_one("*.tar.gz")) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                found[member.name.removeprefix(f"imrgen-{version}/")] = content.read()
    return found


def tracked(*folders: str) -> set[str]:
    """The checkout's files that git knows."""
    command = ["git", "ls-files", "-z", *folders]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return set(run.stdout.split("\0")) - {""}


def test_the_wheel_holds_the_package_its_packs_and_its_license_and_nothing_else(
    wheel: Mapping[str, bytes], version: str
) -> None:
    packs = {f"imrgen/{name}" for name in tracked("templates")}
    wanted = tracked("imrgen") | packs
    assert {"imrgen/py.typed", "imrgen/preview/page/index.html"} < (wanted)
    assert {"imrgen/templates/imr/pack.toml", "imrgen/templates/imr-2015/pack.toml"} < packs
    information = f"imrgen-{version}.dist-info/"
    assert {name for name in wheel if not name.startswith(information)} == wanted
    license_ = (ROOT / "LICENSE").read_bytes()
    assert wheel[f"{information}licenses/LICENSE"] == license_


def test_the_sdist_holds_whatever_builds_and_tests_it(sdist: Mapping[str, bytes]) -> None:
    left_out = {name for name in tracked() if PurePosixPath(name).parts[0].startswith(".")}
    assert set(sdist) - {"PKG-INFO", ".gitignore"} == tracked() - left_out


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_no_file_names_a_folder_of_this_machine(kind: str, request: pytest.FixtureRequest) -> None:
    files: Mapping[str, bytes] = request.getfixturevalue(kind)
    folders = [f"{folder}/".encode() for folder in (ROOT, Path.home())]
    assert len(files) > 100
    assert [name for name, content in files.items() if any(f in content for f in folders)] == []


def test_a_release_has_its_section_in_the_changelog(version: str) -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    section = f"## [{'Unreleased' if '.dev' in version else version}]"
    assert f"\n{section}" in changelog, f"CHANGELOG.md has no section {section}"


NAMES = re.compile(r"^\.\. (?:auto\w+|py:type):: (imrgen[\w.]*)", re.MULTILINE)
CODES = re.compile(r"^### (IMR\d{3})\n\n\*\*(.+)\*\*", re.MULTILINE)


def lost(before: str, now: str, pattern: re.Pattern[str]) -> set[str | tuple[str, ...]]:
    return set(pattern.findall(before)) - set(pattern.findall(now))


def test_what_is_lost_is_found() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    other = page.replace(":: imrgen.render\n", ":: imrgen.rendered\n")
    assert lost(page, other, NAMES) == {"imrgen.render"}
    page = (ROOT / "docs" / "codes.md").read_text(encoding="utf-8")
    assert len(CODES.findall(page)) > 100
    assert lost(page, page.replace("Not valid TOML", "Not TOML"), CODES) == {
        ("IMR002", "Not valid TOML")
    }


@pytest.mark.parametrize(("page", "pattern"), [("reference.md", NAMES), ("codes.md", CODES)])
def test_what_the_release_before_promised_is_still_there(
    page: str, pattern: re.Pattern[str]
) -> None:
    """docs/stability.md promises that; a major version may take a name away, and no code."""
    tags = subprocess.run(
        ["git", "tag", "--merged", "HEAD~1", "--sort=-version:refname", "v*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    ).stdout.split()
    if not tags:
        pytest.skip("there is no release before this one")
    show = ["git", "show", f"{tags[0]}:docs/{page}"]
    before = subprocess.run(show, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert lost(before, (ROOT / "docs" / page).read_text(encoding="utf-8"), pattern) == set()


@pytest.mark.poppler
def test_the_wheel_alone_renders_the_seed(version: str, tmp_path: Path) -> None:
    """Install it into a new environment with the dependencies that it declares."""
    venv.create(tmp_path / "env", with_pip=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(program: str, *arguments: str | Path) -> str:
        command = [tmp_path / "env" / "bin" / program, *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    run("python", "-m", "pip", "install", "--quiet", the_one("*.whl"))
    assert run("imrgen", "--version") == f"imrgen {version}\n"
    run(
        "imrgen",
        "render",
        SEED,
        "--pack",
        PACK,
        "-f",
        "text",
        "-f",
        "html",
        "-f",
        "pdf",
        "-o",
        "out/",
    )
    made = {path.suffix: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    snapshot = EXPECTED / f"test_{PACK.replace('-', '_')}[{SEED.stem}-determination].txt"
    assert snapshot.exists()
    expected = snapshot.read_text(encoding="utf-8")
    assert made[".txt"].decode() == expected
    words = expected.split()
    assert words_of_html(made[".html"].decode()) == words
    assert letters_of_tags(tagged_text(made[".pdf"], tmp_path)) == "".join(words).replace(
        "\u2011", "-"
    )


def test_pre_commit_installs_the_hooks_and_runs_them(letters: Path, tmp_path: Path) -> None:
    """From a clone of this repository, into an environment of pre-commit's own."""
    configure(letters, ROOT)
    done = run_shell(f"PRE_COMMIT_HOME={tmp_path / 'home'} pre-commit run --all-files", letters)
    assert (done.returncode, done.stdout.count("Passed")) == (0, 2), done.stdout[-2000:]
