"""Loaded once by the process that workers are forked from: all that making a letter needs, PDF included."""

from __future__ import annotations

import contextlib
import gc

from imrgen.diagnostics import ImrgenError
from imrgen.pack import built_in
from imrgen.pipeline import Renderer

with contextlib.suppress(ImrgenError, ImportError):
    import pypdfium2 as pypdfium2

    renderer = Renderer("imr")
    renderer.render(built_in().parent / "starter.toml") if (
        built_in().parent / "starter.toml"
    ).is_file() else None
    renderer.engine()
gc.freeze()
