"""`verify`, `extract` and `sign` end on any file, with a code of imrgen's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from imrgen.export import unseal
from tests.signing.test_signing import Authority
from tests.soak.hostile import measuring
from tests.soak.hostile.counting import STARTER, Count
from tests.soak.hostile.letters import FILES, PLACES
from tests.soak.hostile.measuring import Spent

TIMEOUT, MEMORY = 4.0, 700
LIMITS = ["--timeout", f"{TIMEOUT:g}", "--memory", str(MEMORY)]
COMMANDS = {
    "verify": ["verify", "--json"],
    "verify --case": ["verify", "--case", str(STARTER)],
    "extract": ["extract", "-o", "out"],
    "sign": ["sign", "--pkcs12", "../key.p12", "-o", "out"],
}
MOST = 4 * 2**20


def hostile(folder: Path) -> Iterator[tuple[str, bool]]:
    """Make each hostile file; yield its name, and whether its seal is whole."""
    for name, make in FILES.items():
        content = make()
        (folder / name).write_bytes(content)
        sealed = unseal(content)
        yield name, sealed is not None and sealed.whole
    for name, place in PLACES.items():
        place(folder / name)
        yield name, not name.startswith(("FIFO", "folder", "zero", "null", "circle", "64"))


@pytest.mark.parametrize("command", COMMANDS)
def test_no_file_costs_more_than_its_command(command: str, tmp_path: Path) -> None:
    (tmp_path / "key.p12").write_bytes(Authority("Example Office").pkcs12(None))
    folder = tmp_path / "files"
    folder.mkdir()
    with Count(f"hostile files to {command}", 40) as count:
        for name, is_whole in hostile(folder):
            spent = run(command, name, folder)
            given = folder / "out"
            size = given.stat().st_size if given.exists() else 0
            is_kept = command != "extract" or size == 0 or (is_whole and size <= MOST)
            given.unlink(missing_ok=True)
            what = (
                f"{name}: {spent.seconds:.1f} s {spent.memory} MB, code {spent.code}, gave {size}\n"
                + spent.output[-400:]
            )
            count.add(what, is_kept and is_bounded(spent) and is_told(spent))
            if (folder / name).is_file():
                (folder / name).unlink()


def run(command: str, name: str, folder: Path) -> Spent:
    arguments = ["-m", "imrgen", *COMMANDS[command], *LIMITS, "--", name]
    return measuring.run(arguments, folder)


def is_bounded(spent: Spent) -> bool:
    # A second for the start of the command and of its worker.
    return spent.seconds < TIMEOUT + 3 and spent.memory < MEMORY + 200


def is_told(spent: Spent) -> bool:
    """Return whether a command that failed says so by a code of imrgen's, or names a wrong word."""
    if "Traceback" in spent.output or "imrgen's own" in spent.output:
        return False
    return spent.code in (0, 3, 4) or bool(
        re.search(r"IMR\d{3}", spent.output) if spent.code == 1 else spent.code == 2
    )
