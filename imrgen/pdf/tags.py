"""What WeasyPrint's tag tree still lacks to be read aloud as the letter was written, mended before the file is written.

WeasyPrint makes a structure element for each box, so that what a page break splits is told as two; it tags margins and
repeated headers like text, hangs a nested list behind its item, and gives a link's inner boxes annotations of their
own. All of it is mended on the objects of which it is about to write the file, through its public `finisher`, in a few
milliseconds; a pass over the written file costs several times as much, and knows no boxes. To know which box an element
was made of, its one function that makes them is listened to.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

Node = Any
"""A structure element: a dictionary of pydyf."""


@contextlib.contextmanager
def listening() -> Iterator[list[tuple[Any, Node]]]:
    """Listen which box each structure element is made of, while a PDF is written."""
    from weasyprint.pdf import tags

    made: list[tuple[Any, Node]] = []
    build = tags._build_box_tree

    def heard(box: Any, *rest: Any) -> Iterator[Node]:
        for node in build(box, *rest):
            made.append((getattr(box, "_box", box), node))
            yield node

    tags._build_box_tree = heard
    try:
        yield made
    finally:
        tags._build_box_tree = build


class Tags:
    """The tag tree of a PDF that is about to be written.

    Args:
        pdf: The pydyf object.
        made: The boxes and the structure elements that were made of them.
    """

    def __init__(self, pdf: Any, made: list[tuple[Any, Node]]) -> None:
        self._pdf = pdf
        self._root = self._at(pdf.catalog["StructTreeRoot"])
        self._boxes = {node.number: box for box, node in made}
        self._order: dict[int, tuple[int, int]] = {}
        self._parents = self._at(self._root["ParentTree"])["Nums"]
        self._pages = {page: number for number, page in enumerate(pdf.page_references)}

    def mend(self) -> None:
        """Make the tree conform to ISO 14289-1 (PDF/UA-1), and the objects to ISO 19005-3 (PDF/A-3)."""
        nodes = list(self._below(self._root))
        self._join_over_pages(nodes)
        for node in nodes:
            if node["S"] == "/L":
                self._into_its_item(node)
        mending = {"/LI": self._body, "/L": self._items, "/TR": self._scopes, "/Figure": self._decoration}
        for node in list(self._below(self._root)):
            mend_one = mending.get(node["S"])
            if mend_one is not None:
                mend_one(node)
        self._links()
        self._unmark()
        for item in self._pdf.objects:
            extra = getattr(item, "extra", None)
            # PDF/A forbids smoothed images (ISO 19005-3, 6.2.8); metadata must be readable without a PDF reader.
            if extra and extra.get("Subtype") == "/Image" and "Interpolate" in extra:
                extra["Interpolate"] = "false"
            if extra and extra.get("Type") == "/Metadata":
                item.compress = False

    def _at(self, reference: Any) -> Any:
        return self._pdf.objects[int(reference.split()[0])]

    def _kids(self, node: Node) -> list[Node]:
        found = [self._at(kid) for kid in node.get("K", ()) if isinstance(kid, bytes)]
        return [kid for kid in found if kid.get("Type") == "/StructElem"]

    def _below(self, node: Node) -> Iterator[Node]:
        for kid in self._kids(node):
            yield kid
            yield from self._below(kid)

    def _new(self, kind: str, parent: Node, page: Any) -> Node:
        import pydyf

        values = {"Type": "/StructElem", "S": kind, "K": pydyf.Array(), "Pg": page, "P": parent.reference}
        node = pydyf.Dictionary(values)
        self._pdf.add_object(node)
        return node

    def _move(self, node: Node, parent: Node, at: int | None = None) -> None:
        self._remove(node)
        node["P"] = parent.reference
        parent["K"].insert(len(parent["K"]) if at is None else at, node.reference)

    def _remove(self, node: Node) -> None:
        siblings = self._at(node["P"])["K"]
        if node.reference in siblings:
            siblings.remove(node.reference)

    def _element(self, node: Node) -> Any:
        box = self._boxes.get(node.number)
        return None if box is None else box.element

    def _join_over_pages(self, nodes: list[Node]) -> None:
        """Make one of the parts that page breaks left of an element; what is repeated on a page is told once."""
        first: dict[tuple[Any, str], Node] = {}
        feet: dict[Any, Node] = {}
        for node in nodes:
            box = self._boxes.get(node.number)
            if box is None or box.element is None or node["S"] in ("/Link", "/Figure", "/Lbl", "/NonStruct", "/Span"):
                continue
            if self._element(self._at(node["P"])) is box.element:
                continue  # an anonymous box of the same element
            whole: Node = first.setdefault((box.element, box.element_tag), node)
            if whole is node or whole["Pg"] == node["Pg"]:
                continue
            if box.style["position"] == "fixed" or getattr(box, "is_header", False):
                self._remove(node)
            elif getattr(box, "is_footer", False):
                self._remove(feet.get(box.element, whole))
                feet[box.element] = node
            else:
                for kid in self._kids(node):
                    self._move(kid, whole)
                self._remove(node)
                self._boxes.pop(node.number)

    def _into_its_item(self, inner: Node) -> None:
        """Put a nested list, which WeasyPrint hangs on the outer list, back into its item, where it was written."""
        element, above = self._element(inner), self._at(inner["P"])
        if element is None or above["S"] != "/L" or element is self._element(above):
            return
        for item in self._kids(above):
            owner = self._element(item)
            if owner is not None and owner is not element and item["S"] == "/LI" and element in list(owner):
                start = self._start(inner)
                at = sum(1 for kid in item["K"] if isinstance(kid, bytes) and self._start(self._at(kid)) < start)
                self._move(inner, item, at)
                return

    def _start(self, node: Node) -> tuple[int, int]:
        """Give the page and the number of a node's first marked content, which WeasyPrint counts as it paints."""
        if node.get("Type") != "/StructElem":
            return (0, 0)
        own = [(self._pages[node["Pg"]], kid) for kid in node["K"] if isinstance(kid, int)]
        return min([*own, *(self._start(kid) for kid in self._kids(node))], default=(1 << 30, 0))

    def _body(self, item: Node) -> None:
        """Put what a list item holds besides its label into one body (ISO 32000-1, table 336)."""
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

    def _items(self, list_: Node) -> None:
        """Let a list hold items alone (ISO 32000-1, table 336)."""
        for at, kid in enumerate(self._kids(list_)):
            if kid["S"] not in ("/L", "/LI", "/Caption"):
                item = self._new("/LI", list_, kid["Pg"])
                body = self._new("/LBody", item, kid["Pg"])
                item["K"].append(body.reference)
                self._move(kid, body)
                list_["K"].insert(at, item.reference)

    def _scopes(self, row: Node) -> None:
        """Say of each header cell whether it heads a row or a column (ISO 14289-1, 7.5).

        WeasyPrint lists each cell's headers instead, and takes the head of a row for that of a column.
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
                said = element.attrib.get("scope", "") if element is not None else ""
                rows = said.startswith("row") or (not said and data and self._at(row["P"])["S"] != "/THead")
                cell.setdefault("A", {})["Scope"] = "/Row" if rows else "/Column"

    def _decoration(self, figure: Node) -> None:
        """Take an image without alternate text out of the tree; the template says by alt="" that it only decorates."""
        if "Alt" not in figure:
            self._remove(figure)

    def _links(self) -> None:
        """Hang each link's annotation on the one element that is tagged as the link (ISO 14289-1, 7.18.5)."""
        for node in list(self._below(self._root)):
            held = [kid for kid in node["K"] if isinstance(kid, bytes) and self._at(kid).get("Type") == "/OBJR"]
            if not held or node["S"] in ("/Link", "/Form"):
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
            for reference in held:
                node["K"].remove(reference)
                link["K"].append(reference)
                annotation = self._at(self._at(reference)["Obj"])
                self._parents[self._parents.index(annotation["StructParent"]) + 1] = link.reference

    def _unmark(self) -> None:
        """Make artifacts of marked content that no element of the tree holds (Kozea/WeasyPrint#1836).

        ISO 14289-1, 7.1 forbids content that is neither; and a reader hears a page's margins amid a sentence.
        """
        told = {node.number for node in self._below(self._root)}
        pages = {item.reference: item for item in self._pdf.objects if _is(item, "/Page")}
        lost: dict[bytes, set[int]] = {}
        for item in self._pdf.objects:
            if _is(item, "/StructElem") and item.number not in told:
                lost.setdefault(item["Pg"], set()).update(kid for kid in item["K"] if isinstance(kid, int))
                item.clear()
        for reference, numbers in lost.items():
            page = pages[reference]
            of_page = self._parents[self._parents.index(page["StructParents"]) + 1]
            stream = self._at(page["Contents"]).stream
            for at in range(len(stream) - 1, 0, -1):
                marked = stream[at]
                if isinstance(marked, dict) and marked.get("MCID") in numbers:
                    stream[at - 1 : at + 2] = ["/Artifact", b"BMC"]
                    of_page[marked["MCID"]] = "null"


def _is(item: Any, kind: str) -> bool:
    return isinstance(item, dict) and item.get("Type") == kind
