"""The engine that sets the HTML document with Typst, in the pack's own fonts.

Nothing is read but what it writes into a folder of its own: the pack's fonts and images. What the
style sheet asks for and Typst cannot set stops the letter, and so does a character that no font of
the pack has.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

import typst

from imrgen.diagnostics import Diagnostic, Excerpt, LibraryError, PackError, Span, codes
from imrgen.document import ConformanceFault, visible_characters, visible_texts
from imrgen.export.conformance import Structure
from imrgen.export.pdf.engine import (
    Attachment,
    LastLines,
    Typeset,
    missing_glyph,
    stop,
)
from imrgen.export.pdf.folders import folder_for
from imrgen.export.pdf.typst.bounds import areas, margins_too_small
from imrgen.export.pdf.typst.faces import Faces
from imrgen.export.pdf.typst.finish import finished
from imrgen.export.pdf.typst.fonts import write_fonts
from imrgen.export.pdf.typst.program import Program
from imrgen.export.pdf.typst.setting import Setting
from imrgen.export.pdf.typst.sheets import Unsupported
from imrgen.export.pdf.typst.source import quoted
from imrgen.export.pdf.typst.styles import Style, Styles
from imrgen.pack import PackFile, TemplatePack
from imrgen.workers import no_temporary_files, temporary_files

_STANDARDS: list[Any] = ["a-3a", "ua-1"]
_WITHIN_WORDS = re.compile(r"(?<=[^\W\d_])(?=[^\W\d_])")


_users: set[int] = set()
"""The process that has used Typst, and those that it was forked of."""


def _use() -> None:
    """Note that this process uses Typst.

    Raises:
        LibraryError: One that it was forked of has done so: Typst's threads are not in this one.
    """
    if _users - {os.getpid()}:
        raise LibraryError.of(
            codes.ENGINE_FORKED,
            "Typst cannot be used in a process that was forked of one that has used it",
            "fork before the first PDF is made, or start processes by `spawn` or `forkserver`",
        )
    _users.add(os.getpid())


class TypstEngine:
    """Sets documents with Typst; letters are set one at a time.

    Args:
        css: The pack's style sheet, images inlined, fonts not.

    Raises:
        OutputError: The fonts cannot be written where temporary files are.
        PackError: A font of the pack cannot be loaded.
    """

    def __init__(self, pack: TemplatePack, css: str) -> None:
        self._pack = pack
        self._lock = threading.RLock()
        self._faces = Faces(pack)
        css = css.replace("\r\n", "\n").replace("\r", "\n")
        self._styles = Styles(css, self._faces.families)
        self._prepare()

    def _prepare(self) -> None:
        """Write the fonts into a folder, from which Typst reads each when it first needs it."""
        self._folder = folder_for(self)
        try:
            str(self._folder).encode()
        except UnicodeEncodeError:
            raise no_temporary_files("Typst cannot read its name, which is not UTF-8") from None
        with temporary_files():
            fonts = write_fonts(self._pack, self._folder / "fonts")
        self._files = {*os.listdir(self._folder / "fonts")}  # noqa: PTH208
        self._compiler = typst.Compiler(font_paths=fonts, root=str(self._folder))

    def _is_whole(self) -> bool:
        """Return whether the fonts are there; a program may clear out what is old."""
        try:
            return self._files <= {*os.listdir(self._folder / "fonts")}  # noqa: PTH208
        except OSError:
            return False

    def set(
        self,
        structure: Structure,
        provenance: Mapping[str, str],
        attachment: Attachment | None = None,
    ) -> Typeset:
        """Set a document; see `Engine.set`."""
        _use()  # before the lock, which another thread may have held when this process was forked
        with self._lock:
            return self._set(structure, provenance, attachment)

    def _set(
        self, structure: Structure, provenance: Mapping[str, str], attachment: Attachment | None
    ) -> Typeset:
        texts = visible_texts(structure.root)
        stop(self._missing((text for _, text, _, slot in texts if slot != "alt"), structure))
        setting = Setting(structure, self._styles, self._faces)
        program = setting.program(_attached(attachment))
        lacking = dict.fromkeys([*setting.styled.unsupported, *setting.pages.unsupported])
        if lacking:
            raise PackError([self._refusal(each) for each in lacking])
        stop(self._missing([*setting.inline.generated, *setting.pages.texts], structure))
        stop(setting.refused)  # what else is found may come of it
        stop([*setting.faults, *margins_too_small(setting.pages.too_wide)])
        running = setting.moved.running
        parts = _parts(structure, setting.styled.of, running)

        def typeset(program: Program) -> Typeset:
            pdf, sizes = finished(
                self._compiled(program),
                program.scopes,
                program.numberings,
                program.bookmarks,
                program.signers,
                provenance,
                attachment,
                program.has_date,
            )
            return Typeset(
                pdf,
                parts=parts,
                untagged=running,
                areas=areas(sizes, setting.pages.on),
                last_lines=last_lines(program),
            )

        def last_lines(program: Program) -> LastLines | None:
            last = program.last_paragraph
            if last is None or last.moved > last.widows:
                return None

            def again(lines: int) -> Typeset:
                with self._lock:
                    return typeset(program.moving(lines))

            return LastLines(last.widows, last.leading, again)

        return typeset(program)

    def _compiled(self, program: Program) -> bytes:
        if not self._is_whole():
            self._prepare()
        with temporary_files():
            for name, content in program.images.items():
                path = self._folder / name
                if not path.exists():
                    path.write_bytes(content)
        try:
            pdf, warnings = self._compiler.compile_with_warnings(
                program.source.encode(), format="pdf", pdf_standards=_STANDARDS, timestamp=0
            )
        except typst.TypstError:
            # Its message may quote the document.
            raise self._not_set() from None
        if warnings or not isinstance(pdf, bytes):
            raise self._not_set()
        return pdf

    def _not_set(self) -> PackError:
        hint = "take out what the letter's CSS has besides plain blocks, lists and tables"
        return PackError([self._fault(codes.PDF_NOT_SET, "Typst cannot set the document", hint)])

    def _missing(
        self, texts: Iterable[str | None], structure: Structure
    ) -> Iterator[ConformanceFault]:
        """Find the characters of texts that no font of the pack has."""
        found = {
            character
            for character in set().union(*filter(None, texts))
            if self._faces.lacks(character) and not _shows_nothing(character)
        }
        characters = structure.characters() if found else ""
        for character in sorted(found):
            yield missing_glyph(character, characters)

    def _refusal(self, lacking: Unsupported) -> Diagnostic:
        """Return the diagnostic of what a style sheet says and Typst cannot set."""
        message = f"Typst cannot set `{lacking.text}`"
        hint = "leave it out, or set the letter with WeasyPrint (--engine weasyprint)"
        found = _place(map(self._pack.require, self._pack.styles), lacking.line)
        if found is None:
            return self._fault(codes.NOT_OF_ENGINE, message, hint)
        file, line = found
        span = Span(file.place, line, lacking.column, len(lacking.text.rstrip("…")))
        lines = file.text.split("\n")
        excerpt = Excerpt.of(lines[line - 1].rstrip("\r"), span)
        return Diagnostic(codes.NOT_OF_ENGINE, message, span=span, excerpt=excerpt, hints=(hint,))

    def _fault(self, code: str, message: str, *hints: str) -> Diagnostic:
        return Diagnostic(code, f"pack `{self._pack.name}`: {message}", hints=hints)


def _parts(
    structure: Structure, styles: Mapping[Element, Style], without: Iterable[Element]
) -> list[str]:
    """Return a document's texts, parted where Typst may have added a hyphen."""
    texts = []
    left_out = {each for element in without for each in element.iter()}
    for owner, text, _, slot in visible_texts(structure.root):
        if owner in left_out:
            continue
        if text and slot != "alt" and styles[owner]["hyphens"] == "auto":
            text = _WITHIN_WORDS.sub("\u00ad", text)
        texts.append(text or "")
    return "".join(texts).split("\u00ad")


def _place(files: Iterable[PackFile], line: int) -> tuple[PackFile, int] | None:
    """Return the file of a line of the pack's whole style sheet, and its line there."""
    for file in files:
        lines = file.text.count("\n") + 1
        if 0 < line <= lines:
            return file, line
        line -= lines
    return None


def _attached(attachment: Attachment | None) -> str:
    """Return the code that attaches a file; its content is put in once the PDF is there."""
    if attachment is None:
        return ""
    name, description = quoted(attachment.name), quoted(attachment.description)
    kind = "json" if attachment.name.endswith(".json") else "toml"
    return (
        f'#pdf.attach({name}, bytes("-"), relationship: "source", '
        f'mime-type: "application/{kind}", description: {description})\n'
    )


def _shows_nothing(character: str) -> bool:
    return not visible_characters(character)
