"""Regular expressions that are compiled on first use, and skipped where they cannot match.

Python takes a millisecond or two to compile a long pattern, and there are more than a hundred of
them here: the command line would take twice as long to start if all were compiled on import.
"""

import functools
import re
import sys
from collections.abc import Callable, Iterator

_WORD = re.compile(r"\w+")
_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split")


class Pattern:
    """A regular expression with the methods of `re.Pattern`.

    Args:
        text: The expression.
        flags: Those of `re`.
        needs: Strings of which a text must contain one, or the expression cannot match. They are
            searched for first, which costs next to nothing. One in lower case is found in upper
            case, too. In one that begins with a space, a space is the border of a word.
    """

    def __init__(self, text: str, flags: int = 0, *, needs: tuple[str, ...] = ()) -> None:
        self.pattern = text
        self.flags = flags
        self.needs = needs
        joined = "\n".join(("", *needs))
        self._folded = _words if "\n " in joined else _lower
        self._capitals: tuple[str, ...] = ()
        self._small = needs
        if joined != joined.lower():
            self._capitals = tuple(each for each in needs if each != each.lower())
            self._small = tuple(each for each in needs if each == each.lower())

    @functools.cached_property
    def compiled(self) -> re.Pattern[str]:
        """The compiled expression."""
        compiled = re.compile(self.pattern, self.flags)
        if not self.needs:
            # Nothing is to be looked for first, so its own methods take the place of those below.
            vars(self).update({name: getattr(compiled, name) for name in _METHODS})
        return compiled

    def may_match(self, text: str) -> bool:
        """Return whether a text contains one of the strings that the expression needs."""
        if not self.needs:
            return True
        lower = self._folded(text)
        # A loop, not any(): it is run some hundred times for a letter.
        for each in self._small:
            if each in lower:
                return True
        return bool(self._capitals) and any(each in text for each in self._capitals)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the first match."""
        return self.compiled.search(text, start, end) if self.may_match(text) else None

    def match(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the match that begins at `start`."""
        return self.compiled.match(text, start, end) if self.may_match(text) else None

    def fullmatch(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the match of the text from `start` to `end`."""
        return self.compiled.fullmatch(text, start, end) if self.may_match(text) else None

    def finditer(
        self, text: str, start: int = 0, end: int = sys.maxsize
    ) -> Iterator[re.Match[str]]:
        """Return all matches."""
        return self.compiled.finditer(text, start, end) if self.may_match(text) else iter(())

    def findall(self, text: str, start: int = 0, end: int = sys.maxsize) -> list[str]:
        """Return the texts of all matches."""
        return self.compiled.findall(text, start, end) if self.may_match(text) else []

    def sub(self, replacement: str | Callable[[re.Match[str]], str], text: str) -> str:
        """Replace all matches."""
        return self.compiled.sub(replacement, text) if self.may_match(text) else text

    def split(self, text: str) -> list[str]:
        """Split a text at all matches."""
        return self.compiled.split(text)


@functools.lru_cache(maxsize=64)
def _lower(text: str) -> str:
    return text.casefold()  # as IGNORECASE: a long s is an s


@functools.lru_cache(maxsize=64)
def _words(text: str) -> str:
    lower = _lower(text)
    return f"{lower}\n {' '.join(_WORD.findall(lower))} "
