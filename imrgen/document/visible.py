"""The characters of a text that a reader sees."""

from __future__ import annotations


def ink(text: str) -> str:
    """Give a text's characters that leave ink: no white space, nothing that only steers; one kind of hyphen.

    Args:
        text: Any text.
    """
    joined = "".join(text.split())
    if joined.isascii():
        return joined
    import unicodedata

    hyphens = joined.replace("\u2011", "-").replace("\u2010", "-")
    return "".join(c for c in hyphens if unicodedata.category(c) not in ("Cf", "Cc", "Zs"))
