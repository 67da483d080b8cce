"""Several letters of each case of a batch."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import imrgen
from imrgen.batch import DEFAULT_PATTERN, Batch, BatchSummary
from tests.batches import letters, lines, make_case, run
from tests.letters import COVER, NOTICE, write_pack

LETTERS = ("cover", "determination", "notice")


@pytest.fixture
def options(tmp_path: Path) -> imrgen.Options:
    return imrgen.Options(templates=(str(write_pack(tmp_path / "acme")),))


def addressed(number: int) -> dict[str, Any]:
    """Return a case with a recipient, so that its cover letter can be made."""
    return make_case(number) | {"recipients": [{"name": "Quillfeather Example"}]}


def write(folder: Path, *cases: dict[str, Any]) -> str:
    folder.mkdir(exist_ok=True)
    for number, case in enumerate(cases, 1):
        (folder / f"c{number}.json").write_text(json.dumps(case))
    return str(folder)


def files(number: int, *names: str) -> list[str]:
    return [f"CM16-000000{number}-{name}.txt" for name in names]


def made(folder: Path) -> list[tuple[str, str]]:
    """Return the outcome and the letter of each line about a letter."""
    return [
        (line["outcome"], line["letter"])
        for line in lines(folder)
        if line["outcome"] in ("made", "failed")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("asked", [("all",), LETTERS, ("notice", "all")])
def test_each_letter_of_each_case_is_made_and_a_second_run_makes_none(
    tmp_path: Path, options: imrgen.Options, asked: tuple[str, ...]
) -> None:
    cases = write(tmp_path / "cases", addressed(1), addressed(2))
    target = tmp_path / "out"
    arguments = {"to": target, "formats": ["text"], "jobs": 1, "letters": asked}
    assert imrgen.render_batch(cases, options, **arguments).made == 2
    contents = letters(target)
    assert sorted(contents) == sorted([*files(1, *LETTERS), *files(2, *LETTERS)])
    for name in LETTERS:
        renderer = imrgen.Renderer(options, letter=name)
        alone = renderer.render(addressed(2)).text.encode()
        assert contents[files(2, name)[0]] == alone
    assert sorted(made(target)) == sorted([("made", name) for name in LETTERS] * 2)
    manifest = (target / "manifest.jsonl").read_bytes()
    again = imrgen.render_batch(cases, options, **arguments)
    assert (again.made, again.skipped, again.failed) == (0, 2, ())
    assert (target / "manifest.jsonl").read_bytes() == manifest
    assert imrgen.verify_folder(target) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [DEFAULT_PATTERN, "{source}-{letter}.{format}"])
@pytest.mark.parametrize("where", ["options", "renderer", "threads"])
def test_only_what_is_missing_is_made(
    tmp_path: Path, options: imrgen.Options, where: str, name: str
) -> None:
    """A letter that exists is not made again when another is missing, or is asked for later."""
    cases = write(tmp_path / "cases", addressed(1), addressed(2))
    target = tmp_path / "out"

    def render(*asked: str) -> list[list[str]]:
        arguments: dict[str, Any] = {"to": target, "formats": ["text", "html"], "name": name}
        with ThreadPoolExecutor(2) as executor:
            if where == "threads":
                arguments["executor"] = executor
            source = options if where == "options" else imrgen.Renderer(options)
            batch = Batch(cases, source, letters=asked, jobs=1, **arguments)
            outcomes = [each for each in batch if not each.skipped]
        assert not any(each.failed for each in outcomes)
        assert imrgen.verify_folder(target) == []
        return [sorted({file.letter for file in each.letters}) for each in outcomes]

    assert render("notice") == [["notice"]] * 2
    assert render("notice", "determination") == [["determination"]] * 2
    assert render("all") == [["cover"]] * 2
    (removed,) = (path for path in target.glob("*1-notice.html"))
    removed.unlink()
    assert render("all") == [["notice"]]
    assert render("all") == []
    assert lines(target)[-1]["letters"] == len(letters(target)) == 12


@pytest.mark.slow
def test_a_letter_that_cannot_be_made_does_not_affect_the_others(
    tmp_path: Path, options: imrgen.Options
) -> None:
    cases = write(tmp_path / "cases", make_case(1), addressed(2))
    target = tmp_path / "out"

    def render(**more: Any) -> BatchSummary:
        arguments = {"formats": ["text"], "jobs": 1, "letters": ["all"]} | more
        return imrgen.render_batch(cases, options, to=target, **arguments)

    (failed,) = render().failed
    assert [(each.letter, each.faults) for each in failed.missing] == [("cover", ("IMR106",))]
    assert [each.code for each in failed.diagnostics] == ["IMR106"]
    assert [file.letter for file in failed.letters] == ["determination", "notice"]
    assert sorted(letters(target)) == sorted(
        [*files(1, "determination", "notice"), *files(2, *LETTERS)]
    )
    assert made(target).count(("failed", "cover")) == 1
    assert imrgen.verify_folder(target) == []
    manifest = (target / "manifest.jsonl").read_bytes()
    assert render().failed[0].letters == ()
    assert (target / "manifest.jsonl").read_bytes() == manifest
    write(tmp_path / "cases", addressed(1))
    (target / files(2, "notice")[0]).unlink()
    (outcome,) = [
        each
        for each in Batch(
            cases, options, to=target, formats=["text"], jobs=1, letters=["all"], only_failed=True
        )
        if not each.skipped
    ]
    assert [file.letter for file in outcome.letters] == ["cover"]


@pytest.mark.slow
def test_a_case_that_cannot_be_read_is_missing_all_its_letters(
    tmp_path: Path, options: imrgen.Options
) -> None:
    cases = write(tmp_path / "cases", addressed(1) | {"nonsense": 1}, addressed(2))
    arguments: dict[str, Any] = {"formats": ["text"], "jobs": 1, "letters": LETTERS}
    summary = imrgen.render_batch(cases, options, to=tmp_path / "out", **arguments)
    (failed,) = summary.failed
    assert summary.made == 1
    assert [(each.letter, each.faults) for each in failed.missing] == [
        (name, ("IMR101",)) for name in LETTERS
    ]
    assert [each.code for each in failed.diagnostics] == ["IMR101"]


@pytest.mark.slow
def test_a_letter_with_another_cases_data_is_missing_alone(tmp_path: Path) -> None:
    """Templates that were filled in by hand for one case name it in the letters of all."""
    pack = write_pack(
        tmp_path / "acme",
        cover=COVER.replace("To", "As in CM16-0000002: to"),
        notice=NOTICE.replace("Your", "As in CM16-0000003: your"),
    )
    options = imrgen.Options(templates=(str(pack),))
    cases = write(tmp_path / "cases", addressed(1), addressed(2), addressed(3))
    arguments: dict[str, Any] = {"formats": ["text"], "jobs": 1, "letters": LETTERS}
    summary = imrgen.render_batch(cases, options, to=tmp_path / "out", **arguments)
    assert {
        each.position: (
            [missing.letter for missing in each.missing],
            [Path(d.message.partition(": ")[2]).stem for d in each.diagnostics],
        )
        for each in summary.failed
    } == {
        0: (["cover", "notice"], ["c2", "c3"]),
        1: (["notice"], ["c3"]),
        2: (["cover"], ["c2"]),
    }
    assert sorted(letters(tmp_path / "out")) == sorted(
        [
            *files(1, "determination"),
            *files(2, "cover", "determination"),
            *files(3, "determination", "notice"),
        ]
    )


@pytest.mark.slow
def test_a_pattern_that_does_not_tell_the_letters_apart_is_refused(
    tmp_path: Path, options: imrgen.Options
) -> None:
    arguments: dict[str, Any] = {"name": "{case.number}.{format}", "formats": ["text"]}
    for asked in (["all"], ["cover", "notice"]):
        with pytest.raises(
            imrgen.OptionError, match=r"gives all letters of a case one name.*letter"
        ):
            Batch([addressed(1)], options, letters=asked, **arguments)
    for asked in ([], ["cover"], ["cover", "cover"]):
        (outcome,) = Batch([addressed(1)], options, letters=asked, jobs=1, **arguments)
        assert [file.file for file in outcome.letters] == ["CM16-0000001.txt"]


@pytest.mark.slow
def test_the_command_makes_each_letter_and_repeats_what_failed(
    tmp_path: Path, options: imrgen.Options
) -> None:
    write(tmp_path / "cases", make_case(1), addressed(2))
    asked = ("--letter", "cover", "--letter", "notice", "--templates", "acme", "-f", "text")
    result = run("cases", "-o", "out", *asked, "--json", cwd=tmp_path)
    assert result.returncode == 1
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(each["event"], each["files"], each["missing"]) for each in events[:2]] == [
        ("failed", files(1, "notice"), ["cover"]),
        ("made", files(2, "cover", "notice"), []),
    ]
    write(tmp_path / "cases", addressed(1))
    result = run("--retry-failed", "out", cwd=tmp_path)
    assert (result.returncode, result.stderr.count("error")) == (0, 0)
    expected = [*files(1, "cover", "notice"), *files(2, "cover", "notice")]
    assert sorted(letters(tmp_path / "out")) == sorted(expected)
    result = run("cases", "-o", "x", *asked, "--name", "{source}.{format}", cwd=tmp_path)
    assert result.returncode == 2
    assert "{letter}" in result.stderr


def test_no_letter_stands_for_another_where_something_was_interrupted_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a process whose own limit of time was reached, such as by the case before."""
    monkeypatch.setattr("imrgen.batch.task.was_interrupted", lambda: True)
    renderer = imrgen.Renderer(templates=[write_pack(tmp_path / "acme")])
    cases = write(tmp_path / "cases", addressed(1))
    asked: dict[str, Any] = {"letters": ["notice", "cover"], "formats": ["text"]}
    summary = imrgen.render_batch(cases, renderer, to=tmp_path / "out", **asked)
    assert summary.failed == ()
    assert sorted(letters(tmp_path / "out")) == sorted(files(1, "cover", "notice"))


@pytest.mark.slow
def test_a_letter_that_hangs_ends_its_case_and_leaves_the_letters_before_it(tmp_path: Path) -> None:
    """What was interrupted may have left libraries in any state, so no letter follows."""
    loop = "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}"
    hang = COVER.replace("{% block main %}", "{% block main %}" + loop * 100)
    pack = write_pack(tmp_path / "acme", cover=hang)
    cases = write(tmp_path / "cases", addressed(1), make_case(2))
    arguments: dict[str, Any] = {"letters": ["notice", "cover", "determination"], "timeout": 2}
    options = imrgen.Options(templates=(str(pack),))
    target = tmp_path / "out"
    summary = imrgen.render_batch(cases, options, to=target, formats=["text"], jobs=1, **arguments)
    failed = summary.failed
    reasons = {each.position: [(m.letter, m.faults) for m in each.missing] for each in failed}
    assert reasons == {
        0: [("cover", ("IMR512",)), ("determination", ("IMR512",))],
        1: [("cover", ("IMR106",))],
    }
    assert sorted(letters(target)) == sorted(
        [*files(1, "notice"), *files(2, "notice", "determination")]
    )
    assert imrgen.verify_folder(target) == []
