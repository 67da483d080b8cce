"""Lines that run together are found, and wrapped prose is not."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import given

from imrgen.checks.text import joined, joined_lines
from tests.compose.narratives import NARRATIVES

PROSE = "The worker was seen in May, and again in June, with the same complaints and findings.\n\n"
GLYPHS = "•·◦▪■●➢☐✗➔"


def found(text: str) -> list[str]:
    return [line.text for line in joined_lines(PROSE + text)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        *((f"Medications\n{glyph} Norco\nother", f"{glyph} Norco") for glyph in GLYPHS),
        ("Medications:\n- Norco", "- Norco"),
        ("Medications are listed.\n1) Norco", "1) Norco"),
        ("1. a\n3. b", "3. b"),
        ("1. a\n2) b; and\n3. c", "3. c"),
        ("continued with\n4. Norco\n5. Soma", "5. Soma"),
        ("a. x\nc. y", "c. y"),
        ("MEDICATIONS: Norco\nALLERGIES: none", "ALLERGIES: none"),
        ("Medications: Norco,\nSoma\nKnown Drug Allergies:\nnone", "Known Drug Allergies:"),
        ("+Hoffman\n-Babinski", "-Babinski"),
        ("> 5 mm\n> 6 mm", "> 6 mm"),
        ("#1 Norco\n#2 Soma", "#2 Soma"),
        ("1- Norco\n2- Soma", "2- Soma"),
        ("1.1 History\n1.2 Plan", "1.2 Plan"),
        ("12/01/2016 Seen.\n12/05/16 Seen.", "12/05/16 Seen."),
        ("① Norco\n② Soma", "② Soma"),
        ("#1. Norco\n#2. Soma", "#2. Soma"),
        ("1-2-16 Seen.\n1-9-16 Seen.", "1-9-16 Seen."),
        ("a)Norco\nb)Soma", "b)Soma"),
        ("*with brace\n*without", "*without"),
        ("* drawn\n** hemolyzed", "** hemolyzed"),
        ("**Drugs:** Norco\n**Allergies:** none", "**Allergies:** none"),
        ("(x) yes\n( ) no", "( ) no"),
        ("See below.\n[1]: Smith 2014", "[1]: Smith 2014"),
        ("[Smith]: a trial\n[Jones]: a cohort", "[Jones]: a cohort"),
        ("[1] Smith 2014\n[2] Jones 2015", "[2] Jones 2015"),
        ("Test\tResult\nWBC\t12.3\nHgb\t9.1", "WBC\t12.3"),
        ("Test    Result\nWBC     12.3", "WBC     12.3"),
        ("Test | Result\nWBC | 12.3", "WBC | 12.3"),
        ("| Test | Result |\n| WBC | 12.3 |", "| WBC | 12.3 |"),
        ("- a\n- b\nThe worker returned.", "The worker returned."),
        ("- Physical therapy.\nThe worker returned.\n- b", "The worker returned."),
        ("1. MRI\n2. EMG\n10. X-ray", "10. X-ray"),
        ("(a) MRI\n(b) EMG\n(d) X-ray", "(d) X-ray"),
        ("> 5 mm\n< 3 mm", "< 3 mm"),
        ("≥ 5 mm\n≤ 3 mm", "≤ 3 mm"),
        ("# Assessment\nThe worker has pain.", "The worker has pain."),
        ("The worker has pain.\n## Plan\nRest.", "## Plan"),
        ("Above.\n---\nBelow.", "---"),
        ("Assessment\n=====\nThe worker has pain.", "====="),
        ("* * *\n****\nBelow.", "****"),
        ("________\nSigned", "Signed"),
        ("**Plan**\nRest.", "Rest."),
        ("Rest.\n__Plan:__\nMore rest.", "__Plan:__"),
        ("DIAGNOSIS\nLumbar strain.\nPLAN\nRest.", "Lumbar strain."),
        ("HISTORY OF PRESENT ILLNESS:\nThe worker fell.", "The worker fell."),
        ("2016-01-02 Seen.\n2016-02-03 Seen.", "2016-02-03 Seen."),
        ("January 2, 2016: Seen.\nFebruary 3, 2016: Seen.", "February 3, 2016: Seen."),
        ("> “Labels\n> Medications: x\n> Allergies: y", "Allergies: y"),
    ],
)
def test_lines_that_were_typed_apart_are_found(text: str, line: str) -> None:
    assert found(text) == [line]


@pytest.mark.parametrize(
    "text",
    [
        "Medications:\n• Norco\n• Soma",
        "He rated his pain at\n5. He denied weakness",
        "No report since\n2004. It was in\n2003. No other",
        "flexion was\n- 50 degrees",
        "Assessment: strain. He was told:\nrest and heat.",
        "It was seen at\n10:30 and at\n11:30",
        "pain was\n> 5 at rest",
        "from May to\n12/01/2016 he was seen by\nthe physician",
        "- Physical therapy three times a week, for six weeks, and at home on the days off, with\n"
        "Tylenol\n- b",
        "- Physical therapy\n  Tylenol\n- b",
        "Medications: Norco\x0bAllergies: none",
        "Medications: Norco\n\nAllergies: none",
        "- 4 mm",
        "| Test | Result |\n|---|--:|\n| WBC | 12.3 |\n| Hgb | 9.1 |",
        "Test   | Result\n---    | ---\nWBC    | 12.3",
        "of |x|, and\nhe had\tpain.  None\nwas seen.  He",
        "*without* and *with* a brace\nas before",
        "#60 tablets of Norco\nand Soma",
        "He was sent for an\nMRI",
        "He was sent for an\nMRI\nof the spine",
        "It was **not** seen\nby **two** people",
        "On January 2, 2016, he fell\nand on\nFebruary 3, 2016, he was seen",
        "He was given\n# 60 tablets of Norco",
        "Above.\n\n---\n\nBelow.",
        "He said that the pain was at a level of up to nine, as it was in the weeks before, of\n"
        "5. It was worse",
        "1. a\n2. He rated the pain at a level of up to nine, as it was in the weeks and months "
        "before, at\n5. He denied weakness",
    ],
)
def test_prose_and_lists_are_not_found(text: str) -> None:
    assert found(text) == []


@pytest.mark.slow
@given(NARRATIVES)
def test_each_line_found_is_where_it_starts(text: str) -> None:
    for line in joined_lines(text):
        assert text[line.start] == line.text[0] or text[line.start] == "\\"


@given(NARRATIVES)
def test_what_the_first_look_passes_over_has_no_such_line(text: str) -> None:
    found = list(joined_lines(text))
    with mock.patch.object(joined, "_SIGNS", ("",)):  # as if each text had such a sign
        assert found == list(joined_lines(text))
