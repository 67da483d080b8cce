"""Recognizes files that are no case files, by their content, and says what to do with them."""

from __future__ import annotations

import itertools
import json
import re

from imrgen.case.text import wide_encoding
from imrgen.diagnostics import Diagnostic, codes

_TYPE_IT = "write a case file: `imrgen new case.toml` makes one to begin with"
_SPREADSHEET = "save it as CSV, and make JSON Lines of that: see docs/spreadsheets.md"
_TABLE = "make JSON Lines of it: see docs/spreadsheets.md"
_COPY = "copy its text into a case file: `imrgen new case.toml` makes one to begin with"
_BATCH = "`imrgen batch` makes the letters of all its cases"

_BINARY = ("not a text file", _TYPE_IT)
_YAML = ("YAML", "write key = value below [table] headers, as `imrgen new case.toml` does")
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "a PDF", "name the case file that it was made of, or `imrgen extract` it"),
    (b"{\\rtf", "a Word document (RTF)", _COPY),
    (b"\x89PNG\r\n", "an image", _TYPE_IT),
    (b"\xff\xd8\xff", "an image", _TYPE_IT),
    (b"GIF8", "an image", _TYPE_IT),
    (b"II*\x00", "an image", _TYPE_IT),
    (b"MM\x00*", "an image", _TYPE_IT),
    (b"\x1f\x8b", "a compressed file (gzip)", "unpack it first"),
    (b"7z\xbc\xaf", "a compressed file (7-Zip)", "unpack it first"),
    (b"Rar!", "a compressed file (RAR)", "unpack it first"),
    (b"\xfd7zXZ", "a compressed file (xz)", "unpack it first"),
    (b"BZh", "a compressed file (bzip2)", "unpack it first"),
    (b"SQLite format 3\x00", "a database", _TYPE_IT),
)
# What the first bytes of a ZIP file or of an OLE file do not tell.
_ZIP: tuple[tuple[bytes, str, str], ...] = (
    (b"xl/", "an Excel workbook", _SPREADSHEET),
    (b"word/", "a Word document", _COPY),
    (b"ppt/", "a PowerPoint file", _COPY),
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet", _SPREADSHEET),
    (b"opendocument.text", "an OpenDocument text", _COPY),
    (b"", "a ZIP file", "unpack it first, and name the files in it"),
)
_OLE: tuple[tuple[bytes, str, str], ...] = (
    ("Workbook".encode("utf-16-le"), "an Excel workbook", _SPREADSHEET),
    ("WordDocument".encode("utf-16-le"), "a Word document", _COPY),
    (b"", "a file of Microsoft Office", _COPY),
)
_ASSIGNMENT = re.compile(
    r"^[ \t]*[\w.\"'-]+[ \t]*=|^[ \t]*\[{1,2}[\w. -]+\]{1,2}[ \t]*(?:#.*)?$", re.M
)
_ENTRY = re.compile(r"^[ \t]*(?:- )?[A-Za-z][\w -]*:(?:[ \t]|$)", re.M)
_YAML_LINE = re.compile(r"[ \t]|#|- |(?:---|\.\.\.|%YAML [\d.]+)\s*$|[A-Za-z][\w -]*:(?:[ \t]|$)")
_WEB_PAGE = re.compile(r"<(?:!doctype html|html|head|body|div|p|table|span|h\d)\b")
_CONTROL = re.compile(rb"[\0-\x08\x0E-\x1F]")
_MEMBER = re.compile(r"""\s*"[^"\n]+"\s*:\s*["\[{]""")
_JSON = re.compile(r"""\{\s*(?:["'}]|//|/\*|\w+\s*:)""")


def recognize(content: bytes | str, name: str) -> Diagnostic | None:
    """Say what a file is that is no case file.

    Args:
        content: Its bytes or its text, which could not be read as a case.
        name: Its name.

    Returns:
        The diagnostic, `None` for a file that seems to be meant as a case file.
    """
    if isinstance(content, bytes):
        found = _of_bytes(content)
        if found is None and _is_binary(content) and not wide_encoding(content):
            found = _BINARY
    else:
        found = _of_text(content)
    if found is None:
        return None
    what, hint = found
    message = f"{name} is {what}; a case file is TOML or JSON"
    return Diagnostic(codes.NO_CASE_FILE, message, hints=(hint,))


def is_toml(text: str) -> bool:
    """Return whether a text seems to be TOML."""
    return not text.lstrip().startswith("{") and bool(_ASSIGNMENT.search(text))


def is_json(text: str) -> bool:
    """Return whether a text seems to be a JSON object."""
    return bool(_JSON.match(text.lstrip()))


def _is_binary(content: bytes) -> bool:
    """Return whether too many of the first bytes are control characters for a text."""
    sample = content[:1000]
    return 50 * len(_CONTROL.findall(sample)) > len(sample)


def _of_bytes(content: bytes) -> tuple[str, str] | None:
    if content.startswith(b"PK\x03\x04"):
        return next((what, hint) for mark, what, hint in _ZIP if mark in content)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return next((what, hint) for mark, what, hint in _OLE if mark in content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "an image", _TYPE_IT
    if content[:2] == b"BM" and content[6:10] == bytes(4):
        return "an image", _TYPE_IT
    return next((each[1:] for each in _MAGIC if content.startswith(each[0])), None)


def _of_text(text: str) -> tuple[str, str] | None:
    begin = text.lstrip()[:100].lower()
    found = _of_bytes(text[:100].encode(errors="replace"))
    if found is not None:
        return found
    if begin.startswith("<") and _WEB_PAGE.search(text[:1000].lower()):
        return "a web page (HTML)", _COPY
    if begin.startswith("<"):
        return "XML", _TYPE_IT
    lines = list(itertools.islice((line for line in text.splitlines() if line.strip()), 20))
    if len(lines) > 1 and all(map(_is_object, lines[:2])):
        return "JSON Lines, with a case per line", _BATCH
    if begin.startswith("["):
        if _is_list(text):
            return "a list in JSON", "write one case per line (JSON Lines), for `imrgen batch`"
        return None
    if begin.startswith("{") or not begin or _ASSIGNMENT.search(text) or _MEMBER.match(text):
        return None
    if _is_table(lines):
        return "a table (CSV)", _TABLE
    if _is_binary(text[:1000].encode()):
        return _BINARY
    is_yaml = begin.startswith(("---", "%yaml")) or bool(_ENTRY.search(text))
    if not is_yaml or not all(map(_YAML_LINE.match, lines)):
        return "plain text", _COPY
    # A single key with a colon is a slip in TOML.
    return _YAML if len(lines) > 1 else None


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _is_list(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, RecursionError):
        return False


def _is_table(lines: list[str]) -> bool:
    """Return whether each line has the same number of cells."""
    import csv

    for delimiter in ",;\t|":
        widths = {len(row) for row in csv.reader(lines, delimiter=delimiter)}
        if len(widths) == 1 and widths.pop() > (1 if len(lines) > 1 else 2):
            return True
    return False
