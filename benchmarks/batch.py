"""Batches with one worker and with two, beside a plain loop of WeasyPrint as its README uses it.

usage: python benchmarks/batch.py [CASES] [PDFS]      (default 10000 500)

Bars: text and HTML at two workers, at least 1.8 times one worker's letters per second; PDFs
likewise, and at least 2.2 times those of the plain loop; with Typst at least 3 times those with
WeasyPrint; a second run over what is done, at most 2 % of the first's time; the memory of the
parent flat. Everything runs in turns, in processes of its own. What two processes gain over one on
this machine when they have nothing to do with each other is measured beside it: no batch can gain
more.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tomli

import imrgen
from imrgen.pack import EngineName

ROOT = Path(__file__).parent.parent
STARTER = tomli.loads((ROOT / "imrgen" / "starter.toml").read_text(encoding="utf-8"))
TURNS = 3
PLAIN = """
import sys, weasyprint
for line in open(sys.argv[1]):
    weasyprint.HTML(line.strip()).write_pdf(line.strip() + ".pdf")
"""


def write_cases(path: Path, count: int) -> Path:
    """Write JSON Lines of cases that differ."""
    with path.open("w") as stream:
        for number in range(count):
            case = json.loads(json.dumps(STARTER, default=str))
            case["case"] |= {
                "number": f"CM16-{number:07d}",
                "claim_number": f"EX-2016-{number:06d}",
            }
            case["employee"]["name"] = (
                f"Maria Sample{''.join(chr(97 + number // 26**p % 26) for p in range(4))}"
            )
            stream.write(f"{json.dumps(case)}\n")
    return path


def batch(
    cases: Path, target: Path, jobs: int, *formats: str, engine: EngineName = "weasyprint"
) -> tuple[float, float]:
    """Run a batch; gives the seconds it took and the mebibytes of the parent."""
    program = (
        "import sys, imrgen, resource\n"
        "if __name__ == '__main__':\n"
        "    options = imrgen.Options(engine=sys.argv[4])\n"
        "    summary = imrgen.render_batch(sys.argv[1], options, to=sys.argv[2], "
        "jobs=int(sys.argv[3]),\n"
        "        formats=sys.argv[5:])\n"
        "    assert not summary.failed\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)\n"
    )
    script = target.parent / "program.py"
    script.write_text(program)
    start = time.perf_counter()
    command = [sys.executable, script, cases, target, str(jobs), engine, *formats]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return time.perf_counter() - start, float(run.stdout)


def plain(cases: Path, folder: Path) -> tuple[float, float]:
    """Set letters with WeasyPrint as its README uses it.

    Gives the seconds of one loop, and of two that share the letters.
    """
    renderer = imrgen.Renderer()
    folder.mkdir()
    names = []
    for number, line in enumerate(cases.open()):
        page = folder / f"{number}.html"
        page.write_text(renderer.render(json.loads(line)).html)
        names.append(f"{page}\n")
    took = []
    for parts in (1, 2):
        lists = [folder / f"names-{parts}-{part}" for part in range(parts)]
        for part, path in enumerate(lists):
            path.write_text("".join(names[part::parts]))
        start = time.perf_counter()
        loops = [subprocess.Popen([sys.executable, "-c", PLAIN, path]) for path in lists]
        assert [loop.wait() for loop in loops] == [0] * parts
        took.append(time.perf_counter() - start)
    return took[0], took[1]


def main() -> None:
    """Print the ratios."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    pdfs = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if count:
            light(folder, count)
        if pdfs:
            heavy(folder, pdfs)


def light(folder: Path, count: int) -> None:
    """Print the ratios of text and HTML."""
    _, small = batch(
        write_cases(folder / "few.jsonl", max(1, count // 5)), folder / "few", 2, "text", "html"
    )
    cases = write_cases(folder / "cases.jsonl", count)
    times: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(TURNS):
        for jobs, each in times.items():
            seconds, memory = batch(cases, folder / f"{turn}-{jobs}", jobs, "text", "html")
            each.append(seconds)
    one, two = (statistics.median(each) for each in times.values())
    again = [batch(cases, folder / f"{turn}-2", 2, "text", "html")[0] for turn in range(TURNS)]
    letters = {len(list(each.iterdir())) - 1 for each in folder.glob("?-?")}
    assert letters == {2 * count}, letters
    print(f"{2 * count:7}     letters of {count} cases in each of {2 * TURNS} batches, none lost")
    print(f"{count / two:7.0f}     cases a second with two workers")
    print(f"{one / two:7.2f}     text and HTML, two workers to one (at least 1.8)")
    print(f"{memory:7.0f} MiB the parent took; {small:.0f} MiB for a fifth of the cases")
    second = statistics.median(again)
    print(
        f"{second / two * 100:7.2f} %   of the first run's time for a second one (at most 2): "
        f"{second:.2f} s"
    )


def heavy(folder: Path, count: int) -> None:
    """Print the ratios of PDFs."""
    cases = write_cases(folder / "pdfs.jsonl", count)
    times: dict[str, list[float]] = {each: [] for each in ("one", "two", "loop", "loops", "typst")}
    for turn in range(TURNS):
        times["one"].append(batch(cases, folder / f"one-{turn}", 1, "pdf")[0])
        times["two"].append(batch(cases, folder / f"two-{turn}", 2, "pdf")[0])
        times["typst"].append(batch(cases, folder / f"typst-{turn}", 2, "pdf", engine="typst")[0])
        loop, loops = plain(cases, folder / f"plain-{turn}")
        times["loop"].append(loop)
        times["loops"].append(loops)
    one, two, loop, loops, typst = (statistics.median(each) for each in times.values())
    print(
        f"{count / two:7.1f}     PDFs a second with two workers, "
        f"{count} in each of {2 * TURNS} batches"
    )
    print(f"{one / two:7.2f}     PDFs, two workers to one (at least 1.8)")
    print(f"{loop / two:7.2f}     PDFs, two workers to a plain loop of WeasyPrint (at least 2.2)")
    print(
        f"{loop / loops:7.2f}     two plain loops of WeasyPrint to one: "
        "what this machine lets two processes gain"
    )
    print(f"{loops / two:7.2f}     PDFs, two workers to two plain loops")
    print(f"{two / typst:7.2f}     PDFs by Typst to those by WeasyPrint, two workers (at least 3)")
    print(f"{loop / typst:7.2f}     PDFs by Typst, two workers to a plain loop of WeasyPrint")


if __name__ == "__main__":
    main()
