"""Repair the tag tree of WeasyPrint, so that a letter is read aloud as it was written.

WeasyPrint makes a structure element for each box, so that what a page break splits becomes two; it
tags margins and repeated headers like text, puts a nested list behind its item, and gives a link's
inner boxes annotations of their own. All of it is repaired on the objects that WeasyPrint is about
to write, through its public `finisher`, in a few milliseconds; a pass over the written file takes
several times as long, and knows no boxes.
"""

from collections.abc import Callable
from typing import Any

import pydyf

from imrgen.export.pdf.boxes import PDF, Dictionary, TaggedBox
from imrgen.export.pdf.weasyprint_internals import mark_as_artifacts


class Tags:
    """The tag tree of a PDF that is about to be written."""

    def __init__(self, pdf: PDF, tagged: list[TaggedBox]) -> None:
        self._pdf = pdf
        self._objects = {item.reference: item for item in pdf.objects}
        self._root = self._at(pdf.catalog["StructTreeRoot"])
        # An element comes again with the boxes around its own, as the page's: the first counts.
        self._boxes = {node.number: box for box, node in reversed(tagged)}
        self._parents = self._at(self._root["ParentTree"])["Nums"]

    def repair(self) -> None:
        """Make the tree conform to PDF/UA-1 (ISO 14289-1), the objects to PDF/A-3 (ISO 19005-3)."""
        self._join_over_pages(self._below(self._root))
        self._flatten()
        self._languages()
        repairs: dict[str, Callable[[Dictionary], None]] = {
            "/LI": self._body,
            "/L": self._items,
            "/TR": self._scopes,
            "/Table": self._caption,
            "/Figure": self._decoration,
        }
        # The inner ones first, since a group of items is opened in its list.
        for node in reversed(self._below(self._root)):
            repair = repairs.get(node["S"])
            if repair is not None:
                repair(node)
        self._links()
        self._unmark()
        for item in self._pdf.objects:
            extra = getattr(item, "extra", None)
            # PDF/A forbids smoothed images (ISO 19005-3, 6.2.8); metadata must be readable without
            # a PDF reader.
            if extra and extra.get("Subtype") == "/Image" and "Interpolate" in extra:
                extra["Interpolate"] = "false"
            if extra and extra.get("Type") == "/Metadata":
                item.compress = False

    def _at(self, reference: Any) -> Any:
        return self._objects[reference]

    def _kids(self, node: Dictionary) -> list[Dictionary]:
        found = [self._objects[kid] for kid in node.get("K", ()) if isinstance(kid, bytes)]
        return [kid for kid in found if kid.get("Type") == "/StructElem"]

    def _below(self, node: Dictionary) -> list[Dictionary]:
        """List the elements below one, in reading order."""
        below: list[Dictionary] = []
        pending = self._kids(node)[::-1]
        while pending:
            below.append(pending.pop())
            pending += self._kids(below[-1])[::-1]
        return below

    def _new(self, kind: str, parent: Dictionary, page: Any) -> Dictionary:
        values = {
            "Type": "/StructElem",
            "S": kind,
            "K": pydyf.Array(),
            "Pg": page,
            "P": parent.reference,
        }
        node: Dictionary = pydyf.Dictionary(values)
        self._pdf.add_object(node)
        self._objects[node.reference] = node
        return node

    def _move(self, node: Dictionary, parent: Dictionary, at: int | None = None) -> None:
        self._remove(node)
        node["P"] = parent.reference
        parent["K"].insert(len(parent["K"]) if at is None else at, node.reference)

    def _remove(self, node: Dictionary) -> None:
        siblings = self._at(node["P"])["K"]
        if node.reference in siblings:
            siblings.remove(node.reference)

    def _element(self, node: Dictionary) -> Any:
        box = self._boxes.get(node.number)
        return None if box is None else box.element

    def _join_over_pages(self, nodes: list[Dictionary]) -> None:
        """Join the parts of an element that page breaks split; keep repeated content once."""
        first: dict[tuple[Any, str | None], Dictionary] = {}
        feet: dict[Any, Dictionary] = {}
        repeated: set[int] = set()
        for node in nodes:
            box = self._boxes.get(node.number)
            if node.number in repeated or box is None or box.element is None:
                continue
            fixed = box.style["position"] == "fixed"
            if node["S"] in ("/Link", "/Figure", "/Lbl", "/NonStruct", "/Span") and not fixed:
                continue
            if self._element(self._at(node["P"])) is box.element and not fixed:
                continue  # an anonymous box of the same element
            whole: Dictionary = first.setdefault((box.element, box.element_tag), node)
            if whole is node or whole["Pg"] == node["Pg"]:
                continue
            if fixed or getattr(box, "is_header", False):
                self._remove(node)
                repeated.update(below.number for below in self._below(node))
            elif getattr(box, "is_footer", False):
                self._remove(feet.get(box.element, whole))
                repeated.update(below.number for below in self._below(node))
                feet[box.element] = node
            else:
                for kid in self._kids(node):
                    self._move(kid, whole)
                self._remove(node)
                self._boxes.pop(node.number)

    def _body(self, item: Dictionary) -> None:
        """Move what a list item holds besides its label into one body (ISO 32000-1, table 336)."""
        self._label(item)
        for body in [kid for kid in self._kids(item) if kid["S"] == "/LBody"]:
            for label in [kid for kid in self._kids(body) if kid["S"] == "/Lbl"]:
                self._move(label, item, 0)
        kids = self._kids(item)
        rest = [kid for kid in kids if kid["S"] != "/Lbl"]
        if len(rest) == 1 and rest[0]["S"] == "/LBody":
            return
        body = self._new("/LBody", item, item["Pg"])
        for kid in rest:
            if kid["S"] == "/LBody":
                kid["S"] = "/NonStruct"
            self._move(kid, body)
        item["K"].append(body.reference)

    def _label(self, item: Dictionary) -> None:
        """Tag a marker that is text as the label of the item that begins with it."""
        node = item
        while node is item or not self._is_marker(node):
            inner = self._kids(node)
            if not inner or inner[0]["S"] in ("/L", "/Lbl"):
                return
            node = inner[0]
        node["S"] = "/Lbl"
        self._move(node, item, 0)

    def _is_marker(self, node: Dictionary) -> bool:
        element = self._element(node)
        return element is not None and "marker" in element.get("class", "").split()

    def _items(self, list_: Dictionary) -> None:
        """Wrap what a list holds besides items (ISO 32000-1, table 336)."""
        for kid in self._kids(list_):
            at = list_["K"].index(kid.reference)
            inner = self._kids(kid)
            if (
                kid["S"] in ("/Div", "/NonStruct")
                and inner
                and all(item["S"] == "/LI" for item in inner)
            ):
                for item in reversed(inner):  # a group of a description list
                    self._move(item, list_, at)
                self._remove(kid)
            elif kid["S"] not in ("/L", "/LI", "/Caption"):
                item = self._new("/LI", list_, kid["Pg"])
                body = self._new("/LBody", item, kid["Pg"])
                item["K"].append(body.reference)
                self._move(kid, body)
                list_["K"].insert(at, item.reference)

    def _scopes(self, row: Dictionary) -> None:
        """Set for each header cell whether it heads a row or a column (ISO 14289-1, 7.5).

        WeasyPrint lists each cell's headers instead, and takes the head of a row for that of a
        column.
        """
        cells = self._kids(row)
        if not cells:
            self._remove(row)
        data = any(cell["S"] == "/TD" for cell in cells)
        for cell in cells:
            cell.pop("ID", None)
            if "A" in cell:
                cell["A"].pop("Headers", None)
            if cell["S"] == "/TH":
                element = self._element(cell)
                scope = element.attrib.get("scope", "") if element is not None else ""
                rows = scope.startswith("row") or (
                    not scope and data and self._at(row["P"])["S"] != "/THead"
                )
                cell.setdefault("A", {})["Scope"] = "/Row" if rows else "/Column"

    def _caption(self, table: Dictionary) -> None:
        """Move a table's caption to its beginning, wherever it is shown."""
        for caption in [kid for kid in self._kids(table) if kid["S"] == "/Caption"]:
            self._move(caption, table, 0)

    def _flatten(self) -> None:
        """Remove boxes that hold only another box; readers give up on a tree of thirty levels."""
        boxes = ("/Div", "/NonStruct")
        for node in self._below(self._root):
            kids = self._kids(node)
            if node["S"] in boxes and len(node["K"]) == len(kids) == 1 and kids[0]["S"] in boxes:
                above = self._at(node["P"])
                self._move(kids[0], above, above["K"].index(node.reference))
                self._remove(node)

    def _languages(self) -> None:
        """Set the language where it changes (ISO 14289-1, 7.2)."""
        for number, box in self._boxes.items():
            language = None if box.element is None else box.element.get("lang")
            if language:
                self._pdf.objects[number]["Lang"] = pydyf.String(language)

    def _decoration(self, figure: Dictionary) -> None:
        """Remove an image without alternate text: one with alt="", which only decorates."""
        if "Alt" not in figure:
            self._remove(figure)

    def _links(self) -> None:
        """Move each link's annotations to the element tagged as the link (ISO 14289-1, 7.18.5)."""
        for node in self._below(self._root):
            references = [
                kid
                for kid in node["K"]
                if isinstance(kid, bytes) and self._at(kid).get("Type") == "/OBJR"
            ]
            if not references or node["S"] in ("/Link", "/Form"):
                continue
            link = self._at(node["P"])
            while link.get("Type") == "/StructElem" and link["S"] != "/Link":
                link = self._at(link["P"])
            if link.get("S") != "/Link":
                link = self._new("/Link", self._at(node["P"]), node["Pg"])
                siblings = self._at(node["P"])["K"]
                siblings[siblings.index(node.reference)] = link.reference
                node["P"] = link.reference
                link["K"].append(node.reference)
            for reference in references:
                node["K"].remove(reference)
                link["K"].append(reference)
                annotation = self._at(self._at(reference)["Obj"])
                self._parents[self._parents.index(annotation["StructParent"]) + 1] = link.reference

    def _unmark(self) -> None:
        """Make artifacts of marked content outside the tree (Kozea/WeasyPrint#1836).

        ISO 14289-1, 7.1 forbids content that is neither; and screen readers would read a page's
        margins amid a sentence.
        """
        numbers_in_tree = {node.number for node in self._below(self._root)}
        pages = {item.reference: item for item in self._pdf.objects if _is(item, "/Page")}
        lost: dict[bytes, set[int]] = {}
        for item in self._pdf.objects:
            if _is(item, "/StructElem") and item.number not in numbers_in_tree:
                lost.setdefault(item["Pg"], set()).update(
                    kid for kid in item["K"] if isinstance(kid, int)
                )
                self._unlink(item)
                item.clear()
        for reference, numbers in lost.items():
            page = pages[reference]
            mark_as_artifacts(self._at(page["Contents"]).stream, numbers)
            elements = self._parents[self._parents.index(page["StructParents"]) + 1]
            for number in numbers:
                elements[number] = "null"

    def _unlink(self, node: Dictionary) -> None:
        """Remove the link of an element that left the tree: of a margin, or a repeated header."""
        kids = [self._at(kid) for kid in node["K"] if isinstance(kid, bytes)]
        for reference in (kid["Obj"] for kid in kids if kid.get("Type") == "/OBJR"):
            annotation = self._at(reference)
            if "StructParent" in annotation:
                self._parents[self._parents.index(annotation.pop("StructParent")) + 1] = "null"
            for page in self._pdf.objects:
                if _is(page, "/Page") and reference in page.get("Annots", ()):
                    page["Annots"].remove(reference)


def _is(item: Any, kind: str) -> bool:
    return isinstance(item, dict) and item.get("Type") == kind
