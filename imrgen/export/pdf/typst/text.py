"""How letters look: what Typst's `text` is told of a style."""

from __future__ import annotations

from collections.abc import Mapping

from imrgen.export.pdf.typst.faces import Faces
from imrgen.export.pdf.typst.source import pt, quoted, rgb
from imrgen.export.pdf.typst.styles import Style


def text_looks(style: Style, faces: Faces) -> Mapping[str, str]:
    """Return all arguments of Typst's `text` for a style, by name.

    A line is as high as CSS says: half of its leading above the letters and half below.

    Args:
        style: The style, which is of one pack only.
        faces: The pack's faces.
    """
    if style.looks is None:
        style.looks = _looks(style, faces)
    return style.looks


def _looks(style: Style, faces: Faces) -> dict[str, str]:
    above, below = faces.heights(style)
    return {
        "font": "(" + "".join(f"{quoted(name)}, " for name in faces.named(style)) + ")",
        "size": pt(style["font-size"]),
        "weight": str(style["font-weight"]),
        "style": quoted(style["font-style"]),
        "fill": rgb(style["color"]),
        "top-edge": pt(above),
        "bottom-edge": pt(-below),
        "tracking": pt(style["letter-spacing"]),
        "hyphenate": "true" if style["hyphens"] == "auto" else "false",
    }


def text_arguments(style: Style, faces: Faces, around: Style | None = None) -> str:
    """Return what `text` has to be told of a style.

    Args:
        style: The style.
        faces: The pack's faces.
        around: The style around it, of which only what differs is told; `None` for all.
    """
    if around is style:
        return ""
    looks = text_looks(style, faces)
    others = {} if around is None else text_looks(around, faces)
    return ", ".join(
        [f"{name}: {value}" for name, value in looks.items() if others.get(name) != value]
    )
