"""pyHanko, an optional dependency; what it logs of a letter, and may quote of it, is suppressed."""

import contextlib
import importlib
import importlib.util
from collections.abc import Iterator

from imrgen.diagnostics import LibraryError, codes
from imrgen.export import muted

_LOGGERS = ("pyhanko", "pyhanko_certvalidator", "fontTools")


@contextlib.contextmanager
def pyhanko(*modules: str) -> Iterator[None]:
    """Check that pyHanko is installed, and suppress what this thread makes it log meanwhile.

    Args:
        modules: Those that would otherwise be loaded meanwhile, and have a logger.

    Raises:
        LibraryError: It is not installed.
    """
    if any(importlib.util.find_spec(name) is None for name in ("pyhanko", "uharfbuzz")):
        raise LibraryError.of(
            codes.EXTRA_MISSING,
            "signatures need pyHanko, which is not installed",
            "install it with `pip install 'imrgen[sign]'`",
        )
    for name in modules:
        importlib.import_module(name)
    with muted(*_LOGGERS):
        yield
