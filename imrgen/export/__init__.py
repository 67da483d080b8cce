"""Step 5, EXPORT: the document becomes text, an HTML file or a PDF.

exporter  what the letters of a pack are written with
formats   what a format is
text      the document read as plain text
html      the document written as an HTML file
draft     how a draft is marked
seal      what a letter was made of, and whether its file is as it was written
conformance   what in a document cannot conform, for every format
files     files that are whole or not there
installed  the versions of packages
host_log  the log of another library without what this thread makes it say
pdf/      the document set as a PDF; imported only when a PDF is asked for
"""

from typing import TYPE_CHECKING

from imrgen._lazy import on_demand
from imrgen.export.conformance import ConformanceError, conformance_faults
from imrgen.export.exporter import Details, Exporter
from imrgen.export.files import is_partial, sync_folder, unwritable, write, write_to
from imrgen.export.formats import FORMATS, Format, chosen_formats, find_format, format_of, suffixes
from imrgen.export.seal import (
    DRAFT,
    META_NAME,
    XMP_PROPERTY,
    Sealed,
    provenance_json,
    seal,
    unseal,
)
from imrgen.export.text import to_text, to_words, words_digest

if TYPE_CHECKING:
    from imrgen.export.host_log import muted
    from imrgen.export.html import POLICY, to_html, to_page
    from imrgen.export.installed import installed_version
    from imrgen.export.pdf import engine_versions, engines, find_style_warnings
    from imrgen.export.pdf.engine import Attachment

__all__ = [
    "DRAFT",
    "FORMATS",
    "META_NAME",
    "POLICY",
    "XMP_PROPERTY",
    "Attachment",
    "ConformanceError",
    "Details",
    "Exporter",
    "Format",
    "Sealed",
    "chosen_formats",
    "conformance_faults",
    "engine_versions",
    "engines",
    "find_format",
    "find_style_warnings",
    "format_of",
    "installed_version",
    "is_partial",
    "muted",
    "provenance_json",
    "seal",
    "suffixes",
    "sync_folder",
    "to_html",
    "to_page",
    "to_text",
    "to_words",
    "unseal",
    "unwritable",
    "words_digest",
    "write",
    "write_to",
]

# Text needs none of it.
__getattr__ = on_demand(
    __name__,
    {
        "host_log": ("muted",),
        "html": ("POLICY", "to_html", "to_page"),
        "installed": ("installed_version",),
        "pdf": ("engine_versions", "engines", "find_style_warnings"),
        "pdf.engine": ("Attachment",),
    },
)
