"""How a case is drawn: each field by what the model says that it is.

A field that the model has needs no line here: its kind, its limits, its expression and its choices
say what it may be. What fields have to do with each other is in `consistency`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Any, get_origin

from hypothesis import strategies as st
from msgspec import Meta

from imrgen.case import Case, Field, Model, matches
from imrgen.testing.invented import words

Draw = Any
"""What draws a value from a strategy."""

_SIZES = (0, 1, 1, 1, 2, 2, 3, 5)
_MANY = 9
_EPOCH = datetime.date(2020, 1, 1)
_ASCII = st.characters(min_codepoint=32, max_codepoint=126)


class FieldDraw:
    """Draws the fields of a case, each for itself.

    Args:
        model: The fields.
        required: The patterns of the fields that each case has, with those of the tables and lists
            that these stand in.
    """

    def __init__(self, model: Model[Case], required: Collection[str]) -> None:
        self._model = model
        self._required = required

    def case(self, draw: Draw) -> dict[str, Any]:
        """Draw a case."""
        return self._table(draw, "", self._model.root)

    def _table(self, draw: Draw, pattern: str, field: Field) -> dict[str, Any]:
        found: dict[str, Any] = {}
        prefix = f"{pattern}." if pattern else ""
        # Now and then all that may be there is, or nothing is.
        often = draw(st.sampled_from((0, 1, 2, 2, 2, 3, 4)))
        for key, inner in field.fields.items():
            name = f"{prefix}{key}"
            is_needed = inner.required or name in self._required
            if is_needed or draw(st.integers(1, 4)) <= often:
                value = self._value(draw, name, inner, is_needed)
                if value != [] or is_needed:
                    found[key] = value
        return found

    def _value(self, draw: Draw, pattern: str, field: Field, is_needed: bool) -> Any:
        if field.item is not None:
            size = draw(st.sampled_from(_SIZES))
            if draw(st.integers(1, 30)) == 1:
                size = _MANY
            size = max(size, int(is_needed))
            return [self._value(draw, f"{pattern}[]", field.item, True) for _ in range(size)]
        if field.kind == "amount" and draw(st.booleans()):
            return {"quantity": draw(st.sampled_from((1, 2, 12, 0.5, 1500))), "unit": "samples"}
        if field.fields and field.kind == "table":
            return self._table(draw, pattern, field)
        if field.choices:
            return draw(st.sampled_from(sorted(field.choices, key=str)))
        if field.kind == "date":
            return _EPOCH  # `consistency` puts dates in order
        if field.kind in ("number", "money"):
            return draw(_number(field))
        if field.kind == "narrative":
            return narrative(draw)
        return _text(draw, pattern, field)


def _text(draw: Draw, pattern: str, field: Field) -> str:
    """Draw a text that its expressions allow."""
    expressions = [*_expressions(field)]
    plain = _plain_text(draw, pattern, field)
    if all(re.search(each, plain) for each in expressions) and (
        field.expression is None or matches(field.expression, plain)
    ):
        return plain
    expression = field.expression or expressions[-1]
    drawn: str = draw(
        st.from_regex(re.compile(expression, re.ASCII), fullmatch=True, alphabet=_ASCII)
    )
    return drawn


def _plain_text(draw: Draw, pattern: str, field: Field) -> str:
    """Draw a text by what the field is, whatever its expression."""
    if pattern in words.BANKS:
        text = _one(draw, words.BANKS[pattern])
        return text.format(number=draw(st.integers(2, 24)))
    if field.kind == "name":
        given = draw(st.sampled_from(words.GIVEN_NAMES))
        return f"{given} Example-{_name(draw)}"
    if field.kind == "identifier":
        start = draw(st.sampled_from(words.NUMBERS))
        return f"{start}-{draw(st.integers(10**7, 10**8 - 1))}"
    if field.kind in ("code", "term"):
        examples = tuple(str(each) for each in _flat(field.examples))
        return _one(draw, examples or ("EX1", "S-2"))
    example = next((str(each) for each in _flat(field.examples)), "Example")
    form = draw(st.integers(1, 8))
    if form == 1:
        return _one(draw, words.ODD)
    if form == 2:
        return words.LONG
    if form == 3:
        return _one(draw, words.PLAIN)
    if form <= 5:
        return f"{_name(draw)} Sample"
    return example


def _one(draw: Draw, texts: Sequence[str]) -> str:
    text: str = draw(st.sampled_from(texts))
    return text


def _name(draw: Draw) -> str:
    parts = [draw(st.sampled_from(words.SYLLABLES)) for _ in range(draw(st.integers(3, 4)))]
    return "".join(parts).capitalize()


def narrative(draw: Draw) -> str:
    """Draw a text in Markdown: a sentence, several paragraphs, lists, quotes, tables."""
    size = draw(st.sampled_from((1, 1, 2, 3, 12)))
    parts = [_paragraph(draw)]
    for _ in range(size - 1):
        is_block = draw(st.integers(1, 3)) == 1
        parts.append(draw(st.sampled_from(words.BLOCKS)) if is_block else _paragraph(draw))
    return "\n\n".join(parts)


def _paragraph(draw: Draw) -> str:
    count = draw(st.integers(1, 5))
    return " ".join(draw(st.sampled_from(words.SENTENCES)) for _ in range(count))


def _number(field: Field) -> st.SearchStrategy[Any]:
    """Return what draws a number between the field's limits."""
    low, high = _limits(field)
    wanted: list[int | float] = [0, 1, 2, 45, 1250, 2004, 98765]
    if float in field.types:
        wanted += [0.01, 1250.5]
    found = sorted({each for each in (low, high, *wanted) if low <= each <= high})
    # Numbers without limits have some that no letter means.
    return st.sampled_from([each for each in found if abs(each) < 10**9] or found)


def _limits(field: Field) -> tuple[float, float]:
    low, high = -float("inf"), float("inf")
    for meta in _metas(field):
        low = max(low, *(each for each in (meta.ge, _above(meta.gt)) if each is not None), low)
        high = min(high, *(each for each in (meta.le, _below(meta.lt)) if each is not None), high)
    if field.kind == "money" or low == -float("inf"):
        low = max(low, 0)
    return low, high


def _above(limit: float | None) -> float | None:
    return None if limit is None else limit + 1 if limit == int(limit) else limit


def _below(limit: float | None) -> float | None:
    return None if limit is None else limit - 1 if limit == int(limit) else limit


def _expressions(field: Field) -> Iterator[str]:
    for meta in _metas(field):
        if meta.pattern is not None:
            yield meta.pattern


def _metas(field: Field) -> Iterator[Meta]:
    """Yield what is known of a field's values, but of the tables among them."""
    for each in field.alternatives:
        while get_origin(each) is Annotated:
            yield from (meta for meta in each.__metadata__ if isinstance(meta, Meta))
            each = each.__origin__


def _flat(examples: Collection[Any]) -> Iterator[Any]:
    for each in examples:
        if isinstance(each, list | tuple):
            yield from _flat(each)
        elif not isinstance(each, Mapping):
            yield each
