"""What imrgen asks of WeasyPrint's boxes and of pydyf's objects, as types; nothing is imported.

A box is a rectangle that WeasyPrint laid out, measured in CSS pixels from the upper left corner of
its page. A PDF measures in points from the lower left corner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

POINTS_PER_PIXEL = 0.75
"""Points (1/72 inch) in a CSS pixel (1/96 inch)."""


class Box(Protocol):
    """A box that was laid out."""

    element: Any
    element_tag: str | None
    style: Mapping[str, Any]
    children: list[Box]
    is_table_wrapper: bool
    transformation_matrix: Any
    position_x: float
    position_y: float
    width: float
    height: float

    get_wrapped_table: Callable[[], Box]  # of a table wrapper only
    descendants: Callable[[], Iterator[Box]]
    is_in_normal_flow: Callable[[], bool]
    content_box_x: Callable[[], float]
    content_box_y: Callable[[], float]
    border_box_x: Callable[[], float]
    border_width: Callable[[], float]
    margin_width: Callable[[], float]
    margin_height: Callable[[], float]


class Dictionary(dict[str, Any]):
    """A dictionary of pydyf's, such as a structure element or a page; for annotations only."""

    number: int
    reference: bytes


class PDF(Protocol):
    """A PDF that is about to be written."""

    objects: list[Any]
    catalog: Dictionary
    add_object: Callable[[Any], None]


TaggedBox = tuple[Box, Dictionary]
"""A box and the structure element that was made of it."""


def content_rectangle(box: Box, page_top: float) -> tuple[float, float, float, float]:
    """Return the left, bottom, width and height of a box's content, in points.

    The upper edge of the page is in points, too.
    """
    width = box.width * POINTS_PER_PIXEL
    height = box.height * POINTS_PER_PIXEL
    left = box.content_box_x() * POINTS_PER_PIXEL
    return left, page_top - box.content_box_y() * POINTS_PER_PIXEL - height, width, height
