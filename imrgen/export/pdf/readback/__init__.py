"""A PDF read with PDFium, another program than the one that wrote it.

reader        what a file holds: words by the tag tree, their places, attachments, pictures of pages
  drawn_page    the texts of a page, and where they are drawn
  drawing       parts of a page as they look, with some of what is drawn left out
  marked_text   whose the characters of a page are, and their order in the tag tree
  native        PDFium's functions that are called for each word

Importing this package loads PDFium, which text and HTML need none of; whoever may do without it
imports it where a PDF is at hand.
"""

from imrgen.export.pdf.readback.drawing import PIXELS_PER_POINT, Drawing
from imrgen.export.pdf.readback.drawn_page import Bounds, DrawnPage, DrawnText
from imrgen.export.pdf.readback.reader import (
    Page,
    PDFReader,
    PlacedText,
    Rectangle,
    Tag,
    UnreadablePDF,
    open_pdf,
)

__all__ = [
    "PIXELS_PER_POINT",
    "Bounds",
    "Drawing",
    "DrawnPage",
    "DrawnText",
    "PDFReader",
    "Page",
    "PlacedText",
    "Rectangle",
    "Tag",
    "UnreadablePDF",
    "open_pdf",
]
