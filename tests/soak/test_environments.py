"""Every letter has one digest, whatever the environment it is made in.

It is made in two clean environments, with three hash seeds, in two time zones, in two folders, and
by one and two processes.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import ROOT
from tests.export.test_reproducible import NAMES, SCRIPT


def test_every_combination_gives_one_digest_per_letter_and_format(tmp_path: Path) -> None:
    pythons = []
    for name in ("one", "two"):
        subprocess.run([sys.executable, "-m", "venv", tmp_path / name], check=True)
        python = tmp_path / name / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", str(ROOT)], check=True)
        pythons.append(python)
    folders = [tmp_path / "a", tmp_path / "b" / "deeper"]
    for folder in folders:
        folder.mkdir(parents=True)
        for case in NAMES:
            shutil.copy(ROOT / "fixtures" / case, folder / case)
    found: dict[str, set[str]] = {}
    runs = 0
    surroundings = itertools.product(
        pythons, ("0", "1", "2"), ("UTC", "Asia/Kathmandu"), folders, (1, 2)
    )
    for python, seed, zone, folder, processes in surroundings:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        environment |= {"PYTHONHASHSEED": seed, "TZ": zone}
        command = [str(python), "-c", SCRIPT, *(str(folder / name) for name in NAMES)]

        def make(
            _: int, command: list[str] = command, environment: dict[str, str] = environment
        ) -> str:
            run = subprocess.run(
                command, env=environment, cwd=tmp_path, check=True, capture_output=True, text=True
            )
            return run.stdout

        with ThreadPoolExecutor(processes) as pool:
            for printed in pool.map(make, range(processes)):
                runs += 1
                for name, kind, digest in json.loads(printed):
                    found.setdefault(f"{name} {kind}", set()).add(digest)
    assert runs == 72
    assert len(found) == 6
    assert {name: len(digests) for name, digests in found.items()} == dict.fromkeys(found, 1)
