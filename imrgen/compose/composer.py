"""A case and a pack's templates become the HTML document, which is the letter.

The case file's tables stand under their own names in a template, and case data is never template
source.
"""

from __future__ import annotations

import copy
import functools
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from markupsafe import Markup

from imrgen.case import NO_SOURCE, Case, Fault
from imrgen.compose.environment import (
    CONTEXT,
    PACKET,
    PARTS,
    RECIPIENT,
    Host,
    HostTable,
    Sandbox,
    manifest_tables,
)
from imrgen.compose.filters import strict
from imrgen.compose.markdown import to_html
from imrgen.compose.missing import with_gaps
from imrgen.diagnostics import CaseError, Diagnostic, PackError, codes
from imrgen.document import (
    ConformanceFault,
    Document,
    active_faults,
    find_files,
    is_bottomless,
    is_self_contained,
    markup_faults,
    nesting_faults,
    self_contained,
)
from imrgen.pack import TEMPLATE_NAMES, LetterSpec, PackFile, TemplatePack
from imrgen.workers import TimedOut, is_foreign

if TYPE_CHECKING:
    from imrgen.compose.branches import Way
    from imrgen.compose.coverage import LetterCoverage
    from imrgen.compose.template_fields import LetterFields
    from imrgen.compose.tracing import Origin, Origins


