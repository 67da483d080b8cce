"""`imrgen packs new`, and `--set` on every command that makes letters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from imrgen.cli import cli, exit_code
from imrgen.diagnostics import PackError, UnknownNameError
from imrgen.pack import load_pack
from tests.conftest import ROOT

STARTER = str(ROOT / "imrgen" / "starter.toml")


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def imrgen(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


@pytest.mark.parametrize("extends", ["imr", "imr-2015", "letter"])
def test_a_new_pack_is_of_no_organization_until_its_name_is_filled_in(
    extends: str, tmp_path: Path
) -> None:
    made = imrgen("packs", "new", "acme", "--extends", extends)
    assert made.exit_code == 0
    assert "Write the organization's name into acme/pack.toml" in made.stderr
    manifest = tmp_path / "acme/pack.toml"
    line = manifest.read_text().split("\n").index('name = ""') + 1
    for command in (["render", STARTER], ["check", STARTER], ["packs", "show", "acme"]):
        refused = imrgen(*command, "--templates", "acme")
        assert refused.exit_code != 0
    with pytest.raises(PackError, match=f"^acme/pack.toml:{line}:8: error.IMR215.: organization"):
        load_pack(templates=["acme"])
    manifest.write_text(manifest.read_text().replace('name = ""', 'name = "Acme"'))
    organization = load_pack(templates=["acme"]).organization
    assert organization is not None
    assert organization.name == "Acme"


@pytest.mark.parametrize(
    "name",
    ["Acme Review", 'The "Acme" \\ Co.', "Acmé {x} %s 'Ltd' \U0001f600", "{{ case.number }}", "#"],
)
def test_a_new_pack_makes_letters_in_the_name_of_its_organization(
    name: str, tmp_path: Path
) -> None:
    made = imrgen("packs", "new", "acme", "--organization", name)
    assert (made.exit_code, made.stderr) == (0, "")
    run = imrgen("render", STARTER, "--templates", "acme", "-f", "text", "--width", "0", "-o", "-")
    assert run.exit_code == 0
    assert run.stdout.startswith(f"{name}\n\nCase Number:")
    assert f"\n{name} sent the complete case file to an expert reviewer." in run.stdout
    assert f"\n{name} guideline: " in run.stdout
    assert "MAXIMUS" not in run.stdout


@pytest.mark.parametrize("name", [" ", "\n", "a\x01b", "a\x7fb", "a\udcffb"])
def test_a_name_that_no_manifest_could_state_makes_no_pack(name: str, tmp_path: Path) -> None:
    refused = imrgen("packs", "new", "acme", "--organization", name)
    assert refused.exit_code != 0
    assert not (tmp_path / "acme").exists()


@pytest.mark.slow
def test_packs_show_says_whose_letters_they_are_and_what_may_be_overridden(tmp_path: Path) -> None:
    imrgen("packs", "new", "acme", "--organization", "Acme")
    manifest = tmp_path / "acme/pack.toml"
    text = 'overridable = ["words.hours"]\n' + manifest.read_text() + '\n[words]\nhours = "9"\n'
    manifest.write_text(text)
    shown = imrgen("packs", "show", "acme", "--templates", "acme").stdout
    assert "\nOrganization\n  name" in shown
    assert "\n  hours" in shown
    assert "\nMay be overridden by --set\n  words.hours\n" in shown
    data = json.loads(imrgen("packs", "show", "acme", "--templates", "acme", "--json").stdout)
    assert data["organization"]["name"] == "Acme"
    assert data["words"]["hours"] == "9"
    assert data["overridable"] == ["words.hours"]


@pytest.fixture
def acme(tmp_path: Path) -> str:
    """A pack that allows its phone number to be overridden."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme/pack.toml").write_text(
        'name = "acme"\ntitle = "t"\nversion = "1"\nextends = "imr"\n'
        'overridable = ["organization.phone"]\n'
        '[organization]\nname = "Acme"\nphone = "1"\nletterhead = ["phone"]\n'
    )
    return "acme"


def test_a_text_is_set_on_the_command_line(acme: str) -> None:
    text = ("render", STARTER, "--templates", acme, "-f", "text", "-o", "-")
    assert imrgen(*text).stdout.startswith("Phone: 1\n")
    run = imrgen(*text, "--set", "organization.phone=(5) 5=5")
    assert run.stdout.startswith("Phone: (5) 5=5\n")


@pytest.mark.parametrize("command", ["render", "check", "batch", "preview", "verify"])
def test_what_may_not_be_set_stops_every_command(command: str, acme: str, tmp_path: Path) -> None:
    imrgen("render", STARTER, "--templates", acme, "-f", "text")
    inputs = (
        ["starter.txt", "--case", STARTER, "--pack", acme] if command == "verify" else [STARTER]
    )
    more = {"batch": ["-o", "made"], "preview": ["--no-open"]}.get(command, [])
    run = imrgen(command, *inputs, *more, "--templates", acme, "--set", "organization.phon=5")
    assert isinstance(run.exception, UnknownNameError)
    assert exit_code(run.exception) == 2
    assert "error[IMR217]" in str(run.exception)
    assert "did you mean `organization.phone`?" in str(run.exception)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (["organization.phone"], "`organization.phone` has no value; write KEY=VALUE"),
        (["organization.phone=1", "organization.phone=2"], "is set twice"),
    ],
)
def test_a_text_is_set_once_and_with_a_value(written: list[str], says: str, acme: str) -> None:
    options = [part for each in written for part in ("--set", each)]
    run = imrgen("render", STARTER, "--templates", acme, *options)
    assert run.exit_code == 2
    assert says in run.output


@pytest.mark.slow
def test_a_letter_in_text_is_verified_with_what_was_set(acme: str) -> None:
    usual = ("--templates", acme)
    changed = ("--set", "organization.phone=5")
    imrgen("render", STARTER, *usual, *changed, "-f", "text", "-o", "letter.txt")
    case = ("--case", STARTER, "--pack", "acme")
    assert imrgen("verify", "letter.txt", *case, *usual, *changed).exit_code == 0
    assert imrgen("verify", "letter.txt", *case, *usual).exit_code == 1


@pytest.mark.slow
def test_a_letter_whose_provenance_was_spoiled_is_altered(acme: str, tmp_path: Path) -> None:
    changed = ("--templates", acme, "--set", "organization.phone=5")
    imrgen("render", STARTER, *changed, "-f", "html", "-o", "letter.html")
    letter = tmp_path / "letter.html"
    content = letter.read_bytes()
    assert content.count(b"organization.phone") == 1
    letter.write_bytes(
        content.replace(b"{\\&quot;organization.phone", b"[\\&quot;organization.phone")
    )
    assert letter.read_bytes() != content
    run = imrgen("verify", "letter.html", "--case", STARTER, "--templates", acme)
    assert run.exit_code == 1
    assert "altered" in run.output
