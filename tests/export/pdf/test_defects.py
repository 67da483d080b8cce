"""veraPDF is seen to fail: it names the clause that a letter, broken in one place, violates.

The clauses are veraPDF's: of ISO 14289-1 for the flavour `ua1`, of ISO 19005-3 for `3a`, and the
number of its test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from tests.conftest import ROOT
from tests.export.pdf.test_conformance import CONFORMS
from tests.features import features
from tests.verapdf import UNREADABLE, Validator

Pdf = pikepdf.Pdf
# qpdf would else unpack a stream and pack it anew, which mends what is broken.
RAW = pikepdf.StreamDecodeLevel.none
Break = Callable[[Pdf], None]


class Defect(NamedTuple):
    """One thing that is broken.

    Args:
        flavour: The standard that forbids it.
        clause: Where.
        break_it: Breaks it.
    """

    flavour: str
    clause: str
    break_it: Break


DEFECTS: dict[str, Defect] = {}


def defect(flavour: str, clause: str) -> Callable[[Break], Break]:
    """Enter a function that breaks a file; its name says how."""

    def enter(break_it: Break) -> Break:
        DEFECTS[break_it.__name__.replace("_", " ")] = Defect(flavour, clause, break_it)
        return break_it

    return enter


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A letter that conforms and has a bit of everything."""
    (feature,) = (found for found in features() if found.title == "a bit of everything")
    folder = tmp_path_factory.mktemp("whole")
    return (
        feature.renderer(folder).render(ROOT / "imrgen" / "starter.toml").save(folder / "whole.pdf")
    )


def test_the_unbroken_letter_conforms(whole: Path, tmp_path: Path, verapdf: Validator) -> None:
    assert verapdf.faults(whole) == CONFORMS
    with pikepdf.open(whole) as pdf:
        pdf.save(tmp_path / "saved.pdf")
    assert verapdf.faults(tmp_path / "saved.pdf") == CONFORMS


def test_there_are_many_defects() -> None:
    assert len(DEFECTS) >= 40
    assert {defect.flavour for defect in DEFECTS.values()} == {"ua1", "3a"}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found(name: str, whole: Path, tmp_path: Path, verapdf: Validator) -> None:
    flavour, clause, break_it = DEFECTS[name]
    with pikepdf.open(whole) as pdf:
        break_it(pdf)
        pdf.save(tmp_path / "broken.pdf", compress_streams=False, stream_decode_level=RAW)
    assert clause in verapdf.faults(tmp_path / "broken.pdf")[flavour]


def test_encryption_is_found(whole: Path, tmp_path: Path, verapdf: Validator) -> None:
    with pikepdf.open(whole) as pdf:
        pdf.save(tmp_path / "broken.pdf", encryption=pikepdf.Encryption(owner="x", user=""))
    assert "6.1.3-2" in verapdf.faults(tmp_path / "broken.pdf")["3a"]


def test_bytes_behind_the_end_are_found(whole: Path, tmp_path: Path, verapdf: Validator) -> None:
    (tmp_path / "broken.pdf").write_bytes(whole.read_bytes() + b"more\n")
    assert "6.1.3-3" in verapdf.faults(tmp_path / "broken.pdf")["3a"]


def test_what_is_no_pdf_is_told(tmp_path: Path, verapdf: Validator) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"no PDF")
    assert all(UNREADABLE in faults for faults in verapdf.faults(tmp_path / "broken.pdf").values())


# The parts of a file.


def elements(pdf: Pdf, kind: str | None = None) -> list[Any]:
    """Return the structure elements of a kind, or all, in reading order."""

    def walk(element: Any) -> Iterator[Any]:
        if isinstance(element, Dictionary) and "/S" in element:
            yield element
        kids = element.get("/K") if isinstance(element, Dictionary) else None
        for kid in kids if isinstance(kids, Array) else [] if kids is None else [kids]:
            yield from walk(kid)

    found = [e for e in walk(pdf.Root.StructTreeRoot) if kind is None or str(e.S) == f"/{kind}"]
    assert found, kind
    return found


def metadata(pdf: Pdf, pattern: bytes, replacement: bytes = b"") -> None:
    """Change the XMP."""
    before = pdf.Root.Metadata.read_bytes()
    after, count = re.subn(pattern, replacement, before, flags=re.DOTALL)
    assert count, pattern
    pdf.Root.Metadata.write(after)


