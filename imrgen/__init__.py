"""imrgen: case data in, Independent Medical Review letters out, in text, HTML and PDF.

    letter = imrgen.render("case.toml")                  # one call, defaults
    letter.save("case.pdf")

    renderer = imrgen.Renderer(pack="imr")               # make it once, use it from any thread
    letter = renderer.render(imrgen.load_case("case.toml"))

Importing this package loads next to nothing; each name below loads what it needs when it is first
used, and WeasyPrint is loaded only for a PDF.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imrgen._lazy import on_demand
from imrgen._version import __version__ as __version__

if TYPE_CHECKING:
    from imrgen.batch import Batch, BatchSummary, Outcome, render_batch, verify_folder
    from imrgen.case import Case, case_schema
    from imrgen.diagnostics import (
        CaseError,
        ConflictError,
        Diagnostic,
        FileNameError,
        ImrgenError,
        LibraryError,
        LimitError,
        ManifestError,
        NotFoundError,
        OptionError,
        OutputError,
        PackError,
        PackLimitError,
        PlaceError,
        PreviewError,
        ReadError,
        SettingsError,
        SignatureError,
        Span,
        UnknownNameError,
        WorkerError,
        diagnostic_schema,
    )
    from imrgen.pack import TemplatePack, load_case, load_pack
    from imrgen.pipeline import Letter, LimitedRenderer, Options, Renderer, check, render
    from imrgen.signing import sign
    from imrgen.verification import Verdict, verify
    from imrgen.workers import Limits

__all__ = [
    "Batch",
    "BatchSummary",
    "Case",
    "CaseError",
    "ConflictError",
    "Diagnostic",
    "FileNameError",
    "ImrgenError",
    "Letter",
    "LibraryError",
    "LimitError",
    "LimitedRenderer",
    "Limits",
    "ManifestError",
    "NotFoundError",
    "OptionError",
    "Options",
    "Outcome",
    "OutputError",
    "PackError",
    "PackLimitError",
    "PlaceError",
    "PreviewError",
    "ReadError",
    "Renderer",
    "SettingsError",
    "SignatureError",
    "Span",
    "TemplatePack",
    "UnknownNameError",
    "Verdict",
    "WorkerError",
    "case_schema",
    "check",
    "diagnostic_schema",
    "load_case",
    "load_pack",
    "render",
    "render_batch",
    "sign",
    "verify",
    "verify_folder",
]

__getattr__ = on_demand(
    __name__,
    {
        "batch": ("Batch", "BatchSummary", "Outcome", "render_batch", "verify_folder"),
        "case": ("Case", "case_schema"),
        "diagnostics": (
            "CaseError",
            "ConflictError",
            "Diagnostic",
            "FileNameError",
            "ImrgenError",
            "LibraryError",
            "LimitError",
            "ManifestError",
            "NotFoundError",
            "OptionError",
            "OutputError",
            "PackError",
            "PackLimitError",
            "PlaceError",
            "PreviewError",
            "ReadError",
            "SettingsError",
            "SignatureError",
            "Span",
            "UnknownNameError",
            "WorkerError",
            "diagnostic_schema",
        ),
        "pack": ("TemplatePack", "load_case", "load_pack"),
        "pipeline": ("Letter", "LimitedRenderer", "Options", "Renderer", "check", "render"),
        "signing": ("sign",),
        "verification": ("Verdict", "verify"),
        "workers": ("Limits",),
    },
)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
