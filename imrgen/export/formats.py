"""The formats of letters. To add one, write its writer and an entry here."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath

import msgspec

from imrgen.diagnostics import OptionError, codes
from imrgen.document import Document, VisibleText, parse_html, visible_characters
from imrgen.export.exporter import Details, Exporter
from imrgen.export.seal import seal
from imrgen.export.text import layouts, to_text, to_words


class Format(msgspec.Struct, frozen=True):
    """A format of letters.

    Args:
        name: What a caller asks for.
        suffixes: What its files' names end in; the first is the one that imrgen gives them.
        media_type: Its media type (RFC 6838).
        write: Return a document as the bytes of a file.
        read: Return the visible characters of a file; raises `ValueError` where it cannot be read.
        texts: Return the texts of a document whose words a file of it may hold.
        is_sealed: Whether a file holds provenance and a seal, which shows whether it was changed.
        is_signable: Whether signatures may stand behind the bytes that the seal covers.
        versions: Return the versions of what only this format is made with.
        attached: Return the name and bytes of the case file that is attached to a file; `None` for
            a format that can hold none.
    """

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    write: Callable[[Document, Exporter, Details], bytes]
    read: Callable[[bytes], str]
    texts: Callable[[Document], Iterable[str]] = lambda document: [to_words(document.tree)]
    is_sealed: bool = True
    is_signable: bool = False
    versions: Callable[[Exporter], Mapping[str, str]] = lambda exporter: {}
    attached: Callable[[bytes], tuple[str, bytes] | None] | None = None

    @property
    def suffix(self) -> str:
        """The suffix that imrgen gives its files, dot included."""
        return self.suffixes[0]


def find_format(name: str) -> Format:
    """Return a format by its name.

    Raises:
        OptionError: There is none.
    """
    if name not in FORMATS:
        raise OptionError.of(
            codes.UNKNOWN_FORMAT,
            f"there is no format `{name}`",
            f"the formats are: {', '.join(FORMATS)}",
        )
    return FORMATS[name]


def chosen_formats(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of formats, each once.

    Raises:
        OptionError: There is no such format, or a text was given in place of a list.
    """
    if isinstance(names, str):
        raise OptionError.of(
            codes.UNKNOWN_FORMAT, "formats are given as a list", 'write formats=["pdf"]'
        )
    return tuple(dict.fromkeys(find_format(name).name for name in names))


def format_of(path: PurePath) -> Format | None:
    """Return the format that a file's suffix asks for; `None` for none."""
    suffix = path.suffix.lower()
    return next((each for each in FORMATS.values() if suffix in each.suffixes), None)


def suffixes() -> str:
    """Return the suffixes that name a format, as a message lists them."""
    return ", ".join(suffix for each in FORMATS.values() for suffix in each.suffixes)


def _write_text(document: Document, exporter: Exporter, details: Details) -> bytes:
    text = to_text(document.tree, exporter.width)
    if exporter.draft:
        from imrgen.export.draft import marked_text  # few letters are drafts

        text = marked_text(text)
    return text.encode()


def _write_html(document: Document, exporter: Exporter, details: Details) -> bytes:
    from imrgen.export.html import to_html  # text needs none of it

    return seal(to_html(document, details.provenance_with({}), exporter.font_faces).encode())


def _write_pdf(document: Document, exporter: Exporter, details: Details) -> bytes:
    words = to_words(document.tree)
    provenance = details.provenance_with(_pdf_versions(exporter))
    return exporter.pdf_writer().pdf(
        document, words, provenance, details.attachment, details.page_promises
    )


def _pdf_versions(exporter: Exporter) -> Mapping[str, str]:
    from imrgen.export.pdf import engine_versions  # only a PDF has an engine

    return engine_versions(exporter.engine)


def _read_pdf(content: bytes) -> str:
    from imrgen.export.pdf.readback import open_pdf  # PDFium loads for 10 ms

    with open_pdf(content) as reader:
        return "".join(reader.page_characters())


def _attached_to_pdf(content: bytes) -> tuple[str, bytes] | None:
    from imrgen.export.pdf.attached import attached_case  # no letter that is made needs it

    return attached_case(content)


FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        Format(
            "text",
            (".txt",),
            "text/plain",
            _write_text,
            lambda content: visible_characters(content.decode()),
            lambda document: layouts(document.tree),
            is_sealed=False,
        ),
        Format(
            "html",
            (".html", ".htm"),
            "text/html",
            _write_html,
            lambda content: VisibleText(parse_html(content.decode())).characters(),
        ),
        Format(
            "pdf",
            (".pdf",),
            "application/pdf",
            _write_pdf,
            _read_pdf,
            is_signable=True,
            versions=_pdf_versions,
            attached=_attached_to_pdf,
        ),
    )
}
"""The formats by name, in the order in which they are listed."""
