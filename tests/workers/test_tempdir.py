"""The temporary folder in a folder that all users of a machine share."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from imrgen.workers import tempdir

NAME = "imrgen-workers-strange"


def _linked_folder(shared: Path, outside: Path) -> None:
    (shared / NAME).symlink_to(outside)


def _linked_lock(shared: Path, outside: Path) -> None:
    (shared / NAME).mkdir()
    (shared / NAME / "lock").symlink_to(outside / "lock")


def _piped_lock(shared: Path, outside: Path) -> None:
    (shared / NAME).mkdir()
    os.mkfifo(shared / NAME / "lock")


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
        assert (folder / "lock").exists()


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
