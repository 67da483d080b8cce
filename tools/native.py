"""Install what Python's package index cannot bring: `python tools/native.py pango poppler java chromium`.

Where the libraries are there already, it does nothing. Where apt-get and root (or sudo without a
password) are there, it installs them; else it says what to install, and fails.
"""

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

PANGO = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
BINDING = Path("/usr/share/java/jaxb-runtime.jar")
TOOLS = {"poppler": "pdfinfo", "chromium": "chromium"}
HINTS = {
    "pango": "Pango (Debian: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; Fedora, Homebrew: pango)",
    "poppler": "poppler (Debian, Fedora: poppler-utils; Homebrew: poppler)",
    "chromium": "Chromium (Debian, Fedora, Homebrew: chromium)",
    "java": f"Java, and its XML binding in {BINDING.parent} (Debian: default-jre-headless libjaxb-java)",
}
PACKAGES = {
    "pango": ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"],
    "poppler": ["poppler-utils"],
    "chromium": ["chromium"],
    "java": ["default-jre-headless", "libjaxb-java"],
}


def is_there(name: str) -> bool:
    """Tell whether a library or tool is installed."""
    if name in TOOLS:
        return shutil.which(TOOLS[name]) is not None
    if name == "java":
        return shutil.which("java") is not None and BINDING.is_file()
    return all(ctypes.util.find_library(library) for library in PANGO)


def main(names: list[str]) -> int:
    """Install what is missing."""
    missing = [name for name in names if not is_there(name)]
    if not missing:
        return 0
    sudo: list[str] | None = (
        [] if os.geteuid() == 0 else ["sudo", "-n"] if shutil.which("sudo") else None
    )
    if shutil.which("apt-get") and sudo is not None:
        packages = [package for name in missing for package in PACKAGES[name]]
        print("installing", *packages, flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "-qq", "update"],
            ["apt-get", "-qq", "install", "-y", *packages],
        ):
            subprocess.run(
                [*sudo, *command], env=environment, stdout=subprocess.DEVNULL, check=False
            )
        missing = [name for name in missing if not is_there(name)]
    for name in missing:
        print(f"please install {HINTS[name]}, and run this again", file=sys.stderr)
    return 1 if missing else 0


sys.exit(main(sys.argv[1:]))
