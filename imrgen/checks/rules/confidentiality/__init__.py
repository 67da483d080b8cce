"""Checks of letters that are published: they must not identify a person.

published    what a letter publishes, and how it is searched
names        of the case's people and organizations, of reviewers, and of others
numbers      and dates that lead to a person
addresses    postal ones, telephone numbers, and those on the internet
"""

from imrgen.checks.rules.confidentiality import addresses, names, numbers

__all__ = ["addresses", "names", "numbers"]
