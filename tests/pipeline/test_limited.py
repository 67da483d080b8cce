"""Letters under limits of time and memory: as without them, and ended where they are reached."""

from __future__ import annotations

import asyncio
import io
import os
import pickle
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import imrgen
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
ENDLESS = "{% for a in 'x' * 99999 %}{% for b in 'x' * 99999 %}{% endfor %}{% endfor %}"
BLOCK = f"{{% if 'endless' in clinical_summary %}}\n{ENDLESS}{{% endif %}}<p>x</p>"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    (folder / "blocks").mkdir()
    (folder / "blocks" / "clinical_summary.html").write_text(BLOCK)
    return folder


@pytest.fixture(scope="module")
def limited(templates: Path) -> Iterator[imrgen.LimitedRenderer]:
    renderer = imrgen.LimitedRenderer(templates=[templates], limits=imrgen.Limits(300, 2048))
    yield renderer
    renderer.close()


@pytest.fixture
def endless(case: dict[str, Any]) -> dict[str, Any]:
    return case | {"clinical_summary": "An endless text."}


@pytest.mark.slow
def test_a_letter_is_the_same_as_without_limits(
    limited: imrgen.LimitedRenderer, templates: Path
) -> None:
    plain = imrgen.Renderer(templates=[templates]).render(STARTER)
    with STARTER.open("rb") as stream:
        letter = limited.render(stream, formats=["text"])
    assert letter.text == plain.text
    assert letter.html == plain.html
    assert letter.provenance == plain.provenance
    assert letter.origin(0) == plain.origin(0)
    assert pickle.loads(pickle.dumps(letter)).html == plain.html
    assert limited.check(STARTER, formats=()) == imrgen.check(
        STARTER, templates=[templates], formats=()
    )


def test_what_is_wrong_is_raised_as_without_limits(
    limited: imrgen.LimitedRenderer, case: dict[str, Any]
) -> None:
    del case["case"]
    errors = []
    for make in (limited.render, imrgen.render):
        with pytest.raises(imrgen.CaseError) as error:
            make(case)
        errors.append(error.value.diagnostics)
    assert errors[0] == errors[1]


@pytest.mark.slow
def test_a_case_that_takes_too_long_costs_itself_only(
    templates: Path, endless: dict[str, Any]
) -> None:
    limited = imrgen.LimitedRenderer(templates=[templates], limits=imrgen.Limits(2, 2048))
    with pytest.raises(imrgen.LimitError) as error:
        limited.render(endless)
    assert [each.code for each in error.value.diagnostics] == ["IMR512"]
    assert [each.code for each in limited.check(endless)] == ["IMR512"]


PACK = 'name = "acme"\ntitle = "Acme"\nversion = "1"\nextends = "imr"\n'
MISSING = PACK + f"styles = {[f'{number}.css' for number in range(200_000)]}\n"
"""For each of its style sheets, the nearest name that there is takes time to find."""


def zipped(files: dict[str, str]) -> zipfile.Path:
    archive = zipfile.ZipFile(io.BytesIO(), "w")
    for name, content in files.items():
        archive.writestr(name, content)
    return zipfile.Path(archive)


def in_folder(files: dict[str, str], folder: Path) -> Path:
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mapping", "view", "zip", "folder"])
def test_a_pack_is_loaded_within_the_limits(kind: str, tmp_path: Path) -> None:
    def given(manifest: str) -> Any:
        files = {"pack.toml": manifest}
        if kind == "zip":
            return zipped(files)
        if kind == "folder":
            return in_folder(files, tmp_path)
        return MappingProxyType(files) if kind == "view" else files

    with pytest.raises(imrgen.LimitError) as reached:
        imrgen.LimitedRenderer(templates=given(MISSING), limits=imrgen.Limits(timeout=0.3))
    assert [each.code for each in reached.value.diagnostics] == ["IMR512"]
    refusals = []
    for make in (imrgen.Renderer, imrgen.LimitedRenderer):
        with pytest.raises(imrgen.PackError) as refused:
            make(templates=given(PACK + "x = 1\n"))
        refusals.append(refused.value.diagnostics)
    assert refusals[0] == refusals[1]
    limited = imrgen.LimitedRenderer(templates=given(PACK))
    assert limited.pack == imrgen.load_pack(None, given(PACK))
    assert limited.render(STARTER).provenance["pack"] == "acme 1"
    limited.close()


