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

from imrgen.case import Case, Fault, Source, report
from imrgen.compose.environment import Sandbox
from imrgen.compose.markdown import Markdown
from imrgen.diagnostics import CaseError, Diagnostic, MarkupError, PackError, codes
from imrgen.document import Document
from imrgen.pack import TemplatePack, image_type
from imrgen.workers import TimedOut

if TYPE_CHECKING:
    from imrgen.compose.tracing import Origins

_URL = re.compile(r"""url\(\s*(["']?)(?![a-z]+:|#)([^"')]+)\1\s*\)""")
_SRC = re.compile(r"""(<img\b[^>]*?\ssrc=")(?![a-z]+:)([^"]*)(")""")


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
        tables = {
            name: value
            for name in Case.__struct_fields__
            if (value := getattr(case, name)) is not None
        }
        try:
            markup = self._guarded(lambda: self._template.render(tables), case)
        except MarkupError:
            raise self._refuse_narratives(case) from None
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

    def faces(self, address: Callable[[str], str] | None = None) -> str:
        """Give the `@font-face` rules of the pack's fonts.

        Args:
            address: Gives a font file's URL; without it the font itself is inlined.
        """
        rule = (
            '@font-face {{ font-family: "{}"; font-weight: {}; font-style: {}; '
            'font-display: swap; src: url("{}"); }}\n'
        )
        address = address or self._inline
        return "".join(
            rule.format(f.family, f.weight, f.style, address(f.file)) for f in self.pack.fonts
        )

    def _images(self, markup: str) -> list[tuple[int, int, str]]:
        """Give what stands for each image's name: start, end, the image itself; the last first."""
        found = [(*m.span(2), self._inline(html.unescape(m[2]))) for m in _SRC.finditer(markup)]
        return found[::-1]

    def _narrative(self, text: str, lead: str = "") -> Markup:
        return self._markdown.html(text, lead)

    def _style(self, name: str) -> str:
        css = self.pack.read(name).decode()
        return _URL.sub(lambda m: f'url("{self._inline(m[2])}")', css)

    @functools.cache  # noqa: B019 - a composer lives as long as its pack
    def _inline(self, name: str) -> str:
        content = self.pack.read(name)
        kind = (
            "font/ttf"
            if name.endswith((".ttf", ".otf"))
            else image_type(content, f"pack `{self.pack.name}`: `{name}`")
        )
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"

    def _refuse_narratives(self, case: Case) -> Exception:
        faults = []
        for path, text in narratives(case):
            try:
                self._markdown.html(text)
            except MarkupError as fault:
                faults.append(
                    Fault(
                        codes.NARRATIVE_LOST,
                        str(fault),
                        path,
                        ("write it on fewer levels, or as plain paragraphs",),
                    )
                )
        if not faults:
            return PackError(
                [
                    Diagnostic(
                        codes.NOTICE_LOST,
                        f"a notice of pack `{self.pack.name}` cannot be shown in full",
                    )
                ]
            )
        return report(case.source or Source("<case>", "", "mapping", {}), faults, CaseError)

    def _guarded(self, step: Callable[[], Any], case: Case | None = None) -> Any:
        """Run a step of Jinja and turn what it raises into a diagnostic at the template's line and column."""
        try:
            return step()
        except (MarkupError, PackError):
            raise
        except (Exception, TimedOut) as fault:
            from imrgen.compose.template_errors import Blame

            raise Blame(self.pack, self._environment).error(fault, case) from None


def narratives(case: Case) -> list[tuple[tuple[str | int, ...], str]]:
    """List a case's Markdown fields with their paths."""
    found: list[tuple[tuple[str | int, ...], str | None]] = [
        (("clinical_summary",), case.clinical_summary)
    ]
    found += [
        (("issues", number, "rationale"), issue.rationale)
        for number, issue in enumerate(case.issues)
    ]
    return [(path, text) for path, text in found if text is not None]
