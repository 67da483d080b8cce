"""Editing a case in the preview: switches, and saves that are never forced."""

from __future__ import annotations

from pathlib import Path

import pytest

import imrgen
from imrgen.case import CORE, read
from imrgen.diagnostics import field
from imrgen.preview.compare import compare_words
from imrgen.preview.editing import apply_switch, digest, list_switches, save
from tests.conftest import FIXTURES


@pytest.mark.slow
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_each_switch_changes_its_value_and_no_other(path: Path) -> None:
    source = read(path)
    known = list_switches(source, CORE)
    for each in known:
        for value in each["values"]:
            changed = imrgen.case.parse(
                apply_switch(source, tuple(each["path"]), value, CORE), path.name
            )
            expected = imrgen.case.parse(source.text, path.name).data
            inner = expected
            for part in each["path"][:-1]:
                inner = inner[part]
            inner[each["path"][-1]] = value
            assert changed.data == expected, field(tuple(each["path"]))
    assert known or path.stem in ("smallest",)


def test_a_value_that_is_no_switch_is_refused() -> None:
    with pytest.raises(imrgen.NotFoundError, match="IMR601"):
        apply_switch(read(FIXTURES[0]), ("clinical_summary",), "x", CORE)


def test_a_save_keeps_what_another_program_wrote(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(b"a = 1\n")
    before = digest(path.read_bytes())
    assert save(path, "a = 2\n", before) == digest(b"a = 2\n")
    with pytest.raises(imrgen.ConflictError, match=r"IMR603.*nothing was written"):
        save(path, "a = 3\n", before)
    assert path.read_bytes() == b"a = 2\n"
    path.unlink()
    with pytest.raises(imrgen.ConflictError, match="no longer exists"):
        save(path, "a = 3\n", before)
    assert not path.exists()


def test_a_save_lets_a_private_file_stay_private(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_bytes(b"a = 1\n")
    path.chmod(0o600)
    save(path, "a = 2\n", digest(b"a = 1\n"))
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_comparison_has_every_word_of_both() -> None:
    runs = compare_words("one two three", "one 2 three four")
    assert runs == [
        ("same", "one "),
        ("del", "two"),
        ("ins", "2"),
        ("same", " three"),
        ("ins", " four"),
    ]
