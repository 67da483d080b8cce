"""A PDF read with PDFium, another program than the one that wrote it.

reader        what a file holds: words by the tag tree, their places, attachments, pictures of pages
  marked_text   the text of a page's marked contents, and their order in the tag tree
  native        PDFium's functions that are called for each word

Importing this package loads PDFium, which text and HTML need none of; whoever may do without it
imports it where a PDF is at hand.
"""

from imrgen.export.pdf.readback.reader import (
    Page,
    PDFReader,
    PlacedText,
    Rectangle,
    Tag,
    UnreadablePDF,
    open_pdf,
)

__all__ = ["PDFReader", "Page", "PlacedText", "Rectangle", "Tag", "UnreadablePDF", "open_pdf"]
