"""A TOML or JSON text, its data, and the line and column of every key.

A case and a pack's manifest are both read here. Reading is strict where the parsers are lenient:
JSON's duplicate keys (of which the last would win), `NaN` and lone surrogates are refused, and so
is a text that would exhaust the parser.
"""

from __future__ import annotations

import datetime
import errno
import functools
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import IO, TYPE_CHECKING, Any, Literal, TypeVar

import msgspec
import tomli

from imrgen.case.text import decode_text, printable
from imrgen.diagnostics import (
    CaseError,
    Diagnostic,
    Excerpt,
    ImrgenError,
    Path,
    Span,
    codes,
    in_file_order,
)

if TYPE_CHECKING:
    from imrgen.case.fields import Field
    from imrgen.case.positions import Place

SourceKind = Literal["toml", "json", "mapping"]
SourceError = TypeVar("SourceError", bound=ImrgenError)
TextFormat = Literal["toml", "json"]
Readable = str | os.PathLike[str] | bytes | IO[str] | IO[bytes] | Mapping[str, Any]
"""What a source is read from: a path, an open stream, a file's bytes, or data that is there."""

DATES = (datetime.date, datetime.datetime, datetime.time)
"""The types that TOML has for dates and times."""

MOST_BYTES = 4 * 2**20
"""A larger file is refused: the largest real cases stay below 200 KB."""

_MOST_DOTS = 200_000
# A dotted key of 200 KB costs tomli gigabytes; the possessive quantifiers keep this search linear.
_DOTTED = r"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){100}"
# What no path begins with, and none contains.
_TEXT = r"""\s*(?:\{|\[\s*["{\[]|[\w."'-]+\s*=\s*["'\[{\d])|.*[\r\n]"""
_SURROGATE = "[\ud800-\udfff]"


