"""What a PDF of Typst's lacks: row heads, lists in items, bookmarks, signature fields, provenance.

Typst writes each object by itself, a plain table of them and plain metadata. So objects are
replaced as bytes and the table is written anew; a file that looks otherwise is refused.

The letter's texts stand among the objects, such as its title and the addresses of its links. They
are written as hexadecimal numbers first, so that none of them is taken for a part of the file.
"""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence

from imrgen.document import IGNORABLE
from imrgen.export.pdf.engine import Attachment, unknown_version
from imrgen.export.pdf.metadata import provenance_rdf
from imrgen.export.pdf.typst.bookmarks import Bookmark

_REFERENCE = re.compile(rb"(\d+) 0 R")
_KIDS = re.compile(rb"/K\[((?:<<.*?>>|[^\]<])*)\]", re.DOTALL)
_KIND = re.compile(rb"/S/(\w+)")
_HEADERS = re.compile(rb"/Headers\[[^\]]*\]")
_SCOPE = re.compile(rb"/Scope/\w+")
_EMPTY = re.compile(rb"/A\[<</O/Table>>\]|<</O/Table>>")
_PARENT = re.compile(rb"/P \d+ 0 R")
_STRING_OR_STREAM = re.compile(rb"\(|>>\s*stream\r?\n")
_IN_STRING = re.compile(rb"[()]|\\(?:([0-7]{1,3})|\r\n|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b""}
"""What a letter behind a backslash stands for; any other stands for itself (ISO 32000-1, 7.3.4)."""
_NOT_SHOWN = re.compile(IGNORABLE)
_MAPPED = re.compile(rb"(<[0-9A-F]{4}> <)([0-9A-F]{8,})>")
"""A glyph that stands for several characters; of one, nothing can be left out."""
_REPLACED = re.compile(
    rb"/Span ?<</ActualText ?(?:\(((?:[^()\\]|\\.)*)\)|<FEFF([0-9A-F]*)>)>>BDC", re.DOTALL
)
_FLAGS = 4 | 128
"""Printed, and locked in its place (ISO 32000-1, table 165)."""


def _without_literals(body: bytes) -> tuple[bytes, bytes]:
    """Part an object from its stream, its literal strings written as hexadecimal numbers."""
    parts: list[bytes] = []
    at = 0
    while (found := _STRING_OR_STREAM.search(body, at)) is not None:
        if found[0] != b"(":
            start = found.start() + 2
            return b"".join((*parts, body[at:start])), body[start:]
        parts.append(body[at : found.start()])
        value, at = _literal(body, found.end())
        parts.append(b"<%s>" % value.hex().encode())
    return b"".join((*parts, body[at:])), b""


def _literal(body: bytes, at: int) -> tuple[bytes, int]:
    """Return the value of a literal string that begins there, and where it has ended."""
    parts: list[bytes] = []
    depth = 1
    while (found := _IN_STRING.search(body, at)) is not None:
        parts.append(body[at : found.start()])
        at = found.end()
        sign = found[0]
        if sign[:1] == b"\\":
            escaped = sign[1:]
            octal = found[1]
            parts.append(
                bytes([int(octal, 8) & 255]) if octal else _ESCAPES.get(escaped[:1], escaped)
            )
            continue
        depth += 1 if sign == b"(" else -1
        if not depth:
            return b"".join(parts), at
        parts.append(sign)
    raise _unknown("a string has no end")


class _File:
    """A PDF's objects by their numbers, and their streams.

    Raises:
        LibraryError: It is not written as this module knows it.
    """

    def __init__(self, content: bytes) -> None:
        at = int(content[content.rindex(b"startxref") + 9 :].split()[0])
        lines = content[at:].split(b"\n")
        if lines[0].strip() != b"xref":
            raise _unknown("it writes no plain table of objects")
        count = int(lines[1].split()[1])
        starts = [int(line[:10]) for line in lines[2 : 2 + count]]
        ends = dict(zip(sorted(starts), [*sorted(starts)[1:], at], strict=True))
        self._head = content[: min(starts[1:])]
        self.objects: dict[int, bytes] = {}
        self.streams: dict[int, bytes] = {}
        for number, start in enumerate(starts):
            if number:
                body = content[start : ends[start]]
                body = body[body.index(b"obj") + 3 : body.rindex(b"endobj")].strip()
                self.objects[number], self.streams[number] = _without_literals(body)
        self._trailer = content[content.index(b"trailer", at) : content.rindex(b"startxref")]
        self.catalog = self.found(rb"/Root (\d+)", self._trailer)
        self.information = self.found(rb"/Info (\d+)", self._trailer)

    def found(self, pattern: bytes, where: bytes) -> int:
        """Return the number that a pattern finds."""
        found = re.search(pattern, where)
        if found is None:
            raise _unknown(f"there is no {pattern!r}")
        return int(found[1])

    def add(self, body: bytes, stream: bytes = b"") -> int:
        """Add an object, and return its number."""
        number = len(self.objects) + 1
        self.objects[number], self.streams[number] = body, stream
        return number

    def kids(self, number: int) -> list[int]:
        """Return the structure elements right below one."""
        found = _KIDS.search(self.objects[number])
        references = _REFERENCE.findall(re.sub(rb"<<.*?>>", b"", found[1])) if found else []
        return [
            int(kid) for kid in references if b"/Type/StructElem" in self.objects[int(kid)][:40]
        ]

    def below(self, number: int) -> Iterator[tuple[int, bytes]]:
        """Yield the structure elements below one with their kinds, in reading order."""
        waiting = self.kids(number)[::-1]
        while waiting:
            kid = waiting.pop()
            kind = _KIND.search(self.objects[kid])
            if kind:
                yield kid, kind[1]
            waiting += self.kids(kid)[::-1]

    def unpacked(self, number: int) -> bytes:
        """Return the content of a packed stream."""
        stream = self.streams[number]
        start, end = stream.index(b"stream\n") + 7, stream.rindex(b"\nendstream")
        return zlib.decompress(stream[start:end])

    def pack(self, number: int, before: bytes, content: bytes) -> None:
        """Write the content of a packed stream anew, if it has changed."""
        if content != before:
            packed = zlib.compress(content)
            length = b"/Length %d" % len(packed)
            self.objects[number] = re.sub(rb"/Length \d+", length, self.objects[number])
            self.streams[number] = b"\nstream\n%s\nendstream" % packed

    def content(self) -> bytes:
        """Return the file."""
        parts, places, at = [self._head], [], len(self._head)
        for number in sorted(self.objects):
            body = b"%d 0 obj\n%s%s\nendobj\n" % (
                number,
                self.objects[number],
                self.streams[number],
            )
            places.append(at)
            parts.append(body)
            at += len(body)
        count = len(self.objects) + 1
        table = b"".join(b"%010d 00000 n \n" % place for place in places)
        parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table))
        parts.append(re.sub(rb"/Size \d+", b"/Size %d" % count, self._trailer))
        parts.append(b"startxref\n%d\n%%%%EOF\n" % at)
        return b"".join(parts)


