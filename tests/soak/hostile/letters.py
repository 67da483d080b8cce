"""Files that pretend to be letters, for `verify`, `extract` and `sign`.

Most have a whole seal: whoever can run imrgen can make one.
"""

from __future__ import annotations

import base64
import os
import socket
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import imrgen
from imrgen.export.seal import seal
from tests.soak.hostile.counting import STARTER

GIB = 2**30
_PDF_PLACE = "<imrgen:provenance>{}</imrgen:provenance>"
_HTML_PLACE = '<meta name="imrgen-provenance" content="{}">'
_SEALED = '{"pack":"imr 1","seal":"sha256:' + "0" * 64 + " of the first " + "0" * 12 + ' bytes"}'
_CATALOG = b"<</Type/Catalog/Pages 2 0 R%s>>"
_PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<<>>>>"


def pdf(*more: bytes, catalog: bytes = b"", pages: bytes = _PAGES, page: bytes = _PAGE) -> bytes:
    """Return a sealed PDF; `more` are the objects from 4 on, without their numbers."""
    objects = [_CATALOG % catalog, pages, page, *(more or (stream(b""),))]
    content = bytearray(f"%PDF-1.7\n%{_PDF_PLACE.format(_SEALED)}\n".encode())
    places = []
    for number, written in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    content += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start)
    return seal(bytes(content))


def raw(behind: bytes) -> bytes:
    """Return a sealed PDF of which only the header is in order."""
    return seal(f"%PDF-1.7\n%{_PDF_PLACE.format(_SEALED)}\n".encode() + behind)


def page(body: str) -> bytes:
    """Return a sealed HTML file."""
    place = _HTML_PLACE.format(_SEALED.replace('"', "&quot;"))
    head = f"<!doctype html><html lang=en><head>{place}<title>x</title></head>"
    return seal(f"{head}<body>{body}</body></html>".encode())


