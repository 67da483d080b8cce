"""imrgen in other programs, for long: beside WeasyPrint of their own, in services, in queues.

Each program is a process of its own, since what is tried is what happens to all of it.
"""

from __future__ import annotations

import collections
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_embedding import PROGRAMS, RUN

STARTER = ROOT / "imrgen" / "starter.toml"

HOST = """
import gc, hashlib, os, sys, threading
import imrgen, weasyprint

CASE = sys.argv[1]
STYLE = "<style>body { font-family: 'DejaVu Sans' }</style>"
GOOD = f"<html lang=en><title>Invoice</title>{STYLE}<h1>Invoice</h1><p>Total: 10"
stop, made, faults = threading.Event(), [], []


def host():
    try:
        while not stop.is_set():
            made.append(hashlib.sha256(weasyprint.HTML(string=GOOD).write_pdf()).hexdigest())
            weasyprint.HTML(string=f"{STYLE}<img src=no-such-file.png>").write_pdf()
            weasyprint.HTML(string="<h1>No language").write_pdf(pdf_variant="pdf/ua-1")
    except BaseException as fault:
        faults.append(fault)


def beside(work):
    threads = [threading.Thread(target=host) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        work()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert faults == [], faults
    assert len(set(made)) == 1, set(made)


def resident():
    gc.collect()
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


"""
FIRST_PRESS = """
beside(lambda: [imrgen.render(CASE).pdf for _ in range(2)])
"""
MANY = """
from concurrent.futures import ThreadPoolExecutor
import tomllib

data = tomllib.load(open(CASE, "rb"))
cases = [{**data, "case": {**data["case"], "number": f"CM16-{n:07}"}} for n in range(8)]
renderer = imrgen.Renderer()
alone = [hashlib.sha256(renderer.render(case).pdf).hexdigest() for case in cases]
assert len(set(alone)) == 8


def work(number):
    return {hashlib.sha256(renderer.render(cases[number]).pdf).hexdigest() for _ in range(100)}


def all_of_them():
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(work, range(8)))
    assert found == [{digest} for digest in alone], "other bytes than alone"


beside(all_of_them)
print(f"800 letters as alone beside {3 * len(made)} documents of the host's")
"""
DROPPED = """
import io

from PIL import Image

stream = io.BytesIO()
Image.frombytes("RGB", (400, 400), os.urandom(480_000)).save(stream, "PNG")
block = "<p><img src='logo.png' alt='Logo'></p>{{ clinical_summary | markdown }}"
templates = {"logo.png": stream.getvalue(), "blocks/clinical_summary.html": block}
measured = {}
for number in range(1, 201):
    letter = imrgen.Renderer(embed_fonts=True, templates=templates).render(CASE)
    assert len(letter.html) > 500_000
    if number % 20 == 0:
        letter.pdf
        measured[number] = resident()
print({number: round(size) for number, size in measured.items()})
assert measured[200] <= 1.1 * measured[20]
"""
GARBAGE = """
import collections, time

alive = collections.Counter()


class Cyclic:
    def __init__(self):
        self.itself, self.content = self, bytearray(200_000)
        alive[0] += 1

    def __del__(self):
        alive[0] -= 1


def garbage():
    used = collections.deque(maxlen=20)
    while not stop.is_set():
        used.append(Cyclic())
        time.sleep(0.002)


renderer = imrgen.Renderer()
for _ in range(20):
    renderer.render(CASE).pdf


def letters():
    while not stop.is_set():
        renderer.render(CASE).pdf


threads = [threading.Thread(target=each) for each in (garbage, letters, letters)]
for thread in threads:
    thread.start()
measured = []
for _ in range(6):
    time.sleep(10)
    with open("/proc/self/statm") as stream:
        size = int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    measured.append((round(size), alive[0]))
stop.set()
for thread in threads:
    thread.join()
print("MiB and objects every 10 s:", measured)
assert max(measured[3:])[0] <= 1.15 * max(measured[:3])[0]
"""


def run(program: str, timeout: float) -> str:
    done = subprocess.run(
        [sys.executable, "-c", HOST + program, STARTER],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stdout}{done.stderr[-3000:]}"
    print(done.stdout, end="", flush=True)
    return done.stdout


def test_the_first_pdf_beside_a_host_that_uses_weasyprint_crashes_nothing() -> None:
    for _ in range(20):
        run(FIRST_PRESS, 120)


def test_letters_of_eight_threads_are_as_alone_beside_a_host() -> None:
    run(MANY, 3600)


def test_dropped_renderers_leave_nothing() -> None:
    run(DROPPED, 600)


def test_the_garbage_of_a_host_is_collected_under_steady_letters() -> None:
    run(GARBAGE, 300)


