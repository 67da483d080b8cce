"""Loaded once, before workers are forked: everything that making a letter needs, PDF included."""

import contextlib
import gc
from importlib.resources import as_file, files

from imrgen.diagnostics import LibraryError
from imrgen.pipeline import Renderer
from imrgen.preview import worker

__all__ = ["letter", "worker"]

_renderer = Renderer(pack="imr")
with as_file(files("imrgen") / "starter.toml") as path:
    letter = _renderer.render(path)  # compiles the templates
with contextlib.suppress(LibraryError):  # without Pango, HTML can still be shown
    _renderer.warm()
gc.freeze()
