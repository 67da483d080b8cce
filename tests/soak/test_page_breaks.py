"""500 invented letters by Typst: pages break where CSS lets them, and as WeasyPrint's do."""

from __future__ import annotations

import collections
import difflib
import itertools
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
import tomli

import imrgen
from imrgen.pack import TemplatePack
from imrgen.testing import invent
from tests import invented_blocks, page_breaks
from tests.pdf_lines import lines_of_pages

COUNTS = {
    ("imr", "determination"): 200,
    ("imr-2015", "determination"): 150,
    ("external-review", "decision"): 100,
    ("external-review", "assignment"): 50,
}
CASES = 20
ROOM = 72.0, 720.0
EVERY = 10
"""Of so many letters, one is set by WeasyPrint as well."""
LIMITS = {
    # Below a table, room is kept free on each of its pages for what stays with its end.
    "tables that end early": "left free before table",
    # Typst keeps two lines, and more only at the letter's end and of what is short.
    "widows of more than two": "[2-9] of [0-9]+ lines at the head",
}
"""What Typst does otherwise than CSS says; rare, and no line or heading stands alone by it."""
SEED = 2026


def cases(pack: TemplatePack, letter: str, count: int) -> Iterator[dict[str, Any]]:
    """Yield invented cases with narratives of all lengths and of all kinds of blocks."""
    invented = invent(pack, CASES, SEED, letters=[letter])
    for number in range(count):
        numbers = random.Random(f"{SEED}/{letter}/{number}")
        data = tomli.loads(invented[number % CASES].text)
        for path, value, field in [*pack.model.walk(data)]:
            if field.kind == "narrative" and isinstance(value, str):
                table: Any = data
                for key in path[:-1]:
                    table = table[key]
                table[path[-1]] = invented_blocks.narrative(numbers)
        yield data


@pytest.mark.parametrize(("name", "letter"), COUNTS)
def test_no_page_breaks_where_it_should_not(name: str, letter: str) -> None:
    pack = imrgen.load_pack(name)
    typst, weasyprint = (
        imrgen.Renderer(loaded_pack=pack, letter=letter, check=False, engine=engine)
        for engine in ("typst", "weasyprint")
    )
    found: list[str] = []
    counted: collections.Counter[str] = collections.Counter()
    for number, data in enumerate(cases(pack, letter, COUNTS[name, letter])):
        made = typst.render(data)
        read = page_breaks.read(made, ROOM)
        counted["letters"] += 1
        counted["pages"] += read.pages
        for each in page_breaks.faults(read):
            limit = next((name for name, text in LIMITS.items() if re.search(text, each)), None)
            if limit is None:
                found.append(f"letter {number}, {each}")
            else:
                counted[limit] += 1
        if number % EVERY == 0:
            pages = [lines_of_pages(each.pdf) for each in (weasyprint.render(data), made)]
            one, other = ([*itertools.chain.from_iterable(each)] for each in pages)
            matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
            counted["compared"] += 1
            counted["same number of pages"] += len(pages[0]) == len(pages[1])
            counted["lines"] += len(one)
            counted["same lines"] += sum(block.size for block in matcher.get_matching_blocks())
    print(name, letter, dict(counted), *found, sep="\n  ")
    assert found == []
    assert sum(counted[name] for name in LIMITS) <= 0.01 * counted["pages"]
    assert counted["same lines"] >= 0.97 * counted["lines"]
    assert counted["same number of pages"] >= 0.9 * counted["compared"]
