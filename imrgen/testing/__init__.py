"""Snapshot tests of letters, for pytest (extra `testing`).

plugin      the fixtures, and what a failure says
cases       tests for each letter of each case
record      what is kept of a letter
snapshot    the comparison with what was kept
difference  what differs, told in words
pictures    the pages as pictures
coverage    what of the templates the letters take
invented/   invented cases that cover a pack's model and its templates
"""

from typing import TYPE_CHECKING

from imrgen._lazy import on_demand

if TYPE_CHECKING:
    from imrgen.testing.cases import letters
    from imrgen.testing.invented import InventedCase, invent

__all__ = ["InventedCase", "invent", "letters"]

# pytest loads this package with its plugin in every project of an environment.
__getattr__ = on_demand(__name__, {"cases": ("letters",), "invented": ("InventedCase", "invent")})
