"""What is at fault, and how it is reported.

diagnostic   one `Diagnostic` for every fault, with its place, its fields and how to mend it
errors       the exceptions, each of which carries diagnostics
codes/       every code: its title, severity and manual
reports      a diagnostic as text, a line, JSON, an annotation for GitHub, SARIF

Nothing here prints, and nothing holds a value of a case.
"""

from imrgen.diagnostics import codes
from imrgen.diagnostics.diagnostic import (
    Diagnostic,
    Excerpt,
    Path,
    Severity,
    Span,
    field,
    in_file_order,
    nearest,
)
from imrgen.diagnostics.errors import (
    CaseError,
    ConflictError,
    FileNameError,
    ImrgenError,
    LibraryError,
    ManifestError,
    NotFoundError,
    OptionError,
    OutputError,
    PackError,
    PreviewError,
    ReadError,
    SettingsError,
    SignatureError,
    UnknownNameError,
    WorkerError,
)
from imrgen.diagnostics.reports import REPORT_FORMATS, ReportFormat, report, reveal

__all__ = [
    "REPORT_FORMATS",
    "CaseError",
    "ConflictError",
    "Diagnostic",
    "Excerpt",
    "FileNameError",
    "ImrgenError",
    "LibraryError",
    "ManifestError",
    "NotFoundError",
    "OptionError",
    "OutputError",
    "PackError",
    "Path",
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
    "field",
    "in_file_order",
    "nearest",
    "report",
    "reveal",
]
