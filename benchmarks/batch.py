"""Batches with one worker and with two, beside a plain loop of WeasyPrint as its README uses it.

usage: python benchmarks/batch.py [CASES] [PDFS]      (default 10000 500)

Bars: text and HTML at two workers, at least 1.8 times one worker's letters per second; PDFs likewise, and at least 2.2
times those of the plain loop; a second run over what is done, at most 2 % of the first's time; the memory of the parent
flat. Everything runs in turns, in processes of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tomli

import imrgen

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
            case["case"] |= {"number": f"CM16-{number:07d}", "claim_number": f"EX-2016-{number:06d}"}
            case["employee"]["name"] = f"Maria Sample{''.join(chr(97 + number // 26**p % 26) for p in range(4))}"
            stream.write(f"{json.dumps(case)}\n")
    return path


def batch(cases: Path, target: Path, jobs: int, *formats: str) -> tuple[float, float]:
    """Run a batch; gives the seconds it took and the mebibytes of the parent."""
    program = (
        "import sys, imrgen, resource\n"
        "if __name__ == '__main__':\n"
        "    summary = imrgen.render_batch(sys.argv[1], imrgen.RendererSpec(), to=sys.argv[2], jobs=int(sys.argv[3]),\n"
        "        formats=sys.argv[4:])\n"
        "    assert not summary.failed\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)\n"
    )
    script = target.parent / "program.py"
    script.write_text(program)
    start = time.perf_counter()
    command = [sys.executable, script, cases, target, str(jobs), *formats]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return time.perf_counter() - start, float(run.stdout)


def plain(cases: Path, folder: Path, count: int) -> float:
    """Set letters with WeasyPrint as its README uses it; gives the seconds it took."""
    renderer = imrgen.Renderer()
    names = []
    for number, line in zip(range(count), cases.open(), strict=False):
        page = folder / f"{number}.html"
        page.write_text(renderer.render(json.loads(line)).html)
        names.append(f"{page}\n")
    (folder / "names").write_text("".join(names))
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", PLAIN, folder / "names"], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the ratios."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    pdfs = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        light(folder, count)
        heavy(folder, pdfs)


def light(folder: Path, count: int) -> None:
    """Print the ratios of text and HTML."""
    few = write_cases(folder / "few.jsonl", max(1, count // TURNS // 2))
    times: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(TURNS):
        for jobs, each in times.items():
            seconds, _ = batch(few, folder / f"few-{turn}-{jobs}", jobs, "text", "html")
            each.append(seconds)
    ratio = sum(times[1]) / sum(times[2])
    print(f"{ratio:7.2f}     text and HTML, two workers to one (at least 1.8)")
    _, small = batch(few, folder / "small", 2, "text", "html")
    cases = write_cases(folder / "cases.jsonl", count)
    first, memory = batch(cases, folder / "many", 2, "text", "html")
    made = len(list((folder / "many").iterdir())) - 1
    print(f"{count / first:7.0f}     cases a second, {made} letters of {count} cases, none lost")
    print(f"{memory:7.0f} MiB the parent took; {small:.0f} MiB for a {2 * TURNS}th of the cases")
    second, _ = batch(cases, folder / "many", 2, "text", "html")
    print(f"{second / first * 100:7.2f} %   of the first run's time for a second one (at most 2): {second:.2f} s")


def heavy(folder: Path, count: int) -> None:
    """Print the ratios of PDFs."""
    share = max(1, count // TURNS)
    cases = write_cases(folder / "pdfs.jsonl", share)
    times: dict[str, list[float]] = {"one": [], "two": [], "plain": []}
    for turn in range(TURNS):
        (folder / f"plain-{turn}").mkdir()
        times["one"].append(batch(cases, folder / f"one-{turn}", 1, "pdf")[0])
        times["two"].append(batch(cases, folder / f"two-{turn}", 2, "pdf")[0])
        times["plain"].append(plain(cases, folder / f"plain-{turn}", share))
    one, two, loop = (sum(each) for each in times.values())
    print(f"{TURNS * share / two:7.1f}     PDFs a second with two workers, {TURNS * share} in all")
    print(f"{one / two:7.2f}     PDFs, two workers to one (at least 1.8)")
    print(f"{loop / two:7.2f}     PDFs, two workers to a plain loop of WeasyPrint (at least 2.2)")


main()