class Fault(Exception):  # noqa: N818 - it becomes a diagnostic, it is not one of the errors users meet
    """Something wrong at a path of a source, before its place in the file is looked up.

    Args:
        code: The diagnostic's code.
        message: The diagnostic's message.
        path: The path of the value, or of the key that should be there.
        hints: The diagnostic's hints.
        on: Whether the caret stands under the key or the value.
        start: Where in the value's text the caret begins, from 0; `None` for the value's first
            line.
    """

    def __init__(
        self,
        code: str,
        message: str,
        path: Path = (),
        hints: tuple[str, ...] = (),
        on: Literal["key", "value"] = "value",
        start: int | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.path = path
        self.hints = hints
        self.on = on
        self.start = start


class Source:
    """A text and its data.

    Args:
        name: What the user calls it: the path as given, or `<stdin>`.
        text: The text as `decode_text` returns it; empty for a mapping.
        kind: The text's language, `mapping` where there is no text.
        data: The data, as the parser returned it; `None` for a text that it has refused.
        content: The file's bytes; `None` for the text in UTF-8.
        refusal: Why the text was refused, for a text that was.
        is_misnamed: Whether the refusal stands although the text has no fault of syntax.
        error: What to raise for it.
    """

    def __init__(
        self,
        name: str,
        text: str,
        kind: SourceKind,
        data: Mapping[str, Any] | None,
        content: bytes | None = None,
        refusal: Diagnostic | None = None,
        is_misnamed: bool = False,
        error: type[ImrgenError] = CaseError,
    ) -> None:
        self.name = name
        self.text = text
        self.kind = kind
        self._data = data
        self._refusal = refusal
        self._is_misnamed = is_misnamed
        self._error = error
        self.content = text.encode() if content is None else content

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal; of the data's canonical JSON for a mapping."""
        text = self.text or self.canonical
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def canonical(self) -> str:
        """The data as JSON, keys sorted."""
        return json.dumps(self.data, sort_keys=True, default=str, ensure_ascii=False)

    @property
    def data(self) -> Mapping[str, Any]:
        """The data, as the parser returned it.

        Raises:
            ImrgenError: The text is not TOML or JSON; all its faults of syntax.
        """
        if self._data is None:
            raise self._error(self.recover(None)[1])
        return self._data

    @property
    def is_refused(self) -> bool:
        """Whether the text is not TOML or JSON."""
        return self._data is None

    def recover(self, root: Field | None) -> tuple[Source | None, tuple[Diagnostic, ...]]:
        """Find all faults of syntax of a text that its parser has refused.

        Args:
            root: The field that the file is the value of, by which its keys are known.

        Returns:
            What can be read of it, `None` for nothing; and the faults, at least one.
        """
        from imrgen.case.syntax import recover

        assert self.kind != "mapping"
        assert self._refusal is not None
        found = recover(self.text, self.kind, self.name, root)
        diagnostics = found.diagnostics
        if self._is_misnamed or not diagnostics:
            diagnostics = (self._refusal, *diagnostics)
        if found.data is None:
            return None, diagnostics
        source = Source(self.name, self.text, self.kind, _without_schema(found.data))
        source.places = found.places
        return source, diagnostics

    @functools.cached_property
    def places(self) -> Mapping[Path, Place]:
        """The place of every key and value; empty for a mapping."""
        from imrgen.case.positions import places  # for a fault only

        return {} if self.kind == "mapping" else places(self.text, self.kind, self.name)

    def diagnose(self, fault: Fault, length: int = 1) -> Diagnostic:
        """Turn a fault into a diagnostic with its place in the file, or that of the nearest table.

        Args:
            fault: The fault.
            length: How many characters of the value's text it is about, from its `start`.
        """
        path, place = self._nearest(fault.path)
        span = None
        excerpt = None
        if place is not None and fault.start is not None and path == fault.path:
            from imrgen.case.positions import span_in_value  # loaded with the places

            span = span_in_value(self.text, place.value, fault.start, length)
            excerpt = self._excerpt(path, place, on_key=False)
        elif place is not None:
            on_key = place.key is not None and (fault.on == "key" or path != fault.path)
            span = place.key if on_key and place.key else place.value
            excerpt = self._excerpt(path, place, on_key)
        return Diagnostic(
            fault.code, fault.message, "error", fault.path, span, excerpt, fault.hints
        )

    def error(self, faults: Iterable[Fault], class_: type[SourceError]) -> SourceError:
        """Return the error of a class that holds some faults, in the order of the file."""
        return class_(in_file_order(map(self.diagnose, faults)))

    def nearest(self, path: Path) -> Span | None:
        """Return the place of a value, or of the nearest table around it; `None` without a file."""
        _, place = self._nearest(path)
        return None if place is None else place.key or place.value

    def _nearest(self, path: Path) -> tuple[Path, Place | None]:
        place = self.places.get(path)
        while place is None and path:
            path = path[:-1]
            place = self.places.get(path)
        return path, place

    def _excerpt(self, path: Path, place: Place, on_key: bool) -> Excerpt | None:
        """Return the key of a value, or of the list around it, with an ellipsis for the value."""
        while place.key is None and path:
            path = path[:-1]
            place = self.places.get(path, place)
        if (key := place.key) is None:
            return None
        if place.label.startswith("["):
            line = self.text.split("\n")[key.line - 1]
            start = key.column - 1
            at = place.label.find(line[start : start + key.length])
            return Excerpt(place.label, max(0, at), key.length)
        shown = f"{place.label} = …" if self.kind == "toml" else f"{place.label}: …"
        return Excerpt(shown, 0, len(place.label)) if on_key else Excerpt(shown, len(shown) - 1, 1)


NO_SOURCE = Source("<case>", "", "mapping", {})
"""The source of a case that was made in Python: no value has a place in it."""


def read(
    origin: Readable,
    error: type[ImrgenError] = CaseError,
    text_format: TextFormat | None = None,
) -> Source:
    """Read a source.

    Args:
        origin: A path, an open stream (text or bytes), a file's bytes, or a mapping.
        error: What to raise.
        text_format: What the text must be; `None` for what the name says, or its beginning.

    Raises:
        ImrgenError: `error`, with one diagnostic: the file cannot be read, is not UTF-8, or is
            another kind of file. A text that is not valid TOML or JSON is refused when its data is
            asked for.
        TypeError: It is something else.
    """
    if isinstance(origin, Mapping):
        return source_of(origin, error)
    if isinstance(origin, bytes | bytearray):
        name = "<bytes>"
        raw: bytes | str = bytes(origin[: MOST_BYTES + 1])
    elif isinstance(origin, str | os.PathLike):
        refuse_text(os.fspath(origin), error)
        name = printable(os.fspath(origin))
        try:
            with FilePath(origin).open("rb") as stream:
                raw = stream.read(MOST_BYTES + 1)
        except (OSError, ValueError) as fault:
            _raise_planted(fault)
            message = _unreadable(name, fault)
            hints = _similar_file(name) or _batch_of(fault)
            raise error.of(codes.CASE_UNREADABLE, message, *hints) from None
    elif isinstance(origin, type) or not hasattr(origin, "read"):
        raise TypeError(
            "expected a path, an open stream, bytes or a mapping, not "
            f"{type(origin).__name__}; of an object make a mapping"
        )
    else:
        stream_name = getattr(origin, "name", None)
        name = stream_name if isinstance(stream_name, str) else "<stream>"
        raw = origin.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        _refuse_foreign(raw[:4096], name, error)
        raise _too_large(name, error)
    try:
        text = decode_text(raw, name, error)
    except ImrgenError:
        _refuse_foreign(raw, name, error)
        raise
    return _parsed(text, name, error, raw if isinstance(raw, bytes) else None, text_format)


def source_of(data: Mapping[str, Any] | msgspec.Struct, error: type[ImrgenError]) -> Source:
    """Return the source of data that is there already; no later change of it reaches the source.

    Args:
        data: A mapping, or a case that was made in Python.
        error: What to raise.

    Raises:
        ImrgenError: `error`: the data is nested too deep, or larger than a file may be.
    """
    try:
        copied = _copied(data)
    except RecursionError:
        raise error.of(codes.TOO_LARGE, "the data is nested too deep") from None
    if _is_large(copied):
        raise _too_large("the data", error)
    return Source("<mapping>", "", "mapping", _without_schema(copied))


def _copied(value: Any) -> Any:
    """Copy data into plain dictionaries and lists."""
    if isinstance(value, msgspec.Struct):
        keys = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
        values = ((key, _copied(getattr(value, name))) for key, name in keys)
        # What is absent from a file is one of these in the model.
        return {key: each for key, each in values if each not in (None, [], {})}
    if isinstance(value, Mapping):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list | tuple) else value


