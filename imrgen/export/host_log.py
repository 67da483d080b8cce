"""Keeps what imrgen makes another library log out of the host's log.

The log belongs to the program that uses imrgen, and may be read by people who must not read a
letter. That program may use the same library in another thread, and wants to know of that.
"""

import contextlib
import logging
import threading
from collections.abc import Iterator


class _Filter(logging.Filter):
    """Drops the records of threads that are within `muted`.

    It stays at the loggers, where it lets all others pass: Python's `removeFilter` shifts a list
    that other threads may be going through, which would skip a filter of the host's.
    """

    def __init__(self) -> None:
        super().__init__()
        self.thread = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        return not getattr(self.thread, "depth", 0)


_filter = _Filter()


@contextlib.contextmanager
def muted(*names: str) -> Iterator[None]:
    """Suppress what this thread logs; that of other threads is logged as ever.

    Args:
        names: The loggers. Those below them have to exist by now: load the modules that have one.
    """
    for each in names:
        logging.getLogger(each)
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if isinstance(logger, logging.Logger) and any(
            name == each or name.startswith(f"{each}.") for each in names
        ):
            logger.addFilter(_filter)  # once, however often it is added
    depth = getattr(_filter.thread, "depth", 0)
    _filter.thread.depth = depth + 1
    try:
        yield
    finally:
        _filter.thread.depth = depth
