"""What docs/stability.md promises is what the code does."""

from __future__ import annotations

import html
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import imrgen
from imrgen.compose import Host
from imrgen.compose.composer import prepare
from imrgen.export import unseal
from imrgen.pack import built_in
from tests.command_line import invoke
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "stability.md").read_text(encoding="utf-8")
PACKS = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
STARTER = ROOT / "imrgen" / "starter.toml"


def rows(page: str, heading: str) -> Iterator[list[str]]:
    """Yield the rows of the table below a heading."""
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert section, heading
    for line in section.splitlines():
        if line.startswith("|") and not line.startswith("|--"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


KEYS = {output: names(keys) for output, keys in list(rows(PAGE, "Outputs for programs"))[1:]}


def stated(beginning: str) -> set[str]:
    """Return the keys that the page lists for an output."""
    (keys,) = (keys for output, keys in KEYS.items() if output.startswith(beginning))
    assert keys
    return keys


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case, one that is refused, and their batch."""
    folder = tmp_path_factory.mktemp("stability")
    text = STARTER.read_text(encoding="utf-8")
    (folder / "cases").mkdir()
    (folder / "cases" / "good.toml").write_text(text, encoding="utf-8")
    (folder / "cases" / "bad.toml").write_text(
        text.replace('priority = "standard"', 'priority = "soon"'), encoding="utf-8"
    )
    done = invoke(
        *("batch", "cases", "-o", "out", "-f", "html", "--json", "--jobs", "1", "--name"),
        *("{source}-{letter}.{format}",),
        cwd=folder,
    )
    assert done.returncode == 1, done.stderr
    (folder / "events").write_text(done.stdout, encoding="utf-8")
    return folder


def test_the_keys_of_a_diagnostic_and_of_an_exception_are_those_of_the_page() -> None:
    with pytest.raises(imrgen.CaseError) as raised:
        imrgen.load_case({"issues": 1})
    error = raised.value
    assert stated("an exception") == error.to_dict().keys()
    assert stated("a diagnostic") == error.diagnostics[0].to_dict().keys()


@pytest.mark.slow
def test_the_events_and_the_manifest_of_a_batch_have_the_keys_of_the_page(folder: Path) -> None:
    events = [json.loads(line) for line in (folder / "events").read_text("utf-8").splitlines()]
    assert {event["event"] for event in events} == {"made", "failed", "ended"}
    for event in events:
        place = "at the end" if event["event"] == "ended" else "for each case"
        assert stated(f"`imrgen batch --json`, {place}") == event.keys()
    written: set[str] = set()
    for line in (folder / "out" / "manifest.jsonl").read_text("utf-8").splitlines():
        written |= json.loads(line).keys()
    promised = stated("a line of")
    assert written <= promised
    # What this batch had no reason to write: every one of its letters is for nobody in particular.
    assert promised - written <= {"recipient", "warnings"}


@pytest.mark.slow
def test_other_commands_have_the_keys_of_the_page(folder: Path) -> None:
    letter = next((folder / "out").glob("*.html"))
    command = ("verify", letter, folder / "out", "--json")
    verdicts = json.loads(invoke(*command, cwd=folder).stdout)
    written = {key for verdict in verdicts for key in verdict}
    assert written == stated("`imrgen verify") - {"signatures", "difference"}
    for command, more in (
        ("plan", ("--against", "pack:imr", "--no-pages")),
        ("coverage", ()),
    ):
        done = invoke(command, "cases/good.toml", "--output-format", "json", *more, cwd=folder)
        assert json.loads(done.stdout).keys() == stated(f"`imrgen {command}"), done.stderr
    command = ("check", "cases", "--no-pages", "--statistics", "--output-format", "json")
    (counted,) = json.loads(invoke(*command, cwd=folder).stdout)
    assert counted.keys() == stated("`--statistics")


@pytest.mark.slow
def test_the_provenance_of_a_letter_has_the_keys_of_the_page() -> None:
    promised = stated("provenance")
    letter = imrgen.render(STARTER)
    plain = unseal(letter.pdf)
    sealed = re.findall(r'imrgen-provenance" content="(.*?)">', letter.html)[0]
    context = {"portal": "https://portal.example"}
    chosen = imrgen.render(
        STARTER,
        context=context,
        filters={"upper_words": "string:capwords"},
        globals={"in_capitals": "string:capwords"},
        embed_fonts=True,
        select=["IMR3"],
        ignore=["IMR391"],
        draft=True,
    )
    assert plain is not None
    written = {*plain.provenance, *chosen.provenance, *json.loads(html.unescape(sealed))}
    assert written <= promised
    assert promised - written <= {"recipient", "overrides", "checks"}


def test_the_exit_codes_are_those_of_the_page(tmp_path: Path) -> None:
    promised = {
        int(each) for codes, _ in list(rows(PAGE, "Exit codes"))[1:] for each in codes.split(", ")
    }
    (tmp_path / "case.toml").write_text(STARTER.read_text("utf-8"), encoding="utf-8")
    (tmp_path / "bad.toml").write_text("[case]\nnumbr = 1\n", encoding="utf-8")
    (tmp_path / "other.html").write_text("<p>A page.</p>", encoding="utf-8")
    for arguments, code in (
        (("render", "case.toml", "-f", "html", "-o", "."), 0),
        (("verify", "case.html"), 0),
        (("check", "case.toml", "--no-pages"), 0),
        (("render", "bad.toml", "-f", "html"), 1),
        (("check", "bad.toml", "--no-pages"), 1),
        (("render", "case.toml", "--colour"), 2),
        (("render", "case.toml", "--pack", "none"), 2),
        (("verify", "other.html"), 4),
    ):
        done = invoke(*arguments, cwd=tmp_path)
        assert (done.returncode, code in promised) == (code, True), (arguments, done.stderr)
    assert {128 + signal.SIGHUP, 128 + signal.SIGTERM} < promised


def test_the_blocks_that_a_pack_may_replace_are_there() -> None:
    file = ""
    missing = []
    count = 0
    for first, blocks, _ in list(rows(PACKS, "Blocks"))[1:]:
        file = first.strip("`") or file
        pack, _, name = file.partition(":")
        text = (built_in() / pack / name).read_text(encoding="utf-8")
        for block in names(blocks):
            count += 1
            if not re.search(rf"{{%[-+]? block {block}\b", text):
                missing.append((file, block))
    assert count > 25
    assert missing == []


def test_the_filters_that_a_template_may_use_are_there() -> None:
    promised = {next(iter(names(first))) for first, _ in list(rows(PACKS, "Filters"))[1:]}
    assert len(promised) > 5
    letter = imrgen.load_pack("imr").letter("determination")
    known = prepare(imrgen.load_pack("imr"), letter, False, Host()).filters
    assert promised - known.keys() == set()


def test_the_keys_of_the_manifest_that_a_pack_may_use_are_there() -> None:
    promised = {
        re.sub(r"[\[\]]|\.(NAME|\"NAME\").*", "", key)
        for first, _ in list(rows(PACKS, "The manifest"))[1:]
        for key in names(first)
    }
    schema = json.loads(invoke("schema", "--manifest", cwd=ROOT).stdout)
    properties = schema.get("properties") or schema["$defs"]["Manifest"]["properties"]
    assert promised == properties.keys()
