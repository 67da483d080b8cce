"""The verdicts on unaltered and altered letters."""

from __future__ import annotations

import html
import io
import json
import re
import sys
import tomllib
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from click.testing import CliRunner, Result

import imrgen
from imrgen.cli import cli
from imrgen.export import engine_versions, unseal
from imrgen.export.pdf.attached import attached_case
from imrgen.verification import case_file, verify
from tests.conftest import ROOT
from tests.letters import INVITATION, RECIPIENTS, write_pack
from tests.signing.test_signing import Authority
from tests.soak.hostile.letters import FILES

STARTER = ROOT / "imrgen" / "starter.toml"


INVITED = """
[letters.invitation]
title = "Invitation"
template = "invitation.html"
per = "recipients"
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one letter in every format, and one that brings its case file along."""
    folder = tmp_path_factory.mktemp("letters")
    letter = imrgen.render(STARTER)
    for suffix in ("pdf", "html", "txt"):
        letter.save(folder / f"letter.{suffix}")
    imrgen.Renderer(embed_case=True).render(STARTER).save(folder / "whole.pdf")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", ["letter.pdf", "letter.html", "letter.txt"])
def test_an_untouched_letter_is_identical(name: str, letters: Path) -> None:
    result = run("verify", letters / name, "--case", STARTER)
    assert (result.exit_code, "identical" in result.output) == (0, True), result.output


@pytest.mark.slow
def test_a_letter_that_brings_its_case_file_needs_no_other(letters: Path) -> None:
    result = run("verify", letters / "whole.pdf")
    assert (result.exit_code, "identical" in result.output) == (0, True), result.output


def test_without_a_case_file_a_letter_is_intact_and_not_rendered_again(letters: Path) -> None:
    result = run("verify", letters / "letter.pdf", letters / "letter.html")
    assert result.exit_code == 0
    assert result.output.count("intact") == 2
    assert result.output.count("not rendered again") == 2


@pytest.mark.parametrize("name", ["letter.pdf", "letter.html"])
def test_a_flipped_byte_anywhere_is_found(name: str, letters: Path) -> None:
    content = (letters / name).read_bytes()
    places = [*range(0, len(content), 61), len(content) - 1]
    assert len(places) > 100
    for place in places:
        changed = content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :]
        sealed = unseal(changed)
        assert sealed is not None, place
        assert not sealed.whole, place


