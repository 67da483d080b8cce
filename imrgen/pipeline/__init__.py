"""The way of a letter, from its case to its files.

renderer   the way, from top to bottom
options    what a caller can choose
letter     what comes out
provenance what letters were made with
pack_check what is wrong with a pack, whatever the case
"""

from imrgen.pipeline.letter import Letter
from imrgen.pipeline.options import OptionFields, Options, options_of
from imrgen.pipeline.pack_check import check_pack
from imrgen.pipeline.provenance import checked_as
from imrgen.pipeline.renderer import Examination, Renderer, check, render, renderers

__all__ = [
    "Examination",
    "Letter",
    "OptionFields",
    "Options",
    "Renderer",
    "check",
    "check_pack",
    "checked_as",
    "options_of",
    "render",
    "renderers",
]
