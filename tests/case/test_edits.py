"""Edits of a case's text change one value: comments, order, quotes and all other values stay."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imrgen.case import CORE, EditError, Field, parse, read, remove_value, set_value, toml_literal
from imrgen.diagnostics import Path as DataPath
from tests.conftest import FIXTURES, ROOT

FILES = [ROOT / "imrgen" / "starter.toml"]
FILES += [path for path in FIXTURES if path.name in ("seed.toml", "panel.toml", "expedited.json")]
TEXTS = ("x", 'two\nlines "quoted" \\ here', "it's \"\"\" and '''", '"', "\n")


def absent(value: Any, field: Field, path: DataPath = ()) -> Iterator[tuple[DataPath, Field]]:
    """Yield each field that a case could have and has not, and the next item of each list."""
    if field.item is not None and isinstance(value, list):
        for number, item in enumerate(value):
            yield from absent(item, field.item, (*path, number))
        yield (*path, len(value)), field.item
    elif field.fields and isinstance(value, dict):
        for key, inner in field.fields.items():
            if key in value:
                yield from absent(value[key], inner, (*path, key))
            else:
                yield (*path, key), inner


def blank(field: Field) -> Any:
    if field.item is not None:
        return [blank(field.item)]
    if field.fields and str not in field.types:
        return {key: blank(inner) for key, inner in field.fields.items() if inner.required}
    return TEXTS[1]


def is_kept(before: str, after: str) -> bool:
    """Return whether all characters of a text are left, in their order."""
    rest = iter(after)
    return all(character in rest for character in before)


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_value_is_set_and_removed_and_no_other_changes(path: Path) -> None:
    """That the data are otherwise the same is tried by each edit, which is refused if not."""
    source = read(path)
    walked = [(at, value) for at, value, _ in CORE.walk(source.data) if at]
    assert walked
    for number, (at, value) in enumerate(walked):
        remove_value(source, at)
        if not isinstance(value, dict | list):
            changed = set_value(source, at, TEXTS[number % len(TEXTS)])
            lines = source.text.split("\n")[: source.places[at].value.line - 1]
            assert changed.startswith("\n".join(lines))
    added = list(absent(source.data, CORE.root))
    assert added
    for at, field in added:
        assert is_kept(source.text, set_value(source, at, blank(field))), at


TOML = """\
# about the file
summary = 'it is "so"' # plain

# about the case
[case]
number = "A-1"  # its number
#later = true

[other]
dotted.one = 1

# the first
[[issues]]
item = "a"
[issues.basis]
why = '''
because'''
# more of the basis

