"""The way of a letter, from top to bottom.

    READ ──▶ CASE ──────────────┐
                                ▼
                     PACK ──▶ COMPOSE ──▶ the document ──▶ EXPORT ─┬─▶ text
                                │                                  ├─▶ HTML
                     CHECK ──▶ diagnostics                         └─▶ PDF

`Renderer.examine` is that way; everything else here asks it.
"""

from __future__ import annotations

import contextlib
import copy
import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Unpack

import msgspec

from imrgen.case import Case, Fault, Readable, Source, load_case, load_draft, pattern_of, read
from imrgen.checks import Check, Subject, choose, run_checks
from imrgen.compose import Composer
from imrgen.diagnostics import (
    CaseError,
    Diagnostic,
    ImrgenError,
    LimitError,
    OptionError,
    PackError,
    PackLimitError,
    Path,
    UnknownNameError,
    codes,
    in_file_order,
)
from imrgen.export import chosen_formats, conformance_faults, find_format
from imrgen.pack import MANIFEST, CheckSelection, TemplatePack, load_pack, read_manifest
from imrgen.pipeline.letter import Letter
from imrgen.pipeline.observation import observed
from imrgen.pipeline.options import OptionFields, Options, chosen, exporter_of, options_of

if TYPE_CHECKING:
    from imrgen.compose import LetterCoverage, Way
    from imrgen.compose.template_fields import LetterFields
    from imrgen.compose.tracing import Origins
    from imrgen.pipeline.limited import LimitedRenderer
    from imrgen.workers import Limits