def _page_sizes(file: _File) -> list[tuple[float, float]]:
    tree = file.objects[file.found(rb"/Pages (\d+)", file.objects[file.catalog])]
    kids = re.search(rb"/Kids\[([^\]]*)\]", tree)
    sizes = []
    for kid in _REFERENCE.findall(kids[1]) if kids else ():
        box = re.search(rb"/MediaBox\[0 0 ([0-9.]+) ([0-9.]+)\]", file.objects[int(kid)])
        if box is None:
            raise _unknown("its pages are no pages, or have no size")
        sizes.append((float(box[1]), float(box[2])))
    return sizes


def finished(
    content: bytes,
    scopes: Sequence[str],
    numberings: Sequence[str],
    bookmarks: Sequence[Bookmark],
    signers: Sequence[str],
    provenance: Mapping[str, str],
    attachment: Attachment | None,
    has_date: bool,
) -> tuple[bytes, list[tuple[float, float]]]:
    """Return a PDF of Typst's with what Typst cannot be asked for, and the sizes of its pages.

    Args:
        content: The PDF.
        scopes: Of each cell of a table, in reading order: `Row`, `Column`, or empty for data.
        numberings: Of each list, in reading order, its kind (ISO 32000-1, table 347).
        bookmarks: The entries of the outline, whose titles in the PDF are their numbers.
        signers: Who signs in each signature block, in their order.
        provenance: What the letter was made of.
        attachment: The file that is attached to it.
        has_date: Whether the letter has a date.

    Returns:
        The file, and the width and height of each page in points.

    Raises:
        LibraryError: The PDF is not written as this module knows it.
    """
    file = _File(content)
    _leave_out_what_is_not_shown(file)
    root = file.found(rb"/StructTreeRoot (\d+)", file.objects[file.catalog])
    _mend_lists(file, root, numberings)
    _mend_cells(file, root, scopes)
    if bookmarks:
        _mend_outline(file, bookmarks)
    fields = [_field(file, number, who) for number, who in enumerate(signers)]
    # A letter without a block gets a form without a field: so a signature adds to a form.
    form = file.add(b"<</Fields[%s]>>" % b" ".join(b"%d 0 R" % field for field in fields))
    catalog = file.objects[file.catalog]
    file.objects[file.catalog] = catalog[:-2] + b"/AcroForm %d 0 R>>" % form
    if attachment is not None:
        _attach(file, attachment)
    _describe(file, provenance, has_date)
    _name_colours(file)
    return file.content(), _page_sizes(file)


