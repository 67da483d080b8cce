"""A folder of an object store belongs to one batch at a time, and not to a dead one."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

import imrgen
from imrgen.batch import Batch
from imrgen.batch.outputs.object_store import ObjectStore
from tests.batches import make_case

BEAT, PATIENCE = 0.05, 1.0
LOCK = "/june/.imrgen-batch"


@pytest.fixture
def files() -> Iterator[fsspec.AbstractFileSystem]:
    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()


def store() -> ObjectStore:
    return ObjectStore("memory://june", BEAT, PATIENCE)


@pytest.mark.slow
def test_a_batch_that_is_alive_keeps_another_out_for_as_long_as_it_lasts(
    files: fsspec.AbstractFileSystem,
) -> None:
    with store().lock():
        time.sleep(2 * PATIENCE)
        with (
            pytest.raises(imrgen.OutputError, match="IMR505"),
            store().lock(),
        ):
            pass
    assert not files.exists(LOCK)
    with store().lock():
        assert files.exists(LOCK)


@pytest.mark.slow
def test_the_folder_of_a_batch_that_was_killed_is_taken_over(
    files: fsspec.AbstractFileSystem,
) -> None:
    files.pipe_file(LOCK, b"what a killed batch left")
    with store().lock():
        assert files.cat_file(LOCK) != b"what a killed batch left"
    assert not files.exists(LOCK)


TAKE_OVER = """
import fsspec
from imrgen.batch.outputs.object_store import ObjectStore
fsspec.filesystem("memory").pipe_file("/june/.imrgen-batch", b"what a killed batch left")
with ObjectStore("memory://june", heartbeat=0.05, timeout=0.1).lock():
    pass
"""


@pytest.mark.slow
def test_a_batch_that_waits_for_a_folder_says_so_on_standard_error() -> None:
    run = subprocess.run([sys.executable, "-c", TAKE_OVER], capture_output=True, text=True)
    assert run.stdout == ""
    assert run.stderr.splitlines() == [
        f"{LOCK} exists; waiting up to 0.1 s to see whether its batch is alive",
        f"{LOCK}: taken over from a batch that has ended",
    ]


def test_a_folder_whose_batch_ends_meanwhile_is_taken_at_once(
    files: fsspec.AbstractFileSystem,
) -> None:
    files.pipe_file(LOCK, b"a batch that is about to end")
    threading.Timer(2 * BEAT, files.rm_file, (LOCK,)).start()
    with ObjectStore("memory://june", BEAT, timeout=600).lock():
        assert files.exists(LOCK)


@pytest.mark.slow
def test_of_several_that_take_a_dead_batches_folder_over_at_once_one_gets_it(
    files: fsspec.AbstractFileSystem,
) -> None:
    files.pipe_file(LOCK, b"what a killed batch left")
    owners: list[int] = []
    refused: list[str] = []

    def take(number: int) -> None:
        try:
            with store().lock():
                owners.append(number)
                time.sleep(2 * PATIENCE)
        except imrgen.OutputError as error:
            refused.append(error.diagnostics[0].code)

    takers = [threading.Thread(target=take, args=(number,)) for number in range(3)]
    for each in takers:
        each.start()
    for each in takers:
        each.join()
    assert (len(owners), refused) == (1, ["IMR505"] * 2)


def test_a_batch_whose_folder_was_taken_over_stops_and_writes_no_manifest(
    files: fsspec.AbstractFileSystem,
) -> None:
    batch = Batch(
        [make_case(1), make_case(2)], imrgen.Renderer(), to="memory://june", formats=["text"]
    )
    outcomes = iter(batch)
    next(outcomes)
    files.pipe_file(LOCK, b"another batch's")
    with pytest.raises(imrgen.OutputError, match="this one writes no more"):
        list(outcomes)
    assert files.cat_file(LOCK) == b"another batch's"
    assert not files.exists("/june/manifest.jsonl")


def test_a_batch_finds_at_its_next_beat_that_its_folder_was_taken_over(
    files: fsspec.AbstractFileSystem, tmp_path: Path
) -> None:
    mine = store()
    with mine.lock() as manifest:
        mine.flush(manifest, is_last=False)
        files.pipe_file(LOCK, b"another batch's")
        with pytest.raises(imrgen.OutputError, match="IMR505"):
            for _ in range(600):
                time.sleep(BEAT)
                mine.flush(manifest, is_last=False)
    assert files.cat_file(LOCK) == b"another batch's"


def test_a_batch_in_a_store_is_found_there_again(files: fsspec.AbstractFileSystem) -> None:
    cases = [make_case(1), make_case(2)]
    for made in (2, 0):
        summary = imrgen.render_batch(
            cases, imrgen.Renderer(), to="memory://june", formats=["text"]
        )
        assert (summary.made, summary.failed) == (made, ())
    assert imrgen.verify_folder("memory://june") == []
    assert len(files.ls("/june")) == 3
