"""The snapshots of a project pass in a hundred surroundings that its letters know nothing of."""

from __future__ import annotations

import itertools
import random
import shutil
from pathlib import Path

from tests.testing.test_plugin import kept, run

__all__ = ["kept"]

SEEDS = [str(number) for number in range(1, 6)]
ZONES = ["UTC", "Pacific/Kiritimati", "America/St_Johns", "Asia/Kathmandu"]
LOCALES = ["C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8", ""]
OPTIONS = [(), ("-n", "2"), ("-p", "no:randomly", "-q"), ("--import-mode=prepend",)]
OTHERS = [
    {},
    {"HOME": "/nonexistent"},
    {"COLUMNS": "20", "NO_COLOR": "1"},
    {"SOURCE_DATE_EPOCH": "0", "CI": "true"},
    {"PYTHONUTF8": "0", "PYTHONDONTWRITEBYTECODE": "1"},
    {"FONTCONFIG_FILE": "/nonexistent/fonts.conf"},
]


def test_snapshots_pass_in_a_hundred_surroundings(kept: Path, tmp_path: Path) -> None:
    """Each value of each kind is taken; which of them meet is drawn, the same at each run."""
    chance = random.Random(1)
    drawn = list(itertools.product(SEEDS, ZONES, LOCALES))
    assert len(drawn) == 100
    failed = {}
    for number, (seed, zone, place) in enumerate(drawn):
        options, others = chance.choice(OPTIONS), chance.choice(OTHERS)
        # Where a locale is ASCII, xdist sends no path to its workers that is not.
        name = "a b" if "-n" in options else "ä b"
        folder = tmp_path / name / "deeper" if number % 2 else tmp_path / str(number)
        project = Path(shutil.copytree(kept, folder / "project"))
        start = chance.choice([project, tmp_path, folder])
        environment = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": place} | others
        status, told = run(start, *options, "--rootdir", str(project), str(project), **environment)
        if status or "1 passed" not in told:
            failed[number] = (environment, options, told)
        shutil.rmtree(folder)
    assert failed == {}
