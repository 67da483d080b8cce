"""Lines become lists where their markers run on, and stay prose where they do not."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest

from imrgen.case import Block, List, Paragraph, Quote, begins_with_word, read_blocks, read_marker
from imrgen.case.blocks import MOST_NESTING, _marker


def outline(blocks: Iterable[Block]) -> str:
    """Write blocks in one line: lists in brackets, quotes in angle brackets, lines by slashes."""
    parts = []
    for block in blocks:
        if isinstance(block, Paragraph):
            parts.append("/".join(line.text for line in block.lines))
        elif isinstance(block, Quote):
            parts.append(f"<{outline(block.blocks)}>")
        else:
            items = (f"{item.marker.sign} {outline(item.blocks)}" for item in block.items)
            parts.append(f"[{'; '.join(items)}]")
    return " ¶ ".join(parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n- b", "[- a; - b]"),
        ("Meds:\n• Norco\n• Soma", "Meds: ¶ [• Norco; • Soma]"),
        ("Meds include\n·\tNorco\n·\tSoma", "Meds include ¶ [· Norco; · Soma]"),
        ("•Norco\n•Soma", "[• Norco; • Soma]"),
        ("– a\n– b", "[– a; – b]"),
        ("o\ta\no\tb", "[o a; o b]"),
        ("o a\no b", "[o a; o b]"),
        ("§\ta\n§\tb", "[§ a; § b]"),
        ("Treated:\n1. a\n2. b", "Treated: ¶ [1. a; 2. b]"),
        ("Treated.\n1)\ta\n2)\tb", "Treated. ¶ [1) a; 2) b]"),
        ("1.Physical\n2.Medication", "[1. Physical; 2. Medication]"),
        ("(1) a\n(2) b", "[(1) a; (2) b]"),
        ("(1)Physical\n(2)Medication", "[(1) Physical; (2) Medication]"),
        ("a. x\nb. y", "[a. x; b. y]"),
        ("A) x\nB) y", "[A) x; B) y]"),
        ("i. x\nii. y\niii. z", "[i. x; ii. y; iii. z]"),
        ("h. x\ni. y", "[h. x; i. y]"),
        ("9. x\n10. y", "[9. x; 10. y]"),
        ("1. x\n1. y", "[1. x; 1. y]"),
        ("Continued:\n4. x\n5. y", "Continued: ¶ [4. x; 5. y]"),
        ("☐ yes\n☒ no", "[☐ yes; ☒ no]"),
        ("✓ yes\n✗ no", "[✓ yes; ✗ no]"),
        ("→ a\n→ b", "[→ a; → b]"),
        ("-> a\n-> b", "[-> a; -> b]"),
        ("-- a\n-- b", "[-- a; -- b]"),
        ("[ ] yes\n[x] no", "[[ ] yes; [x] no]"),
        ("+ Hoffman\n- Babinski\n− clonus", "[+ Hoffman; - Babinski; − clonus]"),
        ("(+) Hoffman\n(-) Babinski", "[(+) Hoffman; (-) Babinski]"),
        ("• a\no\tb\no\tc\n• d", "[• a; o b; o c; • d]"),
        ("- a\n  - b\n- c", "[- a ¶ [- b]; - c]"),
        ("1. a\n  - b\n2. c", "[1. a ¶ [- b]; 2. c]"),
        ("1. a\n• b\n2. c", "[1. a ¶ [• b]; 2. c]"),
        ("1. a\n- b\n- c\n2. d", "[1. a ¶ [- b; - c]; 2. d]"),
        ("1. a\na. x\nb. y\n2. b", "[1. a ¶ [a. x; b. y]; 2. b]"),
        ("- a\nwrapped\n- b", "[- a/wrapped; - b]"),
        ("- a\n\n  more\n\n- b\n\nend", "[- a ¶ more; - b] ¶ end"),
        ("    - a\n    - b", "[- a; - b]"),
        ("Meds:\n\t• a\n\t• b", "Meds: ¶ [• a; • b]"),
        ("\u00a0\u00a0• a\n\u00a0\u00a0• b", "[• a; • b]"),
        ("1. a\n2.\n3. c", "[1. a; 2. ; 3. c]"),
        ("Meds:\x0b• a\x0b• b", "Meds: ¶ [• a; • b]"),
        ("1. a\r\n2. b\r\n\r\nend", "[1. a; 2. b] ¶ end"),
    ],
)
def test_lines_whose_markers_run_on_are_a_list(text: str, expected: str) -> None:
    assert outline(read_blocks(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "- 4 mm",
        "• Norco",
        "The stenosis is\n- 4 mm",
        "* drawn 12/01/2016",
        "was seen on May\n5. He denied pain",
        "was seen on May\n5. He denied pain on June\n6. He",
        "in\n2004. No report",
        "2004. No report\n2005. No report",
        "1. a\n3. b",
        "1. a\n2) b",
        "a. x\nc. y",
        "-a\n-b",
        "§ 9792.21\n§ 9792.23",
        "1.5 mg\n2.5 mg",
        "or\nor",
        "12/01/2016\n12/02/2016",
        "> 5 mm\n> 6 mm",
    ],
)
def test_other_lines_stay_one_paragraph(text: str) -> None:
    assert outline(read_blocks(text)) == text.replace("\n", "/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- 4 mm\n\n* drawn", "- 4 mm ¶ * drawn"),
        ("1. History\n\nfine\n\n2. Plan", "1. History ¶ fine ¶ 2. Plan"),
        ("one\n\u00a0\ntwo\n\u2003 \t\nthree", "one ¶ two ¶ three"),
        ("- a\n- b\n\n* drawn", "[- a; - b] ¶ * drawn"),
        ("> He said\n> so\n\n> six", "<He said/so> ¶ > six"),
        ("> “so”\nwrapped", "<“so”/wrapped>"),
        (">> **Twice** quoted", "<<**Twice** quoted>>"),
        ("> List:\n>\n> - a\n> - b", "<List: ¶ [- a; - b]>"),
        ("pain\n> Severe", "pain/> Severe"),
        ("1\\. May\n\\- 4 mm", "1. May/- 4 mm"),
    ],
)
def test_blank_lines_and_quotes(text: str, expected: str) -> None:
    assert outline(read_blocks(text)) == expected


def test_each_line_is_where_it_starts() -> None:
    text = "Meds:\r\n  •\ta  \x0b b\n\u00a0\n> Quoted\n> > so\n\t1) x\n 2) y"
    found = 0
    pending = [*read_blocks(text)]
    while pending:
        block = pending.pop()
        if isinstance(block, Paragraph):
            found += len(block.lines)
            assert all(text.startswith(line.text, line.start) for line in block.lines)
        elif isinstance(block, Quote):
            pending += block.blocks
        else:
            pending += [inner for item in block.items for inner in item.blocks]
    assert found == 7


def test_lists_are_nested_no_deeper_than_a_letter_can_show() -> None:
    text = "\n".join("  " * depth + "- x" for depth in range(60)) + "\n- y"
    (block,) = read_blocks(text)
    depth = 0
    while isinstance(block, List):
        depth += 1
        block = block.items[0].blocks[-1]
    assert depth == MOST_NESTING
    assert isinstance(block, Paragraph)
    assert len(block.lines) == 60 - MOST_NESTING + 1


def test_a_long_narrative_without_lists_is_read_at_once() -> None:
    (block,) = read_blocks("\n".join(f"{n % 7 * 2 + 2}. x" for n in range(20_000)))
    assert isinstance(block, Paragraph)


def test_no_marker_begins_with_a_word() -> None:
    letters = "abioxvIVXMé1(-•."
    starts = ["".join(each) for each in itertools.product(letters, repeat=3)]
    marked = {text for text in starts if _marker().match(text)}
    assert len(marked) > 100
    assert {text for text in starts if read_marker(text)} == marked
    words = [text for text in starts if begins_with_word(text)]
    assert len(words) > 500
    assert marked.isdisjoint(words)
