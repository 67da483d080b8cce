"""What is wrong with a document, and where in it."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

import msgspec

from imrgen.diagnostics import codes

MOST_NESTING = 128
"""Elements may be nested this deep: the text of each takes up to two of Python's 1,000 frames, and
WeasyPrint fails on elements nested 150 deep.
"""


class ConformanceFault(msgspec.Struct, frozen=True):
    """Why a document cannot be issued.

    Args:
        code: The diagnostic's code.
        message: What is wrong; no value of the case.
        hint: How to mend it.
        element: The element at fault, by its number in the order of the tree, from 0.
        at: For what is not an element, the offset into the visible characters.
        offset: For a fault of the markup itself, the offset into it.
        redacted: For a message that quotes an attribute of the element, the message to use where
            the attribute may hold a value of the case.
        advice: For a fault of words, how to mend it in the case, where they are the case's.
    """

    code: str
    message: str
    hint: str
    element: int | None = None
    at: int | None = None
    offset: int | None = None
    redacted: str | None = None
    advice: str = ""


def element_fault(
    number: int,
    element: Element,
    code: str,
    message: str,
    hint: str,
    redacted: str | None = None,
    advice: str = "",
) -> ConformanceFault:
    """Return the fault of an element.

    Args:
        number: The element's number in the order of its tree, from 0.
        element: The element.
        code: The diagnostic's code.
        message: What is wrong with it, as the element's predicate.
        hint: How to mend it.
        redacted: See `ConformanceFault`.
        advice: See `ConformanceFault`.
    """
    name = str(element.tag).rpartition("}")[2]
    return ConformanceFault(
        code, f"<{name}> {message}", hint, number, redacted=redacted, advice=advice
    )


def nesting_faults(root: Element) -> Iterator[ConformanceFault]:
    """Find the first element that is nested too deep to be written in any format."""
    level = [root]
    for _ in range(MOST_NESTING):
        level = [child for element in level for child in element if isinstance(child.tag, str)]
        if not level:
            return
    number = next(number for number, element in enumerate(root.iter()) if element is level[0])
    yield element_fault(
        number,
        level[0],
        codes.NESTED_TOO_DEEP,
        f"is nested more than {MOST_NESTING} elements deep",
        "nest fewer elements, and close each one that a loop opens",
    )
