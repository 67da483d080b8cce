"""What a batch's files are called: `{case.number}-{letter}.{format}`.

A name may come from case data, so it is refused wherever it could leave the folder, or mean two
files on one system and one on another. Of a case only what identifies the matter may stand in it,
never a person's data: names of files are told in logs, in errors and in the manifest.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec

from imrgen.diagnostics import CaseError, Diagnostic, FileNameError, codes, nearest
from imrgen.export import find_format

DEFAULT = "{case.number}-{letter}.{format}"
FIELDS = (
    "case.number",
    "case.claim_number",
    "case.eams_number",
    "case.priority",
    "letter",
    "source",
    "format",
)
"""What may stand between braces; `source` is the case file's name without its suffix."""

_UNFIT = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff]|^[.\s]|[.\s]$')
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_MARKS = ("Cc", "Cf", "Co", "Cn")
_LONGEST = 200


class Pattern(msgspec.Struct, frozen=True):
    """A pattern of file names that has been looked at.

    Args:
        text: The pattern.
        parts: The literal texts, each with the field behind it.
    """

    text: str
    parts: tuple[tuple[str, str | None], ...]

    def asks(self, field: str) -> bool:
        """Tell whether a field stands in it."""
        return any(each == field for _, each in self.parts)

    def stem(self, tables: Mapping[str, Any], letter: str, source: str) -> str:
        """Give a case's file name, in which only `{format}` is still open.

        Args:
            tables: The case's data, as a file gives it.
            letter: The letter's name.
            source: What the case file is called.

        Raises:
            CaseError: The case lacks a field that its name asks for, or the name is not fit for a
                file.
        """
        header = tables.get("case")
        values: dict[str, Any] = {"letter": letter, "source": source, "format": "\0"}
        if isinstance(header, Mapping):
            values |= {f"case.{name}": value for name, value in header.items()}
        name = ""
        for literal, field in self.parts:
            value = values.get(field) if field else ""
            if not isinstance(value, str) or (field and not value):
                path = tuple((field or "").split("."))
                message = "the file's name asks for this field, which is missing or no text"
                hint = "add it, or choose another --name"
                raise CaseError(
                    [Diagnostic(codes.BAD_FILE_NAME, message, path=path, hints=(hint,))]
                )
            name += literal + value
        written = name.replace("\0", "html")
        reason = _unfit(written)
        if reason:
            fields = (
                ", ".join(
                    f"`{field}`" for _, field in self.parts if field and field.startswith("case.")
                )
                or "it"
            )
            hint = f"mend {fields}, or choose another --name"
            raise CaseError(
                [Diagnostic(codes.BAD_FILE_NAME, f"the letter's file name {reason}", hints=(hint,))]
            )
        return name


def parse_pattern(text: str, formats: tuple[str, ...]) -> Pattern:
    """Read a pattern.

    Args:
        text: The pattern.
        formats: The formats that will be made.

    Raises:
        FileNameError: It names what there is not, leaves the folder, or gives two formats one name.
    """
    try:
        pieces = list(string.Formatter().parse(text))
    except ValueError:
        raise _refuse(f"the pattern `{text}` has a brace without its partner") from None
    for _, field, spec, conversion in pieces:
        if field is not None and (field not in FIELDS or spec or conversion):
            known = f"it may hold {', '.join(f'{{{each}}}' for each in FIELDS)}"
            raise _refuse(
                f"the pattern `{text}` asks for `{{{field}}}`", *nearest(field, FIELDS), known
            )
    pattern = Pattern(text, tuple((literal, field) for literal, field, _, _ in pieces))
    if len(formats) > 1 and not pattern.asks("format"):
        raise _refuse(f"the pattern `{text}` gives all formats one name", "end it in .{format}")
    reason = _unfit("".join(literal + ("x" if field else "") for literal, field in pattern.parts))
    if reason:
        raise _refuse(f"the pattern `{text}` {reason}")
    return pattern


def fill(stem: str, format_: str) -> str:
    """Give the file name of a format."""
    return stem.replace("\0", find_format(format_).suffix.removeprefix("."))


def fold(name: str) -> str:
    """Give what two names have in common that some file system takes for the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", name).casefold())


def _unfit(name: str) -> str | None:
    if _UNFIT.search(name) or any(unicodedata.category(character) in _MARKS for character in name):
        return "holds a character that no file name should, such as a slash, or begins or ends in a dot or a space"
    if _DEVICE.match(name) or fold(name) == "manifest.jsonl":
        return "is one that stands for something else"
    if len(name.encode()) > _LONGEST:
        return f"is longer than {_LONGEST} bytes"
    return None


def _refuse(message: str, *hints: str) -> FileNameError:
    return FileNameError([Diagnostic(codes.BAD_NAME_PATTERN, message, hints=hints)])