class Examination(msgspec.Struct, frozen=True):
    """A letter with everything that is wrong with it.

    Args:
        letter: The letter; `None` where no document could be made. It must not be sent where there
            are errors.
        findings: What the checks found.
        errors: Why it must not be sent.
    """

    letter: Letter | None
    findings: tuple[Diagnostic, ...]
    errors: tuple[ImrgenError, ...]

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All diagnostics, in the order of the file."""
        of_errors = (each for error in self.errors for each in error.diagnostics)
        return tuple(in_file_order(dict.fromkeys([*self.findings, *of_errors])))

    def error(self) -> CaseError | LimitError | PackError:
        """Return one error for all: of the case if that is at fault in any way, else of a limit."""
        for kind in (CaseError, PackLimitError, LimitError):
            if any(isinstance(each, kind) for each in self.errors):
                return kind(self.diagnostics)
        return PackError(self.diagnostics)


class Renderer:
    """Makes letters; prepare it once and use it from any thread. It pickles, as its pack does.

    Args:
        options: The options; `None` for the defaults.
        loaded_pack: A pack that is loaded already, in place of the options' `pack` and `templates`.
        **changes: What differs from them, such as `pack="imr"`; see `Options`.

    Raises:
        OptionError: A filter or a function of the program cannot be used.
        PackError: No such pack, letter or check, or one of the pack's files is at fault.
    """

    def __init__(
        self,
        options: Options | None = None,
        /,
        *,
        loaded_pack: TemplatePack | None = None,
        **changes: Unpack[OptionFields],
    ) -> None:
        made, pack = chosen(options, changes, loaded_pack)
        self.options = made if made.letter else options_of(made, {"letter": pack.first_letter})
        made = self.options
        self.pack = pack.override(dict(made.overrides))
        self._composer = Composer(self.pack, made.letter, made.draft, made.recipient, made.host)
        self.exporter = exporter_of(self.pack, self._composer.css, made)
        self.checks = self._chosen() if self.options.check else ()

    def __reduce__(self) -> tuple[Any, ...]:
        # Compiled templates and fonts stay in their process.
        return functools.partial(type(self), loaded_pack=self.pack), (self.options,)

    def __copy__(self) -> Renderer:
        copied = object.__new__(type(self))
        vars(copied).update(vars(self))
        return copied

    def render(self, case: Case | Source | Readable) -> Letter:
        """Make the letter of a case.

        Args:
            case: A case, or what `load_case` reads one from.

        Raises:
            CaseError: The case is not valid, lacks what the letter requires, or a check found an
                error; for a draft, it cannot be read at all.
            OptionError: The letter is made once for each recipient, and none is chosen.
            PackError: A template is at fault.
        """
        with observed("render", self.options, self.pack):
            examination = self.examine(case)
            letter = examination.letter
            if letter is None or (examination.errors and not self.options.draft):
                raise examination.error()
            return letter

    @property
    def is_per_recipient(self) -> bool:
        """Whether the letter is made for a recipient of the case, or once for each."""
        is_asked = self.options.per_recipient or self.options.recipient > 0
        return is_asked or self.pack.is_per_recipient(self.options.letter)

    @property
    def is_for_each_recipient(self) -> bool:
        """Whether the letter is made once for each recipient, and none is chosen."""
        return self.is_per_recipient and not self.options.recipient

    def each(self, case: Case | Source) -> tuple[Renderer, ...]:
        """Return a renderer for each recipient of a case, if the letter is made once for each.

        Args:
            case: The case, or the source of one, which need not be valid.

        Returns:
            This renderer alone, if the letter is made once for the case, or for one recipient; also
            if the case has no recipient, so that it cannot be made.
        """
        if not self.is_for_each_recipient:
            return (self,)
        recipients: object = ()
        with contextlib.suppress(CaseError):  # `render` raises it
            recipients = case.recipients if isinstance(case, Case) else case.data.get("recipients")
        count = len(recipients) if isinstance(recipients, list | tuple) else 0
        return tuple(
            self._sharing(self._composer.for_recipient(number), recipient=number)
            for number in range(1, count + 1)
        ) or (self,)

    def of_letter(self, name: str) -> Renderer:
        """Return a renderer of another letter of the pack, with the same options.

        Raises:
            PackError: No such letter, or its template is at fault.
        """
        options = self.options
        composer = Composer(self.pack, name, options.draft, options.recipient, options.host)
        return self._sharing(composer, letter=name)

    def with_context(self, context: Mapping[str, Any]) -> Renderer:
        """Return a renderer to which the program gives other values, such as a letter's barcode.

        It takes no time to make, and shares all else with this one.

        Args:
            context: What templates see as `context`, in place of that of the options.

        Raises:
            OptionError: A text of it cannot stand in a letter.
            TypeError: A value is no text, number, date, list or table.
        """
        return self.with_encoded_context(options_of(None, {"context": context}).context)

    def with_encoded_context(self, context: str) -> Renderer:
        """Return a renderer with other values of the program, as options hold them."""
        renderer = self._sharing(self._composer.with_context(context))
        renderer.options = msgspec.structs.replace(self.options, context=context)
        return renderer

    def _sharing(self, composer: Composer, **changes: Unpack[OptionFields]) -> Renderer:
        """Return a renderer with another composer, which shares fonts and checks with this one."""
        renderer = copy.copy(self)
        renderer._composer = composer
        renderer.options = options_of(self.options, changes)
        return renderer

    def check(
        self, case: Case | Source | Readable, *, formats: Iterable[str] = ("pdf",)
    ) -> tuple[Diagnostic, ...]:
        """Find everything at once that would stop or trouble a case's letter.

        Args:
            case: A case, or what `load_case` reads one from.
            formats: The formats that are made to see what stops them; none takes less time, and
                does not find what only a set page shows, such as words that are too wide.

        Returns:
            What was found, in the order of the case file; nothing is raised for it.

        Raises:
            LibraryError: A native library that a format needs is missing.
        """
        found: dict[Diagnostic, None] = {}
        with observed("check", self.options, self.pack) as step:
            try:
                case = case if isinstance(case, Case | Source) else read(case)
                for renderer in self.each(case):
                    found |= dict.fromkeys(renderer.examine(case, formats=formats).diagnostics)
            except CaseError as error:
                found |= dict.fromkeys(error.diagnostics)
            step.codes = tuple(dict.fromkeys(each.code for each in found))
        return tuple(in_file_order(found))

    def examine(
        self, case: Case | Source | Readable, *, formats: Iterable[str] = ()
    ) -> Examination:
        """Make a case's letter, past every fault that leaves something to examine.

        Args:
            case: A case, or what `load_case` reads one from.
            formats: The formats that are made to see what stops them.

        Raises:
            CaseError: The case cannot be read, or is not valid.
            LibraryError: A native library that a format needs is missing.
            OptionError: The letter is made once for each recipient, and none is chosen.
        """
        formats = chosen_formats(formats)
        errors: list[CaseError | LimitError | PackError] = []
        # A case that was made in Python may hold anything; one of another pack, other fields.
        if not isinstance(case, Case) or case.source is None or not self._has_model(case):
            case, gaps = self._load(case)
            errors += [gaps] if gaps else []
        if self.is_for_each_recipient and case.recipients:
            raise OptionError.of(
                codes.RECIPIENT_NOT_CHOSEN,
                f"the letter `{self.options.letter}` is made once for each recipient of the case",
                "choose one by its number, as in `recipient=1`; `Renderer.each` makes a renderer "
                "for each",
            )
        # The checks are about cases that are complete.
        findings = () if errors else self._findings(case)
        if any(finding.severity == "error" for finding in findings):
            errors.append(CaseError(findings))
        try:
            recipient = self.options.recipient if self.is_per_recipient else None
            self.pack.admit(case, self.options.letter, recipient)
        except CaseError as error:
            errors.append(error)
            if not self.options.draft:
                return Examination(None, findings, tuple(errors))
        try:
            document = self._composer.compose(case)
        except (CaseError, PackError) as error:
            return Examination(None, findings, (*errors, error))
        faults = list(conformance_faults(document))
        if faults:
            errors.append(self._composer.refusal(faults, document, case))
        letter = Letter(document, case, self.options, self.exporter, findings)
        if self.options.draft:
            found = Examination(letter, findings, tuple(errors)).diagnostics
            letter = Letter(document, case, self.options, self.exporter, found)
        for name in formats:
            try:
                letter.encoded(name)
            except (CaseError, LimitError, PackError) as error:
                errors.append(error)
        return Examination(letter, findings, tuple(errors))

    def trace(self, case: Case, letter: Letter | None = None) -> Origins:
        """Return where each word of a case's letter comes from.

        Args:
            case: A case that the letter's pack admits.
            letter: Its letter, where that is made already.

        Raises:
            CaseError: A narrative cannot be shown in full.
            PackError: A template is at fault.
        """
        return self._composer.trace(case, letter.document if letter else None)

    def coverage(self) -> LetterCoverage:
        """Return what tells which branches of the letter's templates cases take."""
        return self._composer.coverage()

    def cover(self, case: Case, coverage: LetterCoverage) -> frozenset[Way]:
        """Return the ways through the templates that a case's letter takes.

        Args:
            case: A case that the letter's pack admits.
            coverage: That of the letter, for any recipient.

        Raises:
            PackError: A template is at fault.
        """
        return self._composer.cover(case, coverage)

    @property
    def fields(self) -> LetterFields:
        """The fields of the case that the letter's templates read, whatever the case.

        Raises:
            PackError: A template is missing or has a syntax error.
        """
        return self._composer.fields

    def unprinted(self, case: Case | Source | Readable) -> tuple[str, ...]:
        """Return the fields that a case has and the letter never prints, whatever the case.

        Args:
            case: A case, or what `load_case` reads one from.

        Returns:
            Their patterns, such as `issues[].category`, in the order of the model.

        Raises:
            CaseError: The case cannot be read, or is not valid.
            PackError: A template is missing or has a syntax error.
        """
        if not isinstance(case, Case) or not self._has_model(case):
            case = load_case(case, self.pack.model)
        fields = self.fields
        given = {pattern_of(path): None for path in self.pack.model.given(case)}
        return tuple(pattern for pattern in given if not fields.is_printed(pattern))

    def warm(self) -> None:
        """Load what the first PDF would load, its engine above all.

        Raises:
            LibraryError: A library is missing.
            PackError: A font of the pack cannot be loaded.
        """
        self.exporter.pdf_writer()

    @property
    def provenance(self) -> Mapping[str, str]:
        """Versions and the digest of the pack, of which every letter of this renderer is made."""
        return self.provenance_of(())

    def provenance_of(self, formats: Iterable[str]) -> Mapping[str, str]:
        """Return what every letter of some formats comes from.

        Args:
            formats: The names of the formats.
        """
        from imrgen.pipeline.provenance import made_with  # text has none

        versions: dict[str, str] = {}
        for name in formats:
            versions |= find_format(name).versions(self.exporter)
        return made_with(self.pack, self.options, versions)

    def _has_model(self, case: Case) -> bool:
        """Return whether a case has the fields of the pack's cases."""
        return type(case) is self.pack.model.type

    def _load(self, origin: Case | Source | Readable) -> tuple[Case, CaseError | None]:
        if self.options.draft:
            return load_draft(origin, self.pack.model)
        return load_case(origin, self.pack.model), None

    def _findings(self, case: Case) -> tuple[Diagnostic, ...]:
        return tuple(run_checks(Subject(case, self.pack), self.checks)) if self.checks else ()

    def _chosen(self) -> tuple[Check, ...]:
        selections = [manifest.checks for manifest in reversed(self.pack.lineage)]
        own = CheckSelection(select=self.options.select, ignore=self.options.ignore)
        try:
            return choose(self.pack.checks.families, [*selections, own])
        except UnknownNameError as error:
            raise unknown_checks(self.pack) or error from None


