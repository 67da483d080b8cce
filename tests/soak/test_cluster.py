"""Batches on a Dask cluster and into an S3 store, both real and both on this machine."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import s3fs

import imrgen
from tests.batches import letters, lines, timeless, write_lines
from tests.command_line import start
from tests.conftest import ROOT

COUNT = 600
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@contextlib.contextmanager
def process(*command: str, says: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a server until it says that it is there, and end it; gives what it said."""
    server = subprocess.Popen(
        command,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert server.stdout
        for line in server.stdout:
            if found := re.search(says, line):
                threading.Thread(target=server.stdout.read, daemon=True).start()
                yield server, found[1]
                break
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def dask_worker(
    address: str,
) -> contextlib.AbstractContextManager[tuple[subprocess.Popen[str], str]]:
    """Run a worker that nobody starts again."""
    return process(
        sys.executable,
        "-m",
        "distributed.cli.dask_worker",
        address,
        "--nthreads",
        "1",
        "--no-nanny",
        "--no-dashboard",
        says="(Registered) to",
    )


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    scheduler = process(
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        says=r"Scheduler at:\s+(tcp://127.0.0.1:\d+)",
    )
    with (
        scheduler as (_, address),
        dask_worker(address) as (first, _),
        dask_worker(address) as (second, _),
    ):
        yield address, [first, second]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    moto = str(Path(sys.executable).parent / "moto_server")
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
        ENVIRONMENT[name] = value
    with process(moto, "-H", "127.0.0.1", "-p", "0", says=r"Running on (http://127.0.0.1:\d+)") as (
        _,
        address,
    ):
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        ENVIRONMENT["AWS_ENDPOINT_URL"] = address
        s3fs.S3FileSystem.clear_instance_cache()  # they remember the address of an earlier test
        s3fs.S3FileSystem().mkdir("letters")
        yield "s3://letters"


def test_a_cluster_that_loses_a_worker_makes_all_letters_once(
    tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[str]]]
) -> None:
    address, workers = cluster
    path = write_lines(tmp_path / "cases.jsonl", COUNT)

    def lose_one() -> None:
        manifest = tmp_path / "out/manifest.jsonl"
        while not manifest.exists() or manifest.read_bytes().count(b"\n") < COUNT // 4:
            time.sleep(0.01)
        workers[0].kill()

    threading.Thread(target=lose_one, daemon=True).start()
    made = start(
        "batch", path, "-o", "out", "-f", "text", "-f", "html", "--scheduler", address, cwd=tmp_path
    )
    assert made.returncode == 0, made.stderr
    assert workers[0].poll() is not None
    assert made.stdout.startswith(f"{COUNT} made, 0 unchanged, 0 failed")
    files = Counter(line["file"] for line in lines(tmp_path / "out") if line["outcome"] == "made")
    assert len(files) == 2 * COUNT
    assert set(files.values()) == {1}
    assert imrgen.verify_folder(tmp_path / "out") == []
    start("batch", path, "-o", "local", "-f", "text", "-f", "html", cwd=tmp_path)
    assert letters(tmp_path / "local") == letters(tmp_path / "out")
    assert timeless(tmp_path / "local") == timeless(tmp_path / "out")


def test_letters_go_to_s3_and_are_found_there_again(tmp_path: Path, bucket: str) -> None:
    path = write_lines(tmp_path / "cases.jsonl", 60)
    made = start("batch", path, "-o", f"{bucket}/june", "-f", "text", cwd=tmp_path)
    assert made.stdout.startswith("60 made, 0 unchanged, 0 failed"), made.stderr
    again = start("batch", path, "-o", f"{bucket}/june", "-f", "text", cwd=tmp_path)
    assert again.stdout.startswith("0 made, 60 unchanged, 0 failed"), again.stderr
    assert imrgen.verify_folder(f"{bucket}/june") == []
    store = s3fs.S3FileSystem()
    store.pipe_file(f"{bucket}/june/CM16-0000007-determination.txt", b"another letter")
    assert [d.code for d in imrgen.verify_folder(f"{bucket}/june")] == ["IMR508"]


def test_a_killed_batch_in_s3_is_gone_on_with_and_a_live_one_is_not(
    tmp_path: Path, bucket: str
) -> None:
    """The first has enough to do to last until the second has been refused.

    That takes the second a while, since it looks for the first one's beat.
    """
    path = write_lines(tmp_path / "cases.jsonl", 400)
    words = ["batch", str(path), "-o", f"{bucket}/june"]
    first = subprocess.Popen(
        [sys.executable, "-m", "imrgen", *words, "--jobs", "1"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    store = s3fs.S3FileSystem()
    while len(_listed(store, f"{bucket}/june")) < 20:
        time.sleep(0.1)
        assert first.poll() is None
    refused = start("batch", *words[1:], cwd=tmp_path)
    assert refused.returncode == 1
    assert "IMR505" in refused.stderr
    assert first.poll() is None
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert store.exists(f"{bucket}/june/.imrgen-batch")
    again = start("batch", *words[1:], cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "taken over from a batch that has ended" in again.stderr
    assert imrgen.verify_folder(f"{bucket}/june") == []
    assert len(_listed(store, f"{bucket}/june")) == 401


def _listed(store: s3fs.S3FileSystem, folder: str) -> list[str]:
    store.invalidate_cache()
    return store.ls(folder, detail=False) if store.exists(folder) else []


def test_the_workers_of_a_cluster_write_to_s3(
    tmp_path: Path, bucket: str, cluster: tuple[str, list[subprocess.Popen[str]]]
) -> None:
    path = write_lines(tmp_path / "cases.jsonl", 60)
    made = start(
        "batch",
        path,
        "-o",
        f"{bucket}/july",
        "-f",
        "text",
        "--scheduler",
        cluster[0],
        cwd=tmp_path,
    )
    assert made.stdout.startswith("60 made, 0 unchanged, 0 failed"), made.stderr
    assert imrgen.verify_folder(f"{bucket}/july") == []


def test_a_scheduler_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "cases.jsonl", 1)
    made = start(
        "batch", path, "-o", "out", "-f", "text", "--scheduler", "tcp://127.0.0.1:9", cwd=tmp_path
    )
    assert made.returncode == 1
    assert "IMR516" in made.stderr
