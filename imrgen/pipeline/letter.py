"""What a render gives: a letter, in text, HTML and PDF."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imrgen.case import Case
from imrgen.diagnostics import Diagnostic, OutputError, codes
from imrgen.document import Document
from imrgen.export import SUFFIXES, Format, seal, to_html, to_text, words_digest, write

if TYPE_CHECKING:
    from imrgen.compose.tracing import Origin
    from imrgen.pipeline.renderer import Renderer


class Letter:
    """A letter, in text, HTML and PDF; each is made when first asked for.

    Args:
        document: The letter's HTML document.
        case: What it was made of.
        renderer: What made it.
        warnings: What the checks found that a person should look at before the letter goes out.
    """

    def __init__(
        self,
        document: Document,
        case: Case,
        renderer: Renderer,
        warnings: tuple[Diagnostic, ...] = (),
    ) -> None:
        self.document, self._case, self._renderer = document, case, renderer
        self.warnings = warnings

    @functools.cached_property
    def html(self) -> str:
        """The letter as one self-contained HTML file, which says what it was made of."""
        page = to_html(self.document, self.provenance, self._renderer._faces)
        return seal(page.encode()).decode()

    @functools.cached_property
    def text(self) -> str:
        """The letter as plain text, wrapped at the renderer's width."""
        return to_text(self.document.tree, self._renderer.width)

    @functools.cached_property
    def pdf(self) -> bytes:
        """The letter as a PDF that can be issued: PDF/UA-1 and PDF/A-3a, and it holds all that the text holds.

        Raises:
            LibraryError: A native library is missing.
            PackError: The pack asks for a file that it does not have, or the PDF would lose or hide
                something.
        """
        return self._renderer._issue(self.document, self._case, self.text, self.provenance)

    def origin(self, number: int) -> Origin | None:
        """Say where a character of the letter comes from.

        Args:
            number: Which one among the `imrgen.document.visible_characters` of the text, from 0.

        Returns:
            `None` where that cannot be said.
        """
        origins = self._renderer._composer.trace(self._case)
        return origins.at_character(number) if number < len(origins.offsets) else None

    @property
    def dependencies(self) -> tuple[Path, ...]:
        """The files that the letter was made of: its pack's, and the case file where there is one."""
        pack = self._renderer.pack
        files = [path for name in pack.files() if (path := pack.find(name))]
        source = self._case.source
        return (
            (*files, Path(source.name)) if source and Path(source.name).is_file() else tuple(files)
        )

    @property
    def provenance(self) -> Mapping[str, str]:
        """What the letter was made of and with, and the digest of its words; no value of the case."""
        source = self._case.source
        return {
            **self._renderer.provenance,
            **({"case_sha256": source.digest} if source else {}),
            "words_sha256": words_digest(self.text),
        }

    def encoded(self, format_: Format) -> bytes:
        """Give the letter in a format, as the bytes of its file."""
        outputs: Mapping[Format, Callable[[], Any]] = {
            "text": lambda: self.text.encode(),
            "html": lambda: self.html.encode(),
            "pdf": lambda: self.pdf,
        }
        content: bytes = outputs[format_]()
        return content

    def save(self, path: str | os.PathLike[str], format_: Format | None = None) -> Path:
        """Write the letter to a file, whole or not at all.

        Args:
            path: The file; one that exists is replaced.
            format_: `text`, `html` or `pdf`; `None` for what the suffix says.

        Raises:
            OutputError: The suffix names no format, or the file cannot be written.
        """
        path = Path(path)
        format_ = format_ or SUFFIXES.get(path.suffix.lower())
        if format_ is None:
            hint = f"end the name in one of {', '.join(SUFFIXES)}, or name the format"
            raise OutputError(
                [
                    Diagnostic(
                        codes.UNKNOWN_FORMAT, f"{path}: the suffix names no format", hints=(hint,)
                    )
                ]
            )
        write(path, self.encoded(format_))
        return path
