"""The temporary folder in a folder that all users of a machine share."""

import errno
import fcntl
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

import imrgen
from imrgen.batch.case_table import CaseTable
from imrgen.batch.inputs import Inputs
from imrgen.diagnostics import OutputError
from imrgen.pack import EngineName
from imrgen.workers import diagnose, tempdir, temporary_folder
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
NAME = "imrgen-strange"


def _linked_folder(shared: Path, outside: Path) -> None:
    (shared / NAME).symlink_to(outside)


def _linked_lock(shared: Path, outside: Path) -> None:
    (shared / NAME).mkdir()
    (shared / NAME / tempdir._LOCK).symlink_to(outside / tempdir._LOCK)


def _piped_lock(shared: Path, outside: Path) -> None:
    (shared / NAME).mkdir()
    os.mkfifo(shared / NAME / tempdir._LOCK)


def _no_lock_yet(shared: Path, outside: Path) -> None:
    (shared / NAME).mkdir()
    (shared / NAME / "file").write_text("of a process that has just begun")


def test_a_folder_that_another_process_removes_meanwhile_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may take a new folder for one that was left, until its lock is taken."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    taken = fcntl.flock
    for is_finished in (True, False):
        swept: list[Path] = []

        def flock(
            handle: int,
            operation: int,
            swept: list[Path] = swept,
            is_finished: bool = is_finished,
        ) -> None:
            if not swept:
                folder = Path(f"/proc/self/fd/{handle}").readlink().parent
                swept.append(folder)
                if is_finished:
                    shutil.rmtree(folder)
                else:
                    raise BlockingIOError
            taken(handle, operation)

        monkeypatch.setattr(fcntl, "flock", flock)
        folder = tempdir._new_folder()
        assert swept
        assert folder != swept[0]
        assert (folder / tempdir._LOCK).exists()


@pytest.mark.parametrize("trap", [_linked_folder, _linked_lock, _piped_lock, _no_lock_yet])
def test_nothing_is_made_or_removed_where_a_strange_folder_leads(
    trap: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    shared, outside = tmp_path / "shared", tmp_path / "outside"
    shared.mkdir()
    outside.mkdir()
    (outside / "data").write_text("data")
    trap(shared, outside)
    code = "from imrgen.workers import temporary_folder; print(temporary_folder())"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TMPDIR": str(shared)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert run.stdout.startswith(str(shared))
    assert [path.name for path in outside.iterdir()] == ["data"]
    assert trap is not _no_lock_yet or (shared / NAME / "file").exists()


KILLED = """
import os, signal, sys
import imrgen
for engine in ("weasyprint", "typst"):
    assert imrgen.render(sys.argv[1], engine=engine).pdf
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
def test_what_a_killed_process_leaves_of_fonts_the_next_one_removes(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, "-c", KILLED, str(STARTER)], env=environment)
    assert run.returncode < 0
    assert len([*tmp_path.iterdir()]) == 1
    assert len([*tmp_path.rglob("*.ttf")]) > 5
    code = "from imrgen.workers import temporary_folder; temporary_folder()"
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert [*tmp_path.iterdir()] == []


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files are; this process has none yet."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    tempdir._folder_of.cache_clear()
    yield place
    tempdir._folder_of.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["weasyprint", "typst"])
@pytest.mark.parametrize("trouble", ["missing", "a file", "full"])
def test_where_temporary_files_cannot_be_written_the_message_says_so(
    engine: EngineName, trouble: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = imrgen.render(STARTER, engine=engine)
    if trouble == "full":
        temporary_folder()
        monkeypatch.setattr(Path, "write_bytes", refuse)
    else:
        place.rmdir()
        if trouble == "a file":
            place.touch()
    with pytest.raises(OutputError) as error:
        _ = letter.pdf
    assert [each.code for each in error.value.diagnostics] == ["IMR401"]
    assert str(place) in str(error.value)
    assert "TMPDIR" in str(error.value)


def refuse(path: Path, content: bytes) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


@pytest.mark.slow
def test_a_name_that_typst_cannot_read_is_no_fault_of_the_fonts(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = place / os.fsdecode(b"\xff")
    strange.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(strange))
    with pytest.raises(OutputError, match="Typst cannot read its name"):
        _ = imrgen.render(STARTER, engine="typst").pdf


@pytest.mark.slow
def test_a_program_that_clears_out_temporary_files_does_no_harm(place: Path) -> None:
    renderer = imrgen.Renderer(engine="typst")
    before = renderer.render(STARTER).pdf
    shutil.rmtree(temporary_folder())
    assert renderer.render(STARTER).pdf == before
    fonts = sorted(temporary_folder().rglob("*.ttf"))
    fonts[-1].unlink()
    assert renderer.render(STARTER).pdf == before


@pytest.mark.parametrize("is_short", [False, True])
def test_cases_that_cannot_be_kept_meanwhile_are_an_error_with_a_code(
    is_short: bool, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk: no file of this process may be longer than a byte."""
    temporary_folder()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    if not is_short:
        monkeypatch.setattr(tempfile, "mkdtemp", Mock(return_value=str(place / "missing")))
    try:
        if is_short:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1, limit[1]))
        for use in (lambda: CaseTable(Path(tempfile.mkdtemp())), kept):
            with pytest.raises(OutputError, match="temporary files cannot be written"):
                use()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)


def kept() -> Inputs:
    """Keep cases that a program gives one after the other."""
    cases = iter([{"case": {"number": f"CM16-000000{number}"}} for number in range(9)])
    return Inputs(cases, lambda: Path(tempfile.mkdtemp()), None)


def test_an_error_of_imrgen_s_own_stays_what_it_is_in_a_worker() -> None:
    error = OutputError.of("IMR401", "full")
    assert diagnose(error) is error.diagnostics[0]


def test_sockets_of_workers_fit_into_the_name_that_macos_takes() -> None:
    """Its folders for temporary files are `/var/folders/xx/(30 letters)/T`."""
    macos = Path("/var/folders") / "xx" / ("x" * 30) / "T"
    name = f"{macos / temporary_folder().name}/pymp-12345678/listener-12345678"
    assert len(name) <= 103


@pytest.mark.slow
def test_a_folder_whose_name_is_too_long_for_sockets_is_refused_in_words(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = place / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with pytest.raises(OutputError, match="too long for the sockets"):
        imrgen.LimitedRenderer()
    assert imrgen.render(STARTER, engine="typst").pdf
