"""Many cases in, letters out: none lost, none wrong, whatever happens to a worker."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import imrgen
from imrgen.batch import DEFAULT_PATTERN, Batch
from imrgen.batch.messages import MakeLetters
from imrgen.batch.task import run_chunk
from imrgen.verification import case_file
from tests.batches import (
    HELD,
    letters,
    lines,
    make_case,
    resident,
    run,
    timeless,
    troubled_pack,
    write_cases,
    write_lines,
)
from tests.conftest import ROOT

SPEC = imrgen.Options()


def kill_the_worker_at(batch: Batch, origin: str) -> None:
    """Kill whichever worker is in the middle of the letter of a case, which takes much memory."""
    while True:
        for worker in batch.workers:
            task = worker.tasks[0] if worker.tasks else None
            if (
                isinstance(task, MakeLetters)
                and task.case.origin.endswith(origin)
                and resident(worker.process.pid) > HELD
            ):
                worker.kill()
                return
        time.sleep(0.01)


@pytest.mark.slow
def test_four_cases_that_fail_do_not_affect_the_others(tmp_path: Path) -> None:
    cases = write_cases(
        tmp_path / "cases",
        60,
        c0013={"priority": "urgent"},
        c0026={"eams_number": "KILL"},
        c0039={"eams_number": "HANG"},
        c0052={"eams_number": "MEMORY"},
    )
    spec = imrgen.Options(templates=(str(troubled_pack(tmp_path / "pack")),))
    batch = Batch(
        str(cases), spec, to=tmp_path / "out", formats=["text"], jobs=2, timeout=4, memory=1024
    )
    threading.Thread(target=kill_the_worker_at, args=(batch, "c0026.json"), daemon=True).start()
    outcomes = list(batch)
    failed = {
        Path(each.origin).stem: [d.code for d in each.diagnostics]
        for each in outcomes
        if each.failed
    }
    assert failed == {
        "c0013": ["IMR103"],
        "c0026": ["IMR511"],
        "c0039": ["IMR512"],
        "c0052": ["IMR513"],
    }
    assert all(
        o.origin in d.message for o in outcomes for d in o.diagnostics if d.code.startswith("IMR51")
    )
    assert len(letters(tmp_path / "out")) == 56
    assert [o.position for o in outcomes] == list(range(60))
    assert imrgen.verify_folder(tmp_path / "out") == []


@pytest.mark.slow
def test_the_command_reports_what_failed_and_exits_with_one(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 3, c0002={"priority": "urgent"})
    made = run("cases", "-o", "out", "-f", "text", "-f", "html", cwd=tmp_path)
    assert made.returncode == 1
    assert "c0002.json" in made.stderr
    assert "error[IMR103]: case.priority" in made.stderr
    assert made.stdout.startswith("2 made, 0 unchanged, 1 failed")
    assert sorted(letters(tmp_path / "out")) == [
        f"CM16-000000{n}-determination.{suffix}" for n in (1, 3) for suffix in ("html", "txt")
    ]


@pytest.mark.slow
def test_a_terminal_shows_how_far_the_batch_is_and_what_each_worker_is_at(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "cases.jsonl", 4)
    screen, end = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "TERM": "xterm"}
    command = [sys.executable, "-m", "imrgen", "batch", path, "-o", tmp_path / "out", "--jobs", "1"]
    running = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=end, cwd=tmp_path
    )
    os.close(end)
    shown = b""
    with contextlib.suppress(OSError), os.fdopen(screen, "rb", buffering=0) as stream:
        while piece := stream.read(4096):
            shown += piece
    running.communicate()
    assert running.returncode == 0
    lines = [
        re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).strip()
        for line in re.split(r"[\r\n]+", shown.decode())
    ]
    assert any(
        re.fullmatch(r"4 of 4 done, 0 failed, [\d.]+ a second, [\d.]+ s left", line)
        for line in lines
    )
    assert any(re.match(r"worker 1: \d+ done, \d+ s at cases.jsonl:\d$", line) for line in lines)


@pytest.mark.slow
def test_a_second_run_makes_nothing_and_leaves_the_manifest_as_it_is(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 4)
    run("cases", "-o", "out", "-f", "text", cwd=tmp_path)
    before = (tmp_path / "out/manifest.jsonl").read_bytes()
    again = run("cases", "-o", "out", "-f", "text", cwd=tmp_path)
    assert again.stdout.startswith("0 made, 4 unchanged, 0 failed")
    assert (tmp_path / "out/manifest.jsonl").read_bytes() == before


@pytest.mark.slow
def test_a_second_run_loads_nothing_that_only_making_needs(tmp_path: Path) -> None:
    cases = write_cases(tmp_path / "cases", 2)
    program = (
        "import sys, imrgen\n"
        "options = {'to': sys.argv[2], 'formats': ['text']}\n"
        "made = imrgen.render_batch(sys.argv[1], imrgen.Options(), **options)\n"
        "assert made.skipped == 2\n"
        "names = ('imrgen.workers.pool', 'imrgen.batch.executors', 'imrgen.batch.case_table')\n"
        "print([name for name in names if name in sys.modules])\n"
    )
    imrgen.render_batch(str(cases), SPEC, to=tmp_path / "out", formats=["text"], jobs=1)
    command = [sys.executable, "-c", program, str(cases), str(tmp_path / "out")]
    again = subprocess.run(command, check=True, capture_output=True, text=True)
    assert again.stdout == "[]\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", [DEFAULT_PATTERN, "{source}.{format}"])
@pytest.mark.parametrize("what", ["case", "letter", "missing letter", "option", "two cases' files"])
def test_what_has_changed_is_made_again_and_nothing_else(
    tmp_path: Path, what: str, name: str
) -> None:
    cases = write_cases(tmp_path / "cases", 4)
    target = tmp_path / "out"
    asked = {"to": target, "formats": ["text"], "jobs": 1, "name": name}
    imrgen.render_batch(str(cases), SPEC, **asked)
    letter = target / ("CM16-0000002-determination.txt" if name == DEFAULT_PATTERN else "c0002.txt")
    whole = letter.read_bytes()
    spec, expected = SPEC, 1
    if what == "case":
        changed = make_case(2)
        changed["clinical_summary"] += " Nothing else is recorded."
        (cases / "c0002.json").write_text(json.dumps(changed))
    elif what == "letter":
        letter.write_bytes(whole[:-1] + b"!")
    elif what == "missing letter":
        letter.unlink()
    elif what == "two cases' files":
        texts = [(cases / f"c000{number}.json").read_bytes() for number in (2, 3)]
        for number, text in zip((3, 2), texts, strict=True):
            (cases / f"c000{number}.json").write_bytes(text)
        expected = 0 if name == DEFAULT_PATTERN else 2
    else:
        spec, expected = imrgen.Options(width=70), 4
    summary = imrgen.render_batch(str(cases), spec, **asked)
    assert (summary.made, summary.skipped) == (expected, 4 - expected)
    assert (letter.read_bytes() == whole) == ("letter" in what or not expected)
    assert imrgen.verify_folder(target) == []


@pytest.mark.slow
def test_a_letter_that_is_made_again_unchanged_has_one_line(tmp_path: Path) -> None:
    cases = write_cases(tmp_path / "cases", 2)
    asked = {"to": tmp_path / "out", "formats": ["text"], "jobs": 1}
    imrgen.render_batch(str(cases), SPEC, **asked)
    (tmp_path / "out/CM16-0000001-determination.txt").unlink()
    assert imrgen.render_batch(str(cases), SPEC, **asked).made == 1
    assert [line["outcome"] for line in lines(tmp_path / "out")] == [
        "begun",
        "made",
        "made",
        "ended",
    ]


@pytest.mark.slow
def test_a_batch_knows_every_option_of_a_renderer(tmp_path: Path) -> None:
    """An option that the recipe leaves out would not make a letter again."""
    packs, overlay = tmp_path / "packs", troubled_pack(tmp_path / "overlay")
    (packs / "two").mkdir(parents=True)
    (packs / "two/pack.toml").write_text(
        'name = "two"\ntitle = "Two"\nversion = "1"\nextends = "imr"\norganization.inherit = true\n'
        'overridable = ["words.issues"]\n'
        '[letters.second]\ntitle = "Second"\ntemplate = "determination.html"\n'
    )
    usual = {"pack": "two", "templates": (str(packs),)}
    unusual = {
        "pack": "imr",
        "letter": "second",
        "templates": (str(packs), str(overlay)),
        "width": 70,
        "embed_fonts": True,
        "embed_case": True,
        "check": False,
        "select": ("IMR32",),
        "ignore": ("IMR32",),
        "overrides": (("words.issues", "ISSUES"),),
        "context": '{"portal": "here"}',
        "filters": (("safely", "html:escape"),),
        "globals": (("safely", "html:escape"),),
        "draft": True,
        "recipient": 2,
        "per_recipient": True,
        "engine": "weasyprint",
    }
    assert unusual.keys() == set(imrgen.Options.__struct_fields__)
    asked = [usual, *(usual | {name: value} for name, value in unusual.items())]
    recipes = {
        recipe.sha256
        for each in asked
        for recipe in Batch([], imrgen.Options(**each))._recipes.values()
    }
    assert len(recipes) == len(asked)


@pytest.mark.slow
def test_each_pdf_of_a_batch_brings_its_own_case_along(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "cases.jsonl", 2)
    made = run(path, "-o", "out", "--embed-case", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        assert case_file((tmp_path / f"out/CM16-{number:07d}-determination.pdf").read_bytes()) == (
            "case.json",
            line,
        )


@pytest.mark.slow
def test_what_failed_can_be_made_alone_once_it_is_mended(tmp_path: Path) -> None:
    cases = write_cases(tmp_path / "cases", 3, c0002={"priority": "urgent"})
    run("cases", "-o", "out", "-f", "text", cwd=tmp_path)
    (cases / "c0002.json").write_text(json.dumps(make_case(2)))
    (tmp_path / "elsewhere").mkdir()
    again = run("--retry-failed", "../out", cwd=tmp_path / "elsewhere")
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("1 made, 2 unchanged, 0 failed")
    assert len(letters(tmp_path / "out")) == 3


@pytest.mark.slow
def test_a_repeated_failure_is_reported_again_but_has_one_line(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 2, c0002={"priority": "urgent"})
    for _ in range(2):
        made = run("cases", "-o", "out", "-f", "text", cwd=tmp_path)
        assert made.returncode == 1
        assert "IMR103" in made.stderr
    assert [line["outcome"] for line in lines(tmp_path / "out")] == [
        "begun",
        "made",
        "failed",
        "ended",
    ]


@pytest.mark.slow
def test_json_lines_come_from_a_file_or_standard_input(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "cases.jsonl", 3)
    run(path, "-o", "file", "-f", "text", cwd=tmp_path)
    run("-", "-o", "stdin", "-f", "text", cwd=tmp_path, stdin=path.read_text())
    assert len(letters(tmp_path / "file")) == 3
    assert letters(tmp_path / "file") == letters(tmp_path / "stdin")


@pytest.mark.slow
def test_an_error_in_a_line_is_reported_at_that_line(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "cases.jsonl", 3)
    text = path.read_text().splitlines()
    text[1] = text[1].replace('"standard"', '"urgent"')
    path.write_text("\n".join([*text, "not a case", ""]))
    made = run("cases.jsonl", "-o", "out", "-f", "text", cwd=tmp_path)
    assert "cases.jsonl:2:" in made.stderr
    assert "IMR103" in made.stderr
    assert "cases.jsonl:4:1: error[IMR003]" in made.stderr
    assert "2 made, 0 unchanged, 2 failed" in made.stdout


@pytest.mark.slow
def test_events_are_a_line_of_json_each(tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 2, c0002={"priority": "urgent"})
    made = run("cases", "-o", "out", "-f", "text", "--json", cwd=tmp_path)
    events = [json.loads(line) for line in made.stdout.splitlines()]
    assert [event["event"] for event in events] == ["made", "failed", "ended"]
    assert events[1]["diagnostics"][0]["code"] == "IMR103"


@pytest.mark.slow
def test_an_interrupted_batch_finishes_what_is_under_way_and_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow one worker is, the other is at most so many cases ahead when it is stopped.
    monkeypatch.setattr("imrgen.batch.batch.WINDOW", 4)
    write_cases(tmp_path / "cases", 30)
    stopped = Batch(str(tmp_path / "cases"), SPEC, to=tmp_path / "out", formats=["text"], jobs=2)
    for number, _ in enumerate(stopped):
        if number == 3:
            stopped.stop()
    assert 4 <= len(letters(tmp_path / "out")) <= 8
    assert [d.code for d in imrgen.verify_folder(tmp_path / "out")] == ["IMR510"]
    imrgen.render_batch(
        str(tmp_path / "cases"), SPEC, to=tmp_path / "out", formats=["text"], jobs=2
    )
    imrgen.render_batch(
        str(tmp_path / "cases"), SPEC, to=tmp_path / "whole", formats=["text"], jobs=1
    )
    assert letters(tmp_path / "out") == letters(tmp_path / "whole")
    assert timeless(tmp_path / "out") == timeless(tmp_path / "whole")


@pytest.mark.slow
def test_two_batches_do_not_share_a_folder(tmp_path: Path) -> None:
    cases = str(write_cases(tmp_path / "cases", 3))
    first = iter(Batch(cases, SPEC, to=tmp_path / "out", formats=["text"], jobs=1))
    next(first)
    with pytest.raises(imrgen.OutputError) as caught:
        imrgen.render_batch(cases, SPEC, to=tmp_path / "out", formats=["text"])
    assert caught.value.diagnostics[0].code == "IMR505"
    first.close()  # type: ignore[attr-defined]
    assert imrgen.render_batch(cases, SPEC, to=tmp_path / "out", formats=["text"], jobs=1).made >= 2


@pytest.mark.slow
def test_what_a_kill_left_half_written_is_swept_away(tmp_path: Path) -> None:
    cases = str(write_cases(tmp_path / "cases", 2))
    imrgen.render_batch(cases, SPEC, to=tmp_path / "out", formats=["text"], jobs=1)
    manifest = tmp_path / "out/manifest.jsonl"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole[: whole.rfind(b"\n", 0, -1) + 20])
    (tmp_path / "out/.imrgen-0123456789abcdef.partial").write_bytes(b"half")
    imrgen.render_batch(cases, SPEC, to=tmp_path / "out", formats=["text"], jobs=1)
    assert len(letters(tmp_path / "out")) == 2
    assert [line["outcome"] for line in lines(tmp_path / "out")] == [
        "begun",
        "made",
        "made",
        "ended",
    ]
    assert imrgen.verify_folder(tmp_path / "out") == []


@pytest.mark.slow
def test_a_case_that_changes_while_the_batch_runs_has_no_letter(tmp_path: Path) -> None:
    cases = write_cases(tmp_path / "cases", 40)
    batch = Batch(str(cases), SPEC, to=tmp_path / "out", formats=["text"], jobs=1)
    outcomes = []
    for outcome in batch:
        (cases / "c0040.json").write_text(json.dumps(make_case(41)))
        outcomes.append(outcome)
    assert [d.code for d in outcomes[-1].diagnostics] == ["IMR515"]
    assert len(letters(tmp_path / "out")) == 39


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["alone", "threads", "processes", "own"])
def test_every_way_of_working_makes_the_same_letters(tmp_path: Path, kind: str) -> None:
    cases = [make_case(number) for number in range(1, 31)]
    renderer = imrgen.Renderer()
    seen: list[int] = []

    def note(outcome: imrgen.Outcome) -> None:
        seen.append(outcome.position)

    if kind == "processes":
        with ProcessPoolExecutor(2) as executor:
            summary = imrgen.render_batch(
                cases, SPEC, executor=executor, on_result=note, to=tmp_path, formats=["text"]
            )
    elif kind == "threads":
        with ThreadPoolExecutor(2) as executor:
            summary = imrgen.render_batch(
                iter(cases),
                renderer,
                executor=executor,
                on_result=note,
                to=tmp_path,
                formats=["text"],
            )
    else:
        summary = imrgen.render_batch(
            iter(cases),
            renderer if kind == "alone" else SPEC,
            on_result=note,
            to=tmp_path,
            formats=["text"],
        )
    assert (summary.made, summary.failed) == (30, ())
    assert seen == list(range(30))
    expected = {
        f"{c['case']['number']}-determination.txt": renderer.render(c).text.encode() for c in cases
    }
    assert letters(tmp_path) == expected


@pytest.mark.slow
def test_the_index_of_all_cases_does_not_go_with_each_task() -> None:
    """For a million cases it is 80 MB."""
    indexes = []

    class Watched(ProcessPoolExecutor):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            assert fn is run_chunk
            if isinstance(args[2][0], MakeLetters):
                indexes.append(args[1])
            return super().submit(fn, *args, **kwargs)

    with Watched(1) as executor:
        summary = imrgen.render_batch(
            map(make_case, range(1, 401)), SPEC, executor=executor, jobs=1, formats=["text"]
        )
    assert (summary.made, summary.failed) == (400, ())
    assert len(indexes) > 16
    assert 1 <= sum(index is not None for index in indexes) <= 4


def test_without_a_folder_the_letters_come_back() -> None:
    contents = []
    imrgen.render_batch(
        [make_case(1)], imrgen.Renderer(), on_result=contents.append, formats=["text"]
    )
    assert contents[0].letters[0].content.startswith(b"Case Number:    CM16-0000001")


def test_a_renderer_does_not_travel_to_other_processes() -> None:
    with ProcessPoolExecutor(1) as executor, pytest.raises(imrgen.LibraryError, match="IMR519"):
        imrgen.render_batch([make_case(1)], imrgen.Renderer(), executor=executor, formats=["text"])


@pytest.mark.slow
def test_the_manifest_and_the_diagnostics_hold_no_value_of_a_case(tmp_path: Path) -> None:
    cases = write_cases(tmp_path / "cases", 3, c0002={"priority": "urgent"})
    made = run("cases", "-o", "out", "-f", "text", "--json", cwd=tmp_path)
    output = (tmp_path / "out/manifest.jsonl").read_text() + made.stdout + made.stderr
    for path in cases.iterdir():
        case = json.loads(path.read_text())
        for value in (
            case["employee"]["name"],
            case["case"]["claim_number"],
            "1971-05-20",
            "lumbar",
            "urgent",
        ):
            assert value not in output


@pytest.mark.parametrize("limit", ["--timeout", "--memory", "--replace-after"])
def test_a_limit_that_a_cluster_would_not_keep_is_refused(tmp_path: Path, limit: str) -> None:
    path = write_lines(tmp_path / "cases.jsonl", 1)
    words = ["-o", "out", "--scheduler", "tcp://127.0.0.1:9", limit, "300"]
    made = run(path, *words, cwd=tmp_path)
    assert made.returncode == 2
    assert f"{limit} is for imrgen's own workers" in made.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code", "message"),
    [
        ("HANG", "IMR512", "took longer than 4 seconds"),
        ("MEMORY", "IMR513", "took more memory than a letter may"),
    ],
)
def test_a_limit_that_a_case_of_a_batch_reaches_is_found_at_its_template_line(
    tmp_path: Path, number: str, code: str, message: str
) -> None:
    pack = troubled_pack(tmp_path / "pack")
    summary = imrgen.render_batch(
        [make_case(1, eams_number=number), make_case(2)],
        imrgen.Options(templates=(str(pack),)),
        formats=["text"],
        jobs=1,
        timeout=4,
        memory=1024,
    )
    (failed,) = summary.failed
    (found,) = failed.diagnostics
    assert (found.code, found.message) == (code, f"case 1: {message}")
    assert found.span is not None
    assert (found.span.file, found.span.line) == (str(pack / "blocks" / "how_made.html"), 1)
    assert summary.made == 1


@pytest.mark.parametrize("suffix", [".toml", ".json", ".jsonl"])
@pytest.mark.parametrize("how", ["folder", "paths", "iterable"])
def test_a_file_name_that_is_not_utf_8_costs_its_own_case_only(
    how: str, suffix: str, tmp_path: Path
) -> None:
    cases = write_cases(tmp_path / "cases", 2)
    odd = os.fsdecode(os.fsencode(cases) + b"/\xff" + suffix.encode())
    Path(odd).write_text("{}", encoding="utf-8")
    paths = sorted(str(path) for path in cases.iterdir())
    inputs = {"folder": str(cases), "paths": paths, "iterable": iter(paths)}[how]
    outcomes = list(Batch(inputs, imrgen.Renderer(), to=tmp_path / "out", formats=["text"]))
    assert [len(outcome.letters) for outcome in outcomes] == [1, 1, 0]
    (diagnostic,) = outcomes[-1].diagnostics
    assert (diagnostic.code, diagnostic.hints) == ("IMR001", ("rename the file",))
    assert "failed" in (tmp_path / "out" / "manifest.jsonl").read_text(encoding="utf-8")
