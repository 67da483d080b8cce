"""What the tests of batches share: many invented cases, and a pack that fails on some of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import tomli

from tests.command_line import Completed, invoke
from tests.conftest import ROOT

HELD = 400_000_000
_GIVEN = (
    "Maria Rosa Nina Paul Omar Ivan Lena Tess Carl Dora "
    "Emil Hugo Ines Jorge Kira Liam Mona Noel Otto Zora"
)
_STARTER = tomli.loads((ROOT / "imrgen" / "starter.toml").read_text(encoding="utf-8"))


def make_case(number: int, **header: Any) -> dict[str, Any]:
    """Return a case with its own numbers and employee's name."""
    case: dict[str, Any] = json.loads(json.dumps(_STARTER, default=str))
    case["case"] |= {
        "number": f"CM16-{number:07d}",
        "claim_number": f"EX-2016-{number:06d}",
        **header,
    }
    family = "".join(chr(97 + (number // 20 // 26**place) % 26) for place in range(3))
    case["employee"]["name"] = f"{_GIVEN.split()[number % 20]} Sample{family}"
    return case


def write_cases(folder: Path, count: int, **changed: dict[str, Any]) -> Path:
    """Write case files, `c0001.json` and so on.

    Args:
        folder: Where to.
        count: How many.
        changed: What to change in a case's header, by the case's name.
    """
    folder.mkdir()
    for number in range(1, count + 1):
        name = f"c{number:04d}"
        (folder / f"{name}.json").write_text(json.dumps(make_case(number, **changed.get(name, {}))))
    return folder


def write_lines(path: Path, count: int) -> Path:
    """Write a file of JSON Lines."""
    with path.open("w") as stream:
        stream.writelines(f"{json.dumps(make_case(number))}\n" for number in range(1, count + 1))
    return path


def troubled_pack(folder: Path) -> Path:
    """Make an overlay in which a case of EAMS number HANG, KILL or MEMORY never becomes a letter.

    A worker at KILL holds `HELD` bytes more than others do, so that it can be told from outside
    which one it is.
    """
    (folder / "blocks").mkdir(parents=True)
    text = (ROOT / "templates/imr/blocks/how_made.html").read_text(encoding="utf-8")
    trouble = (
        "{% if case.eams_number is defined %}"
        f"{{% if case.eams_number == 'KILL' %}}{{% set held = case.eams_number * {HELD // 4} %}}"
        "{% for a in 'x' * 90000 %}{% for b in held %}{% endfor %}{% endfor %}{% endif %}"
        "{% if case.eams_number == 'HANG' %}"
        "{% for a in 'x' * 90000 %}{% for b in 'x' * 90000 %}{% endfor %}{% endfor %}{% endif %}"
        # Of the case: what is constant is worked out as the template is compiled, and costs every
        # case its worker.
        "{% if case.eams_number == 'MEMORY' %}{{ case.eams_number * 4000000000 }}{% endif %}"
        "{% endif %}\n"
    )
    (folder / "blocks/how_made.html").write_text(trouble + text, encoding="utf-8")
    return folder


def resident(process: int | None) -> int:
    """Return the bytes of memory that a process holds; 0 once it has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def run(*arguments: str | Path, cwd: Path, stdin: str = "") -> Completed:
    """Run `imrgen batch`, in this process but for its workers."""
    return invoke("batch", *arguments, cwd=cwd, stdin=stdin)


def lines(folder: Path) -> list[dict[str, Any]]:
    """Read a manifest."""
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]


def timeless(folder: Path) -> list[dict[str, Any]]:
    """Read a manifest, without the times and what depends on them."""
    return [
        {k: v for k, v in line.items() if k not in ("at", "seconds", "chain")}
        for line in lines(folder)
    ]


def letters(folder: Path) -> dict[str, bytes]:
    """Read a folder's files, the manifest apart."""
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.jsonl"
    }
