"""The characters of a text that a reader sees."""

from __future__ import annotations


def visible_characters(text: str) -> str:
    """Return the characters of a text that can be seen, every kind of hyphen as one.

    White space is left out, and characters that only control how others are set.
    """
    joined = "".join(text.split())
    if joined.isascii():
        return joined
    import unicodedata

    hyphens = joined.replace("\u2011", "-").replace("\u2010", "-")
    return "".join(c for c in hyphens if unicodedata.category(c) not in ("Cf", "Cc", "Zs"))
