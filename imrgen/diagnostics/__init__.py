"""Problems and how they are reported.

diagnostic   a `Diagnostic` is one problem, with its place and how to correct it
errors       the exceptions, each of which carries diagnostics
schema       the JSON Schema of a diagnostic
codes/       all codes with title, severity and manual
reports      diagnostics as text, short lines, JSON, GitHub annotations or SARIF

Nothing here prints, and nothing holds a value of a case.
"""

from typing import TYPE_CHECKING

from imrgen._lazy import on_demand
from imrgen.diagnostics import codes
from imrgen.diagnostics.diagnostic import (
    REPORT_FORMATS,
    Diagnostic,
    Excerpt,
    Path,
    ReportFormat,
    Severity,
    Span,
    field,
    in_file_order,
    nearest,
    similar_names,
)
from imrgen.diagnostics.errors import (
    CaseError,
    ConflictError,
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
    UnknownNameError,
    WorkerError,
)

if TYPE_CHECKING:
    from imrgen.diagnostics.reports import report, reveal
    from imrgen.diagnostics.schema import DIALECT, diagnostic_schema, documented

__all__ = [
    "DIALECT",
    "REPORT_FORMATS",
    "CaseError",
    "ConflictError",
    "Diagnostic",
    "Excerpt",
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
    "Path",
    "PlaceError",
    "PreviewError",
    "ReadError",
    "ReportFormat",
    "SettingsError",
    "Severity",
    "SignatureError",
    "Span",
    "UnknownNameError",
    "WorkerError",
    "codes",
    "diagnostic_schema",
    "documented",
    "field",
    "in_file_order",
    "nearest",
    "report",
    "reveal",
    "similar_names",
]

# No letter that is made without a fault needs these.
__getattr__ = on_demand(
    __name__,
    {
        "reports": ("report", "reveal"),
        "schema": ("DIALECT", "diagnostic_schema", "documented"),
    },
)