# the second
[[issues]]
item = "b"
codes = [
  "x", # first
  "y"
]
inline = { a = 1 }
"""
JSON = (
    '{\n  "a": {"b": [1, 2]},\n  "list": [\n    {"x": 1}\n  ],\n  "none": null,\n  "empty": []\n}\n'
)


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        (("summary",), "now", "'it is \"so\"'", "'now'"),
        (("summary",), "it's", "'it is \"so\"'", '"it\'s"'),
        (("summary",), "a\nb", "'it is \"so\"' #", '"""\na\nb""" #'),
        (
            ("case", "day"),
            datetime.date(2016, 1, 2),
            "number\n#later",
            "number\nday = 2016-01-02\n#later",
        ),
        (("other", "dotted", "two"), 2, "one = 1\n", "one = 1\ndotted.two = 2\n"),
        (("above",), 1, "# plain\n", "# plain\nabove = 1\n"),
        (("new", "key"), "v", "a = 1 }\n", 'a = 1 }\n\n[new]\nkey = "v"\n'),
        (("rows", 0), {"k": 1}, "a = 1 }\n", "a = 1 }\n\n[[rows]]\nk = 1\n"),
        (("issues", 0, "basis", "why"), "it", "'''\nbecause'''", "'''\nit'''"),
        (("issues", 0, "basis", "who"), "me", "because'''\n", "because'''\nwho = \"me\"\n"),
        (("issues", 1, "codes", 2), "z", '"y"\n', '"y",\n  "z"\n'),
        (("issues", 1, "inline", "b"), 2, "{ a = 1 }", "{ a = 1, b = 2 }"),
        (("issues", 2), {"item": ""}, "a = 1 }\n", 'a = 1 }\n\n[[issues]]\nitem = ""\n'),
        (("issues", 0, "basis", "deep", "k"), 1, "because'''\n", "because'''\ndeep = { k = 1 }\n"),
    ],
)
def test_a_value_is_written_at_its_place(
    path: DataPath, value: Any, before: str, after: str
) -> None:
    changed = set_value(parse(TOML, "a.toml"), path, value)
    assert TOML.count(before) == 1
    assert changed == TOML.replace(before, after)


@pytest.mark.parametrize(
    ("path", "before"),
    [
        (("summary",), "summary = 'it is \"so\"' "),
        (("case", "number"), 'number = "A-1"  '),
        (("issues", 1, "codes", 0), '"x", '),
        (("issues", 1, "codes", 1), None),
        (("issues", 1, "inline"), "inline = { a = 1 }\n"),
        (("issues", 1), TOML[TOML.index('[[issues]]\nitem = "b"') :]),
        (("issues", 0), TOML[TOML.index('[[issues]]\nitem = "a"') : TOML.index("\n# the second")]),
        (("issues", 0, "basis"), TOML[TOML.index("[issues.basis]") : TOML.index("\n# the second")]),
        (("case",), TOML[TOML.index("[case]") : TOML.index("\n[other]")]),
    ],
)
def test_a_value_is_removed_with_its_line_and_without_the_comments_around_it(
    path: DataPath, before: str | None
) -> None:
    changed = remove_value(parse(TOML, "a.toml"), path)
    if before is None:
        assert 'codes = [\n  "x" # first\n]' in changed
    else:
        assert changed == TOML.replace(before, "", 1)


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        (("a", "b", 0), "x", "[1, 2]", '["x", 2]'),
        (("a", "b", 2), 3, "[1, 2]", "[1, 2, 3]"),
        (("a", "c"), 1, "[1, 2]}", '[1, 2], "c": 1}'),
        (("none",), True, "null", "true"),
        (("none", "k"), "é", "null", '{"k": "é"}'),
        (("empty", 0), 1, "[]", "[1]"),
        (("list", 1), {"x": 2}, '{"x": 1}\n', '{"x": 1},\n    {"x": 2}\n'),
        (("new",), 1, '"empty": []\n', '"empty": [],\n  "new": 1\n'),
    ],
)
def test_json_is_edited_too(path: DataPath, value: Any, before: str, after: str) -> None:
    assert set_value(parse(JSON, "a.json"), path, value) == JSON.replace(before, after)


def test_what_is_removed_from_json_leaves_valid_json() -> None:
    source = parse(JSON, "a.json")
    assert remove_value(source, ("a", "b", 1)) == JSON.replace("[1, 2]", "[1]")
    assert remove_value(source, ("a", "b", 0)) == JSON.replace("[1, 2]", "[2]")
    assert remove_value(source, ("list", 0)) == JSON.replace('    {"x": 1}\n', "")
    assert remove_value(source, ("empty",)) == JSON.replace(',\n  "empty": []', "")
    assert remove_value(source, ("a",)) == JSON.replace('  "a": {"b": [1, 2]},\n', "")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a.b = 1\n", ("a", "b")),  # a table without keys cannot be written with dotted ones
        ("[a]\nb = 1\n", ("a", "c")),
        ("[a]\nb = 1\n", ("b", 0)),
    ],
)
def test_what_would_change_something_else_is_refused(text: str, path: DataPath) -> None:
    with pytest.raises(EditError):
        remove_value(parse(text, "a.toml"), path)


def test_a_table_is_not_replaced_by_a_value() -> None:
    with pytest.raises(EditError):
        set_value(parse("[a]\nb = 1\n", "a.toml"), ("a",), 1)
    with pytest.raises(EditError):
        set_value(parse("a = 1\n", "a.toml"), ("a", "b"), 1)


@pytest.mark.parametrize("text", [*TEXTS, "\x00\x7f\t", '"""""', "'", "end '", "\\", ""])
@pytest.mark.parametrize(
    "style", ['"x"', "'x'", '"""x"""', "'''x'''", '"""\nx"""', "'''\nx'''", "1"]
)
def test_any_text_can_stand_between_any_quotes(text: str, style: str) -> None:
    source = parse(f"a = {style} # c\n[t]\nb = {{ c = {style} }}\nd = [{style}]\n", "a.toml")
    for path in (("a",), ("t", "b", "c"), ("t", "d", 0)):
        changed = set_value(source, path, text)
        assert "# c" in changed
        value: Any = parse(changed, "a.toml").data
        for part in path:
            value = value[part]
        assert value == text


def test_values_are_written_as_toml() -> None:
    value = {"a b": [1, 2.5, True], "d": datetime.date(2016, 1, 2), "t": "x\ny"}
    assert toml_literal(value) == '{ "a b" = [1, 2.5, true], d = 2016-01-02, t = "x\\ny" }'
    assert toml_literal("x\ny", on_lines=True) == '"""\nx\ny"""'
    assert toml_literal({}) == "{}"
