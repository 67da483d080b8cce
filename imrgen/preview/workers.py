"""The preview's worker processes: each tab has its own, so that no tab waits for another."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from imrgen.preview.tasks import DrawPage, PreviewResult, Task
from imrgen.workers import Failure, Limits, Pool, Worker

# Seconds after which a task is ended once a newer one has been asked for.
_PATIENCE = 0.3
# Worker processes at a time; of too many, the one that has been idle longest is ended.
_MAX_WORKERS = 8


class Superseded(Exception):  # noqa: N818 - nothing is wrong
    """A newer task was asked for before this one was done."""


class Workers:
    """The worker processes.

    Args:
        limits: The limits of a task.
    """

    def __init__(self, limits: Limits) -> None:
        self._pool = Pool(_prepare, limits, preload=["imrgen.preview.preload"])
        self._threads = ThreadPoolExecutor(_MAX_WORKERS * 2, "worker")
        self._queues: OrderedDict[str, _Queue] = OrderedDict()

    async def run(self, task: Task, tab: str) -> PreviewResult:
        """Run a task in a worker.

        Args:
            task: The task.
            tab: Who asks: a newer task of a tab supersedes its older ones.

        Raises:
            Superseded: A newer task of this tab came in before this one was done.
        """
        queue = self._queues.pop(tab, None) or _Queue(self._pool, self._threads)
        self._queues[tab] = queue
        idle = [name for name, other in self._queues.items() if not other.is_busy and name != tab]
        for name in idle[: max(0, len(self._queues) - _MAX_WORKERS)]:
            self._queues.pop(name).end()
        return await queue.run(task)

    def close(self) -> None:
        """End all processes and remove their files."""
        for queue in self._queues.values():
            queue.kill()
        self._threads.shutdown(wait=True)
        self._pool.close()


class _Queue:
    """The tasks of a tab, one at a time, in the tab's own worker."""

    def __init__(self, pool: Pool, threads: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._threads = threads
        self._worker: Worker | None = None
        self._lock = asyncio.Lock()
        self._newest = 0
        self._running = 0

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
        worker = self._worker
        if worker is not None:
            worker.kill()

    def end(self) -> None:
        """End the worker, which is idle."""
        if self._worker is not None:
            self._pool.discard(self._worker)
            self._worker = None

    def _run_in_worker(self, task: Task) -> PreviewResult | Failure:
        if self._worker is None or not self._worker.is_usable:
            self.end()
            self._worker = self._pool.start()
        result: PreviewResult | Failure = self._worker.run(task)
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
