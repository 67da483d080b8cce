"""Named strings (`string-set`): what running heads show of the document.

An element that goes on over several pages sets its strings anew on each of them, as it does in
WeasyPrint.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

import msgspec

from imrgen.document import visible_texts
from imrgen.export.pdf.typst.source import quoted
from imrgen.export.pdf.typst.styles import Style
from imrgen.export.pdf.typst.values import UnknownValueError

BLANKS = re.compile(r"[ \t\n\r\f]+")
"""White space that CSS collapses to one space."""


class Assignment(msgspec.Struct, frozen=True):
    """A string that an element sets.

    Args:
        name: The string's name.
        value: Its value.
        element: The number of the element among those that set strings; 0 for one that is on all
            pages.
    """

    name: str
    value: str
    element: int


class Strings:
    """The strings that a document's elements set.

    Args:
        root: The document.
        styles: The style of each element.

    Raises:
        UnknownValueError: A string is set to what this engine does not know.
    """

    def __init__(self, root: Element, styles: Mapping[Element, Style]) -> None:
        self._assignments: list[Assignment] = []
        self.numbers: dict[Element, int] = {}
        """The number of each element whose beginning and end have to be known."""
        body = root.find("body")
        for element in root.iter():
            assigned = styles[element]["string-set"] if isinstance(element.tag, str) else ()
            if not assigned:
                continue
            number = 0 if element is body or element is root else len(self.numbers) + 1
            if number:
                self.numbers[element] = number
            for name, tokens in assigned:
                value = "".join(_value(token, element) for token in tokens)
                self._assignments.append(Assignment(name, value, number))
        self.unmarked = set(self.numbers)
        """Those of them whose marks were not asked for yet."""

    def marks(self, element: Element) -> tuple[str, str]:
        """Return the code that marks the beginning of an element, and its end; empty for none."""
        number = self.numbers.get(element)
        if number is None:
            return "", ""
        self.unmarked.discard(element)
        first, last = (f"[#metadata(none)<{kind}-{number}>]" for kind in ("from", "to"))
        return first, last

    def code(self, name: str, at: str) -> str:
        """Return the code that shows a string on the page where it stands.

        Args:
            name: The string's name.
            at: `first` or `last`: which of those that are set on the page.

        Raises:
            UnknownValueError: It asks for another one.
        """
        if at not in ("first", "last"):
            raise UnknownValueError
        own = [each for each in self._assignments if each.name == name]
        if all(not each.element for each in own):
            return quoted(own[-1 if at == "last" else 0].value if own else "")
        triples = ", ".join(f"({each.element}, {quoted(each.value)})" for each in own)
        return f"running(({triples},), {quoted(at)})"

    def values_of(self, name: str) -> list[str]:
        """Return all values of a string."""
        return [each.value for each in self._assignments if each.name == name]


FUNCTION = """
#let running(assigned, at) = {
  let page = here().page()
  let carried = ""
  let found = ()
  for (number, value) in assigned {
    let from = if number == 0 { 1 } else { locate(label("from-" + str(number))).page() }
    let to = if number == 0 { page } else { locate(label("to-" + str(number))).page() }
    if from <= page and page <= to { found.push(value) }
    if to < page { carried = value }
  }
  if found.len() == 0 { carried } else if at == "last" { found.last() } else { found.first() }
}
"""
"""Typst's function that finds a string's value on a page."""


def _value(token: Any, element: Element) -> str:
    if token.type == "string":
        return str(token.value)
    names = [part.value for part in getattr(token, "arguments", ()) if part.type == "ident"]
    if token.type == "function" and token.lower_name == "attr" and len(names) == 1:
        return element.get(names[0]) or ""
    if token.type == "function" and token.lower_name == "content" and names in ([], ["text"]):
        # Nothing that is hidden, and no title of a drawing.
        texts = (text for _, text, _, slot in visible_texts(element) if text and slot != "alt")
        return BLANKS.sub(" ", "".join(texts)).strip(" ")
    raise UnknownValueError


def values(tokens: tuple[Any, ...], element: Element) -> Iterator[str]:
    """Yield the parts of a `content` or a bookmark's label as text.

    Raises:
        UnknownValueError: One of them is something else.
    """
    for token in tokens:
        yield _value(token, element)
