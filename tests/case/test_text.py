"""Text of files: encodings, byte order marks and line ends, whatever the kind of file."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

import imrgen
from imrgen.batch.inputs import Inputs
from imrgen.case import decode_text, encode_text, printable, read, readable_text
from imrgen.cli.sign import _passphrase
from imrgen.pipeline import settings
from tests.batches import make_case
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"
TOML = STARTER.read_text(encoding="utf-8").replace("Maria Example", "María “Example”")
JSON = json.dumps(tomli.loads(TOML), default=str, ensure_ascii=False, indent=1)
LINES = f"{json.dumps(json.loads(JSON), ensure_ascii=False)}\n" * 2
MANIFEST = (
    'name = "acme"\ntitle = "Açmé “q”"\nversion = "1"\nextends = "imr"\n'
    "organization.inherit = true\n"
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9"\nheight="9"><title>é “q”</title></svg>\n'


def case_in(suffix: str) -> Callable[[bytes, Path], Any]:
    def read_case(content: bytes, folder: Path) -> Any:
        path = folder / f"case.{suffix}"
        path.write_bytes(content)
        return read(path).data

    return read_case


def batch_of(name: str) -> Callable[[bytes, Path], Any]:
    def read_cases(content: bytes, folder: Path) -> Any:
        path = folder / name
        path.write_bytes(content)
        arguments = ["-"] if name == "-" else [str(path)]
        inputs = Inputs(arguments, lambda: folder, io.BytesIO(content))
        return [case.parse().data for case in inputs]

    return read_cases


def letter_with(name: str) -> Callable[[bytes, Path], Any]:
    """Make a letter with a pack that has a file of this name, and its images unpacked."""

    def make(content: bytes, folder: Path) -> Any:
        files = {
            "pack.toml": f'{MANIFEST}styles = ["own.css"]\n'.encode(),
            "own.css": b"p { margin: 0; }\n",
            "mark.svg": SVG.encode(),
            "blocks/clinical_summary.html": b'<p>x</p><img src="mark.svg" alt="x">\n',
            name: content,
        }
        pack = imrgen.load_pack(None, [files])
        html = imrgen.Renderer(loaded_pack=pack).render(make_case(1)).html
        return pack.title, re.sub(r"base64,[A-Za-z0-9+/=]+|pack_sha256.*", "", html)

    return make


def settings_in(content: bytes, folder: Path) -> Any:
    (folder / "imrgen.toml").write_bytes(content)
    return settings(folder)[0]


def passphrase_in(content: bytes, folder: Path) -> Any:
    (folder / "secret.txt").write_bytes(content)
    return _passphrase(folder / "secret.txt")


KINDS: dict[str, tuple[str, Callable[[bytes, Path], Any]]] = {
    "case in TOML": (TOML, case_in("toml")),
    "case in JSON": (JSON, case_in("json")),
    "case from a stream": (TOML, lambda content, folder: read(io.BytesIO(content)).data),
    "case of a batch": (TOML, batch_of("case.toml")),
    "JSON Lines": (LINES, batch_of("cases.jsonl")),
    "JSON Lines on standard input": (LINES, batch_of("-")),
    "manifest": (MANIFEST, letter_with("pack.toml")),
    "template": ("<p>é “q”</p>\n<pre>a\nb</pre>\n", letter_with("blocks/clinical_summary.html")),
    "style sheet": ('p::before { content: "é “q”" }\n', letter_with("own.css")),
    "SVG": (SVG, letter_with("mark.svg")),
    "settings": ('# é “q”\nignore = ["IMR374"]\n', settings_in),
    "passphrase": ("pässword “q”\n", passphrase_in),
}
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "with a mark": lambda text: text.encode("utf-8-sig"),
    "with two marks": lambda text: f"\ufeff\ufeff{text}".encode(),
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CRLF with a mark": lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
}
OTHER_ENCODINGS: dict[str, tuple[Callable[[str], bytes], str]] = {
    "UTF-16 LE with a mark": (lambda text: b"\xff\xfe" + text.encode("utf-16-le"), "0xFF.*UTF-16"),
    "UTF-16 BE with a mark": (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), "0xFE.*UTF-16"),
    "UTF-16 LE": (lambda text: text.encode("utf-16-le"), "0x00.*UTF-16"),
    "UTF-16 BE": (lambda text: text.encode("utf-16-be"), "0x00.*UTF-16"),
    "UTF-32 LE": (lambda text: text.encode("utf-32-le"), "0x00.*UTF-32"),
    "UTF-32 BE": (lambda text: text.encode("utf-32-be"), "0x00.*UTF-32"),
    "UTF-32": (lambda text: b"\xff\xfe\0\0" + text.encode("utf-32-le"), "0xFF.*UTF-32"),
    "Windows-1252": (lambda text: text.encode("cp1252"), "0x..; it looks like Windows-1252"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_mark_and_line_ends_change_nothing(kind: str, encoding: str, tmp_path: Path) -> None:
    text, use = KINDS[kind]
    plain = tmp_path / "plain"
    plain.mkdir()
    assert use(ENCODINGS[encoding](text), tmp_path) == use(text.encode(), plain)


@pytest.mark.parametrize("encoding", OTHER_ENCODINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_another_encoding_is_named_once_with_the_way_out(
    kind: str, encoding: str, tmp_path: Path
) -> None:
    text, use = KINDS[kind]
    encode, expected = OTHER_ENCODINGS[encoding]
    with pytest.raises(imrgen.ImrgenError) as caught:
        use(encode(text), tmp_path)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "IMR005"
    assert diagnostic.hints == ("save the file as UTF-8",)
    if kind == "passphrase":
        assert re.search("0x|:1:", str(caught.value)) is None
        return
    assert re.search(expected.replace("..;", r"..\);"), diagnostic.message), diagnostic.message
    assert diagnostic.span
    if kind == "SVG":
        assert "mark.svg:" in diagnostic.message
    elif "with a mark" in encoding:
        assert (diagnostic.span.line, diagnostic.span.column) == (1, 1)


@pytest.mark.parametrize("name", ["cases.jsonl", "-"])
@pytest.mark.parametrize("encoding", list(OTHER_ENCODINGS)[:5])
def test_json_lines_in_utf16_are_one_fault(name: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(OTHER_ENCODINGS[encoding][0](LINES * 5))
    arguments = ["-"] if name == "-" else [str(path)]
    with path.open("rb") as stream:
        (case,) = Inputs(arguments, lambda: tmp_path, stream)
    with pytest.raises(imrgen.CaseError, match="IMR005"):
        case.parse()


def test_joined_files_of_json_lines_may_each_begin_with_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(LINES.encode("utf-8-sig") * 2 + b"\xef\xbb\xbf\r\n")
    cases = list(Inputs([str(path)], lambda: tmp_path))
    assert [case.line for case in cases] == [1, 2, 3, 4]
    assert [case.parse().data["employee"]["name"] for case in cases] == ["María “Example”"] * 4


def test_one_line_in_another_encoding_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    good, bad = LINES.encode(), b'  {"employee": "' + "Müller".encode("cp1252") + b'"}\n'
    path.write_bytes(good + bad + good)
    cases = list(Inputs([str(path)], lambda: tmp_path))
    with pytest.raises(imrgen.CaseError) as caught:
        cases[2].parse()
    (diagnostic,) = map(cases[2].relocate, caught.value.diagnostics)
    assert diagnostic.span == imrgen.Span(str(path), 3, 18)
    assert [case.parse().data["employee"]["age"] for case in (*cases[:2], *cases[3:])] == [45] * 4


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["case.toml", "case.json"])
def test_places_count_the_characters_of_the_text(
    name: str, newline: str, mark: str, tmp_path: Path
) -> None:
    text = TOML.replace("\nnumber =", "\nnubmer =") if name == "case.toml" else JSON
    text = text.replace('"number":', '"nubmer":')
    plain, other = tmp_path / name, tmp_path / "other" / name
    other.parent.mkdir()
    plain.write_bytes(text.encode())
    other.write_bytes((mark + text.replace("\n", newline)).encode())
    places = []
    for path in (plain, other):
        with pytest.raises(imrgen.CaseError) as caught:
            imrgen.load_case(path)
        spans = [
            (d.path[:2], d.span.line, d.span.column) for d in caught.value.diagnostics if d.span
        ]
        places.append(spans)
    assert places[0] == places[1]
    assert [path for path, _, _ in places[0]] == [("case", "nubmer")]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
@pytest.mark.parametrize("name", ["case.toml", "case.json"])
def test_only_a_line_feed_ends_a_line(name: str, separator: str, tmp_path: Path) -> None:
    text = TOML.replace("while lifting", "while␤␤lifting").replace("a fading", "a\x93fading")
    if name == "case.json":
        text = json.dumps(tomli.loads(text), default=str, ensure_ascii=False, indent=1)
    text = text.replace("␤", separator)
    (tmp_path / name).write_bytes(text.encode())
    with pytest.raises(imrgen.CaseError) as caught:
        imrgen.load_case(tmp_path / name)
    (span,) = [each.span for each in caught.value.diagnostics if "U+0093" in each.message]
    assert span
    start = text.index("\x93")
    line_start = text.rindex("\n", 0, start) + 1
    assert (span.line, span.column) == (text.count("\n", 0, start) + 1, start - line_start + 1)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_place_of_a_bad_byte(mark: bytes, newline: str) -> None:
    content = mark + f"é = 1{newline}“é” = ".encode() + b"\x93"
    with pytest.raises(imrgen.CaseError) as caught:
        decode_text(content, "x.toml", imrgen.CaseError)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.span == imrgen.Span("x.toml", 2, 7)
    assert diagnostic.message == "not UTF-8 (byte 0x93)"


NOT_NAMED = {
    "a PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\nx\x9c\x03\0\0\0\0\1",
    "an archive": b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\x9a\xe3\0\0",
    "a binary file": bytes(range(256)) * 4,
    "damaged UTF-8": "é “q” ".encode() + b"\x93",
}


@pytest.mark.parametrize("content", NOT_NAMED.values(), ids=NOT_NAMED)
def test_an_encoding_is_not_guessed(content: bytes) -> None:
    with pytest.raises(imrgen.CaseError, match=r"not UTF-8 \(byte 0x..\); save the file as UTF-8$"):
        decode_text(content, "x", imrgen.CaseError)


@pytest.mark.parametrize("encoding", [*ENCODINGS, *list(OTHER_ENCODINGS)[:5]])
def test_a_line_is_shown_in_any_encoding(encoding: str) -> None:
    encode = ENCODINGS.get(encoding) or OTHER_ENCODINGS[encoding][0]
    assert readable_text(encode(TOML)).split("\n")[:9] == TOML.split("\n")[:9]


LINE = st.text(st.sampled_from("aé“ "), max_size=2)
ENDS = st.sampled_from([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"]])


@given(
    old=st.lists(LINE, min_size=1, max_size=6),
    new=st.lists(LINE, min_size=1, max_size=6),
    mark=st.sampled_from(["", "\ufeff"]),
    ends=ENDS,
    data=st.data(),
)
@pytest.mark.slow
def test_an_edited_text_is_written_as_its_file_was(
    old: list[str], new: list[str], mark: str, ends: list[str], data: st.DataObject
) -> None:
    before = mark + old[0]
    for line in old[1:]:
        before += data.draw(st.sampled_from(ends)) + line
    written = encode_text("\n".join(new), before.encode())
    assert decode_text(written, "x", imrgen.CaseError) == "\n".join(new)
    assert written.decode().startswith("\ufeff") == bool(mark)
    if len(old) > 1:
        found = set(re.findall("\r\n|\r|\n", written.decode()))
        assert found <= set(re.findall("\r\n|\r|\n", before))
    if old == new:
        assert written == before.encode()


def test_lines_that_were_not_edited_keep_their_own_ends() -> None:
    before = b"a\r\nb\nc\r\nd\ne\r\nf"
    assert encode_text("a\nb\nX\nd\ne\nf", before) == b"a\r\nb\nX\r\nd\ne\r\nf"
    assert encode_text("a\nb\nc\nd\nY\nZ\ne\nf", before) == b"a\r\nb\nc\r\nd\nY\r\nZ\r\ne\r\nf"
    assert encode_text("a\nb\nc\nd\n", before) == b"a\r\nb\nc\r\nd\n"


def test_a_name_that_is_not_utf8_is_printable_and_stays_distinct() -> None:
    names = [b"b\xe4d.toml".decode(errors="surrogateescape"), "b\udce5d.toml", "bäd.toml", "bad"]
    printed = [printable(name) for name in names]
    assert len(set(printed)) == len(names)
    assert printed[2:] == names[2:]
    assert "".join(printed).encode().decode() == "".join(printed)
