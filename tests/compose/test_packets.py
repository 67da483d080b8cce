"""A packet: several letters of a case as one document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2
import pytest

import imrgen
from imrgen.diagnostics import PackError, codes
from imrgen.document import visible_characters
from imrgen.verification import verify
from tests.batches import make_case
from tests.letters import INVITATION, NOTICE, RECIPIENTS, write_pack
from tests.pdf_lines import lines_of_pages
from tests.verapdf import FLAVOURS, Validator

MANIFEST = """
[letters.invitation]
title = "Invitation"
template = "invitation.html"
per = "recipients"

[letters.packet]
title = "Determination with its notices"
letters = ["notice", "determination", "cover"]

[letters.mailing]
title = "Invitation and notice"
letters = ["invitation", "notice"]
requires = ["case.eams_number"]
"""
SPANISH = NOTICE.replace(
    "{% block main %}",
    "{% block language %}es-US{% endblock %}"
    "{% block running_header %}Notice of {{ case.number }}{% endblock %}"
    "{% block main %}",
)
PARTS = ("notice", "determination", "cover")
ENGINES = pytest.mark.parametrize("engine", ["weasyprint", "typst"])


def write(folder: Path, manifest: str = MANIFEST, **files: str) -> Path:
    files = {"invitation": INVITATION, "notice": SPANISH} | files
    return write_pack(folder / "acme", manifest=manifest, **files)


def case(**header: str) -> dict[str, Any]:
    return make_case(1, **header) | {"recipients": list(RECIPIENTS)}


@pytest.fixture
def pack(tmp_path: Path) -> str:
    return str(write(tmp_path))


def render(pack: str, letter: str = "packet", **options: Any) -> imrgen.Letter:
    return imrgen.render(case(), templates=[pack], letter=letter, **options)


def test_a_packet_has_the_words_of_its_letters_in_their_order(pack: str) -> None:
    for options in ({}, {"draft": True}):
        packet = render(pack, **options)
        parts = [render(pack, name, **options) for name in PARTS]
        assert [*packet.document.tree.iter("article")]
        together = "".join(visible_characters(to_text(part)) for part in parts)
        assert visible_characters(to_text(packet)) == together
        assert len(together) > 1000


def to_text(letter: imrgen.Letter) -> str:
    """Return a letter's text without the mark of a draft."""
    return letter.text.removeprefix("*** DRAFT - this letter has not been issued ***")


@pytest.mark.slow
@ENGINES
def test_each_letter_begins_on_a_page_of_its_own_under_its_own_header(
    pack: str, engine: str
) -> None:
    pages = lines_of_pages(render(pack, engine=engine).pdf)
    count = len(pages)
    assert count >= 4
    for number, page in enumerate(pages, 1):
        assert f"Page {number} of {count}" in page
    headers = [
        [line for line in page if "CM16-" in line and "Case Number CM" in line] for page in pages
    ]
    assert "Notice of CM16-0000001" in pages[0]
    # The first page of the determination has the number in its table.
    number = "Case Number CM16-0000001"
    title = "Acme Review · Independent Medical Review Final Determination"
    assert headers == [[], [], *[[f"{title} {number}"]] * (count - 3), [number]]
    assert [number for number, page in enumerate(pages) if "Notice of assignment" in page] == [0]
    assert [number for number, page in enumerate(pages) if "Cover letter" in page] == [count - 1]


@pytest.mark.slow
@ENGINES
def test_the_bookmarks_are_the_letters_with_their_headings(pack: str, engine: str) -> None:
    document = pypdfium2.PdfDocument(render(pack, engine=engine).pdf)
    found = [(each.level, each.get_title()) for each in document.get_toc()]
    assert found[:5] == [
        (0, "Notice of assignment"),
        (1, "Notice of assignment"),
        (0, "Independent Medical Review Final Determination"),
        (1, "HOW THE IMR FINAL DETERMINATION WAS MADE"),
        (1, "CLINICAL CASE SUMMARY"),
    ]
    assert found[-2:] == [(0, "Cover letter"), (1, "Cover letter")]


def test_the_document_has_one_title_one_main_and_each_letters_language(pack: str) -> None:
    root = render(pack).document.tree
    assert root.findtext("head/title") == "Determination with its notices CM16-0000001"
    assert len([*root.iter("main")]) == 1
    assert root.get("lang") == "en-US"
    assert [part.get("lang") for part in root.iter("article")] == ["es-US", "en-US", "en-US"]
    for name in PARTS:
        assert len([*render(pack, name).document.tree.iter("main")]) == 1


@ENGINES
def test_a_packet_conforms(pack: str, engine: str, tmp_path: Path, verapdf: Validator) -> None:
    path = render(pack, engine=engine).save(tmp_path / "packet.pdf")
    assert verapdf.faults(path) == {flavour: {} for flavour in FLAVOURS}


@pytest.mark.slow
@ENGINES
def test_what_stands_on_every_page_is_read_once(engine: str, tmp_path: Path) -> None:
    pack = write(tmp_path)
    (pack / "blocks").mkdir()
    mark = '<p style="position: fixed; bottom: 0">Sample</p>'
    (pack / "blocks/every_page.html").write_text(mark, encoding="utf-8")
    for name in ("packet", *PARTS):
        letter = render(str(pack), name, engine=engine)
        assert letter.text.split().count("Sample") == 1
        for page in pypdfium2.PdfDocument(letter.pdf):
            assert page.get_textpage().get_text_bounded().split().count("Sample") == 1


@pytest.mark.slow
@ENGINES
@pytest.mark.parametrize("format_", ["html", "pdf"])
def test_a_packet_is_verified(pack: str, format_: str, engine: str) -> None:
    content = render(pack, engine=engine).encoded(format_)
    verdict = verify(content, format=format_, case=case(), templates=[pack])
    assert (verdict.outcome, verdict.reasons) == ("identical", ())


