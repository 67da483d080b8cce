"""A running Dask cluster as an executor."""

import contextlib
import importlib
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import Any

from imrgen.batch.cross_case import Index
from imrgen.diagnostics import LibraryError, WorkerError, codes

_TIMEOUT = 10
_LOG_LENGTH = 10


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
        """Submit a call of a function."""
        future: Future[Any] = self._executor.submit(fn, *args, **kwargs)
        return future

    def share(self, index: Index) -> Any:
        """Return a value that stands for an index in the arguments of `submit`.

        The index is sent to the scheduler once, as a task of its own: a worker that starts later,
        or replaces one that was lost, gets it from another worker or has that task run again.
        """
        with warnings.catch_warnings():
            # Dask recommends to scatter it, but then it is lost with the worker that it is sent to.
            warnings.filterwarnings("ignore", "Sending large graph")
            return self._client.submit(_identity, index, pure=False)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Release the client's tasks; the cluster goes on."""
        self._executor.shutdown(wait=wait)


def _identity(index: Index) -> Index:
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
        raise LibraryError.of(
            codes.EXTRA_MISSING, "Dask is not installed", "pip install 'imrgen[dask]'"
        ) from None
    try:
        # By default, a worker keeps its last thousand messages to debug it: 25 to 50 cases each.
        with dask.config.set({"distributed.admin.low-level-log-length": _LOG_LENGTH}):
            client = distributed.Client(address, timeout=_TIMEOUT, set_as_default=False)
    except (OSError, ValueError):
        raise WorkerError.of(
            codes.SCHEDULER_UNREACHABLE,
            f"there is no Dask scheduler at {address}",
            "start one with `dask scheduler`, and workers with `dask worker`",
        ) from None
    with client, Cluster(client) as cluster:
        yield cluster
