"""Write `requirements/*.txt`: every dependency with its version and the hashes of its files.

    python tools/lock.py [PACKAGE...]

uv resolves them for every platform and each version of Python that pyproject.toml allows. What is
locked stays as it is where pyproject.toml still allows it; named packages are brought up to date,
and `all` brings up all of them.
"""

from __future__ import annotations

import functools
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "requirements"
FILES = {
    "letter": "",
    "typst": "letter",
    "dev": "typst",
    "bench": "dev",
    "docs": "dev",
    "release": "dev",
}
"""The files, each with the one that it adds to; all but the first are called as extras."""
HEADER = """\
# Written by `make lock` from pyproject.toml; install with `pip install --require-hashes -r`.
"""
_PACKAGE = re.compile(r"^(?P<package>[^\s#-].*\n)(?: {4}.*\n)*", re.MULTILINE)


def main() -> None:
    """Write the files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    # imrgen itself is built without a network, so what builds it is locked, too.
    build = "\n".join([*project["build-system"]["requires"], "editables"])
    oldest = re.sub(r"[^0-9.]", "", project["project"]["requires-python"])
    upgrades = [
        "--upgrade" if name == "all" else f"--upgrade-package={name}" for name in sys.argv[1:]
    ]
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # All extras are resolved together, so that no file holds another version than another one.
        whole = Path(folder) / "all.txt"
        locked = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt"))
        whole.write_text("".join(_packages(locked).values()), encoding="utf-8")
        compile_ = functools.partial(_compile, oldest=oldest, build=build)
        compile_(whole, [name for name, below in FILES.items() if below], options=upgrades)
        for name in FILES:
            path = Path(folder) / f"{name}.txt"
            compile_(path, _extras(name), options=[f"--constraints={whole}"])
        for name, below in FILES.items():
            packages = _packages((Path(folder) / f"{name}.txt").read_text(encoding="utf-8"))
            text = HEADER
            if below:
                text += f"-r {below}.txt\n"
                others = _packages((Path(folder) / f"{below}.txt").read_text(encoding="utf-8"))
                packages = {each: packages[each] for each in packages if each not in others}
            (FOLDER / f"{name}.txt").write_text(text + "".join(packages.values()), encoding="utf-8")


def _extras(name: str) -> list[str]:
    return [*_extras(FILES[name]), name] if FILES[name] else []


def _compile(
    path: Path, extras: Sequence[str], oldest: str, build: str, options: Sequence[str]
) -> None:
    subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"),
            *("--generate-hashes", "--no-header", "--no-annotate", f"--python-version={oldest}"),
            *options,
            *(f"--extra={extra}" for extra in extras),
            *("--output-file", path, "pyproject.toml", "-"),
        ],
        cwd=ROOT,
        input=build,
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _packages(text: str) -> dict[str, str]:
    """Return each locked package with its hashes, by its version and the platforms it is for."""
    return {each["package"]: each[0] for each in _PACKAGE.finditer(text)}


if __name__ == "__main__":
    main()