@pytest.mark.slow
def test_each_word_comes_from_its_letters_template_and_field(pack: str) -> None:
    """The words of a part have the origin that they have in the letter alone."""
    loaded = imrgen.load_case(case())
    packet = imrgen.Renderer(templates=[pack], letter="packet").trace(loaded)
    at = 0
    for name in PARTS:
        alone = imrgen.Renderer(templates=[pack], letter=name).trace(loaded)
        length = len(visible_characters(render(pack, name).text))
        assert length > 10
        for number in range(length):
            inside, outside = packet.at_character(at + number), alone.at_character(number)
            assert inside is not None
            assert outside is not None
            for what in ("span", "paths", "start"):
                assert getattr(inside, what) == getattr(outside, what)
        at += length


@pytest.mark.slow
def test_what_is_at_fault_in_a_part_is_told_at_its_line(tmp_path: Path) -> None:
    for wrong, code, line in (
        ("<h3>Skipped</h3>", codes.NOT_ACCESSIBLE, 4),
        ("{{ case.eams_number }}", codes.TEMPLATE_UNDEFINED, 4),
        ("{{ case.nmber }}", codes.TEMPLATE_UNDEFINED, 4),
    ):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        pack = write(folder, notice=NOTICE.replace("<p>", f"{wrong}<p>"))
        with pytest.raises(PackError) as caught:
            render(str(pack))
        (found,) = caught.value.diagnostics
        assert found.code == code
        assert found.span is not None
        assert (Path(found.span.file).name, found.span.line) == ("notice.html", line)


@pytest.mark.slow
def test_a_packet_requires_what_its_letters_require_and_reads_what_they_read(pack: str) -> None:
    loaded = imrgen.load_pack(templates=[pack])
    assert set(loaded.requires("packet")) == {
        pattern for name in PARTS for pattern in loaded.letter(name).requires
    }
    assert loaded.requires("mailing") == ("case.eams_number",)
    with pytest.raises(imrgen.CaseError) as caught:
        imrgen.render(make_case(1), templates=[pack], letter="packet")
    assert [each.path for each in caught.value.diagnostics] == [("recipients",)]
    unprinted = [
        set(imrgen.Renderer(templates=[pack], letter=name).unprinted(case()))
        for name in ("packet", *PARTS)
    ]
    assert unprinted[0] == set.intersection(*unprinted[1:])


def test_a_packet_with_a_letter_for_each_recipient_is_made_for_each(pack: str) -> None:
    renderer = imrgen.Renderer(templates=[pack], letter="mailing")
    loaded = imrgen.load_case(case(eams_number="ADJ1234567"))
    texts = [one.render(loaded).text for one in renderer.each(loaded)]
    assert [RECIPIENTS[number]["name"] in text for number, text in enumerate(texts)] == [True] * 2
    assert all("Notice of assignment" in text for text in texts)


UNUSABLE = {
    "unknown": ('letters = ["covr"]', codes.UNKNOWN_LETTER, "has no letter `covr`"),
    "packet": ('letters = ["packet"]', codes.UNKNOWN_LETTER, "`packet` is a packet itself"),
    "itself": ('letters = ["cover", "odd"]', codes.UNKNOWN_LETTER, "`odd` is a packet itself"),
    "twice": (
        'letters = ["cover", "cover"]',
        codes.UNKNOWN_LETTER,
        "a part of this packet already",
    ),
    "nothing": ("", codes.MISSING_KEY, "`template` is missing"),
    "empty": ("letters = []", codes.MISSING_KEY, "`template` is missing"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_packet_of_what_is_no_letter_is_refused(tmp_path: Path, name: str) -> None:
    written, code, says = UNUSABLE[name]
    pack = write(tmp_path, MANIFEST + f'[letters.odd]\ntitle = "Odd"\n{written}\n')
    with pytest.raises(PackError) as caught:
        imrgen.load_pack(templates=[pack])
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert says in found.message
    assert found.span is not None
    assert found.span.line > 20


LOST = {
    "a style sheet": "<!doctype html><html lang=en><head><title>x</title>"
    "<style>p { color: #333 }</style></head><body><p>Words.</p></body></html>",
    "a style on its body": "<!doctype html><html lang=en><title>x</title>"
    "<body style='color: #333'><p>Words.</p></body></html>",
    "no body": "<!doctype html><html lang=en><title>x</title><p>Words.</p></html>",
    "no end": "<!doctype html><html lang=en><title>x</title><body><p>Words.</p>",
}


@pytest.mark.parametrize("name", LOST)
def test_a_letter_of_which_anything_would_be_lost_is_refused(tmp_path: Path, name: str) -> None:
    pack = write(tmp_path, notice=LOST[name])
    with pytest.raises(PackError) as caught:
        render(str(pack))
    (found,) = caught.value.diagnostics
    assert found.code == codes.PART_UNUSABLE
    assert "`notice.html` of the letter `notice`" in found.message


def test_a_letter_with_a_frame_of_its_own_may_be_a_part(tmp_path: Path) -> None:
    own = (
        "<!doctype html><html lang=en><head><title>x</title></head>\n"
        "<BODY class=a dir=rtl>\n<!-- </body> --><h1>Words</h1></BODY></html>"
    )
    pack = write(tmp_path, notice=own)
    letter = render(str(pack))
    assert letter.text.startswith("Words\n")
    own_part, *others = letter.document.tree.iter("article")
    assert (own_part.get("class"), own_part.get("dir")) == ("part a", "rtl")
    assert {(part.get("class"), part.get("dir")) for part in others} == {("part", None)}