class _LostText(Exception):  # noqa: N818 - it never leaves this module
    """Raised for a text that cannot be shown in full as Markdown.

    Args:
        text: The text; it may be a value of the case.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


_NO_HOST = Host()


class Composer:
    """Composes the documents of one letter of a pack, in any thread.

    Templates and the style sheet are prepared once.

    Args:
        pack: The pack.
        letter: The letter's name in the pack.
        draft: Whether what the case lacks is a marked gap, and no error.
        recipient: The number of the recipient whom templates see as `recipient`; 0 for none.
        host: What the program gives to templates besides the case.

    Raises:
        OptionError: A filter or a function of the program cannot be used.
        PackError: No such letter, a template with a syntax error or with names of what no case can
            have, a style sheet or an image that is missing.
    """

    def __init__(
        self,
        pack: TemplatePack,
        letter: str,
        draft: bool = False,
        recipient: int = 0,
        host: Host = _NO_HOST,
    ) -> None:
        self.pack = pack
        self._recipient = recipient
        self._letter = pack.letter(letter)
        self._context = _context_table(host.context)
        self._environment = prepare(pack, self._letter, draft, host)
        self._parts = {name: pack.letter(name) for name in self._letter.letters}
        self._templates = pack.templates(letter)
        self._requires = pack.requires(letter)
        for template in self._templates:
            self._guarded(functools.partial(self._environment.get_template, template))
        self._refuse_impossible()
        self._inlined: dict[str, str] = {}
        sheets = map(pack.require, pack.styles)
        self.css = "\n".join(
            self_contained(sheet.text, sheet.place, self._inline) for sheet in sheets
        )

    def for_recipient(self, number: int) -> Composer:
        """Return a composer of the same letter for a recipient; it shares what was prepared."""
        composer = copy.copy(self)
        composer._recipient = number
        return composer

    def with_context(self, context: str) -> Composer:
        """Return a composer to which the program gives other values; it shares what was prepared.

        Args:
            context: The values, as `imrgen.compose.encode_context` writes them.
        """
        composer = copy.copy(self)
        composer._context = _context_table(context)
        return composer

    def compose(self, case: Case) -> Document:
        """Make the document.

        Raises:
            CaseError: A narrative that cannot be shown in full.
            PackError: A template asks for what the case does not have, refers to a file that cannot
                be a part of the letter, is not well-formed, or is otherwise at fault.
        """
        try:
            markup: str = self._guarded(lambda: self._render(self._environment, case), case)
        except _LostText as lost:
            raise self._markdown_error(lost.text, case) from None
        if is_bottomless(markup):
            raise PackError.of(
                codes.NESTED_TOO_DEEP,
                f"pack `{self.pack.name}`: its templates open thousands of elements",
                "close each one that a loop opens",
            )
        document = Document(markup, self.css)
        files, unusable = find_files(document.tree, self._inline)
        faults = [*active_faults(document.tree), *unusable]
        # What is not closed holds all that follows, however deep.
        faults += [*markup_faults(markup)] or nesting_faults(document.tree)
        if faults:
            raise self.refusal(faults, document, case)
        return Document(markup, self.css, files) if files else document

    def _render(self, environment: Sandbox, case: Case) -> str:
        tables = environment.names(case, self._letter.requires)
        tables[CONTEXT] = self._context
        # A draft may be of a recipient that the case lacks; then there is a gap.
        if 0 < self._recipient <= len(case.recipients):
            tables[RECIPIENT] = case.recipients[self._recipient - 1]
        if self._parts:
            from imrgen.compose.packet import part_of  # few letters are packets

            tables[PACKET] = self._letter
            tables[PARTS] = [
                part_of(
                    name,
                    spec,
                    environment.get_template(spec.file).render(tables, letter=spec),
                    environment,
                    self.pack,
                )
                for name, spec in self._parts.items()
            ]
        return environment.get_template(self._letter.file).render(tables)

    @functools.cached_property
    def fields(self) -> LetterFields:
        """The fields of the case that the letter's templates read, whatever the case.

        Raises:
            PackError: A template is missing or has a syntax error.
        """
        from imrgen.compose.template_fields import letter_fields  # no letter needs it

        found: LetterFields = self._guarded(
            lambda: letter_fields(self.pack.model, self._environment, self._templates)
        )
        return found

    def _refuse_impossible(self) -> None:
        """Refuse templates that ask for what no case can have, whichever branches a case takes.

        Raises:
            PackError: With every such place.
        """
        from imrgen.compose.template_fields import impossible_reads

        found: dict[Diagnostic, None] = {}
        for name in self._templates:
            step = functools.partial(impossible_reads, self.pack, self._environment, name)
            found |= dict.fromkeys(self._guarded(step))
        if found:
            raise PackError(found)

    def refusal(
        self, faults: Iterable[ConformanceFault], document: Document, case: Case
    ) -> CaseError | PackError:
        """Return the error for a document that cannot be issued, each fault where its words are.

        That is the case's field, or the template's line. It is a `CaseError` where every fault is
        in words of the case, else a `PackError`.

        Args:
            faults: What is at fault.
            document: The document.
            case: The case that it was made of.
        """
        try:
            origins = self._trace(document, case)
        except PackError as error:
            return error
        diagnostics: dict[tuple[str, object], Diagnostic] = {}
        more: Counter[tuple[str, object]] = Counter()
        is_of_case = True
        for fault in faults:
            origin = origins.of_fault(fault)
            if origin is None or not origin.paths or fault.redacted:
                is_of_case = False
            alike = (fault.message, origin and (origin.paths or origin.span))
            if alike in diagnostics:
                more[alike] += 1
            else:
                diagnostics[alike] = self._diagnose(fault, origin, origins)
        return (CaseError if is_of_case else PackError)(
            _and_more(diagnostic, more[alike]) for alike, diagnostic in diagnostics.items()
        )

    def _diagnose(
        self, fault: ConformanceFault, origin: Origin | None, origins: Origins
    ) -> Diagnostic:
        if fault.redacted and (origin is None or origin.paths):
            fault = msgspec.structs.replace(fault, message=fault.redacted, hint="")
        if origin is None:
            message = f"pack `{self.pack.name}`: {fault.message}"
            return Diagnostic(fault.code, message, hints=_hints(fault.advice, fault.hint))
        is_of_case = bool(fault.advice and origin.paths)
        is_own = not (is_of_case and self.pack.is_built_in)
        hints = _hints(fault.advice if is_of_case else "", fault.hint if is_own else "")
        return origins.diagnose(fault.code, fault.message, origin, hints, is_own)

    def trace(self, case: Case, document: Document | None = None) -> Origins:
        """Return where each word of a case's document comes from, by rendering it once more.

        Args:
            case: The case.
            document: Its document, where that is made already.

        Raises:
            CaseError: A narrative cannot be shown in full.
            PackError: A template is at fault, or makes another letter each time.
        """
        return self._trace(document or self.compose(case), case)

    def coverage(self) -> LetterCoverage:
        """Return what tells which branches of the letter's templates cases take."""
        from imrgen.compose.branches import BranchRecorder  # no letter needs them
        from imrgen.compose.coverage import LetterCoverage

        recorder = BranchRecorder(self.pack, self._environment)
        return LetterCoverage(recorder, self._templates, self._requires)

    def cover(self, case: Case, coverage: LetterCoverage) -> frozenset[Way]:
        """Return the ways through the templates that a case's letter takes.

        Args:
            case: A case of which the letter can be made.
            coverage: That of the letter, for any recipient.

        Raises:
            PackError: A template is at fault.
        """
        found: frozenset[Way] = self._guarded(
            lambda: coverage.taken(lambda environment: self._render(environment, case)), case
        )
        return found

    def _trace(self, document: Document, case: Case) -> Origins:
        from imrgen.compose.tracing import trace  # it loads for 10 ms, a tenth of a letter's time

        origins = trace(self.pack, self._environment, self._render, case, document)
        if origins is None:
            raise PackError.of(
                codes.TEMPLATE_VARIES,
                "a template makes another letter each time, so its words cannot be traced",
                "use no filter that counts or reads the clock",
            )
        return origins

    def _markdown_error(self, lost: str, case: Case) -> CaseError | PackError:
        """Return the error for a text that Markdown would lose, with all narratives like it."""
        faults = []
        for path, text, field in self.pack.model.walk(case):
            if isinstance(text, str) and (field.kind == "narrative" or text == lost):
                try:
                    to_html(text)
                except Fault as fault:
                    fault.path = path
                    faults.append(fault)
        if faults:
            return (case.source or NO_SOURCE).error(faults, CaseError)
        notices = self.pack.merged("notices")
        name = next((name for name in notices if notices[name] == lost), None)
        subject = f"notice `{name}`" if name else "a text that a template shows as Markdown"
        return PackError.of(
            codes.NOTICE_LOST, f"pack `{self.pack.name}`: {subject} cannot be shown in full"
        )

    def _inline(self, name: str) -> str:
        """Return a file of the pack as a `data:` URL; check what is such a URL already."""
        import base64  # few letters as text have images

        if name.startswith("data:"):
            try:
                content = base64.b64decode(name.partition(",")[2])
            except ValueError:
                content = b""
            place = "the image in a `data:` URL"
            _checked_image(PackFile(place, content), place)
            return name
        if name not in self._inlined:
            file = self.pack.require(name)
            media_type, content = _checked_image(file, f"pack `{self.pack.name}`: `{name}`")
            encoded = base64.b64encode(content).decode()
            self._inlined[name] = f"data:{media_type};base64,{encoded}"
        return self._inlined[name]

    def _guarded(self, step: Callable[[], Any], case: Case | None = None) -> Any:
        """Run a step of Jinja; turn what it raises into a diagnostic at the template's line."""
        try:
            return step()
        except (_LostText, PackError):
            raise
        except (Exception, TimedOut) as fault:
            if is_foreign(fault):
                raise
            from imrgen.compose.template_errors import template_error  # for a fault only

            raise template_error(fault, self.pack, self._environment, case) from None


