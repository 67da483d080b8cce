"""Signature blocks: the places that a template keeps for signatures, as empty signature fields of the PDF.

A block is an empty element with `data-signature`, whose value tells people and screen readers who
signs there. Its field is in the tags as a form (ISO 14289-1, 7.18.4) and has an appearance, though
an empty one (ISO 19005-3, 6.3.3), so that `imrgen.signing` has only to fill it in, behind the
bytes that the seal covers.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from imrgen.diagnostics import codes
from imrgen.document import ConformanceFault
from imrgen.export.conformance import SIGNATURE_MARK, Structure

_POINTS = 0.75
"""Points in a CSS pixel."""
_LEAST = (144.0, 48.0)
"""The least width and height, in CSS pixels, that hold a signature's words in a size that can be
read.
"""
_FLAGS = 4 | 128
"""Printed, and locked in its place (ISO 32000-1, table 165)."""

Made = list[tuple[Any, Any]]
"""The boxes and the structure elements that were made of them."""


def add_fields(pdf: Any, made: Made, structure: Structure) -> list[ConformanceFault]:
    """Add the fields of a document's signature blocks to a PDF that is about to be written, its tags mended.

    A letter without a block gets a form without a field: so a signature adds to a form, which can
    be told from other changes, whereas a form that appears where there was none cannot.

    Args:
        pdf: The pydyf object.
        made: The boxes and the structure elements that were made of them.
        structure: The document.

    Returns:
        The blocks for which there is no place.
    """
    wanted = structure.signature_blocks()
    found = _places(made) if wanted else {}
    fields, faults = _Fields(pdf), list[ConformanceFault]()
    for element in wanted:
        box, node = found.get(element, (None, {}))
        if box is None or not node.get("Type"):
            hint = "let it stand in the letter's text, and not in a margin or behind display: none"
            faults.append(
                structure.fault(
                    codes.NOT_ACCESSIBLE,
                    element,
                    "is a signature block that has no place in the letter",
                    hint,
                )
            )
        elif box.width < _LEAST[0] or box.height < _LEAST[1]:
            hint = f"give it at least width: {_LEAST[0]:g}px and height: {_LEAST[1]:g}px"
            faults.append(
                structure.fault(
                    codes.NO_ROOM,
                    element,
                    "is a signature block that is too small for a signature",
                    hint,
                )
            )
        else:
            fields.add(element.get(SIGNATURE_MARK, "").strip(), box, node)
    return faults


def _places(made: Made) -> dict[Element, tuple[Any, Any]]:
    """Find the box of each block; boxes without an element of their own come before the one that holds them."""
    found: dict[Element, tuple[Any, Any]] = {}
    for box, node in made:
        element = box.element
        if (
            element is None
            or box.element_tag != element.tag
            or SIGNATURE_MARK not in element.attrib
        ):
            continue
        if element not in found or found[element][1].get("Pg") == node.get("Pg"):
            found[element] = box, node
    return found


class _Fields:
    """The form of a PDF that is about to be written.

    Args:
        pdf: The pydyf object.
    """

    def __init__(self, pdf: Any) -> None:
        import pydyf

        self._pdf = pdf
        self._held = pydyf.Array()
        pdf.catalog["AcroForm"] = self._add(pydyf.Dictionary({"Fields": self._held})).reference

    def add(self, label: str, box: Any, node: Any) -> None:
        """Add a field.

        Args:
            label: Who signs there.
            box: The block's box.
            node: The block's structure element.
        """
        import pydyf

        page = self._at(node["Pg"])
        width, height = box.width * _POINTS, box.height * _POINTS
        left, bottom = (
            box.content_box_x() * _POINTS,
            page["TrimBox"][3] - box.content_box_y() * _POINTS - height,
        )
        looks = {"Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array((0, 0, width, height))}
        empty = self._add(
            pydyf.Stream([], pydyf.Dictionary({**looks, "Resources": pydyf.Dictionary()}))
        )
        number, parents = self._parents()
        field = self._add(
            pydyf.Dictionary(
                {
                    "Type": "/Annot",
                    "Subtype": "/Widget",
                    "FT": "/Sig",
                    "F": _FLAGS,
                    "P": page.reference,
                    "T": pydyf.String(f"Signature{len(self._held) + 1}"),
                    "TU": pydyf.String(label),
                    "Rect": pydyf.Array((left, bottom, left + width, bottom + height)),
                    "AP": pydyf.Dictionary({"N": empty.reference}),
                    "StructParent": number,
                }
            )
        )
        part = {"Type": "/OBJR", "Obj": field.reference, "Pg": page.reference}
        held = self._add(pydyf.Dictionary(part))
        # No array around the one kid: pyHanko knows a field's place in the tags by a path that ends
        # in K and Obj.
        told = {"Type": "/StructElem", "S": "/Form", "K": held.reference}
        form = self._add(pydyf.Dictionary({**told, "Pg": page.reference, "P": node.reference}))
        node["K"].append(form.reference)
        parents.extend((number, form.reference))
        self._held.append(field.reference)
        page.setdefault("Annots", pydyf.Array()).append(field.reference)

    def _parents(self) -> tuple[int, Any]:
        """Give the tree that leads from an annotation to its structure element, and its next number."""
        numbers = self._at(self._at(self._pdf.catalog["StructTreeRoot"])["ParentTree"])["Nums"]
        return max(numbers[::2], default=-1) + 1, numbers

    def _at(self, reference: Any) -> Any:
        return self._pdf.objects[int(reference.split()[0])]

    def _add(self, item: Any) -> Any:
        self._pdf.add_object(item)
        return item
