"""Images: files of the pack, which stand in the document as `data:` URLs, and drawings in it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import msgspec

from imrgen.document import SVG, alternate_text
from imrgen.export.pdf.typst.page_values import svg_of
from imrgen.export.pdf.typst.source import pt, quoted
from imrgen.export.pdf.typst.styles import Style
from imrgen.export.pdf.typst.values import UnknownValueError, resolved

if TYPE_CHECKING:
    from imrgen.export.pdf.typst.setting import Setting

_PIXEL = 0.75
_FORMATS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_NUMBER = re.compile(r"\s*([0-9.]+)\s*(px)?\s*")


class Drawn(msgspec.Struct, frozen=True):
    """An image as it is set.

    Args:
        code: Its code.
        width: Its width in points.
        height: Its height in points.
    """

    code: str
    width: float
    height: float


class Images:
    """The images of a document.

    Args:
        setting: The document.

    Attributes:
        files: The files that its code refers to, by name.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self.files: dict[str, bytes] = {}

    def image(self, element: Element, style: Style, room: float) -> Drawn:
        """Return an image.

        Args:
            element: The element.
            style: Its style.
            room: The width that there is for it, in points.
        """
        found = self._read(element)
        if found is None:
            self._setting.refuse(
                element, "is an image that is neither a PNG, JPEG, GIF, WebP nor SVG"
            )
            return Drawn("none", 0.0, 0.0)
        held, (natural_width, natural_height) = found
        if any(style.edges("border", "-width")) or any(style.edges("padding")):
            self._setting.refuse(element, "is an image with a border or padding")
        if any(style[name] not in (0.0, "auto") for name in ("min-width", "min-height")):
            self._setting.refuse(element, "is an image with a min-width or min-height")
        width, height = _sizes(style, room, natural_width, natural_height)
        if width > room + 0.5:
            hint = "make it narrower, such as by max-width: 100%"
            self._setting.no_room(element, "is too wide for its place", hint)
        alternate = (alternate_text(element) or "").strip()
        code = f'image({held}, width: {pt(width)}, height: {pt(height)}, fit: "stretch"'
        if alternate:
            # What is between words counts as one space.
            code += f", alt: {quoted(' '.join(alternate.split()))})"
        else:
            code = f"pdf.artifact({code}))"
        return Drawn(code, width, height)

    def _read(self, element: Element) -> tuple[str, tuple[float, float]] | None:
        """Return the code of an image's content, and its natural size."""
        address = element.get("src") or ""
        if element.tag == f"{SVG}svg":
            return self._svg(_serialized(element))
        head, _, body = address.partition(";base64,")
        kind = head.removeprefix("data:")
        try:
            if kind.startswith("image/svg+xml"):
                return self._svg(svg_of(address))
            content = base64.b64decode(body)
        except (UnknownValueError, binascii.Error, UnicodeDecodeError):
            return None
        if kind not in _FORMATS:
            return None
        from PIL import Image  # it loads for 20 ms, and few letters have images

        with Image.open(io.BytesIO(content)) as opened:
            size = opened.width * _PIXEL, opened.height * _PIXEL
        name = f"{hashlib.sha256(content).hexdigest()}.{_FORMATS[kind]}"
        self.files[name] = content
        return quoted(f"/{name}"), size

    def _svg(self, drawing: str) -> tuple[str, tuple[float, float]] | None:
        try:
            root = ElementTree.fromstring(drawing)  # noqa: S314 - a pack's own file, without entities
        except ElementTree.ParseError:
            return None
        if any(
            str(each.tag).endswith(("}text", "}foreignObject", "}image", "}use"))
            for each in root.iter()
        ):
            return None
        return f'bytes({quoted(drawing)}), format: "svg"', _natural_size(root)


def _serialized(element: Element) -> str:
    """Return a drawing of the document as a file of its own."""
    root = _without_namespaces(element)
    root.set("xmlns", SVG[1:-1])
    root.tail = None
    root.set("xmlns:xlink", "http://www.w3.org/1999/xlink")
    return ElementTree.tostring(root, encoding="unicode")


def _without_namespaces(element: Element) -> Element:
    copied = Element(element.tag.rpartition("}")[2])
    copied.text, copied.tail = element.text, element.tail
    for name, value in element.attrib.items():
        space, _, local = name.rpartition("}")
        if not space or space.endswith("/xlink"):
            copied.set(f"xlink:{local}" if space else local, value)
    copied.extend(_without_namespaces(each) for each in element if isinstance(each.tag, str))
    return copied


def _natural_size(root: Element) -> tuple[float, float]:
    sizes = [_NUMBER.fullmatch(root.get(name) or "") for name in ("width", "height")]
    box = [float(part) for part in re.split(r"[\s,]+", (root.get("viewBox") or "").strip()) if part]
    ratio = box[3] / box[2] if len(box) == 4 and box[2] else 0.5
    width = float(sizes[0][1]) if sizes[0] else None
    height = float(sizes[1][1]) if sizes[1] else None
    if width is None:
        width = height / ratio if height is not None and ratio else 300.0
    if height is None:
        height = width * ratio
    return width * _PIXEL, height * _PIXEL


def _sizes(style: Style, room: float, width: float, height: float) -> tuple[float, float]:
    ratio = height / width if width else 1.0
    wanted, high = style["width"], style["height"]
    if wanted != "auto":
        width = resolved(wanted, room)
        height = width * ratio
    if isinstance(high, float | int):
        height = float(high)
        if wanted == "auto":
            width = height / ratio if ratio else width
    for name, is_width in (("max-width", True), ("max-height", False)):
        limit = style[name]
        if limit == "none" or (not is_width and not isinstance(limit, float | int)):
            continue
        most = resolved(limit, room)
        size = width if is_width else height
        if size > most:
            width, height = width * most / size, height * most / size
    return width, height
