"""The letter as HTML, from which all its formats are made."""

from __future__ import annotations

import msgspec


class Document(msgspec.Struct, frozen=True):
    """The letter as HTML, its style sheet apart.

    Args:
        markup: The document without its style sheet: what text and PDF are derived from.
        css: The style sheet, images inlined, fonts not.
    """

    markup: str
    css: str

    def page(self, faces: str = "", meta: str = "") -> str:
        """Give the letter as one self-contained file.

        Args:
            faces: `@font-face` rules that bring the pack's fonts; without them a reader's own serif
                is used.
            meta: Elements for the head.
        """
        head, tail = self.markup.split("</head>", 1)
        return f"{head}{meta}\n<style>\n{faces}{self.css}</style>\n</head>{tail}"
