"""What is at fault, and how it is told.

    diagnostic   one `Diagnostic` for every fault, with the place, the fields and the way out
    errors       the exceptions, each of which carries diagnostics
    codes        every code: its title, severity and manual
    reports      several outputs of one diagnostic: text, a line, JSON, GitHub, SARIF

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
    ImrgenError,
    LibraryError,
    OutputError,
    PackError,
    SignatureError,
)
from imrgen.diagnostics.reports import REPORT_FORMATS, ReportFormat, report, reveal

__all__ = [
    "REPORT_FORMATS",
    "CaseError",
    "Diagnostic",
    "Excerpt",
    "ImrgenError",
    "LibraryError",
    "OutputError",
    "PackError",
    "Path",
    "ReportFormat",
    "Severity",
    "SignatureError",
    "Span",
    "codes",
    "field",
    "in_file_order",
    "nearest",
    "report",
    "reveal",
]
