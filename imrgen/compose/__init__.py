"""Step 3, COMPOSE: a case and a pack become the document.

composer            the step itself, prepared once for a pack and a letter
packet              several letters as one document
environment         Jinja, sandboxed and strict
host                what a program gives to templates besides the case
filters             what templates do with values, and what may be printed
missing             a value that is not there: an error, or a draft's gap
markdown, dialect   narratives as HTML, and which marks they may use
tables              how a table of a narrative is set if it is wide or high
template_text       the text of a template, and the place of each part
template_errors     where exactly a template is at fault
pack_check          what is wrong with a pack, whatever the case
template_fields/    which fields of the case a letter's templates read
branches            the branches of templates, and which of them a letter takes
coverage            what of its templates cases take, and what none can take
tracing/            where each word of a letter comes from
"""

from typing import TYPE_CHECKING

from imrgen._lazy import on_demand
from imrgen.compose.composer import Composer
from imrgen.compose.environment import Host, Sandbox

if TYPE_CHECKING:
    from imrgen.compose.branches import TemplateBranches, Way
    from imrgen.compose.coverage import LetterCoverage, TakeableBranches
    from imrgen.compose.host import UNVERSIONED, encode_context, path_of, versioned
    from imrgen.compose.pack_check import pack_faults

__all__ = [
    "UNVERSIONED",
    "Composer",
    "Host",
    "LetterCoverage",
    "Sandbox",
    "TakeableBranches",
    "TemplateBranches",
    "Way",
    "encode_context",
    "pack_faults",
    "path_of",
    "versioned",
]

# Few letters need these, and they load what takes milliseconds.
__getattr__ = on_demand(
    __name__,
    {
        "branches": ("TemplateBranches", "Way"),
        "coverage": ("LetterCoverage", "TakeableBranches"),
        "host": ("UNVERSIONED", "encode_context", "path_of", "versioned"),
        "pack_check": ("pack_faults",),
    },
)
