"""Install what Python's package index cannot bring: pango, poppler, Java and Chromium.

usage: python tools/native.py pango poppler java chromium

It prints the system packages that are missing and installs them through apt-get, as root or by a
sudo that asks for no password. Where that is impossible, it says what to install, and fails. With
`SYSTEM=no` in the environment it installs nothing and says what cannot be made or tested.
"""

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

JAXB = Path("/usr/share/java/jaxb-runtime.jar")
LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")


class Need(NamedTuple):
    """A library or program of the system.

    Args:
        packages: Debian's packages of it.
        hint: What to install where there is no apt-get.
        without: What cannot be done without it.
    """

    packages: tuple[str, ...]
    hint: str
    without: str


NEEDS = {
    "pango": Need(
        ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"),
        "Pango (Debian: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; "
        "Fedora, Homebrew: pango)",
        "no PDF can be made, and no test runs",
    ),
    "poppler": Need(
        ("poppler-utils",),
        "poppler (Debian, Fedora: poppler-utils; Homebrew: poppler)",
        "the tests that read PDFs with poppler are skipped",
    ),
    "chromium": Need(
        ("chromium",),
        "Chromium (Debian, Fedora, Homebrew: chromium)",
        "the tests in a browser are skipped",
    ),
    "java": Need(
        ("default-jre-headless", "libjaxb-java"),
        f"Java, and its XML binding in {JAXB.parent} (Debian: default-jre-headless libjaxb-java)",
        "the tests that validate PDFs with veraPDF are skipped",
    ),
}


def is_there(name: str) -> bool:
    """Return whether a library or program is installed."""
    if name == "poppler":
        return all(map(shutil.which, ("pdfinfo", "pdftotext", "pdftoppm", "pdffonts")))
    if name == "chromium":
        return shutil.which("chromium") is not None
    if name == "java":
        return shutil.which("java") is not None and JAXB.is_file()
    return all(map(ctypes.util.find_library, LIBRARIES))


def may_install() -> bool:
    """Return whether missing packages may be installed: not with `SYSTEM=no`."""
    return os.environ.get("SYSTEM") != "no"


def install(packages: list[str]) -> None:
    """Install Debian packages without asking anything, and without waiting for a lock for long."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    apt += ["-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::Retries=2"]
    for arguments in (["update"], ["install", "-y", *packages]):
        subprocess.run(
            [*apt, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=False,  # what is still missing afterwards is reported
        )


def main(names: list[str]) -> int:
    """Install what is missing of some needs, or say what it is; return an exit code."""
    missing = [name for name in names if not is_there(name)]
    if missing and not may_install():
        for name in missing:
            need = NEEDS[name]
            print(f"SYSTEM=no: {need.without}, since this is missing: {need.hint}", file=sys.stderr)
        return 0
    if missing and shutil.which("apt-get") and (os.geteuid() == 0 or shutil.which("sudo")):
        packages = [package for name in missing for package in NEEDS[name].packages]
        print("installing the system packages", *packages, "(SYSTEM=no prevents it)", flush=True)
        install(packages)
        missing = [name for name in missing if not is_there(name)]
    for name in missing:
        print(f"please install {NEEDS[name].hint}, and run this again", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
