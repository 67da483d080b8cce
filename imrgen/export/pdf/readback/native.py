"""The functions of PDFium that are called for each word, bound once, and how a text is asked of it.

pypdfium2 makes an object of each pointer that it returns, and lets other threads run during each
call. That takes longer than most calls themselves, so here a pointer is a number, and other threads
run only while a page is loaded.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from typing import Any

import pypdfium2.raw as pdfium

Handle = int
"""A pointer to something of PDFium's."""

_HANDLE = ctypes.c_void_p
_NUMBER = ctypes.c_int
_SIZE = ctypes.c_ulong


def handle(pointer: Any) -> Handle:
    """Return one of pypdfium2's pointers as a number; 0 for a null pointer."""
    return ctypes.cast(pointer, _HANDLE).value or 0


def _bound(
    name: str, returned: Any, *taken: Any, kind: Callable[..., Any] = ctypes.PYFUNCTYPE
) -> Callable[..., Any]:
    """Bind a function, by default one that is called without letting other threads run."""
    bound: Callable[..., Any] = kind(returned, *taken)(handle(getattr(pdfium, name)))
    return bound


def _bound_long(name: str, *taken: Any) -> Callable[..., Any]:
    """Bind a function that takes long: it loads something, and returns it or nothing."""
    return _bound(name, _HANDLE, *taken, kind=ctypes.CFUNCTYPE)


load_page = _bound_long("FPDF_LoadPage", _HANDLE, _NUMBER)
load_words = _bound_long("FPDFText_LoadPage", _HANDLE)
load_tree = _bound_long("FPDF_StructTree_GetForPage", _HANDLE)
close_page = _bound("FPDF_ClosePage", None, _HANDLE)
close_words = _bound("FPDFText_ClosePage", None, _HANDLE)
close_tree = _bound("FPDF_StructTree_Close", None, _HANDLE)
count_characters = _bound("FPDFText_CountChars", _NUMBER, _HANDLE)
text_object = _bound("FPDFText_GetTextObject", _HANDLE, _HANDLE, _NUMBER)
copy_text = _bound("FPDFText_GetText", _NUMBER, _HANDLE, _NUMBER, _NUMBER, _HANDLE)
object_text = _bound("FPDFTextObj_GetText", _SIZE, _HANDLE, _HANDLE, _HANDLE, _SIZE)
count_objects = _bound("FPDFPage_CountObjects", _NUMBER, _HANDLE)
page_object = _bound("FPDFPage_GetObject", _HANDLE, _HANDLE, _NUMBER)
object_kind = _bound("FPDFPageObj_GetType", _NUMBER, _HANDLE)
content_number = _bound("FPDFPageObj_GetMarkedContentID", _NUMBER, _HANDLE)
object_bounds = _bound("FPDFPageObj_GetBounds", _NUMBER, _HANDLE, *[_HANDLE] * 4)
object_matrix = _bound("FPDFPageObj_GetMatrix", _NUMBER, _HANDLE, _HANDLE)
path_mode = _bound("FPDFPath_GetDrawMode", _NUMBER, _HANDLE, _HANDLE, _HANDLE)
count_path_points = _bound("FPDFPath_CountSegments", _NUMBER, _HANDLE)
path_point = _bound("FPDFPath_GetPathSegment", _HANDLE, _HANDLE, _NUMBER)
object_font = _bound("FPDFTextObj_GetFont", _HANDLE, _HANDLE)
object_font_size = _bound("FPDFTextObj_GetFontSize", _NUMBER, _HANDLE, _HANDLE)
glyph_width = _bound(
    "FPDFFont_GetGlyphWidth", _NUMBER, _HANDLE, ctypes.c_uint32, ctypes.c_float, _HANDLE
)
object_clip = _bound("FPDFPageObj_GetClipPath", _HANDLE, _HANDLE)
count_clip_paths = _bound("FPDFClipPath_CountPaths", _NUMBER, _HANDLE)
count_clip_points = _bound("FPDFClipPath_CountPathSegments", _NUMBER, _HANDLE, _NUMBER)
clip_point = _bound("FPDFClipPath_GetPathSegment", _HANDLE, _HANDLE, _NUMBER, _NUMBER)
point_place = _bound("FPDFPathSegment_GetPoint", _NUMBER, _HANDLE, _HANDLE, _HANDLE)
set_active = _bound("FPDFPageObj_SetIsActive", _NUMBER, _HANDLE, _NUMBER)
page_width = _bound("FPDF_GetPageWidthF", ctypes.c_float, _HANDLE)
page_height = _bound("FPDF_GetPageHeightF", ctypes.c_float, _HANDLE)
count_roots = _bound("FPDF_StructTree_CountChildren", _NUMBER, _HANDLE)
root = _bound("FPDF_StructTree_GetChildAtIndex", _HANDLE, _HANDLE, _NUMBER)
count_kids = _bound("FPDF_StructElement_CountChildren", _NUMBER, _HANDLE)
kid_element = _bound("FPDF_StructElement_GetChildAtIndex", _HANDLE, _HANDLE, _NUMBER)
kid_content = _bound("FPDF_StructElement_GetChildMarkedContentID", _NUMBER, _HANDLE, _NUMBER)
element_type = _bound("FPDF_StructElement_GetType", _SIZE, _HANDLE, _HANDLE, _SIZE)
alternate_text = _bound("FPDF_StructElement_GetAltText", _SIZE, _HANDLE, _HANDLE, _SIZE)

