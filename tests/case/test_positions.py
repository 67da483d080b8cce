"""Every key and value of any file has a place, and the place is right."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator
from typing import Any

import pytest
import tomli
from hypothesis import given, settings
from hypothesis import strategies as st

from imrgen.case import Fault, read
from imrgen.case.positions import places
from imrgen.diagnostics import Path, Span, codes
from tests.conftest import FIXTURES

LEAF = st.one_of(
    st.text(alphabet=string.ascii_letters + "é漢 \"'\\\n\t#=[]{}.,\U0001f600", max_size=12),
    st.integers(-(10**6), 10**6),
    st.booleans(),
    st.dates(),
    st.floats(allow_nan=False, allow_infinity=False, width=16),
)
KEY = st.text(alphabet=string.ascii_lowercase + "é \".'#", min_size=1, max_size=6)
DATA = st.dictionaries(
    KEY,
    st.recursive(
        LEAF,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(KEY, inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)
TABLE = st.dictionaries(KEY, LEAF, max_size=3)


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Return every leaf of some data with its path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves(item, (*path, number))
    else:
        yield path, value


def written(text: str, span: Span) -> str:
    """Return the text from a span on; to the end where the span is the first line of several."""
    lines = text.split("\n")
    line = lines[span.line - 1]
    end = span.column - 1 + span.length
    return (
        line[span.column - 1 : end]
        if end < len(line)
        else "\n".join([line[span.column - 1 :], *lines[span.line :]])
    )


def key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key(name)} = {toml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return (
            "[\n  # a note\n  " + ", # another\n  ".join(map(toml, value)) + "\n]"
            if value
            else "[]"
        )
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"""' + json.dumps(value, ensure_ascii=False)[1:-1] + '"""'
    return str(value)


def check_toml(text: str) -> int:
    found = places(text, "toml", "x.toml")
    count = 0
    for path, value in leaves(tomli.loads(text)):
        place = found[path]
        rest = written(text, place.value)
        # What stands there parses to the value; behind it the text may go on.
        candidates = (rest[:end] for end in range(1, len(rest) + 1))
        assert any(_parses_to(candidate, value) for candidate in candidates), path
        count += 1
    return count


def _parses_to(text: str, value: Any) -> bool:
    try:
        return bool(tomli.loads(f"x = {text}")["x"] == value)
    except tomli.TOMLDecodeError:
        return False


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(DATA)
def test_every_leaf_of_json_has_a_span_that_holds_its_text(data: dict[str, Any]) -> None:
    for indent in (None, 2):
        text = json.dumps(data, default=str, ensure_ascii=False, indent=indent)
        found = places(text, "json", "x.json")
        for path, value in leaves(json.loads(text)):
            assert json.JSONDecoder().raw_decode(written(text, found[path].value))[0] == value
            if isinstance(path[-1], str):
                assert json.loads(written(text, found[path].key)) == path[-1]  # type: ignore[arg-type]


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(DATA)
def test_every_leaf_of_toml_has_a_span_that_holds_its_text(data: dict[str, Any]) -> None:
    check_toml(
        "\n".join(f"{key(name)} = {toml(value)} # “note” = 1" for name, value in data.items())
    )


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["[[a]]", "[[a.b]]", "[a.c]", "[[d]]"]), TABLE), max_size=6)
)
@pytest.mark.slow
def test_arrays_of_tables_are_counted(tables: list[tuple[str, dict[str, Any]]]) -> None:
    text, seen = "[[a]]\n", set()
    for header, table in tables:
        if header == "[a.c]" and "[a.c]" in seen:
            continue
        seen = set() if header == "[[a]]" else seen | {header}
        text += f"{header} # note\n" + "".join(
            f"{key(name)} = {toml(item)}\n" for name, item in table.items()
        )
    try:
        tomli.loads(text)
    except tomli.TOMLDecodeError:
        return
    check_toml(text)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name)
def test_every_leaf_of_every_fixture_has_a_place(path: Any) -> None:
    source = read(path)
    paths = [leaf for leaf, _ in leaves(source.data)]
    assert paths
    assert all(leaf in source.places for leaf in paths)


@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_an_excerpt_names_the_key_that_a_value_stands_behind(suffix: str) -> None:
    """Wherever in a value a fault is; the value itself is never shown."""
    source = next(read(path) for path in FIXTURES if path.suffix == suffix)
    assert len(source.places) > 30
    for path, place in source.places.items():
        for start in (None, 0):
            fault = Fault(codes.WRONG_TYPE, "wrong", path, start=start)
            excerpt = source.diagnose(fault).excerpt
            keys = [key for key in path if isinstance(key, str)]
            assert (excerpt is None) == (not keys)
            if excerpt is None:
                continue
            assert keys[-1] in excerpt.text
            assert 0 <= excerpt.start < excerpt.start + excerpt.length <= len(excerpt.text)
            if not place.label.startswith("["):
                assert re.fullmatch(r'"?[\w.]+"?( =|:) …', excerpt.text)
                assert excerpt.text[excerpt.start] == "…"


def test_dotted_and_quoted_keys() -> None:
    text = 'a.b."c d".e = 1\n"x.y".z = 2\n'
    found = places(text, "toml", "x.toml")
    assert written(text, found["a", "b", "c d", "e"].key) == "e"  # type: ignore[arg-type]
    assert found["a", "b"].value == Span("x.toml", 1, 3, 1)
    assert found["x.y", "z"].value == Span("x.toml", 2, 11, 1)
