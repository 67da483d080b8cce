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


def _values(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, tuple) else (value,)


JUDGED = ("_TITLED", "_MAYBE_AGE", "_SMALL_TITLED")
"""Those that rest on what lookbehinds and words mean, or on a need that a group begins."""
PATTERNS = {
    value.pattern: value
    for package in (imrgen.checks.text, imrgen.checks.rules)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    for name, own in vars(import_module(module.name)).items()
    for value in _values(own)
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


def has_need(
    items: Iterable[Any],
    needs: tuple[str, ...],
    space: str,
    before: str = "",
    before_words: str = "",
) -> bool:
    """Return whether every text that an expression matches has one of some strings.

    Args:
        items: The expression, parsed.
        needs: The strings.
        space: What white space is in the texts: a space where it was squeezed.
        before: The characters that stand right before it.
        before_words: The same, with one space for all that stands between two words.
    """
    run, words = before, before_words
    parts = [*items]
    for number, (kind, value) in enumerate((str(kind), value) for kind, value in parts):
        inner = alternatives(kind, value)
        if not kind.endswith("REPEAT"):
            # The border of its last word may be what stands behind.
            inner = [[*each, *parts[number + 1 : number + 2]] for each in inner]
        if inner and all(has_need(each, needs, space, run, words) for each in inner):
            return True
        letter = chr(value).casefold() if kind == "LITERAL" else ""
        is_space = "CATEGORY_SPACE" in str(value) and kind.endswith("REPEAT") and value[0] > 0
        is_border = str(value) in ("AT_BOUNDARY", "AT_BEGINNING", "AT_BEGINNING_STRING")
        if letter:
            run += letter
        elif is_space:
            run += space
        elif kind not in ("AT", "ASSERT", "ASSERT_NOT"):
            run = ""
        if letter.isalnum():
            words += letter
        elif letter or is_space or is_border:
            words = f"{words.rstrip()} "
        elif kind not in ("AT", "ASSERT", "ASSERT_NOT"):
            words = ""
        if any(need in (words if need.startswith(" ") else run) for need in needs):
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


def test_a_need_with_a_space_is_at_the_border_of_a_word() -> None:
    for expression in (r"(?:x|\b)ur\b", r"\W*ur\b", r"\bu\w+\b", r"\bur", r"\b(?:ur|xur)\b"):
        assert not has_need(parser.parse(expression), (" ur ",), "\0")
    for expression in (
        r"\bur\b",
        r"-ur\s+x",
        r"^ur\b",
        r"\bu(?:r\s+x|r-y)",
        r"\b(?:ur|UR)-",
        r"\b\s*\bur\b",
    ):
        assert has_need(parser.parse(expression), (" ur ",), "\0")
    pattern = Pattern(r"\bur\b|\bin\s+vain\b", needs=(" ur ", " in vain "))
    for text in ("ur", "(UR)", "the ur-decision", "as of\tur", "in\n vain"):
        assert pattern.may_match(text), text
    for text in ("", "currently", "ur_date", "our", "in vainness"):
        assert not pattern.may_match(text), text
