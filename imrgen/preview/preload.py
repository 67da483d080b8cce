"""Loaded once, before workers are forked: all that a letter needs but what sets its PDF."""

import gc
from importlib.resources import as_file, files

from imrgen.pipeline import Renderer
from imrgen.preview import worker

__all__ = ["letter", "worker"]

with as_file(files("imrgen") / "starter.toml") as path:
    letter = Renderer(pack="imr").render(path)  # compiles the templates
gc.freeze()
