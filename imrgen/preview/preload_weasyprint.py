"""Loaded once, before workers are forked, where WeasyPrint sets the PDFs."""

import contextlib
import gc

from imrgen.diagnostics import LibraryError
from imrgen.pipeline import Renderer

with contextlib.suppress(LibraryError):  # without Pango, HTML can still be shown
    Renderer(pack="imr", engine="weasyprint").warm()
gc.freeze()
