"""The preview's worker processes: each tab has its own, so that no tab waits for another."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager

from imrgen.pack import DEFAULT_ENGINE, EngineName
from imrgen.preview.tasks import DrawPage, PreviewResult, Task
from imrgen.workers import Failure, Limits, Pool, Worker

# Seconds after which a task is ended once a newer one has been asked for.
_PATIENCE = 0.3
# Worker processes at a time: of too many, the one that has been idle longest is ended, and where
# all are busy, a task waits.
_MAX_WORKERS = 8

_ENGINES: Mapping[EngineName, str] = {
    "weasyprint": "imrgen.preview.preload_weasyprint",
    "typst": "imrgen.export.pdf.typst.engine",
}
"""What is loaded of each engine before workers are forked. Typst, which has threads of its own, may
not be used by then."""


class Superseded(Exception):  # noqa: N818 - nothing is wrong
    """A newer task was asked for before this one was done."""


class Workers:
    """The worker processes.

    Args:
        limits: The limits of a task.
        engine: What sets most of the PDFs, to be loaded before it is asked for.
    """

    def __init__(self, limits: Limits, engine: EngineName = DEFAULT_ENGINE) -> None:
        preload = ["imrgen.preview.preload", _ENGINES[engine]]
        self._pool = Pool(_prepare, limits, preload=preload)
        self._threads = ThreadPoolExecutor(_MAX_WORKERS * 2, "worker")
        self._queues: OrderedDict[str, _Queue] = OrderedDict()
        self._slots = asyncio.Semaphore(_MAX_WORKERS)

    async def run(self, task: Task, tab: str) -> PreviewResult:
        """Run a task in a worker.

        Args:
            task: The task.
            tab: Who asks: a newer task of a tab supersedes its older ones.

        Raises:
            Superseded: A newer task of this tab came in before this one was done.
        """
        queue = self._queues.pop(tab, None) or _Queue(self._pool, self._threads, self._slot)
        self._queues[tab] = queue
        return await queue.run(task)

    @contextlib.asynccontextmanager
    async def _slot(self, queue: _Queue) -> AsyncIterator[None]:
        """Wait until the worker of a queue may run; end others that have been idle longest."""
        async with self._slots:
            others = [each for each in self._queues.values() if each.has_worker and each != queue]
            idle = [other for other in others if not other.is_running]
            for other in idle[: max(0, len(others) + 1 - _MAX_WORKERS)]:
                other.end()
            for tab, other in [*self._queues.items()]:
                if not (other.has_worker or other.is_busy):
                    del self._queues[tab]
            queue.is_running = True
            try:
                yield
            finally:
                queue.is_running = False

    def close(self) -> None:
        """End all processes and remove their files."""
        for queue in self._queues.values():
            queue.kill()
        self._threads.shutdown(wait=True)
        self._pool.close()


class _Queue:
    """The tasks of a tab, one at a time, in the tab's own worker."""

    def __init__(
        self,
        pool: Pool,
        threads: ThreadPoolExecutor,
        slot: Callable[[_Queue], AbstractAsyncContextManager[None]],
    ) -> None:
        self._pool = pool
        self._slot = slot
        self._threads = threads
        self.worker: Worker | None = None
        self.is_running = False
        self._lock = asyncio.Lock()
        self._newest = 0
        self._running = 0

    @property
    def has_worker(self) -> bool:
        """Whether its worker process has been started, or is about to be."""
        return self.is_running or self.worker is not None

    @property
    def is_busy(self) -> bool:
        return self._lock.locked()

    async def run(self, task: Task) -> PreviewResult:
        # A page is drawn of a letter that has been made already, and supersedes no other task.
        self._newest += not isinstance(task, DrawPage)
        number = self._newest
        while not await self._acquire():
            # More than once: the process may only just be starting.
            if number == self._newest and self._running < number:
                self.kill()
        try:
            async with self._slot(self):
                if number < self._newest:
                    raise Superseded
                self._running = number
                loop = asyncio.get_running_loop()
                result = await loop.run_in_executor(self._threads, self._run_in_worker, task)
            if not isinstance(result, Failure):
                return result
            if number < self._newest:
                raise Superseded
            return PreviewResult(diagnostics=(result.diagnostic,))
        finally:
            self._lock.release()

    def kill(self) -> None:
        """Kill the worker; whoever waits for its result gets a `Failure`."""
        worker = self.worker
        if worker is not None:
            worker.kill()

    def end(self) -> None:
        """End the worker, which is idle."""
        if self.worker is not None:
            self._pool.discard(self.worker)
            self.worker = None

    def _run_in_worker(self, task: Task) -> PreviewResult | Failure:
        if self.worker is None or not self.worker.is_usable:
            self.end()
            self.worker = self._pool.start()
        result: PreviewResult | Failure = self.worker.run(task)
        return result

    async def _acquire(self) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._lock.acquire()
        except TimeoutError:
            return False


def _prepare() -> Callable[[Task], PreviewResult]:
    # The server needs neither PDFium nor the tracing of words, which take 60 ms to load.
    from imrgen.preview.worker import TaskHandler

    return TaskHandler()
