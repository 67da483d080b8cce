"""The result: which fields are read, and where."""

from typing import Literal

import jinja2
import msgspec

from imrgen.diagnostics import Span

COMPUTED_TEMPLATE = "?"
"""Stands for a template whose name is computed, in place of a field."""
Status = Literal["known", "missing", "unknown"]


class FieldRead(msgspec.Struct, frozen=True):
    """A place in a template that reads a field of the case.

    Args:
        pattern: The field, such as `issues[].rationale`; for what is unknown, what was asked of it,
            such as `?.rationale`.
        span: Where its name stands in the template.
        status: `known` to the model; `missing` from it, so that no case can have it; `unknown` if
            it cannot be told what is read.
        is_printed: Whether the letter may show the field, and not only ask whether it is there.
        is_whole: Whether all fields of the table may be read, by names that are computed.
        hints: For a field that is missing, which one was probably meant.
    """

    pattern: str
    span: Span
    status: Status
    is_printed: bool = False
    is_whole: bool = False
    hints: tuple[str, ...] = ()

    def covers(self, pattern: str) -> bool:
        """Return whether a field is the one that is read, or a part of what is read whole."""
        inner = (f"{self.pattern}.", f"{self.pattern}[].")
        return pattern == self.pattern or (self.is_whole and pattern.startswith(inner))


class Miss(msgspec.Struct, frozen=True):
    """A place in a template that asks for what cannot exist, whatever the case.

    Args:
        name: What is asked for.
        owner: Of what: the pattern of a field, or what messages call it; `None` for a name of the
            template.
        hints: What was probably meant.
        span: Where its name stands in the template.
        trace: The lines of other templates that led there, the innermost first.
    """

    name: str
    owner: str | None
    hints: tuple[str, ...]
    span: Span
    trace: tuple[Span, ...]


class Broken(msgspec.Struct, frozen=True):
    """A template that is missing or has a syntax error.

    Args:
        error: What Jinja raised.
        span: Where another template names it.
        trace: The lines that led there, the innermost first.
    """

    error: jinja2.TemplateError
    span: Span
    trace: tuple[Span, ...]


class LetterFields(msgspec.Struct, frozen=True):
    """The fields that a letter's templates read.

    Args:
        reads: Every place that reads one, in the order of the letter.
        asked: The fields of which it asks first whether they are there, or that it prints only
            where another field of their table is.
    """

    reads: tuple[FieldRead, ...]
    asked: frozenset[str] = frozenset()

    @property
    def missing(self) -> tuple[FieldRead, ...]:
        """The places that read a field that no case can have."""
        return tuple(read for read in self.reads if read.status == "missing")

    def of(self, pattern: str) -> tuple[FieldRead, ...]:
        """Return the places that read a field of the model."""
        return tuple(read for read in self.reads if read.covers(pattern))

    def is_read(self, pattern: str) -> bool:
        """Return whether a field of the model may be read.

        Where the name of an included template is computed, any may be.
        """
        return self._is_open or bool(self.of(pattern))

    def is_printed(self, pattern: str) -> bool:
        """Return whether a field of the model may be printed.

        Where the name of an included template is computed, any may be.
        """
        return self._is_open or any(read.is_printed for read in self.of(pattern))

    @property
    def _is_open(self) -> bool:
        return any(read.pattern == COMPUTED_TEMPLATE for read in self.reads)
