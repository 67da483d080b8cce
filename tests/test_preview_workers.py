"""Worker processes: newest wins, one tab does not wait for another, and what was killed is not asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from imrgen.preview.rendering import Answer, Job
from imrgen.preview.workers import Superseded, Workers
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
LOOP = "{% for a in 'x' * 99999 %}{% for b in 'x' * 99999 %}{% endfor %}{% endfor %}"


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers(60)
    yield workers
    workers.close()


@pytest.fixture
def endless(tmp_path: Path) -> Job:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / "clinical_summary.html").write_text(LOOP)
    return Job(kind="html", case=STARTER, pack="imr", templates=(tmp_path,))


@pytest.mark.parametrize("turn", range(5))
def test_a_newer_job_ends_an_endless_one_and_is_done(workers: Workers, endless: Job, turn: int) -> None:
    async def run() -> tuple[object, Answer]:
        first = asyncio.create_task(workers.do(endless, "tab"))
        await asyncio.sleep(0)
        newer = await workers.do(Job(kind="html", case=STARTER), "tab")
        return (await asyncio.gather(first, return_exceptions=True))[0], newer

    first, newer = asyncio.run(asyncio.wait_for(run(), 50))
    assert isinstance(first, Superseded)
    assert "HOW THE IMR FINAL DETERMINATION" in newer.content["html"], newer.diagnostics


def test_an_endless_job_of_one_tab_lets_another_tab_go_on(workers: Workers, endless: Job) -> None:
    async def run() -> bool:
        endless_task = asyncio.create_task(workers.do(endless, "one"))
        other = await workers.do(Job(kind="text", case=STARTER), "two")
        done = endless_task.done()
        await asyncio.gather(workers.do(Job(kind="text", case=STARTER), "one"), endless_task, return_exceptions=True)
        return not done and "CLINICAL CASE SUMMARY" in other.content["text"]

    assert asyncio.run(asyncio.wait_for(run(), 50))
