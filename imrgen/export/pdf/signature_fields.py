"""Signature blocks: the places that a template keeps for signatures, as empty fields of the PDF.

A block is an empty element with `data-signature`, whose value names who signs there, for people and
screen readers. Its field is in the tags as a form (ISO 14289-1, 7.18.4) and has an appearance,
though an empty one (ISO 19005-3, 6.3.3), so that `imrgen.signing` has only to fill it in, behind
the bytes that the seal covers.
"""

from typing import Any
from xml.etree.ElementTree import Element

import pydyf

from imrgen.diagnostics import codes
from imrgen.document import ConformanceFault
from imrgen.export.conformance import SIGNATURE_MARK, Structure
from imrgen.export.pdf.boxes import PDF, Box, Dictionary, TaggedBox, content_rectangle

_LEAST = (144.0, 48.0)
"""The least width and height, in CSS pixels, that hold a signature's words in a size that can be
read.
"""
_FLAGS = 4 | 128
"""Printed, and locked in its place (ISO 32000-1, table 165)."""


def add_fields(pdf: PDF, tagged: list[TaggedBox], structure: Structure) -> list[ConformanceFault]:
    """Add the fields of a document's signature blocks to a PDF whose tags are repaired.

    A letter without a block gets a form without a field: so a signature adds to a form, which can
    be distinguished from other changes, whereas a form that appears where there was none cannot.

    Returns:
        A fault for each block that has no place in the letter, or too little.
    """
    blocks = structure.signature_blocks()
    boxes = _boxes(tagged) if blocks else {}
    fields = _Fields(pdf)
    faults: list[ConformanceFault] = []
    for element in blocks:
        box, node = boxes.get(element, (None, None))
        if box is None or node is None or "Type" not in node:
            message = "is a signature block that has no place in the letter"
            hint = "let it stand in the letter's text, and not in a margin or behind display: none"
        elif box.width < _LEAST[0] or box.height < _LEAST[1]:
            message = "is a signature block that is too small for a signature"
            hint = f"give it at least width: {_LEAST[0]:g}px and height: {_LEAST[1]:g}px"
        else:
            fields.add(element.get(SIGNATURE_MARK, "").strip(), box, node)
            continue
        faults.append(structure.fault(codes.BLOCK_UNUSABLE, element, message, hint))
    return faults


def _boxes(tagged: list[TaggedBox]) -> dict[Element, TaggedBox]:
    """Find the box of each block: the last on its first page, which holds all others of it."""
    found: dict[Element, TaggedBox] = {}
    for box, node in tagged:
        element = box.element
        is_own = element is not None and box.element_tag == element.tag
        if is_own and SIGNATURE_MARK in element.attrib:
            _, first = found.get(element, (box, node))
            if first.get("Pg") == node.get("Pg"):
                found[element] = box, node
    return found


class _Fields:
    """The form of a PDF that is about to be written."""

    def __init__(self, pdf: PDF) -> None:
        self._pdf = pdf
        self._fields = pydyf.Array()
        pdf.catalog["AcroForm"] = self._add(pydyf.Dictionary({"Fields": self._fields})).reference

    def add(self, label: str, box: Box, node: Dictionary) -> None:
        """Add the field of a block; the label names who signs there."""
        page = self._at(node["Pg"])
        left, bottom, width, height = content_rectangle(box, page["TrimBox"][3])
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
                    "T": pydyf.String(f"Signature{len(self._fields) + 1}"),
                    "TU": pydyf.String(label),
                    "Rect": pydyf.Array((left, bottom, left + width, bottom + height)),
                    "AP": pydyf.Dictionary({"N": empty.reference}),
                    "StructParent": number,
                }
            )
        )
        part = {"Type": "/OBJR", "Obj": field.reference, "Pg": page.reference}
        reference = self._add(pydyf.Dictionary(part)).reference
        # No array around the one kid: pyHanko finds a field in the tags by a path that ends in K
        # and Obj.
        values = {"Type": "/StructElem", "S": "/Form", "K": reference}
        form = self._add(pydyf.Dictionary({**values, "Pg": page.reference, "P": node.reference}))
        node["K"].append(form.reference)
        parents.extend((number, form.reference))
        self._fields.append(field.reference)
        page.setdefault("Annots", pydyf.Array()).append(field.reference)

    def _parents(self) -> tuple[int, Any]:
        """Return the parent tree's next number, and its list of numbers and elements."""
        numbers = self._at(self._at(self._pdf.catalog["StructTreeRoot"])["ParentTree"])["Nums"]
        return max(numbers[::2], default=-1) + 1, numbers

    def _at(self, reference: Any) -> Any:
        return self._pdf.objects[int(reference.split()[0])]

    def _add(self, item: Any) -> Any:
        self._pdf.add_object(item)
        return item
