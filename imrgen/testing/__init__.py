"""Snapshot tests of letters, for pytest (extra `testing`).

plugin      the fixtures, and what a failure says
cases       tests for each letter of each case
record      what is kept of a letter
snapshot    the comparison with what was kept
difference  what differs, told in words
pictures    the pages as pictures
coverage    what of the templates the letters take
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imrgen.testing.cases import letters

__all__ = ["letters"]


def __getattr__(name: str) -> Any:
    # pytest loads this package with its plugin in every project of an environment.
    if name != "letters":
        raise AttributeError(name)
    from imrgen.testing.cases import letters

    return letters
