"""docs/testing.md is right: what it says is done, command by command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.command_line import run_session
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FILES = dict(re.findall(r"^```(python|html)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


@pytest.mark.slow
def test_a_pack_is_made_and_its_change_seen_and_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    made, changed, accepted = SESSIONS
    assert run_session(made, tmp_path) == 1
    written = (tmp_path / "tests" / "test_acme.py").read_text(encoding="utf-8")
    assert written.endswith(FILES["python"])
    (tmp_path / "acme" / "blocks").mkdir()
    (tmp_path / "acme" / "blocks" / "how_made.html").write_text(FILES["html"], encoding="utf-8")
    assert run_session(changed, tmp_path) == 1
    assert run_session(accepted, tmp_path) == 2
