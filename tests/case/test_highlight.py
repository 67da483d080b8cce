"""A text in colours is the same text."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from imrgen.case import highlight, read
from tests.conftest import FIXTURES, ROOT

BROKEN = ("a = [1,\n'x", '{"a": tru', "", "é = 1 # ü\n\n", "\x00\ud800\n[[[")


@pytest.mark.parametrize("path", [*FIXTURES, ROOT / "templates" / "imr" / "pack.toml"])
def test_no_character_is_lost(path: Path) -> None:
    kind: Literal["toml", "json"] = "json" if path.suffix == ".json" else "toml"
    text = read(path).text
    lines = highlight(text, kind)
    assert ["".join(part for _, part in line) for line in lines] == text.split("\n")


@pytest.mark.parametrize("text", BROKEN)
def test_a_text_that_is_not_valid_is_shown_too(text: str) -> None:
    for kind in ("toml", "json"):
        lines = highlight(text, kind)
        shown = "\n".join("".join(part for _, part in line) for line in lines)
        assert shown == text.encode(errors="replace").decode()


def test_the_parts_are_told_apart() -> None:
    toml = 'a.b = """x\ny""" # c\n[t]\nd = 2016-01-02\ne = [1, true]'
    assert [
        [(token, part) for token, part in line if token] for line in highlight(toml, "toml")
    ] == [
        [("key", "a"), ("key", "b"), ("text", '"""x')],
        [("text", 'y"""'), ("comment", "# c")],
        [("key", "t")],
        [("key", "d"), ("date", "2016-01-02")],
        [("key", "e"), ("number", "1"), ("word", "true")],
    ]
    assert [pair for pair in highlight('{"a": ["b", null]}', "json")[0] if pair[0]] == [
        ("key", '"a"'),
        ("text", '"b"'),
        ("word", "null"),
    ]
