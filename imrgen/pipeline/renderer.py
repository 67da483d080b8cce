"""The one way through: a case and a pack become a letter.

    case file ──read──▶ Source ──validate──▶ Case ──admit──▶ Case ──compose──▶ HTML document ──┬─▶ text
                                               │               ▲                               └─▶ PDF
                                               └─check─▶ …    TemplatePack

The design calls this room `render`; modules are nouns here, and a module of that name would hide
the function `imrgen.render` as soon as anything imported it.
"""

from __future__ import annotations

import datetime
import functools
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from imrgen.case import Case, Origin, Source, load_case
from imrgen.compose import Composer
from imrgen.diagnostics import CaseError, Diagnostic, PackError, codes
from imrgen.document import ConformanceFault, Document
from imrgen.export import conformance_faults
from imrgen.pack import Choice, load_pack
from imrgen.pipeline.letter import Letter

if TYPE_CHECKING:
    from imrgen.checks import Check
    from imrgen.compose.tracing import Origins
    from imrgen.export.pdf.engine import Press


class Renderer:
    """Makes letters; prepare it once and use it from any thread.

    Args:
        pack: The pack's name; `None` for the pack that stands in the first of `templates`, else
            `imr`.
        letter: The letter's name in the pack.
        templates: Folders in front of the built-in packs: packs, folders of packs, or files that
            replace a pack's.
        width: Columns of the text; 0: no wrapping.
        embed_fonts: Whether HTML brings the pack's fonts along, which makes it some 1.5 MB larger.
        embed_case: Whether a PDF brings the case file along, as an associated file (ISO 19005-3,
            6.8).
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
        embed_case: bool = False,
        check: bool = True,
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
    ) -> None:
        self.pack = load_pack(pack, templates)
        self.letter, self.width = letter, width
        self._composer = Composer(self.pack, letter)
        self._faces = self._composer.faces() if embed_fonts else ""
        self._embed_case = embed_case
        self._checks = self._chosen(select, ignore) if check else ()
        self._lock = threading.Lock()
        self._press_made: Press | None = None

    def render(self, case: Case | Source | Origin) -> Letter:
        """Make the letter of a case.

        Args:
            case: A case, or what `load_case` reads one from.

        Raises:
            CaseError: The case is not valid, lacks what the letter requires, or a check found an
                error.
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
        from imrgen.checks import choose

        choices = [manifest.checks for manifest in reversed(self.pack.lineage)]
        return choose([*choices, Choice(select=tuple(select), ignore=tuple(ignore))])

    def examine(self, case: Case) -> tuple[Diagnostic, ...]:
        """Find everything at once that `render` would refuse or warn of, in the order of the file.

        Args:
            case: The case.
        """
        found = list(self.check(case))
        try:
            self.pack.admit(case, self.letter)
            self._composer.compose(case)
        except (CaseError, PackError) as error:
            found += error.diagnostics
        return tuple(
            sorted(found, key=lambda d: (d.span.line, d.span.column) if d.span else (0, 0))
        )

    def _issue(
        self, document: Document, case: Case, text: str, provenance: Mapping[str, str]
    ) -> bytes:
        """Set a letter as PDF, and say of what stands in the way where it comes from."""
        from imrgen.export.pdf.engine import Attachment, Unfit

        attachment = None
        if self._embed_case:
            if case.source is None or not case.source.text:
                message = "a case that was not read from a file has no file to attach"
                raise CaseError(
                    [
                        Diagnostic(
                            codes.NO_CASE_TO_ATTACH, message, hints=("read the case from a file",)
                        )
                    ]
                )
            date = case.case.decision_date or datetime.date(1970, 1, 1)
            name = f"case.{case.source.kind}"
            attachment = Attachment(
                name, case.source.content, "The case file that the letter was made of", date
            )
        try:
            return self.press().pdf(document, text, provenance, attachment)
        except Unfit as fault:
            raise self._blame(fault.faults, case) from None

    def _blame(self, faults: Iterable[ConformanceFault], case: Case) -> CaseError | PackError:
        """Say of what stands in the way of a PDF which template line wrote it, and from which field."""
        origins = self.trace(case)
        told, from_case = [], True
        for fault in faults:
            origin = None if fault.element is None else origins.at_element(fault.element)
            if fault.at is not None and fault.at < len(origins.offsets):
                origin = origins.at_character(fault.at)
            from_case = from_case and origin is not None and bool(origin.paths)
            if origin is None:
                message = f"pack `{self.pack.name}`: {fault.message}"
                told.append(Diagnostic(fault.code, message, hints=(fault.hint,)))
            else:
                told.append(
                    origins.diagnose(fault.code, fault.message, origin, hints=(fault.hint,))
                )
        return CaseError(told) if from_case else PackError(told)

    def barriers(self, case: Case) -> tuple[Diagnostic, ...]:
        """Find what in a letter's HTML would keep it from being issued as a PDF, such as a heading that skips a level.

        Nothing is set; so what only the setting shows, such as words that are too wide, is not
        found.

        Args:
            case: A case that the letter's pack admits.

        Raises:
            CaseError: A narrative that cannot be shown in full.
            PackError: A template is at fault.
        """
        faults = list(conformance_faults(self._composer.compose(case)))
        return self._blame(faults, case).diagnostics if faults else ()

    def trace(self, case: Case) -> Origins:
        """Say where each word of a case's letter comes from.

        Args:
            case: A case that the letter's pack admits.

        Raises:
            CaseError: A narrative that cannot be shown in full.
            PackError: A template is at fault.
        """
        return self._composer.trace(case)

    def press(self) -> Press:
        """Give what sets PDFs; it is made when first asked for, since it loads WeasyPrint."""
        with self._lock:
            if self._press_made is None:
                from imrgen.export.pdf.engine import Press
                from imrgen.export.pdf.fetcher import address

                css = self._composer.faces(address) + self._composer.css
                self._press_made = Press(self.pack, css)
            return self._press_made

    @functools.cached_property
    def provenance(self) -> Mapping[str, str]:
        """What every letter of this renderer comes from: versions, and the digest of the pack with all it uses."""
        from imrgen._version import __version__

        return {
            "imrgen": __version__,
            "pack": f"{self.pack.name} {self.pack.version}",
            "pack_sha256": self.pack.digest(),
            "letter": self.letter,
            **({"fonts": "embedded"} if self._faces else {}),
            **_versions(),
        }


@functools.cache
def _versions() -> Mapping[str, str]:
    import importlib.metadata  # its own import takes longer than making a letter

    names = ("jinja2", "markdown-it-py", "pydyf", "selectolax", "weasyprint")
    return {name: importlib.metadata.version(name) for name in names}


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
        pack: The pack's name; `None` for the pack that stands in the first of `templates`, else
            `imr`.
        letter: The letter's name in the pack.
        templates: Folders in front of the built-in packs.
        width: Columns of the text; 0: no wrapping.
        check: Whether the case must pass the checks.

    Raises:
        CaseError: The case is not valid, lacks what the letter requires, or a check found an error.
        PackError: No such pack or letter, or one of its files is at fault.
    """
    return Renderer(pack, letter, templates=templates, width=width, check=check).render(case)
