"""A Dask cluster that is there already, as an executor."""

from __future__ import annotations

import contextlib
import importlib
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import Any

from imrgen.batch.cross_case import Index
from imrgen.diagnostics import Diagnostic, LibraryError, WorkerError, codes

_WAIT = 10
_REMEMBERED = 10


class Cluster(Executor):
    """The workers of a Dask scheduler.

    Args:
        client: A client of `distributed`.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)
        self._max_workers = max(1, sum(client.ncores().values()))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a worker call a function."""
        future: Future[Any] = self._executor.submit(fn, *args, **kwargs)
        return future

    def share(self, index: Index) -> Any:
        """Return what stands for an index in the arguments of `submit`.

        The index is sent to the scheduler once, as a task of its own: a worker that comes later, or
        in place of one that was lost, gets it from another, or has that task done again.
        """
        with warnings.catch_warnings():
            # Dask would rather have it scattered, but then it is gone with the worker that it went
            # to.
            warnings.filterwarnings("ignore", "Sending large graph")
            return self._client.submit(_same, index, pure=False)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Release the client's tasks; the cluster stays."""
        self._executor.shutdown(wait=wait)


def _same(index: Index) -> Index:
    return index


@contextlib.contextmanager
def connect(address: str) -> Iterator[Cluster]:
    """Connect to a Dask scheduler.

    Args:
        address: `tcp://host:port`.

    Raises:
        LibraryError: `distributed` is not installed.
        WorkerError: The scheduler cannot be reached.
    """
    try:
        distributed: Any = importlib.import_module("distributed")
        dask: Any = importlib.import_module("dask")
    except ImportError:
        hint = "pip install 'imrgen[dask]'"
        raise LibraryError(
            [Diagnostic(codes.EXTRA_MISSING, "Dask is not installed", hints=(hint,))]
        ) from None
    try:
        # It keeps the last thousand messages for whoever debugs it, whole: 25 to 50 cases each.
        with dask.config.set({"distributed.admin.low-level-log-length": _REMEMBERED}):
            client = distributed.Client(address, timeout=_WAIT, set_as_default=False)
    except (OSError, ValueError):
        hint = "start one with `dask scheduler`, and workers with `dask worker`"
        message = f"there is no Dask scheduler at {address}"
        raise WorkerError(
            [Diagnostic(codes.SCHEDULER_UNREACHABLE, message, hints=(hint,))]
        ) from None
    with client, Cluster(client) as cluster:
        yield cluster
