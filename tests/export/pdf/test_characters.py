"""Which characters a letter may hold: what `check` passes is set, and what is not is told there."""

from __future__ import annotations

import functools
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pydyf
import pytest
from fontTools.ttLib import TTFont

import imrgen
from imrgen.checks import Subject, all_checks
from imrgen.document import as_read_back, visible_characters
from imrgen.export.pdf import weasyprint_internals
from imrgen.export.pdf.readback import open_pdf
from tests.conftest import tagged_text
from tests.verapdf import FLAVOURS, Validator

PACK = imrgen.load_pack("imr")
FIELD = "clinical_summary"
BEYOND = 18_000


@functools.cache
def renderer() -> imrgen.Renderer:
    return imrgen.Renderer(loaded_pack=PACK, check=False)


def with_text(case: dict[str, Any], text: str) -> dict[str, Any]:
    return {**case, FIELD: text}


def words_with(characters: list[str]) -> str:
    return " ".join(f"a{character}b" for character in characters)


def in_fonts() -> set[str]:
    return {
        chr(point)
        for font in PACK.fonts
        for point in TTFont(io.BytesIO(PACK.read(font.file))).getBestCmap()
    }


def beyond_fonts(known: set[str]) -> Iterator[str]:
    """Yield characters of all kinds that no font has, most of them of the lower planes."""
    refused_by_the_model = {*range(0xD800, 0xE000), 0xFFFE, 0xFFFF}
    whole = (chr(c) for c in range(0xA0, 0x110000) if c not in refused_by_the_model)
    others = [
        c
        for c in whole
        if c not in known and (unicodedata.category(c) != "Co" or c <= "\uf0ff" or c > "\U0010fff0")
    ]
    near = [c for c in others if c < "\u3400" or "\ue000" <= c < "\U00010000"]
    far = [c for c in others if c >= "\U00010000" and unicodedata.category(c) != "Cn"]
    yield from near[:: max(1, len(near) // (BEYOND * 2 // 3))]
    yield from far[:: len(far) // (BEYOND // 3)]


def told(case: dict[str, Any], text: str, code: str = "IMR39") -> set[str]:
    """Return the characters that checks call an error, each of which stands where they say."""
    subject = Subject(imrgen.load_case(with_text(case, text)), PACK)
    characters = set()
    for check in all_checks():
        for found in check.find(subject) if check.id.startswith(code) else ():
            if (found.severity or check.severity) == "error":
                assert found.path == (FIELD,)
                assert found.start is not None
                character = text[found.start]
                assert f"U+{ord(character):04X}" in found.message
                characters.add(character)
    return characters


@pytest.mark.slow
def test_what_the_checks_pass_is_set_and_what_no_pdf_can_show_they_tell(
    case: dict[str, Any],
) -> None:
    """Sweep over all characters of the fonts and 18,000 others, many of them in one letter."""
    known = {c for c in in_fonts() if c >= "\xa0"}
    others = list(beyond_fonts(known))
    assert len(known) > 2_000
    assert BEYOND <= len(others) < 1.3 * BEYOND
    characters = sorted({*known, *others})
    refused = told(case, words_with(characters))
    passed = [c for c in characters if c not in refused]
    assert len(passed) > 2_000
    pdf = renderer().render(with_text(case, words_with(passed))).pdf
    with open_pdf(pdf) as reader:
        read = as_read_back("".join(reader.page_characters()))
    assert as_read_back(visible_characters(words_with(passed))) in read
    assert len(refused) > 14_000
    assert len(refused & known) < 20


@pytest.mark.slow
@pytest.mark.parametrize(
    ("style", "tags"),
    [("**{}**", "<strong>a"), ("*{}*", "<em>a"), ("***{}***", "<em><strong>a")],
    ids=["bold", "italic", "both"],
)
def test_each_style_has_the_characters_of_the_fonts(
    style: str, tags: str, case: dict[str, Any]
) -> None:
    known = sorted(c for c in in_fonts() if c >= "\xa0")
    refused = told(case, words_with(known))
    text = style.format(words_with([c for c in known if c not in refused]))
    letter = renderer().render(with_text(case, text))
    assert tags in letter.html
    assert letter.pdf


@pytest.mark.slow
def test_what_the_checks_refuse_for_lack_of_a_font_no_pdf_has(case: dict[str, Any]) -> None:
    others = list(beyond_fonts(in_fonts()))[::20]
    refused = told(case, words_with(others), "IMR393")
    assert len(refused) > 500
    with pytest.raises(imrgen.ImrgenError) as error:
        _ = renderer().render(with_text(case, words_with(others))).pdf
    named = {
        chr(int(point, 16))
        for each in error.value.diagnostics
        if each.code == "IMR404"
        for point in re.findall(r"U\+([0-9A-F]+)", each.message)
    }
    assert refused <= named


SIGNS = (
    "☒☐☑✓✔✗✘✕✖∅⌀℃℉★☆●○■□▪▫◆◇❑❒❖➔➢➤→←↑↓↔⇒⇔∴∵≤≥≠≈±×÷√∞∑∂Δµμ°′″‰№™®©§¶†‡•◦‣…–—"
    "℞½¼¾⅓⅔⅛⁄¹²³⁶₂ªº♀♂⚠☎✉①②③⑩❶Ⅳ≡∈∠⊥∥⊕∘∝⌈⌉⌊⌋℮♥│─┌┐└┘█░⬅➡⬆⬇☹☺"
)


@pytest.mark.poppler
def test_the_signs_of_forms_and_records_are_set(case: dict[str, Any], tmp_path: Path) -> None:
    text = " ".join(SIGNS)
    assert told(case, text) == set()
    pdf = renderer().render(with_text(case, f"Seen: {text}")).pdf
    words = re.findall(r'"(.*)"', tagged_text(pdf, tmp_path))
    assert text.replace(" ", "").replace("μ", "µ") in "".join(words).replace(" ", "")


def test_a_letter_with_these_signs_conforms(
    case: dict[str, Any], tmp_path: Path, verapdf: Validator
) -> None:
    text = f"{' '.join(SIGNS)}\n\nx **b {' '.join(SIGNS)} b** *i {' '.join(SIGNS)} i* \u1e8b"
    letter = renderer().render(with_text(case, text))
    faults = verapdf.faults(letter.save(tmp_path / "letter.pdf"))
    assert faults == {flavour: {} for flavour in FLAVOURS}


SET = {
    "ligatures": ("The o\ufb03ce \ufb01led \ufb02oating \ufb00 \ufb04 \ufb05.", "The office filed"),
    "a variation selector": (
        "Smoker: \u2714\ufe0f yes, \u2611\ufe0e no.",
        "\u2714 yes, \u2611 no.",
    ),
    "micro and mu": ("Fentanyl 25 \u00b5g, then 50 \u03bcg.", "then 50 \u00b5g."),
    "a letter and its accent in one": (
        "\u1e04b \u1e8b \u01e9 Okay \u1e05 B b x.",
        "Okay \u1e05 B b x.",
    ),
    "accents behind letters": (
        "c\u0304 meals, s\u0304 pain, e\u0301.",
        "meals, s\u0304 pain",
    ),
    "no-break spaces": ("Seen\u00a0on\u202fMay\u20073.", "Seen on May 3."),
    "line separators": (
        "One line.\u2028Next line.\u2029Third line.",
        "One line. Next line. Third line.",
    ),
    "fillers": ("a\u115fb c\u3164d e\u034ff g\ufffah.", "ab cd ef gh."),
}


@pytest.mark.poppler
def test_what_a_font_draws_otherwise_is_set_and_read_back(
    case: dict[str, Any], tmp_path: Path
) -> None:
    text = "\n\n".join(text for text, _ in SET.values())
    assert told(case, text) == set()
    letter = renderer().render(with_text(case, text))
    words = " ".join(" ".join(re.findall(r'"(.*)"', tagged_text(letter.pdf, tmp_path))).split())
    read = as_read_back(words)
    assert [name for name, (_, shown) in SET.items() if as_read_back(shown) not in read] == []


@pytest.mark.slow
def test_a_sentence_of_no_break_spaces_breaks(case: dict[str, Any]) -> None:
    text = "\u00a0".join(["The worker was seen in the clinic with pain of the left leg."] * 6)
    text = text.replace(" ", "\u00a0")
    letter = renderer().render(with_text(case, text))
    with open_pdf(letter.pdf) as reader:
        lines = [line for page in reader.pages() for _, line in page.lines]
    found = [line for line in lines if "clinic" in line or "worker was" in line]
    assert len(found) >= 4
    assert "\u00a0" in letter.text


@pytest.mark.slow
def test_a_short_chain_of_no_break_spaces_stays_on_its_line(case: dict[str, Any]) -> None:
    for padding in range(0, 60, 4):
        text = f"{'i' * padding} " + "by 8 CCR\u00a0\u00a7\u00a09792.10.6 then " * 12
        letter = renderer().render(with_text(case, text))
        with open_pdf(letter.pdf) as reader:
            lines = [line for page in reader.pages() for _, line in page.lines]
        assert not [line for line in lines if line.endswith(("CCR", "\u00a7"))]


@pytest.mark.slow
def test_a_no_break_hyphen_keeps_its_word_on_one_line_and_is_searched_as_a_hyphen(
    case: dict[str, Any],
) -> None:
    found = 0
    for padding in range(0, 60, 3):
        text = "i" * padding + " " + "at L4\u2011L5 " * 40 + "and L5-S1."
        with open_pdf(renderer().render(with_text(case, text)).pdf) as reader:
            lines = [line for page in reader.pages() for _, line in page.lines]
        assert not [line for line in lines if line.endswith("L4-")]
        found += sum(line.count("L4-L5") for line in lines)
        assert "L5-S1" in "".join(lines)
    assert found == 20 * 40


# Signs that differ

MAPPED = {
    "a superscript as a digit": ("10\u2076", b"<2076>", b"<0036>"),
    "a trade mark as letters": ("Norco\u2122", b"<2122>", b"<0054004d>"),
    "a fraction as digits": ("take \u00bd", b"<00bd>", b"<003120440032>"),
    "greater or equal as greater": ("\u2265 5", b"<2265>", b"<003e>"),
    "an accent that is lost": ("caf\u00e9", b"<00e9>", b"<0065>"),
    "a ticked box as an empty one": ("\u2611", b"<2611>", b"<2610>"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MAPPED)
def test_a_sign_that_reads_back_as_another_is_refused_where_it_stands(
    name: str, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    text, written, read = MAPPED[name]
    letter = renderer().render(with_text(case, f"The injured worker: {text} daily."))
    assert letter.pdf
    changed = []
    serialize: Callable[[Any], None] = weasyprint_internals.serialize

    def map_and_serialize(pdf: Any) -> None:
        for item in pdf.objects:
            is_map = isinstance(item, pydyf.Stream) and b"endcmap" in item.stream
            if is_map:
                whole = b"\n".join(item.stream)
                item.stream = [whole.replace(b" " + written, b" " + read)]
                changed.append(item.stream != [whole])
        serialize(pdf)

    monkeypatch.setattr(weasyprint_internals, "serialize", map_and_serialize)
    with pytest.raises(imrgen.ImrgenError) as error:
        _ = renderer().render(with_text(case, f"The injured worker: {text} daily.")).pdf
    assert any(changed)
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == "IMR405"
    assert diagnostic.span is not None
    assert "clinical_summary" in str(error.value)
