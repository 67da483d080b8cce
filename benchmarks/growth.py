"""How the time of each check and parser grows when its text doubles: linear is 2.

    python benchmarks/growth.py [SIZE] [NAME...]

SIZE is the length of the shorter text in characters. Any growth above 2.5 of what takes longer than
50 ms is printed, and ends the program with 1.
"""

from __future__ import annotations

import contextlib
import copy
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from cases import make_case

import imrgen
from imrgen.case import load_case, parse
from imrgen.checks import Subject, all_checks
from imrgen.compose.markdown import to_html
from imrgen.pack import load_pack

MOST = 2.5
TIMED = 0.05
_NAMES = ("Ames", "Boyd", "Cole", "Dunn", "Egan", "Ford", "Gray", "Hale", "Ives", "Jung", "Kerr")

Work = Callable[[], object]


def natural(size: int) -> str:
    """Return sentences about visits, doctors, items and dates, none twice."""
    sentences = []
    length = number = 0
    while length < size:
        name = f"{_NAMES[number % 11]}{_NAMES[number // 11 % 11].lower()}"
        sentences.append(
            f"On March {number % 28 + 1}, 2016, Dr. {name} saw the worker and asked for {number} "
            f"visits of physical therapy (CPT 97110), which ACOEM does not support at {number} mg."
        )
        length += len(sentences[-1]) + 1
        number += 1
    return " ".join(sentences)


def repeated(unit: str) -> Callable[[int], str]:
    """Return what repeats a text up to a size."""
    return lambda size: unit * (size // len(unit))


SHAPES: dict[str, Callable[[int], str]] = {
    "natural": natural,
    "paragraphs": lambda size: natural(size).replace(". ", ".\n\n"),
    "one sentence": repeated("Dr. Ames saw the worker again for the MRI of the left knee. "),
    **{
        f"{unit!r}": repeated(unit)
        for unit in (
            *("a", "a ", "1", "1 ", "A", "A. ", "Dr. ", "(", "a(", "()", ")", ".", ". ", ",", ", "),
            *(
                "-",
                "- ",
                "–",
                "'",
                '"',
                "“",
                "/",
                "1/",
                "1/1/",
                "#",
                "%",
                "$1,",
                "\\",
                "&",
                "&a",
                "é",
            ),
            *(
                "a.b",
                "a@",
                "http://",
                "not ",
                "is not medically necessary. ",
                "upheld ",
                "J. ",
                "no, ",
            ),
            *(
                "mg ",
                "10 mg ",
                "March ",
                "March 1, ",
                "2016-01-01 ",
                "CPT 1",
                "A\n",
                "a\n\n",
                "- a\n",
            ),
        )
    },
}
MARKDOWN = {
    f"{unit!r}": repeated(unit)
    for unit in (
        "[",
        "](",
        "*",
        "*a ",
        "**a",
        "_a ",
        "`",
        "`a",
        "<",
        "<a ",
        "![",
        "|",
        "|a",
        "> ",
        "1. ",
        "    ",
    )
}


def with_text(text: str) -> dict[str, Any]:
    """Return a case in which a text stands in the summary and in a rationale."""
    case = copy.deepcopy(make_case(1, 2, 2))
    case["clinical_summary"] = text
    case["issues"][0]["rationale"] = text
    return case


def works(text: str) -> Iterator[tuple[str, Work]]:
    """Yield the parsers and checks with what they do to a text."""
    toml = f"a = '''{text}'''\n"
    yield "TOML", lambda: parse(toml, "a.toml")
    yield "Markdown", lambda: to_html(text)
    case = with_text(text)
    yield "model", lambda: load_case(case)
    loaded = load_case(case)
    pack = load_pack("imr")
    for check in all_checks():
        yield check.id, lambda check=check: list(check.find(Subject(loaded, pack)))


def main() -> None:
    """Print the growth of each check and parser for each shape of text."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    names = set(sys.argv[2:])
    count = worst = 0
    for shape, make in (SHAPES | MARKDOWN).items():
        try:
            pairs = zip(works(make(size)), works(make(2 * size)), strict=True)
            for (name, small), (_, large) in pairs:
                if not names or name in names:
                    count += 1
                    worst += _is_steep(f"{shape:30} {name:8}", small, large)
        except imrgen.ImrgenError as error:
            print(f"{shape:30} refused: {error.diagnostics[0].code}", flush=True)
    print(
        f"{count} measured from {size} to {2 * size} characters, {worst} grow by more than {MOST}"
    )
    sys.exit(worst > 0)


def _is_steep(title: str, small: Work, large: Work) -> bool:
    """Print the growth of a check or parser that is too steep, twice in a row."""
    growth = 0.0
    for _ in range(2):
        short, long = _seconds(small), _seconds(large)
        growth = long / max(short, 1e-6)
        if long < TIMED or growth <= MOST:
            return False
    print(f"{title} {short:8.3f} s {long:8.3f} s {growth:6.1f}", flush=True)
    return True


def _seconds(work: Work) -> float:
    begin = time.process_time()
    with contextlib.suppress(imrgen.ImrgenError):
        work()
    return time.process_time() - begin


if __name__ == "__main__":
    main()
