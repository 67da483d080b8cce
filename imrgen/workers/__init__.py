"""Worker processes with limits of time and memory, for batches and the preview.

limits    what a task may take, and the diagnostic of each limit that it reaches
worker    one process: its pipe, its tasks, how it ends, and what it runs
pool      starts workers, gives them tasks and replaces those that end
tempdir   a temporary folder that is removed even if its process is killed
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from imrgen.workers.limits import Failure, Limits, TimedOut, WorkerLost, diagnose

if TYPE_CHECKING:
    from imrgen.workers.pool import Pool
    from imrgen.workers.tempdir import temporary_folder
    from imrgen.workers.worker import Worker

__all__ = [
    "Failure",
    "Limits",
    "Pool",
    "TimedOut",
    "Worker",
    "WorkerLost",
    "diagnose",
    "temporary_folder",
]

_MODULES = {"Pool": "pool", "Worker": "worker", "temporary_folder": "tempdir"}


def __getattr__(name: str) -> Any:
    # One letter needs the limits' exceptions, but not multiprocessing, which loads for 10 ms.
    if name not in _MODULES:
        raise AttributeError(f"module 'imrgen.workers' has no attribute '{name}'")
    return getattr(importlib.import_module(f"imrgen.workers.{_MODULES[name]}"), name)