@pytest.mark.slow
def test_a_task_that_is_cancelled_ends_its_worker(
    limited: imrgen.LimitedRenderer, endless: dict[str, Any]
) -> None:
    async def cancelled() -> imrgen.Letter:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(limited.render_async(endless), 0.01)
        # Others go on meanwhile; the one worker is free again.
        return await limited.render_async(STARTER, formats=["html"])

    assert "Determination" in asyncio.run(cancelled()).html


class Slots:
    """A semaphore that tells when somebody waits for it."""

    def __init__(self, acquire: Callable[[], object], release: Callable[[], object]) -> None:
        self.acquire = acquire
        self.release = release

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def test_a_task_that_is_cancelled_while_it_waits_costs_no_worker(
    limited: imrgen.LimitedRenderer,
) -> None:
    limited.render(STARTER)
    workers = limited._workers
    before = list(workers._pool.workers)

    async def cancelled() -> None:
        waiting = threading.Event()

        def acquire(*_: object) -> bool:
            waiting.set()
            return slots.acquire()

        slots = workers._slots
        slots.acquire()
        workers._slots = Slots(acquire, slots.release)
        task = asyncio.create_task(limited.render_async(STARTER))
        await asyncio.to_thread(waiting.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        workers._slots = slots
        slots.release()
        await asyncio.get_running_loop().shutdown_default_executor()

    asyncio.run(cancelled())
    assert "Determination" in limited.render(STARTER).html
    assert workers._pool.workers == before


FORKED = """
import multiprocessing, os, sys
import imrgen

def text(renderer, case, queue=None):
    made = renderer.render(case).text
    return queue.put(made) if queue else made

def daemonic(queue):
    errors = []
    for call in (
        lambda: imrgen.LimitedRenderer(),
        lambda: imrgen.render_batch(sys.argv[1], imrgen.Options(), formats=["text"]),
    ):
        try:
            call()
        except imrgen.WorkerError as error:
            errors.append(str(error))
    summary = imrgen.render_batch(sys.argv[1], imrgen.Options(), formats=["text"], jobs=0)
    queue.put((errors, summary.made))

if __name__ == "__main__":
    renderer = imrgen.LimitedRenderer()
    wanted = text(renderer, sys.argv[1])
    (worker,) = renderer._workers._pool.workers
    child = os.fork()
    if not child:
        assert text(renderer, sys.argv[1]) == wanted
        del renderer
        sys.exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=text, args=(renderer, sys.argv[1], queue))
    process.start()
    assert queue.get(timeout=60) == wanted
    process.join()
    assert text(renderer, sys.argv[1]) == wanted
    assert renderer._workers._pool.workers == [worker]
    process = context.Process(target=daemonic, args=(queue,), daemon=True)
    process.start()
    errors, made = queue.get(timeout=60)
    process.join()
    assert len(errors) == 2 and all("jobs=0" in each and "executor=" in each for each in errors)
    assert made == 1
    print("done")
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_processes_that_are_forked_take_no_worker_of_another(tmp_path: Path) -> None:
    """Each has workers of its own; a daemonic one, which may have none, is told what to do."""
    script = tmp_path / "main.py"
    script.write_text(FORKED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, STARTER],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.stdout == "done\n", done.stderr


UNGUARDED = """
import sys
import imrgen
try:
    imrgen.render(sys.argv[1], limits=imrgen.Limits(20))
except imrgen.WorkerError as error:
    print(error)
"""


@pytest.mark.slow
def test_a_program_whose_main_module_starts_workers_when_imported_is_told_so(
    tmp_path: Path,
) -> None:
    script = tmp_path / "main.py"
    script.write_text(UNGUARDED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, STARTER],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "__name__ == '__main__'" in done.stdout
    assert "IMR523" in done.stdout
