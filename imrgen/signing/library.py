"""pyHanko, an optional dependency; its log, which may quote a letter, is suppressed."""

import contextlib
import importlib.util
import logging
from collections.abc import Iterator

from imrgen.diagnostics import LibraryError, codes

_LOGGERS = ("pyhanko", "pyhanko_certvalidator", "fontTools")


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
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
