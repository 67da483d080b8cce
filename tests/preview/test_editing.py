"""Saving a case in the preview, which is never forced."""

from __future__ import annotations

from pathlib import Path

import pytest

import imrgen
from imrgen.preview.compare import compare_words
from imrgen.preview.editing import digest, save


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
