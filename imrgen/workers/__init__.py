"""Limits of time and memory, and worker processes that have them.

limits    the limits of a task, and the diagnostic of each limit that is exceeded
process   limits of a whole process, such as the command line's, and which the system has
foreign   which exceptions are of the program that has called imrgen
worker    one process: its pipe, its tasks, how it ends, and what runs in it
pool      starts workers, sends them tasks, and replaces those that end
tempdir   a temporary folder that is removed even if its process is killed
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imrgen._lazy import on_demand
from imrgen.workers.foreign import is_foreign
from imrgen.workers.limits import (
    Failure,
    Limits,
    TimedOut,
    WorkerLost,
    checked_jobs,
    diagnose,
    was_interrupted,
)

if TYPE_CHECKING:
    from imrgen.workers.pool import Pool
    from imrgen.workers.process import (
        limited,
        limits_memory,
        require_workers,
        restart_clock,
        starts_workers,
    )
    from imrgen.workers.tempdir import no_temporary_files, temporary_files, temporary_folder
    from imrgen.workers.worker import Worker

__all__ = [
    "Failure",
    "Limits",
    "Pool",
    "TimedOut",
    "Worker",
    "WorkerLost",
    "checked_jobs",
    "diagnose",
    "is_foreign",
    "limited",
    "limits_memory",
    "no_temporary_files",
    "require_workers",
    "restart_clock",
    "starts_workers",
    "temporary_files",
    "temporary_folder",
    "was_interrupted",
]

# Rendering one letter needs the limits' exceptions, but not multiprocessing, which takes 10 ms to
# load.
__getattr__ = on_demand(
    __name__,
    {
        "pool": ("Pool",),
        "process": (
            "limited",
            "limits_memory",
            "require_workers",
            "restart_clock",
            "starts_workers",
        ),
        "tempdir": ("no_temporary_files", "temporary_files", "temporary_folder"),
        "worker": ("Worker",),
    },
)
