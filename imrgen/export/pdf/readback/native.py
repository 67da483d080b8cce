"""The functions of PDFium that are called for each word, bound once, and how a text is asked of it.

pypdfium2 makes an object of each pointer that it returns, and lets other threads run during each
call. That takes longer than most calls themselves, so here a pointer is a number, and other threads
run only while a page is loaded.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
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
