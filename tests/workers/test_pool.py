"""Whatever a worker does, only its task is lost, and nothing is left behind."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import imrgen
from imrgen.batch import Batch, BatchOptions
from imrgen.diagnostics import LibraryError
from imrgen.preview.tasks import LetterRequest, PreviewResult, ShowLetter
from imrgen.preview.workers import Workers
from imrgen.workers import Failure, Limits, Pool, temporary_folder
from tests.batches import make_case
from tests.conftest import ROOT
from tests.workers import trouble
from tests.workers.trouble import LATE, SECRET, WAYS

pytestmark = pytest.mark.slow

LIMITS = Limits(timeout=1.5, memory=1024)


def limits(way: str) -> Limits:
    """Return a short time limit for what reaches it, and a long one for all else."""
    return LIMITS if WAYS[way][1] == LATE else Limits(timeout=60, memory=1024)


@pytest.fixture(autouse=True)
def nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hurry the kill of what ignores its time limit; no worker and no file of one may stay."""
    monkeypatch.setattr("imrgen.workers.worker.GRACE", 0.5)
    Pool(trouble.prepare, LIMITS).close()  # starts the fork server, which stays
    before = set(temporary_folder().rglob("*"))
    yield
    assert multiprocessing.active_children() == []
    assert set(temporary_folder().rglob("*")) == before


@pytest.mark.parametrize("way", WAYS)
def test_a_batch_loses_only_the_case_whose_worker_fails(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr("imrgen.batch.batch.start_runner", trouble.prepare_runner)
    cases = [make_case(n, **({"eams_number": way} if n == 4 else {})) for n in range(1, 11)]
    limit = limits(way)
    options: BatchOptions = {"jobs": 2, "timeout": limit.timeout, "memory": limit.memory}
    outcomes = list(Batch(cases, imrgen.Options(), formats=["text"], **options))
    assert [outcome.position for outcome in outcomes] == list(range(10))
    (failed,) = (outcome for outcome in outcomes if outcome.failed)
    (fault,) = failed.diagnostics
    assert (failed.position, fault.code) == (3, WAYS[way][1])
    assert fault.message.startswith("case 4: ")
    assert SECRET not in str(fault)


@pytest.mark.parametrize("way", [way for way in WAYS if not way.startswith("answer")])
def test_the_preview_loses_only_the_letter_whose_worker_fails(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr("imrgen.preview.workers._prepare", trouble.prepare_preview)

    def letter(draft: str) -> ShowLetter:
        request = LetterRequest(case=Path(), options=imrgen.Options(), draft=draft)
        return ShowLetter(request, "html")

    async def ask() -> list[PreviewResult]:
        workers = Workers(limits(way))
        try:
            failing = asyncio.create_task(workers.run(letter(way), "one"))
            other = await workers.run(letter("other"), "two")
            failed = await failing
            following = await workers.run(letter("following"), "one")
            return [failed, other, following]
        finally:
            workers.close()

    failed, other, following = asyncio.run(asyncio.wait_for(ask(), 60))
    (fault,) = failed.diagnostics
    assert fault.code == WAYS[way][1]
    assert SECRET not in str(fault)
    assert (other.content, following.content) == ({"html": "other"}, {"html": "following"})


def test_all_that_can_happen_at_once_costs_one_task_each() -> None:
    tasks = [each for number, way in enumerate(WAYS) for each in (f"before {number}", way)]
    with closing(Pool(trouble.prepare, LIMITS)) as pool:
        answers = dict(pool.run(tasks, jobs=2))
    assert len(answers) == len(tasks) == 2 * len(WAYS)
    assert {t: a.diagnostic.code for t, a in answers.items() if isinstance(a, Failure)} == {
        way: code for way, (_, code) in WAYS.items()
    }


def test_a_large_task_behind_one_that_hangs_does_not_block_the_pool() -> None:
    """The pipe does not hold it, and the worker does not read."""
    large = "x" * 10_000_000
    with closing(Pool(trouble.prepare, LIMITS)) as pool:
        answers = list(pool.run(["hangs in C", large, "last"], jobs=1))
    assert [task for task, answer in answers if isinstance(answer, Failure)] == ["hangs in C"]
    assert {task for task, _ in answers} == {"hangs in C", large, "last"}


def test_a_worker_is_replaced_after_so_many_tasks() -> None:
    with closing(Pool(trouble.prepare, LIMITS, replace_after=3)) as pool:
        answers = [answer for _, answer in pool.run(map(str, range(10)), jobs=1)]
        assert len(list(Path(pool._folder).iterdir())) == len(pool.workers) == 1
    processes = [process for process, _ in answers]
    assert [task for _, task in answers] == [str(number) for number in range(10)]
    assert [processes.count(each) for each in dict.fromkeys(processes)] == [3, 3, 3, 1]


def _prepare_nothing() -> None:
    os._exit(7)


def test_workers_that_end_before_they_begin_end_the_run() -> None:
    with (
        closing(Pool(_prepare_nothing, LIMITS)) as pool,  # type: ignore[arg-type]
        pytest.raises(LibraryError, match=r"IMR523.*exited with code 7"),
    ):
        list(pool.run(["a task"], jobs=2))


PROGRAM = """
import pathlib
from imrgen.workers import Limits, Pool

def prepare():
    def handle(task):
        pathlib.Path(task).touch()
        while True:
            pass
    return handle

if __name__ == "__main__":
    pool = Pool(prepare, Limits(timeout=600))
    workers = [pool.start(), pool.start()]
    workers[0].submit("begun")
    while not pathlib.Path("begun").exists():
        pass
    print(*(worker.process.pid for worker in workers), flush=True)
    workers[0].run("never")
"""


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose name is short enough for a socket."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def test_workers_end_with_a_process_that_is_killed_and_its_files_are_swept(
    tmp_path: Path, short_folder: Path
) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(short_folder)}
    running = subprocess.Popen(
        [sys.executable, "program.py"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE
    )
    assert running.stdout
    workers = running.stdout.readline().split()
    assert len(workers) == 2
    assert list(short_folder.iterdir())
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stdout.close()
    while any(Path(f"/proc/{int(worker)}").exists() for worker in workers):
        time.sleep(0.01)
    sweep = "from imrgen.workers import temporary_folder; temporary_folder()"
    subprocess.run([sys.executable, "-c", sweep], env=environment, check=True)
    assert list(short_folder.iterdir()) == []
