"""Worker processes that make letters: one for each tab, so that none waits for another."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

from imrgen.preview.worker import Answer, Desk, Job
from imrgen.workers import Failure, Limits, Pool, Worker

PATIENCE = 0.3
"""Seconds that a letter goes on being made once a newer one was asked for."""
MOST = 8
"""Worker processes at a time; the one that was idle longest is ended first."""


class Superseded(Exception):  # noqa: N818 - nothing is wrong
    """A newer letter was asked for meanwhile."""


class Workers:
    """The worker processes.

    Args:
        limits: What a worker may take for a letter.
    """

    def __init__(self, limits: Limits) -> None:
        self._pool = Pool(Desk, limits, preload=["imrgen.preview.preload"])
        self._threads = ThreadPoolExecutor(MOST * 2, "worker")
        self._tabs: OrderedDict[str, _Tab] = OrderedDict()

    async def do(self, job: Job, tab: str) -> Answer:
        """Have a job done.

        Args:
            job: The job.
            tab: For whom: a newer job for a tab supersedes the older ones.

        Raises:
            Superseded: A newer job for this tab came in before this one was done.
        """
        asking = self._tabs.pop(tab, None) or _Tab(self._pool, self._threads)
        self._tabs[tab] = asking
        idle = [name for name, other in self._tabs.items() if not other.is_busy and name != tab]
        for name in idle[: max(0, len(self._tabs) - MOST)]:
            self._tabs.pop(name).end()
        return await asking.do(job)

    def close(self) -> None:
        """End all processes and remove what they left."""
        for tab in self._tabs.values():
            tab.kill()
        self._threads.shutdown(wait=True)
        self._pool.close()


class _Tab:
    """A tab's jobs, one at a time, each in the tab's own worker."""

    def __init__(self, pool: Pool, threads: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._threads = threads
        self._worker: Worker | None = None
        self._turn = asyncio.Lock()
        self._newest = 0
        self._running = 0

    @property
    def is_busy(self) -> bool:
        return self._turn.locked()

    async def do(self, job: Job) -> Answer:
        # An image is of a letter that is there already, and supersedes none.
        self._newest += job.kind != "image"
        mine = self._newest
        while not await self._acquire():
            # More than once: the process may only just be starting.
            if mine == self._newest and self._running < mine:
                self.kill()
        try:
            if mine < self._newest:
                raise Superseded
            self._running = mine
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(self._threads, self._exchange, job)
            if not isinstance(answer, Failure):
                return answer
            if mine < self._newest:
                raise Superseded
            return Answer(diagnostics=(answer.diagnostic,))
        finally:
            self._turn.release()

    def kill(self) -> None:
        """Kill the worker; whoever waits for its answer learns of it."""
        worker = self._worker
        if worker is not None:
            worker.kill()

    def end(self) -> None:
        """End the worker, which is idle."""
        if self._worker is not None:
            self._pool.discard(self._worker)
            self._worker = None

    def _exchange(self, job: Job) -> Answer | Failure:
        if self._worker is None or not self._worker.is_usable:
            self.end()
            self._worker = self._pool.start()
        answer: Answer | Failure = self._worker.do(job)
        return answer

    async def _acquire(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._turn.acquire()
        except TimeoutError:
            return False
