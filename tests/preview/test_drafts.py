"""The preview hands out no unmarked letter of a case that is refused or not saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imrgen.export import find_format
from imrgen.pipeline import Options
from imrgen.preview.tasks import LetterRequest, ShowLetter
from imrgen.preview.worker import TaskHandler
from tests.conftest import ROOT

STARTER = ROOT / "imrgen" / "starter.toml"


@pytest.mark.slow
@pytest.mark.parametrize("view", ["text", "html", "pdf"])
@pytest.mark.parametrize("kind", ["saved", "unsaved", "refused"])
def test_only_a_saved_letter_that_would_be_rendered_is_shown_without_a_mark(
    kind: str, view: Any, tmp_path: Path
) -> None:
    text = STARTER.read_text(encoding="utf-8")
    if kind == "refused":
        text = text.replace('\ndecision = "upheld"', '\ndecision = "overturned"', 1)
    case = tmp_path / "case.toml"
    case.write_text(text, encoding="utf-8")
    draft = text if kind == "unsaved" else None
    request = LetterRequest(case=case, options=Options(), draft=draft)
    content = TaskHandler()(ShowLetter(request, view)).content
    read = find_format(view).read
    made = content[view] if view == "pdf" else content[view].encode()
    is_marked = kind != "saved"
    if view == "pdf":
        assert (b"sha256:" in made) is not is_marked
        assert content["name"] == ("case.draft.pdf" if is_marked else "case.pdf")
    else:
        assert ("DRAFT" in read(made)) is is_marked