_buffer = ctypes.create_string_buffer(8192)
_address = ctypes.addressof(_buffer)
_room = ctypes.sizeof(_buffer)


def string(function: Callable[..., Any], *of: Handle) -> str:
    """Ask PDFium for a text.

    Args:
        function: What writes a text that fits into the buffer, and returns its size.
        of: What it is asked about.
    """
    size = function(*of, _address, _room)
    if size <= _room:
        return ctypes.string_at(_address, max(0, size - 2)).decode("utf-16-le", "replace")
    longer = ctypes.create_string_buffer(size)
    function(*of, ctypes.addressof(longer), size)
    return longer.raw[: size - 2].decode("utf-16-le", "replace")


def whole_text(words: Handle) -> str:
    """Return all characters of a text page, those that PDFium adds among them."""
    count = count_characters(words)
    # Two units for each, since a character may be a pair, and one for the zero at the end.
    room = ctypes.create_string_buffer(4 * count + 2)
    written = copy_text(words, 0, count, ctypes.addressof(room))
    return room.raw[: max(0, 2 * (written - 1))].decode("utf-16-le", "replace")


_FRAME = 10
"""The most points of a rectangle in another."""
_EDGES = 4
"""The most places that their edges have, from left to right or from below."""
_numbers = (ctypes.c_float * 6)()
_places = tuple(ctypes.addressof(_numbers) + 4 * number for number in range(6))


def bounds(item: Handle) -> tuple[float, float, float, float]:
    """Return the left, bottom, right and top of an object, in points from the lower left corner."""
    left, bottom, right, top = _places[:4]
    object_bounds(item, left, bottom, right, top)
    return _numbers[0], _numbers[1], _numbers[2], _numbers[3]


def scale(item: Handle) -> tuple[float, bool, bool]:
    """Return the size of a text object's font on the page, and whether its lines are level.

    Returns:
        The size, whether they are level, and whether they run upwards or downwards.
    """
    object_font_size(item, _places[0])
    size = _numbers[0]
    object_matrix(item, _places[0])
    along, aslant = abs(_numbers[0]), abs(_numbers[1])
    is_level = aslant < 0.01 * along
    size *= along if is_level else math.hypot(along, aslant)
    return size, is_level, along < 0.01 * aslant


_modes = (ctypes.c_int * 2)()
_mode_places = tuple(ctypes.addressof(_modes) + ctypes.sizeof(ctypes.c_int) * at for at in range(2))


def greys(page: Handle, box: tuple[float, float, float, float], scale: int) -> bytes:
    """Draw a part of a page in greys, line by line.

    Args:
        page: The page.
        box: The part: left, bottom, right and top, in points from the lower left corner.
        scale: Pixels per point.
    """
    left, top = math.floor(box[0] * scale), math.floor((page_height(page) - box[3]) * scale)
    width = max(1, math.ceil(box[2] * scale) - left)
    height = max(1, math.ceil((page_height(page) - box[1]) * scale) - top)
    pixels = ctypes.create_string_buffer(b"\xff" * (width * height), width * height)
    bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_Gray, pixels, width)
    size = round(page_width(page) * scale), round(page_height(page) * scale)
    target = ctypes.cast(page, pdfium.FPDF_PAGE)
    pdfium.FPDF_RenderPageBitmap(bitmap, target, -left, -top, *size, 0, pdfium.FPDF_GRAYSCALE)
    pdfium.FPDFBitmap_Destroy(bitmap)
    return pixels.raw


def is_filled(path: Handle) -> bool:
    """Return whether the area of a path is filled, not only its outline drawn."""
    path_mode(path, *_mode_places)
    return _modes[0] != 0


def is_frame(path: Handle) -> bool:
    """Return whether the points of a path are those of a rectangle, or of one in another."""
    count = count_path_points(path)
    if count > _FRAME:
        return False
    points = []
    for number in range(count):
        point_place(path_point(path, number), _places[0], _places[1])
        points.append((round(_numbers[0], 1), round(_numbers[1], 1)))
    return all(len({*values}) <= _EDGES for values in zip(*points, strict=True))


def width_of_character(font: Handle, character: str) -> float:
    """Return the width of a character in a font of one point; 0 where the font has none."""
    return _numbers[0] if glyph_width(font, ord(character), 1.0, _places[0]) else 0.0


def clip_bounds(item: Handle) -> Iterator[tuple[float, float, float, float]]:
    """Yield the left, bottom, right and top of each path beyond which an object is cut off."""
    clip = object_clip(item)
    for path in range(count_clip_paths(clip) if clip else 0):
        points = []
        for number in range(count_clip_points(clip, path)):
            point_place(clip_point(clip, path, number), _places[0], _places[1])
            points.append((_numbers[0], _numbers[1]))
        if points:
            across, upwards = zip(*points, strict=True)
            yield min(across), min(upwards), max(across), max(upwards)
