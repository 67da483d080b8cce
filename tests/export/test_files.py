"""Files that are written: whole or not at all, and what may have their names."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from imrgen.diagnostics import OutputError
from imrgen.export import files, write, write_to
from imrgen.export.files import is_partial

Writer = Callable[[Path, bytes], None]
WRITERS: dict[str, Writer] = {"a name of imrgen's": write, "a name of the user's": write_to}
OTHERS: dict[str, Callable[[Path], object]] = {
    "link": lambda path: path.symlink_to("elsewhere"),
    "dangling link": lambda path: path.symlink_to("nowhere"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "link to a folder": lambda path: path.symlink_to("folder"),
    "folder": lambda path: path.mkdir(),
    "pipe": lambda path: os.mkfifo(path),
    "device": lambda path: path.symlink_to("/dev/null"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").write_bytes(b"another file")
    (tmp_path / "folder").mkdir()
    return tmp_path


def state(folder: Path) -> list[tuple[str, int, bytes]]:
    return [
        (path.name, path.lstat().st_ino, b"" if not path.is_file() else path.read_bytes())
        for path in sorted(folder.iterdir())
        if path.name != "folder"
    ]


@pytest.mark.parametrize("other", OTHERS)
def test_nothing_but_a_plain_file_is_replaced(other: str, folder: Path) -> None:
    path = folder / "letter.txt"
    OTHERS[other](path)
    before = state(folder)
    with pytest.raises(OutputError, match=r"IMR401.*not a plain file; remove it"):
        write(path, b"new")
    assert state(folder) == before


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("target", ["elsewhere", "nowhere", "folder/new"])
def test_the_target_of_a_named_link_is_written(target: str, depth: int, folder: Path) -> None:
    path = folder / "link0"
    path.symlink_to(folder / target)
    for number in range(1, depth):
        path = folder / f"link{number}"
        path.symlink_to(f"link{number - 1}")
    write_to(path, b"new")
    assert path.is_symlink()
    assert (folder / target).read_bytes() == b"new"
    assert not (folder / target).is_symlink()
    assert not list(folder.rglob("*.partial"))


@pytest.mark.parametrize("other", ["link to itself", "link to a folder", "folder"])
def test_a_name_that_leads_to_no_file_is_refused(other: str, folder: Path) -> None:
    path = folder / "letter.txt"
    OTHERS[other](path)
    before = state(folder)
    with pytest.raises(OutputError, match="IMR401"):
        write_to(path, b"new")
    assert state(folder) == before


def test_a_named_pipe_is_written_to(folder: Path) -> None:
    path = folder / "pipe"
    os.mkfifo(path)
    content = b"x" * 200_000
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(path.read_bytes()))
    reader.start()
    write_to(path, content)
    reader.join(10)
    assert received == [content]
    assert path.is_fifo()


def test_a_named_device_is_written_to() -> None:
    write_to(Path("/dev/null"), b"new")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("place", ["/dev/full", "link to it"])
def test_a_full_device_is_reported(place: str, folder: Path) -> None:
    path = Path(place)
    if not path.is_absolute():
        path = folder / "full"
        path.symlink_to("/dev/full")
    with pytest.raises(OutputError, match=r"IMR401.*No space left on device"):
        write_to(path, b"new")


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", ["a" * 250, "é" * 125, "a" * 255])
def test_a_name_may_be_as_long_as_the_file_system_allows(
    name: str, writer: str, folder: Path
) -> None:
    path = folder / name
    WRITERS[writer](path, b"old")
    WRITERS[writer](path, b"new")
    assert path.read_bytes() == b"new"
    with pytest.raises(OutputError, match=r"IMR401.*File name too long"):
        WRITERS[writer](folder / ("a" * 256), b"new")


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("step", ["fsync", "replace", "fdopen"])
def test_a_failure_leaves_what_was_there(
    step: str, writer: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    before = state(folder)
    owner = Path if step == "replace" else files.os
    monkeypatch.setattr(owner, step, fail)
    with pytest.raises(OutputError, match=r"IMR401.*No space left on device"):
        WRITERS[writer](folder / "elsewhere", b"new")
    assert state(folder) == before


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_private_file_is_private_all_the_time(
    mode: int, writer: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "elsewhere"
    path.chmod(mode)
    seen = []

    def note(handle: int) -> None:
        seen.append(os.fstat(handle).st_mode & 0o777)

    opened = os.open

    def open_and_note(*arguments: object) -> int:
        handle = opened(*arguments)  # type: ignore[arg-type]
        note(handle)
        return handle

    monkeypatch.setattr(files.os, "open", open_and_note)
    monkeypatch.setattr(files.os, "fsync", note)
    WRITERS[writer](path, b"new")
    # When it is created, and when its content is complete.
    assert seen[:2] == [0o600, 0o600]
    assert path.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077, 0])
def test_a_new_file_is_private_until_it_is_complete_and_then_follows_the_umask(
    umask: int, writer: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    fdopen = os.fdopen

    def note(handle: int) -> None:
        seen.append(os.fstat(handle).st_mode & 0o777)

    def open_and_note(handle: int, mode: str) -> object:
        note(handle)
        return fdopen(handle, mode)

    monkeypatch.setattr(files.os, "fdopen", open_and_note)
    monkeypatch.setattr(files.os, "fsync", note)
    before = os.umask(umask)
    try:
        WRITERS[writer](folder / "new", b"new")
    finally:
        os.umask(before)
    # Before a byte is written, and when the last one is.
    assert seen[:2] == [0o600, 0o600]
    assert (folder / "new").stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_file_that_was_not_finished_is_recognized(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "replace", lambda *_: None)
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    write(folder / "letter.txt", b"new")
    left = [path.name for path in folder.iterdir() if path.name not in ("elsewhere", "folder")]
    assert len(left) == 1
    assert is_partial(left[0])
    assert not any(map(is_partial, ["letter.txt", ".letter.partial", ".imrgen-x.partial"]))
