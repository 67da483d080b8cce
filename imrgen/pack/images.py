"""Whether the images of a pack are whole, and can be shown and archived.

WeasyPrint drops an image that it cannot read with a line in a log, and decodes one of any size.
"""

import io
import re
import warnings

from imrgen.case import readable_text
from imrgen.diagnostics import PackError, codes
from imrgen.pack.files import PackFile
from imrgen.workers import is_foreign

MOST_PIXELS = 40_000_000
"""A page of US Letter at 600 dots an inch has 34 million; more take gigabytes of memory."""

_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_SVG = r"(?s)\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE[^>]*>\s*)?<svg\b"

# The `<svg>` stands within this many bytes, behind the comments of the program that drew it.
_SVG_HEAD = 65536


def image_type(file: PackFile, name: str) -> str:
    """Return an image's media type, once it is certain that every format can show it.

    Args:
        file: The image.
        name: Its name in messages.

    Raises:
        PackError: It is not a PNG, JPEG, GIF, WebP or SVG, is damaged, is too large, or is in CMYK,
            which ISO 19005-3 allows only with a colour profile of its own.
    """
    content = file.content
    if re.match(_SVG, readable_text(content[:_SVG_HEAD])):
        return "image/svg+xml"
    from PIL import Image  # it loads for 8 ms, and most letters have no image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                image.verify()  # checksums, which loading ignores; it spoils the image
            with Image.open(io.BytesIO(content)) as image:
                if image.format not in _TYPES:
                    raise _unusable(
                        name,
                        "is an image of a kind that not every browser shows",
                        "save it as PNG, JPEG or SVG",
                    )
                if image.width * image.height > MOST_PIXELS:
                    raise Image.DecompressionBombError
                if image.mode == "CMYK":
                    raise _unusable(
                        name, "is in CMYK, which an archival PDF does not allow", "save it in RGB"
                    )
                image.load()
                return _TYPES[image.format]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _unusable(
            name, f"has more than {MOST_PIXELS // 1_000_000} million pixels", "save it smaller"
        ) from None
    except (OSError, SyntaxError, ValueError) as fault:
        if is_foreign(fault):
            raise
        raise _unusable(
            name, "is damaged, or not an image", "save it anew as PNG, JPEG or SVG"
        ) from None


def _unusable(name: str, message: str, hint: str) -> PackError:
    return PackError.of(codes.IMAGE_UNUSABLE, f"{name} {message}", hint)
