"""A letter, which is a value: its document, its case, and what it was made of."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from imrgen.case import Case
from imrgen.compose import Composer
from imrgen.diagnostics import CaseError, Diagnostic, FileNameError, LimitError, codes
from imrgen.document import Document, first_difference, visible_characters
from imrgen.export import (
    ConformanceError,
    Exporter,
    Format,
    find_format,
    format_of,
    suffixes,
    to_words,
    words_digest,
    write_to,
)
from imrgen.pack import PagePromises, TemplatePack, merge_promises
from imrgen.pipeline.observation import observed
from imrgen.pipeline.options import Options
from imrgen.workers import diagnose

if TYPE_CHECKING:
    from imrgen.compose import LetterCoverage, Way
    from imrgen.compose.tracing import Origin
    from imrgen.export import Attachment


class Letter:
    """A letter in text, HTML and PDF, each made when it is first asked for; it pickles.

    Args:
        document: The letter's HTML document.
        case: The case.
        options: How it was asked for.
        exporter: What it is written with.
        warnings: What a person should look at before the letter goes out; of a draft, also why the
            letter would be refused.
    """

    def __init__(
        self,
        document: Document,
        case: Case,
        options: Options,
        exporter: Exporter,
        warnings: tuple[Diagnostic, ...] = (),
    ) -> None:
        self.document = document
        self.case = case
        self.options = options
        self.warnings = warnings
        self._exporter = exporter
        self._files: dict[str, bytes] = {}

    def __repr__(self) -> str:
        pack = self._exporter.pack
        return f"<Letter {self.options.letter!r} of pack {pack.name!r} {pack.version}>"

    def _repr_html_(self) -> str:
        return self.html

    @property
    def pack(self) -> TemplatePack:
        """The pack that it was made with."""
        return self._exporter.pack

    @property
    def text(self) -> str:
        """The letter as plain text."""
        return self.encoded("text").decode()

    @property
    def html(self) -> str:
        """The letter as one self-contained HTML file, which says what it was made of."""
        return self.encoded("html").decode()

    @property
    def pdf(self) -> bytes:
        """The letter as a PDF that can be issued (PDF/UA-1 and PDF/A-3a), with the text's words.

        Raises:
            CaseError: The case's text cannot be set, or there is no case file to attach.
            LibraryError: A native library is missing.
            PackError: The PDF would lose or hide something, or could not conform.
        """
        return self.encoded("pdf")

    @property
    def provenance(self) -> Mapping[str, str]:
        """What the letter was made of and with, and its words' digest; no value of the case.

        What only a PDF is made with, its own provenance also states.
        """
        return self.provenance_with({})

    def provenance_with(self, versions: Mapping[str, str]) -> Mapping[str, str]:
        """Return the provenance of a file, which some formats need more for; see `Details`."""
        from imrgen.pipeline.provenance import made_with  # text has none

        source = self.case.source
        return {
            **made_with(self._exporter.pack, self.options, versions),
            **({"case_sha256": source.digest} if source else {}),
            "words_sha256": words_digest(self.document.tree),
        }

    @property
    def attachment(self) -> Attachment | None:
        """The case file as a PDF holds it, where the options ask for that.

        Raises:
            CaseError: The case was not read from a file.
        """
        if not self.options.embed_case:
            return None
        source = self.case.source
        if source is None or not source.text:
            raise CaseError.of(
                codes.NO_CASE_TO_ATTACH,
                "a case that was not read from a file has no file to attach",
                "read the case from a file",
            )
        date = self.case.case.decision_date or datetime.date(1970, 1, 1)
        from imrgen.export import Attachment  # only a PDF has one

        return Attachment(
            f"case.{source.kind}", source.content, "The case file that the letter was made of", date
        )

    @property
    def page_promises(self) -> PagePromises:
        """What the pack promises of the letter's pages; of a draft, nothing."""
        if self.options.draft:
            return PagePromises()
        pack = self._exporter.pack
        return merge_promises(pack.lineage, pack.letter(self.options.letter))

    @property
    def dependencies(self) -> tuple[Path, ...]:
        """The files of which the letter was made, its case file among them if there is one."""
        files = self._exporter.pack.paths
        source = self.case.source
        return (*files, Path(source.name)) if source and Path(source.name).is_file() else files

    def origin(self, number: int) -> Origin | None:
        """Return where a visible character of the letter comes from; `None` if that is not known.

        Args:
            number: The character's place among the letter's visible characters, from 0.
        """
        return self._composer().trace(self.case).at_character(number)

    def origin_in(self, text: str, number: int) -> Origin | None:
        """Return where a visible character of a text of the letter comes from.

        Args:
            text: The letter as text, of any width.
            number: The character's place among the text's visible characters, from 0.

        Returns:
            `None` where the text has repeated a label of a table before, so that its characters are
            not numbered as the document's.
        """
        shown, own = map(visible_characters, (text, to_words(self.document.tree)))
        return self.origin(number) if first_difference(shown, own) >= number else None

    def cover(self, coverage: LetterCoverage) -> frozenset[Way]:
        """Return the ways through its templates that it takes.

        Args:
            coverage: That of the letter, for any recipient.
        """
        return self._composer().cover(self.case, coverage)

    def encoded(self, format: str) -> bytes:  # noqa: A002 - the word on the command line, too
        """Return the letter as the bytes of a file.

        Args:
            format: The format's name: `text`, `html` or `pdf`.

        Raises:
            CaseError: The case's text cannot be set, or there is no case file to attach.
            LibraryError: A native library is missing.
            LimitError: The memory does not suffice, or something is nested too deep.
            OptionError: There is no such format.
            PackError: The file would lose or hide something, or could not conform.
        """
        if format not in self._files:
            writer = find_format(format)
            with observed("write", self.options, self._exporter.pack, format=format):
                self._files[format] = self._written(writer)
        return self._files[format]

    def _written(self, writer: Format) -> bytes:
        try:
            return writer.write(self.document, self._exporter, self)
        except ConformanceError as error:
            raise self._composer().refusal(error.faults, self.document, self.case) from None
        except (MemoryError, RecursionError) as reached:
            raise LimitError([diagnose(reached)]) from None

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> Path:  # noqa: A002
        """Write the letter to a file, whole or not at all.

        Args:
            path: The file; one that exists is replaced. Of a link, the target is written; a pipe
                or a device is written to.
            format: The format's name; `None` for what the suffix says.

        Raises:
            FileNameError: The suffix names no format.
            OutputError: The file cannot be written.
        """
        path = Path(path)
        letter_format = find_format(format) if format else format_of(path)
        if letter_format is None:
            raise FileNameError.of(
                codes.UNKNOWN_FORMAT,
                f"{path}: the suffix names no format",
                f"end the name in one of {suffixes()}, or name the format",
            )
        write_to(path, self.encoded(letter_format.name))
        return path

    def _composer(self) -> Composer:
        options = self.options
        return Composer(
            self._exporter.pack, options.letter, options.draft, options.recipient, options.host
        )
