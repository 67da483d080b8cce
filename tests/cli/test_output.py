"""Where the command line writes: files, links, pipes, and standard streams of every condition."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from imrgen.workers import tempdir
from tests.batches import write_cases, write_lines
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

STARTER = str(ROOT / "imrgen" / "starter.toml")
BAD_NAME = b"b\xe4d.json".decode(errors="surrogateescape")
Shell = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Run a line of bash in a folder of its own, in which `imrgen` and `$CASE` are known."""

    def run(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        start = f'set -o pipefail; imrgen() {{ "{sys.executable}" -m imrgen "$@"; }}; '
        return subprocess.run(
            ["bash", "-c", start + line],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            env={**os.environ, "PYTHONPATH": str(ROOT), "CASE": STARTER, **environment},
        )

    return run


PRINTING = {
    "letter": "imrgen render $CASE -f text -o -",
    "PDF": "imrgen render $CASE -f pdf -o -",
    "name of a letter": "imrgen render $CASE -f text",
    "diagnostics": "imrgen check $CASE --no-pages --output-format json",
    "manual": "imrgen explain --markdown",
    "events": "imrgen batch $CASE -o out -f text --json",
    "summary": "imrgen batch $CASE -o out -f text",
    "schema": "imrgen schema",
}


@pytest.mark.parametrize("printing", PRINTING)
@pytest.mark.parametrize(
    ("to", "reason"),
    [("> /dev/full", "No space left on device"), (">&-", "Bad file descriptor")],
    ids=["full", "closed"],
)
def test_standard_output_that_fails_is_reported(
    printing: str, to: str, reason: str, shell: Shell
) -> None:
    run = shell(f"{PRINTING[printing]} {to}")
    assert run.returncode == 1
    assert run.stderr.decode().splitlines()[-1:] == [
        f"error[IMR401]: standard output cannot be written: {reason}"
    ]


@pytest.mark.parametrize("printing", ["letter", "manual", "events", "name of a letter"])
def test_a_reader_that_has_seen_enough_ends_it_without_a_word(printing: str, shell: Shell) -> None:
    # The reader is gone before imrgen writes: it ends without reading, and imrgen begins then.
    run = shell(f"mkfifo gone; (sleep 0 < gone) & exec 3> gone; wait; {PRINTING[printing]} >&3")
    assert (run.returncode, run.stderr) == (1, b"")


@pytest.mark.parametrize("to", ["> /dev/full", ">&-", ">&3"])
def test_events_that_nobody_takes_stop_no_letter(to: str, shell: Shell, tmp_path: Path) -> None:
    write_cases(tmp_path / "cases", 3)
    gone = "mkfifo gone; (sleep 0 < gone) & exec 3> gone; wait; "
    run = shell(f"{gone}imrgen batch cases -o out -f text --json {to}")
    assert run.returncode == 1
    assert len(list((tmp_path / "out").glob("*.txt"))) == 3
    assert shell("imrgen verify out").returncode == 0


def test_too_few_open_files_for_workers_are_an_error_of_the_machine(shell: Shell) -> None:
    run = shell("ulimit -n 14; imrgen batch $CASE -o out -f text --jobs 2")
    assert run.returncode == 1
    assert b"error[IMR523]: a worker process cannot be started: Too many open files" in run.stderr


@pytest.mark.parametrize("signal", ["TERM", "HUP"])
def test_a_signal_ends_the_preview_without_a_trace(
    signal: str, shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "tmp").mkdir()
    run = shell(
        f"exec 3< <(exec $PYTHON -m imrgen preview $CASE --port 0 --no-open); "
        f"read -ru 3; kill -{signal} $!; cat <&3",
        TMPDIR=str(tmp_path / "tmp"),
        PYTHON=sys.executable,
    )
    assert run.returncode == 0
    # The server from which workers are forked may still be ending; its folder is its own to remove.
    assert [*filter(is_left_behind, (tmp_path / "tmp").iterdir())] == []


def is_left_behind(folder: Path) -> bool:
    """Return whether a temporary folder is there whose process is not."""
    try:
        os.close(tempdir._lock(folder / tempdir._LOCK))
    except (BlockingIOError, FileNotFoundError):
        return False
    return True


@pytest.mark.parametrize("streams", ["<&-", "2>&-", "<&- 2>&-", "2> /dev/full"])
def test_other_streams_may_be_closed_or_full(streams: str, shell: Shell, tmp_path: Path) -> None:
    run = shell(f"imrgen batch $CASE missing.jsonl -o out -f text {streams}; echo $?")
    assert run.stdout.splitlines()[-1] == b"1"
    run = shell(f"imrgen batch $CASE -o out -f text {streams}")
    assert run.returncode == 0
    (letter,) = (tmp_path / "out").glob("*.txt")
    assert letter.read_bytes().startswith(b"Case Number")
    assert shell(f"imrgen verify out {streams}").returncode == 0


def test_closed_standard_input_is_an_empty_case(shell: Shell) -> None:
    run = shell("imrgen render - -f text <&-")
    assert run.returncode == 1
    assert run.stderr.startswith(b"<stdin>:1:1: error[IMR")


def test_closed_streams_do_not_end_up_in_a_letter(shell: Shell, tmp_path: Path) -> None:
    """The first file that is opened would be standard output, and hold what is printed."""
    assert shell("imrgen render $CASE -f text -o whole.txt").returncode == 0
    shell("imrgen render $CASE -f text -o closed.txt <&- >&- 2>&-")
    assert (tmp_path / "closed.txt").read_bytes() == (tmp_path / "whole.txt").read_bytes()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_no_diagnostic_is_lost_for_want_of_a_character(
    encoding: str, shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "é’😀.toml").write_text('[case]\nnubmer = "x"\n')
    printed = "é’😀.toml:2:1: error[IMR101]: case.nubmer: unknown key; did you mean `number`?\n"
    escaped = {
        "utf-8": printed,
        "latin-1": printed.replace("’😀", r"\u2019\ud83d\ude00"),
        "ascii": printed.replace("é’😀", r"\u00e9\u2019\ud83d\ude00"),
    }
    for command in ("check", "render"):
        run = shell(f"imrgen {command} *.toml --output-format short", PYTHONIOENCODING=encoding)
        assert run.returncode == 1
        assert escaped[encoding].encode(encoding) in run.stdout + run.stderr
    run = shell("imrgen check *.toml --output-format json", PYTHONIOENCODING=encoding)
    diagnostic, _ = json.loads(run.stdout.decode(encoding))
    assert diagnostic["span"]["file"] == "é’😀.toml"
    run = shell("imrgen batch *.toml -o out", PYTHONIOENCODING=encoding)
    assert escaped[encoding].partition("; did")[0].encode(encoding) in run.stderr


@pytest.mark.parametrize(
    ("name", "to"),
    [
        *(("-", to) for to in ("> out", ">> out", "| cat > out")),
        *((name, ">> out") for name in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")),
    ],
)
def test_standard_output_by_any_name_holds_the_letter_and_nothing_else(
    name: str, to: str, shell: Shell, tmp_path: Path
) -> None:
    run = shell(f"echo before > out; imrgen render $CASE -f text -o {name} {to}")
    assert (run.returncode, run.stderr) == (0, b"")
    lines = (tmp_path / "out").read_bytes().splitlines()
    assert (lines[0] == b"before") == (to == ">> out")
    assert lines[-1].endswith(b"not medically necessary.")


def test_a_named_link_pipe_or_device_is_written_to(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    assert shell("imrgen render $CASE --embed-case -o letter.pdf").returncode == 0
    for command in ("render $CASE -o", "schema -o", "extract letter.pdf -o"):
        run = shell(f"imrgen {command} link.txt")
        assert (run.returncode, run.stdout) == (0, b"link.txt\n"), run.stderr
        assert (tmp_path / "link.txt").is_symlink()
        written = (tmp_path / "real.txt").read_bytes()
        assert len(written) > 1000
        format_ = "-f text" if "render" in command else ""
        run = shell(f"imrgen {command} >(cat; echo done) {format_}; wait $!")
        assert written in run.stdout, run.stderr
    assert shell("imrgen render $CASE -f text -o /dev/full").returncode == 1
    assert shell("imrgen render $CASE -f text -o /dev/null").returncode == 0


PLACES: dict[str, Callable[[Path], object]] = {
    "link": lambda path: path.symlink_to("../elsewhere"),
    "pipe": lambda path: os.mkfifo(path),
    "folder": lambda path: path.mkdir(),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_name_of_imrgens_own_is_of_a_plain_file_only(
    place: str, shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / "out").mkdir()
    for command, name in (
        ("render $CASE -f text -o out/", "starter.txt"),
        ("batch $CASE -f text -o out --name {source}.{format}", "starter.txt"),
        ("batch $CASE -f text -o out", "manifest.jsonl"),
    ):
        path = tmp_path / "out" / name
        if path.exists():
            path.unlink()
        PLACES[place](path)
        run = shell(f"imrgen {command}")
        assert run.returncode == 1
        assert b"IMR401" in run.stderr
        assert b"plain file" in run.stderr
        assert (tmp_path / "elsewhere").read_text() == "mine"
        if place == "folder":
            path.rmdir()
        else:
            path.unlink()


def test_a_batch_does_not_take_another_file_for_its_letter(shell: Shell, tmp_path: Path) -> None:
    """A link to a file with the letter's bytes is not the letter; a pipe would never end."""
    batch = "imrgen batch $CASE -f text -o out"
    assert shell(batch).returncode == 0
    (letter,) = (tmp_path / "out").glob("*.txt")
    letter.rename(tmp_path / "kept")
    for place in PLACES.values():
        place(letter)
        assert shell(batch).returncode == 1
        assert shell("imrgen verify out").returncode == 1
        if letter.is_dir():
            letter.rmdir()
        else:
            letter.unlink()
    assert shell(batch).returncode == 0
    assert letter.read_bytes() == (tmp_path / "kept").read_bytes()


def test_a_file_whose_name_is_not_utf8_costs_no_other(shell: Shell, tmp_path: Path) -> None:
    cases = write_cases(tmp_path / "cases", 3)
    (cases / "c0002.json").rename(cases / BAD_NAME)
    run = shell("imrgen check cases --no-pages --output-format json")
    assert (run.returncode, run.stderr, json.loads(run.stdout)) == (0, b"", [])
    (tmp_path / "lines").mkdir()
    write_lines(tmp_path / "lines" / f"{BAD_NAME}l", 2)
    run = shell("imrgen check lines --no-pages")
    assert (run.returncode, run.stderr) == (
        0,
        b"2 cases checked: 0 errors, 0 warnings; pages were not laid out\n",
    )
    run = shell("imrgen render cases/* -f text -o letters")
    assert run.returncode == 0
    assert run.stdout.decode().splitlines() == [
        "letters/b\\udce4d.txt",
        "letters/c0001.txt",
        "letters/c0003.txt",
    ]
    assert len(list((tmp_path / "letters").iterdir())) == 3
    run = shell("imrgen batch cases -f text -o out --json")
    assert run.returncode == 1
    events = [json.loads(line) for line in run.stdout.splitlines()]
    assert [event["event"] for event in events] == ["failed", "made", "made", "ended"]
    assert "name is not UTF-8" in events[0]["diagnostics"][0]["message"]


def test_folders_whose_names_are_not_utf8(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / BAD_NAME.removesuffix(".json")
    folder.mkdir()
    write_lines(folder / "cases.jsonl", 2)
    run = shell("cd b*; imrgen batch cases.jsonl -f text -o $'o\\xe5'; imrgen verify o*")
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(b"2 made")


@pytest.mark.parametrize("command", ["render $CASE -o", "schema -o", "new"])
def test_a_name_of_250_bytes(command: str, shell: Shell, tmp_path: Path) -> None:
    name = "a" * 246 + (".toml" if command == "new" else ".txt")
    run = shell(f"imrgen {command} {name}")
    assert (run.returncode, run.stdout.decode()) == (0, f"{name}\n"), run.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]
