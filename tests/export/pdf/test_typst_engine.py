"""PDF by Typst: the same words and pages as by WeasyPrint, whatever stands in the case."""

from __future__ import annotations

import difflib
import html
import io
import itertools
import json
import os
import re
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pikepdf
import pypdfium2
import pytest
import tomli
import typst

import imrgen
from imrgen.diagnostics import LibraryError
from imrgen.document import IGNORABLE, visible_characters
from imrgen.export import find_format, to_words, unseal
from imrgen.export.pdf.readback import Tag, open_pdf
from imrgen.export.pdf.typst.program import LastParagraph, Program
from imrgen.export.pdf.typst.setting import Setting
from imrgen.export.pdf.typst.source import quoted
from imrgen.verification import case_file, verify
from tests.command_line import invoke
from tests.conftest import COMBINATIONS, ROOT, fixtures_of
from tests.features import Feature, features
from tests.pdf_lines import lines_of_pages

STARTER = ROOT / "imrgen" / "starter.toml"
FEATURES = list(features())


def renderer(**options: Any) -> imrgen.Renderer:
    return imrgen.Renderer(**options, engine="typst")


@pytest.fixture(scope="module")
def letter() -> imrgen.Letter:
    return renderer(embed_case=True).render(STARTER)


def tags(pdf: bytes) -> Iterator[tuple[str, Tag]]:
    """Yield each element of a PDF's tags, with the name of what it is in."""
    with open_pdf(pdf) as reader:
        waiting = [("", tag) for page in reader.tags() for tag in page]
    while waiting:
        parent, tag = waiting.pop()
        yield parent, tag
        waiting += [(tag.name, kid) for kid in tag.kids if isinstance(kid, Tag)]


# Every letter


@pytest.mark.slow
@pytest.mark.parametrize(("path", "pack", "letter"), COMBINATIONS)
def test_every_letter_has_the_words_of_its_text_and_is_read_as_it_is_written(
    path: Path, pack: str, letter: str
) -> None:
    try:
        made = renderer(pack=pack, letter=letter, check=False).render(path)
    except imrgen.CaseError as error:
        assert {diagnostic.code for diagnostic in error.diagnostics} == {"IMR106"}
        return
    assert find_format("pdf").read(made.pdf) == visible_characters(to_words(made.document.tree))
    for parent, tag in tags(made.pdf):
        if tag.name == "TH":
            assert dict(tag.attributes)["Scope"] in ("Row", "Column")
        if tag.name == "L":
            assert parent in ("LBody", "Document", "BlockQuote", "TD")
        assert (tag.name == "LI") is (parent == "L")


@pytest.mark.slow
@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.title)
def test_a_feature_is_set_or_refused_by_name(feature: Feature, tmp_path: Path) -> None:
    made = feature.renderer(tmp_path)
    made = imrgen.Renderer(made.options, loaded_pack=made.pack, engine="typst")
    try:
        letter = made.render(STARTER)
        assert letter.pdf.startswith(b"%PDF")
    except imrgen.PackError as error:
        found = error.diagnostics
        assert feature.refused or found[0].code in ("IMR428", "IMR405")
        assert all(each.span is not None for each in found if each.code == "IMR428")
    else:
        assert not feature.refused


@pytest.mark.slow
def test_lines_and_pages_break_as_they_do_by_weasyprint() -> None:
    same = number = 0
    for pack, stem in (
        ("imr", "many-issues"),
        ("imr-2015", "seed"),
        ("external-review", "several"),
    ):
        (path,) = (each for each in fixtures_of(pack) if each.stem == stem)
        one, two = (
            lines_of_pages(imrgen.render(path, pack=pack, check=False, engine=engine).pdf)
            for engine in ("weasyprint", "typst")
        )
        assert len(one) == len(two)
        lines = [[*itertools.chain.from_iterable(pages)] for pages in (one, two)]
        matcher = difflib.SequenceMatcher(None, *lines, autojunk=False)
        same += sum(block.size for block in matcher.get_matching_blocks())
        number += len(lines[0])
    assert same >= 0.97 * number


# The same letter each time


@pytest.mark.slow
def test_a_letter_has_the_same_bytes_in_other_processes_zones_and_seeds(
    letter: imrgen.Letter, tmp_path: Path
) -> None:
    program = (
        f"import imrgen, sys; sys.stdout.buffer.write(imrgen.render({str(STARTER)!r}, "
        'engine="typst", embed_case=True).pdf)'
    )
    environment = {**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        env=environment,
    )
    assert run.stdout == letter.pdf
    assert run.stderr == b""
    assert renderer(embed_case=True).render(STARTER).pdf == letter.pdf