def refuse_text(path: str, error: type[ImrgenError]) -> None:
    """Refuse a path that is the text of a case, or nothing; the message does not quote it.

    Raises:
        ImrgenError: `error`.
    """
    if not path:
        raise error.of(codes.CASE_UNREADABLE, "the path of the case is empty")
    try:
        is_text = not FilePath(path).exists() and re.match(_TEXT, path) is not None
    except OSError as fault:
        _raise_planted(fault)
        is_text = fault.errno == errno.ENAMETOOLONG and re.search(r"\s|[{=]", path) is not None
    if is_text:
        raise error.of(
            codes.CASE_UNREADABLE,
            "a text was given as a case, and a string stands for the path of a file",
            "in a program, pass `text.encode()`, or the data as a mapping",
        )


def parse(text: str, name: str = "<text>", error: type[ImrgenError] = CaseError) -> Source:
    """Parse a text, as JSON where it begins with a brace or its name says so, else as TOML.

    Args:
        text: The text.
        name: The file's name for the diagnostics.
        error: What to raise.

    Raises:
        ImrgenError: `error`, as `read` does.
    """
    if len(text) > MOST_BYTES:
        raise _too_large(printable(name), error)
    return _parsed(decode_text(text, name, error), printable(name), error, None)


def _too_large(name: str, error: type[ImrgenError]) -> ImrgenError:
    return error.of(codes.TOO_LARGE, f"{name} is larger than {MOST_BYTES // 2**20} MiB")


def _is_large(data: dict[str, Any]) -> bool:
    """Return whether plain data holds more than a file may."""
    size = 0
    waiting: list[Any] = [data]
    while waiting and size <= MOST_BYTES:
        value = waiting.pop()
        size += len(value) if isinstance(value, str) else 1
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
    return size > MOST_BYTES


def _parsed(
    text: str,
    name: str,
    error: type[ImrgenError],
    content: bytes | None,
    text_format: TextFormat | None = None,
) -> Source:
    suffix = f".{text_format}" if text_format else FilePath(name).suffix.lower()
    is_json = suffix == ".json" or (suffix != ".toml" and text.lstrip()[:1] == "{")
    kind: SourceKind = "json" if is_json else "toml"
    try:
        data = (_parse_json if is_json else _parse_toml)(text, name, error)
    except (tomli.TOMLDecodeError, json.JSONDecodeError) as fault:
        code = codes.INVALID_JSON if is_json else codes.INVALID_TOML
        message = f"not valid {kind.upper()}: {_syntax(fault.msg)}"
        refusal = Diagnostic(code, message, span=Span(name, fault.lineno, fault.colno))
        return _refused(text, name, error, content, kind, refusal, is_asked=bool(text_format))
    except RecursionError:
        raise error.of(codes.TOO_LARGE, f"{name} is nested too deep") from None
    except ValueError:
        # Python refuses whole numbers of more than 4,300 digits.
        raise error.of(codes.TOO_LARGE, f"{name} holds a number that is too long") from None
    return Source(name, text, kind, _without_schema(data), content)


