"""Worker processes that make letters: one for each tab, so that none waits for another; each can be ended at any time.

They are forked from a process that has loaded everything already, so that a new one is there in a
few milliseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import multiprocessing.forkserver
import shutil
import tempfile
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from imrgen.diagnostics import Diagnostic, codes
from imrgen.preview.worker import Answer, Job, work

MEMORY = 2 * 2**30
"""Bytes of address space that a worker may take."""
PATIENCE = 0.3
"""Seconds that a letter goes on being made once a newer one was asked for."""
MOST = 8
"""Worker processes at a time; the one that was idle longest goes first."""
_GRACE = 1.0


class Superseded(Exception):  # noqa: N818 - nothing is wrong
    """A newer letter was asked for meanwhile."""


class Workers:
    """The worker processes.

    Args:
        seconds: How long a letter may take to be made.
    """

    def __init__(self, seconds: float = 10.0) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["imrgen.preview.preload"])
        multiprocessing.forkserver.ensure_running()
        self._seconds = seconds
        self._temporary = tempfile.mkdtemp(prefix="imrgen-preview-")
        self._threads = ThreadPoolExecutor(MOST * 2, "worker")
        self._workers: OrderedDict[str, _Worker] = OrderedDict()

    async def do(self, job: Job, tab: str) -> Answer:
        """Have a job done.

        Args:
            job: The job.
            tab: For whom: a newer job for a tab supersedes the older ones.

        Raises:
            Superseded: A newer job for this tab came in before this one was done.
        """
        worker = self._workers.pop(tab, None) or _Worker(self)
        self._workers[tab] = worker
        idle = [name for name, other in self._workers.items() if not other.busy and name != tab]
        for name in idle[: max(0, len(self._workers) - MOST)]:
            self._workers.pop(name).end()
        return await worker.do(job)

    def close(self) -> None:
        """End all processes and remove what they left."""
        for worker in self._workers.values():
            worker.end()
        self._threads.shutdown(wait=True)
        shutil.rmtree(self._temporary, ignore_errors=True)

    def start(self) -> tuple[BaseProcess, Connection]:
        """Start a process."""
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=work, args=(theirs, self._seconds, MEMORY, self._temporary), daemon=True
        )
        process.start()
        theirs.close()
        return process, ours

    async def exchange(self, worker: _Worker, job: Job) -> Answer | None:
        """Send a job and wait for the answer; `None` where the process ended or had to be ended."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._exchange, worker, job
        )

    def _exchange(self, worker: _Worker, job: Job) -> Answer | None:
        if worker.process is None or not worker.process.is_alive():
            worker.process, worker.pipe = self.start()
        with contextlib.suppress(EOFError, OSError):
            worker.pipe.send(job)
            if worker.pipe.poll(self._seconds + _GRACE):
                answer: Answer = worker.pipe.recv()
                return answer
        # A process that is being killed may seem alive for a moment: the next job must not go to
        # it.
        worker.end()
        worker.process = None
        worker.pipe.close()
        return None


class _Worker:
    def __init__(self, workers: Workers) -> None:
        self.process: BaseProcess | None = None
        self.pipe: Connection
        self._workers, self._turn = workers, asyncio.Lock()
        self._newest, self._running = 0, 0

    @property
    def busy(self) -> bool:
        return self._turn.locked()

    async def do(self, job: Job) -> Answer:
        # An image is of a letter that is there already, and supersedes none.
        self._newest += job.kind != "image"
        mine = self._newest
        while not await self._acquire():
            # More than once: the process may only just be starting.
            if mine == self._newest and self._running < mine:
                self.end()
        try:
            if mine < self._newest:
                raise Superseded
            self._running = mine
            began = time.monotonic()
            answer = await self._workers.exchange(self, job)
            if answer is None:
                if mine < self._newest:
                    raise Superseded
                took = time.monotonic() - began
                said = (
                    "takes too long"
                    if took >= self._workers._seconds
                    else "takes more than a letter may"
                )
                return Answer(
                    diagnostics=(
                        Diagnostic(
                            codes.LIMIT_REACHED, f"the letter could not be made: this {said}"
                        ),
                    )
                )
            return answer
        finally:
            self._turn.release()

    async def _acquire(self) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._turn.acquire()
        except TimeoutError:
            return False

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
