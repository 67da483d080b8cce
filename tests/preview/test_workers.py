"""Worker processes: the newest task wins, and no tab waits for another."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import imrgen
from imrgen.preview.tasks import LetterRequest, PreviewResult, ShowForm, ShowLetter, View
from imrgen.preview.workers import Superseded, Workers
from imrgen.workers import Limits
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

STARTER = ROOT / "imrgen" / "starter.toml"
LOOP = "{% for a in 'x' * 99999 %}{% for b in 'x' * 99999 %}{% endfor %}{% endfor %}"


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers(Limits(timeout=60))
    yield workers
    workers.close()


def starter(view: View = "html", *templates: Path) -> ShowLetter:
    options = imrgen.Options(pack="imr", templates=tuple(map(str, templates)))
    return ShowLetter(LetterRequest(case=STARTER, options=options), view)


@pytest.fixture
def endless(tmp_path: Path) -> ShowLetter:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text(LOOP)
    return starter("html", tmp_path)


@pytest.mark.parametrize("turn", range(5))
def test_a_newer_task_ends_an_endless_one_and_is_done(
    workers: Workers, endless: ShowLetter, turn: int
) -> None:
    async def run() -> tuple[object, PreviewResult]:
        first = asyncio.create_task(workers.run(endless, "tab"))
        await asyncio.sleep(0)
        newer = await workers.run(starter(), "tab")
        return (await asyncio.gather(first, return_exceptions=True))[0], newer

    first, newer = asyncio.run(asyncio.wait_for(run(), 50))
    assert isinstance(first, Superseded)
    assert "HOW THE IMR FINAL DETERMINATION" in newer.content["html"], newer.diagnostics


def test_no_more_workers_run_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imrgen.preview.workers._MAX_WORKERS", 2)
    workers = Workers(Limits(timeout=60))
    letter = LetterRequest(case=STARTER, options=imrgen.Options(), draft=STARTER.read_text())
    task = ShowForm(letter)

    async def run() -> list[int]:
        running = []

        async def one(tab: int) -> None:
            result = await workers.run(task, f"tab {tab % 4}")
            assert result.content["form"]
            running.append(len(workers._pool.workers))

        await asyncio.gather(*map(one, range(4)))
        await one(5)
        return running

    try:
        assert max(asyncio.run(asyncio.wait_for(run(), 50))) <= 2
    finally:
        workers.close()


async def _run(limits: Limits, task: ShowLetter) -> PreviewResult:
    workers = Workers(limits)
    try:
        return await asyncio.wait_for(workers.run(task, "tab"), 50)
    finally:
        workers.close()


@pytest.mark.parametrize(
    "glutton",
    ["{{ 'x' * 4000000000 }}", "{% for a in 'x' * 999999 %}{{ (a * 999) | safe }}{% endfor %}"],
)
def test_the_line_at_which_memory_runs_out_is_reported(tmp_path: Path, glutton: str) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text(f"<p>\n<p>{glutton}")
    task = starter("html", tmp_path)
    result = asyncio.run(_run(Limits(timeout=60, memory=1024), task))
    (found,) = (each for each in result.diagnostics if each.severity == "error")
    assert (found.code, found.message) == ("IMR513", "took more memory than a letter may")
    assert found.span is not None
    assert (Path(found.span.file).name, found.span.line, found.span.column) == (
        "clinical_summary.html",
        2,
        4,
    )
    assert [Path(place.file).name for place in found.trace][:1] == ["determination.html"]
    assert tmp_path / "blocks" / "clinical_summary.html" in result.stamps


def test_an_endless_task_of_one_tab_does_not_stop_another_tab(
    workers: Workers, endless: ShowLetter
) -> None:
    async def run() -> bool:
        endless_task = asyncio.create_task(workers.run(endless, "one"))
        other = await workers.run(starter("text"), "two")
        done = endless_task.done()
        await asyncio.gather(
            workers.run(starter("text"), "one"), endless_task, return_exceptions=True
        )
        return not done and "CLINICAL CASE SUMMARY" in other.content["text"]

    assert asyncio.run(asyncio.wait_for(run(), 50))


PROGRAM = """
import asyncio
from imrgen.compose import Sandbox
from imrgen.preview import workers
from imrgen.preview.tasks import DrawPage, PreviewResult
from imrgen.workers import Limits

def prepare():
    return lambda task: PreviewResult(content={"compiled": len(Sandbox.compiled)})

async def main():
    pool = workers.Workers(Limits())
    result = await pool.run(DrawPage(b"", 0, 1.0), "tab")
    pool.close()
    print(result.content["compiled"], len(Sandbox.compiled))

if __name__ == "__main__":
    workers._prepare = prepare
    asyncio.run(main())
"""


@pytest.mark.parametrize("layout", ["checkout", "wheel"])
def test_a_worker_starts_with_the_templates_compiled(tmp_path: Path, layout: str) -> None:
    """A wheel holds the packs in the package, a checkout beside it."""
    if layout == "wheel":
        shutil.copytree(ROOT / "imrgen", tmp_path / "imrgen")
        shutil.copytree(ROOT / "templates", tmp_path / "imrgen" / "templates")
    (tmp_path / "program.py").write_text(PROGRAM)
    home = tmp_path if layout == "wheel" else ROOT
    environment = {**os.environ, "PYTHONPATH": str(home)}
    run = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    in_worker, here = map(int, run.stdout.split())
    assert here == 0, "the program itself makes no letter"
    assert in_worker > 3
