"""pyHanko, an optional dependency; its log, which may quote a letter, is suppressed."""

import contextlib
import importlib.util
import logging
import threading
from collections.abc import Iterator

from imrgen.diagnostics import LibraryError, codes

_LOGGERS = ("pyhanko", "pyhanko_certvalidator", "fontTools")
_MUTED = logging.CRITICAL + 1
_lock = threading.RLock()
_users: list[None] = []
"""One for each thread that is signing; the last one gives the host its levels back."""
_levels: dict[str, int] = {}
"""What the levels were before the first one."""


@contextlib.contextmanager
def pyhanko() -> Iterator[None]:
    """Check that pyHanko is installed, and suppress its log within the context.

    Raises:
        LibraryError: It is not installed.
    """
    if any(importlib.util.find_spec(name) is None for name in ("pyhanko", "uharfbuzz")):
        raise LibraryError.of(
            codes.EXTRA_MISSING,
            "signatures need pyHanko, which is not installed",
            "install it with `pip install 'imrgen[sign]'`",
        )
    _mute()
    try:
        yield
    finally:
        _unmute()


def _mute() -> None:
    with _lock:
        if not _levels:
            _levels.update({name: logging.getLogger(name).level for name in _LOGGERS})
            for name in _LOGGERS:
                logging.getLogger(name).setLevel(_MUTED)
        _users.append(None)


def _unmute() -> None:
    with _lock:
        _users.pop()
        if _users:
            return
        for name, level in _levels.items():
            logger = logging.getLogger(name)
            if logger.level == _MUTED:  # else the host has set another meanwhile
                logger.setLevel(level)
        _levels.clear()