def content(pdf: Pdf, change: Callable[[bytes], bytes]) -> None:
    """Change the first page's content."""
    before = pdf.pages[0].Contents.read_bytes()
    after = change(before)
    assert after != before
    pdf.pages[0].Contents = pdf.make_stream(after)


def draw(pdf: Pdf, kind: str, name: str, resource: Any, operators: str) -> None:
    """Draw something more as an artifact, by a resource of its own."""
    resources = pdf.pages[0].Resources
    if kind not in resources:
        resources[kind] = Dictionary()
    resources[kind][f"/{name}"] = resource
    content(pdf, lambda before: before + f"\n/Artifact BMC q {operators} Q EMC\n".encode())


def fonts(pdf: Pdf) -> list[Any]:
    """Return the composite fonts."""
    return [pdf.pages[0].Resources.Font[name] for name in pdf.pages[0].Resources.Font]


def links(pdf: Pdf) -> list[Any]:
    """Return the annotations."""
    return list(pdf.pages[0].Annots)


# The document.


@defect("ua1", "7.2-33")
def the_language_is_taken_away(pdf: Pdf) -> None:
    del pdf.Root.Lang


@defect("ua1", "7.2-29")
def the_language_is_none(pdf: Pdf) -> None:
    pdf.Root.Lang = String("no language")


@defect("ua1", "7.1-9")
def the_title_is_taken_away(pdf: Pdf) -> None:
    metadata(pdf, b"<dc:title>.*</dc:title>")


@defect("ua1", "7.1-10")
def the_window_shows_the_files_name(pdf: Pdf) -> None:
    pdf.Root.ViewerPreferences.DisplayDocTitle = False


@defect("3a", "6.7.2.2-1")
def the_file_is_not_marked_as_tagged(pdf: Pdf) -> None:
    del pdf.Root.MarkInfo


@defect("ua1", "7.1-11")
def the_structure_is_taken_away(pdf: Pdf) -> None:
    del pdf.Root.StructTreeRoot


@defect("ua1", "7.1-4")
def the_tags_are_suspect(pdf: Pdf) -> None:
    pdf.Root.MarkInfo.Suspects = True


@defect("ua1", "5-1")
def the_identifier_of_ua_is_taken_away(pdf: Pdf) -> None:
    metadata(pdf, b"<pdfuaid:part>1</pdfuaid:part>")


@defect("3a", "6.6.4-1")
def the_identifier_of_a_is_taken_away(pdf: Pdf) -> None:
    metadata(pdf, rb'pdfaid:part="3"|pdfaid:conformance="A"')


@defect("3a", "6.6.2.3.1-1")
def the_schema_of_the_identifier_is_taken_away(pdf: Pdf) -> None:
    metadata(pdf, b"<pdfaExtension:schemas>.*</pdfaExtension:schemas>")


@defect("3a", "6.6.2.1-1")
def the_metadata_is_taken_away(pdf: Pdf) -> None:
    del pdf.Root.Metadata


@defect("3a", "6.2.4.3-2")
def the_output_intent_is_taken_away(pdf: Pdf) -> None:
    del pdf.Root.OutputIntents


