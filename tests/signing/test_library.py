"""What imrgen makes pyHanko log stays out of the host's log, and the host's own is in it."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from imrgen.signing.library import pyhanko
from tests.conftest import ROOT
from tests.signing.test_signing import DIRECTOR, TWO, Authority, with_blocks

NAMES = ("pyhanko.sign.general", "pyhanko_certvalidator", "fontTools.subset")


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int | None]]:
    found = [(record.name, record.thread) for record in caplog.records if record.name in NAMES]
    caplog.clear()
    return found


def log_all() -> None:
    for name in NAMES:
        logging.getLogger(name).warning("a word")


def log_elsewhere() -> list[tuple[str, int | None]]:
    """Log in another thread, as a host does that uses pyHanko itself."""
    host = threading.Thread(target=log_all)
    host.start()
    host.join()
    return [(name, host.ident) for name in NAMES]


def test_while_a_thread_signs_what_another_logs_reaches_the_host(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pyhanko("pyhanko.sign.signers", "pyhanko.pdf_utils.font.opentype"):
        log_all()
        assert logged(caplog) == []
        own = log_elsewhere()
        assert logged(caplog) == own
    log_all()
    assert logged(caplog) == [(name, threading.get_ident()) for name in NAMES]


def test_each_of_two_threads_that_sign_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    begun, ended = threading.Event(), threading.Event()

    def sign() -> None:
        with pyhanko():
            begun.set()
            ended.wait()
            log_all()

    other = threading.Thread(target=sign, daemon=True)
    with pyhanko():
        other.start()
        begun.wait()
    log_all()
    assert len(logged(caplog)) == len(NAMES)
    with pyhanko():
        ended.set()
        other.join()
        with pyhanko():
            log_all()
        log_all()
    assert logged(caplog) == []


def test_the_levels_of_the_host_are_its_own() -> None:
    logger = logging.getLogger("pyhanko")
    before = logger.level
    try:
        with pyhanko():
            assert logger.level == before
            logger.setLevel(logging.DEBUG)
        assert logger.level == logging.DEBUG
    finally:
        logger.setLevel(before)


SCRIPT = """
import logging, sys
from pathlib import Path
import imrgen, imrgen.signing

names = []
class Handler(logging.Handler):
    def emit(self, record):
        names.append(record.name)
logging.basicConfig(level=0, handlers=[Handler()])

letter, key, block = sys.argv[1:]
signed = imrgen.sign(Path(letter).read_bytes(), Path(key).read_bytes(), None, block)
assert len(imrgen.signing.signatures(signed)) == 1
print(sorted({name for name in names if name.startswith(("pyhanko", "fontTools"))}))
print(any(name.startswith(("pyhanko.", "fontTools.")) for name in logging.root.manager.loggerDict))
"""


@pytest.mark.slow
def test_a_program_s_first_signature_logs_nothing(tmp_path: Path) -> None:
    """Loggers that come into being while it is made are among those that are suppressed."""
    letter, key = tmp_path / "letter.pdf", tmp_path / "key.p12"
    letter.write_bytes(with_blocks(tmp_path / "pack", TWO))
    key.write_bytes(Authority("Maria Example, M.D.").pkcs12(passphrase=None))
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, letter, key, DIRECTOR],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stdout) == (0, "[]\nTrue\n"), run.stderr
