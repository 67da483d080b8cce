"""The case file that is attached to a PDF, read as imrgen writes it, and unpacked within a limit.

A PDF that imrgen did not write may unpack a few kilobytes to gigabytes, and PDFium does so before
it says how many. The seal tells whether imrgen wrote a file, so no other form needs to be read.
"""

import re
import zlib

from imrgen.case import MOST_BYTES

_ATTACHED = (
    rb"<<\s*/Type\s*/EmbeddedFile\b[^\n]{0,1000}?/Filter\s*/FlateDecode\s*/Length ([0-9]{1,8})\s*>>"
    rb"\s*stream\r?\n"
)


def attached_case(content: bytes) -> tuple[str, bytes] | None:
    """Return the name and the content of the case file that is attached to a letter.

    Args:
        content: The PDF, as imrgen wrote it.

    Returns:
        `None` where none is attached, or one that is larger than a case file may be.
    """
    found = list(re.finditer(_ATTACHED, content))
    if len(found) != 1:
        return None
    start = found[0].end()
    packed = zlib.decompressobj()
    try:
        case = packed.decompress(content[start : start + int(found[0][1])], MOST_BYTES + 1)
    except zlib.error:
        return None
    if not packed.eof:
        return None
    # Only JSON begins so; the name itself stands in a part of the file that is packed, too.
    is_json = case.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
    return f"case.{'json' if is_json else 'toml'}", case