def _hints(*hints: str) -> tuple[str, ...]:
    return tuple(filter(None, hints))


def _and_more(diagnostic: Diagnostic, count: int) -> Diagnostic:
    """Return a diagnostic that stands for others of the same field or template line, too."""
    if not count:
        return diagnostic
    message = f"{diagnostic.message} (and {count} more like it)"
    return msgspec.structs.replace(diagnostic, message=message)


def prepare(
    pack: TemplatePack, letter: LetterSpec, draft: bool = False, host: Host = _NO_HOST
) -> Sandbox:
    """Return the environment of a letter's templates, with the names that they see.

    Raises:
        OptionError: A filter or a function of the program cannot be used.
    """
    environment = Sandbox(pack, draft)
    environment.filters["markdown"] = strict("markdown", _markdown_filter)
    if host.filters or host.functions:
        from imrgen.compose.host import import_functions  # few programs bring their own

        names = {*environment.globals, *pack.model.root.fields, *TEMPLATE_NAMES}
        functions = import_functions(host.functions, "function", names)
        environment.filters |= import_functions(host.filters, "filter", environment.filters)
        environment.globals |= functions
    if draft:
        filters = environment.filters
        filters |= {name: with_gaps(function) for name, function in filters.items()}
    environment.globals |= {
        "letter": letter,
        "language": pack.language,
        "outcomes": {name: outcome.words for name, outcome in pack.outcomes.items()},
        "priorities": pack.merged("priorities"),
        "notices": pack.merged("notices"),
        **manifest_tables(pack),
    }
    return environment


def _context_table(context: str) -> HostTable:
    if not context:
        return HostTable(CONTEXT, {})
    from imrgen.compose.host import context_table  # few letters have one

    return context_table(context)


def _markdown_filter(text: str, lead: str = "") -> Markup:
    try:
        return to_html(text, lead)
    except Fault:
        raise _LostText(text) from None


def _checked_image(file: PackFile, name: str) -> tuple[str, bytes]:
    """Return an image's media type and content; refuse one that not every format can show."""
    from imrgen.pack import image_type  # few letters as text have images

    media_type = image_type(file, name)
    if media_type != "image/svg+xml":
        return media_type, file.content
    content = file.text.encode()
    if not is_self_contained(content):
        raise PackError.of(
            codes.IMAGE_UNUSABLE,
            f"{name} is not an SVG that browsers show by itself",
            "make what it refers to part of it, and give it its xmlns",
        )
    return media_type, content
