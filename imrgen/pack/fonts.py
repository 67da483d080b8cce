"""The `@font-face` rules of a pack's fonts."""

from __future__ import annotations

import base64
from collections.abc import Callable

from imrgen.pack.pack import TemplatePack

_RULE = (
    '@font-face {{ font-family: "{}"; font-weight: {}; font-style: {}; '
    'font-display: swap; src: url("{}"); }}\n'
)


def font_faces(pack: TemplatePack, address: Callable[[str], str] | None = None) -> str:
    """Return the `@font-face` rules of a pack's fonts.

    Args:
        pack: The pack.
        address: Returns the URL of a font file; without it the font itself is inlined.

    Raises:
        PackError: A font file is missing.
    """

    def inlined(file: str) -> str:
        return f"data:font/ttf;base64,{base64.b64encode(pack.read(file)).decode()}"

    address = address or inlined
    return "".join(
        _RULE.format(font.family, font.weight, font.style, address(font.file))
        for font in pack.fonts
    )