def unknown_checks(pack: TemplatePack) -> PackError | None:
    """Return the error for families and checks that manifests name and that do not exist."""
    found: list[Diagnostic] = []
    for layer in pack.layers:
        if layer.manifest is None:
            continue
        for key in ("families", "select", "ignore"):
            for number, name in enumerate(getattr(layer.manifest.checks, key)):
                selection = CheckSelection(select=(name,))
                try:
                    choose([name], []) if key == "families" else choose([], [selection])
                except UnknownNameError as error:
                    (unknown,) = error.diagnostics
                    path: Path = ("checks", key, number)
                    fault = Fault(unknown.code, unknown.message, path, unknown.hints)
                    _, source = read_manifest(layer.files[MANIFEST])
                    found.append(source.diagnose(fault))
    return PackError(found) if found else None


def renderers(
    options: Options, letters: Iterable[str], *, loaded_pack: TemplatePack | None = None
) -> tuple[Renderer, ...]:
    """Prepare a renderer for each of several letters, which share their pack.

    Args:
        options: The options of all; their letter is replaced.
        letters: The letters' names; `all` stands for every letter of the pack.
        loaded_pack: A pack that is loaded already, in place of the options' `pack` and `templates`.

    Raises:
        PackError: No such pack, letter or check, or one of the pack's files is at fault.
    """
    pack = loaded_pack or load_pack(options.pack, options.templates)
    first, *others = pack.letter_names(letters)
    renderer = Renderer(options, loaded_pack=pack, letter=first)
    return (renderer, *(renderer.of_letter(name) for name in others))


