"""The way of a letter, from its case to its files.

renderer   the way, from top to bottom
options    what a caller can choose
settings   what a project's settings choose where a command line does not
letter     what comes out
limited    the same in worker processes, under limits
observation what a host can see of it: log records and spans
provenance what letters were made with
coverage   what cases take of a pack's templates
pack_check what is wrong with a pack, whatever the case
"""

from typing import TYPE_CHECKING

from imrgen._lazy import on_demand
from imrgen.pipeline.letter import Letter
from imrgen.pipeline.observation import log_case
from imrgen.pipeline.options import OptionFields, Options, options_of
from imrgen.pipeline.renderer import Examination, Renderer, check, render, renderers
from imrgen.pipeline.settings import settings

if TYPE_CHECKING:
    from imrgen.pipeline.coverage import (
        Coverage,
        CoverageReport,
        CoveredTemplate,
        describe_coverage,
    )
    from imrgen.pipeline.limited import LimitedRenderer
    from imrgen.pipeline.pack_check import check_pack
    from imrgen.pipeline.provenance import checked_as, engine_of

__all__ = [
    "Coverage",
    "CoverageReport",
    "CoveredTemplate",
    "Examination",
    "Letter",
    "LimitedRenderer",
    "OptionFields",
    "Options",
    "Renderer",
    "check",
    "check_pack",
    "checked_as",
    "describe_coverage",
    "engine_of",
    "log_case",
    "options_of",
    "render",
    "renderers",
    "settings",
]

# Multiprocessing takes 10 ms to load; no letter needs the checks of a whole pack, and text has no
# provenance.
__getattr__ = on_demand(
    __name__,
    {
        "coverage": ("Coverage", "CoverageReport", "CoveredTemplate", "describe_coverage"),
        "limited": ("LimitedRenderer",),
        "pack_check": ("check_pack",),
        "provenance": ("checked_as", "engine_of"),
    },
)
