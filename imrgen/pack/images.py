"""Whether the images of a pack are whole, and can be shown and archived.

WeasyPrint drops an image that it cannot read with a line in a log, and decodes one of any size.
"""

from __future__ import annotations

import io
import re
import warnings

from imrgen.diagnostics import Diagnostic, PackError, codes

MOST_PIXELS = 40_000_000
"""A page of US Letter at 600 dots an inch has 34 million; more take gigabytes of memory."""

_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_SVG = re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE[^>]*>\s*)?<svg\b", re.DOTALL)


def image_type(content: bytes, name: str) -> str:
    """Make sure that an image can be shown, and return its media type.

    Args:
        content: The image file.
        name: Its name in messages.

    Raises:
        PackError: It is not PNG, JPEG, GIF, WebP or SVG, is damaged, is too large, or is in CMYK,
            which ISO 19005-3 allows only with a colour profile of its own.
    """
    if _SVG.match(content):
        return "image/svg+xml"
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                image.verify()  # checksums, which load() does not check; the image cannot be used after it
            with Image.open(io.BytesIO(content)) as image:
                kind, mode, (width, height) = image.format or "", image.mode, image.size
                if width * height <= MOST_PIXELS:
                    image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        width = height = MOST_PIXELS
        kind, mode = "PNG", "RGB"
    except (OSError, SyntaxError, ValueError):
        raise _refuse(name, "is damaged, or no image", "save it anew as PNG, JPEG or SVG") from None
    if kind not in _TYPES:
        raise _refuse(
            name,
            "is an image of a kind that not every browser shows",
            "save it as PNG, JPEG or SVG",
        )
    if width * height > MOST_PIXELS:
        raise _refuse(
            name, f"has more than {MOST_PIXELS // 1_000_000} million pixels", "save it smaller"
        )
    if mode == "CMYK":
        raise _refuse(name, "is in CMYK, which an archival PDF does not allow", "save it in RGB")
    return _TYPES[kind]


def _refuse(name: str, message: str, hint: str) -> PackError:
    return PackError([Diagnostic(codes.IMAGE_UNUSABLE, f"{name} {message}", hints=(hint,))])
