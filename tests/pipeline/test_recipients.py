"""A letter that is made once for each recipient of a case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click.testing
import pytest

import imrgen
from imrgen.batch import DEFAULT_PATTERN, Batch
from imrgen.cli import cli
from imrgen.diagnostics import codes
from imrgen.export import FORMATS
from tests.batches import letters, lines, make_case
from tests.letters import INVITATION, RECIPIENTS, write_pack

MANIFEST = """
[letters.invitation]
title = "Invitation"
template = "invitation.html"
per = "recipients"
"""
NAMES = [each["name"] for each in RECIPIENTS]


@pytest.fixture(autouse=True)
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "case.json").write_text(json.dumps(case()))
    (tmp_path / "none.json").write_text(json.dumps(make_case(2)))
    return write_pack(tmp_path / "acme", manifest=MANIFEST, invitation=INVITATION)


def case(*recipients: dict[str, str]) -> dict[str, Any]:
    return make_case(1) | {"recipients": list(recipients or RECIPIENTS)}


def run(*arguments: str) -> click.testing.Result:
    arguments = (*arguments, "--templates", "acme")
    return click.testing.CliRunner().invoke(cli, arguments)


def render(number: int, **options: Any) -> imrgen.Letter:
    return imrgen.render(
        case(), templates=["acme"], letter="invitation", recipient=number, **options
    )


@pytest.mark.parametrize("number", [1, 2])
def test_the_letter_of_a_recipient_names_that_recipient_alone(number: int) -> None:
    letter = render(number)
    name = NAMES[number - 1]
    assert f"To {name}, {RECIPIENTS[number - 1]['role']}" in letter.text
    assert NAMES[2 - number] not in letter.text
    start = letter.text.replace("\n", " ").index(name)
    origin = letter.origin(len("".join(letter.text[:start].split())))
    assert origin is not None
    assert origin.paths == (("recipients", number - 1, "name"),)


def test_the_provenance_names_the_number_and_no_person() -> None:
    assert [render(number).provenance["recipient"] for number in (1, 2)] == ["1", "2"]
    for name in NAMES:
        assert name not in json.dumps(dict(render(1).provenance))
    assert "recipient" not in imrgen.render(case(), templates=["acme"]).provenance


def test_each_is_one_renderer_for_each_recipient() -> None:
    renderer = imrgen.Renderer(templates=["acme"], letter="invitation")
    loaded = imrgen.load_case("case.json")
    assert [one.options.recipient for one in renderer.each(loaded)] == [1, 2]
    assert [one.render(loaded).text for one in renderer.each(loaded)] == [
        render(number).text for number in (1, 2)
    ]
    chosen = imrgen.Renderer(templates=["acme"], letter="invitation", recipient=2)
    assert chosen.each(loaded) == (chosen,)
    other = imrgen.Renderer(templates=["acme"])
    assert other.each(loaded) == (other,)
    asked = imrgen.Renderer(templates=["acme"], per_recipient=True)
    assert len(asked.each(loaded)) == 2


def test_a_program_that_chooses_no_recipient_is_told_how() -> None:
    with pytest.raises(imrgen.OptionError, match=codes.RECIPIENT_NOT_CHOSEN):
        imrgen.render(case(), templates=["acme"], letter="invitation")
    assert imrgen.check(case(), templates=["acme"], letter="invitation", formats=()) == ()


@pytest.mark.parametrize(
    ("recipients", "number", "says"),
    [
        ((), 0, "is made for each recipient, and the case has none"),
        ((), 1, "is made for recipient 1, and the case has none"),
        (RECIPIENTS, 3, "is made for recipient 3, and the case has 2"),
    ],
)
def test_a_recipient_that_the_case_lacks_is_an_error_of_the_case(
    recipients: tuple[dict[str, str], ...], number: int, says: str
) -> None:
    asked: dict[str, Any] = {"templates": ["acme"], "letter": "invitation", "recipient": number}
    data = make_case(1) | {"recipients": list(recipients)}
    with pytest.raises(imrgen.CaseError) as caught:
        imrgen.render(data, **asked)
    (found,) = caught.value.diagnostics
    assert (found.code, found.path) == (codes.REQUIRED_BY_LETTER, ("recipients",))
    assert says in found.message
    draft = imrgen.render(data, **asked, draft=True)
    assert "To [missing: name], [missing: role]" in draft.text


@pytest.mark.slow
def test_render_makes_a_file_for_each_recipient(tmp_path: Path) -> None:
    result = run("render", "case.json", "--letter", "all", "-f", "text")
    assert result.stdout.split() == [
        "case-determination.txt",
        "case-cover.txt",
        "case-notice.txt",
        "case-invitation-1.txt",
        "case-invitation-2.txt",
    ]
    for number in (1, 2):
        assert (tmp_path / f"case-invitation-{number}.txt").read_text() == render(number).text
    result = run("render", "case.json", "--letter", "invitation", "-f", "text", "-o", "out/")
    assert result.stdout.split() == ["out/case-invitation-1.txt", "out/case-invitation-2.txt"]
    result = run("render", "case.json", "--per-recipient", "--draft", "-f", "text", "-o", "out/")
    assert result.stdout.split() == [
        "out/case-determination-1.draft.txt",
        "out/case-determination-2.draft.txt",
    ]
    result = run("render", "case.json", "--letter", "invitation", "--recipient", "2", "-o", "x.txt")
    assert result.exit_code == 0
    assert Path("x.txt").read_text() == render(2).text


@pytest.mark.parametrize("output", ["x.pdf", "-"])
def test_one_file_is_not_for_the_letters_of_all_recipients(output: str) -> None:
    result = run("render", "case.json", "--letter", "invitation", "-o", output)
    assert result.exit_code == 2
    assert "choose one recipient with --recipient" in " ".join(result.stderr.split())
    assert not Path("x.pdf").exists()


def test_without_a_recipient_only_that_letter_is_refused() -> None:
    for command in ("render", "check"):
        formats = ["-f", "text"] if command == "render" else ["--no-pages"]
        asked = ["--letter", "invitation", "--letter", "notice"]
        result = run(command, "none.json", *asked, *formats, "--output-format", "short")
        assert result.exit_code == 1
        (fault,) = [line for line in result.output.splitlines() if "error[" in line]
        assert "error[IMR106]: recipients: the letter `invitation`" in fault
    assert Path("none-notice.txt").exists()


def test_files_that_would_replace_each_other_are_refused(tmp_path: Path) -> None:
    """The number of recipients is known only once the case is read."""
    manifest = tmp_path / "acme/pack.toml"
    more = '[letters.invitation-1]\ntitle = "X"\ntemplate = "notice.html"\n'
    manifest.write_text(manifest.read_text() + more)
    asked = ["--letter", "invitation-1", "--letter", "invitation", "-f", "text"]
    result = run("render", "case.json", *asked)
    assert result.exit_code == 1
    assert result.stdout.split() == ["case-invitation-1.txt", "case-invitation-2.txt"]
    assert "Notice" in Path("case-invitation-1.txt").read_text()
    assert "case-invitation-1.txt holds another letter of this run" in result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("where", ["options", "renderer"])
@pytest.mark.parametrize("name", [DEFAULT_PATTERN, "{source}.{letter}.{format}"])
def test_a_batch_makes_the_letters_of_each_recipient_once(
    tmp_path: Path, where: str, name: str
) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases/c1.json").write_text(json.dumps(case()))
    options = imrgen.Options(templates=("acme",))

    def make() -> list[list[tuple[str, int]]]:
        source = options if where == "options" else imrgen.Renderer(options)
        asked: dict[str, Any] = {"formats": ["text"], "jobs": 1, "name": name}
        batch = Batch("cases", source, to="out", letters=["invitation", "notice"], **asked)
        outcomes = [each for each in batch if not each.skipped]
        assert imrgen.verify_folder("out") == []
        return [[(file.letter, file.recipient) for file in each.letters] for each in outcomes]

    both = [("invitation", 1), ("invitation", 2)]
    assert make() == [[*both, ("notice", 0)]]
    stem = "CM16-0000001-" if name == DEFAULT_PATTERN else "c1."
    contents = letters(tmp_path / "out")
    assert sorted(contents) == [
        f"{stem}{each}.txt" for each in ("invitation-1", "invitation-2", "notice")
    ]
    assert contents[f"{stem}invitation-2.txt"].decode() == render(2).text
    assert [
        (line["letter"], line.get("recipient"))
        for line in lines(tmp_path / "out")
        if line["outcome"] == "made"
    ] == [("invitation", 1), ("invitation", 2), ("notice", None)]
    assert make() == []
    (tmp_path / f"out/{stem}invitation-2.txt").unlink()
    assert make() == [both]
    assert make() == []


def test_a_batch_of_recipients_needs_a_pattern_that_tells_them_apart() -> None:
    options = imrgen.Options(templates=("acme",), letter="invitation")
    with pytest.raises(imrgen.OptionError, match="gives all letters of a case one name"):
        Batch("case.json", options, name="{case.number}.{format}")
    chosen = imrgen.Options(templates=("acme",), letter="invitation", recipient=1)
    Batch("case.json", chosen, name="{case.number}.{format}")


@pytest.mark.slow
@pytest.mark.parametrize("format_", [name for name in FORMATS if name != "text"])
def test_verify_makes_the_letter_of_the_same_recipient_again(format_: str) -> None:
    run("render", "case.json", "--letter", "invitation", "-f", format_)
    suffix = FORMATS[format_].suffix
    for number in (1, 2):
        result = run("verify", f"case-invitation-{number}{suffix}", "--case", "case.json")
        assert (result.exit_code, "identical" in result.stdout) == (0, True), result.output


def test_the_fields_of_the_recipient_are_those_of_the_recipients() -> None:
    renderer = imrgen.Renderer(templates=["acme"], letter="invitation")
    unprinted = renderer.unprinted("case.json")
    assert "recipients[].address" not in unprinted  # not given
    assert not {"recipients[].name", "recipients[].role"} & set(unprinted)
    assert "recipients[].role" in imrgen.Renderer(templates=["acme"]).unprinted("case.json")
