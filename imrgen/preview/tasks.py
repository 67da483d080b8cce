"""What the server sends to its worker processes, and what they send back."""

from pathlib import Path
from typing import Any, Literal

import msgspec

from imrgen.diagnostics import Diagnostic
from imrgen.pack import Stamp
from imrgen.pipeline import Options
from imrgen.preview.form import Change

View = Literal["html", "text", "pdf", "mark", "provenance", "inspect", "inspect-pages", "branches"]
"""What a page can show of a letter; `mark` is its diagnostics alone."""


class LetterRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A letter to be made.

    Args:
        case: The case file.
        options: The options of the letter.
        draft: The case file's unsaved text, which replaces the file's own.
    """

    case: Path
    options: Options
    draft: str | None = None

    @property
    def templates(self) -> tuple[Path, ...]:
        """The folders in front of the built-in packs."""
        return tuple(map(Path, self.options.templates))


class ShowLetter(msgspec.Struct, frozen=True):
    """A task: show a letter."""

    request: LetterRequest
    view: View


class CompareLetters(msgspec.Struct, frozen=True):
    """A task: compare two letters, word by word, and page by page if `with_pages`."""

    before: LetterRequest
    after: LetterRequest
    with_pages: bool


class DrawPage(msgspec.Struct, frozen=True):
    """A task: draw a page of a PDF.

    Args:
        pdf: The file.
        page: The page's number, from 0.
        scale: Pixels per point.
    """

    pdf: bytes
    page: int
    scale: float


class ShowForm(msgspec.Struct, frozen=True):
    """A task: describe the form of a draft, once a change has been made.

    Args:
        request: The letter of the draft.
        change: The change, `None` for none.
    """

    request: LetterRequest
    change: Change | None = None


class HighlightText(msgspec.Struct, frozen=True):
    """A task: split a text into lines of tokens.

    Args:
        text: The text.
        kind: Its language.
    """

    text: str
    kind: Literal["toml", "json"]


Task = ShowLetter | CompareLetters | DrawPage | ShowForm | HighlightText


class PreviewResult(msgspec.Struct, kw_only=True):
    """What a worker returns for a task.

    Args:
        content: What the task asks for, by name; empty if no letter could be made.
        diagnostics: The errors and warnings of the letter.
        stamps: Every file that was looked for, with its state before it was read.
        timings: Milliseconds by step.
    """

    content: dict[str, Any] = {}
    diagnostics: tuple[Diagnostic, ...] = ()
    stamps: dict[Path, Stamp | None] = {}
    timings: dict[str, float] = {}
