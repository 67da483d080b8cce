"""A case and a pack's templates become the HTML document, which is the letter.

The case file's tables stand under their own names in a template, and case data is never template
source.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from imrgen.case import NO_SOURCE, Case, Fault, report
from imrgen.compose.environment import Sandbox
from imrgen.compose.markdown import Markdown
from imrgen.diagnostics import CaseError, Diagnostic, PackError, codes
from imrgen.document import (
    ConformanceFault,
    Document,
    find_files,
    is_self_contained,
    self_contained,
)
from imrgen.pack import TemplatePack, image_type
from imrgen.workers import TimedOut

if TYPE_CHECKING:
    from imrgen.compose.tracing import Origins


class _LostText(Exception):  # noqa: N818 - it never leaves this module
    """A text cannot be shown in full as Markdown.

    Args:
        text: The text; it may be a value of the case.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Composer:
    """Composes the documents of one letter of a pack, in any thread.

    Templates, the style sheet and the Markdown parser are prepared once.

    Args:
        pack: The pack.
        letter: The letter's name in the pack.

    Raises:
        PackError: No such letter, a template with a syntax error, a style sheet or an image that is
            missing.
    """

    def __init__(self, pack: TemplatePack, letter: str) -> None:
        self.pack, self.letter = pack, letter
        self._spec = pack.letter(letter)
        self._inline = functools.cache(self._data_url)
        self._markdown = Markdown()
        self._environment = Sandbox(pack)
        self._environment.filters["markdown"] = self._narrative
        self._environment.globals = {
            "letter": self._spec,
            "decisions": pack.merged("decisions"),
            "priorities": pack.merged("priorities"),
            "notices": pack.merged("notices"),
            "letterhead": pack.merged("letterhead"),
        }
        self._template = self._guarded(lambda: self._environment.get_template(self._spec.template))
        self.css = "\n".join(self._style(name) for name in pack.styles)

    def compose(self, case: Case) -> Document:
        """Make the document.

        Raises:
            CaseError: A narrative that cannot be shown in full.
            PackError: A template asks for what the case does not have, refers to a file that cannot
                be a part of the letter, or is otherwise at fault.
        """
        document = Document(self._markup(case), self.css)
        files, faults = find_files(document.tree, self._inline)
        if faults:
            raise PackError(self._traced_files(faults, document, case))
        return Document(document.markup, self.css, files) if files else document

    def _markup(self, case: Case) -> str:
        tables = self.pack.model.tables(case)
        try:
            markup: str = self._guarded(lambda: self._template.render(tables), case)
        except _LostText as lost:
            raise self._refuse(lost.text, case) from None
        return markup

    def trace(self, case: Case) -> Origins:
        """Trace each word of a case's document to where it comes from, by rendering it once more.

        Args:
            case: The case.

        Raises:
            CaseError: A narrative that cannot be shown in full.
            PackError: A template is at fault, or gives another letter each time.
        """
        return self._trace(self.compose(case), case)

    def _trace(self, document: Document, case: Case) -> Origins:
        from imrgen.compose.tracing import trace

        origins = trace(self.pack, self._environment, self._spec.template, case, document)
        if origins is None:
            message = (
                "a template gives another letter each time, so that its words cannot be traced"
            )
            raise PackError(
                [
                    Diagnostic(
                        codes.TEMPLATE_VARIES, message, hints=("use no filter such as `random`",)
                    )
                ]
            )
        return origins

    def _traced_files(
        self, faults: list[ConformanceFault], document: Document, case: Case
    ) -> list[Diagnostic]:
        """Trace what refers to files that cannot be used to its place in a template."""
        origins = self._trace(document, case)
        found = []
        for fault in faults:
            assert fault.element is not None
            origin = origins.in_element(fault.element)
            if origin is None:
                message = f"pack `{self.pack.name}`: {fault.message}"
                found.append(Diagnostic(fault.code, message, hints=(fault.hint,)))
            elif origin.paths:
                # The file's name, which the message may hold, is a value of the case.
                message = "a file cannot be part of the letter"
                found.append(origins.diagnose(fault.code, message, origin))
            else:
                hints = (fault.hint,) if fault.hint else ()
                found.append(origins.diagnose(fault.code, fault.message, origin, hints=hints))
        return found

    def _narrative(self, text: str, lead: str = "") -> Markup:
        try:
            return self._markdown.html(text, lead)
        except Fault:
            raise _LostText(text) from None

    def _style(self, name: str) -> str:
        return self_contained(self.pack.require(name).text, name, self._inline)

    def _data_url(self, name: str) -> str:
        """Return a file of the pack as a `data:` URL, or such a URL once it has been checked."""
        if name.startswith("data:"):
            try:
                content = base64.b64decode(name.partition(",")[2])
            except ValueError:
                content = b""
            self._image_type(content, "the image in a `data:` URL")
            return name
        content = self.pack.read(name)
        kind = self._image_type(content, f"pack `{self.pack.name}`: `{name}`")
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"

    def _image_type(self, content: bytes, name: str) -> str:
        kind = image_type(content, name)
        if kind == "image/svg+xml" and not is_self_contained(content):
            hints = ("make what it refers to part of it, and give it its xmlns",)
            message = f"{name} is not an SVG that browsers show by itself"
            raise PackError([Diagnostic(codes.IMAGE_UNUSABLE, message, hints=hints)])
        return kind

    def _refuse(self, lost: str, case: Case) -> Exception:
        """Return the error for a text shown as Markdown, and for all narratives like it."""
        faults = []
        for path, text, field in self.pack.model.walk(case):
            if isinstance(text, str) and (field.kind == "narrative" or text == lost):
                try:
                    self._markdown.html(text)
                except Fault as fault:
                    faults.append(Fault(fault.code, fault.message, path, fault.hints))
        if not faults:
            notices = self.pack.merged("notices").items()
            name = next((name for name, text in notices if text == lost), None)
            what = f"notice `{name}`" if name else "a text that a template shows as Markdown"
            message = f"pack `{self.pack.name}`: {what} cannot be shown in full"
            return PackError([Diagnostic(codes.NOTICE_LOST, message)])
        return report(case.source or NO_SOURCE, faults, CaseError)

    def _guarded(self, step: Callable[[], Any], case: Case | None = None) -> Any:
        """Run a step of Jinja; turn what it raises into a diagnostic at the template's line."""
        try:
            return step()
        except (_LostText, PackError):
            raise
        except (Exception, TimedOut) as fault:
            from imrgen.compose.template_errors import Blame

            raise Blame(self.pack, self._environment).error(fault, case) from None
