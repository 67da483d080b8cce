"""What a PDF costs: imrgen beside WeasyPrint, Chromium and Typst; its growth; its memory.

usage: python benchmarks/pdf.py [--turns N] [--letters N] [--only PART]... [--profile ENGINE]

    --turns N      letters that each program makes of each kind (default 20)
    --letters N    letters made for the memory (default 500)
    --only PART    programs, long, pages, issues or memory; all five unless given
    --profile ENGINE   instead, where the time of imrgen's letter goes: weasyprint or typst

The programs run in turns, each in a process of its own, WeasyPrint as its README uses it. Every
letter is another one, so that nobody gains by remembering. What counts is the ratio of the medians
to WeasyPrint's, whose letter is imrgen's own HTML in the fonts of the machine. It is untagged;
imrgen's and Typst's are PDF/A-3a and PDF/UA-1. The bar for three pages is 0.80 with WeasyPrint, and
0.25 with Typst; for `long`, letters of 19 pages, it is 0.20 with Typst.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import os
import pstats
import statistics
import tempfile
from collections.abc import Callable

import pikepdf
from makers import Chromium, ChromiumProcess, Imrgen, Readme, Typst
from turns import Contestant, Maker, race

from imrgen.pack import EngineName

THREE_PAGES = (3, 10)
NINETEEN_PAGES = (12, 40)
PAGES = {1: (1, 1), 10: (1, 140), 100: (1, 1500)}
ISSUES = {1: (1, 5), 10: (10, 5), 100: (100, 5)}
OURS = "imrgen with WeasyPrint: Renderer, from case to PDF/A-3a with PDF/UA-1"
OURS_BY_TYPST = "imrgen with Typst: the same"

BEFORE = {
    "checks and HTML": ("imrgen/pipeline/renderer.py", "render"),
    "HTML read": ("imrgen/document/parsing.py", "parse"),
}
READ_BACK = {"read back": ("imrgen/export/pdf/readback/reader.py", "drawn_pages")}
ROOMS: dict[EngineName, dict[str, tuple[str, str]]] = {
    "weasyprint": {
        **BEFORE,
        "selectors": ("weasyprint/css/__init__.py", "get_all_computed_styles"),
        "boxes": ("weasyprint/formatting_structure/build.py", "build_formatting_structure"),
        "layout": ("weasyprint/layout/__init__.py", "layout_document"),
        "  of it lines": ("weasyprint/layout/inline.py", "get_next_linebox"),
        "  of it header and footer": ("weasyprint/layout/page.py", "make_margin_boxes"),
        "  of it tables": ("weasyprint/layout/table.py", "table_layout"),
        "paint": ("weasyprint/draw/__init__.py", "draw_page"),
        "tags": ("weasyprint/pdf/tags.py", "add_tags"),
        "tags repaired": ("imrgen/export/pdf/tags.py", "repair"),
        "boxes looked at": ("imrgen/export/pdf/layout.py", "__init__"),
        **READ_BACK,
        "fonts": ("weasyprint/pdf/fonts.py", "build_fonts_dictionary"),
        "file written": ("pydyf/__init__.py", "write"),
    },
    "typst": {
        **BEFORE,
        "styles": ("imrgen/export/pdf/typst/styles.py", "of_document"),
        "program written": ("imrgen/export/pdf/typst/setting.py", "program"),
        "Typst": ("imrgen/export/pdf/typst/engine.py", "_compiled"),
        "file finished": ("imrgen/export/pdf/typst/finish.py", "finished"),
        **READ_BACK,
    },
}


def pages_of(pdf: bytes) -> int:
    """Count the pages of a PDF."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def programs(title: str, size: tuple[int, int], turns: int, with_all: bool = True) -> None:
    """Print each program's time for the same letters, as a ratio to the first's.

    Args:
        title: What the letters are.
        size: Their issues, and the sentences of each rationale.
        turns: How many letters each program makes.
        with_all: Whether a browser is also started for each letter.
    """
    finders: dict[str, Callable[[], Maker]] = {
        "WeasyPrint as its README uses it, the machine's fonts": Readme(*size, letter_fonts=False),
        "the same, with the letter's fonts by @font-face": Readme(*size, letter_fonts=True),
        OURS: Imrgen(*size),
        OURS_BY_TYPST: Imrgen(*size, engine="typst"),
        "Chromium, one browser kept": Chromium(*size),
        "Typst alone, PDF/A-3a with PDF/UA-1": Typst(*size),
    }
    if with_all:
        finders["Chromium, a process for each letter"] = ChromiumProcess(*size)
    contestants = [Contestant(name, found) for name, found in finders.items()]
    there = [contestant for contestant in contestants if not contestant.missing]
    counted = {contestant.name: pages_of(contestant.make(0)) for contestant in there}
    race(there, turns)
    print(f"{title}, {turns} turns: ratio of the medians, and of the processor's time; pages")
    for contestant in contestants:
        if contestant.missing:
            print(f"      –                   {contestant.name}: {contestant.missing}")
        else:
            ratio = contestant.median / contestants[0].median
            share = contestant.median_of_processor / contestants[0].median_of_processor
            # A browser's own time is not that of the process that drives it.
            of_processor = "      –" if "Chromium" in contestant.name else f"{share:7.3f}"
            pages = counted[contestant.name]
            print(f"{ratio:7.3f} {of_processor} {pages:3} pp.  {contestant.name}")
        contestant.end()


