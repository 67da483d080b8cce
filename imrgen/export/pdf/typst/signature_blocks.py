"""Signature blocks, which become fields once the file is there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from imrgen.diagnostics import codes
from imrgen.export.conformance import SIGNATURE_MARK
from imrgen.export.pdf.typst.boxes import Box
from imrgen.export.pdf.typst.items import Item
from imrgen.export.pdf.typst.source import pt
from imrgen.export.pdf.typst.styles import Style
from imrgen.export.pdf.typst.values import resolved

if TYPE_CHECKING:
    from imrgen.export.pdf.typst.setting import Setting


def signature_item(setting: Setting, element: Element, style: Style, box: Box) -> Item:
    """Return a signature block: a link that becomes a field once the file is there.

    Args:
        setting: The document.
        element: The block.
        style: Its style.
        box: Its box.
    """
    width = box.outer if style["width"] == "auto" else resolved(style["width"], box.outer)
    height = style["height"]
    if height == "auto" or not isinstance(height, float | int):
        height = style["min-height"]
    if width < 108 or height < 36:
        message = "is a signature block that is too small for a signature"
        hint = "give it at least width: 144px and height: 48px"
        setting.fault(codes.BLOCK_UNUSABLE, element, message, hint)
    number = len(setting.signers)
    setting.signers.append((element.get(SIGNATURE_MARK) or "").strip())
    frame = f", {box.looks}" if box.looks else ""
    code = f'link("imrgen:sign:{number}", block(width: {pt(width)}, height: {pt(height)}{frame}))'
    return Item([code], element, is_whole=True, start=height, height=height)
