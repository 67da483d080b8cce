"""What is wrong with a document, and where in it."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import msgspec


class ConformanceFault(msgspec.Struct, frozen=True):
    """Why a document cannot be issued.

    Args:
        code: The diagnostic's code.
        message: What is wrong; no value of the case.
        hint: How to mend it.
        element: The element at fault, by its number in the order of the tree, from 0.
        at: For what is not an element, the offset into the visible characters.
    """

    code: str
    message: str
    hint: str
    element: int | None = None
    at: int | None = None


def element_fault(
    root: Element, code: str, element: Element, message: str, hint: str
) -> ConformanceFault:
    """Make the fault of an element.

    Args:
        root: The root of the element's tree.
        code: The diagnostic's code.
        element: The element.
        message: What is wrong with it, as the element's predicate.
        hint: How to mend it.
    """
    number = next(number for number, other in enumerate(root.iter()) if other is element)
    name = str(element.tag).rpartition("}")[2]
    return ConformanceFault(code, f"<{name}> {message}", hint, number)
