"""pyHanko's log is suppressed while a letter is signed, and is the host's again afterwards."""

from __future__ import annotations

import contextlib
import logging

from imrgen.signing.library import pyhanko

NAMES = ("pyhanko", "fontTools")


def levels() -> list[int]:
    return [logging.getLogger(name).level for name in NAMES]


def test_two_that_sign_at_once_leave_the_log_as_it_was() -> None:
    before = levels()
    first, second = contextlib.ExitStack(), contextlib.ExitStack()
    first.enter_context(pyhanko())
    second.enter_context(pyhanko())
    assert not logging.getLogger("pyhanko.sign").isEnabledFor(logging.CRITICAL)
    first.close()
    assert not logging.getLogger("pyhanko.sign").isEnabledFor(logging.CRITICAL)
    second.close()
    assert levels() == before


def test_a_level_that_the_host_sets_meanwhile_stays() -> None:
    logger = logging.getLogger(NAMES[0])
    before = logger.level
    try:
        with pyhanko():
            logger.setLevel(logging.DEBUG)
        assert logger.level == logging.DEBUG
    finally:
        logger.setLevel(before)
