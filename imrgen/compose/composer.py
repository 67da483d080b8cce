"""A case and a pack's templates become the HTML document, which is the letter.

The case file's tables stand under their own names in a template, and case data is never template
source.
"""

from __future__ import annotations

import base64
import functools
import html
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from imrgen.case import NO_SOURCE, Case, Fault, report
from imrgen.compose.environment import Sandbox
from imrgen.compose.markdown import Markdown
from imrgen.diagnostics import CaseError, Diagnostic, PackError, codes
from imrgen.document import Document
from imrgen.pack import TemplatePack, image_type

if TYPE_CHECKING:
    from imrgen.compose.tracing import Origins

_URL = re.compile(r"""url\(\s*(["']?)(?![a-z]+:|#)([^"')]+)\1\s*\)""")
_SRC = re.compile(r"""(<img\b[^>]*?\ssrc=")(?![a-z]+:)([^"]*)(")""")


class _LostText(Exception):  # noqa: N818 - it never leaves this module
    """A text cannot be shown in full as Markdown.

    Args:
        text: The text; it may be a value of the case.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Composer:
    """Prepared once: compiled templates, the style sheet, the Markdown parser. May be used from any thread.

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
            PackError: A template asks for what the case does not have, or is otherwise at fault.
        """
        tables = self.pack.model.tables(case)
        try:
            markup = self._guarded(lambda: self._template.render(tables), case)
        except _LostText as lost:
            raise self._refuse(lost.text, case) from None
        if "<img" in markup:
            markup = _SRC.sub(lambda m: f"{m[1]}{self._inline(html.unescape(m[2]))}{m[3]}", markup)
        return Document(markup, self.css)

    def trace(self, case: Case) -> Origins:
        """Say where each word of a case's document comes from, by rendering it once more.

        Args:
            case: The case.

        Raises:
            CaseError: A narrative that cannot be shown in full.
            PackError: A template is at fault, or gives another letter each time.
        """
        from imrgen.compose.tracing import trace

        document = self.compose(case)
        origins = trace(self.pack, self._environment, self._spec.template, case, self._images)
        if origins.markup != document.markup:
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

    def _images(self, markup: str) -> list[tuple[int, int, str]]:
        """Give what stands for each image's name: start, end, the image itself; the last first."""
        found = [(*m.span(2), self._inline(html.unescape(m[2]))) for m in _SRC.finditer(markup)]
        return found[::-1]

    def _narrative(self, text: str, lead: str = "") -> Markup:
        try:
            return self._markdown.html(text, lead)
        except Fault:
            raise _LostText(text) from None

    def _style(self, name: str) -> str:
        css = self.pack.require(name).text
        return _URL.sub(lambda m: f'url("{self._inline(m[2])}")', css)

    @functools.cache  # noqa: B019 - a composer lives as long as its pack
    def _inline(self, name: str) -> str:
        content = self.pack.read(name)
        kind = image_type(content, f"pack `{self.pack.name}`: `{name}`")
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"

    def _refuse(self, lost: str, case: Case) -> Exception:
        """Return the error for a text that a template shows as Markdown, and for all narratives like it."""
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
        """Run a step of Jinja and turn what it raises into a diagnostic at the template's line and column."""
        try:
            return step()
        except (_LostText, PackError, MemoryError):
            raise
        except Exception as fault:
            from imrgen.compose.template_errors import Blame

            raise Blame(self.pack, self._environment).error(fault, case) from None
