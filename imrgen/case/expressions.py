"""Regular expressions that packs declare, matched in linear time whatever the text.

Python's own module tries every way to match a text, of which `(a+)+b` has as many as two to the
power of the text's length. RE2 tries none twice, and so knows neither look-arounds nor
back-references.
"""

from __future__ import annotations

import functools
import re
from typing import Any

# What Python's regular expressions, those of JSON Schema and RE2 do not understand alike.
_UNLIKE = (
    r"(?<!\\)(?:\\\\)*(?:\\[A-Za-z0-9]|\(\?P|\(\?[a-zA-Z<#])|[*+?}]\+|\[[.:=]|\[\^?\]|\{,|[^ -~]"
)


def problem(pattern: str) -> str | None:
    """Return what is wrong with a regular expression; `None` for one that `matches` takes."""
    if re.search(_UNLIKE, pattern):
        return "editors would read this regular expression differently; write [0-9], [A-Za-z]"
    try:
        re.compile(pattern)
    except re.error:
        return "this is not a regular expression"
    if _compiled(pattern) is None:
        return (
            "this regular expression may take forever on some text; leave out look-aheads, "
            "look-behinds and repeats of more than 1,000"
        )
    return None


def matches(pattern: str, text: str) -> bool:
    """Return whether a regular expression without a `problem` matches the whole of a text."""
    compiled = _compiled(pattern)
    assert compiled is not None, "a pack with this expression is refused"
    try:
        return compiled.fullmatch(text) is not None
    except UnicodeEncodeError:  # a half of a surrogate pair, which is no character
        return False


@functools.cache
def _compiled(pattern: str) -> Any:
    import re2  # few packs declare expressions

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None