@defect("3a", "6.5.1-1")
def a_script_runs_when_it_is_opened(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.beep()"))


@defect("3a", "6.4.2-1")
def a_form_of_another_format_is_there(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=pdf.make_stream(b"<x/>"))


@defect("3a", "6.8-3")
def a_file_is_attached_without_its_relationship(pdf: Pdf) -> None:
    pdf.attachments["x.txt"] = b"x"
    for specification in (
        o for o in pdf.objects if isinstance(o, Dictionary) and o.get("/Type") == "/Filespec"
    ):
        del specification["/AFRelationship"]


# The structure.


@defect("ua1", "7.3-1")
def an_image_loses_its_description(pdf: Pdf) -> None:
    del elements(pdf, "Figure")[0].Alt


@defect("ua1", "7.4.2-1")
def a_heading_skips_a_level(pdf: Pdf) -> None:
    elements(pdf, "H2")[0].S = Name.H3


@defect("ua1", "7.4.4-3")
def a_heading_without_a_level_stands_beside_those_with_one(pdf: Pdf) -> None:
    elements(pdf, "H2")[0].S = Name.H


@defect("ua1", "7.5-1")
def headers_lose_their_scope_and_cells_their_headers(pdf: Pdf) -> None:
    for cell in [*elements(pdf, "TH"), *elements(pdf, "TD")]:
        del cell.A


@defect("ua1", "7.2-43")
def a_row_loses_a_cell(pdf: Pdf) -> None:
    del elements(pdf, "TR")[-1].K[-1]


@defect("ua1", "7.2-10")
def a_row_holds_a_paragraph(pdf: Pdf) -> None:
    elements(pdf, "TD")[0].S = Name.P


@defect("ua1", "7.2-17")
def a_list_item_stands_outside_a_list(pdf: Pdf) -> None:
    elements(pdf, "L")[0].S = Name.Div


@defect("ua1", "7.2-19")
def a_list_holds_a_paragraph(pdf: Pdf) -> None:
    elements(pdf, "LI")[0].S = Name.P


@defect("ua1", "7.2-20")
def a_list_items_body_is_a_paragraph(pdf: Pdf) -> None:
    elements(pdf, "LBody")[0].S = Name.P


@defect("ua1", "7.9-1")
def a_note_has_no_id(pdf: Pdf) -> None:
    elements(pdf, "P")[0].S = Name.Note


@defect("ua1", "7.1-5")
def an_element_is_of_no_known_type(pdf: Pdf) -> None:
    elements(pdf, "P")[0].S = Name.Paragraph


@defect("ua1", "7.1-6")
def types_stand_for_each_other_in_a_circle(pdf: Pdf) -> None:
    elements(pdf, "P")[0].S = Name.A
    pdf.Root.StructTreeRoot.RoleMap = Dictionary(A=Name.B, B=Name.A)


@defect("ua1", "7.1-7")
def a_known_type_stands_for_another(pdf: Pdf) -> None:
    pdf.Root.StructTreeRoot.RoleMap = Dictionary(P=Name.H1)


@defect("ua1", "7.1-3")
def the_map_from_content_to_structure_is_taken_away(pdf: Pdf) -> None:
    del pdf.Root.StructTreeRoot.ParentTree


# The content.


@defect("ua1", "7.1-3")
def words_are_neither_tagged_nor_an_artifact(pdf: Pdf) -> None:
    content(
        pdf,
        lambda before: re.sub(
            rb"/Span\s*<<\s*/MCID 0\s*>>\s*BDC(.*?)EMC", rb"\1", before, count=1, flags=re.DOTALL
        ),
    )


@defect("ua1", "7.1-1")
def an_artifact_stands_in_tagged_content(pdf: Pdf) -> None:
    content(
        pdf,
        lambda before: re.sub(
            rb"(/Span\s*<<\s*/MCID 0\s*>>\s*BDC)", rb"\1 /Artifact BMC EMC", before
        ),
    )


@defect("ua1", "7.1-2")
def tagged_content_stands_in_an_artifact(pdf: Pdf) -> None:
    tagged = rb"(/Span\s*<<\s*/MCID 0\s*>>\s*BDC.*?EMC)"
    content(
        pdf,
        lambda before: re.sub(tagged, rb"/Artifact BMC \1 EMC", before, count=1, flags=re.DOTALL),
    )


@defect("3a", "6.2.2-1")
def an_operator_is_unknown(pdf: Pdf) -> None:
    content(pdf, lambda before: before + b"\n/Artifact BMC xyz EMC\n")


@defect("3a", "6.2.4.3-3")
def a_colour_is_in_cmyk(pdf: Pdf) -> None:
    draw(pdf, "/ExtGState", "D0", Dictionary(), "0 1 0 0 k 0 0 1 1 re f")


@defect("3a", "6.2.5-1")
def colours_go_through_a_transfer_function(pdf: Pdf) -> None:
    draw(pdf, "/ExtGState", "D0", Dictionary(TR=Name.Identity), "/D0 gs")


@defect("3a", "6.2.10-1")
def colours_blend_in_an_unknown_mode(pdf: Pdf) -> None:
    draw(pdf, "/ExtGState", "D0", Dictionary(BM=Name.Stir), "/D0 gs")


@defect("3a", "6.2.8-3")
def an_image_is_interpolated(pdf: Pdf) -> None:
    draw(pdf, "/XObject", "D0", image(pdf, Interpolate=True), "/D0 Do")


@defect("3a", "6.2.8-1")
def an_image_has_alternates(pdf: Pdf) -> None:
    alternates = Array([Dictionary(Image=pdf.make_indirect(image(pdf)), DefaultForPrinting=False)])
    draw(pdf, "/XObject", "D0", image(pdf, Alternates=alternates), "/D0 Do")


@defect("3a", "6.1.7.2-1")
def a_stream_is_packed_by_lzw(pdf: Pdf) -> None:
    packed = image(pdf)
    # Codes of nine bits: clear, a white sample, end.
    packed.write(bytes((0b10000000, 0b00111111, 0b11100000, 0b00100000)), filter=Name.LZWDecode)
    draw(pdf, "/XObject", "D0", packed, "/D0 Do")


@defect("3a", "6.1.7.1-3")
def a_stream_lies_in_another_file(pdf: Pdf) -> None:
    draw(pdf, "/XObject", "D0", image(pdf, F=String("x.bin")), "/D0 Do")


@defect("3a", "6.2.9-3")
def a_drawing_is_in_postscript(pdf: Pdf) -> None:
    postscript = pdf.make_stream(b"showpage", Type=Name.XObject, Subtype=Name.PS)
    draw(pdf, "/XObject", "D0", postscript, "/D0 Do")


def image(pdf: Pdf, **more: Any) -> Any:
    """Make an image of one white dot."""
    return pdf.make_stream(
        b"\xff",
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=1,
        Height=1,
        BitsPerComponent=8,
        ColorSpace=Name.DeviceGray,
        **more,
    )


# Fonts.


@defect("3a", "6.2.11.4.1-1")
def a_font_is_not_embedded(pdf: Pdf) -> None:
    descriptor = fonts(pdf)[0].DescendantFonts[0].FontDescriptor
    del descriptor[next(key for key in descriptor if key.startswith("/FontFile"))]


@defect("3a", "6.2.11.5-1")
def the_widths_are_not_the_fonts(pdf: Pdf) -> None:
    for font in fonts(pdf):
        for widths in (entry for entry in font.DescendantFonts[0].W if isinstance(entry, Array)):
            for number in range(len(widths)):
                widths[number] = 77


@defect("3a", "6.2.11.3.2-1")
def characters_have_no_map_to_glyphs(pdf: Pdf) -> None:
    for font in fonts(pdf):
        del font.DescendantFonts[0].CIDToGIDMap


@defect("ua1", "7.21.7-1")
def glyphs_have_no_map_to_letters(pdf: Pdf) -> None:
    for font in fonts(pdf):
        del font.ToUnicode


@defect("ua1", "7.21.7-2")
def glyphs_stand_for_no_letter(pdf: Pdf) -> None:
    for font in fonts(pdf):
        # The code stays, and what it stands for becomes U+0000.
        table = re.sub(
            rb"(<[0-9a-f]{4}>) <[0-9a-f]{4}>",
            rb"\1 <0000>",
            font.ToUnicode.read_bytes(),
            flags=re.IGNORECASE,
        )
        assert table != font.ToUnicode.read_bytes()
        font.ToUnicode.write(table)


# Links.


@defect("ua1", "7.18.5-2")
def a_link_has_no_words(pdf: Pdf) -> None:
    del links(pdf)[0].Contents


@defect("ua1", "7.18.5-1")
def a_link_is_not_in_the_structure(pdf: Pdf) -> None:
    del links(pdf)[0].StructParent


@defect("ua1", "7.18.3-1")
def the_tab_key_follows_no_order(pdf: Pdf) -> None:
    del pdf.pages[0]["/Tabs"]


@defect("3a", "6.3.2-1")
def a_link_does_not_say_that_it_is_printed(pdf: Pdf) -> None:
    del links(pdf)[0].F


@defect("3a", "6.3.1-1")
def an_annotation_is_a_film(pdf: Pdf) -> None:
    links(pdf)[0].Subtype = Name.Movie


@defect("3a", "6.5.1-1")
def a_link_starts_a_program(pdf: Pdf) -> None:
    links(pdf)[0].A = Dictionary(S=Name.Launch, F=String("x"))
