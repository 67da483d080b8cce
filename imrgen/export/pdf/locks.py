"""The locks of the native libraries that set and read PDFs.

A process that is forked waits for both of them first: in the child, no lock is held by a thread
that is not there, and the libraries are not in the midst of something.
"""

import os
import threading

# Reentrant, since a signal handler may fork, or make a letter, in the thread that makes one.
PANGO_LOCK = threading.RLock()
"""Pango and fontconfig are not safe to use from several threads at once (WeasyPrint issues 167 and
684). Whoever also needs PDFium takes this one first.
"""

PDFIUM_LOCK = threading.RLock()
"""PDFium is not safe to use from several threads at once."""


def _acquire() -> None:
    PANGO_LOCK.acquire()
    PDFIUM_LOCK.acquire()


def _release() -> None:
    PDFIUM_LOCK.release()
    PANGO_LOCK.release()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(before=_acquire, after_in_parent=_release, after_in_child=_release)