# A service


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the programs of docs/embedding.md and a case."""
    for name, program in PROGRAMS.items():
        (tmp_path / name).write_text(program, encoding="utf-8")
    shutil.copy(STARTER, tmp_path / "case.toml")
    data = tomllib.loads(STARTER.read_text(encoding="utf-8"))
    (tmp_path / "case.json").write_text(json.dumps(data, default=str), encoding="utf-8")
    return tmp_path


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, int]]:
    """Serve the example of FastAPI; yield its port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    quiet = [*command, "--log-level", "warning"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(quiet, cwd=folder, env=environment, stderr=log)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()
        print((folder / "log").read_text()[-2000:])


def post(port: int, body: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("POST", "/letters", body)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, content


def resident(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def children(process: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process:
            found.append(int(path.parent.name))
    return found


def workers(process: int) -> list[int]:
    """List the processes that make letters: those of the fork server."""
    return [each for server in children(process) for each in children(server)]


def test_a_service_under_load_loses_only_the_requests_of_killed_workers(folder: Path) -> None:
    good = (folder / "case.json").read_bytes()
    end = time.monotonic() + 60
    statuses: collections.Counter[int] = collections.Counter()
    seconds: list[float] = []
    lock = threading.Lock()

    def ask(port: int, number: int) -> None:
        while time.monotonic() < end:
            body = b'{"issues": []}' if number % 10 == 0 else good
            start = time.monotonic()
            status, content = post(port, body)
            with lock:
                statuses[status] += 1
                if status == 200:
                    assert content == wanted
                    seconds.append(time.monotonic() - start)

    with served(folder) as (port, process):
        status, wanted = post(port, good)
        assert (status, wanted[:4]) == (200, b"%PDF")
        threads = [threading.Thread(target=ask, args=(port, n)) for n in range(100)]
        for thread in threads:
            thread.start()
        measured, killed = [], 0
        while time.monotonic() < end:
            time.sleep(6)
            measured.append(round(resident(process)))
            for worker in workers(process)[:1]:
                os.kill(worker, signal.SIGKILL)
                killed += 1
        for thread in threads:
            thread.join()
        assert post(port, good) == (200, wanted)
    cuts = statistics.quantiles(seconds, n=100)
    print(
        f"{dict(statuses)}, {killed} workers killed, MiB of the service every 6 s: {measured}, "
        f"p50 {cuts[49]:.1f} s, p99 {cuts[98]:.1f} s of 100 at once"
    )
    assert statuses.keys() <= {200, 422, 503}
    assert killed > 3
    assert statuses[503] <= killed
    assert max(measured[5:]) <= 1.1 * max(measured[:5])


# A queue with worker processes

WORKER = """
import tasks
from celery.exceptions import SoftTimeLimitExceeded
import imrgen

app = tasks.app
app.conf.update(
    broker_url="filesystem://",
    broker_transport_options={key: "queue" for key in ("data_folder_in", "data_folder_out")},
    result_backend="file://results",
    task_serializer="json", result_serializer="json",
)


@tasks.app.task(throws=(imrgen.ImrgenError,))
def raising(case):
    tasks.renderer.render(case)


@tasks.app.task(soft_time_limit=3)
def endless(case):
    try:
        while True:
            tasks.renderer.render(case).text
            imrgen.Renderer().render(case).pdf
    except SoftTimeLimitExceeded:
        return "ended by the limit"


@tasks.app.task
def batch(case):
    return imrgen.render_batch(case, imrgen.Options(), formats=["text"], jobs=0).made


@tasks.app.task
def daemonic(case):
    try:
        imrgen.render_batch(case, imrgen.Options(), formats=["text"])
    except imrgen.WorkerError as error:
        return str(error)
"""
CLIENT = """
import json
import imrgen
import tasks
import worker

case = json.load(open("case.json"))
wanted = imrgen.render(case).pdf
found = [tasks.letter.delay(case) for _ in range(20)]
limits = [worker.endless.delay(case) for _ in range(4)]
assert all(tasks.result(each.get(timeout=120)) == wanted for each in found)
assert {each.get(timeout=120) for each in limits} == {"ended by the limit"}
try:
    worker.raising.delay({"issues": []}).get(timeout=60)
    raise AssertionError
except imrgen.CaseError as error:
    assert "IMR106" in {each.code for each in error.diagnostics}
assert worker.batch.delay("case.toml").get(timeout=60) == 1
print(worker.daemonic.delay("case.toml").get(timeout=60))
"""


def test_a_queue_with_worker_processes_ends_its_tasks_by_its_own_limits(folder: Path) -> None:
    (folder / "queue").mkdir()
    (folder / "results").mkdir()
    (folder / "worker.py").write_text(WORKER, encoding="utf-8")
    (folder / "client.py").write_text(CLIENT, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "celery", "-A", "worker:app", "worker", "-c", "2"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        done = subprocess.run(
            [sys.executable, "client.py"],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=400,
        )
    finally:
        process.terminate()
        process.wait()
    log_text = (folder / "log").read_text()
    assert done.returncode == 0, f"{done.stderr[-3000:]}\n{log_text[-3000:]}"
    print(done.stdout[:200])
    assert "SoftTimeLimitExceeded" not in "".join(re.findall(r"PackError.*", log_text))


# The wheel alone


def test_the_programs_run_with_the_wheel_alone_and_are_typed(folder: Path) -> None:
    python = folder / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    packages = ["fastapi", "django", "celery", "uvicorn", "httpx2", "mypy", "pyright"]
    packages += ["celery-types", "django-stubs"]
    subprocess.run([python, "-m", "pip", "install", "-q", str(ROOT), *packages], check=True)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    for program in RUN.values():
        (folder / "run.py").write_text(f"import re\n{program}", encoding="utf-8")
        subprocess.run([python, "run.py"], cwd=folder, env=environment, check=True, timeout=200)
    checkers = (["mypy", "--strict"], ["pyright", "--pythonpath", str(python)])
    for checker in checkers:
        done = subprocess.run(
            [python, "-m", *checker, *PROGRAMS],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        print(done.stdout[-3000:], flush=True)
        assert done.returncode == 0, done.stdout
