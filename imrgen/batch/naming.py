"""The names of a batch's files: `{case.number}-{letter}.{format}`.

A name may come from case data, so it is refused if it could leave the folder, or mean two files on
one system and one on another. Of a case's data only the numbers that identify the matter may be in
it, never a person's data: file names appear in logs, in errors and in the manifest.
"""

import re
import string
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath

import msgspec

from imrgen.case import CORE, Case, Fault, Field, Model, Source
from imrgen.diagnostics import CaseError, FileNameError, codes, nearest
from imrgen.export import find_format, format_of
from imrgen.pipeline import Options

DEFAULT_PATTERN = "{case.number}-{letter}.{format}"
"""The pattern if none is given; a case without a number is then called after its source."""
_ABOUT_LETTER = ("letter", "source", "format")
"""The fields of a pattern that are not the case's."""


def name_fields(model: Model[Case]) -> tuple[str, ...]:
    """Return what may stand between braces; `source` is the case file's name without its suffix.

    Args:
        model: The fields of a case. Those that may be in a name identify the matter, or are texts
            and choices that a pack has declared and not made confidential.
    """
    fields = [(pattern, field) for pattern, field in model.patterns() if _may_name(pattern, field)]
    fields.sort(key=lambda each: each[1].kind != "identifier")
    return (*(pattern for pattern, _ in fields), *_ABOUT_LETTER)


def _may_name(pattern: str, field: Field) -> bool:
    if "[]" in pattern or field.is_part or field.item is not None or field.types != (str,):
        return False
    if CORE.find(pattern) is not None:
        return field.kind == "identifier" or pattern == "case.priority"
    return field.kind == "identifier" or (
        field.kind in ("text", "code", "choice") and not field.confidential
    )


PATTERN_FIELDS = name_fields(CORE)
"""What may stand between braces for a pack that declares no fields."""

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff]|^[.\s]|[.\s]$')
_FORBIDDEN_CATEGORIES = ("Cc", "Cf", "Co", "Cn")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_MAX_BYTES = 200


class NamePattern(msgspec.Struct, frozen=True):
    """A valid pattern of file names.

    Args:
        text: The pattern.
        parts: The literal texts, each with the field behind it.
        formats: The formats of each letter.
    """

    text: str
    parts: tuple[tuple[str, str | None], ...]
    formats: tuple[str, ...]

    @property
    def fields(self) -> list[str]:
        """The fields in it."""
        return [field for _, field in self.parts if field]

    def file_names(self, source: Source, options: Options, stem: str) -> dict[str, str]:
        """Return the names of a letter's files by format.

        Args:
            source: The case file.
            options: The options of the letter, which name it and mark the name of a draft.
            stem: What stands for the field `source`.

        Raises:
            CaseError: The case lacks a field of the pattern, or a name is not allowed.
        """
        values = {field: _value(source.data, field.split(".")) for field in self.fields}
        values |= {"letter": options.label, "source": stem}
        if self.text == DEFAULT_PATTERN and values.get("case.number") is None:
            values["case.number"] = stem
        for field in self.fields:
            value = values.get(field)
            if field != "format" and not (isinstance(value, str) and value):
                fault = Fault(
                    codes.BAD_FILE_NAME,
                    "the file's name needs this field, which is missing or not a text",
                    tuple(field.split(".")),
                    ("add it, or choose another --name",),
                )
                raise CaseError([source.diagnose(fault)])
        names = {}
        for format_ in self.formats:
            values["format"] = find_format(format_).suffix.removeprefix(".")
            name = self._fill(values)
            reason = _refusal(name)
            stem, dot, suffix = name.rpartition(".")
            names[format_] = options.file_name(stem or suffix, dot and dot + suffix)
            if reason:
                fields = [f"`{field}`" for field in self.fields if field not in _ABOUT_LETTER]
                raise CaseError.of(
                    codes.BAD_FILE_NAME,
                    f"the letter's file name {reason}",
                    f"correct {', '.join(fields) or 'it'}, or choose another --name",
                )
        return names

    def _fill(self, values: Mapping[str, object]) -> str:
        return "".join(
            f"{literal}{values[field]}" if field else literal for literal, field in self.parts
        )


def _value(data: object, keys: Iterable[str]) -> object:
    """Return the value under some keys of raw data, `None` for none."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def parse_pattern(
    text: str, formats: tuple[str, ...], model: Model[Case] = CORE, *, several: bool
) -> NamePattern:
    """Parse a pattern.

    Args:
        text: The pattern.
        formats: The formats of each letter.
        model: The fields of the cases.
        several: Whether several letters are made of a case.

    Raises:
        FileNameError: The pattern has an unknown field, leaves the folder, or does not distinguish
            the formats or the letters.
    """
    try:
        pieces = list(string.Formatter().parse(text))
    except ValueError:
        raise _invalid(f"the pattern `{text}` has an unmatched brace") from None
    fields = name_fields(model)
    if text == DEFAULT_PATTERN:
        fields += ("case.number",)  # a pack may have none; then there is the source
    for _, field, spec, conversion in pieces:
        if field is not None and (field not in fields or spec or conversion):
            known = f"the fields are: {', '.join(f'{{{each}}}' for each in fields)}"
            raise _invalid(
                f"the pattern `{text}` has the unknown field `{{{field}}}`",
                *nearest(field, fields),
                known,
            )
    parts = tuple((literal, field) for literal, field, _, _ in pieces)
    pattern = NamePattern(text, parts, formats)
    if len(formats) > 1 and "format" not in pattern.fields:
        raise _invalid(f"the pattern `{text}` gives all formats one name", "end it in .{format}")
    if several and "letter" not in pattern.fields:
        hint = f"put {{letter}} into it, as in `{DEFAULT_PATTERN}`"
        raise _invalid(f"the pattern `{text}` gives all letters of a case one name", hint)
    suffix = format_of(FilePath(pattern._fill(dict.fromkeys(fields, "x"))))
    other = next((name for name in formats if suffix and name != suffix.name), None)
    if suffix and other:
        message = f"the pattern `{text}` ends like {suffix.name}, but -f is {other}"
        raise _invalid(message, "end it in .{format}")
    reason = _refusal(pattern._fill(dict.fromkeys(fields, "x")))
    if reason:
        raise _invalid(f"the pattern `{text}` {reason}")
    return pattern


def canonical_name(name: str) -> str:
    """Return a form that is equal for names that some file system takes for the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", name).casefold())


def _refusal(name: str) -> str | None:
    """Return why a name is not allowed for a file."""
    if _FORBIDDEN.search(name) or any(
        unicodedata.category(character) in _FORBIDDEN_CATEGORIES for character in name
    ):
        return (
            "contains a character that file names should not, such as a slash, or begins or ends "
            "in a dot or a space"
        )
    if _DEVICE.match(name) or canonical_name(name) == "manifest.jsonl":
        return "is reserved"
    if len(name.encode()) > _MAX_BYTES:
        return f"is longer than {_MAX_BYTES} bytes"
    return None


def _invalid(message: str, *hints: str) -> FileNameError:
    return FileNameError.of(codes.BAD_NAME_PATTERN, message, *hints)