def stream(content: bytes, extra: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (extra, len(content), content)


def flate(size: int, times: int = 1, unit: bytes = b"\0") -> tuple[bytes, bytes]:
    """Return what unpacks to so many bytes, and the filters in its dictionary."""
    packer = zlib.compressobj(9)
    content = b"".join(packer.compress(unit * (2**20 // len(unit))) for _ in range(size >> 20))
    content += packer.flush()
    for _ in range(times - 1):
        content = zlib.compress(content, 9)
    return content, b"/Filter[%s]" % (b"/FlateDecode" * times)


def attachment(name: bytes, file: bytes) -> bytes:
    """Return a PDF with an attached file, given as a stream."""
    names = b"/Names<</EmbeddedFiles<</Names[(%s) 5 0 R]>>>>/AF[5 0 R]" % name
    spec = b"<</Type/Filespec/F(%s)/UF(%s)/EF<</F 6 0 R>>/AFRelationship/Source>>" % (name, name)
    return pdf(stream(b""), spec, file, catalog=names)


def _bomb_of_attachments() -> bytes:
    content, extra = flate(3 * GIB // 2, 2)
    return attachment(b"case.toml", stream(content, b"/Type/EmbeddedFile" + extra))


def _object_streams() -> bytes:
    content, extra = flate(GIB, 2, b"1 0 ")
    return raw(
        b"1 0 obj\n"
        + stream(content, b"/Type/ObjStm/N 99999999/First 99999999" + extra)
        + b"\nendobj\n2 0 obj\n"
        + stream(*_xref(GIB))
        + b"\nendobj\nstartxref\n180\n%%EOF"
    )


def _xref(size: int) -> tuple[bytes, bytes]:
    content, extra = flate(size, 2)
    return content, b"/Type/XRef/Size 99999999/W[1 4 2]/Root 1 0 R" + extra


def _nested_pages(depth: int) -> bytes:
    nodes = [
        b"<</Type/Pages/Kids[%d 0 R]/Count 1/Parent %d 0 R>>" % (number + 1, number - 1)
        for number in range(5, depth)
    ]
    return pdf(stream(b""), *nodes, _PAGE, pages=b"<</Type/Pages/Kids[5 0 R]/Count 1>>")


def _exponential_pages() -> bytes:
    nodes = [
        b"<</Type/Pages/Kids[%s]/Count 9999>>" % (b"%d 0 R " % (number + 1) * 9)
        for number in range(5, 40)
    ]
    return pdf(stream(b""), *nodes, _PAGE, pages=b"<</Type/Pages/Kids[5 0 R 5 0 R]/Count 99>>")


def _forms(depth: int) -> Iterator[bytes]:
    """Yield forms, each of which shows the next one twice."""
    for number in range(5, 5 + depth):
        extra = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A %d 0 R>>>>" % (
            number + 1
        )
        yield stream(b"/A Do /A Do ", extra)
    yield stream(b"0 0 1 1 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]")


def _fields(kids: bytes, *fields: bytes) -> bytes:
    return pdf(stream(b""), *fields, catalog=b"/AcroForm<</SigFlags 3/Fields[%s]>>" % kids)


def _signed(letter: bytes, contents: bytes, byte_range: bytes = b"[0 9 9 9]") -> bytes:
    """Return a letter behind which stands a signature, of whatever bytes."""
    signature = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached"
    signature += b"/ByteRange%s/Contents<%s>>>" % (byte_range, contents)
    field = b"<</FT/Sig/T(Signature1)/V 90 0 R/Type/Annot/Subtype/Widget/Rect[0 0 0 0]>>"
    return _updated(letter, {1: _with_field(), 90: signature, 91: field})


def _with_field() -> bytes:
    return _CATALOG % b"/AcroForm<</SigFlags 3/Fields[91 0 R]>>"


def _updated(letter: bytes, objects: dict[int, bytes]) -> bytes:
    before = letter[: letter.rindex(b"startxref")].rindex(b"xref")
    content = letter
    rows = b""
    for number, written in objects.items():
        rows += b"%d 1\n%010d 00000 n \n" % (number, len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    content += b"xref\n%strailer\n<</Size 99/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        rows,
        before,
        len(content),
    )
    return content


def _updates(letter: bytes, times: int) -> bytes:
    for number in range(times):
        letter = _updated(letter, {50: b"(%d)" % number})
    return letter


def _page_bomb() -> bytes:
    content, extra = flate(GIB, 2, b"0 0 m 9 9 l ")
    return pdf(stream(content, extra))


def _text_bomb() -> bytes:
    content, extra = flate(GIB // 4, 2, b"(x)Tj 0 1 Td ")
    head = zlib.compress(b"BT /F 9 Tf ")
    font = b"<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    showing = _PAGE.replace(b"<<>>", font).replace(b"4 0 R", b"[4 0 R 5 0 R]")
    return pdf(stream(head, b"/Filter/FlateDecode"), stream(content, extra), page=showing)


def _image(size: int) -> bytes:
    extra = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8" % (size, size)
    extra += b"/ColorSpace/DeviceGray/Filter/FlateDecode"
    showing = _PAGE.replace(b"<<>>", b"<</XObject<</A 5 0 R>>>>")
    return pdf(stream(b"99 0 0 99 0 0 cm /A Do"), stream(zlib.compress(b"x"), extra), page=showing)


def _in_pdf(provenance: str) -> bytes:
    return f"%PDF-1.7\n%{_PDF_PLACE.format(provenance)}\n".encode()


FILES: dict[str, Callable[[], bytes]] = {
    "attachment of 1.5 GB.pdf": _bomb_of_attachments,
    "attachment in five layers.pdf": lambda: attachment(
        b"case.toml", stream(*_swapped(flate(GIB, 5)))
    ),
    "attachment with a path.pdf": lambda: attachment(b"../../../tmp/x", stream(b"x")),
    "attachment of another type.pdf": lambda: attachment(b"case.exe", stream(b"MZ")),
    "attachment that is a bomb of TOML.pdf": lambda: attachment(
        b"case.toml", stream(b"a = " + b"[" * 500_000)
    ),
    "attachment without a file.pdf": lambda: attachment(b"case.toml", b"null"),
    "attachment that is itself.pdf": lambda: attachment(b"case.toml", b"6 0 R"),
    "300,000 attachments.pdf": lambda: pdf(
        stream(b""),
        b"<</Type/Filespec/F(a)/EF<</F 4 0 R>>>>",
        catalog=b"/Names<</EmbeddedFiles<</Names[%s]>>>>" % (b"(a) 5 0 R " * 300_000),
    ),
    "names in a circle.pdf": lambda: pdf(
        stream(b""),
        b"<</Kids[5 0 R 5 0 R]/Limits[(a)(z)]>>",
        catalog=b"/Names<</EmbeddedFiles 5 0 R>>",
    ),
    "object streams.pdf": _object_streams,
    "xref stream of 1 GB.pdf": lambda: raw(
        b"1 0 obj\n" + stream(*_xref(GIB)) + b"\nendobj\nstartxref\n178\n%%EOF"
    ),
    "xref in a circle.pdf": lambda: raw(
        b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev 178>>\n"
        b"startxref\n178\n%%EOF"
    ),
    "xref of millions.pdf": lambda: raw(
        b"xref\n0 99999999\n%strailer\n<<>>\nstartxref\n178"
        % (b"0000000009 00000 n \n" * 1_000_000)
    ),
    "no xref.pdf": lambda: raw(b"1 0 obj\n<<>>\nendobj\n" * 300_000),
    "nested pages.pdf": lambda: _nested_pages(50_000),
    "pages in a circle.pdf": lambda: pdf(pages=b"<</Type/Pages/Kids[2 0 R]/Count 9>>"),
    "exponential pages.pdf": _exponential_pages,
    "100,000 pages.pdf": lambda: pdf(
        pages=b"<</Type/Pages/Kids[%s]/Count 100000>>" % (b"3 0 R " * 100_000)
    ),
    "huge Count.pdf": lambda: pdf(pages=b"<</Type/Pages/Kids[3 0 R]/Count 2147483647>>"),
    "huge Length.pdf": lambda: pdf(b"<</Length 99999999999>>\nstream\nx\nendstream"),
    "Length of itself.pdf": lambda: pdf(b"<</Length 4 0 R>>\nstream\nx\nendstream"),
    "negative Length.pdf": lambda: pdf(b"<</Length -1>>\nstream\nx\nendstream"),
    "page of 1 GB.pdf": _page_bomb,
    "text of 256 MB.pdf": _text_bomb,
    "forms in forms.pdf": lambda: pdf(
        stream(b"/A Do"),
        *_forms(60),
        page=_PAGE.replace(b"<<>>", b"<</XObject<</A 5 0 R>>>>"),
    ),
    "image of 4 Gpx.pdf": lambda: _image(65_535),
    "nested arrays.pdf": lambda: pdf(b"[" * 500_000 + b"]" * 500_000),
    "nested dictionaries.pdf": lambda: pdf(b"<</A" * 300_000 + b"1" + b">>" * 300_000),
    "references in a circle.pdf": lambda: pdf(b"5 0 R", b"4 0 R"),
    "LZW and hex.pdf": lambda: pdf(
        stream(
            b"80" * 5_000_000, b"/Filter[/ASCIIHexDecode/LZWDecode/RunLengthDecode/ASCII85Decode]"
        )
    ),
    "encrypted.pdf": lambda: raw(
        b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/ID[(a)(b)]"
        b"/Encrypt<</Filter/Standard/V 5/R 6/O(x)/U(x)/P -1>>>>\nstartxref\n178\n%%EOF"
    ),
    "fields in a circle.pdf": lambda: _fields(b"5 0 R", b"<</T(a)/Kids[5 0 R 5 0 R]>>"),
    "exponential fields.pdf": lambda: _fields(
        b"5 0 R",
        *(b"<</T(a)/Kids[%s]>>" % (b"%d 0 R " % (n + 1) * 9) for n in range(5, 40)),
        b"<</FT/Sig/T(b)>>",
    ),
    "nested fields.pdf": lambda: _fields(
        b"5 0 R",
        *(b"<</T(a)/Kids[%d 0 R]>>" % (n + 1) for n in range(5, 20_000)),
        b"<</FT/Sig/T(b)>>",
    ),
    "100,000 fields.pdf": lambda: _fields(b"5 0 R " * 100_000, b"<</FT/Sig/T(a)>>"),
    "signature of nothing.pdf": lambda: _signed(pdf(), b""),
    "signature of 20 MB.pdf": lambda: _signed(pdf(), b"30" * 10_000_000),
    "signature of nested DER.pdf": lambda: _signed(pdf(), b"3080" * 500_000),
    "signature of a long integer.pdf": lambda: _signed(pdf(), b"0284ffffffff" + b"ff" * 999),
    "signature with a huge range.pdf": lambda: _signed(
        pdf(), b"3000", b"[0 99999999999 99999999999 99999999999]"
    ),
    "3,000 updates.pdf": lambda: _updates(pdf(), 3_000),
    "appended garbage.pdf": lambda: pdf() + b"\0" * 20_000_000,
    "appended keywords.pdf": lambda: pdf() + b"startxref\n1\n%%EOF\n" * 300_000,
    "150,000 openings.pdf": lambda: b"%PDF-1.7\n" + b"<imrgen:provenance>" * 150_000,
    "150,000 openings.html": lambda: b'<meta name="imrgen-provenance" content="' * 150_000,
    "150,000 seals.pdf": lambda: _in_pdf(f'{{"a":"{_SEALED[26:-2] * 50_000}"}}'),
    "150,000 keys.pdf": lambda: _in_pdf("{" + ",".join(f'"{n}":"x"' for n in range(150_000)) + "}"),
    "nested provenance.pdf": lambda: _in_pdf("[" * 500_000),
    "nested provenance.html": lambda: _HTML_PLACE.format("[" * 500_000).encode(),
    "provenance of another type.pdf": lambda: _in_pdf('{"seal":1}'),
    "provenance that is not UTF-8.pdf": lambda: _in_pdf("\xff").replace(b"\xc3", b""),
    "references in provenance.html": lambda: _HTML_PLACE.format("&amp;" * 999_999).encode(),
    "seal of too many bytes.pdf": lambda: _in_pdf(_SEALED.replace("0" * 12, "9" * 12)),
    "pack of a path.pdf": lambda: seal(_in_pdf(_SEALED.replace("imr 1", "../../etc 1"))),
    "recipient of a million.html": lambda: seal(
        _HTML_PLACE.format(
            _SEALED.replace("}", f',"recipient":"{"9" * 9999}"}}').replace('"', "&quot;")
        ).encode()
    ),
    "deep.html": lambda: page("<div>" * 100_000),
    "deep and closed.html": lambda: page("<div>" * 5_000 + "x" + "</div>" * 5_000),
    "deep tables.html": lambda: page("<table><tr><td>" * 20_000),
    "formatting.html": lambda: page("<b><i><a href=x>" * 30_000),
    "huge attribute.html": lambda: page(f"<p title='{'x' * 50_000_000}'>x</p>"),
    "a million attributes.html": lambda: page(
        "<p " + " ".join(f"a{n}=1" for n in range(300_000)) + ">"
    ),
    "open tags.html": lambda: page("<" * 5_000_000),
    "open comments.html": lambda: page("<!--" * 2_000_000),
    "references.html": lambda: page("&amp;" * 5_000_000),
    "images.html": lambda: page(
        f"<img alt=x src='data:image/png;base64,{base64.b64encode(bytes(20_000_000)).decode()}'>"
    ),
    "drawings.html": lambda: page("<svg><title>x</title>" + "<g>" * 100_000 + "</svg>"),
    "words.html": lambda: page("<p>" + "word " * 2_000_000),
    "one word.html": lambda: page("<p>" + "w" * 10_000_000),
    "marks.html": lambda: page("<p>" + "\u0301" * 3_000_000),
    "a PDF.html": lambda: imrgen.render(STARTER).pdf,
    "an HTML file.pdf": lambda: imrgen.render(STARTER).html.encode(),
    "half.pdf": lambda: imrgen.render(STARTER, embed_case=True).pdf[:30_000],
    "first byte.pdf": lambda: imrgen.render(STARTER, embed_case=True).pdf[1:],
    "last byte.pdf": lambda: imrgen.render(STARTER, embed_case=True).pdf[:-1],
    "half.html": lambda: imrgen.render(STARTER).html.encode()[:5_000],
    "empty.pdf": lambda: b"",
    "empty.html": lambda: b"",
    "zeros.pdf": lambda: bytes(30_000_000),
    "UTF-16.html": lambda: imrgen.render(STARTER).html.encode("utf-16"),
    "words.txt": lambda: b"word " * 4_000_000,
    "one word.txt": lambda: b"w" * 20_000_000,
    "not UTF-8.txt": lambda: b"\xff" * 1_000_000,
}


def _swapped(filtered: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    content, extra = filtered
    return content, b"/Type/EmbeddedFile" + extra


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(64 * GIB)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


PLACES: dict[str, Callable[[Path], object]] = {
    "FIFO.pdf": os.mkfifo,
    "FIFO.html": os.mkfifo,
    "FIFO.txt": os.mkfifo,
    "folder.pdf": lambda path: (path / "manifest.jsonl").mkdir(parents=True),
    "zero.pdf": lambda path: path.symlink_to("/dev/zero"),
    "zero.txt": lambda path: path.symlink_to("/dev/zero"),
    "null.pdf": lambda path: path.symlink_to("/dev/null"),
    "memory.pdf": lambda path: path.symlink_to("/proc/self/mem"),
    "circle.pdf": lambda path: path.symlink_to(path),
    "nowhere.pdf": lambda path: path.symlink_to(path.parent / "no" / "such"),
    "missing.pdf": lambda path: None,
    "64 GB.pdf": _sparse,
    "64 GB.html": _sparse,
    "64 GB.txt": _sparse,
    "socket.pdf": _socket,
    "no suffix": lambda path: path.write_bytes(pdf()),
    "suffix.exe": lambda path: path.write_bytes(pdf()),
    "-rf.pdf": lambda path: path.write_bytes(pdf()),
}
"""What is no file, or none of its own."""
