"""Regular expressions that are compiled when they are first needed, and skipped where they cannot match.

Python takes a millisecond or two to compile a pattern of some size, and there are more than a
hundred of them here: the command line would start twice as slowly if each were compiled at its
import.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator


class Pattern:
    """A regular expression.

    Args:
        text: The expression.
        flags: Those of `re`.
        needs: Words of which a text must hold one, or the expression cannot match; looked for
            first, which costs next to nothing. One in small letters may stand there in capitals
            too.
    """

    def __init__(self, text: str, flags: int = 0, *, needs: tuple[str, ...] = ()) -> None:
        self.pattern, self._flags, self._needs = text, flags, needs

    @functools.cached_property
    def compiled(self) -> re.Pattern[str]:
        """The expression, compiled."""
        return re.compile(self.pattern, self._flags)

    def may_match(self, text: str) -> bool:
        """Tell whether a text holds what the expression needs."""
        if not self._needs:
            return True
        lowered = _lower(text)
        return any(word in lowered or word in text for word in self._needs)

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Find the first match from a place on."""
        if not self.may_match(text):
            return None
        return self.compiled.search(text, start, len(text) if end is None else end)

    def match(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Match at a place."""
        if not self.may_match(text):
            return None
        return self.compiled.match(text, start, len(text) if end is None else end)

    def fullmatch(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """Match a whole text, or all of a part."""
        if not self.may_match(text):
            return None
        return self.compiled.fullmatch(text, start, len(text) if end is None else end)

    def finditer(
        self, text: str, start: int = 0, end: int | None = None
    ) -> Iterator[re.Match[str]]:
        """Find all matches, one after the other."""
        if not self.may_match(text):
            return iter(())
        return self.compiled.finditer(text, start, len(text) if end is None else end)

    def findall(self, text: str, start: int = 0, end: int | None = None) -> list[str]:
        """Give what all matches hold."""
        if not self.may_match(text):
            return []
        found: list[str] = self.compiled.findall(text, start, len(text) if end is None else end)
        return found

    def sub(self, by: str | Callable[[re.Match[str]], str], text: str) -> str:
        """Replace all matches."""
        return self.compiled.sub(by, text) if self.may_match(text) else text

    def split(self, text: str) -> list[str]:
        """Split at all matches."""
        parts: list[str] = self.compiled.split(text)
        return parts


@functools.lru_cache(maxsize=64)
def _lower(text: str) -> str:
    return text.lower()