@pytest.mark.slow
@pytest.mark.parametrize("name", ["letter.pdf", "letter.html"])
def test_what_is_appended_is_found(name: str, letters: Path, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes((letters / name).read_bytes() + b"\n% more\n")
    result = run("verify", tmp_path / name, "--case", STARTER)
    assert (result.exit_code, "altered" in result.output) == (1, True), result.output


@pytest.mark.slow
def test_one_changed_letter_in_html_is_reported_with_its_field_and_not_its_words(
    letters: Path, tmp_path: Path
) -> None:
    html = (letters / "letter.html").read_text(encoding="utf-8")
    found = re.search(r"<p>([A-Z]\w+ [^<]{40,})</p>", html.partition("all medical records:</p>")[2])
    assert found
    (tmp_path / "letter.html").write_text(
        html.replace(found[1], found[1].replace("a", "e", 1)), encoding="utf-8"
    )
    result = run("verify", tmp_path / "letter.html", "--case", STARTER)
    assert result.exit_code == 1
    assert "of `clinical_summary`" in result.output
    assert found[1].split()[0] not in result.output.replace(str(tmp_path), "")
    shown = run("verify", tmp_path / "letter.html", "--case", STARTER, "--show-values")
    assert "in the file:" in shown.output


@pytest.mark.slow
def test_one_changed_glyph_in_a_pdf_is_reported(letters: Path, tmp_path: Path) -> None:
    """Another program rewrites the file, with one character exchanged for another of its font."""
    with pikepdf.open(letters / "letter.pdf") as pdf:
        stream = pdf.pages[0].Contents
        content = stream.read_bytes()
        glyphs = re.findall(rb"<([0-9a-f]{8,})>", content)
        longest = max(glyphs, key=len)
        stream.write(content.replace(longest, longest[4:8] + longest[4:], 1))
        pdf.save(tmp_path / "letter.pdf")
    result = run("verify", tmp_path / "letter.pdf", "--case", STARTER)
    assert (result.exit_code, "altered" in result.output) == (1, True), result.output
    assert "word" in result.output


@pytest.mark.slow
def test_a_flipped_byte_in_a_stream_is_altered_with_the_same_or_no_readable_words(
    letters: Path, tmp_path: Path
) -> None:
    content = bytearray((letters / "letter.pdf").read_bytes())
    content[content.index(b"stream\n") + 60] ^= 1
    (tmp_path / "letter.pdf").write_bytes(content)
    result = run("verify", tmp_path / "letter.pdf", "--case", STARTER)
    assert (result.exit_code, "altered" in result.output) == (1, True), result.output


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["pdf", "html"])
def test_a_letter_of_an_older_imrgen_has_the_same_words_and_says_why(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("imrgen.pipeline.provenance.__version__", "0.0.9")
        path = imrgen.render(STARTER).save(tmp_path / f"letter.{suffix}")
    result = run("verify", path, "--case", STARTER)
    assert result.exit_code == 3, result.output
    assert "same words, other bytes" in result.output
    assert f"imrgen was 0.0.9, and is {imrgen.__version__}" in result.output


@pytest.mark.slow
def test_a_changed_pack_is_reported(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "letter.css").write_bytes((ROOT / "templates" / "letter" / "letter.css").read_bytes())
    path = imrgen.render(STARTER, templates=[folder]).save(tmp_path / "letter.pdf")
    (folder / "letter.css").write_text(
        (folder / "letter.css").read_text() + "\nh1 { color: #111; }\n"
    )
    result = run("verify", path, "--case", STARTER, "--templates", folder)
    assert (
        result.exit_code,
        "the pack's files changed since the letter was rendered" in result.output,
    ) == (3, True), result.output


@pytest.mark.slow
def test_another_case_is_altered(letters: Path, tmp_path: Path) -> None:
    text = STARTER.read_text(encoding="utf-8").replace(
        'decision = "upheld"', 'decision = "overturned"', 1
    )
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    result = run("verify", letters / "letter.pdf", "--case", tmp_path / "case.toml")
    assert (result.exit_code, "altered" in result.output) == (1, True), result.output


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 nothing", b"<html></html>"])
def test_a_file_of_another_program_is_foreign(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(content)
    result = run("verify", tmp_path / "x.pdf")
    assert (result.exit_code, "not a letter of imrgen's" in result.output) == (4, True), (
        result.output
    )


def test_json_has_the_outcome_and_no_value(letters: Path) -> None:
    result = run("verify", letters / "letter.pdf", "--case", STARTER, "--json")
    assert json.loads(result.stdout) == [
        {"letter": str(letters / "letter.pdf"), "outcome": "identical", "reasons": []}
    ]


def test_extract_writes_the_case_file_byte_for_byte(letters: Path, tmp_path: Path) -> None:
    result = run("extract", letters / "whole.pdf", "-o", tmp_path / "back.toml")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "back.toml").read_bytes() == STARTER.read_bytes()


@pytest.mark.slow
def test_extract_keeps_a_byte_order_mark_and_line_ends(tmp_path: Path) -> None:
    raw = b"\xef\xbb\xbf" + STARTER.read_bytes().replace(b"\n", b"\r\n")
    (tmp_path / "case.toml").write_bytes(raw)
    path = (
        imrgen.Renderer(embed_case=True)
        .render(tmp_path / "case.toml")
        .save(tmp_path / "letter.pdf")
    )
    run("extract", path, "-o", tmp_path / "back.toml")
    assert (tmp_path / "back.toml").read_bytes() == raw


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_an_attached_file_has_the_name_that_readers_of_pdf_show(
    suffix: str, tmp_path: Path
) -> None:
    case = tmp_path / f"mine.{suffix}"
    if suffix == "toml":
        case.write_bytes(STARTER.read_bytes())
    else:
        case.write_text("\n " + json.dumps(tomllib.loads(STARTER.read_text()), default=str))
    pdf = imrgen.Renderer(embed_case=True).render(case).pdf
    with pikepdf.open(io.BytesIO(pdf)) as read:
        ((name, attached),) = read.attachments.items()
        assert case_file(pdf) == (name, attached.get_file().read_bytes())
    assert name == f"case.{suffix}"


def _changed(content: bytes) -> bytes:
    return content.replace(b"/EmbeddedFile", b"/embeddedFile")


def _foreign(content: bytes) -> bytes:
    return content.replace(b"imrgen:provenance", b"others:provenance")


@pytest.mark.parametrize(
    ("change", "says"),
    [(_changed, "was changed"), (_foreign, "changed"), (lambda _: b"%PDF-1.7", "no seal")],
)
def test_extract_gives_out_no_case_of_a_file_that_is_not_a_whole_letter(
    change: Callable[[bytes], bytes], says: str, letters: Path, tmp_path: Path
) -> None:
    (tmp_path / "letter.pdf").write_bytes(change((letters / "whole.pdf").read_bytes()))
    result = run("extract", tmp_path / "letter.pdf", "-o", tmp_path / "case.toml")
    assert isinstance(result.exception, imrgen.ReadError)
    assert says in str(result.exception)
    assert not (tmp_path / "case.toml").exists()


@pytest.mark.slow
def test_what_is_attached_is_unpacked_to_the_size_of_a_case_file_and_no_further() -> None:
    packed = zlib.compressobj()
    zeros = b"".join(packed.compress(bytes(2**20)) for _ in range(64)) + packed.flush()
    tracemalloc.start()
    assert attached_case(_pdf_object(zeros)) is None
    assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    tracemalloc.stop()
    small = b" [case]"
    assert attached_case(_pdf_object(zlib.compress(small))) == ("case.toml", small)


def _pdf_object(packed: bytes) -> bytes:
    return b"<</Type /EmbeddedFile/Filter /FlateDecode/Length %d>>\nstream\n%s\nendstream" % (
        len(packed),
        packed,
    )


class Counted(bytes):
    """Bytes that count how many of them are searched."""

    searched = 0

    def find(self, part: bytes, start: int = 0, end: int = sys.maxsize) -> int:  # type: ignore[override]
        found = super().find(part, start, end)
        Counted.searched += (found if found >= 0 else len(self)) - start
        return found


@pytest.mark.parametrize("end", [b"", b"</imrgen:provenance>", b'">'])
@pytest.mark.parametrize(
    "opening", [b"<imrgen:provenance>", b'<meta name="imrgen-provenance" content="']
)
def test_a_file_is_searched_for_its_seal_a_few_times_however_often_one_begins(
    opening: bytes, end: bytes
) -> None:
    content = Counted(opening * 2000 + end)
    Counted.searched = 0
    sealed = unseal(content)
    assert sealed is not None
    assert not sealed.whole
    assert 0 < Counted.searched < 8 * len(content)


@pytest.mark.slow
def test_a_text_of_another_letter_is_verified_by_its_name(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "acme", invitation=INVITATION, manifest=INVITED)
    case = tmp_path / "case.toml"
    rows = "".join(
        f"[[recipients]]\nname = {r['name']!r}\nrole = {r['role']!r}\n" for r in RECIPIENTS
    )
    case.write_text(f"{STARTER.read_text('utf-8')}\n{rows}", encoding="utf-8")
    options: dict[str, Any] = {"templates": [pack], "check": False}
    notice = imrgen.Renderer(letter="notice", **options).render(case)
    invited = imrgen.Renderer(letter="invitation", recipient=2, **options).render(case)
    for letter, said, code in (
        (notice, (), 1),
        (notice, ("--letter", "notice"), 0),
        (invited, ("--letter", "invitation", "--recipient", "1"), 1),
        (invited, ("--letter", "invitation", "--recipient", "2"), 0),
    ):
        path = letter.save(tmp_path / "letter.txt")
        result = run("verify", path, "--case", case, "--templates", pack, *said)
        assert result.exit_code == code, result.output


TABLE = """
<table><thead><tr><th scope="col">Service</th><th scope="col">Dates</th>
<th scope="col">Decision</th></tr></thead>
<tr><td>Physical therapy</td><td>10/07/2016 to 11/02/2016</td><td>Upheld</td></tr>
<tr><td>MRI</td><td>10/07/2016</td><td>Overturned</td></tr></table>
<blockquote>{}</blockquote>
"""


@pytest.mark.slow
def test_a_text_is_recognized_whatever_its_width_and_no_other_words_are(tmp_path: Path) -> None:
    """Its tables have their labels once or for each row, and verify knows no width."""
    (tmp_path / "blocks").mkdir()
    body = TABLE.format(TABLE.replace("Service", "Item").format(""))
    (tmp_path / "blocks" / "clinical_summary.html").write_text(body, encoding="utf-8")
    found: dict[str, set[str]] = {}
    texts = {
        imrgen.Renderer(templates=[tmp_path], width=width).render(STARTER).text
        for width in (0, 40, 56)
    }
    assert len({text.count("Decision:") for text in texts}) == 3
    for text in texts:
        changed = text.replace("Item", "Date", 1)
        twice = text.replace("Overturned", "Overturned Decision:", 1)
        for one in (text, text.replace("\n", "\n\n"), changed, twice):
            verdict = verify(one.encode(), format="text", case=STARTER, templates=[tmp_path])
            found.setdefault(verdict.outcome, set()).add(one)
    assert found.keys() == {"identical", "altered"}
    assert texts < found["identical"]
    assert len(found["identical"]) == len(found["altered"]) == 2 * len(texts)


@pytest.mark.parametrize(
    "provenance",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"a": ' + "[" * 100_000,
        "1" * 5000,
        '{"a": 1}',
        '{"a": "\\ud800"}',
    ],
)
@pytest.mark.slow
def test_any_provenance_that_imrgen_does_not_write_is_altered(provenance: str) -> None:
    opening = '<meta name="imrgen-provenance" content="'
    content = f'{opening}{html.escape(provenance)}">'.encode()
    assert verify(content, format="html").outcome == "altered"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["letter.pdf", "letter.html"])
