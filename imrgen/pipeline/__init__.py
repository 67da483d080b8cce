"""The way of a letter, from its case to its files.

renderer   a case and a pack become a letter
letter     a letter, in text, HTML and PDF
"""

from imrgen.pipeline.letter import Letter
from imrgen.pipeline.renderer import Renderer, render

__all__ = ["Letter", "Renderer", "render"]