def test_colours_are_those_of_the_output_intent(letter: imrgen.Letter) -> None:
    with pikepdf.open(io.BytesIO(letter.pdf)) as pdf:
        assert pdf.Root.OutputIntents[0].DestOutputProfile.N == 3
        spaces = [
            space for page in pdf.pages for space in page.Resources.get("/ColorSpace", {}).values()
        ]
    assert set(map(str, spaces)) == {"/DeviceRGB"}


def test_a_letter_is_verified_by_the_engine_that_made_it(
    letter: imrgen.Letter, tmp_path: Path
) -> None:
    assert verify(letter.pdf, format="pdf").outcome == "identical"
    sealed = unseal(letter.pdf)
    assert sealed is not None
    assert "typst" in sealed.provenance
    assert not {"weasyprint", "pydyf", "pango"} & set(sealed.provenance)
    assert case_file(letter.pdf) == ("case.toml", STARTER.read_bytes())
    broken = letter.pdf.replace(b"/DisplayDocTitle true", b"/DisplayDocTitle fals")
    assert broken != letter.pdf
    assert verify(broken, format="pdf").outcome == "altered"


# Who chooses it


def test_the_command_line_wins_over_the_project_and_that_over_the_pack(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    manifest = (
        'name = "acme"\ntitle = "Acme"\nversion = "1"\nextends = "imr"\n'
        'organization.inherit = true\n[pdf]\nengine = "typst"\n'
    )
    (tmp_path / "acme" / "pack.toml").write_text(manifest)
    usual = ("render", STARTER, "--templates", "acme", "-o", "x.pdf")

    def engine(*arguments: str) -> str:
        run = invoke(*usual, *arguments, cwd=tmp_path)
        assert run.returncode == 0, run.stderr
        sealed = unseal((tmp_path / "x.pdf").read_bytes())
        assert sealed is not None
        return "typst" if "typst" in sealed.provenance else "weasyprint"

    assert engine() == "typst"
    (tmp_path / "imrgen.toml").write_text('[pdf]\nengine = "weasyprint"\n')
    assert engine() == "weasyprint"
    assert engine("--engine", "typst") == "typst"


def test_without_typst_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name == "typst" or name.startswith("imrgen.export.pdf.typst"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(LibraryError, match=r"imrgen\[typst\]") as error:
        _ = renderer().render(STARTER).pdf
    assert [found.code for found in error.value.diagnostics] == ["IMR412"]


WITHOUT_WEASYPRINT = """
import sys
for name in ("weasyprint", "pydyf", "cffi"):
    sys.modules[name] = None
import imrgen
letter = imrgen.render(sys.argv[1], engine="typst", embed_case=True)
assert letter.text and letter.html
assert imrgen.verify(letter.pdf, format="pdf").outcome == "identical"
"""


@pytest.mark.slow
def test_all_formats_are_made_where_weasyprint_cannot_be_loaded(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_WEASYPRINT, str(STARTER)]
    subprocess.run(command, check=True, cwd=tmp_path)


FORKED = """
import os, sys, imrgen
renderer = imrgen.Renderer(engine="typst")
first = renderer.render(sys.argv[1]).pdf
child = os.fork()
if child == 0:
    try:
        renderer.render(sys.argv[1]).pdf
    except imrgen.ImrgenError as error:
        os._exit(0 if error.diagnostics[0].code == "IMR429" else 2)
    os._exit(1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.slow
def test_a_fork_of_a_process_that_used_typst_is_refused_and_does_not_hang() -> None:
    """Typst's threads are not in the child; without the refusal it waits for them forever."""
    run = subprocess.run([sys.executable, "-c", FORKED, str(STARTER)], timeout=60, check=False)
    assert run.returncode == 0


# What stands in a case means nothing to Typst

SYNTAX = [
    '#panic("x")',
    "#{ 1 + 1 }",
    "$x^2$",
    r"\u{41} \n \"",
    "\"quotes\" 'and' more",
    "[content] ]",
    "@reference",
    "// comment",
    "/* comment */",
    "<label>",
    "= Heading",
    "~ --- ...",
    "ends in a backslash \\",
    '"); read("/etc/passwd") ("',
    "#import sys",
    "}); [",
    "#",
    "u\u00adn\u200bs\u2060een",
]


def leaves(table: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of each text of a case."""
    for key, value in table.items() if isinstance(table, dict) else enumerate(table):
        if isinstance(value, str):
            yield (*path, key)
        elif isinstance(value, dict | list):
            yield from leaves(value, (*path, key))


@pytest.mark.slow
def test_typst_s_own_syntax_is_text_in_every_field() -> None:
    data = tomli.loads(STARTER.read_text(encoding="utf-8"))
    texts = itertools.cycle(SYNTAX)
    changed = 0
    for path in leaves(data):
        table = data
        for key in path[:-1]:
            table = table[key]
        before = table[path[-1]]
        table[path[-1]] = f"{before} {next(texts)}"
        try:
            imrgen.load_case(data)
            changed += 1
        except imrgen.CaseError:
            table[path[-1]] = before
    assert changed >= 15
    data["clinical_summary"] += "".join(f"\n\nText {text} text" for text in SYNTAX)
    made = renderer(check=False).render(data)
    read = find_format("pdf").read(made.pdf)
    assert read == visible_characters(to_words(made.document.tree))
    for text in SYNTAX:
        assert visible_characters(text).replace("\\", "") in read.replace("\\", "")


def test_lines_are_moved_by_the_program_and_not_by_words_like_it() -> None:
    words = quoted("#let moved = 0pt") + quoted("\n#let moved = 0pt\n")
    source = f"#set document(title: {words})\n#let moved = 0pt\n"
    last = LastParagraph(widows=4, leading=14.0)
    program = Program(source, {}, [], [], [], [], has_date=False, last_paragraph=last)
    moved = program.moving(2)
    assert moved.source == f"#set document(title: {words})\n#let moved = 28pt\n"
    assert moved.moving(1).source.endswith("#let moved = 42pt\n")


@pytest.mark.parametrize("text", SYNTAX)
def test_a_string_of_typst_s_holds_exactly_the_text(text: str) -> None:
    assert json.loads(typst.eval(b"", quoted(text), format="json")) == text


def test_a_character_that_no_font_has_stops_the_letter(case: dict[str, Any]) -> None:
    case["clinical_summary"] = "The worker 張偉 was seen."
    with pytest.raises(imrgen.CaseError) as error:
        _ = renderer(check=False).render(case).pdf
    assert {found.code for found in error.value.diagnostics} == {"IMR404"}
    assert "U+5F35" in str(error.value)
    assert "was seen" not in str(error.value)


@pytest.mark.slow
def test_what_typst_would_cut_off_is_found_in_the_finished_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = Setting.program

    def wider(self: Setting, attachment: str = "") -> Program:
        written = program(self, attachment)
        source = written.source.replace("width: 100%, {", "width: 150%, {")
        return msgspec.structs.replace(written, source=source)

    monkeypatch.setattr(Setting, "program", wider)
    with pytest.raises(imrgen.ImrgenError) as error:
        _ = renderer(check=False).render(STARTER).pdf
    assert {found.code for found in error.value.diagnostics} == {"IMR407"}


PDF_SYNTAX = [
    "/URI(imrgen:sign:0)",
    "<</Type/EmbeddedFile>> stream",
    "/K[999 0 R]",
    "/CreationDate(x) /ModDate(y)",
    "/Type/Page/ /Annots[5 0 R]",
    "(( \\) \\",
    "endobj xref trailer",
    "<rdf:RDF> & </rdf:RDF>",
]
SIGNED = """<div data-signature="{}" style="width:200px;height:60px"></div>"""
LETTER = """{{% extends "letter.html" %}}
{{% block title %}}{}{{% endblock %}}
{{% block main %}}<h1>Letter</h1>{}{{% endblock %}}"""


def of_template(title: str, body: str) -> imrgen.Letter:
    """Make a letter with a title and a body of its own, and its case attached."""
    manifest = (ROOT / "fixtures" / "features" / "pack.toml").read_text(encoding="utf-8")
    manifest = manifest.replace("features", "own") + (
        '[letters.determination]\ntitle = "Own"\ntemplate = "own.html"\n'
    )
    files: dict[str, str | bytes] = {
        "pack.toml": manifest,
        "own.html": LETTER.format(title, body),
        "seal.png": (ROOT / "fixtures" / "features" / "seal.png").read_bytes(),
    }
    pack = imrgen.load_pack(templates=[files])
    return renderer(pack=pack, embed_case=True, check=False).render(STARTER)


@pytest.mark.slow
@pytest.mark.parametrize("text", PDF_SYNTAX)
def test_the_syntax_of_a_pdf_is_text_wherever_it_stands(text: str) -> None:
    written = html.escape(text)
    address = urllib.parse.quote(text, safe="/()<>:")
    made = of_template(
        written,
        f'<p><img src="seal.png" alt="{written}"> {written}</p>{SIGNED.format(written)}'
        f'<p><a href="https://example.org/{html.escape(address)}">link</a></p>'
        "<ul><li>one<ul><li>two</ul></ul><table><tr><th>A<tr><td>b</table>",
    )
    assert find_format("pdf").read(made.pdf) == visible_characters(to_words(made.document.tree))
    assert case_file(made.pdf) == ("case.toml", STARTER.read_bytes())
    with pypdfium2.PdfDocument(made.pdf) as document:
        assert document.get_metadata_dict()["Title"] == text
    with open_pdf(made.pdf) as reader:
        assert len(reader.fields()) == 1
    assert text in {dict(tag.attributes).get("Alt") for _, tag in tags(made.pdf)}


@pytest.mark.slow
def test_a_field_knows_the_page_on_which_it_is() -> None:
    body = "".join(
        f'{SIGNED.format(number)}<p style="break-after: page">Page</p>' for number in range(3)
    )
    pdf = of_template("Fields", body).pdf
    objects = dict(re.findall(rb"\n([0-9]+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL))
    fields = {
        number: found[1]
        for number, content in objects.items()
        if b"/FT/Sig" in content and (found := re.search(rb"/P ([0-9]+) 0 R", content))
    }
    assert len(set(fields.values())) == 3
    for number, page in fields.items():
        listed = objects[page].partition(b"/Annots")[2]
        assert number in re.findall(rb"([0-9]+) 0 R", listed.partition(b"]")[0])


@pytest.mark.slow
def test_what_shows_nothing_is_neither_searched_nor_copied(case: dict[str, Any]) -> None:
    case["clinical_summary"] = (
        "Of C5\u2011C6 and C5-C6, mid\u00addle and middle, a/b at https://example.org/a/b?c=d: "
        "a\u200bb, a\u2060b. "
    ) + "co\u00adoperation " * 40
    pdf = renderer(check=False).render(case).pdf
    with pypdfium2.PdfDocument(pdf) as document:
        text = "".join(page.get_textpage().get_text_range() for page in document)
    assert not re.search(IGNORABLE, text)
    assert "Of C5-C6 and C5-C6, middle and middle, a/b at https://example.org/a/b?c=d: ab" in (
        text.replace("\r\n", "")
    )


LANGUAGES = ["en", "es", "pl", "pt-BR", "cs", "hr", "sk", "dsb", "hsb"]


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hyphen_at_the_end_of_a_line_is_not_repeated(language: str) -> None:
    """Typst repeats it on the next line in some languages."""
    words = "bio-psico-social C5-C6 auto-ayuda -x 2-3 " * 12
    body = "".join(f"<p>{'x' * number} {words}</p>" for number in range(1, 9))
    made = of_template("Hyphens", f'<div lang="{language}">{body}</div>')
    assert find_format("pdf").read(made.pdf) == visible_characters(to_words(made.document.tree))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *(("p", language) for language in ("x-klingon", "en_US", "abcd", "é", "e")),
        *((tag, "i-default") for tag in ("span", "td", "tr", "tbody", "li")),
    ],
)
def test_a_language_that_typst_has_no_name_for_is_refused_by_place(language: str, tag: str) -> None:
    body = {"span": "<p><span>x</span></p>", "li": "<ul><li>x</ul>", "p": "<p>x</p>"}.get(
        tag, "<table><tbody><tr><td>x</table>"
    )
    made = of_template("Language", body.replace(f"<{tag}>", f'<{tag} lang="{language}">'))
    with pytest.raises(imrgen.PackError) as error:
        _ = made.pdf
    assert [found.code for found in error.value.diagnostics] == ["IMR428"]
    assert all(found.span is not None for found in error.value.diagnostics)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "Of C5\u2011C6 --- and -- then",
        "The il\u00adl and their illness, all well",
        "One x, and " + "x" * 300,
        "a\u200bb aa bb",
    ],
)
def test_a_letter_with_and_without_what_shows_nothing_behind_it_is_read_each_time(
    text: str, case: dict[str, Any]
) -> None:
    """Of two glyphs that stand for more than before, PDFium reads one."""
    case["clinical_summary"] = text
    made = renderer(check=False).render(case)
    assert find_format("pdf").read(made.pdf) == visible_characters(to_words(made.document.tree))
