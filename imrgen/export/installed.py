"""The versions of installed packages."""

import contextlib
import os
import re
import sys

_VERSION = re.compile(rb"^Version:[ \t]*(\S+)", re.MULTILINE)


def installed_version(package: str) -> str:
    """Return the version of an installed package.

    Args:
        package: Its name on PyPI.

    Raises:
        ModuleNotFoundError: It is not installed.
    """
    # Where a package is a folder, as it nearly always is: to load importlib.metadata and to let it
    # read a version takes a twelfth of the time of a letter as HTML from the command line.
    for folder in sys.path:
        with contextlib.suppress(OSError):
            version = _version_in(folder or os.curdir, package)
            if version is not None:
                return version
    import importlib.metadata

    return importlib.metadata.version(package)


def _version_in(folder: str, package: str) -> str | None:
    """Return the version of a package that is installed in a folder; `None` if it is not."""
    wanted = _normal(package)
    for name in sorted(os.listdir(folder)):  # noqa: PTH208
        own, _, rest = name.partition("-")
        if rest.endswith(".dist-info") and _normal(own) == wanted:
            with open(os.path.join(folder, name, "METADATA"), "rb") as file:  # noqa: PTH118, PTH123
                found = _VERSION.search(file.read(2000))
            return found[1].decode() if found else None
    return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
