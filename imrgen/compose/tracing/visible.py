"""Where in the markup each visible character of the letter stands.

`imrgen.export.text` says what is text and in which order. So it is asked: each character is replaced by a
number that is written in characters of the private use areas, and the text is read off the result.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from imrgen.document import visible_characters
from imrgen.export import to_text

_ATTRIBUTE = re.compile(r"""\s([^\s=/>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?""")
_HIGH, _LOW, _MOST = 0xF0000, 0x100000, 0xFFF0


def character_offsets(markup: str) -> tuple[int | None, ...]:
    """Say where in the markup each visible character stands; `None` where that cannot be said.

    Args:
        markup: An HTML document.
    """
    reader = _Reader(markup)
    shown = visible_characters(to_text(reader.numbered(), 0))
    found: list[int | None] = []
    at = 0
    while at < len(shown):
        high = ord(shown[at])
        if high < _HIGH:
            found.append(None)
            at += 1
        else:
            found.append(reader.offsets[(high - _HIGH) * _MOST + ord(shown[at + 1]) - _LOW])
            at += 2
    return tuple(found)


class _Reader(HTMLParser):
    """Replaces the characters of a document's text by numbers."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=False)
        self._markup = markup
        self._lines = [0, *(found.end() for found in re.finditer("\n", markup))]
        self._done = 0
        self._parts: list[str] = []
        self.offsets: list[int] = []
        self.feed(markup)
        self.close()

    def numbered(self) -> str:
        """Give the document with its text replaced."""
        return "".join([*self._parts, self._markup[self._done :]])

    def handle_data(self, data: str) -> None:
        self._replace(self._at(), len(data))

    def handle_entityref(self, name: str) -> None:
        at = self._at() + 1 + len(name)
        self._replace(self._at(), 1 + len(name) + (self._markup[at : at + 1] == ";"))

    def handle_charref(self, name: str) -> None:
        at = self._at() + 2 + len(name)
        self._replace(self._at(), 2 + len(name) + (self._markup[at : at + 1] == ";"))

    def handle_starttag(self, tag: str, attrs: object) -> None:
        written = self.get_starttag_text()
        if tag != "img" or written is None:
            return
        for found in _ATTRIBUTE.finditer(written):
            group = next((number for number in (2, 3, 4) if found[number]), None)
            if found[1].lower() == "alt" and group:
                self._replace(self._at() + found.start(group), len(found[group]))
                return

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _replace(self, start: int, length: int) -> None:
        self._parts.append(self._markup[self._done : start])
        self._done = start + length
        at = start
        for part in re.findall(r"&(?:#\w+|\w+);?|[\s\S]", self._markup[start : self._done]):
            read = html.unescape(part)
            for number, character in enumerate(read):
                offset = at + number if read == part else at
                self._parts.append(
                    self._number(offset) if visible_characters(character) else character
                )
            at += len(part)

    def _number(self, offset: int) -> str:
        high, low = divmod(len(self.offsets), _MOST)
        self.offsets.append(offset)
        return chr(_HIGH + high) + chr(_LOW + low)