def _name_colours(file: _File) -> None:
    """Let colours be those of the output intent, which Typst writes out (ISO 19005-3, 6.2.4.3).

    To make tables of that profile takes PDFium as long as reading four pages.
    """
    intents = file.found(rb"/OutputIntents (\d+)", file.objects[file.catalog])
    intent = file.found(rb"(\d+) 0 R", file.objects[intents])
    profile = file.found(rb"/DestOutputProfile (\d+)", file.objects[intent])
    if b"/N 3/" not in file.objects[profile][:100]:
        raise _unknown("its colours are not red, green and blue")
    space = b"[/ICCBased %d 0 R]" % profile
    for number, body in file.objects.items():
        if body == space:
            file.objects[number] = b"/DeviceRGB"


def _leave_out_what_is_not_shown(file: _File) -> None:
    """Leave out soft hyphens, joiners and the like of what is searched and copied.

    Typst says of each glyph what it stands for, and of each place where it stands for more or less.
    The latter is left out, too, where it was about such characters only: of two such places after
    each other, PDFium reads one.
    """
    pages = b"".join(re.findall(rb"/Contents (\d+ 0 R)", b"".join(file.objects.values())))
    contents = {int(number) for number in _REFERENCE.findall(pages)}
    alike: set[str] = set()
    for number, body in file.objects.items():
        if b"/Type/CMap" in body:
            shown = file.unpacked(number)
            changed = _MAPPED.sub(functools.partial(_shown_only, alike), shown)
            file.pack(number, shown, changed)
    shown_by = {number: file.unpacked(number) for number in sorted(contents)}
    for shown in shown_by.values():
        for found in _REPLACED.finditer(shown):
            text = _replacing(found)
            if kept := _NOT_SHOWN.sub("", text):
                alike |= {kept} if kept != text else set()
    for number, shown in shown_by.items():
        changed = _REPLACED.sub(functools.partial(_replaced_only, alike), shown)
        file.pack(number, shown, changed)


def _shown_only(alike: set[str], found: re.Match[bytes]) -> bytes:
    """Return which characters a glyph stands for, without those that show nothing."""
    text = bytes.fromhex(found[2].decode()).decode("utf-16-be")
    kept = _NOT_SHOWN.sub("", text)
    if kept == text or not kept:
        return found[0]  # a glyph has to stand for some character (ISO 19005-3, 6.2.11.7.2)
    alike.add(kept)
    return b"%s%s>" % (found[1], kept.encode("utf-16-be").hex().upper().encode())


def _replacing(found: re.Match[bytes]) -> str:
    """Return the characters that glyphs stand for at one place."""
    if found[2] is not None:
        return bytes.fromhex(found[2].decode()).decode("utf-16-be")
    return _literal(found[1] + b")", 0)[0].decode("latin-1")


def _replaced_only(alike: set[str], found: re.Match[bytes]) -> bytes:
    text = _replacing(found)
    kept = _NOT_SHOWN.sub("", text)
    if kept in alike:
        return b"/Span BMC"
    if kept == text:
        return found[0]
    return b"/Span<</ActualText<FEFF%s>>>BDC" % kept.encode("utf-16-be").hex().upper().encode()


