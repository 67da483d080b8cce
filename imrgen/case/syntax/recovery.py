"""From a text that its parser refuses to its data and all its faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from imrgen.case.fields import Field
from imrgen.case.positions import Place
from imrgen.case.syntax.json_reader import JsonReader
from imrgen.case.syntax.reader import Reader
from imrgen.case.syntax.slips import Slip, TooManySlipsError, masked
from imrgen.case.syntax.toml_reader import TomlReader
from imrgen.case.syntax.values import Kind
from imrgen.diagnostics import Diagnostic, Path, codes

_READERS: Mapping[Kind, type[Reader]] = {"toml": TomlReader, "json": JsonReader}
_CODES: Mapping[Kind, str] = {"toml": codes.INVALID_TOML, "json": codes.INVALID_JSON}
_FEW = 3
"""So many slips of one style have a message each; more have one together."""


class Recovered(NamedTuple):
    """What can be read of a text.

    Args:
        data: Its data, with `UNREADABLE` for what could not be read; `None` where
            reading was given up.
        places: The places of its keys and values.
        diagnostics: Its faults of syntax, in the order of the text; none if nothing was found.
    """

    data: Mapping[str, Any] | None
    places: Mapping[Path, Place]
    diagnostics: tuple[Diagnostic, ...]


def recover(text: str, kind: Kind, file: str, root: Field | None) -> Recovered:
    """Find all faults of a text, and read what can be read of it.

    Args:
        text: The text, which its parser has refused.
        kind: The language.
        file: The file's name for the diagnostics.
        root: The field that the text is the value of, `None` if it is not known.
    """
    reader = _READERS[kind](text, file, root)
    data: Mapping[Any, Any] | None = None
    is_given_up = False
    try:
        data = reader.read()
    except TooManySlipsError:
        is_given_up = True
    except RecursionError:
        pass
    slips = _merged(sorted(reader.slips, key=lambda slip: slip.start))
    if is_given_up:
        hint = (
            f"{slips[-1].hint}; the file was not read to its end, so there may be more to correct"
        )
        slips[-1] = slips[-1]._replace(hint=hint)
    diagnostics = (_diagnostic(slip, reader, _CODES[kind]) for slip in slips)
    return Recovered(data, reader.places, tuple(diagnostics))


def _merged(slips: Iterable[Slip]) -> list[Slip]:
    """Merge what was typed in the same wrong style throughout into its first place."""
    styles: dict[str, list[Slip]] = {}
    for slip in slips:
        styles.setdefault(slip.message, []).append(slip)
    merged = []
    for same in styles.values():
        if same[0].is_style and len(same) > _FEW:
            message = f"{same[0].message} (here, and at {len(same) - 1} places below)"
            merged.append(same[0]._replace(message=message))
        else:
            merged += same
    return sorted(merged, key=lambda slip: slip.start)


def _diagnostic(slip: Slip, reader: Reader, code: str) -> Diagnostic:
    lines = reader.lines
    span = lines.span(slip.start, slip.start + slip.length)
    line = lines.line(slip.start)
    excerpt = masked(line, span.column - 1, span.length, reader.names) if line.strip() else None
    return Diagnostic(code, slip.message, "error", slip.path, span, excerpt, (slip.hint,))
