"""Parts of a page as they look, with some of what is drawn there left out."""

from __future__ import annotations

from collections.abc import Callable, Collection

from imrgen.export.pdf.readback import native
from imrgen.export.pdf.readback.native import Handle

PIXELS_PER_POINT = 3
"""So many show the strokes of the smallest letters that can be read."""


class Drawing:
    """A page of which parts are drawn; of use while the page is open."""

    def __init__(self, page: Callable[[], Handle]) -> None:
        self._page = page

    def greys(
        self, bounds: tuple[float, float, float, float], without: Collection[int] = ()
    ) -> bytes:
        """Draw a part of the page: how light each pixel is.

        Args:
            bounds: Left, bottom, right and top, in points from the page's lower left corner.
            without: The numbers of what is left out, among what is drawn on the page.
        """
        page = self._page()
        items = [native.page_object(page, number) for number in without]
        for item in items:
            native.set_active(item, False)
        try:
            return native.greys(page, bounds, PIXELS_PER_POINT)
        finally:
            for item in items:
                native.set_active(item, True)
