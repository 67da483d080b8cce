"""imrgen: case data in, Independent Medical Review letters out, in text, HTML and PDF.

    letter = imrgen.render("case.toml")                  # one call, defaults
    letter.save("case.pdf")

    renderer = imrgen.Renderer(pack="imr")               # embedding: make it once, use it from any thread
    letter = renderer.render(imrgen.load_case("case.toml"))

Importing this package loads next to nothing; each name below loads what it needs when it is first used, and WeasyPrint
is loaded only for a PDF.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from imrgen.batch.audit import verify_folder
    from imrgen.batch.run import Batch
    from imrgen.batch.summary import BatchSummary, render_batch
    from imrgen.batch.work import Outcome, RendererSpec
    from imrgen.case import Case, case_schema, load_case
    from imrgen.diagnostics import Diagnostic, Span
    from imrgen.errors import CaseError, ImrgenError, LibraryError, OutputError, PackError
    from imrgen.letter import Letter
    from imrgen.packs import TemplatePack, load_pack
    from imrgen.renderer import Renderer, render

__all__ = [
    "Batch",
    "BatchSummary",
    "Case",
    "CaseError",
    "Diagnostic",
    "ImrgenError",
    "Letter",
    "LibraryError",
    "Outcome",
    "OutputError",
    "PackError",
    "Renderer",
    "RendererSpec",
    "Span",
    "TemplatePack",
    "case_schema",
    "load_case",
    "load_pack",
    "render",
    "render_batch",
    "verify_folder",
]

_HOMES = {
    "batch.audit": ("verify_folder",),
    "batch.run": ("Batch",),
    "batch.summary": ("BatchSummary", "render_batch"),
    "batch.work": ("Outcome", "RendererSpec"),
    "case": ("Case", "case_schema", "load_case"),
    "diagnostics": ("Diagnostic", "Span"),
    "errors": ("CaseError", "ImrgenError", "LibraryError", "OutputError", "PackError"),
    "letter": ("Letter",),
    "packs": ("TemplatePack", "load_pack"),
    "renderer": ("Renderer", "render"),
}


def __getattr__(name: str) -> Any:
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module 'imrgen' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"imrgen.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
