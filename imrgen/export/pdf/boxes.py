"""What imrgen asks of WeasyPrint's boxes and of pydyf's objects, as types; nothing is imported.

A box is a rectangle that WeasyPrint laid out, measured in CSS pixels from the upper left corner of
its page. A PDF measures in points from the lower left corner.
"""

# ruff: noqa: D102 - WeasyPrint and pydyf document their own methods

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    position_x: float
    position_y: float
    width: float
    height: float

    def get_wrapped_table(self) -> Box: ...  # of a table wrapper only
    def descendants(self) -> Iterator[Box]: ...
    def is_in_normal_flow(self) -> bool: ...
    def content_box_x(self) -> float: ...
    def content_box_y(self) -> float: ...
    def border_box_x(self) -> float: ...
    def border_width(self) -> float: ...
    def margin_width(self) -> float: ...
    def margin_height(self) -> float: ...


class Dictionary(dict[str, Any]):
    """A dictionary of pydyf's, such as a structure element or a page; for annotations only."""

    number: int
    reference: bytes


class PDF(Protocol):
    """A PDF that is about to be written."""

    objects: list[Any]
    catalog: Dictionary

    def add_object(self, item: Any, /) -> None: ...


TaggedBox = tuple[Box, Dictionary]
"""A box and the structure element that was made of it."""


def content_rectangle(box: Box, page_top: float) -> tuple[float, float, float, float]:
    """Return the left, bottom, width and height of a box's content, in points.

    The upper edge of the page is in points, too.
    """
    width = box.width * POINTS_PER_PIXEL
    height = box.height * POINTS_PER_PIXEL
    left = box.content_box_x() * POINTS_PER_PIXEL
    bottom = page_top - box.content_box_y() * POINTS_PER_PIXEL - height
    return left, bottom, width, height
