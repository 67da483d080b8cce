"""Invented cases that cover a pack's model and its templates (extra `testing`).

choice        candidates are made, and those chosen that cover the most
cases         how a case is drawn: each field by what it is
consistency   what fields have to do with each other, so that no check finds an error
words         the invented texts
seeded        Hypothesis, which draws everything, from one seed
"""

from imrgen.testing.invented.choice import InventedCase, invent

__all__ = ["InventedCase", "invent"]
