"""Where in its markup a document's elements and characters stand; loaded by tracing alone.

positions   the position of each element and each visible character
tokens      markup split into tokens, each with its place
"""

from imrgen.document.positions.positions import Positions
from imrgen.document.positions.tokens import tokens

__all__ = ["Positions", "tokens"]
