"""Checks of letters that are published: they must not identify a person."""

from imrgen.checks.rules.confidentiality import addresses, names, numbers

__all__ = ["addresses", "names", "numbers"]