def _mend_lists(file: _File, root: int, numberings: Sequence[str]) -> None:
    """Put a list that stands behind its item into the item's body, and say how lists count."""
    lists = [number for number, kind in file.below(root) if kind == b"L"]
    if len(lists) != len(numberings):
        raise _unknown("it tags other lists than there are")
    for number, numbering in zip(lists, numberings, strict=True):
        kind = b"/ListNumbering/%s" % numbering.encode()
        file.objects[number] = re.sub(rb"/ListNumbering/\w+", kind, file.objects[number], count=1)
    for number in lists:
        kept: list[int] = []
        for kid in file.kids(number):
            if b"/S/L/" not in file.objects[kid][:60]:
                kept.append(kid)
                continue
            bodies = [each for each in file.kids(kept[-1]) if b"/S/LBody" in file.objects[each]]
            body = bodies[-1]
            held = _KIDS.search(file.objects[body])
            assert held is not None, "a list's item has a body"
            moved = b"/K[%s %d 0 R]" % (held[1], kid)
            file.objects[body] = file.objects[body].replace(held[0], moved)
            parent = b"/P %d 0 R" % body
            file.objects[kid] = _PARENT.sub(parent, file.objects[kid], count=1)
        found = _KIDS.search(file.objects[number])
        assert found is not None, "a list has items"
        kids = b"/K[%s]" % b" ".join(b"%d 0 R" % kid for kid in kept)
        file.objects[number] = file.objects[number].replace(found[0], kids)


def _mend_cells(file: _File, root: int, scopes: Sequence[str]) -> None:
    """Set for each header cell whether it heads a row or a column (ISO 14289-1, 7.5).

    Typst knows the heads of columns only, and lists them for each cell.
    """
    cells = [(number, kind) for number, kind in file.below(root) if kind in (b"TH", b"TD")]
    if len(cells) != len(scopes):
        raise _unknown("it tags other cells than there are")
    for (number, kind), scope in zip(cells, scopes, strict=True):
        body = _EMPTY.sub(b"", _SCOPE.sub(b"", _HEADERS.sub(b"", file.objects[number])))
        body = body.replace(b"/S/" + kind, b"/S/TH" if scope else b"/S/TD", 1)
        if scope:
            attribute = b"/O/Table/Scope/%s" % scope.encode()
            if b"<</O/Table" in body:
                body = body.replace(b"/O/Table", attribute, 1)
            elif b"/A[" in body:
                body = body.replace(b"/A[", b"/A[<<%s>>" % attribute, 1)
            else:
                body = body.replace(b"/K[", b"/A[<<%s>>]/K[" % attribute, 1)
        file.objects[number] = body


def _mend_outline(file: _File, bookmarks: Sequence[Bookmark]) -> None:
    """Give each entry of the outline its title, and put it below another (ISO 32000-1, 12.3.3)."""
    top = file.found(rb"/Outlines (\d+)", file.objects[file.catalog])
    numbers: dict[int, int] = {}
    following = re.search(rb"/First (\d+)", file.objects[top])
    while following:
        body = file.objects[int(following[1])]
        told = re.search(rb"/Title<((?:3[0-9])+)>", body)
        if told is None:
            raise _unknown("a bookmark has another title than its number")
        numbers[int(bytes.fromhex(told[1].decode()))] = int(following[1])
        following = re.search(rb"/Next (\d+)", body)
    if sorted(numbers) != [*range(len(bookmarks))]:
        raise _unknown("it has other bookmarks than there are")
    below: dict[int, list[int]] = {top: []}
    path = [top]
    for number, each in enumerate(bookmarks):
        del path[each.depth :]
        below[path[-1]].append(numbers[number])
        below[numbers[number]] = []
        path.append(numbers[number])
    shown = {top: 0}
    for number in range(len(bookmarks) - 1, -1, -1):  # what is below an entry first
        entry = numbers[number]
        kids = below[entry]
        shown[entry] = sum(1 + max(shown[kid], 0) for kid in kids)
        shown[entry] *= 1 if bookmarks[number].is_open else -1
    for number, each in enumerate(bookmarks):
        entry = numbers[number]
        leads = re.search(rb"/Dest (\d+ 0 R|\[[^\]]*\])", file.objects[entry])
        if leads is None:
            raise _unknown("its bookmarks lead nowhere")
        title = (b"\xfe\xff" + each.title.encode("utf-16-be")).hex().encode()
        file.objects[entry] = b"/Title<%s>/Dest %s" % (title, leads[1])
    for parent, kids in below.items():
        for kid, before, behind in zip(kids, [0, *kids], [*kids[1:], 0], strict=False):
            near = b"/Parent %d 0 R" % parent
            near += b"/Prev %d 0 R" % before if before else b""
            near += b"/Next %d 0 R" % behind if behind else b""
            file.objects[kid] += near
    shown[top] = sum(1 + max(shown[kid], 0) for kid in below[top])
    for parent, kids in below.items():
        own = b"/Type/Outlines" if parent == top else file.objects[parent]
        if kids:
            own += b"/First %d 0 R/Last %d 0 R/Count %d" % (kids[0], kids[-1], shown[parent])
        file.objects[parent] = b"<<%s>>" % own


