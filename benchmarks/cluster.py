"""What Dask costs a batch, beside the workers of this machine: two workers each, in turns.

usage: python benchmarks/cluster.py [CASES] [PDFS]      (default 2000 200)

On a machine with other work only the processes' own time means much. The milliseconds of a case are
those that it adds: between batches of a quarter of the cases and of all of them, so that what a
batch takes to begin does not count. PDFs: a multiple of 200, which are chunks of 25 for two
workers. Then what grows with the number of cases: the memory of the scheduler and of the client
that runs the batch, fresh ones for each number, and the bytes that go over the network (this
machine's loopback; leave it quiet).
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from batch import write_cases

TURNS = 3
SHORT = {"DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH": "10"}
PROGRAM = """
import contextlib, re, sys, time, imrgen
from imrgen.batch.dask import connect
if __name__ == "__main__":
    cases, target, scheduler, *formats = sys.argv[1:]
    with connect(scheduler) if scheduler else contextlib.nullcontext() as executor:
        start, own = time.perf_counter(), time.process_time()
        summary = imrgen.render_batch(
            cases, imrgen.Options(), to=target, executor=executor, jobs=2, formats=formats)
        seconds, own = time.perf_counter() - start, time.process_time() - own
    assert not summary.failed
    print(seconds, own, re.search("VmHWM:\\\\s+(\\\\d+)", open("/proc/self/status").read())[1])
"""


@contextlib.contextmanager
def process(*command: str, says: str, **environment: str) -> Iterator[tuple[int, str]]:
    """Run a server until it says that it is there, and end it; gives its process and its words."""
    words = [sys.executable, "-m", *command, "--no-dashboard"]
    server = subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, **environment},
    )
    try:
        assert server.stdout
        yield (
            server.pid,
            next(found[1] for line in server.stdout if (found := re.search(says, line))),
        )
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@contextlib.contextmanager
def cluster(**environment: str) -> Iterator[tuple[int, str]]:
    """Run a scheduler and two workers; gives the scheduler's process and address."""
    scheduler = process(
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        says=r"Scheduler at:\s+(tcp://\S+)",
        **environment,
    )
    with contextlib.ExitStack() as stack:
        pid, address = stack.enter_context(scheduler)
        for _ in range(2):
            command = ("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny")
            stack.enter_context(process(*command, says="(Registered) to"))
        yield pid, address


def batch(folder: Path, cases: Path, address: str, *formats: str) -> tuple[float, float, int]:
    """Run a batch; gives the seconds it took, its client's own seconds, and its client's KiB."""
    (folder / "program.py").write_text(PROGRAM)
    with tempfile.TemporaryDirectory(dir=folder) as target:
        command = [sys.executable, folder / "program.py", cases, f"{target}/out", address, *formats]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, own, memory = printed.split()
    return float(seconds), float(own), int(memory)


def compare(folder: Path, count: int, *formats: str) -> None:
    """Print what a case takes with Dask and without."""
    sizes = (max(1, count // 4), count)
    files = {size: write_cases(folder / f"{size}.jsonl", size) for size in sizes}
    took: dict[tuple[str, int], list[tuple[float, float]]] = {}
    with cluster() as (_, address):
        for turn in range(TURNS + 1):
            for size, cases in files.items():
                for name, where in (("local", ""), ("dask", address)):
                    seconds, own, _ = batch(folder, cases, where, *formats)
                    if turn:  # the first warms caches, and Dask's workers
                        took.setdefault((name, size), []).append((seconds, own))
    each = {}
    for name in ("local", "dask"):
        few, many = (
            [statistics.median(one) for one in zip(*took[name, size], strict=True)]
            for size in sizes
        )
        added = [(m - f) / (sizes[1] - sizes[0]) * 1000 for f, m in zip(few, many, strict=True)]
        each[name] = added[0]
        print(
            f"{added[0]:8.2f} ms  a case in {' and '.join(formats)}, {name}; "
            f"{added[1]:.2f} ms of the client's own"
        )
        print(f"{few[0] - added[0] / 1000 * sizes[0]:8.2f} s   to begin and end")
    print(
        f"{each['dask'] - each['local']:8.2f} ms  a case more with Dask, "
        f"{each['dask'] / each['local']:.2f} times"
    )


def growth(folder: Path, counts: tuple[int, int], *formats: str, **environment: str) -> None:
    """Print what grows with the number of cases."""
    print(f"{' and '.join(formats)}, scheduler with {environment or 'what it has by itself'}:")
    for count in counts:
        cases = write_cases(folder / f"grow-{count}.jsonl", count)
        with cluster(**environment) as (pid, address):
            before, sent, worked = resident(pid), loopback(), busy(pid)
            _, own, memory = batch(folder, cases, address, *formats)
            each = [seconds / count * 1000 for seconds in (own, busy(pid) - worked)]
            print(
                f"{each[0]:8.2f} ms  of the client's own for each of {count} cases, "
                f"{each[1]:.2f} of the scheduler's"
            )
            print(f"{memory / 1024:8.1f} MiB the client took at most for {count} cases")
            print(
                f"{before / 1024:8.1f} MiB the scheduler held before, "
                f"{resident(pid) / 1024:.1f} at most"
            )
            print(
                f"{(loopback() - sent) / count / 1024:8.1f} KiB went over the network for each case"
            )


def resident(pid: int) -> int:
    """Give the KiB that a process has held at most."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])


def busy(pid: int) -> float:
    """Give the seconds that a process has worked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def loopback() -> int:
    """Give the bytes that this machine has sent to itself."""
    found = re.search(r"lo:\s*(\d+)", Path("/proc/net/dev").read_text())
    assert found
    return int(found[1])


def main() -> None:
    """Print the numbers."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    pdfs = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    with tempfile.TemporaryDirectory() as name:
        compare(Path(name), count, "text", "html")
        compare(Path(name), pdfs, "pdf")
        growth(Path(name), (count, 5 * count), "text", "html")
        growth(Path(name), (count, 5 * count), "text", "html", **SHORT)
        growth(Path(name), (pdfs, 2 * pdfs), "pdf", **SHORT)


if __name__ == "__main__":
    main()
