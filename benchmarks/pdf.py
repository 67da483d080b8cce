"""What a PDF costs: imrgen beside WeasyPrint, Chromium and Typst; its growth; its memory.

usage: python benchmarks/pdf.py [--turns N] [--letters N] [--only PART]... [--profile]

    --turns N      letters that each program makes of each kind (default 20)
    --letters N    letters made for the memory (default 500)
    --only PART    programs, pages, issues or memory; all four unless given
    --profile      instead, where the time of imrgen's letter goes

The programs run in turns, each in a process of its own, WeasyPrint as its README uses it. Every
letter is another one, so that nobody gains by remembering. What counts is the ratio of the medians
to WeasyPrint's, whose letter is imrgen's own HTML in the fonts of the machine. It is untagged;
imrgen's and Typst's are PDF/A-3a and PDF/UA-1. The bar is 0.80.
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

THREE_PAGES = (3, 10)
PAGES = {1: (1, 1), 10: (1, 140), 100: (1, 1500)}
ISSUES = {1: (1, 5), 10: (10, 5), 100: (100, 5)}
OURS = "imrgen: Renderer, from case to PDF/A-3a with PDF/UA-1"

ROOMS = {
    "checks and HTML": ("imrgen/pipeline/renderer.py", "render"),
    "HTML read": ("imrgen/document/parsing.py", "parse"),
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
    "read back": ("imrgen/export/pdf/readback/reader.py", "page_characters"),
    "fonts": ("weasyprint/pdf/fonts.py", "build_fonts_dictionary"),
    "file written": ("pydyf/__init__.py", "write"),
}


def pages_of(pdf: bytes) -> int:
    """Count the pages of a PDF."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def programs(turns: int) -> None:
    """Print each program's time for the same letters, as a ratio to the first's."""
    finders: dict[str, Callable[[], Maker]] = {
        "WeasyPrint as its README uses it, the machine's fonts": Readme(
            *THREE_PAGES, letter_fonts=False
        ),
        "the same, with the letter's fonts by @font-face": Readme(*THREE_PAGES, letter_fonts=True),
        OURS: Imrgen(*THREE_PAGES),
        "Chromium, one browser kept": Chromium(*THREE_PAGES),
        "Chromium, a process for each letter": ChromiumProcess(*THREE_PAGES),
        "Typst, PDF/A-3a with PDF/UA-1": Typst(*THREE_PAGES),
    }
    contestants = [Contestant(name, found) for name, found in finders.items()]
    there = [contestant for contestant in contestants if not contestant.missing]
    counted = {contestant.name: pages_of(contestant.make(0)) for contestant in there}
    race(there, turns)
    print(f"The same letter, {turns} turns: ratio of the medians, pages")
    for contestant in contestants:
        if contestant.missing:
            print(f"      –          {contestant.name}: {contestant.missing}")
        else:
            ratio = contestant.median / contestants[0].median
            print(f"{ratio:7.2f}  {counted[contestant.name]:3} pp.  {contestant.name}")
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
    contestant = Contestant(OURS, Imrgen(*THREE_PAGES))
    sizes = []
    for turn in range(letters):
        contestant.make(turn)
        sizes.append(contestant.resident)
    contestant.end()
    # A few letters' median, since memory breathes.
    fifth = letters // 5
    early, late = statistics.median(sizes[fifth - 10 : fifth + 10]), statistics.median(sizes[-20:])
    print(
        f"\nMemory over {letters} letters: {late / early:.3f} of what it was after {fifth} "
        "(at most 1.05)"
    )


def profile(letters: int = 10) -> None:
    """Print where the time of a letter goes; profiling slows Python more than what it calls."""
    ready = Imrgen(*THREE_PAGES)()
    steps = [ready(turn) for turn in range(letters + 2)]
    for step in steps[:2]:
        step()
    profiler = cProfile.Profile()
    for step in steps[2:]:
        profiler.runcall(step)
    stats = pstats.Stats(profiler).get_stats_profile()
    calls = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    print(f"Where the time goes, {letters} letters of 3 pages")
    for room, (file, function) in ROOMS.items():
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
        "--only", action="append", choices=("programs", "pages", "issues", "memory")
    )
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    few = max(3, asked.turns // 5)
    parts: dict[str, Callable[[], None]] = {
        "programs": lambda: programs(asked.turns),
        "pages": lambda: growth("page", PAGES, few),
        "issues": lambda: growth("issue", ISSUES, few),
        "memory": lambda: memory(asked.letters),
    }
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = (
            folder  # for the processes too: some leave files behind
        )
        if asked.profile:
            profile()
        for part, show in parts.items():
            if not asked.profile and (not asked.only or part in asked.only):
                show()


if __name__ == "__main__":
    main()