def test_a_letter_that_is_nested_deep_is_altered(name: str, letters: Path) -> None:
    content = (letters / name).read_bytes()
    if name == "letter.html":
        content = content.replace(b"</h1>", b"</h1>" + b"<div>" * 20_000, 1)
    else:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            top = pdf.Root.StructTreeRoot
            kids = top.K
            for _ in range(3000):
                kids = pdf.make_indirect(
                    pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.Div, K=kids)
                )
            top.K = kids
            out = io.BytesIO()
            pdf.save(out)
            content = out.getvalue()
    assert verify(content, format=name[7:], case=STARTER).outcome == "altered"


STRANGE = {
    "pages in a circle.pdf": "altered",
    "nested pages.pdf": "altered",
    "recipient of a million.html": "altered",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("limits", [None, imrgen.Limits(60, 1024)])
def test_a_strange_file_with_a_whole_seal_has_a_verdict(
    name: str, limits: imrgen.Limits | None
) -> None:
    content = FILES[name]()
    sealed = unseal(content)
    assert sealed is not None
    assert sealed.whole
    kind = name.rpartition(".")[2]
    verdict = imrgen.verify(content, format=kind, case=STARTER, limits=limits)
    assert verdict.outcome == STRANGE[name]


@pytest.mark.slow
def test_a_file_whose_words_are_not_read_in_time_is_a_limit() -> None:
    content = FILES["forms in forms.pdf"]()
    limits = imrgen.Limits(timeout=1)
    with pytest.raises(imrgen.LimitError) as error:
        imrgen.verify(content, format="pdf", case=STARTER, limits=limits)
    assert [each.code for each in error.value.diagnostics] == ["IMR512"]


@pytest.mark.slow
def test_what_pyhanko_cannot_write_to_is_not_signed() -> None:
    content = FILES["pages in a circle.pdf"]()
    with pytest.raises(imrgen.SignatureError, match="cannot be read"):
        imrgen.sign(content, Authority("Example Office").pkcs12(None))


def test_extract_reports_that_none_is_attached(letters: Path) -> None:
    result = run("extract", letters / "letter.pdf")
    assert isinstance(result.exception, imrgen.ReadError)
    assert "has no case file attached" in str(result.exception)


def test_a_case_that_was_made_in_python_cannot_be_attached(case: dict[str, Any]) -> None:
    with pytest.raises(imrgen.CaseError, match="no file to attach"):
        _ = imrgen.Renderer(embed_case=True).render(case).pdf


@pytest.mark.slow
def test_the_provenance_of_both_files_is_the_same_without_values(letters: Path) -> None:
    seals = [unseal((letters / name).read_bytes()) for name in ("letter.pdf", "letter.html")]
    assert all(one is not None and one.whole for one in seals)
    # What sets pages is of no account in HTML.
    pdf = dict(seals[0].provenance)
    assert re.fullmatch(r"1\.\d+\.\d+", pdf.pop("pango"))
    # Only the PDF names what only a PDF is made with.
    for name, version in engine_versions("weasyprint").items():
        assert pdf.pop(name) == version
    assert pdf == seals[1].provenance == dict(imrgen.render(STARTER).provenance)
    assert {"imrgen", "pack", "pack_sha256", "case_sha256", "words_sha256"} <= set(pdf)
    assert "Maria" not in str(seals[0].provenance)


def test_verify_without_a_case_takes_a_letter_for_altered_where_its_seal_is_broken(
    letters: Path,
) -> None:
    content = (letters / "letter.pdf").read_bytes()
    assert verify(content[:-2], format="pdf").outcome == "altered"


@pytest.mark.slow
def test_the_folder_of_a_batch_is_held_against_its_manifest(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "case.toml").write_bytes(STARTER.read_bytes())
    batch = run("batch", tmp_path / "cases", "-o", tmp_path / "out", "-f", "text", "--jobs", "1")
    assert batch.exit_code == 0, batch.output
    result = run("verify", tmp_path / "out")
    assert (result.exit_code, "intact" in result.output) == (0, True), result.output
    (letter,) = (tmp_path / "out").glob("*.txt")
    letter.write_bytes(letter.read_bytes().replace(b"e", b"a", 1))
    result = run("verify", tmp_path / "out")
    assert (result.exit_code, "altered" in result.output) == (1, True), result.output
