"""Candidates are made, those that are refused are dropped, and those chosen that cover the most."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec
from hypothesis import strategies as st

from imrgen.case import Case, Model, parse, pattern_of, toml_literal
from imrgen.diagnostics import CaseError, PackError, codes
from imrgen.pack import ALL_LETTERS, TemplatePack
from imrgen.pipeline import Coverage, Options, renderers
from imrgen.testing.invented.cases import Draw, FieldDraw
from imrgen.testing.invented.consistency import make_consistent
from imrgen.testing.invented.seeded import values

_ENDS = re.compile(r"(?:\[\])?(?:\.|\Z)")
"""Where the names of tables in a pattern end, and the pattern itself does."""
_POOL = 200
_TIMES = 3
"""So many candidates are made beyond the cases that are asked for: that many times as many, or 200,
if that is less."""
_LONG = 100
_ROUNDS = 4
"""So many times new candidates are tried where too many were refused."""


class InventedCase(msgspec.Struct, frozen=True):
    """A case that was invented.

    Args:
        text: The case file, in TOML.
        features: What it covers: ways through templates, fields, values, lengths.
    """

    text: str
    features: frozenset[object]


def invent(
    pack: TemplatePack, count: int, seed: int, *, letters: Collection[str] = (ALL_LETTERS,)
) -> list[InventedCase]:
    """Invent cases of a pack of which all letters can be made, without an error of any check.

    The first of them cover the most: every branch of the templates and every field, choice and
    length that any of the candidates has. They depend on the pack, the seed, the count, and the
    versions of imrgen and Hypothesis.

    Args:
        pack: The pack.
        count: How many.
        seed: Any number.
        letters: The names of the letters; `all` for every letter of the pack.

    Raises:
        PackError: Of too few candidates the letters can be made.
    """
    names = pack.letter_names(letters)
    required = {pattern for name in names for pattern in pack.requires(name)}
    required |= {"recipients" for name in names if pack.is_per_recipient(name)}
    needed = {pattern[: end.start()] for pattern in required for end in _ENDS.finditer(pattern)}
    fields = FieldDraw(pack.model, needed)

    @st.composite
    def candidate(draw: Draw) -> dict[str, Any]:
        data = fields.case(draw)
        make_consistent(draw, data, pack)
        return data

    enough = count + min(_POOL, _TIMES * count)
    coverage = Coverage(renderers(Options(), names, loaded_pack=pack))
    found: dict[str, InventedCase] = {}
    for start in range(0, _ROUNDS * enough, enough):
        for each in values(candidate(), enough, seed, start):
            made = _examined(each, coverage) if len(found) < enough else None
            if made is not None:
                found.setdefault(made.text, made)
        if len(found) == enough:
            break
    if len(found) < count:
        raise PackError.of(
            codes.CASES_NOT_INVENTED,
            f"pack `{pack.name}`: only {len(found)} of {_ROUNDS * enough} cases that were drawn "
            "have letters without an error",
            "`imrgen packs check` makes those of an example case, and says what stops them",
        )
    return _chosen([*found.values()], count)


def _examined(data: Mapping[str, Any], coverage: Coverage) -> InventedCase | None:
    """Return a candidate as a case; `None` if a letter of it is refused."""
    text = as_toml(data, coverage.pack.model)
    try:
        found = coverage.examine(parse(text, "case.toml"))
    except CaseError:
        return None
    if found.diagnostics:
        return None
    return InventedCase(text, frozenset([*found.ways, *_features(data, coverage.pack.model)]))


def _features(data: Mapping[str, Any], model: Model[Case]) -> Iterator[tuple[object, ...]]:
    """Yield what a case has of the model: fields and what is left out, choices, lengths."""
    given = set()
    for path, value, field in model.walk(data):
        pattern = pattern_of(path)
        given.add(pattern)
        if (field.choices or field.kind == "term") and not isinstance(value, list):
            yield pattern, "is", str(value)
        if isinstance(value, list):
            yield pattern, "length", min(len(value), 2)
        elif isinstance(value, str):
            yield pattern, "long", len(value) >= _LONG
            yield pattern, "odd", not value.isascii()
        elif isinstance(value, Mapping):
            yield pattern, "keys", tuple(sorted(value)) if len(field.fields) < 5 else ()
    for pattern, _ in model.patterns():
        yield pattern, "given", pattern in given


def _chosen(candidates: list[InventedCase], count: int) -> list[InventedCase]:
    """Choose those first that cover what none before has covered, the most each time."""
    chosen: list[InventedCase] = []
    covered: set[object] = set()
    while len(chosen) < count:
        best = max(candidates, key=lambda each: len(each.features - covered))
        if not best.features - covered:
            break
        chosen.append(best)
        candidates.remove(best)
        covered |= best.features
    return [*chosen, *candidates[: count - len(chosen)]]


def as_toml(data: Mapping[str, Any], model: Model[Case]) -> str:
    """Return a case as TOML: its own keys first, then its tables.

    Args:
        data: The case.
        model: Its fields.
    """
    pairs: list[str] = []
    tables: list[str] = []
    for key, value in data.items():
        field = model.root.fields[key]
        is_table = (field.item or field).kind == "table"
        if not is_table or value == []:
            pairs.append(f"{key} = {toml_literal(value, on_lines=True)}\n")
            continue
        for each in value if field.item else [value]:
            inner = (f"{name} = {toml_literal(part, True)}\n" for name, part in each.items())
            head = f"[[{key}]]" if field.item else f"[{key}]"
            tables.append(f"\n{head}\n{''.join(inner)}")
    return "# An invented case, for tests: nobody in it exists.\n" + "".join([*pairs, *tables])