def growth(noun: str, sizes: dict[int, tuple[int, int]], turns: int) -> None:
    """Print the time per page or issue of longer letters, relative to the smallest's."""
    # The wording of 2015 has the letters that fit one page.
    contestants = {
        wanted: Contestant(str(wanted), Imrgen(*size, pack="imr-2015"))
        for wanted, size in sizes.items()
    }
    counted = {wanted: pages_of(contestant.make(0)) for wanted, contestant in contestants.items()}
    race(contestants.values(), turns)
    units = counted if noun == "page" else {wanted: wanted for wanted in sizes}
    each = {wanted: contestant.median / units[wanted] for wanted, contestant in contestants.items()}
    least = min(sizes)
    print(f"\nGrowth with {noun}s: time per {noun}, relative to the smallest letter's")
    for wanted, contestant in contestants.items():
        print(
            f"{each[wanted] / each[least]:7.2f}  {units[wanted]:3} {noun}s, {counted[wanted]} pp."
        )
        contestant.end()


def memory(letters: int) -> None:
    """Print the memory of a process that makes many letters: after a fifth of them, after all."""
    print(f"\nMemory over {letters} letters (at most 1.05 of what it was after a fifth)")
    for name, found in {
        OURS: Imrgen(*THREE_PAGES),
        OURS_BY_TYPST: Imrgen(*THREE_PAGES, engine="typst"),
    }.items():
        contestant = Contestant(name, found)
        sizes = []
        for turn in range(letters):
            contestant.make(turn)
            sizes.append(contestant.resident)
        contestant.end()
        # A few letters' median, since memory breathes.
        fifth = letters // 5
        early = statistics.median(sizes[fifth - 10 : fifth + 10])
        late = statistics.median(sizes[-20:])
        print(f"{late / early:7.3f}  {late / 2**20:4.0f} MiB  {name}")


def profile(engine: EngineName, letters: int = 10) -> None:
    """Print where the time of a letter goes; profiling slows Python more than what it calls."""
    ready = Imrgen(*THREE_PAGES, engine=engine)()
    steps = [ready(turn) for turn in range(letters + 2)]
    for step in steps[:2]:
        step()
    profiler = cProfile.Profile()
    for step in steps[2:]:
        profiler.runcall(step)
    stats = pstats.Stats(profiler).get_stats_profile()
    calls = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    print(f"Where the time goes, {letters} letters of 3 pages")
    for room, (file, function) in ROOMS[engine].items():
        inside = sum(
            entry[3]
            for (path, _, name), entry in calls.items()
            if path.endswith(file) and name == function
        )
        print(f"{inside / stats.total_tt:7.1%}  {room}")


def main() -> None:
    """Print the parts that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--letters", type=int, default=500)
    parser.add_argument(
        "--only", action="append", choices=("programs", "long", "pages", "issues", "memory")
    )
    parser.add_argument("--profile", choices=("weasyprint", "typst"))
    asked = parser.parse_args()
    few = max(3, asked.turns // 5)
    parts: dict[str, Callable[[], None]] = {
        "programs": lambda: programs("The same letter of three pages", THREE_PAGES, asked.turns),
        "long": lambda: programs(
            "\nThe same letter of 19 pages",
            NINETEEN_PAGES,
            max(3, asked.turns // 2),
            with_all=False,
        ),
        "pages": lambda: growth("page", PAGES, few),
        "issues": lambda: growth("issue", ISSUES, few),
        "memory": lambda: memory(asked.letters),
    }
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = (
            folder  # for the processes too: some leave files behind
        )
        if asked.profile:
            profile(asked.profile)
        for part, show in parts.items():
            if not asked.profile and (not asked.only or part in asked.only):
                show()


if __name__ == "__main__":
    main()
