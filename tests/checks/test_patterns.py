"""What a pattern needs is in every text that it matches."""

from __future__ import annotations

import pkgutil
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable
from importlib import import_module
from typing import Any

import imrgen.checks.rules
import imrgen.checks.text
from imrgen.checks.text import Pattern, conclusion

JUDGED = ("_TITLED", "_MAYBE_AGE", "_SMALL_TITLED")
"""Those that rest on what lookbehinds and words mean, or on a need that a group begins."""
PATTERNS = {
    value.pattern: value
    for package in (imrgen.checks.text, imrgen.checks.rules)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    for name, own in vars(import_module(module.name)).items()
    for value in (own.values() if isinstance(own, dict) else [own])
    if isinstance(value, Pattern) and value.needs and name not in JUDGED
}


def alternatives(kind: str, value: Any) -> list[Any]:
    """Return what a part of an expression matches one of; nothing for what may match no text."""
    if kind == "SUBPATTERN":
        return [value[3]]
    if kind == "BRANCH":
        return list(value[1])
    if kind == "IN" and all(str(each[0]) in ("LITERAL", "RANGE") for each in value):
        ends = ((each[1], each[1]) if str(each[0]) == "LITERAL" else each[1] for each in value)
        return [[("LITERAL", code)] for first, last in ends for code in range(first, last + 1)]
    if kind.endswith("REPEAT") and value[0] > 0:
        return [value[2]]
    return [value] if kind == "ATOMIC_GROUP" else []


def has_need(items: Iterable[Any], needs: tuple[str, ...], space: str, before: str = "") -> bool:
    """Return whether every text that an expression matches has one of some strings.

    Args:
        items: The expression, parsed.
        needs: The strings.
        space: What white space is in the texts: a space where it was squeezed.
        before: The characters that stand right before it.
    """
    run = before
    for kind, value in ((str(kind), value) for kind, value in items):
        inner = alternatives(kind, value)
        if inner and all(has_need(each, needs, space, run) for each in inner):
            return True
        if kind == "LITERAL":
            run += chr(value).casefold()
        elif "CATEGORY_SPACE" in str(value) and kind.endswith("REPEAT") and value[0] > 0:
            run += space
        elif kind not in ("AT", "ASSERT", "ASSERT_NOT"):
            run = ""
        if any(need in run for need in needs):
            return True
    return False


def test_a_pattern_matches_no_text_without_what_it_needs() -> None:
    assert len(PATTERNS) > 10
    for text, pattern in PATTERNS.items():
        space = " " if pattern in vars(conclusion).values() else "\0"
        assert has_need(parser.parse(text, pattern.flags), pattern.needs, space), text


def test_a_missing_need_is_found() -> None:
    for expression in ("one|two", "(?:one)?two", "o[nm]e", "(?!one)two", "o(?:ne|n)", "on[a-f]"):
        assert not has_need(parser.parse(expression), ("one",), "\0")
    for expression in ("x(?:one|oney)", "(?:one|phone)+", "o(?:ne|ner)", r"\bone\b|none"):
        assert has_need(parser.parse(expression), ("one",), "\0")