def render(
    case: Case | Source | Readable,
    options: Options | None = None,
    /,
    *,
    limits: Limits | None = None,
    **changes: Unpack[OptionFields],
) -> Letter:
    """Make one letter; for more than one, make a `Renderer` or a `LimitedRenderer` once.

    Args:
        case: A path, an open stream, a mapping, or a case.
        options: The options; `None` for the defaults.
        limits: The limits of time and memory; the letter is then made in a worker process.
        **changes: What differs from them, such as `pack="imr"`; see `Options`.

    Raises:
        CaseError: The case is not valid, lacks what the letter requires, or a check found an error.
        LimitError: A limit was reached.
        PackError: No such pack, letter or check, or one of the pack's files is at fault.
    """
    return _renderer(options, limits, changes).render(case)


def check(
    case: Case | Source | Readable,
    options: Options | None = None,
    /,
    *,
    formats: Iterable[str] = ("pdf",),
    limits: Limits | None = None,
    **changes: Unpack[OptionFields],
) -> tuple[Diagnostic, ...]:
    """Find everything at once that would stop or trouble a case's letter; see `Renderer.check`.

    Args:
        case: A path, an open stream, a mapping, or a case.
        options: The options; `None` for the defaults.
        formats: The formats that are made to see what stops them; none takes less time.
        limits: The limits of time and memory; the case is then checked in a worker process.
        **changes: What differs from the options; see `Options`.

    Raises:
        LibraryError: A native library that a format needs is missing.
        PackError: No such pack, letter or check, or one of the pack's files is at fault.
    """
    return _renderer(options, limits, changes).check(case, formats=formats)


def _renderer(
    options: Options | None, limits: Limits | None, changes: OptionFields
) -> Renderer | LimitedRenderer:
    if limits is None:
        return Renderer(options, **changes)
    from imrgen.pipeline.limited import LimitedRenderer  # multiprocessing takes 10 ms to load

    return LimitedRenderer(options, limits=limits, **changes)
