"""The letter as an HTML document: what COMPOSE makes and EXPORT takes.

document   the markup, and the style sheet apart
visible    the characters that a reader sees
"""

from imrgen.document.document import Document
from imrgen.document.visible import visible_characters

__all__ = ["Document", "visible_characters"]
