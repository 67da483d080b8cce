"""The letter as an HTML document, from which all its formats are made."""

import functools
from collections.abc import Mapping
from xml.etree.ElementTree import Element

import msgspec

from imrgen.document.parsing import parse_html
from imrgen.document.references import inline_files
from imrgen.document.written_out import write_out


class Document(msgspec.Struct, frozen=True, dict=True):
    """The letter as HTML, its style sheet apart.

    Args:
        markup: The document as templates wrote it.
        css: The style sheet, images inlined, fonts not.
        files: The files that the markup refers to, each as a `data:` URL.
    """

    markup: str
    css: str
    files: Mapping[str, str] = {}

    @functools.cached_property
    def tree(self) -> Element:
        """The root of the document's tree, files inlined and what elements say written out.

        Whoever changes it copies it first.
        """
        root = write_out(parse_html(self.markup))
        inline_files(root, self.files)
        return root