def _field(file: _File, number: int, who: str) -> int:
    """Make of the link of a signature block a field (ISO 14289-1, 7.18.4; ISO 19005-3, 6.3.3)."""
    address = b"/URI<%s>" % (b"imrgen:sign:%d" % number).hex().encode()
    annotations = [each for each, body in file.objects.items() if address in body]
    if len(annotations) != 1:
        raise _unknown("a signature block is split, or has no place")
    (annotation,) = annotations
    body = file.objects[annotation]
    rectangle = re.search(rb"/Rect\[([^\]]+)\]", body)
    parent = re.search(rb"/StructParent \d+", body)
    listed = re.compile(rb"/Annots\b.*?(?<![0-9])%d 0 R" % annotation, re.DOTALL)
    page = next(
        each
        for each, other in file.objects.items()
        if b"/Type/Page/" in other and listed.search(other)
    )
    node = next(
        each
        for each, other in file.objects.items()
        if b"/S/Link" in other and b"/Obj %d 0 R" % annotation in other
    )
    kid = re.search(rb"/K\[(<<.*>>)\]", file.objects[node])
    if rectangle is None or parent is None or kid is None:
        raise _unknown("it tags links in another way")
    left, low, right, high = map(float, rectangle[1].split())
    looks = file.add(
        b"<</Type/XObject/Subtype/Form/BBox[0 0 %.3f %.3f]/Resources<<>>/Length 0>>"
        % (right - left, high - low),
        b"\nstream\n\nendstream",
    )
    # No array around the one kid: pyHanko finds a field in the tags by a path that ends in K and
    # Obj.
    reference = b"/K %d 0 R" % file.add(kid[1])
    file.objects[node] = (
        file.objects[node].replace(b"/S/Link", b"/S/Form").replace(kid[0], reference)
    )
    label = b"\xfe\xff".hex().encode() + who.encode("utf-16-be").hex().encode()
    file.objects[annotation] = (
        b"<</Type/Annot/Subtype/Widget/FT/Sig/F %d/P %d 0 R/T(Signature%d)/TU<%s>"
        b"/Rect[%.3f %.3f %.3f %.3f]/AP<</N %d 0 R>>%s>>"
        % (_FLAGS, page, number + 1, label, left, low, right, high, looks, parent[0])
    )
    return annotation


def _attach(file: _File, attachment: Attachment) -> None:
    """Write the attached file as `imrgen.export.pdf.attached` reads it."""
    (number,) = (each for each, body in file.objects.items() if b"/Type/EmbeddedFile" in body)
    packed = zlib.compress(attachment.content)
    kind = "json" if attachment.name.endswith(".json") else "toml"
    moment = f"D:{attachment.date:%Y%m%d}000000Z".encode()
    file.objects[number] = (
        b"<</Type/EmbeddedFile/Subtype/application#2F%s/Params<</Size %d/CreationDate(%s)"
        b"/ModDate(%s)>>/Filter/FlateDecode/Length %d>>"
        % (kind.encode(), len(attachment.content), moment, moment, len(packed))
    )
    file.streams[number] = b"\nstream\n%s\nendstream" % packed


def _describe(file: _File, provenance: Mapping[str, str], has_date: bool) -> None:
    """Write what the letter was made of into its metadata."""
    number = file.found(rb"/Metadata (\d+)", file.objects[file.catalog])
    stream = file.streams[number]
    start, end = stream.index(b"stream") + 6, stream.rindex(b"endstream")
    metadata = stream[start:end].strip(b"\r\n")
    ends = (b"</rdf:RDF>", b"</rdf:Bag></pdfaExtension:schemas>")
    for closing, added in zip(ends, provenance_rdf(provenance), strict=True):
        if metadata.count(closing) != 1:
            raise _unknown("its metadata has no extension schemas")
        metadata = metadata.replace(closing, added + closing)
    if not has_date:
        dated = rb"<(xmp:ModifyDate|xmp:CreateDate|xmpMM:History)>.*?</\1>"
        metadata = re.sub(dated, b"", metadata, flags=re.DOTALL)
        dates = rb"/(ModDate|CreationDate)<[^>]*>"
        file.objects[file.information] = re.sub(dates, b"", file.objects[file.information])
    file.objects[number] = b"<</Type/Metadata/Subtype/XML/Length %d>>" % len(metadata)
    file.streams[number] = b"\nstream\n%s\nendstream" % metadata


def _unknown(difference: str) -> Exception:
    return unknown_version("typst", difference)
