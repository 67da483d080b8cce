"""The one way through: a case and a pack become a letter.

    case file ──read──▶ Source ──validate──▶ Case ──admit──▶ Case ──compose──▶ HTML document ──┬─▶ text
                                               │               ▲                               └─▶ PDF
                                               └─check─▶ …    TemplatePack

The design calls this room `render`; modules are nouns here, and a module of that name would hide the function
`imrgen.render` as soon as anything imported it.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imrgen.case import Case, load_case
from imrgen.diagnostics import Diagnostic
from imrgen.errors import CaseError, OutputError
from imrgen.html import Composer, Document
from imrgen.manifest import Choice
from imrgen.output import SUFFIXES, Format, write
from imrgen.packs import load_pack
from imrgen.source import Origin, Source
from imrgen.text import to_text

if TYPE_CHECKING:
    from imrgen.checks import Check
    from imrgen.pdf import Press


class Renderer:
    """Makes letters; prepare it once and use it from any thread.

    Args:
        pack: The pack's name; `None` for the pack that stands in the first of `templates`, else `imr`.
        letter: The letter's name in the pack.
        templates: Folders in front of the built-in packs: packs, folders of packs, or files that replace a pack's.
        width: Columns of the text; 0: no wrapping.
        embed_fonts: Whether HTML brings the pack's fonts along, which makes it some 1.5 MB larger.
        check: Whether a case must pass the checks.
        select: Only these checks, by id or the beginning of ids; empty for the pack's choice.
        ignore: Not these checks.

    Raises:
        PackError: No such pack or letter, or one of its files is at fault.
    """

    def __init__(
        self,
        pack: str | None = None,
        letter: str = "determination",
        *,
        templates: Iterable[str | Path] = (),
        width: int = 80,
        embed_fonts: bool = False,
        check: bool = True,
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
    ) -> None:
        self.pack = load_pack(pack, templates)
        self.letter, self.width = letter, width
        self._composer = Composer(self.pack, letter)
        self._faces = self._composer.faces() if embed_fonts else ""
        self._checks = self._chosen(select, ignore) if check else ()
        self._lock = threading.Lock()
        self._press_made: Press | None = None

    def render(self, case: Case | Source | Origin) -> Letter:
        """Make the letter of a case.

        Args:
            case: A case, or what `load_case` reads one from.

        Raises:
            CaseError: The case is not valid, lacks what the letter requires, or a check found an error.
            PackError: A template is at fault.
        """
        if not isinstance(case, Case):
            case = load_case(case)
        self.pack.admit(case, self.letter)
        found = self.check(case)
        if any(diagnostic.severity == "error" for diagnostic in found):
            raise CaseError(found)
        document = self._composer.compose(case)
        return Letter(document, case, self, found)

    def check(self, case: Case) -> tuple[Diagnostic, ...]:
        """Run the checks and give what they found, in the order of the file; nothing is raised.

        Args:
            case: The case.
        """
        from imrgen.checks import Subject, run_checks

        return tuple(run_checks(Subject(case, self.pack), self._checks)) if self._checks else ()

    def _chosen(self, select: Iterable[str], ignore: Iterable[str]) -> tuple[Check, ...]:
        from imrgen.checks.selection import choose

        choices = [manifest.checks for manifest in reversed(self.pack.lineage)]
        return choose([*choices, Choice(select=tuple(select), ignore=tuple(ignore))])

    def press(self) -> Press:
        """Give what sets PDFs; it is made when first asked for, since it loads WeasyPrint."""
        with self._lock:
            if self._press_made is None:
                from imrgen.pdf import Press

                self._press_made = Press(self._composer)
            return self._press_made

    @functools.cached_property
    def provenance(self) -> Mapping[str, str]:
        """What every letter of this renderer comes from: versions, and the digest of the pack with all it uses."""
        import importlib.metadata  # its own import takes longer than making a letter

        from imrgen import __version__

        return {
            "imrgen": __version__,
            "pack": f"{self.pack.name} {self.pack.version}",
            "pack_sha256": self.pack.digest(),
            "letter": self.letter,
            **{name: importlib.metadata.version(name) for name in ("jinja2", "markdown-it-py", "weasyprint")},
        }


class Letter:
    """A letter, in text, HTML and PDF; each is made when first asked for.

    Args:
        document: The letter's HTML document.
        case: What it was made of.
        renderer: What made it.
        warnings: What the checks found that a person should look at before the letter goes out.
    """

    def __init__(
        self, document: Document, case: Case, renderer: Renderer, warnings: tuple[Diagnostic, ...] = ()
    ) -> None:
        self._document, self._case, self._renderer = document, case, renderer
        self.warnings = warnings

    @functools.cached_property
    def html(self) -> str:
        """The letter as one self-contained HTML file."""
        return self._document.page(self._renderer._faces)

    @functools.cached_property
    def text(self) -> str:
        """The letter as plain text, wrapped at the renderer's width."""
        return to_text(self._document.markup, self._renderer.width)

    @functools.cached_property
    def pdf(self) -> bytes:
        """The letter as a tagged PDF.

        Raises:
            LibraryError: A native library is missing.
            CaseError: A character of the letter is in none of the pack's fonts.
            PackError: The pack asks for a file that it does not have.
        """
        return self._renderer.press().pdf(self._document)

    @property
    def dependencies(self) -> tuple[Path, ...]:
        """The files that the letter was made of: its pack's, and the case file where there is one."""
        pack = self._renderer.pack
        files = [path for name in pack.files() if (path := pack.find(name))]
        source = self._case.source
        return (*files, Path(source.name)) if source and Path(source.name).is_file() else tuple(files)

    @property
    def provenance(self) -> Mapping[str, str]:
        """What the letter was made of and with; no value of the case."""
        source = self._case.source
        return {**self._renderer.provenance, **({"case_sha256": source.digest} if source else {})}

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
            raise OutputError([Diagnostic("IMR401", f"{path}: the suffix names no format", hints=(hint,))])
        write(path, self.encoded(format_))
        return path


def render(
    case: Case | Source | Origin,
    pack: str | None = None,
    letter: str = "determination",
    *,
    templates: Iterable[str | Path] = (),
    width: int = 80,
    check: bool = True,
) -> Letter:
    """Make one letter; for more than one, make a `Renderer` once.

    Args:
        case: A path, an open stream, a mapping, or a case.
        pack: The pack's name; `None` for the pack that stands in the first of `templates`, else `imr`.
        letter: The letter's name in the pack.
        templates: Folders in front of the built-in packs.
        width: Columns of the text; 0: no wrapping.
        check: Whether the case must pass the checks.

    Raises:
        CaseError: The case is not valid, lacks what the letter requires, or a check found an error.
        PackError: No such pack or letter, or one of its files is at fault.
    """
    return Renderer(pack, letter, templates=templates, width=width, check=check).render(case)