def _refused(
    text: str,
    name: str,
    error: type[ImrgenError],
    content: bytes | None,
    kind: SourceKind,
    refusal: Diagnostic,
    is_asked: bool,
) -> Source:
    """Return the source of a text that is not valid, unless it is another kind of file."""
    from imrgen.case.syntax import is_json, is_toml

    _refuse_foreign(text, name, error)
    other: SourceKind = "toml" if kind == "json" else "json"
    is_misnamed = (is_toml if kind == "json" else is_json)(text)
    if is_misnamed:
        message = f"this is {other.upper()}, in a file whose name ends as that of {kind.upper()}"
        hint = f"let the name end in .{other}"
        if is_asked:
            message = f"this is {other.upper()}, and {kind.upper()} was asked for"
            hint = f"write the case as {kind.upper()}"
        refusal = Diagnostic(refusal.code, message, span=Span(name, 1, 1), hints=(hint,))
        kind = other
    return Source(name, text, kind, None, content, refusal, is_misnamed, error)


def _refuse_foreign(content: bytes | str, name: str, error: type[ImrgenError]) -> None:
    """Raise an error for a file of another kind, where a case is asked for."""
    from imrgen.case.syntax import recognize

    found = recognize(content, name) if issubclass(error, CaseError) else None
    if found is not None:
        raise error([found])


def _without_schema(data: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out `$schema`, which is meant for the editor and is in no model."""
    return {key: value for key, value in data.items() if key != "$schema"}


def _parse_toml(text: str, name: str, error: type[ImrgenError]) -> dict[str, Any]:
    dots = text.count(".")
    if dots > _MOST_DOTS:
        # Each part of a dotted key may take a kilobyte of memory.
        raise error.of(codes.TOO_LARGE, f"{name} holds more than {_MOST_DOTS:,} full stops")
    dotted = re.search(_DOTTED, text) if dots > 1000 else None
    if dotted:
        from imrgen.case.positions import span_at  # for a fault only

        span = span_at(name, text, dotted.start())
        raise error.of(codes.TOO_LARGE, "a key of more than 100 parts", span=span)
    return tomli.loads(text)


def _parse_json(text: str, name: str, error: type[ImrgenError]) -> dict[str, Any]:
    has_repeated_key = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal has_repeated_key
        data = dict(items)
        has_repeated_key = has_repeated_key or len(data) < len(items)
        return data

    def constant(written: str) -> Any:
        raise json.JSONDecodeError(f"{written} is not JSON", text, max(0, text.find(written)))

    data = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    if has_repeated_key:
        raise json.JSONDecodeError("a key stands twice in one object", text, 0)
    if "\\u" in text and re.search(_SURROGATE, json.dumps(data, ensure_ascii=False)):
        raise json.JSONDecodeError("half of a surrogate pair, which is not a character", text, 0)
    if not isinstance(data, dict):
        raise json.JSONDecodeError("a JSON file holds one object", text, 0)
    return data


def _syntax(message: str) -> str:
    """Return a parser's message without its own place and without the text that it quotes."""
    message = re.sub(r"\s*\(at .*\)$", "", message)
    return re.sub(r"(character|key|value|namespace) ['\"(].*$", r"\1", message)


def _raise_planted(fault: Exception) -> None:
    """Raise again a `TimeoutError` that is not the system's: a signal handler has raised it."""
    if isinstance(fault, TimeoutError) and fault.errno is None:
        raise fault


def _unreadable(name: str, fault: Exception) -> str:
    if isinstance(fault, FileNotFoundError):
        return f"{name} does not exist"
    if isinstance(fault, IsADirectoryError):
        return f"{name} is a folder, not a case file"
    if isinstance(fault, PermissionError):
        return f"{name} may not be read"
    return f"{name} cannot be read ({type(fault).__name__})"


def _batch_of(fault: Exception) -> tuple[str, ...]:
    is_folder = isinstance(fault, IsADirectoryError)
    return ("`imrgen batch` makes the letters of all its cases",) if is_folder else ()


def _similar_file(name: str) -> tuple[str, ...]:
    """Name the file beside a missing one that differs only in its suffix."""
    path = FilePath(name)
    # Unlike a path's methods, these take a name that is too long for one that does not exist.
    if os.path.exists(path):  # noqa: PTH110
        return ()
    others = (path.with_suffix(suffix) for suffix in (".toml", ".json"))
    found = filter(os.path.isfile, others)
    return tuple(f"did you mean `{other}`?" for other in found)
