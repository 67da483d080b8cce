"""A programme without a clinical word or a line of Python, made of what docs/packs.md says.

`tests/test_packs_page.py` runs the commands of the page; here is what they do not show: batches,
the preview, verification and signatures.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from starlette.testclient import TestClient

import imrgen
from imrgen.cli import cli
from imrgen.preview.app import Preview, build_app
from imrgen.preview.editor import Editor
from imrgen.preview.workers import Workers
from imrgen.preview.workspace import Workspace
from imrgen.signing import signatures
from imrgen.workers import Limits
from tests.signing.test_signing import SECRET, Authority
from tests.test_packs_page import SECTIONS, write

WORDS = ("The citation stands.", "the fine of $65.00", "SMP 4711")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pack of the page, and the case file that `imrgen new` writes of it."""
    folder = tmp_path_factory.mktemp("programme")
    for block in dict(SECTIONS)["A programme of your own"]:
        if block.file:
            write(folder, block)
    made = run("new", folder / "appeal.toml", "--templates", folder / "parking")
    assert made.exit_code == 0, made.output
    return folder


def test_no_word_of_it_is_clinical(folder: Path) -> None:
    shown = run("schema", "--templates", folder / "parking").output
    texts = [path.read_text(encoding="utf-8") for path in (folder / "parking").iterdir()]
    texts += [(folder / "appeal.toml").read_text(encoding="utf-8"), shown]
    clinical = re.compile(
        r"medical|clinic|patient|worker|injur|treat|physician|utiliz|disputed", re.I
    )
    assert not [found for text in texts for found in clinical.findall(text)]


@pytest.mark.slow
def test_every_format_says_the_same_and_can_be_verified_and_signed(folder: Path) -> None:
    letter = imrgen.render(folder / "appeal.toml", templates=[folder / "parking"])
    assert letter.warnings == ()
    text = " ".join(letter.text.split())
    assert [word for word in WORDS if word not in text] == []
    signed = imrgen.sign(letter.pdf, Authority("Example Appeals Office").pkcs12(), SECRET)
    assert [each.intact for each in signatures(signed)] == [True]
    for content in (letter.pdf, letter.html.encode(), signed):
        verdict = imrgen.verify(
            content,
            format="html" if content.startswith(b"<") else "pdf",
            case=folder / "appeal.toml",
            templates=[folder / "parking"],
        )
        assert verdict.outcome in ("identical", "intact"), verdict


@pytest.mark.slow
def test_a_batch_names_its_letters_and_refuses_another_appeal_s_number(folder: Path) -> None:
    cases = folder / "cases"
    cases.mkdir()
    text = (folder / "appeal.toml").read_text(encoding="utf-8")
    for number in (1, 2):
        other = text.replace("P-000123", f"P-00000{number}").replace("SMP 4711", f"SMP 900{number}")
        (cases / f"{number}.toml").write_text(other, encoding="utf-8")
    (cases / "3.toml").write_text(text.replace("The meter", "As in P-000001, the meter"))
    made = run("batch", cases, "-o", folder / "letters", "-f", "text", "--jobs", "1",
               "--templates", folder / "parking")  # fmt: skip
    letters = sorted(path.name for path in (folder / "letters").glob("*.txt"))
    assert letters == ["P-000001-decision.txt", "P-000002-decision.txt"]
    assert "IMR514" in made.output


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    options = imrgen.Options(templates=(str(folder / "parking"),))
    workspace = Workspace((folder / "appeal.toml",), options)
    preview = Preview(workspace, Workers(Limits(timeout=60)), Editor("true {file}"))
    app = build_app(preview, "token", frozenset(["preview.test"]))
    with TestClient(app, base_url="http://preview.test/token/") as client:
        yield client


@pytest.mark.slow
def test_the_preview_shows_it_and_its_form_changes_its_outcome(
    folder: Path, client: TestClient
) -> None:
    listing = client.get("listing").json()
    assert listing["first"] == {"pack": "parking", "letter": "decision"}
    (case,) = listing["cases"]
    shown = client.post("render", json={"tab": "a", "case": case, "view": "text"}).json()
    assert shown["diagnostics"] == []
    assert "The citation stands." in json.dumps(shown["content"])
    form = client.post("source", json={"case": case}).json()["form"]
    (outcome,) = (field for field in form if field["label"] == "Outcome")
    assert outcome["choices"] == ["stands", "dismissed"]
    query = {"case": case, "change": {"path": ["outcome"], "text": "dismissed"}}
    changed = client.post("form", json=query).json()["text"]
    query = {"tab": "a", "case": case, "view": "text", "draft": changed}
    shown = client.post("render", json=query).json()
    assert "The citation is dismissed." in json.dumps(shown["content"])
